"""Each answer has the id of its request, and each line of the log that belongs to the request has it, too."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from tests.support.http_scene import CONNECTION, JOB, SENDS, UNLIMITED, Scene, api
from tests.support.raw_http import CLOSE, LIVEZ, exchange

OURS = re.compile(r"[0-9a-f]{16}")
LIMITS = replace(UNLIMITED, trusted_proxies=(ip_network("127.0.0.0/8"),))


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api(limits=LIMITS) as running:
        await running.furnish()
        yield running


PLACES = [
    ("GET", "/livez", 200),
    ("GET", "/metrics", 200),
    ("HEAD", "/livez", 200),
    ("GET", "/openapi.json", 200),
    ("GET", "/docs", 200),
    ("GET", "/assets/console.css", 404),
    ("GET", "/", 303),
    ("GET", "/nothing", 404),
    ("GET", "/v1/nothing", 404),
    ("DELETE", "/livez", 405),
    ("POST", "/hooks/servicetrade/none.at-all", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), PLACES)
async def test_every_answer_has_an_id_that_is_in_its_line_of_the_log(
    scene: Scene, method: str, path: str, status: int
) -> None:
    with lines_of_the_log() as lines:
        answer = await scene.call(method, path)
    assert answer.status == status
    assert OURS.fullmatch(answer.headers["X-Request-Id"])
    [line] = [one for one in lines if one["event"] == "request.answered"]
    assert (line["request_id"], line["client"]) == (answer.headers["X-Request-Id"], "127.0.0.1")


async def test_a_file_of_the_console_and_its_pages_about_errors_have_it(scene: Scene) -> None:
    page = await scene.call("GET", "/sign-in", key=None, headers={"Accept": "text/html"})
    found = re.search(r'href="(/[^"]+\.css[^"]*)"', page.text)
    assert found
    file = await scene.call("GET", found[1], key=None)
    assert file.status == 200
    assert OURS.fullmatch(file.headers["X-Request-Id"])
    missing = await scene.call("GET", "/nothing", key=None, headers={"Accept": "text/html"})
    assert missing.status == 404
    assert f"<code>{missing.headers['X-Request-Id']}</code>" in missing.text


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n",
        b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        LIVEZ + b"Expect: the-unexpected\r\n" + CLOSE + b"\r\n",
        pytest.param(  # waits for the body
            b"POST /hooks/servicetrade/x.y HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n" + CLOSE + b"\r\n",
            marks=pytest.mark.long,
        ),
    ],
    ids=["no HTTP", "too long", "Expect", "too large"],
)
async def test_also_what_is_refused_before_it_is_a_request(scene: Scene, data: bytes) -> None:
    answer = await exchange(scene, data)
    assert answer
    assert OURS.fullmatch(answer.headers["x-request-id"])
    assert answer.problem["request_id"] == answer.headers["x-request-id"]


async def test_a_connection_too_many_has_one() -> None:
    async with api(limits=replace(UNLIMITED, connections=0)) as scene:
        answer = await exchange(scene, LIVEZ + b"\r\n")
    assert answer
    assert answer.status == 503
    assert OURS.fullmatch(answer.problem["request_id"])


@pytest.mark.parametrize("given", ["a", "7f3c-11", "Root:1-67.a_b", "0" * 64])
async def test_the_id_of_a_caller_is_kept(scene: Scene, given: str) -> None:
    with lines_of_the_log() as lines:
        answer = await scene.call("GET", "/v1/nothing", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] == answer.body["request_id"] == lines[-1]["request_id"] == given


@pytest.mark.parametrize("given", ["", "0" * 65, "a b", "<b>", 'x"y', "{{x}}", "-n", "%0a", "\u00fc", "a,b"])
async def test_one_that_could_do_harm_is_replaced(scene: Scene, given: str) -> None:
    answer = await scene.call("GET", "/livez", headers={"X-Request-Id": given})
    assert OURS.fullmatch(answer.headers["X-Request-Id"])


async def test_two_ids_are_none(scene: Scene) -> None:
    twice = await exchange(scene, LIVEZ + b"X-Request-Id: one\r\nX-Request-Id: two\r\n" + CLOSE + b"\r\n")
    assert twice
    assert OURS.fullmatch(twice.headers["x-request-id"])


async def test_a_stream_has_it_from_its_beginning(scene: Scene) -> None:
    send_id = await scene.send()
    async with scene.http.get(
        f"{scene.url}{SENDS}/{send_id}/events", headers={"Authorization": f"Bearer {scene.key}"}
    ) as stream:
        assert OURS.fullmatch(stream.headers["X-Request-Id"])


async def test_a_line_names_the_client_behind_the_proxies_and_the_key_by_its_id(scene: Scene) -> None:
    with lines_of_the_log() as lines:
        await scene.call("GET", SENDS, headers={"X-Forwarded-For": "203.0.113.9, 2001:db8::7"})
        await scene.call("GET", SENDS, key="jf_wrong", headers={"X-Forwarded-For": "203.0.113.9"})
    right, wrong = (one for one in lines if one["event"] == "request.answered")
    assert right["client"] == "2001:db8::7", "whole, not the network that the limits count by"
    assert right["key_id"].startswith("key_")
    assert (wrong["client"], wrong.get("key_id")) == ("203.0.113.9", None)
    assert scene.key not in str(lines)
    assert "jf_wrong" not in str(lines)


async def test_requests_over_one_connection_do_not_share_their_lines(scene: Scene) -> None:
    with lines_of_the_log() as lines:
        first = await scene.call("GET", SENDS)
        second = await scene.call("GET", "/livez", key=None)
    assert scene.limiter.open_connections == 1
    assert [one["request_id"] for one in lines] == [one.headers["X-Request-Id"] for one in (first, second)]
    assert "key_id" in lines[0]
    assert "key_id" not in lines[1]


async def test_requests_at_the_same_time_do_not_share_their_lines(scene: Scene) -> None:
    with lines_of_the_log() as lines:
        answers = await asyncio.gather(
            *(scene.call("GET", SENDS, headers={"X-Request-Id": f"r{number}"}) for number in range(30))
        )
    assert {one.headers["X-Request-Id"] for one in answers} == {f"r{number}" for number in range(30)}
    assert sorted(one["request_id"] for one in lines) == sorted(f"r{number}" for number in range(30))


async def test_a_send_is_found_by_the_id_of_its_request_and_the_other_way_round(scene: Scene) -> None:
    asked = {"job_id": JOB.id, "connection": CONNECTION["slug"]}
    with lines_of_the_log() as lines:
        one = await scene.call("POST", SENDS, asked, headers={"Idempotency-Key": "k", "X-Request-Id": "mine-1"})
        again = await scene.call("POST", SENDS, asked, headers={"Idempotency-Key": "k", "X-Request-Id": "mine-2"})
        batch = {"job_ids": [JOB.id], "connection": CONNECTION["slug"]}
        many = await scene.call("POST", f"{SENDS}/batch", batch, headers={"X-Request-Id": "mine-3"})
    assert one.body["id"] == again.body["id"], "the id of the request is no part of what it asks for"
    requested = {line["send"]: line["request_id"] for line in lines if line["event"] == "send.requested"}
    assert requested == {one.body["id"]: "mine-1"}
    audit = (await scene.call("GET", "/v1/tenants/cardinal/audit")).body["items"]
    by_subject = {entry["subject"]: entry["detail"].get("request_id") for entry in audit}
    assert by_subject[one.body["id"]] == "mine-1"
    assert by_subject[many.body["id"]] == "mine-3"


def lines_of_the_log() -> Any:
    """As the log writes them, with what all lines of a request have."""
    return capture_logs(processors=[merge_contextvars])
