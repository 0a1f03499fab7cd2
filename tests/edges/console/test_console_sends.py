"""The list of sends: what a row says, its filters in the address, its pages, and its file."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from adapters.inbound.console.handlers.send_list import SHOWN
from adapters.inbound.console.handlers.sign_in import LOCAL_COOKIE
from adapters.inbound.server.event_stream import FILES_AT_ONCE
from core.model.access.person import Role
from core.model.sending.send import SendState
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import UNMAPPED, Scene, api

SENDS = "/t/cardinal/sends"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """One send that stands, and one of another customer that failed."""
    async with api() as running:
        await running.furnish()
        await running.send()
        assert UNMAPPED.customer
        formula = replace(UNMAPPED.customer, name="=Cold Street")
        job = replace(UNMAPPED, customer=formula)
        await running.add_job(job)
        await running.send(job)
        await running.work()
        yield running


def rows(browser: Browser) -> list[dict[str, str]]:
    return [
        {cell.get("data-label"): " ".join(cell.text_content().split()) for cell in row if cell.get("data-label")}
        for row in browser.page.xpath("//tbody/tr")
    ]


async def test_a_row_says_customer_cause_work_order_and_who_asked(scene: Scene) -> None:
    browser = await (await somebody(scene)).open(SENDS)
    failed, sent = rows(browser)
    assert sent["Customer"] == "Harborview Foods"
    assert sent["Work order"] == "T104482"
    assert "by " in sent["Requested"]
    assert sent["State"] == "✓Sent"
    assert failed["Customer"] == "=Cold Street"
    assert "Needs attention" in failed["State"]
    assert failed["Work order"] == "", "the number that it would have is in no system"
    assert failed["State"] != "!Needs attention", "the short title of the cause stands beside the state"


async def test_what_is_not_known_yet_says_nothing(scene: Scene) -> None:
    await scene.send(replace(UNMAPPED, id="2412087334600999"))
    newest = rows(await (await somebody(scene)).open(SENDS))[0]
    assert newest["Customer"] == ""
    assert newest["Job"].endswith("2412087334600999")
    assert newest["Work order"] == ""


async def test_each_filter_is_kept_in_the_address_and_adds_to_the_others(scene: Scene) -> None:
    browser = await (await somebody(scene)).open(SENDS)
    await browser.press("Show", text="harborview foods")
    assert [row["Work order"] for row in rows(browser)] == ["T104482"]
    assert "text=harborview foods" in browser.address
    await browser.press("Show", state="needs_attention")
    assert "No send matches these filters." in browser.said
    for text, number in (("104482", 1), ("t104482", 1), ("10448", 0), ("cold street", 1), ("", 2)):
        await (await browser.open(SENDS)).press("Show", text=text)
        assert len(rows(browser)) == number, text
    codes = [option.get("value") for option in browser.page.get_element_by_id("cause").iter("option")]
    assert codes[0] == ""
    await browser.press("Show", cause=codes[1])
    assert [row["Customer"] for row in rows(browser)] == ["=Cold Street"]
    today = scene.clock.now().date().isoformat()
    await (await browser.open(SENDS)).press("Show", **{"from": today, "to": today})
    assert len(rows(browser)) == 2
    await browser.press("Show", **{"from": "2020-01-01", "to": "2020-01-02"})
    assert "No send matches these filters." in browser.said


async def test_the_list_is_paged_and_says_how_many_match(scene: Scene) -> None:
    for number in range(SHOWN):
        await scene.send(replace(UNMAPPED, id=f"24120873346{number:05}"))
    browser = await (await somebody(scene, Role.VIEWER)).open(SENDS)
    assert len(rows(browser)) == SHOWN
    assert f"{SHOWN + 2} sends match." in browser.said
    await browser.open(browser.link("Older ones"))
    assert [row["Work order"] for row in rows(browser)] == ["", "T104482"]
    await browser.open(browser.link("Back to the newest"))
    assert len(rows(browser)) == SHOWN


async def test_the_file_has_all_that_match_and_no_cell_is_a_formula(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.services.sending.list_sends._READ_AT_ONCE", 1)
    browser = await somebody(scene, Role.VIEWER)
    await browser.open(SENDS)
    await browser.open(browser.link("Download all that match as CSV"))
    assert browser.headers["Content-Disposition"] == 'attachment; filename="sends-cardinal.csv"'
    table = list(csv.DictReader(io.StringIO(browser.text)))
    assert [row["Customer"] for row in table] == ["'=Cold Street", "Harborview Foods"]
    assert table[1] | {"Work order": "T104482", "State": "Sent", "Job number": "104482"} == table[1]
    await browser.open(f"{SENDS}.csv?state=sent")
    assert len(list(csv.DictReader(io.StringIO(browser.text)))) == 1
    await browser.open(f"{SENDS}.csv?connection=gone")
    assert (browser.status, "There is no connection gone." in browser.said) == (422, True)


async def test_a_file_that_breaks_off_does_not_look_whole(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.services.sending.list_sends._READ_AT_ONCE", 1)
    browser = await somebody(scene)
    pages, read = scene.use_cases.list_sends.pages, 0

    async def breaking(*given: object, **more: object):  # type: ignore[no-untyped-def]
        async for page in pages(*given, **more):  # type: ignore[arg-type]
            nonlocal read
            if read:
                raise OSError("the database went away")
            read += 1
            yield page

    monkeypatch.setattr(scene.use_cases.list_sends, "pages", breaking)
    with pytest.raises(Exception, match=r"payload|disconnected|Connection"):
        await browser.open(f"{SENDS}.csv")


async def test_one_person_has_few_files_made_at_the_same_time(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob = await somebody(scene), await somebody(scene, email="bob@example.com")
    pages, gate = scene.use_cases.list_sends.pages, asyncio.Event()

    async def waiting(*given: object, **more: object):  # type: ignore[no-untyped-def]
        async for page in pages(*given, **more):  # type: ignore[arg-type]
            yield page
            await gate.wait()

    monkeypatch.setattr(scene.use_cases.list_sends, "pages", waiting)
    async with AsyncExitStack() as stack, asyncio.timeout(20):
        under_way = []
        for _ in range(FILES_AT_ONCE):
            headers = {"Cookie": f"{LOCAL_COOKIE}={ann.cookie}"}
            asked = scene.http.get(f"{scene.url}{SENDS}.csv", headers=headers)
            under_way.append(await stack.enter_async_context(asked))
        await ann.open(f"{SENDS}.csv")
        assert (ann.status, ann.headers["Retry-After"]) == (429, "30")
        assert f"{FILES_AT_ONCE} of your downloads are under way already." in ann.said
        others = asyncio.create_task(bob.open(f"{SENDS}.csv"))
        gate.set()
        assert (await others).status == 200
        assert [len((await one.text()).splitlines()) for one in under_way] == [3] * FILES_AT_ONCE
    assert (await ann.open(f"{SENDS}.csv")).status == 200


async def test_the_people_of_one_account_leave_files_and_database_sessions_to_others(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each download that is read slowly may keep one of the 20 database sessions of a process."""
    pages, gate = scene.use_cases.list_sends.pages, asyncio.Event()

    async def waiting(*given: object, **more: object):  # type: ignore[no-untyped-def]
        async for page in pages(*given, **more):  # type: ignore[arg-type]
            yield page
            await gate.wait()

    monkeypatch.setattr(scene.use_cases.list_sends, "pages", waiting)
    people = [await somebody(scene, email=f"{name}@example.com") for name in ("ann", "bob", "cem")]
    boss = await somebody(scene, Role.OPERATOR, "boss@example.com")
    async with AsyncExitStack() as stack, asyncio.timeout(20):
        told = []
        for browser in (one for one in (*people, boss) for _ in range(FILES_AT_ONCE)):
            headers = {"Cookie": f"{LOCAL_COOKIE}={browser.cookie}"}
            asked = scene.http.get(f"{scene.url}{SENDS}.csv", headers=headers)
            told.append((await stack.enter_async_context(asked)).status)
        assert told == [200] * 6 + [429] * 3 + [200] * 3, "half of all files for one account"
        await people[2].open(f"{SENDS}.csv")
        assert "As many downloads of this account as may be are under way already." in people[2].said
        gate.set()


async def test_the_cause_is_of_the_send_as_it_is_now(scene: Scene) -> None:
    [failed] = [one for one in scene.transactions.rows.sends.values() if one.state is SendState.NEEDS_ATTENTION]
    browser = await (await somebody(scene)).open(f"{SENDS}/{failed.id}")
    await browser.press("Try again now")
    newest = rows(await browser.open(SENDS))[0]
    assert newest["State"] == "…Waiting"
