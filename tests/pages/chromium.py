"""A browser for tests: Debian's Chromium without a screen. Where it is missing, CI fails and other runs skip."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def do_without(reason: str) -> None:
    """A missing program is a failure in CI, where it was asked for."""
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def launched_browser() -> Iterator[Browser]:
    """Chromium, closed at the end."""
    chromium = shutil.which("chromium")
    if chromium is None:
        do_without("there is no chromium (Debian: apt-get install chromium fonts-wqy-microhei)")
    with sync_playwright() as started:
        launched = started.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()
