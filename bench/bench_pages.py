"""Measure the coordinator's desk of a district's week in a browser without a screen, as `lyceum serve` answers it.

Everything is timed inside the page, from the key or the click to what is painted. `--sqlite FILE` measures a database
that an earlier run has kept there, or keeps it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from adapters.application.application import Lyceum
from adapters.services.bootstrap_admin import make_link
from adapters.services.releases import release_week
from adapters.store.streams import ACCOUNTS
from bench.bench_store import drafted
from bench.districts import DISTRICT, load
from bench.problems import made_problem
from bench.sections import give_up, shared, table, write_section
from bench.serving import Server, serving
from domain.account import RoleGrant, account_id, grant, open_account

PROBLEM = ("--district", "500153", "--seed", "1", "--requests", "6", "--volunteers", "7", "--rooms", "1.03")
RUNS = 5
PLANNING_S = 20
PATIENCE_MS = 60_000
DEBOUNCE_MS = 150
KEYS = 20
WHO = "benchmark-coordinator"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
TARGETS = {
    "click to first focusable block, s": 1.0,
    "desk, compressed, kB": 150,
    "DOM nodes, the most at any scroll position": 1500,
    "drag, p95 of frames, ms": 20,
    "drag, longest task, ms": 50,
    "key to written in the region, p95 after the debounce, ms": 100,
    "places map from pick-up to coloured, ms": 150,
    "places map, the operation, p95, ms": 60,
    "undo, ms": 300,
}

# What each page notes by itself, from its first line on.
NOTING = """
window.noted = {block: 0, keys: [], regions: [], coloured: 0, frames: [], longest: 0};
new PerformanceObserver(list => list.getEntries().forEach(entry => {
    window.noted.longest = Math.max(window.noted.longest, entry.duration);
})).observe({type: 'longtask', buffered: true});
new MutationObserver(records => {
    const noted = window.noted;
    const entry = document.querySelector('#desk .grid [tabindex="0"]');
    if (!noted.block && entry && document.querySelector('#desk .session')) {
        requestAnimationFrame(() => { noted.block ||= performance.now(); });
    }
    if (records.some(record => record.target.id === 'desk-live' || record.target.parentElement?.id === 'desk-live')) {
        requestAnimationFrame(() => noted.regions.push(performance.now()));
    }
    if (!noted.coloured && document.querySelector('#desk .shade path.not, #desk .shade path.same')) {
        requestAnimationFrame(() => { noted.coloured = performance.now(); });
    }
}).observe(document, {subtree: true, childList: true, characterData: true});
window.addEventListener('keydown', () => window.noted.keys.push(performance.now()), true);
"""
FRAMES = """() => {
    const noted = window.noted;
    noted.frames = [];
    noted.longest = 0;
    let before = performance.now();
    const frame = now => {
        noted.frames.push(now - before);
        before = now;
        noted.request = requestAnimationFrame(frame);
    };
    noted.request = requestAnimationFrame(frame);
}"""
NODES = """async () => {
    const grid = document.querySelector('#desk .grid');
    let most = 0;
    for (let top = 0; top < grid.scrollHeight; top += 300) {
        grid.scrollTop = top;
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        most = Math.max(most, document.querySelectorAll('*').length);
    }
    grid.scrollTop = 0;
    return most;
}"""
OPERATION = """async ([path, times]) => {
    const taken = [];
    for (let time = 0; time < times; time += 1) {
        const began = performance.now();
        await (await fetch(path, {cache: 'no-store'})).text();
        taken.push(performance.now() - began);
    }
    return taken;
}"""
Values = dict[str, list[float]]


@dataclass(frozen=True)
class MeasuredDesk:
    """Where the desk is, and what it shows."""

    address: str
    path: str
    rooms: int
    sessions: int


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


# ---- The week


def made_week(database: str, week_of: dict[str, Any]) -> None:
    """A released week, where the database is empty, and a coordinator."""
    with Lyceum(database, actor="benchmark") as lyceum:
        if lyceum.store.position():
            return
        area = load(lyceum, week_of)
        drafted(lyceum, area, week_of["week"], None, PLANNING_S)
        release_week(lyceum, area, week_of["week"], "First timetable")
        lyceum.commit(open_account(None, lyceum.metadata(), WHO))
        role = RoleGrant("coordinator", area)
        lyceum.decide(ACCOUNTS, account_id(WHO), partial(grant, role_grant=role))


def link(database: str, address: str) -> str:
    """A link that signs the coordinator in."""
    with Lyceum(database, actor="benchmark") as lyceum:
        secret = make_link(lyceum, lyceum.must_load(ACCOUNTS, account_id(WHO)))
    return f"{address}/sign-in/open?link={secret}"


# ---- The browser


@contextmanager
def browsing() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        give_up("this benchmark needs a browser: install Debian's chromium, then try again")
    with sync_playwright() as started:
        launched = started.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


def signed_in(browser: Browser, database: str, address: str) -> Any:
    """The cookies of the coordinator."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(link(database, address))
    page.locator("main form button").click()
    page.wait_for_url(lambda url: "/sign-in/open" not in url)
    state = context.storage_state()
    context.close()
    return state


