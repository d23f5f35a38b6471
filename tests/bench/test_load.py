"""The load asks what is there, in the shares that it tells, and an answer that should not be is a failure."""

from __future__ import annotations

import random
from pathlib import Path

from bench.bench_load import Load, mixed_kept, writes_kept
from bench.load_mix import COMMANDS, READS, Asked, Town, commands, known, reads, write_mix

VENUE = {"id": "school", "rooms": [{"id": "hall", "name": "Hall", "equipment": [], "accessible": True,
         "turnaround_minutes": 0, "part_of": None, "functions": None}]}  # fmt: skip
REQUEST = {"id": "r-1", "area": "river", "title": "Choir", "topic": "choir", "function": "arts", "learners": 9,
           "duration_minutes": 90}  # fmt: skip
TOWN = Town("2026-W49", [VENUE], ["wang"], [REQUEST], [("r-1", 1, "school", "hall", "wang")])
TOKENS = {
    name: name.replace(" ", "-")
    for name in ("coordinator", "community river", "host school", "volunteer wang")
}


def load(p99_ms: float = 90, **statuses: int) -> Load:
    return Load(
        4000, 10, 20, 40, p99_ms, 300, 0, {name.removeprefix("s"): count for name, count in statuses.items()}
    )


def test_every_kind_that_is_told_is_asked() -> None:
    rng = random.Random(1)

    assert {one.kind for one in reads(TOWN, TOKENS, rng, 3)} == set(READS)
    assert {one.kind for one in commands(TOWN, TOKENS, rng, 3)} == set(COMMANDS)


def test_shares_of_what_is_asked_make_the_whole(tmp_path: Path) -> None:
    file, rng = tmp_path / "mix.tsv", random.Random(1)

    write_mix(file, [*reads(TOWN, TOKENS, rng, 3), *commands(TOWN, TOKENS, rng, 3)])

    shares = [line.split("\t") for line in file.read_text("utf-8").splitlines() if line.startswith("share\t")]
    given = {kind: float(share) for _, kind, share in shares}
    assert round(sum(given[kind] for kind in READS), 6) == 95
    assert round(sum(given[kind] for kind in COMMANDS), 6) == 5


def test_commands_alone_leave_the_reads_out(tmp_path: Path) -> None:
    file, rng = tmp_path / "mix.tsv", random.Random(1)

    write_mix(file, [*reads(TOWN, TOKENS, rng, 3), *commands(TOWN, TOKENS, rng, 3)], read_share=0)

    assert "\tGET\t" not in file.read_text("utf-8")


def test_some_clients_know_an_answer_already() -> None:
    asked = [Asked("week", "GET", "/v1/weeks/a/b")] * 200

    found = known(asked, {"/v1/weeks/a/b": '"3"'}, random.Random(1))

    assert 30 < sum(one.etag == '"3"' for one in found) < 90


def test_targets_are_judged() -> None:
    assert mixed_kept(load(s200=3990, s409=10))
    assert not mixed_kept(load(p99_ms=151, s200=4000))
    assert load(s200=3999, s503=1).failures == {"503": 1}
    assert not mixed_kept(load(s200=3999, s503=1))
    assert writes_kept(load(s201=4000))
    assert load(s409=7).conflicts == 7
