"""Sessions are dropped, expire and are refused; nobody above the adapter notices unless a person has to act."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from adapters.sandbox.faults import Fault, FaultKind
from core.model.shared.errors import TenantMends, TimeMends
from core.model.shared.secret import Secret
from core.model.tenants.tenant import ClientLogin, PasswordLogin
from tests.support.servicetrade_scene import SYSTEM, Scene
from tests.support.servicetrade_scene import scene as started


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with started() as scene:
        yield scene


async def test_many_calls_at_once_sign_in_once(scene: Scene) -> None:
    await asyncio.gather(*(scene.read() for _ in range(10)))
    assert scene.count("POST", "/auth") == 1


async def test_a_session_dropped_in_the_middle_is_renewed_once_for_everybody(scene: Scene) -> None:
    await scene.read()
    scene.state.drop_sessions()
    assert await asyncio.gather(*(scene.read() for _ in range(10))) == ["104482"] * 10
    assert scene.count("POST", "/auth") == 2


async def test_the_oldest_session_falls_out_and_nobody_notices(scene: Scene) -> None:
    scene.state.settings.session_limit = 1
    await scene.read()
    scene.state.open_session("somebody else's")
    assert await scene.read() == "104482"


async def test_a_new_session_that_dies_at_once_is_time_mends(scene: Scene) -> None:
    scene.sandbox.faults.add(Fault(FaultKind.STATUS, match="/job/", status=401, times=2))
    with pytest.raises(TimeMends) as caught:
        await scene.read()
    assert caught.value.code == "ST_SESSION_LOST"
    assert scene.count("POST", "/auth") == 2
    assert await scene.read() == "104482"


async def test_a_server_error_is_no_expired_session(scene: Scene) -> None:
    await scene.read()
    scene.sandbox.faults.add(Fault(FaultKind.STATUS, match="/job/", status=502))
    with pytest.raises(TimeMends) as caught:
        await scene.read()
    assert caught.value.code == "ST_UNREACHABLE"
    assert scene.count("POST", "/auth") == 1


async def test_changed_credentials_start_a_new_session(scene: Scene) -> None:
    before = scene.account
    await scene.read(before)
    scene.state.login.password = "changed"
    scene.state.drop_sessions()
    with pytest.raises(TenantMends) as caught:
        await scene.read(before)
    assert caught.value.code == "ST_LOGIN_REFUSED"
    assert await scene.read(scene.account) == "104482"


async def test_a_live_session_does_not_hide_a_changed_password_from_the_check(scene: Scene) -> None:
    before = scene.account
    await scene.service_trade.check(before)
    scene.state.login.password = "changed"
    with pytest.raises(TenantMends) as caught:
        await scene.service_trade.check(before)
    assert caught.value.code == "ST_LOGIN_REFUSED"


async def test_two_tenants_never_share_a_session(scene: Scene) -> None:
    await scene.read()
    stranger = scene.account_with(PasswordLogin("mallory", Secret("guessed")))
    with pytest.raises(TenantMends):
        await scene.read(stranger)


async def test_a_token_is_used_until_five_minutes_before_its_end(scene: Scene) -> None:
    await scene.read(scene.client_account)
    scene.time.now += 3600 - 301
    await scene.read(scene.client_account)
    assert scene.count("POST", "/oauth2/token") == 1
    scene.time.now += 2
    await asyncio.gather(*(scene.read(scene.client_account) for _ in range(5)))
    assert scene.count("POST", "/oauth2/token") == 2


async def test_refresh_tokens_rotate(scene: Scene) -> None:
    spent: set[str] = set()
    for _ in range(3):
        await scene.read(scene.client_account)
        assert len(scene.state.refresh_tokens) == 1  # the used one is gone: no fresh start by client credentials
        assert not spent & set(scene.state.refresh_tokens)
        spent |= set(scene.state.refresh_tokens)
        scene.time.now += 3500


async def test_a_revoked_refresh_token_falls_back_to_the_credentials(scene: Scene) -> None:
    await scene.read(scene.client_account)
    scene.state.refresh_tokens.clear()
    scene.state.drop_sessions()
    assert await scene.read(scene.client_account) == "104482"
    assert scene.count("POST", "/oauth2/token") == 3


async def test_a_token_without_refresh_token_is_replaced_by_the_credentials(scene: Scene) -> None:
    scene.state.settings.refresh_tokens = False
    await scene.read(scene.client_account)
    scene.state.drop_sessions()
    assert await scene.read(scene.client_account) == "104482"


async def test_a_short_lived_token_is_not_renewed_before_every_call(scene: Scene) -> None:
    scene.state.settings.token_seconds = 120
    await scene.read(scene.client_account)
    await scene.read(scene.client_account)
    assert scene.count("POST", "/oauth2/token") == 1


async def test_a_wrong_client_secret_is_refused_and_not_repeated(scene: Scene) -> None:
    account = scene.account_with(ClientLogin("sandbox-client", Secret("hunter2-secret")))
    with pytest.raises(TenantMends) as caught:
        await scene.read(account)
    assert caught.value.code == "ST_LOGIN_REFUSED"
    assert "hunter2-secret" not in repr(caught.value) + repr(account)
    assert scene.count("POST", "/oauth2/token") == 1


@pytest.mark.parametrize("oauth", [False, True])
async def test_no_secret_reaches_a_log_an_error_or_a_repr(scene: Scene, oauth: bool) -> None:
    account = scene.client_account if oauth else scene.account
    with capture_logs() as logs:
        await scene.read(account)
        secrets = {*scene.state.sessions, *scene.state.access_tokens, *scene.state.refresh_tokens}
        secrets |= {scene.state.login.password, scene.state.login.client_secret}
        scene.state.drop_sessions()
        await scene.read(account)
        scene.sandbox.faults.add(Fault(FaultKind.STATUS, match="/job/", status=400))
        with pytest.raises(TenantMends) as caught:
            await scene.read(account)
    said = f"{logs} {account!r} {caught.value!r} {''.join(traceback.format_exception(caught.value))}"
    assert {"servicetrade.signed_in", "servicetrade.answered"} <= {log["event"] for log in logs}
    assert not [secret for secret in secrets if secret in said]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(FaultKind.STATUS, match="/auth", status=503), "ST_UNREACHABLE"),
        (Fault(FaultKind.STATUS, match="/auth", status=429), "ST_RATE_LIMIT"),
        (Fault(FaultKind.STATUS, match="/auth", status=403), "ST_LOGIN_REFUSED"),
        (Fault(FaultKind.STATUS, match="/auth", status=404), "ST_BASE_URL_WRONG"),
        (Fault(FaultKind.STATUS, match="/auth", status=200), "ST_BASE_URL_WRONG"),
        (Fault(FaultKind.HTML, match="/auth"), "ST_BASE_URL_WRONG"),
        (Fault(FaultKind.REDIRECT, match="/auth", text="https://elsewhere.example/"), "ST_BASE_URL_WRONG"),
        (Fault(FaultKind.DROP_BEFORE_APPLY, match="/auth"), "ST_UNREACHABLE"),
    ],
)
async def test_trouble_at_the_sign_in(scene: Scene, fault: Fault, code: str) -> None:
    scene.sandbox.faults.add(fault)
    with pytest.raises((TenantMends, TimeMends)) as caught:
        await scene.service_trade.read_job(scene.account, scene.job_id, SYSTEM)
    assert caught.value.code == code
    assert caught.value.fix
    assert await scene.read() == "104482"
