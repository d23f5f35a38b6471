"""Decide how much can flow through a network, and which side of its narrowest cut each node is on (Dinic 1970)."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from itertools import pairwise

_SOURCE, _SINK = ("source",), ("sink",)


class Network:
    """Nodes with names, pipes with whole capacities; what flows comes from `source` and ends in `sink`."""

    source: Hashable = _SOURCE
    sink: Hashable = _SINK

    def __init__(self) -> None:
        self.left: dict[Hashable, dict[Hashable, int]] = {_SOURCE: {}, _SINK: {}}

    def pipe(self, start: Hashable, end: Hashable, capacity: int) -> None:
        for node in (start, end):
            self.left.setdefault(node, {})
        self.left[start][end] = self.left[start].get(end, 0) + capacity
        self.left[end].setdefault(start, 0)

    def fill(self) -> int:
        """Send as much as can flow, and say how much it is."""
        total = 0
        while levels := self._levels():
            pipes = {node: list(self.left[node]) for node in levels}
            while sent := self._push(levels, pipes):
                total += sent
        return total

    def _levels(self) -> dict[Hashable, int]:
        """Steps from the source through pipes with room left; empty where the sink is not reached."""
        levels: dict[Hashable, int] = {_SOURCE: 0}
        queue = deque([self.source])
        while queue:
            node = queue.popleft()
            for after, room in self.left[node].items():
                if room > 0 and after not in levels:
                    levels[after] = levels[node] + 1
                    queue.append(after)
        return levels if _SINK in levels else {}

    def _push(self, levels: dict[Hashable, int], pipes: dict[Hashable, list[Hashable]]) -> int:
        """Send along one path of rising levels; dead ends are not tried again."""
        path: list[Hashable] = [_SOURCE]
        while path[-1] != _SINK:
            node, after = path[-1], pipes[path[-1]]
            while after and not (
                self.left[node][after[-1]] > 0 and levels.get(after[-1]) == levels[node] + 1
            ):
                after.pop()
            if after:
                path.append(after[-1])
                continue
            if node == _SOURCE:
                return 0
            path.pop()
            pipes[path[-1]].pop()
        steps = list(pairwise(path))
        sent = min(self.left[one][other] for one, other in steps)
        for one, other in steps:
            self.left[one][other] -= sent
            self.left[other][one] += sent
        return sent

    def before_the_cut(self) -> set[Hashable]:
        """The nodes that can still be reached from the source once it is full."""
        seen: set[Hashable] = {_SOURCE}
        queue = deque([self.source])
        while queue:
            for after, room in self.left[queue.popleft()].items():
                if room > 0 and after not in seen:
                    seen.add(after)
                    queue.append(after)
        return seen
