"""The browser of a test. A file starts it once, so its tests and their fixtures share one event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.chromium import running_browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser_of_module() -> AsyncIterator[Browser]:
    async with running_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def browser(browser_of_module: Browser) -> AsyncIterator[Browser]:
    """Nothing of another test is in it: every context is closed afterwards, with its cookies and pages."""
    yield browser_of_module
    for context in browser_of_module.contexts:
        await context.close()
