"""A browser's page with the desk: what is heard there, which keys are pressed, and what its console says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route


@dataclass(kw_only=True)
class DeskScreen:
    """A page, and what its console and network said that they should not."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def watch(self, url: str) -> None:
        """Note what the console says, and let the page ask this server alone."""
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

        def only_here(route: Route) -> None:
            if urlsplit(route.request.url).netloc == urlsplit(url).netloc:
                route.continue_()
            else:
                self.complaints.append(f"asked {route.request.url}")
                route.abort()

        self.page.route("**/*", only_here)

    def check(self) -> None:
        lost = [text for text in self.complaints if "Failed to load resource" not in text]
        assert lost == [], "the console has complaints"

    @property
    def live(self) -> str:
        return self.page.locator("#desk-live").text_content() or ""

    @property
    def label(self) -> str:
        """Of the element that has the focus."""
        return str(
            self.page.evaluate(
                """() => {
                    const focused = document.activeElement;
                    const label = focused.labels?.[0]?.textContent ?? focused.textContent;
                    return (focused.getAttribute('aria-label') ?? label).trim();
                }"""
            )
        )

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def hear(self, *words: str) -> str:
        """Wait until the live region has said all of these words; what it says then."""
        self.page.wait_for_function(
            "words => words.every(word => document.getElementById('desk-live').textContent.includes(word))",
            arg=list(words),
        )
        return self.live

    def block(self, id: str) -> Any:
        return self.page.locator(f'#desk [data-cell="{id}"]').first

    def enter(self) -> None:
        """Put the focus into the grid, as Tab does."""
        self.page.locator("#desk .grid [tabindex='0']").first.focus()
