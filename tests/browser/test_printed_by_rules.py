"""What a rule prints, on the page of a job: readable in both colour schemes, and never wider than a phone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from core.model.access.person import Role
from plugins.host import PluginHost
from tests.browser.chromium import LOOKS, TOO_FAINT, WIDER_THAN_ITS_WINDOW, accessibility_faults
from tests.browser.test_console_pages import ANN, picture, signed_in
from tests.support.browser_scene import person
from tests.support.http_scene import JOB, Scene, api
from tests.support.plugin_scene import plugins_in

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]
TALKS = """
@hookimpl
def map_work_order(draft):
    print("the office is", draft.job.office, "x" * 200)
    print("<script>no</script>")
"""


@pytest_asyncio.fixture(loop_scope="session")
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with (
        plugins_in(tmp_path, {"talks": TALKS}) as catalog,
        api(rules=PluginHost(catalog=catalog)) as running,
    ):
        await running.furnish()
        path = "/v1/tenants/cardinal/connections/main"
        assert (
            await running.call("PATCH", path, {"plugins": [{"name": "talks"}]}, headers={"If-Match": "*"})
        ).status == 200
        await person(running, ANN, Role.ADMINISTRATOR)
        yield running
        assert running.broken == [], "a script stumbled, or wanted what the policy forbids"


@LOOKS
async def test_what_a_rule_prints_can_be_read(browser: Browser, scene: Scene, scheme: str, width: int) -> None:
    page = await signed_in(browser, scene, scheme=scheme, width=width)
    await page.goto(f"/t/cardinal/jobs/{JOB.id}?connection=main")
    await page.get_by_text("Printed by the plugin talks, for its author").wait_for()
    await page.get_by_text("<script>no</script>").wait_for()
    assert await accessibility_faults(page) == []
    assert (await page.evaluate(TOO_FAINT))["faint"] == []
    assert not await page.evaluate(WIDER_THAN_ITS_WINDOW)
    await picture(page, f"printed-{scheme}-{width}")
