"""The Python client of docs/client: typed calls, repeated answers that were lost, errors, and signatures."""

from __future__ import annotations

import asyncio
import json
import random
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.certificates import SandboxAuthority
from core.model.shared.secret import Secret
from core.model.webhooks.event import EventType, event_of
from core.model.webhooks.webhook_endpoint import REDELIVERED, new_secret, signed_headers
from docs.client.jobferry_client import (
    Answer,
    AnswerLost,
    BadRequest,
    Conflict,
    Jobferry,
    NotFound,
    NotJobferry,
    NotVerified,
    Unauthorized,
    Unavailable,
    Unreachable,
    VersionChanged,
    verify,
)
from docs.generate.client import written
from tests.support.http_scene import JOB, UNMAPPED, Scene, api
from tests.support.storage_scene import NOW


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


@pytest.mark.timeout(60)
def test_the_made_modules_are_those_of_the_document() -> None:
    """`make docs` makes them again."""
    for file, text in written().items():
        assert file.read_text(encoding="utf-8") == text, f"make docs: {file.name} is not of docs/openapi.json"


async def test_a_job_is_looked_up_previewed_and_sent(scene: Scene) -> None:
    jobferry = Jobferry(scene.url, scene.key)
    [job] = (await asyncio.to_thread(jobferry.find_job, "cardinal", job_number="104482"))["items"]
    plan = await asyncio.to_thread(jobferry.preview_send, "cardinal", job["job_id"], {"connection": "main"})
    assert (plan["sendable"], plan["work_order_number"]) == (True, "T104482")
    body: Any = {"job_id": job["job_id"], "connection": "main", "plan_hash": plan["plan_hash"]}
    asked = asyncio.create_task(asyncio.to_thread(jobferry.request_send, "cardinal", body, wait=20))
    while not scene.transactions.rows.woken:  # noqa: ASYNC110 - the queue in memory tells nobody
        await asyncio.sleep(0.01)
    await scene.work()
    assert (await asked)["state"] == "sent"
    lean = await asyncio.to_thread(jobferry.show_send, "cardinal", (await asked)["id"], include=["lines"])
    assert (lean["attempts"], lean["plan"], lean["lines"]) == (None, None, [])


async def test_lists_are_read_page_by_page(scene: Scene) -> None:
    sends = [await scene.send(), *[await scene.send(UNMAPPED) for _ in range(4)]]
    jobferry = Jobferry(scene.url, scene.key)
    first = await asyncio.to_thread(jobferry.list_sends, "cardinal", limit=2)
    rest = await asyncio.to_thread(jobferry.list_sends, "cardinal", limit=200, cursor=first["next"])
    assert [one["id"] for one in first["items"] + rest["items"]] == sends[::-1]
    every = await asyncio.to_thread(lambda: list(jobferry.each_of_sends("cardinal")))
    assert [one["id"] for one in every] == sends[::-1]


async def test_errors_are_exceptions_with_code_and_fix(scene: Scene) -> None:
    jobferry, slug = Jobferry(scene.url, scene.key), "cardinal"
    with pytest.raises(NotFound) as missing:
        await asyncio.to_thread(jobferry.request_send, slug, {"job_number": "9", "connection": "main"})
    assert (missing.value.status, missing.value.code, missing.value.retryable) == (404, "JOB_NOT_FOUND", False)
    assert missing.value.fix
    assert missing.value.request_id
    with pytest.raises(BadRequest) as wrong:
        await asyncio.to_thread(jobferry.request_send, slug, {"job_number": "", "connection": "main"})
    assert [one["pointer"] for one in wrong.value.errors] == ["/job_number"]
    with pytest.raises(Unauthorized):
        await asyncio.to_thread(Jobferry(scene.url, "jf_wrong").list_tenants)
    with pytest.raises(Conflict) as changed:
        body: Any = {"job_id": JOB.id, "connection": "main", "plan_hash": "0" * 64}
        await asyncio.to_thread(jobferry.request_send, slug, body)
    assert changed.value.document["plan"]["work_order_number"] == "T104482"


async def test_a_change_names_the_version_that_was_seen(scene: Scene) -> None:
    jobferry = Jobferry(scene.url, scene.key)
    found, etag = await asyncio.to_thread(jobferry.find_connection, "cardinal", "main")
    renamed = await asyncio.to_thread(jobferry.change_connection, "cardinal", "main", {"name": "North"}, if_match=etag)
    assert (found["name"], renamed.body["name"]) == ("Spectrum", "North")
    with pytest.raises(VersionChanged):
        await asyncio.to_thread(jobferry.change_connection, "cardinal", "main", {"name": "West"}, if_match=etag)


