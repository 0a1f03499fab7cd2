"""The browser of a test. It is started once for all files, so their tests and fixtures share one event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.chromium import running_browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def one_browser() -> AsyncIterator[Browser]:
    async with running_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def browser(one_browser: Browser) -> AsyncIterator[Browser]:
    """Nothing of another test is in it: every context is closed afterwards, with its cookies and pages."""
    yield one_browser
    for context in one_browser.contexts:
        await context.close()
