"""Wrong input of every kind: a clear error with code and fix, and nothing half done."""

from __future__ import annotations

import unicodedata

import pytest

from adapters.sandbox.faults import UNTIL_CLEARED, Fault, FaultKind
from adapters.sandbox.servicetrade.sandbox import ServiceTradeSandbox
from adapters.sandbox.servicetrade.seed import (
    FIRST_JOB_ID,
    NO_NUMBER_JOB_ID,
    ODD_CHARACTERS_JOB_ID,
    TEN_DIGIT_JOB_ID,
)
from adapters.sandbox.spectrum.sandbox import SpectrumSandbox
from core.model.catalogue import CATALOGUE
from core.model.connections.endpoint import Endpoint
from core.model.sending.send import SendState
from core.model.shared.check_step import CheckState
from core.model.shared.errors import BadInput, Conflict, JobferryError, NotFound
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from tests.journeys.world import World, codes

UNKNOWN_JOB = "2999999999999999"


def nothing_sent(world: World) -> bool:
    return world.headers_received() == 0 and world.company.work_orders == {}


async def test_an_unknown_job(world: World) -> None:
    for job_id, code in ((UNKNOWN_JOB, "JOB_NOT_FOUND"), ("10 4", "BAD_INPUT"), ("", "BAD_INPUT")):
        with pytest.raises(JobferryError) as raised:
            await world.preview(job_id)
        assert (raised.value.code, bool(raised.value.message), bool(raised.value.fix)) == (code, True, True)


async def test_an_unknown_job_that_is_sent_all_the_same(world: World) -> None:
    send = await world.send(UNKNOWN_JOB)
    assert (send.state, codes(send), send.due_at) == (SendState.NEEDS_ATTENTION, ["JOB_NOT_FOUND"], None)
    assert send.findings[0].fix == CATALOGUE["JOB_NOT_FOUND"].fix
    assert [warning.send_id for warning in await world.warnings()] == [send.id]
    assert world.servicetrade_writes() == []  # there is no job to comment on
    assert nothing_sent(world)


async def test_a_job_number_nobody_has(world: World) -> None:
    with pytest.raises(NotFound) as raised:
        await world.use_cases.find_job(world.tenant.id, "777777")
    assert raised.value.code == "JOB_NOT_FOUND"
    assert "777777" in raised.value.message


async def test_an_unknown_connection(world: World) -> None:
    for act in (
        world.use_cases.preview_send(world.tenant.id, "south", FIRST_JOB_ID),
        world.request(FIRST_JOB_ID, connection="south"),
    ):
        with pytest.raises(NotFound) as raised:
            await act
        assert (raised.value.code, bool(raised.value.fix)) == ("CONNECTION_NOT_FOUND", True)
    assert (await world.use_cases.list_sends(world.tenant.id)).sends == []


async def test_a_wrong_servicetrade_password_is_told_at_once_and_nothing_is_stored(world: World) -> None:
    login = PasswordLogin(world.servicetrade.state.login.username, Secret("not-the-password"))
    with pytest.raises(JobferryError) as raised:
        await world.use_cases.add_tenant(
            Tenant(id="", slug="bluefin", name="Bluefin", base_url=world.servicetrade.url), login
        )
    assert (raised.value.code, bool(raised.value.fix)) == ("ST_LOGIN_REFUSED", True)
    assert "not-the-password" not in f"{raised.value} {raised.value.fix}"
    assert [tenant.slug for tenant in await world.use_cases.find_tenant.all()] == ["cardinal"]


async def test_a_password_changed_later_fails_the_send_clearly(world: World) -> None:
    world.servicetrade.state.login.password = "changed-yesterday"
    world.servicetrade.state.drop_sessions()
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["ST_LOGIN_REFUSED"])
    assert send.findings[0].fix
    assert [warning.finding.code for warning in await world.warnings()] == ["ST_LOGIN_REFUSED"]
    assert nothing_sent(world)
    world.servicetrade.state.login.password = "sandbox-password"
    assert (await world.retry(send)).state is SendState.SENT


