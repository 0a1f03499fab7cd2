"""The overview page as text: what it shows, to whom, and under which policy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.inbound.console.assets import STYLE
from tests.edges.http_scene import CONNECTION, JOB, SECRETS, UNMAPPED, api


async def test_an_empty_installation_says_how_to_begin() -> None:
    async with api() as scene:
        page = await scene.call("GET", "/", key=None)
    assert page.status == 200
    assert "Nothing is set up yet" in page.text
    assert "jobferry tenants add" in page.text


async def test_what_needs_attention_comes_before_what_went_well() -> None:
    async with api() as scene:
        await scene.furnish()
        await scene.send()
        await scene.send(UNMAPPED)
        await scene.work()
        text = (await scene.call("GET", "/", key=None)).text
    assert "1 thing needs attention." in text
    assert text.index("Needs attention</h3>") < text.index("Latest sends</h3>")
    assert "T104482" in text
    assert "the ServiceTrade administrator" in text
    assert "2 Mar 2026, 09:00 UTC" in text
    assert not any(secret in text for secret in (*SECRETS, scene.key))


async def test_what_comes_from_outside_is_shown_as_text() -> None:
    async with api() as scene:
        await scene.furnish()
        script = {**CONNECTION, "slug": "x", "name": "<script>alert(1)</script>", "external_system": "other"}
        await scene.call("POST", "/v1/tenants/cardinal/connections", script)
        text = (await scene.call("GET", "/", key=None)).text
    assert "<script" not in text
    assert "&lt;script&gt;" in text


async def test_the_policy_allows_our_style_sheet_and_nothing_inline() -> None:
    async with api() as scene:
        page = await scene.call("GET", "/", key=None)
        style = await scene.call("GET", STYLE.path, key=None)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert STYLE.path in page.text
    assert "style=" not in page.text
    assert "<style" not in page.text
    assert style.headers["Content-Type"].startswith("text/css")
    assert "immutable" in style.headers["Cache-Control"]


@pytest.mark.parametrize(
    "headers",
    [{"Host": "jobs.example.com"}, {"Host": "evil.example:8480"}, {"X-Forwarded-For": "203.0.113.9"}, {"Host": "[::"}],
)
async def test_the_overview_is_for_those_at_the_machine_only(headers: dict[str, str]) -> None:
    async with api() as scene:
        await scene.furnish()
        page = await scene.call("GET", "/", key=None, headers=headers)
    assert "Cardinal" not in page.text


async def test_a_closed_overview_says_what_key_is_needed() -> None:
    async with api(public_overview=False) as scene:
        await scene.furnish()
        page = await scene.call("GET", "/", key=None)
    assert page.status == 200
    assert "/v1" in page.text
    assert "jobferry init" in page.text
    assert "Cardinal" not in page.text


async def test_long_lists_are_cut_and_say_where_the_rest_is() -> None:
    async with api() as scene:
        await scene.furnish()
        for number in range(1, 18):
            await scene.send(replace(JOB, id=str(number)))
        text = (await scene.call("GET", "/", key=None)).text
    assert text.count("<tr>") == 16
    assert "jobferry sends list" in text
