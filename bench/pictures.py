"""Pictures of the pages for the README: the sample district, planned and released, in a browser without a screen.

`python -m bench.pictures` writes docs/pictures/. It needs Debian's chromium, and a font with Chinese letters.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from adapters.application.application import Lyceum
from adapters.services.sample_accounts import sample_link
from api.addresses import link_address
from api.cli.demo import AREA, SAMPLE, WEEK, import_sample, plan_and_release
from api.cli.sample_site import VENUE
from api.http.settings import Settings, SignInSettings
from api.pages.application import create_site
from domain.account import RoleGrant
from domain.network import area_id
from domain.venue import venue_id

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
PORT = 8765
PLANNING_S = 20
SIZES = {"": (1280, 800), "-phone": (390, 844)}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
COORDINATOR, HOST = RoleGrant("coordinator", area_id(AREA)), RoleGrant("host", venue_id(VENUE))
# Name, role, path, language, size, and what has to be on the page before the picture is taken.
PAGES = (
    ("desk", COORDINATOR, f"/weeks/{AREA}/{WEEK}/desk", "en", "", "#desk .grid"),
    ("desk-zh", COORDINATOR, f"/weeks/{AREA}/{WEEK}/desk", "zh-CN", "", "#desk .grid"),
    ("week", COORDINATOR, f"/weeks/{AREA}/{WEEK}", "en", "", "main h1"),
    ("list", COORDINATOR, f"/weeks/{AREA}/{WEEK}/list", "es", "", "main table"),
    ("host", HOST, f"/host/{VENUE}", "en", "", "main h1"),
    ("host-phone", HOST, f"/host/{VENUE}", "es", "-phone", "main h1"),
)


@contextmanager
def sample_site(folder: Path) -> Iterator[tuple[Lyceum, str]]:
    """The sample district behind a server of its own, and its address."""
    address = f"http://127.0.0.1:{PORT}"
    settings = Settings(
        f"sqlite:///{folder / 'sample.db'}", public_url=address, sign_in=SignInSettings(secret="x" * 32)
    )
    lyceum = Lyceum(settings.database, actor="pictures")
    import_sample(lyceum, SAMPLE)
    plan_and_release(lyceum, PLANNING_S, workers=2)
    server = uvicorn.Server(uvicorn.Config(create_site(settings), port=PORT, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.1)
    yield lyceum, address
    server.should_exit = True
    thread.join()
    lyceum.close()


def take(browser: Browser, lyceum: Lyceum, address: str) -> Iterator[Path]:
    for name, granted, path, language, size, awaited in PAGES:
        width, height = SIZES[size]
        context = browser.new_context(locale=language, viewport={"width": width, "height": height})
        page = context.new_page()
        page.goto(link_address(address, sample_link(lyceum, granted)))
        page.click("main form button")
        page.goto(address + path)
        page.wait_for_selector(awaited)
        page.wait_for_timeout(1000)
        file = PICTURES / f"{name}.png"
        page.screenshot(path=file)
        context.close()
        yield file


def main() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("there is no chromium (Debian: apt-get install chromium fonts-wqy-microhei)")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        sample_site(Path(folder)) as (lyceum, address),
        sync_playwright() as started,
    ):
        browser = started.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for file in take(browser, lyceum, address):
            print(file, file.stat().st_size, "bytes")
        browser.close()


if __name__ == "__main__":
    main()