def test_a_malformed_address() -> None:
    for address in (
        "",
        "ftp://spectrum.example.com",
        "https://",
        "https://user:pw@spectrum.example.com",
        "https://spectrum example",
        "https://spectrum.example.com/elsewhere",
        "https://spectrum.example.com:99999",
        "https://-.-",
        "http://[::1",
    ):
        with pytest.raises(BadInput) as raised:
            Endpoint.parse(address)
        assert (raised.value.code, raised.value.errors[0].pointer) == ("ENDPOINT_URL_INVALID", "/endpoint_url")
        assert raised.value.fix
        assert "pw" not in raised.value.message


async def test_names_that_are_taken(world: World) -> None:
    for slug, system in (("north", "spectrum_west"), ("west", "spectrum")):
        with pytest.raises(Conflict) as raised:
            await world.connect(world.tenant, slug, external_system=system)
        assert raised.value.code == "CONNECTION_EXISTS"
    with pytest.raises(Conflict) as raised:
        await world.add_tenant("cardinal", world.servicetrade)
    assert raised.value.code == "TENANT_EXISTS"


async def test_an_address_that_speaks_html(world: World) -> None:
    world.spectrum.faults.add(Fault(FaultKind.HTML, times=UNTIL_CLEARED))
    failed = [step for step in (await world.examine()).values() if step.state is CheckState.FAILED]
    assert failed
    assert all(step.code and step.fix for step in failed)
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, codes(send)) == (SendState.RETRYING, ["ENDPOINT_NOT_SPECTRUM"])
    assert send.findings[0].fix
    assert world.company.work_orders == {}
    assert world.external_id(FIRST_JOB_ID) is None


async def test_an_expired_certificate(world: World) -> None:
    async with SpectrumSandbox.start(tls="expired") as expired:
        await world.change(endpoint=Endpoint.parse(expired.url), ca_certificate=expired.ca_certificate)
        step = (await world.examine())["tls"]
        assert (step.state, step.code, bool(step.fix)) == (CheckState.FAILED, "CERTIFICATE_INVALID", True)
        assert "expired" in step.detail
        send = await world.send(FIRST_JOB_ID)
        assert (send.state, codes(send)) == (SendState.RETRYING, ["CERTIFICATE_INVALID"])
        assert "expired" in send.findings[0].message
        assert expired.requests.calls == []  # not a byte of the Authorization ID left
    assert world.external_id(FIRST_JOB_ID) is None


async def test_plain_http_to_a_network_nobody_listed(world: World) -> None:
    await world.change(endpoint=Endpoint.parse("http://192.0.2.1:8482"))
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, codes(send)) == (SendState.RETRYING, ["ENDPOINT_UNREACHABLE"])
    assert any("JOBFERRY_ALLOWED_NETWORKS" in step for step in send.findings[0].fix)


async def test_an_address_that_is_not_servicetrade(world: World) -> None:
    login = PasswordLogin("somebody", Secret("sandbox-password"))
    with pytest.raises(JobferryError) as raised:
        await world.use_cases.add_tenant(
            Tenant(id="", slug="bluefin", name="Bluefin", base_url=world.spectrum.url), login
        )
    assert (raised.value.code, bool(raised.value.fix)) == ("ST_BASE_URL_WRONG", True)


async def test_servicetrade_behind_an_expired_certificate(world: World) -> None:
    async with ServiceTradeSandbox.start(tls="expired") as expired:
        with pytest.raises(JobferryError) as raised:
            await world.add_tenant("bluefin", expired)
    assert (raised.value.code, bool(raised.value.fix)) == ("ST_UNREACHABLE", True)


async def test_a_number_that_will_not_do(world: World) -> None:
    for job_id, code in ((NO_NUMBER_JOB_ID, "JOB_NUMBER_MISSING"), (TEN_DIGIT_JOB_ID, "WO_NUMBER_TOO_LONG")):
        send = await world.send(job_id)
        assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, [code])
        assert f"Code: {code}" in world.comments(job_id)[0]
    assert nothing_sent(world)


