"""The sandbox ServiceTrade keeps the contract that we read and write against."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.server import listening
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.seed import (
    BLUEFIN_JOBS,
    CARDINAL_JOBS,
    FAILING_JOB_ID,
    FIRST_JOB_ID,
    bluefin_state,
    cardinal_state,
)
from adapters.sandbox.spectrum.seed import seeded_state


@dataclass
class Caller:
    """Somebody signed in; answers come back as (status, document)."""

    sandbox: ServiceTradeSandbox
    session: aiohttp.ClientSession

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        async with self.session.request(method, self.sandbox.url + path, json=body, headers=headers) as response:
            text = await response.text()
            return response.status, await response.json() if text else None

    async def data(self, path: str) -> Any:
        status, document = await self.call("GET", path)
        assert status == 200
        return document["data"]

    async def sign_in(self) -> str:
        login = self.sandbox.state.login
        _, document = await self.call("POST", "/auth", {"username": login.username, "password": login.password})
        return str(document["data"]["authToken"])


@asynccontextmanager
async def _caller(sandbox: ServiceTradeSandbox) -> AsyncIterator[Caller]:
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an IP address
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        yield Caller(sandbox, session)


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with ServiceTradeSandbox.start() as sandbox, _caller(sandbox) as caller:
        await caller.sign_in()
        yield caller


async def test_statuses_of_signing_in_and_out(caller: Caller) -> None:
    assert (await caller.call("POST", "/auth", {"username": "x", "password": "y"}))[0] == 403
    assert (await caller.call("GET", "/auth"))[0] == 200
    assert (await caller.call("DELETE", "/auth"))[0] == 204
    assert (await caller.call("GET", "/auth"))[0] == 404
    assert await caller.call("GET", "/location?limit=1") == (401, None)


async def test_the_oldest_sessions_are_dropped(caller: Caller) -> None:
    caller.sandbox.state.settings.session_limit = 2
    tokens = [await caller.sign_in() for _ in range(3)]
    assert caller.sandbox.state.sessions == tokens[1:]


async def test_oauth_tokens_and_rotating_refresh_tokens(caller: Caller) -> None:
    login = caller.sandbox.state.login
    client = {"client_id": login.client_id, "client_secret": login.client_secret}
    _, first = await caller.call("POST", "/oauth2/token", {"grant_type": "client_credentials", **client})
    renewal = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], **client}
    status, second = await caller.call("POST", "/oauth2/token", renewal)
    assert status == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert (await caller.call("POST", "/oauth2/token", renewal))[0] == 401
    caller.session.cookie_jar.clear()
    bearer = f"Bearer {second['access_token']}"
    assert (await caller.call("GET", f"/job/{FIRST_JOB_ID}", Authorization=bearer))[0] == 200
    assert (await caller.call("GET", f"/job/{FIRST_JOB_ID}", Authorization="Bearer x"))[0] == 401


async def test_a_job_comes_flat_or_compound(caller: Caller) -> None:
    flat = await caller.data(f"/job/{FIRST_JOB_ID}")
    assert (flat["id"], flat["number"], flat["customer"]["name"]) == (2412087334600705, 104482, "Harborview Foods Inc")
    assert "externalIds" not in flat["customer"]
    caller.sandbox.state.settings.job_shape = "compound"
    compound = await caller.data(f"/job/{FIRST_JOB_ID}")
    assert compound["job"]["customer"] == flat["customer"]["id"]
    assert compound["companies"] == [flat["customer"]]


async def test_empty_external_ids_come_as_object_or_array(caller: Caller) -> None:
    assert (await caller.data(f"/job/{FIRST_JOB_ID}"))["externalIds"] == {}
    caller.sandbox.state.settings.empty_external_ids = "array"
    assert (await caller.data(f"/job/{FIRST_JOB_ID}"))["externalIds"] == []


async def test_only_scheduled_jobs_are_listed_unasked(caller: Caller) -> None:
    async def statuses(query: str) -> set[str]:
        return {job["status"] for job in (await caller.data(f"/job?limit=100{query}"))["jobs"]}

    assert await statuses("") == {"scheduled"}
    assert await statuses("&status=*") == {"scheduled", "completed", "canceled", "invoiced", "new"}
    assert await statuses("&status=all") == {"scheduled", "completed", "invoiced", "new"}
    assert await statuses("&status=completed") == {"completed"}


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("number=104482", [104482]),
        ("number=10448", []),
        ("completedOnBegin=1795100000", [104482]),
        ("completedOnEnd=1795100000", [104508]),
        ("updatedAfter=1795180322", []),
    ],
)
async def test_filters_of_the_job_list(caller: Caller, query: str, numbers: list[int]) -> None:
    rows = (await caller.data(f"/job?status=*&{query}"))["jobs"]
    assert [row["number"] for row in rows] == numbers


async def test_lists_are_paged_and_end_with_an_empty_page(caller: Caller) -> None:
    settings = caller.sandbox.state.settings
    first = await caller.data("/location")
    assert (len(first["locations"]), first["page"], first["totalPages"]) == (10, 1, 3)
    settings.total_pages = "string"
    assert (await caller.data("/location?page=2"))["totalPages"] == "3"
    settings.total_pages = "absent"
    last = await caller.data("/location?page=4")
    assert last == {"page": 4, "locations": []}


async def test_completing_and_reopening(caller: Caller) -> None:
    path = f"/job/{FAILING_JOB_ID}"
    _, done = await caller.call("PUT", path, {"status": "completed"})
    assert (done["data"]["status"], done["data"]["completedOn"] > 0) == ("completed", True)
    _, open_again = await caller.call("PUT", path, {"status": "scheduled"})
    assert (open_again["data"]["status"], open_again["data"]["completedOn"]) == ("scheduled", None)
    assert (await caller.call("PUT", path, {"status": "nonsense"}))[0] == 400
    assert (await caller.call("PUT", path, {"tags": [7]}))[0] == 400


async def test_a_completion_after_a_reopening_is_a_later_one(caller: Caller) -> None:
    path = f"/job/{FAILING_JOB_ID}"
    moments = []
    for _ in range(3):
        _, done = await caller.call("PUT", path, {"status": "completed"})
        moments.append(done["data"]["completedOn"])
        _, further = await caller.call("PUT", path, {"status": "invoiced"})
        assert further["data"]["completedOn"] == moments[-1]
        await caller.call("PUT", path, {"status": "scheduled"})
        await caller.call("PUT", path, {"status": "new"})
    assert moments[0] < moments[1] < moments[2]
    _, further = await caller.call("PUT", f"/job/{FIRST_JOB_ID}", {"status": "invoiced"})
    assert further["data"]["completedOn"] == 1795180320


async def test_completing_may_be_refused_and_then_nothing_changes(caller: Caller) -> None:
    path = f"/job/{FAILING_JOB_ID}"
    caller.sandbox.state.alter({"jobs": {FAILING_JOB_ID: {"refuses_completion": "An appointment is still open"}}})
    status, document = await caller.call("PUT", path, {"status": "completed", "tags": ["x"]})
    assert (status, document["messages"]) == (409, {"error": ["An appointment is still open"]})
    assert ((await caller.data(path))["status"], (await caller.data(path))["tags"]) == ("scheduled", [])
    assert (await caller.call("PUT", path, {"status": "canceled"}))[0] == 200
    await caller.sandbox.office.complete(FAILING_JOB_ID)
    assert (await caller.call("PUT", path, {"status": "closed"}))[0] == 200


async def wire(caller: Caller, path: str) -> str:
    async with caller.session.get(caller.sandbox.url + path) as response:
        return await response.text()


async def test_numbers_of_items_go_over_the_wire_digit_by_digit(caller: Caller) -> None:
    state = caller.sandbox.state
    numbers = ("0.1", "12.50", "0.30000000000000000000000000000000001", "1E-7", "90071992547409930.1")
    for text in numbers:
        state.add_job_item(FAILING_JOB_ID, 'Pipe "4in"\n', quantity=text, cost=text)
    text = await wire(caller, f"/jobitem?jobId={FAILING_JOB_ID}")
    rows = json.loads(text, parse_float=str)["data"]["jobItems"]
    plain = ["0.1", "12.50", "0.30000000000000000000000000000000001", "0.0000001", "90071992547409930.1"]
    assert [row["quantity"] for row in rows] == [row["cost"] for row in rows] == plain
    assert '"quantity": 12.50,' in text
    assert rows[0]["name"] == 'Pipe "4in"\n'
    state.settings.numbers_as_strings = True
    text = await wire(caller, f"/jobitem?jobId={FAILING_JOB_ID}")
    assert [row["cost"] for row in json.loads(text)["data"]["jobItems"]] == plain
    assert '"quantity": "12.50",' in text


async def test_numbers_of_items_survive_the_control_port(caller: Caller) -> None:
    url = f"{caller.sandbox.control_url}/state"
    exact = "0.30000000000000000000000000000000001"
    item = caller.sandbox.state.add_job_item(FAILING_JOB_ID, "Pipe")
    for given in (exact, f'"{exact}"'):
        body = f'{{"job_items": {{"{item}": {{"quantity": {given}, "cost": {given}}}}}}}'
        async with caller.session.patch(url, data=body) as response:
            assert (await response.json())["job_items"][item]["quantity"] == exact
        found = caller.sandbox.state.job_items[item]
        assert (str(found.quantity), str(found.cost)) == (exact, exact)
    async with caller.session.get(url) as response:
        document = await response.json()
    async with caller.session.put(url, json=document) as response:
        assert (response.status, await response.json()) == (200, document)
    assert caller.sandbox.state.job_items[item].cost == Decimal(exact)
    for wrong in ("NaN", '"a"', '"Infinity"'):
        body = f'{{"job_items": {{"{item}": {{"cost": {wrong}}}}}}}'
        async with caller.session.patch(url, data=body) as response:
            assert response.status == 400
    assert caller.sandbox.state.job_items[item].cost == Decimal(exact)


async def test_what_the_office_does_is_told_to_webhooks(caller: Caller) -> None:
    receiver = Receiver([200] * 9, [], [])
    app = web.Application()
    app.router.add_post("/hooks/secret", receiver.take)
    actions = ["created", "updated", "deleted"]
    async with listening(app) as url:
        hook = {
            "hookUrl": f"{url}/hooks/secret",
            "includeChangesets": True,
            "entityEvents": [{"entityType": 3, "actions": actions}, {"entityType": 23, "actions": actions}],
        }
        await caller.call("POST", "/webhook", hook)
        office = caller.sandbox.office
        item = await office.add_item(FAILING_JOB_ID, "Pipe", quantity="0.1")
        await office.change_item(item, quantity=Decimal("0.2"))
        assert caller.sandbox.state.job_items[item].quantity == Decimal("0.2")
        await office.remove_item(item)
        first = await office.complete(FAILING_JOB_ID)
        assert await office.complete(FAILING_JOB_ID) == first
        await office.reopen(FAILING_JOB_ID)
        second = await office.complete(FAILING_JOB_ID)
    assert first is not None
    assert second is not None
    assert first < second
    events = [body["data"][0] for body in receiver.bodies]
    assert [(event["entity"]["type"], event["entity"]["id"], event["action"]) for event in events] == [
        *(("jobitem", int(item), action) for action in actions),
        *[("job", int(FAILING_JOB_ID), "updated")] * 3,
    ]
    assert [event["changeset"][0]["newValue"] for event in events[3:]] == ["completed", "scheduled", "completed"]
    assert item not in caller.sandbox.state.job_items


async def test_items_of_a_job(caller: Caller) -> None:
    rows = (await caller.data(f"/jobitem?jobId={FIRST_JOB_ID}"))["jobItems"]
    assert len(rows) == 10
    assert rows[2]["libItem"]["externalIds"] == {"spectrum": "CV4G"}
    assert rows[-1]["cost"] is None
    assert len((await caller.data(f"/jobitem?jobId={FIRST_JOB_ID}&libItemType=labor"))["jobItems"]) == 2
    assert (await caller.call("GET", "/jobitem"))[0] == 405


async def test_external_ids_are_set_found_refused_and_removed(caller: Caller) -> None:
    path = f"/externalid/job/{FIRST_JOB_ID}/spectrum"
    assert (await caller.call("GET", path))[0] == 404
    assert (await caller.call("PUT", path, {"value": "T104482"}))[0] == 200
    assert (await caller.data(path))["value"] == "T104482"
    assert (await caller.data(f"/externalid/job/{FIRST_JOB_ID}"))["values"] == {"spectrum": "T104482"}
    assert (await caller.data("/externalid/job/spectrum/T104482"))["id"] == int(FIRST_JOB_ID)
    assert (await caller.data("/externalid/location/spectrum/HV0002"))["externalIds"] == {"spectrum": "HV0002"}
    other = f"/externalid/job/{FAILING_JOB_ID}/spectrum"
    assert (await caller.call("PUT", other, {"value": "T104482"}))[0] == 409
    assert (await caller.call("PUT", other, {"other": "T104482"}))[0] == 400
    assert (await caller.call("POST", f"/externalid/job/{FAILING_JOB_ID}/nowhere", {"value": "T1"}))[0] == 404
    assert (await caller.call("POST", path, {"value": ""}))[0] == 200
    assert (await caller.call("GET", path))[0] == 404
    assert (await caller.call("PUT", other, {"value": "T104482"}))[0] == 200


async def test_comments_are_posted_listed_and_deleted(caller: Caller) -> None:
    body = {"entityType": 3, "entityId": int(FIRST_JOB_ID), "content": "text", "visibility": ["tech"], "pinned": False}
    status, posted = await caller.call("POST", "/comment", body)
    assert (status, posted["data"]["visibility"]) == (200, ["tech"])
    path = f"/comment?entityType=3&entityId={FIRST_JOB_ID}"
    assert (await caller.data(path))["comments"] == [posted["data"]]
    assert (await caller.call("POST", "/comment", body | {"content": " "}))[0] == 400
    assert (await caller.call("POST", "/comment", body | {"entityId": 1}))[0] == 404
    assert (await caller.call("DELETE", f"/comment/{posted['data']['id']}"))[0] == 204
    assert (await caller.call("DELETE", f"/comment/{posted['data']['id']}"))[0] == 404
    assert (await caller.data(path))["comments"] == []


async def test_the_budget_goes_down_and_then_says_429(caller: Caller) -> None:
    settings, state = caller.sandbox.state.settings, caller.sandbox.state
    settings.refill_ms_per_second, state.balance_ms = 0, 40
    _, document = await caller.call("GET", "/company")
    assert document["meta"]["stats"]["resourceBalanceMs"] == 23
    await caller.call("GET", "/company")
    async with caller.session.get(f"{caller.sandbox.url}/company") as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "15")


@pytest.mark.parametrize(
    ("shape", "messages"),
    [
        ("object", {"error": ["Job not found"]}),
        ("array", ["Job not found"]),
        ("string", "Job not found"),
        ("null", None),
    ],
)
async def test_messages_come_in_any_shape(caller: Caller, shape: str, messages: object) -> None:
    caller.sandbox.state.alter({"settings": {"messages": shape}})
    status, document = await caller.call("GET", "/job/1")
    assert (status, document["messages"]) == (404, messages)


async def test_a_missing_role_and_a_missing_resource(caller: Caller) -> None:
    caller.sandbox.state.settings.forbidden = ["/webhook"]
    assert (await caller.call("GET", "/webhook"))[0] == 403
    assert (await caller.call("GET", "/nonsense"))[0] == 404


@dataclass
class Receiver:
    """Answers deliveries with the given statuses in turn (0 = not in time); keeps what came."""

    statuses: list[int]
    bodies: list[Any]
    headers: list[Any]

    async def take(self, request: web.Request) -> web.Response:
        self.headers.append(request.headers)
        self.bodies.append(await request.json())
        status = self.statuses.pop(0)
        if status == 0:
            await asyncio.Event().wait()
        return web.Response(status=status)


@pytest.mark.parametrize(
    ("statuses", "tries"), [([200], [200]), ([404], [404]), ([503, 200], [503, 200]), ([500, 0, 502], [500, None, 502])]
)
async def test_webhooks_are_delivered_unsigned_with_three_tries(
    caller: Caller, statuses: list[int], tries: list[int | None]
) -> None:
    settings = caller.sandbox.state.settings
    settings.delivery_seconds, settings.delivery_pause_seconds = 0.2, 0
    receiver = Receiver(list(statuses), [], [])
    app = web.Application()
    app.router.add_post("/hooks/secret", receiver.take)
    async with listening(app) as url:
        hook = {
            "hookUrl": f"{url}/hooks/secret",
            "enabled": True,
            "includeChangesets": True,
            "entityEvents": [{"entityType": 3, "actions": ["updated"]}],
        }
        _, registered = await caller.call("POST", "/webhook", hook)
        assert registered["data"]["hookUrl"] == hook["hookUrl"]
        await caller.call("PUT", f"/job/{FAILING_JOB_ID}", {"status": "completed"})
        await caller.sandbox.webhooks.delivered()
    assert [one.status for one in caller.sandbox.state.deliveries] == tries
    assert len({body["messageId"] for body in receiver.bodies}) == 1
    [event] = receiver.bodies[0]["data"]
    assert event["entity"]["id"] == int(FAILING_JOB_ID)
    assert event["changeset"] == [{"field": "status", "oldValue": "scheduled", "newValue": "completed"}]
    assert not any("sign" in name.lower() for name in receiver.headers[0])


async def test_a_webhook_is_changed_but_not_its_address_and_removed(caller: Caller) -> None:
    hook = {"hookUrl": "http://127.0.0.1:1/x", "entityEvents": [{"entityType": 3, "actions": ["updated"]}]}
    _, registered = await caller.call("POST", "/webhook", hook)
    path = f"/webhook/{registered['data']['id']}"
    _, changed = await caller.call("PUT", path, {"enabled": False})
    assert changed["data"]["enabled"] is False
    assert (await caller.call("PUT", path, {"hookUrl": "http://127.0.0.1:2/x"}))[0] == 400
    assert (await caller.call("POST", "/webhook", {"enabled": True}))[0] == 400
    assert len((await caller.data("/webhook"))["webhooks"]) == 1
    assert (await caller.call("DELETE", path))[0] == 204
    assert (await caller.call("GET", path))[0] == 404


async def test_writes_are_marked_as_applied_and_faults_apply(caller: Caller) -> None:
    path = f"/externalid/job/{FIRST_JOB_ID}/spectrum"
    caller.sandbox.faults.add(Fault(FaultKind.STATUS, match="/externalid/", status=502))
    assert (await caller.call("PUT", path, {"value": "T1"}))[0] == 502
    assert caller.sandbox.requests.applied() == []
    await caller.call("PUT", path, {"value": "T1"})
    assert [call.path for call in caller.sandbox.requests.applied()] == [f"/api{path}"]


async def test_the_control_port_shows_and_alters_the_state(caller: Caller) -> None:
    url = f"{caller.sandbox.control_url}/state"
    patch = {"jobs": {FIRST_JOB_ID: {"customer_po": "PO-NEW"}}, "companies": {"2274011930075137": {"name": "New name"}}}
    async with caller.session.patch(url, json=patch) as response:
        assert response.status == 200
    assert (await caller.data(f"/job/{FIRST_JOB_ID}"))["customerPo"] == "PO-NEW"
    async with caller.session.patch(url, json={"jobs": {FIRST_JOB_ID: {"nonsense": 1}}}) as response:
        assert response.status == 400
    async with caller.session.get(url) as response:
        assert (await response.json())["companies"]["2274011930075137"]["name"] == "New name"


def test_the_seed_holds_forty_jobs_with_ids_of_sixteen_digits() -> None:
    jobs = cardinal_state().jobs.keys() | bluefin_state().jobs.keys()
    assert len(jobs) == len(CARDINAL_JOBS) + len(BLUEFIN_JOBS) == 40
    assert all(len(job) == 16 and job.isdecimal() for job in jobs)


def test_the_seed_names_codes_that_spectrum_knows_except_one() -> None:
    companies = seeded_state().companies
    for state, system, code in (
        (cardinal_state(), "spectrum", "101"),
        (cardinal_state(), "spectrum_west", "102"),
        (bluefin_state(), "spectrum", "103"),
    ):
        known = companies[code]
        for records, codes in (
            (state.companies, known.customers),
            (state.locations, known.sites),
            (state.contracts, known.contracts),
        ):
            used = [one.external_ids[system] for one in records.values() if system in one.external_ids]
            assert len([value for value in used if value.strip()]) == len({*used} - {" ", "  "})
            assert {value for value in used if value.strip()} - codes.keys() <= {"OLDTOWN"}