def fresh(browser: Browser, state: Any) -> BrowserContext:
    """A browser with a cold cache."""
    context = browser.new_context(storage_state=state, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(NOTING)
    return context


def opened(page: Page, desk: MeasuredDesk) -> int:
    """Open the desk by its link on the page of the week; the bytes that came."""
    page.goto(f"{desk.address}{desk.path}")
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    sizes: list[int] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.get_by_role("link", name="Desk", exact=True).first.click()
    page.wait_for_function("() => window.noted?.block > 0 && document.querySelector('#desk .session')")
    page.wait_for_timeout(300)
    return sum(sizes)


def first_session(page: Page) -> None:
    """The focus to a session, by keys."""
    page.locator("#desk .grid [tabindex='0']").first.focus()
    page.keyboard.press("Control+Home")
    for _ in range(60):
        page.keyboard.press("ArrowRight")
        if page.evaluate("document.activeElement.classList.contains('session')"):
            return
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Home")
    raise LookupError("no session in the first rows")


def dragged(page: Page) -> tuple[float, float]:
    """Over the whole grid with scrolling at its edges: p95 of the frames, and the longest task."""
    first_session(page)
    block, grid = page.locator(":focus").bounding_box(), page.locator("#desk .grid").bounding_box()
    if block is None or grid is None:
        raise LookupError("nothing to drag")
    page.mouse.move(block["x"] + 4, block["y"] + 8)
    page.mouse.down()
    page.mouse.move(block["x"] + 14, block["y"] + 12)
    page.wait_for_selector("#desk .shade path.not", state="attached")
    page.wait_for_timeout(300)
    page.evaluate(FRAMES)
    left, top = grid["x"] + 300, grid["y"] + 80
    right, bottom = grid["x"] + grid["width"] - 8, grid["y"] + grid["height"] - 8
    for step in range(120):
        share = step / 119
        page.mouse.move(left + share * (right - left), top + share * (bottom - top))
    page.wait_for_timeout(2000)  # it scrolls by itself at the corner
    noted = page.evaluate("() => { cancelAnimationFrame(window.noted.request); return window.noted; }")
    page.keyboard.press("Escape")
    page.mouse.up()
    return p95(noted["frames"][2:]), noted["longest"]


def picked_up(page: Page) -> float:
    """From the key to the colours."""
    page.evaluate("() => { window.noted.coloured = 0; window.noted.keys = []; }")
    page.keyboard.press("m")
    page.wait_for_function("() => window.noted.coloured > 0")
    return float(page.evaluate("window.noted.coloured - window.noted.keys[0]"))


def written(page: Page) -> list[float]:
    """From each of many keys of a move to its words in the region, without the debounce."""
    taken = []
    for number in range(KEYS):
        page.evaluate("() => { window.noted.keys = []; window.noted.regions = []; }")
        page.keyboard.press("ArrowDown" if number % 2 else "ArrowRight")
        page.wait_for_function("() => window.noted.regions.length > 0")
        taken.append(float(page.evaluate("window.noted.regions[0] - window.noted.keys[0]")) - DEBOUNCE_MS)
        page.wait_for_timeout(50)
    return taken


def undone(page: Page) -> float:
    """From the key to the session back in its place, after it was moved with a reason."""
    cell = page.evaluate("document.activeElement.dataset.cell")
    label = page.evaluate("document.activeElement.getAttribute('aria-label').replace(/, row .*/, '')")
    page.keyboard.press("m")
    page.wait_for_selector("#desk .grid.moving")
    page.wait_for_selector("#desk .shade path.not", state="attached")
    for _ in range(200):
        page.keyboard.press("n")
        if page.locator("#desk[data-move=same]").count():
            break
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.querySelector('#desk .saving[data-state=saved], #desk dialog textarea') !== null"
    )
    if page.locator("#desk dialog textarea").count():
        page.locator("#desk dialog textarea").fill("measured")
        page.locator("#desk dialog button.main").click()
    page.wait_for_selector("#desk .saving[data-state=saved]")
    page.wait_for_timeout(1500)
    page.evaluate(
        """([cell, label]) => {
            const noted = window.noted;
            noted.back = 0;
            noted.keys = [];
            new MutationObserver((_, observer) => {
                const blocks = [...document.querySelectorAll('#desk .session')];
                const block = blocks.find(block => block.dataset.cell === cell);
                if (!block?.getAttribute('aria-label').startsWith(label) || noted.back) return;
                observer.disconnect();
                requestAnimationFrame(() => { noted.back = performance.now(); });
            }).observe(document.getElementById('desk'), {subtree: true, childList: true, attributes: true});
        }""",
        [cell, label],
    )
    page.keyboard.press("Control+z")
    page.wait_for_function("() => window.noted.back > 0")
    return float(page.evaluate("window.noted.back - window.noted.keys.at(-1)"))


