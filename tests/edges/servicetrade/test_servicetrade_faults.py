"""What the wire can do to a call to ServiceTrade, and which error, with which remedy, comes of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from core.model.shared.errors import JobferryError, NotFound, TenantMends, TimeMends
from tests.support.servicetrade_scene import MARKER, SYSTEM, Scene
from tests.support.servicetrade_scene import scene as started


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with started(timeout_seconds=4.0) as scene:  # a good answer comes within it on a busy machine, too
        yield scene


@pytest.mark.parametrize(
    ("fault", "kind", "code", "words"),
    [
        (Fault(FaultKind.STATUS, status=500), TimeMends, "ST_UNREACHABLE", "HTTP 500"),
        (Fault(FaultKind.STATUS, status=503), TimeMends, "ST_UNREACHABLE", "HTTP 503"),
        (Fault(FaultKind.STATUS, status=403), TenantMends, "ST_PERMISSION", "HTTP 403"),
        (Fault(FaultKind.STATUS, status=404), NotFound, "JOB_NOT_FOUND", "knows no job"),
        (Fault(FaultKind.STATUS, status=400), TenantMends, "ST_REFUSED", "HTTP 400"),
        (Fault(FaultKind.HTML), TenantMends, "ST_BASE_URL_WRONG", "not ServiceTrade's JSON"),
        (Fault(FaultKind.REDIRECT, text="https://a.example/x?y"), TenantMends, "ST_BASE_URL_WRONG", "redirects"),
        (Fault(FaultKind.DROP_BEFORE_APPLY, times=2), TimeMends, "ST_UNREACHABLE", "broke"),
        (Fault(FaultKind.TRUNCATE, bytes=40), TimeMends, "ST_UNREACHABLE", "broke"),
        (Fault(FaultKind.DRIP), TimeMends, "ST_UNREACHABLE", "in time"),
        (Fault(FaultKind.BOMB), TenantMends, "ST_BASE_URL_WRONG", "bytes"),
        (Fault(FaultKind.BOMB, text="plain"), TenantMends, "ST_BASE_URL_WRONG", "bytes"),
        (Fault(FaultKind.LATENCY, seconds=60), TimeMends, "ST_UNREACHABLE", "in time"),
    ],
)
async def test_a_faulty_answer_says_who_can_mend_it(
    scene: Scene, fault: Fault, kind: type[JobferryError], code: str, words: str
) -> None:
    scene.sandbox.faults.add(replace(fault, match="/job/"))
    with pytest.raises(kind) as caught:
        await scene.read()
    assert caught.value.code == code
    assert words in caught.value.message
    assert caught.value.fix
    scene.sandbox.faults.clear()
    assert await scene.read() == "104482"


@pytest.mark.parametrize("path", ["/company/", "/location/", "/externalid/contract/"])
async def test_trouble_with_one_part_of_a_job_fails_the_whole_reading(scene: Scene, path: str) -> None:
    scene.sandbox.faults.add(Fault(FaultKind.STATUS, match=path, status=502))
    with pytest.raises(TimeMends):
        await scene.read()


async def test_nothing_listens(scene: Scene) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        account = replace(scene.account, base_url=f"http://127.0.0.1:{taken.getsockname()[1]}/api")
        with pytest.raises(TimeMends, match="nothing answers there") as caught:
            await scene.read(account)
    assert caught.value.code == "ST_UNREACHABLE"


async def test_an_unknown_host(scene: Scene) -> None:
    with pytest.raises(TimeMends, match="DNS") as caught:
        await scene.read(replace(scene.account, base_url="https://servicetrade.invalid/api"))
    assert caught.value.code == "ST_UNREACHABLE"


@pytest.mark.parametrize("base_url", ["https://", "http://[::1/api", "http://a b/api", "ftp://127.0.0.1/api"])
async def test_a_malformed_address(scene: Scene, base_url: str) -> None:
    with pytest.raises((TenantMends, TimeMends)) as caught:
        await scene.read(replace(scene.account, base_url=base_url))
    assert caught.value.code in ("ST_BASE_URL_WRONG", "ST_UNREACHABLE")


async def test_the_address_without_api(scene: Scene) -> None:
    account = replace(scene.account, base_url=scene.sandbox.url.removesuffix("/api"))
    with pytest.raises(TenantMends) as caught:
        await scene.read(account)
    assert caught.value.code == "ST_BASE_URL_WRONG"


async def test_a_slash_too_many_does_no_harm(scene: Scene) -> None:
    assert await scene.read(replace(scene.account, base_url=scene.sandbox.url + "/")) == "104482"


async def test_https_with_the_right_authority() -> None:
    async with started(tls="valid") as scene:
        assert await scene.read() == "104482"


async def test_an_expired_certificate_is_named() -> None:
    async with started(tls="expired") as scene:
        with pytest.raises(TimeMends, match=r"certificate of 127\.0\.0\.1:[0-9]+ has expired") as caught:
            await scene.read()
    assert caught.value.code == "ST_UNREACHABLE"


async def test_an_unknown_authority_is_not_trusted() -> None:
    async with started(tls="valid", trusted=False) as scene:
        with pytest.raises(TimeMends, match="not trusted"):
            await scene.read()


async def test_https_to_a_server_without_tls(scene: Scene) -> None:
    account = replace(scene.account, base_url=scene.sandbox.url.replace("http://", "https://"))
    with pytest.raises(TimeMends) as caught:
        await scene.read(account)
    assert "TLS" in caught.value.message


async def test_no_role_for_a_resource(scene: Scene) -> None:
    scene.state.settings.forbidden = ["/comment"]
    with pytest.raises(TenantMends) as caught:
        await scene.service_trade.replace_comment(scene.account, scene.job_id, MARKER, "text")
    assert caught.value.code == "ST_PERMISSION"
    assert "Permission denied" in caught.value.message


async def test_an_external_system_that_is_not_set_up(scene: Scene) -> None:
    with pytest.raises(TenantMends) as caught:
        await scene.service_trade.write_external_id(scene.account, scene.job_id, "nowhere", "T1")
    assert caught.value.code == "ST_EXTERNAL_SYSTEM_UNKNOWN"
    assert "nowhere" in caught.value.message


@pytest.mark.parametrize("kind", [FaultKind.APPLY_THEN_DROP, FaultKind.DROP_BEFORE_APPLY])
async def test_a_comment_whose_answer_was_lost_stands_once_after_repeating(scene: Scene, kind: FaultKind) -> None:
    async def report(text: str) -> None:
        await scene.service_trade.replace_comment(scene.account, scene.job_id, MARKER, text)

    await report("first")
    scene.sandbox.faults.add(Fault(kind, match="/comment", method="POST"))
    with pytest.raises(TimeMends):
        await report("second")
    assert scene.state.comments_on(scene.job_id)  # too much rather than nothing
    await report("second")
    assert [one.content for one in scene.state.comments_on(scene.job_id)] == [f"second\n\n{MARKER}"]


async def test_a_deletion_whose_answer_was_lost_converges(scene: Scene) -> None:
    for text in ("first", "second"):
        scene.sandbox.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/comment/", method="DELETE"))
        try:
            await scene.service_trade.replace_comment(scene.account, scene.job_id, MARKER, text)
        except TimeMends:
            await scene.service_trade.replace_comment(scene.account, scene.job_id, MARKER, text)
    assert [one.content for one in scene.state.comments_on(scene.job_id)] == [f"second\n\n{MARKER}"]


async def test_a_comment_that_somebody_else_has_deleted_is_no_trouble(scene: Scene) -> None:
    await scene.service_trade.replace_comment(scene.account, scene.job_id, MARKER, "first")
    scene.sandbox.faults.add(Fault(FaultKind.STATUS, match="/comment/", method="DELETE", status=404))
    await scene.service_trade.replace_comment(scene.account, scene.job_id, MARKER, "second")


async def test_tags_are_written_only_where_they_change(scene: Scene) -> None:
    for present in (False, True, True, False, False):
        await scene.service_trade.set_failure_tag(scene.account, scene.job_id, "sync failed", present)
    assert scene.count("PUT", "/job/") == 2


async def test_our_comment_is_internal(scene: Scene) -> None:
    await scene.service_trade.replace_comment(scene.account, scene.job_id, MARKER, "text")
    [comment] = scene.state.comments_on(scene.job_id)
    assert comment.visibility == ["tech", "schedule", "billing"]
    assert not comment.pinned


@pytest.mark.parametrize("total_pages", ["number", "string", "absent"])
async def test_our_comment_is_found_among_many(scene: Scene, total_pages: str) -> None:
    scene.state.alter({"settings": {"total_pages": total_pages}})
    notes = [f"note {number}" for number in range(250)] + [f"old\n\n{MARKER}"]
    scene.state.alter(
        {"comments": {scene.state.take_id(): {"entity": scene.job_id, "content": note} for note in notes}}
    )
    await scene.service_trade.replace_comment(scene.account, scene.job_id, MARKER, "new")
    ours = [one.content for one in scene.state.comments_on(scene.job_id) if MARKER in one.content]
    assert ours == [f"new\n\n{MARKER}"]
    assert len(scene.state.comments) == 251


async def test_an_external_id_whose_answer_was_lost_is_written_again(scene: Scene) -> None:
    scene.sandbox.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/externalid/job", times=-1))
    with pytest.raises(TimeMends):
        await scene.service_trade.write_external_id(scene.account, scene.job_id, SYSTEM, "T104482")
    scene.sandbox.faults.clear()
    await scene.service_trade.write_external_id(scene.account, scene.job_id, SYSTEM, "T104482")
    assert scene.state.jobs[scene.job_id].external_ids == {SYSTEM: "T104482"}


async def test_an_external_sync_is_posted_as_it_is(scene: Scene) -> None:
    await scene.service_trade.post_external_sync(scene.account, "/externalsync", {"status": "failed", "entityId": 1})
    assert scene.state.syncs == [{"status": "failed", "entityId": 1}]


@pytest.mark.parametrize("path", ["externalsync", "/../oauth2/token", "https://elsewhere.example/", "/a?b=c", ""])
async def test_an_external_sync_goes_nowhere_else(scene: Scene, path: str) -> None:
    with pytest.raises(JobferryError) as caught:
        await scene.service_trade.post_external_sync(scene.account, path, {})
    assert caught.value.code == "BAD_INPUT"
    assert scene.sandbox.requests.calls == []


async def test_a_call_given_up_leaves_the_next_one_in_peace(scene: Scene) -> None:
    scene.sandbox.faults.add(Fault(FaultKind.LATENCY, match="/auth", seconds=0.5))
    given_up = asyncio.create_task(scene.read())
    await scene.sandbox.requests.wait(0, match="/auth")
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert await scene.read() == "104482"
