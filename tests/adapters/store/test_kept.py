"""Results that are kept under what they depend on: the last ones asked for, and no more than that."""

from __future__ import annotations

from adapters.store.caches import IdentityCache, LruCache


def test_result_is_made_once_while_it_is_among_the_last_asked_for() -> None:
    kept, made = LruCache[str, str](2), list[str]()

    def ask(key: str) -> str:
        def make() -> str:
            made.append(key)
            return key.upper()

        return kept.made(key, make)

    assert [ask(key) for key in "abacab"] == list("ABACAB")
    assert made == ["a", "b", "c", "b"]


def test_dropped_result_is_made_again() -> None:
    kept = LruCache[str, int](2)
    kept.made("a", lambda: 1)
    kept.drop("a")
    kept.drop("never there")

    assert kept.made("a", lambda: 2) == 2


def test_result_beside_a_record_lasts_while_it_is_the_same_object() -> None:
    kept, made = IdentityCache[int](10), list[int]()
    record, its_twin = ["held"], ["held"]

    def ask(one: object, rest: str = "") -> int:
        def make() -> int:
            made.append(len(made))
            return made[-1]

        return kept.get((one,), rest, make)

    assert [ask(record), ask(record), ask(its_twin), ask(record, "other"), ask(record)] == [0, 0, 1, 2, 0]


def test_only_the_newest_results_beside_records_are_kept() -> None:
    kept = IdentityCache[str](2)
    records = [object() for _ in range(3)]
    for one in records:
        kept.get((one,), None, lambda: "first")

    assert [kept.get((one,), None, lambda: "again") for one in reversed(records)] == [
        "first",
        "first",
        "again",
    ]
