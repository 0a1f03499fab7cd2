"""Debian's Chromium for the browser tests, and what is measured on a page."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

expect.set_options(timeout=20_000)  # milliseconds, for a machine that does other work too
_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
BOTH = pytest.mark.parametrize(
    "script",
    [pytest.param(True, id="with script"), pytest.param(False, id="without script", marks=pytest.mark.long)],
)
"""The same steps with JavaScript and without it."""
_ALL = os.environ.get("FAULTS") == "full" or "PICTURES" in os.environ
_OTHER_LOOKS = [("light", 320), ("dark", 1100)] if _ALL else []
LOOKS = pytest.mark.parametrize(("scheme", "width"), [("light", 1100), ("dark", 320), *_OTHER_LOOKS])
"""Both schemes of colour and both widths of a window. What a page looks like depends on each alone nearly always; the
other pairs are tried with FAULTS=full, and when pictures are taken."""
_MISSING = (
    "LEFT OUT: the browser tests need Chromium and found none; install it (Debian and Ubuntu: apt-get install chromium)"
)
# The contrast ratio of every text with the nearest opaque background behind it, as WCAG 2.2 defines it.
TOO_FAINT = """() => {
  const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const seen = [], faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim()) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    seen.push(ratio);
    if (ratio < 4.5) faint.push(`${texts.currentNode.data.trim()}: ${ratio.toFixed(2)}`);
  }
  return {seen: seen.length, faint};
}"""
WIDER_THAN_ITS_WINDOW = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


def chromium() -> str:
    """Where it stands. Without one, the test is left out, and says so; in CI that is a failure."""
    usual = Path("/usr/bin/chromium")
    names = ("chromium", "chromium-browser", "google-chrome")
    found = str(usual) if usual.exists() else next(filter(None, map(shutil.which, names)), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(_MISSING)
        pytest.skip(_MISSING)
    return found


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_ARGS)
        yield browser
        await browser.close()


async def accessibility_faults(page: Page) -> list[str]:
    """What axe finds on the page, a line each."""
    found = await Axe().run(page)
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]
