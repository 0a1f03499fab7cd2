"""Lists of codes over the API: their states, a search, a new reading, and an import after a look at it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode
from tests.support.http_scene import Answer, Scene, api, is_problem

CONNECTION = "/v1/tenants/cardinal/connections/main"
SITES = "Site Code;Site Name;Status;Customer\r\nHV-1;Café Nord;A;HARVIEW\r\nHV-2;South;I;HARVIEW\r\n"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as scene:
        await scene.furnish()
        scene.spectrum.lists.put(
            "101",
            [
                ListedCode(kind=AliasKind.CUSTOMER, code="HARVIEW", name="Harborview Foods", city="Oakland"),
                ListedCode(kind=AliasKind.CUSTOMER, code="OLD", name="Old Harbor", active=False),
                ListedCode(kind=AliasKind.ITEM, code="VALVE", name="Check valve", unit="EA"),
            ],
        )
        yield scene


async def read(scene: Scene) -> None:
    """As a worker does."""
    tenant = await scene.use_cases.find_tenant("cardinal")
    connection = await scene.use_cases.find_connection(tenant.id, "main")
    await scene.refresh_lists(tenant.id, connection.id)


async def import_(scene: Scene, content: bytes, **query: str) -> Answer:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    path = f"{CONNECTION}/codes/import?kind=site&{asked}"
    return await scene.call("POST", path, data=content, headers={"Content-Type": "text/csv"})


async def test_lists_are_read_on_demand_and_searched_page_by_page(scene: Scene) -> None:
    answer = await scene.call("POST", f"{CONNECTION}/codes/refresh")
    assert answer.status == 200, answer.text
    assert {one["kind"]: one["reading_since"] is not None for one in answer.body["lists"]} == {
        "customer": True,
        "site": False,
        "contract": False,
        "item": True,
    }
    await read(scene)
    lists = {one["kind"]: one for one in (await scene.call("GET", f"{CONNECTION}/code-lists")).body["lists"]}
    assert (lists["customer"]["rows"], lists["customer"]["complete"], lists["customer"]["trouble"]) == (2, True, None)
    assert lists["site"]["trouble"] == "never_read"
    page = (await scene.call("GET", f"{CONNECTION}/codes?search=harbor&limit=1")).body
    assert [(one["code"], one["city"], one["listed_from"]) for one in page["items"]] == [("OLD", "", "spectrum")]
    rest = (await scene.call("GET", f"{CONNECTION}/codes?search=harbor&limit=1&cursor={page['next']}")).body
    assert [(one["code"], one["city"]) for one in rest["items"]] == [("HARVIEW", "Oakland")]
    assert rest["next"] is None
    found = (await scene.call("GET", f"{CONNECTION}/codes?kind=item")).body["items"]
    assert [(one["code"], one["unit"]) for one in found] == [("VALVE", "EA")]


async def test_a_cursor_of_another_list_is_refused(scene: Scene) -> None:
    for cursor in ("YmVmb3JlOjExOA", "none", "Y29kZTpub25l"):
        assert is_problem(await scene.call("GET", f"{CONNECTION}/codes?cursor={cursor}"), 422, "BAD_INPUT")


async def test_a_text_that_is_too_long_is_told_in_characters(scene: Scene) -> None:
    answer = await scene.call("GET", f"{CONNECTION}/codes?search={'x' * 201}")
    assert is_problem(answer, 422, "BAD_INPUT")
    assert answer.body["errors"] == [{"pointer": "/search", "detail": "string should have at most 200 characters"}]


async def test_a_paused_connection_is_not_read(scene: Scene) -> None:
    await scene.call("POST", f"{CONNECTION}/pause")
    assert is_problem(await scene.call("POST", f"{CONNECTION}/codes/refresh"), 409, "CONNECTION_PAUSED")


async def test_a_file_is_looked_at_and_then_imported(scene: Scene) -> None:
    content = SITES.encode("cp1252")
    look = (await import_(scene, content)).body
    assert (look["imported"], look["added"], look["encoding"], look["separator"]) == (False, 2, "Windows-1252", ";")
    assert look["columns"] == {
        "code": "Site Code",
        "name": "Site Name",
        "active": "Status",
        "customer_code": "Customer",
    }
    assert (await scene.call("GET", f"{CONNECTION}/codes")).body["items"] == []
    longer = content + b"HV-3;East;A;HARVIEW\r\n"
    changed = await import_(scene, longer, dry_run="false", fingerprint=look["fingerprint"])
    assert is_problem(changed, 409, "CODES_FILE_CHANGED")
    other_columns = await import_(
        scene, content, dry_run="false", fingerprint=look["fingerprint"], code_column="Site Name"
    )
    assert is_problem(other_columns, 409, "CODES_FILE_CHANGED")
    done = (await import_(scene, content, dry_run="false", fingerprint=look["fingerprint"])).body
    assert (done["imported"], done["added"]) == (True, 2)
    found = (await scene.call("GET", f"{CONNECTION}/codes?search=cafe")).body["items"]
    assert [(one["code"], one["name"], one["active"], one["listed_from"]) for one in found] == [
        ("HV-1", "Café Nord", True, "imported")
    ]


async def test_a_whole_list_removes_what_an_earlier_file_had_unless_rows_are_unreadable(scene: Scene) -> None:
    first = {"kind": "site", "content": SITES}
    look = (await scene.call("POST", f"{CONNECTION}/codes/import", first)).body
    stored = {**first, "dry_run": False, "fingerprint": look["fingerprint"]}
    assert (await scene.call("POST", f"{CONNECTION}/codes/import", stored)).body["added"] == 2
    unreadable = {"kind": "site", "content": "Site Code\nHV-1\nMUCH-TOO-LONG-A-CODE\n", "whole": True}
    look = (await scene.call("POST", f"{CONNECTION}/codes/import", unreadable)).body
    assert (look["removed"], look["wrong_rows"]) == (0, 1)
    assert look["wrong"] == [
        {
            "line": 3,
            "column": "Site Code",
            "detail": "the code MUCH-TOO-LONG-A-CODE has 20 characters; Spectrum takes at most 10",
        }
    ]
    whole = {"kind": "site", "content": "Site Code,Site Name\nHV-1,North\n", "whole": True}
    look = (await scene.call("POST", f"{CONNECTION}/codes/import", whole)).body
    assert (look["added"], look["changed"], look["removed"]) == (0, 1, 1)
    done = {**whole, "dry_run": False, "fingerprint": look["fingerprint"]}
    assert (await scene.call("POST", f"{CONNECTION}/codes/import", done)).body["removed"] == 1
    listed = (await scene.call("GET", f"{CONNECTION}/codes?kind=site")).body["items"]
    assert [one["code"] for one in listed] == ["HV-1"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name\nx\n", "which column holds the code"),
        ("", "which column holds the code"),
        ("code\n\n", "no rows"),
        ("code\n\0\n", "no text"),
    ],
)
async def test_a_file_that_is_no_list_is_not_taken(scene: Scene, content: str, said: str) -> None:
    done = await import_(scene, content.encode(), dry_run="false")
    assert is_problem(done, 422, "CODES_FILE_INVALID")
    assert said in done.text