@dataclass
class Between:
    """A proxy in front of the API. `fate` says of each request what becomes of it."""

    fate: Callable[[str], str]
    heads: list[str] = field(default_factory=list)
    url: str = ""

    async def serve(self, target: str, client: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        reader, writer = client
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next((int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0)
        body = await reader.readexactly(length)
        self.heads.append(head)
        fate = self.fate(head)
        if fate != "never arrives":
            parts = urlsplit(target)
            answer, request = await asyncio.open_connection(parts.hostname, parts.port)
            request.write(head.replace("\r\n", "\r\nConnection: close\r\n", 1).encode() + body)
            content = await answer.read()
            request.close()
            writer.write({"is lost": b"", "is cut off": content[: len(content) // 2]}.get(fate, content))
        writer.close()


@asynccontextmanager
async def between(scene: Scene, fate: Callable[[str], str]) -> AsyncIterator[Between]:
    proxy = Between(fate)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await proxy.serve(scene.url, (reader, writer))

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        proxy.url = "http://{}:{}".format(*server.sockets[0].getsockname()[:2])
        yield proxy


def once(fates: Sequence[str]) -> Callable[[str], str]:
    left = list(fates)
    return lambda _: left.pop(0) if left else "is answered"


def keys_of(proxy: Between) -> list[str]:
    return [line for head in proxy.heads for line in head.split("\r\n") if line.startswith("Idempotency-Key")]


@pytest.mark.parametrize("fate", ["never arrives", "is lost", "is cut off"])
async def test_a_call_whose_answer_is_lost_is_repeated_with_its_key_and_makes_one_thing(
    scene: Scene, fate: str
) -> None:
    answers: list[Answer] = []
    async with between(scene, once([fate])) as proxy:
        jobferry = Jobferry(proxy.url, scene.key, told=answers.append, pause=lambda _: None)
        made = await asyncio.to_thread(jobferry.create_key, "cardinal", {"name": "billing", "scopes": ["read"]})
    assert len(keys_of(proxy)) == 2
    assert len(set(keys_of(proxy))) == 1
    assert [one.replayed for one in answers] == [fate != "never arrives"]
    names = [one["name"] for one in (await scene.call("GET", "/v1/tenants/cardinal/keys")).body["items"]]
    assert names == ["billing"]
    assert (await scene.call("GET", "/v1/tenants/cardinal/sends", key=made["key"])).status == 200


async def test_a_change_without_a_key_is_not_repeated_once_it_may_have_been_done(scene: Scene) -> None:
    send = await scene.send()
    async with between(scene, once(["is lost"])) as proxy:
        jobferry = Jobferry(proxy.url, scene.key, pause=lambda _: None)
        with pytest.raises(AnswerLost) as lost:
            await asyncio.to_thread(jobferry.cancel_send, "cardinal", send)
    assert (len(proxy.heads), lost.value.idempotency_key) == (1, None)


async def test_a_server_that_is_not_there_is_asked_until_patience_ends(scene: Scene) -> None:
    async with between(scene, once([])) as proxy:
        nobody = proxy.url
    pauses: list[float] = []
    jobferry = Jobferry(nobody, scene.key, patience=6, pause=pauses.append)
    with pytest.raises(Unreachable):
        await asyncio.to_thread(jobferry.list_tenants)
    assert len(pauses) >= 3
    assert all(0 < one <= 8 for one in pauses)


async def answering(*answers: bytes) -> tuple[asyncio.Server, str, list[bytes]]:
    left, heads = list(answers), list[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, "http://{}:{}".format(*server.sockets[0].getsockname()[:2]), heads


def answer(status: int, document: object, *headers: str, kind: str = "application/problem+json") -> bytes:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    head = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join([*head, *headers, "", ""]).encode() + body


BUSY = {"code": "TRY_LATER", "detail": "Busy.", "fix": "", "errors": [], "retryable": True}
GOOD = answer(200, {"items": [], "next": None}, kind="application/json")


async def test_it_waits_as_long_as_the_answer_says() -> None:
    server, url, heads = await answering(answer(503, BUSY, "Retry-After: 7"), answer(429, BUSY, "Retry-After: 2"), GOOD)
    pauses: list[float] = []
    async with server:
        found = await asyncio.to_thread(Jobferry(url, "jf_x", pause=pauses.append).list_tenants)
    assert (found["items"], pauses, len(heads)) == ([], [7.0, 2.0], 3)


async def test_a_wait_longer_than_patience_is_told_at_once() -> None:
    server, url, heads = await answering(answer(503, BUSY, "Retry-After: 3600"))
    async with server:
        with pytest.raises(Unavailable) as told:
            await asyncio.to_thread(Jobferry(url, "jf_x").list_tenants)
    assert (told.value.retry_after, len(heads)) == (3600.0, 1)


async def test_a_change_that_cannot_be_repeated_is_only_after_429() -> None:
    server, url, heads = await answering(answer(429, BUSY, "Retry-After: 0"), answer(503, BUSY, "Retry-After: 0"))
    async with server:
        with pytest.raises(Unavailable):
            await asyncio.to_thread(Jobferry(url, "jf_x", pause=lambda _: None).pause_tenant, "cardinal")
    assert len(heads) == 2


@pytest.mark.parametrize(
    "other",
    [
        answer(200, b"<html>Sign in to the network</html>", kind="text/html"),
        answer(403, b"Blocked", kind="text/plain"),
        answer(403, {"message": "Blocked"}, kind="application/json"),
        answer(200, b"{", kind="application/json"),
        answer(200, b"", kind="application/json"),
        answer(308, b"", "Location: https://jobferry.example.com/v1/tenants", kind="text/plain"),
        answer(500, b"[]", kind="application/json"),
    ],
)
async def test_what_is_not_jobferry_is_called_so(other: bytes) -> None:
    server, url, _ = await answering(other)
    async with server:
        with pytest.raises(NotJobferry):
            await asyncio.to_thread(Jobferry(url, "jf_x").list_tenants)


RESTARTING = [
    answer(502, b"", kind="text/plain"),
    answer(503, b"<html>503 Service Temporarily Unavailable</html>", kind="text/html"),
    answer(504, {"message": "Endpoint request timed out"}, kind="application/json"),
]


async def test_what_a_proxy_says_while_jobferry_restarts_is_a_lost_answer_and_repeated() -> None:
    server, url, heads = await answering(*RESTARTING, GOOD)
    pauses: list[float] = []
    async with server:
        jobferry = Jobferry(url, "jf_x", pause=pauses.append)
        await asyncio.to_thread(jobferry.request_send, "cardinal", {"job_number": "7", "connection": "main"})
    assert len(pauses) == 3
    keys = {line for head in heads for line in head.split(b"\r\n") if line.startswith(b"Idempotency-Key")}
    assert (len(heads), len(keys)) == (4, 1)


@pytest.mark.parametrize("other", RESTARTING)
async def test_after_a_proxys_answer_a_change_without_a_key_is_not_repeated(other: bytes) -> None:
    server, url, heads = await answering(other)
    async with server:
        with pytest.raises(AnswerLost):
            await asyncio.to_thread(Jobferry(url, "jf_x").pause_tenant, "cardinal")
    assert len(heads) == 1


@pytest.mark.parametrize(("url", "key"), [("jobferry.example.com", "jf_x"), ("https://a.example", "secret")])
def test_a_wrong_address_or_key_is_told_before_any_call(url: str, key: str) -> None:
    with pytest.raises(ValueError):
        Jobferry(url, key)


async def test_a_key_is_read_from_a_file_with_its_line_break_and_never_shown(scene: Scene) -> None:
    jobferry = Jobferry(scene.url, f"{scene.key}\n")
    assert (await asyncio.to_thread(jobferry.find_tenant, "cardinal"))["slug"] == "cardinal"
    with pytest.raises(ValueError, match="one word") as refused:
        Jobferry(scene.url, "jf_secret\nX-Other: 1")
    assert "secret" not in str(refused.value)
    signed = signed_headers("evt_1", NOW, BODY, [SECRET])
    assert verify(f"{SECRET.reveal()}\n", signed, BODY, now=NOW.timestamp()).id == "evt_1"


async def test_a_certificate_that_is_not_accepted_is_told_at_once_and_a_known_one_is_taken() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(GOOD)
        writer.close()

    authority = SandboxAuthority()
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=authority.server_context()) as server:
        url = "https://{}:{}".format(*server.sockets[0].getsockname()[:2])
        pauses: list[float] = []
        with pytest.raises(NotJobferry, match="certificate"):
            await asyncio.to_thread(Jobferry(url, "jf_x", pause=pauses.append, patience=2).list_tenants)
        known = ssl.create_default_context(cadata=authority.certificate)
        found = await asyncio.to_thread(Jobferry(url, "jf_x", context=known).list_tenants)
    assert (pauses, found["items"]) == ([], [])


@pytest.mark.parametrize("odd", ["nan", "inf", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_an_odd_time_to_wait_is_as_if_there_was_none(odd: str) -> None:
    server, url, _ = await answering(answer(503, BUSY, f"Retry-After: {odd}"), GOOD)
    pauses: list[float] = []
    async with server:
        await asyncio.to_thread(Jobferry(url, "jf_x", pause=pauses.append).list_tenants)
    assert [0 < one < 1 for one in pauses] == [True]


async def test_many_callers_behind_a_bad_line_make_each_thing_once(scene: Scene) -> None:
    """Twelve programs at once; four answers of ten do not come, and some requests do not arrive."""
    chance = random.Random(19)
    fates = ["is lost", "is lost", "is cut off", "never arrives", *["is answered"] * 5]
    jobs = [replace(JOB, id=f"24120873346100{number:02}", number=str(7000 + number)) for number in range(12)]
    for job in jobs:
        await scene.add_job(job)

    def program(url: str, number: int) -> str:
        jobferry = Jobferry(url, scene.key, pause=lambda _: None)
        body: Any = {"job_number": str(7000 + number), "connection": "main"}
        send = jobferry.request_send("cardinal", body)["id"]
        jobferry.add_webhook_endpoint("cardinal", {"url": f"https://hooks.example.com/{number}"})
        jobferry.request_batch("cardinal", {"job_ids": [jobs[number].id], "connection": "main"})
        return send

    async with between(scene, lambda _: chance.choice(fates)) as proxy:
        sent = await asyncio.gather(*(asyncio.to_thread(program, proxy.url, number) for number in range(12)))
    assert len(set(sent)) == 12
    assert len(proxy.heads) > 40
    found = (await scene.call("GET", "/v1/tenants/cardinal/sends?limit=200")).body["items"]
    assert Counter(one["job_id"] for one in found) == {job.id: 2 for job in jobs}
    endpoints = (await scene.call("GET", "/v1/tenants/cardinal/webhook-endpoints")).body["items"]
    assert Counter(one["url"] for one in endpoints) == {
        f"https://hooks.example.com/{number}": 1 for number in range(12)
    }


async def test_a_program_that_died_asks_again_with_the_key_that_it_kept(scene: Scene) -> None:
    key, body = Jobferry.new_key(), {"job_id": JOB.id, "connection": "main"}
    asked: list[str] = []
    for _ in range(2):
        sent: Any = await asyncio.to_thread(
            lambda: Jobferry(scene.url, scene.key).request_send("cardinal", body, idempotency_key=key)  # type: ignore[arg-type]
        )
        asked.append(sent["id"])
    assert asked[0] == asked[1]


SECRET = new_secret(b"x" * 32)
EVENT = event_of("evt_1", EventType.SEND_FAILED, NOW, {"send_id": "snd_1"})
BODY = EVENT.body.encode()


def test_a_post_of_jobferry_is_verified_also_with_the_former_secret_and_when_redelivered() -> None:
    both = [new_secret(b"y" * 32), SECRET]
    headers = {name.title(): value for name, value in signed_headers("evt_1", NOW, BODY, both).items()} | REDELIVERED
    for secret in both:
        event = verify(secret.reveal(), headers, BODY, now=NOW.timestamp() + 299)
        assert (event.id, event.type, event.data, event.redelivered) == (
            "evt_1",
            "send.failed",
            {"send_id": "snd_1"},
            True,
        )
    assert not verify(SECRET.reveal(), signed_headers("evt_1", NOW, BODY, both), BODY, now=NOW.timestamp()).redelivered


@given(
    st.binary(max_size=60), st.sampled_from(["body", "webhook-id", "webhook-timestamp", "webhook-signature", "secret"])
)
def test_whatever_is_changed_in_a_post_it_is_not_verified(noise: bytes, where: str) -> None:
    headers, secret, body = signed_headers("evt_1", NOW, BODY, [SECRET]), SECRET, BODY
    text = noise.decode("latin-1")
    if where == "body":
        body = noise
    elif where == "secret":
        secret = Secret("whsec_" + text)
    else:
        headers = {**headers, where: text}
    with pytest.raises(NotVerified):
        verify(secret.reveal(), headers, body, now=NOW.timestamp())


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_eA=="])
def test_a_secret_that_everybody_knows_verifies_nothing(secret: str) -> None:
    """Such as that of a program whose variable is not set: anybody could sign with it."""
    forged = signed_headers("evt_1", NOW, BODY, [Secret(secret)])
    with pytest.raises(NotVerified):
        verify(secret, forged, BODY, now=NOW.timestamp())


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_post_that_is_too_old_or_from_the_future_is_refused(seconds: int) -> None:
    with pytest.raises(NotVerified, match="too old"):
        verify(SECRET.reveal(), signed_headers("evt_1", NOW, BODY, [SECRET]), BODY, now=NOW.timestamp() + seconds)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(missing: str) -> None:
    headers = signed_headers("evt_1", NOW, BODY, [SECRET])
    del headers[missing]
    with pytest.raises(NotVerified, match=missing):
        verify(SECRET.reveal(), headers, BODY, now=NOW.timestamp())
