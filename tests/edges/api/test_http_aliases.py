"""Aliases over the API: JSON and CSV at one address, and what is refused."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.model.mappings.alias_csv import MOST_BYTES
from tests.support.http_scene import CONNECTION, TENANT, UNMAPPED, Answer, Scene, api, is_problem, pointers

ALIASES = "/v1/tenants/cardinal/aliases"
PREVIEW = f"/v1/tenants/cardinal/jobs/{UNMAPPED.id}/preview"
SITE = {"kind": "site", "servicetrade_id": "3", "name": "Cold Store", "code": "HV0003"}
CSV = b"kind,servicetrade_id,name,code\r\nsite,3,Cold Store,HV0003\r\n"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as scene:
        await scene.furnish()
        yield scene


async def set_(scene: Scene, *aliases: dict[str, Any]) -> Answer:
    return await scene.call("POST", ALIASES, {"connection": "main", "aliases": list(aliases)})


async def import_(scene: Scene, content: bytes, query: str = "?connection=main", media: str = "text/csv") -> Answer:
    return await scene.call("POST", ALIASES + query, data=content, headers={"Content-Type": media})


async def listed(scene: Scene) -> list[str]:
    answer = await scene.call("GET", ALIASES + "?connection=main")
    assert answer.status == 200, answer.text
    return [item["code"] for item in answer.body["items"]]


async def test_an_alias_is_set_shown_used_and_removed(scene: Scene) -> None:
    answer = await set_(scene, SITE)
    assert answer.status == 200, answer.text
    [alias] = answer.body["items"]
    assert SITE.items() <= alias.items()
    assert (alias["connection"], alias["set_by"], alias["set_at"]) == ("main", "operator:scene", "2026-03-02T09:00:00Z")
    assert (answer.body["added"], answer.body["changed"], answer.body["unchanged"]) == (1, 0, 0)

    plan = (await scene.call("POST", PREVIEW, {"connection": "main"})).body
    site = next(value for value in plan["header"] if value["field"] == "WO_Job_Number")
    assert (plan["sendable"], site["value"], site["origin"]["source"]) == (True, "HV0003", "alias.site")
    assert site["origin"]["reason"] == "the alias of Cold Store, set 2 Mar 2026, 09:00 UTC by operator:scene"

    assert (await scene.call("DELETE", f"{ALIASES}/{alias['id']}")).status == 204
    plan = (await scene.call("POST", PREVIEW, {"connection": "main"})).body
    assert [found["code"] for found in plan["findings"]] == ["MAP_SITE_MISSING"]
    assert any("alias" in step for step in plan["findings"][0]["fix"])
    history = (await scene.call("GET", f"{ALIASES}/{alias['id']}/history")).body["items"]
    assert [(one["code"], one["end"], one["ended_by"]) for one in history] == [("HV0003", "removed", "operator:scene")]
    assert is_problem(await scene.call("DELETE", f"{ALIASES}/{alias['id']}"), 404, "ALIAS_NOT_FOUND")


async def test_a_list_is_set_as_a_whole_or_not_at_all(scene: Scene) -> None:
    answer = await set_(scene, SITE, {**SITE, "servicetrade_id": "04", "code": " "})
    assert is_problem(answer, 422, "ALIAS_INVALID")
    assert pointers(answer) == ["/aliases/1/servicetrade_id", "/aliases/1/code"]
    answer = await set_(scene, SITE, SITE)
    assert is_problem(answer, 422, "ALIAS_INVALID")
    assert pointers(answer) == ["/aliases/1/servicetrade_id"]
    assert await listed(scene) == []
    answer = await set_(scene, SITE, {**SITE, "servicetrade_id": "4"})
    assert [item["servicetrade_id"] for item in answer.body["items"]] == ["3", "4"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "company"}, "/aliases/0/kind"),
        ({"servicetrade_id": 3}, "/aliases/0/servicetrade_id"),
        ({"code": None}, "/aliases/0/code"),
        ({"code": "ABCDEFGHIJK"}, "/aliases/0/code"),
        ({"name": "two\nlines"}, "/aliases/0/name"),
        ({"note": "x"}, "/aliases/0/note"),
    ],
)
async def test_a_wrong_field_is_pointed_at(scene: Scene, change: dict[str, Any], pointer: str) -> None:
    answer = await set_(scene, {**SITE, **change})
    assert answer.status == 422
    assert pointers(answer) == [pointer]


async def test_pages_and_kinds(scene: Scene) -> None:
    await set_(scene, *({**SITE, "servicetrade_id": str(n), "code": f"S{n}"} for n in range(1, 6)))
    await set_(scene, {**SITE, "kind": "customer", "code": "C"})
    first = (await scene.call("GET", ALIASES + "?connection=main&kind=site&limit=3")).body
    rest = (await scene.call("GET", f"{ALIASES}?connection=main&kind=site&limit=3&cursor={first['next']}")).body
    assert [item["code"] for item in first["items"] + rest["items"]] == ["S5", "S4", "S3", "S2", "S1"]
    assert rest["next"] is None
    assert pointers(await scene.call("GET", ALIASES)) == ["/connection"]
    assert is_problem(await scene.call("GET", ALIASES + "?connection=none"), 404, "CONNECTION_NOT_FOUND")


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("application/json;q=0.5, text/csv;q=0.8", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/csv;q=0.5, */*", "application/json"),
        ("text/csv;q=0, */*", "application/json"),
        ("application/json, text/csv", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("", "application/json"),
    ],
)
async def test_the_list_comes_in_the_form_that_is_wanted_most(scene: Scene, accept: str, media: str) -> None:
    answer = await scene.call("GET", ALIASES + "?connection=main", headers={"Accept": accept})
    assert (answer.status, answer.headers["Content-Type"].split(";")[0]) == (200, media)


async def test_an_export_is_a_file_in_utf_8_and_can_be_imported_again(scene: Scene) -> None:
    await set_(scene, {**SITE, "name": "=Kälte, 1"})
    answer = await scene.call("GET", ALIASES + "?connection=main", headers={"Accept": "text/csv"})
    assert answer.text == 'kind,servicetrade_id,name,code\r\nsite,3,"\'=Kälte, 1",HV0003\r\n'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="aliases-main.csv"'
    assert (await import_(scene, answer.text.encode())).body["unchanged"] == 1
    limited = await scene.call("GET", ALIASES + "?connection=main&limit=5", headers={"Accept": "text/csv"})
    assert pointers(limited) == ["/limit"], "an export is never a part"


async def test_a_dry_run_tells_everything_and_writes_nothing(scene: Scene) -> None:
    await set_(scene, {**SITE, "code": "OLD"})
    answer = await import_(scene, CSV + b"site,4,x,A\nsite,x,x,\n", "?connection=main&dry_run=true")
    assert answer.status == 200, answer.text
    body = answer.body
    assert body["imported"] is False
    assert [one["servicetrade_id"] for one in body["added"]] == ["4"]
    assert [(one["code"], one["former_code"]) for one in body["changed"]] == [("HV0003", "OLD")]
    assert [(one["line"], one["column"]) for one in body["wrong"]] == [(4, "servicetrade_id"), (4, "code")]
    assert await listed(scene) == ["OLD"]


async def test_an_import_with_a_wrong_line_is_refused_as_a_whole(scene: Scene) -> None:
    answer = await import_(scene, CSV + b"site,x,x,\nsite,5\n")
    assert is_problem(answer, 422, "ALIAS_FILE_INVALID")
    assert pointers(answer) == ["/3/servicetrade_id", "/3/code", "/4"]
    assert await listed(scene) == []
    done = await import_(scene, CSV)
    assert (done.status, done.body["imported"], len(done.body["added"])) == (200, True, 1)
    assert await listed(scene) == ["HV0003"]


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "text/csv; charset=latin-1", "text/csv; a*0*"]
)
async def test_another_kind_of_body_is_refused(scene: Scene, media: str) -> None:
    assert is_problem(await import_(scene, CSV, media=media), 415, "MEDIA_TYPE_NOT_SUPPORTED")


async def test_csv_is_taken_where_it_belongs_only(scene: Scene) -> None:
    for method, path in (("POST", "/v1/tenants"), ("POST", PREVIEW), ("DELETE", ALIASES + "/als_1")):
        answer = await scene.call(method, path, data=CSV, headers={"Content-Type": "text/csv"})
        assert is_problem(answer, 415, "MEDIA_TYPE_NOT_SUPPORTED"), path
    plain = await scene.call("GET", "/v1/tenants", headers={"Accept": "text/csv"})
    assert plain.headers["Content-Type"].startswith("application/json")


async def test_csv_may_be_larger_than_json_up_to_its_own_limit(scene: Scene) -> None:
    padding = b"\n" * (MOST_BYTES - len(CSV))
    for content, status in ((CSV + padding, 200), (CSV + padding + b"\n", 413)):
        headers = {"Authorization": f"Bearer {scene.key}", "Content-Type": "text/csv"}
        where = f"{scene.url}{ALIASES}?connection=main"
        async with scene.http.post(where, data=io.BytesIO(content), headers=headers) as response:
            assert (response.status, "json" in response.content_type) == (status, True)
    assert is_problem(await scene.call("POST", ALIASES, data=b" " * 1_000_001), 413, "BODY_TOO_LARGE")


async def test_a_dry_run_that_came_with_json_is_no_real_run(scene: Scene) -> None:
    answer = await scene.call("POST", ALIASES + "?dry_run=true", {"connection": "main", "aliases": [SITE]})
    assert answer.status == 422
    assert pointers(answer) == ["/dry_run"]
    assert await listed(scene) == []
    assert pointers(await import_(scene, CSV, "?dry_run=true")) == ["/connection"]
    assert pointers(await import_(scene, CSV, "?connection=main&dryrun=true")) == ["/dryrun"]
    assert is_problem(await scene.call("POST", ALIASES, data=b""), 400, "MALFORMED_JSON")


async def test_another_tenant_neither_sees_nor_removes_them(scene: Scene) -> None:
    [alias] = (await set_(scene, SITE)).body["items"]
    assert (await scene.call("POST", "/v1/tenants", {**TENANT, "slug": "bluefin"})).status == 201
    assert (await scene.call("POST", "/v1/tenants/bluefin/connections", CONNECTION)).status == 201
    theirs = "/v1/tenants/bluefin/aliases"
    assert (await scene.call("GET", theirs + "?connection=main")).body["items"] == []
    for method, path in (("DELETE", f"{theirs}/{alias['id']}"), ("GET", f"{theirs}/{alias['id']}/history")):
        assert is_problem(await scene.call(method, path), 404, "ALIAS_NOT_FOUND")
    assert is_problem(await scene.call("GET", ALIASES, key=None), 401, "UNAUTHORIZED")
    assert await listed(scene) == ["HV0003"]
