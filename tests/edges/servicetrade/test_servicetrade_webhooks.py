"""Webhooks: exactly what is registered, and that the secret of their address is told to nobody."""

from __future__ import annotations

import json
import traceback
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.account import EntityEvents
from core.model.shared.errors import JobferryError, TenantMends, TimeMends
from ports.service_trade import RegisteredWebhook
from tests.support.servicetrade_scene import Scene
from tests.support.servicetrade_scene import scene as started
from tests.support.servicetrade_script import Answer, scripted

SECRET = "zQ8mWb-k3TfLn_r7YpHd2VsJc-x5GaRu9EoNi_b4KtZw"
URL = f"https://sync.example.net/hooks/servicetrade/{SECRET}"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with started() as scene:
        yield scene


async def test_what_is_registered(scene: Scene) -> None:
    hook_id = await scene.service_trade.register_webhook(scene.account, URL)
    hook = scene.state.webhooks[hook_id]
    assert (hook.hook_url, hook.enabled, hook.include_changesets) == (URL, True, True)
    assert hook.entity_events == [EntityEvents(entity_type=3, actions=["created", "updated"])]


async def test_the_needed_role_is_named(scene: Scene) -> None:
    scene.state.settings.forbidden = ["/webhook"]
    for call in (
        scene.service_trade.webhooks(scene.account),
        scene.service_trade.register_webhook(scene.account, URL),
        scene.service_trade.remove_webhook(scene.account, "12"),
    ):
        with pytest.raises(TenantMends) as caught:
            await call
        assert caught.value.code == "ST_PERMISSION"
        assert "Account Admin" in caught.value.fix


async def test_a_session_lost_meanwhile_is_opened_again(scene: Scene) -> None:
    scene.sandbox.faults.add(Fault(FaultKind.STATUS, match="/webhook", status=401))
    await scene.service_trade.register_webhook(scene.account, URL)
    assert len(scene.state.webhooks) == 1


ECHOES = [
    f"hookUrl {URL} is not valid",
    f"hookUrl {json.dumps(URL).replace('/', chr(92) + '/')} is not valid",
    f"hookUrl {URL.upper()} is not valid",
    "hookUrl https%3A%2F%2Fsync.example.net%2F" + SECRET.replace("_", "%5F") + " is not valid",
    "hookUrl " + "".join(f"%{ord(ch):02X}" for ch in SECRET) + " is not valid",
    "hookUrl " + "\n".join(SECRET[at : at + 5] for at in range(0, len(SECRET), 5)) + " is not valid",
    f"hookUrl ...{SECRET[-12:]} is not valid",
    f"hookUrl https://sync.example.net/hooks/servicetrade/{SECRET[:8]}... is too long",
    "x" * 190 + f" {URL}",
]


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("status", [400, 401, 403, 409])
async def test_words_that_repeat_the_secret_are_left_out(echo: str, status: int) -> None:
    answer = Answer(status=status, messages=json.dumps({"error": ["Registration failed", echo]}))
    async with scripted(answer) as script:
        with capture_logs() as logs, pytest.raises(JobferryError) as caught:
            await script.service_trade.register_webhook(script.account, URL)
    assert '"Registration failed"' in caught.value.message
    told = "".join([*traceback.format_exception(caught.value), repr(caught.value.__dict__), repr(logs)]).lower()
    assert "hookurl" not in told
    assert not [at for at in range(len(SECRET) - 5) if SECRET[at : at + 6].lower() in told]


async def test_other_words_are_quoted() -> None:
    said = "hookUrl: must be reachable by ServiceTrade over https"
    async with scripted(Answer(status=400, messages=json.dumps([said]))) as script:
        with pytest.raises(TenantMends) as caught:
            await script.service_trade.register_webhook(script.account, URL)
    assert caught.value.code == "ST_REFUSED"
    assert said in caught.value.message


async def test_a_short_secret_at_the_end_of_the_path_is_one_too() -> None:
    async with scripted(Answer(status=400, messages=json.dumps(["bad: k3TfLn-7"]))) as script:
        with pytest.raises(TenantMends) as caught:
            await script.service_trade.register_webhook(script.account, "https://sync.example.net/hooks/k3TfLn-7")
    assert "bad" not in caught.value.message
    assert caught.value.__cause__ is None