def measured(browser: Browser, state: Any, desk: MeasuredDesk) -> dict[str, float]:
    """All of it once, in a browser that has seen nothing yet."""
    context = fresh(browser, state)
    page = context.new_page()
    size = opened(page, desk)
    values = [page.evaluate("window.noted.block") / 1000, size / 1000, page.evaluate(NODES), *dragged(page)]
    first_session(page)
    cell = page.evaluate("document.activeElement.dataset.cell").split("#")
    coloured = picked_up(page)
    page.wait_for_timeout(500)
    words = p95(written(page))
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    path = f"/v1{desk.path}/sessions/{cell[0]}/{cell[1]}/places"
    operation = p95(page.evaluate(OPERATION, [path, KEYS]))
    values += [words, coloured, operation, undone(page)]
    context.close()
    return dict(zip(TARGETS, values, strict=True))


# ---- The report


def row(name: str, values: list[float]) -> tuple[object, ...]:
    target, value = TARGETS[name], median(values)
    digits = 2 if target < 10 else 0
    return (
        name,
        f"{target:g}",
        f"{value:.{digits}f}",
        f"{min(values):.{digits}f} to {max(values):.{digits}f}",
        "reached" if value <= target else "**missed**",
    )


def body(desk: MeasuredDesk, runs: list[dict[str, float]], load_average: float) -> str:
    header = ("what", "at most", "median", "of all runs", "verdict")
    rows = [row(name, [run[name] for run in runs]) for name in TARGETS]
    return (
        f"`make_problem.py {' '.join(PROBLEM)}`: {desk.sessions} sessions in the draft, {desk.rooms} rooms. "
        f"Chromium without a screen, 1440 x 900; medians of {len(runs)} runs, each with a cold cache at a warm server. "
        f"Server and browser share the machine; load average at the end {load_average:.1f}.\n\n"
        f"{table(header, rows)}"
    )


def desk_at(browser: Browser, state: Any, server: Server, week: str) -> MeasuredDesk:
    """Ask the server once, which warms it."""
    context = fresh(browser, state)
    path = f"/weeks/{DISTRICT}/{week}"
    document = context.request.get(f"{server.address}/v1{path}/desk").json()
    page = context.new_page()
    desk = MeasuredDesk(server.address, path, len(document["rooms"]), len(document["sessions"]))
    opened(page, desk)
    first_session(page)
    picked_up(page)
    context.close()
    return desk


def main(database: Path, runs: int) -> None:
    problem = made_problem(*PROBLEM)
    url = f"sqlite:///{database}"
    made_week(url, problem)
    with serving(url, 1) as server, browsing() as browser:
        state = signed_in(browser, url, server.address)
        desk = desk_at(browser, state, server, problem["week"])
        results = [measured(browser, state, desk) for _ in range(runs)]
    write_section("bench_pages", body(desk, results, os.getloadavg()[0]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sqlite", type=Path, help="the database to keep, or to measure again")
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args()
    shared("bench", "make_problem.py")
    with tempfile.TemporaryDirectory() as folder:
        main((options.sqlite or Path(folder, "lyceum.db")).absolute(), options.runs)