async def test_ten_digits_go_without_a_leading_character(world: World) -> None:
    failed = await world.send(TEN_DIGIT_JOB_ID)
    await world.change(leading_character="")
    assert (await world.retry(failed)).state is SendState.SENT
    assert list(world.company.work_orders) == ["1044930001"]


async def test_control_and_foreign_characters(world: World) -> None:
    failed = await world.send(ODD_CHARACTERS_JOB_ID)
    blockers = [found for found in failed.findings if found.blocks]
    assert [(found.code, found.field) for found in blockers] == [("INVALID_CHARACTERS", "Summary_Description")]
    assert "U+1F525" in blockers[0].message
    assert nothing_sent(world)

    job = world.job(ODD_CHARACTERS_JOB_ID)
    job.description = job.description.replace("\U0001f525", "")
    sent = await world.retry(failed)
    assert sent.state is SendState.SENT_WITH_WARNINGS
    assert set(codes(sent)) == {"INVALID_CHARACTERS"}  # the control characters that a blank stands for
    fields = world.work_order("T104500").fields
    assert fields["Summary_Description"] == "Café “Zoë”: prüfen – valve Nº 7 second line"
    assert fields["Customer_PO_Number"] == "PO–77"
    assert await world.warnings() == []


async def test_a_job_with_its_accents_apart_is_the_same_job(world: World) -> None:
    job = world.job(FIRST_JOB_ID)
    job.description = "Café – Zoë"
    plain = await world.preview(FIRST_JOB_ID)
    job.description = unicodedata.normalize("NFD", job.description)
    assert (await world.preview(FIRST_JOB_ID)).plan_hash == plain.plan_hash
    assert (await world.send(FIRST_JOB_ID)).state is SendState.SENT
    assert world.work_order("T104482").fields["Summary_Description"] == "Café – Zoë"


async def test_half_an_emoji_is_told_in_words_that_every_answer_can_carry(world: World) -> None:
    job = world.job(FIRST_JOB_ID)
    assert job.customer is not None
    job.description = job.customer_po = "Valve \ud83d"
    company = world.servicetrade.state.companies[job.customer]
    company.name = "Harbor\udd25view"
    del company.external_ids["spectrum"]
    plan = await world.preview(FIRST_JOB_ID)
    assert [found.code for found in plan.blockers].count("INVALID_CHARACTERS") == 2
    for text in (*plan.values.values(), *(found.message for found in plan.findings)):
        assert text.encode(errors="ignore").decode() == text
    assert any("Harbor\ufffdview" in found.message for found in plan.findings)


async def test_markup_in_a_text_arrives_as_text(world: World) -> None:
    world.job(FIRST_JOB_ID).description = "Valve <b>4</b> & riser ]]> \"2\" 'x' &amp;"
    assert (await world.send(FIRST_JOB_ID)).state is SendState.SENT
    assert world.work_order("T104482").fields["Summary_Description"] == "Valve <b>4</b> & riser ]]> \"2\" 'x' &amp;"


async def test_control_characters_in_an_external_id(world: World) -> None:
    customer = world.job(FIRST_JOB_ID).customer
    assert customer is not None
    world.servicetrade.state.companies[customer].external_ids["spectrum"] = "HAR\x00VIEW"
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["INVALID_CHARACTERS"])
    assert nothing_sent(world)


async def test_control_characters_in_names_and_numbers_are_survived(world: World) -> None:
    """PostgreSQL stores no NUL, so text of a job must not break the storing of its failure."""
    job = world.job(FIRST_JOB_ID)
    customer = job.customer
    assert customer is not None
    job.number = "104\x00482"
    world.servicetrade.state.companies[customer].name = "Harbor\x00view"
    del world.servicetrade.state.companies[customer].external_ids["spectrum"]
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["MAP_CUSTOMER_MISSING", "INVALID_CHARACTERS"])
    assert len(await world.warnings()) == 1
    assert len(world.comments(FIRST_JOB_ID)) == 1
