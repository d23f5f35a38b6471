"""Maximum flow and the narrowest cut of a network whose nodes have names, computed by OR-Tools."""

from __future__ import annotations

from collections.abc import Hashable

from ortools.graph.python.max_flow import SimpleMaxFlow

SOURCE, SINK = ("source",), ("sink",)


class FlowNetwork:
    """Flow from `SOURCE` to `SINK` (push-relabel, Goldberg and Tarjan 1988); capacities are whole and not negative."""

    def __init__(self) -> None:
        self._flow = SimpleMaxFlow()
        self._nodes: dict[Hashable, int] = {SOURCE: 0, SINK: 1}
        self._arcs: dict[tuple[Hashable, Hashable], int] = {}

    def add_arc(self, tail: Hashable, head: Hashable, capacity: int) -> None:
        """Add an arc; one that is there already gets that much more capacity."""
        if (arc := self._arcs.get((tail, head))) is not None:
            self._flow.set_arc_capacity(arc, self._flow.capacity(arc) + capacity)
            return
        start, end = (self._nodes.setdefault(node, len(self._nodes)) for node in (tail, head))
        self._arcs[tail, head] = self._flow.add_arc_with_capacity(start, end, capacity)

    def solve(self) -> int:
        """The largest flow.

        Raises
        ------
        ArithmeticError
            If the sum of the capacities leaves 64 bits.
        """
        status: SimpleMaxFlow.Status = self._flow.solve(  # type: ignore[no-untyped-call]
            self._nodes[SOURCE], self._nodes[SINK]
        )
        if status != SimpleMaxFlow.OPTIMAL:
            raise ArithmeticError(f"the maximum flow is not known: {status.name}")
        return int(self._flow.optimal_flow())

    def flow(self, tail: Hashable, head: Hashable) -> int:
        """What flows through an arc once it is solved."""
        return int(self._flow.flow(self._arcs[tail, head]))

    def source_side(self) -> set[Hashable]:
        """The nodes that can still be reached from the source once it is solved: the smallest side of a minimum cut.

        It is the same for every maximum flow (Picard and Queyranne 1980).
        """
        reached = set(self._flow.get_source_side_min_cut())
        return {node for node, number in self._nodes.items() if number in reached}
