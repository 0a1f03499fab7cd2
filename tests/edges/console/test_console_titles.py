"""Every page is named in the browser's tab: what it shows first, then Jobferry; also pages of errors."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.inbound.console.page_request import Page
from adapters.inbound.console.routes import INSTANCE_PAGES, PAGES
from core.model.access.person import Role
from tests.edges.api.test_http_every_act_is_audited import failed
from tests.edges.api.test_http_isolation import OWN, furnish
from tests.support.browser_scene import Browser, person, somebody
from tests.support.http_scene import JOB, Scene, api

TEMPLATES = Path("adapters/inbound/console/templates")
ALL: Sequence[Page[Any]] = (*PAGES, *INSTANCE_PAGES)
PATHS = sorted({one.path for one in ALL if one.method == "GET"})
NO_PAGES = ("/events", ".csv", ".zip", ".js")
TITLE = re.compile(r"(\(\d+\) )?[A-Z0-9].* · Jobferry")


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        yield running


def title_of(browser: Browser) -> str:
    [title] = browser.page.xpath("//head/title")
    return " ".join(title.text_content().split())


async def test_every_page_has_a_title_that_says_what_it_shows(scene: Scene) -> None:
    variables = {**await furnish(scene, OWN), **await failed(scene)}
    variables |= {"code": "MAP_SITE_MISSING", "kind": "customer", "record": "1", "slug": OWN, "key": "key_0"}
    await person(scene, "ops@example.com", Role.OPERATOR)
    operator = await Browser(scene).sign_in("ops@example.com")
    titles = {}
    for path in PATHS:
        if path.endswith(NO_PAGES):
            continue
        known = {name: variables.get(name, "x_0") for name in re.findall(r"{(\w+)}", path)}
        await operator.open(path.format(**known))
        if "<html" not in operator.text:  # a file, or a part of a page
            continue
        titles[path] = title_of(operator)
        assert TITLE.fullmatch(titles[path]), f"{path}: {titles[path]}"
        assert titles[path].count("Jobferry") == 1, titles[path]
    assert titles["/t/{tenant}/jobs/{job_id}"] == "Job 104482 · Jobferry"
    assert len(titles) > 20


async def test_pages_of_errors_and_of_signing_in_have_one_too(scene: Scene) -> None:
    await scene.furnish()
    browser = Browser(scene)
    for address in ("/sign-in", "/sign-in/unknown", "/t/cardinal/sends/snd_0"):
        await browser.open(address)
        assert TITLE.fullmatch(title_of(browser)), address
    viewer = await somebody(scene, Role.VIEWER)
    for address in ("/t/cardinal/sends/snd_0", "/t/cardinal/people", "/t/cardinal/jobs/99", f"/t/nobody/jobs/{JOB.id}"):
        await viewer.open(address)
        assert viewer.status >= 400
        assert TITLE.fullmatch(title_of(viewer)), address


def test_every_template_of_a_page_gives_one() -> None:
    for file in TEMPLATES.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        if '{% extends "parts/layout.html" %}' in text:
            assert " · Jobferry{% endblock %}" in text, file