async def test_a_secret_in_the_query_is_one_too() -> None:
    async with scripted(Answer(status=400, messages=json.dumps([f"bad: ?key={SECRET}"]))) as script:
        with pytest.raises(TenantMends) as caught:
            await script.service_trade.register_webhook(script.account, f"https://sync.example.net/hooks?key={SECRET}")
    assert "bad" not in caught.value.message


@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.STATUS, status=502),
        Fault(FaultKind.STATUS, status=400),
        Fault(FaultKind.HTML, text=URL),
        Fault(FaultKind.REDIRECT, text=URL),
        Fault(FaultKind.DROP_BEFORE_APPLY, times=2),
        Fault(FaultKind.STATUS, status=429),
    ],
)
async def test_no_trouble_on_the_way_tells_the_secret(scene: Scene, fault: Fault) -> None:
    scene.sandbox.faults.add(replace(fault, match="/webhook"))
    with capture_logs() as logs, pytest.raises(JobferryError) as caught:
        await scene.service_trade.register_webhook(scene.account, URL)
    assert SECRET not in "".join([*traceback.format_exception(caught.value), repr(caught.value.__dict__), repr(logs)])


async def test_the_log_of_a_good_registration_tells_nothing(scene: Scene) -> None:
    with capture_logs() as logs:
        await scene.service_trade.register_webhook(scene.account, URL)
        [hook] = await scene.service_trade.webhooks(scene.account)
    assert logs
    assert SECRET not in repr(logs)
    assert SECRET not in repr(hook)
    assert hook.url == URL


async def test_webhooks_in_odd_shapes() -> None:
    rows = '{"id": 1, "hookUrl": "u", "enabled": null}, {"id": "2", "hookUrl": null, "enabled": 0}, {"id": 3}'
    rows += ', {"id": 4, "hookUrl": {}, "enabled": {"x": 1}}, {"id": [5], "hookUrl": ["v"], "enabled": true}'
    async with scripted(Answer(f'{{"webhooks": [{rows}], "totalPages": "1"}}')) as script:
        assert await script.service_trade.webhooks(script.account) == [
            RegisteredWebhook("1", "u"),
            RegisteredWebhook("2", "", enabled=False),
            RegisteredWebhook("3", ""),
            RegisteredWebhook("4", ""),
            RegisteredWebhook("5", "v"),
        ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("{}", "ST_BASE_URL_WRONG"),
        ('{"webhooks": [7]}', "ST_RECORD_UNREADABLE"),
        (f'{{"webhooks": ["{URL}"]}}', "ST_RECORD_UNREADABLE"),
        (f'{{"webhooks": [{{"id": "{URL}"}}]}}', "ST_RECORD_UNREADABLE"),
    ],
)
async def test_a_list_of_webhooks_that_cannot_be_read(data: str, code: str) -> None:
    async with scripted(Answer(data)) as script:
        with pytest.raises(TenantMends) as caught:
            await script.service_trade.webhooks(script.account)
    assert caught.value.code == code
    assert SECRET not in "".join(traceback.format_exception(caught.value))


async def test_a_registration_without_an_id_is_an_error() -> None:
    async with scripted(Answer(f'{{"hookUrl": "{URL}"}}')) as script:
        with pytest.raises(TenantMends) as caught:
            await script.service_trade.register_webhook(script.account, URL)
    assert caught.value.code == "ST_BASE_URL_WRONG"
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("status", [200, 404])
async def test_a_webhook_that_is_gone_is_removed(status: int) -> None:
    async with scripted(Answer(status=status)) as script:
        await script.service_trade.remove_webhook(script.account, "12")
    assert script.asked == ["DELETE /webhook/12"]


async def test_a_removal_that_failed_is_told() -> None:
    async with scripted(Answer(status=503)) as script:
        with pytest.raises(TimeMends):
            await script.service_trade.remove_webhook(script.account, "12")
