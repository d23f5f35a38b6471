"""Results that are kept under what they depend on: the last ones asked for, and no more than that."""

from __future__ import annotations

from adapters.kept import Kept


def test_result_is_made_once_while_it_is_among_the_last_asked_for() -> None:
    kept, made = Kept[str](2), list[str]()

    def ask(key: str) -> str:
        def make() -> str:
            made.append(key)
            return key.upper()

        return kept.get(key, make)

    assert [ask(key) for key in "abacab"] == list("ABACAB")
    assert made == ["a", "b", "c", "b"]


def test_dropped_result_is_made_again() -> None:
    kept = Kept[int](2)
    kept.get("a", lambda: 1)
    kept.drop("a")
    kept.drop("never there")

    assert kept.get("a", lambda: 2) == 2
