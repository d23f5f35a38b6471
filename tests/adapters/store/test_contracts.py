"""Our recorders keep the contracts that the event library ships for recorders of any kind."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

import pytest

from adapters.store.store import DatabaseStore


@pytest.fixture
def contracts(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The library's own test cases. Their module asks for a cipher that none of those used here needs."""
    cipher = ModuleType("eventsourcing.cipher")
    cipher.AESCipher = None  # type: ignore[attr-defined] # a stand-in
    monkeypatch.setitem(sys.modules, "eventsourcing.cipher", cipher)
    return importlib.import_module("eventsourcing.tests.persistence")


def case_of(contract: Any, recorder: Any) -> Any:
    """The library's test case, about this recorder."""
    return type("Contract", (contract,), {"create_recorder": lambda _: recorder})()


def test_events_are_inserted_and_selected_as_the_library_expects(
    store: DatabaseStore, contracts: Any
) -> None:
    case = case_of(contracts.ApplicationRecorderTestCase, store._events.recorder)

    case.test_insert_select()


def test_positions_of_two_writers_do_not_interleave(store: DatabaseStore, contracts: Any) -> None:
    """Else a reader could pass a position that is yet to come."""
    case = case_of(contracts.NonInterleavingNotificationIDsBaseCase, store._events.recorder)
    case.insert_num = 200

    case.test()


def test_readers_and_writers_work_at_the_same_time(shared: str, contracts: Any) -> None:
    store = DatabaseStore(shared)
    case = case_of(contracts.ApplicationRecorderTestCase, store._events.recorder)

    case.test_concurrent_no_conflicts()
    store.close()


def test_positions_of_views_are_tracked_as_the_library_expects(store: DatabaseStore, contracts: Any) -> None:
    case = case_of(contracts.TrackingRecorderTestCase, store.views())

    case.test_insert_tracking()
