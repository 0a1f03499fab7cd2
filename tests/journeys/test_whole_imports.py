"""A file of sites of which somebody says that it holds all: an unknown site is known before sending, until time or
Spectrum says otherwise."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from core.model.mappings.alias import AliasEntry, AliasKind
from core.model.mappings.listed_code import FRESH_FOR, ListState
from core.model.sending.send import SendState
from core.model.shared.errors import BadInput, Conflict
from core.model.shared.finding import Severity
from core.services.mappings.import_codes import AskedImport, ListImport
from core.services.mappings.learn_codes import LearnCodes
from tests.journeys.world import NORTH, World
from tests.support.dependencies import over

SITE = AliasKind.SITE
UNKNOWN = "ERP_SITE_UNKNOWN_OR_INACTIVE"


async def take(world: World, *codes: str, whole: bool = True) -> ListImport:
    asked = AskedImport(kind=SITE, content="\n".join(("Site Code", *codes)).encode(), whole=whole)
    importing = world.use_cases.import_codes
    look = await importing.preview(world.tenant.id, NORTH, asked)
    await importing(world.tenant.id, NORTH, asked, fingerprint=look.fingerprint, by="ann")
    return look


async def learn(world: World) -> None:
    """As every night."""
    await LearnCodes(over(world.transactions))(await world.connection())


async def sites(world: World) -> ListState:
    found = await world.use_cases.look_up_codes.states(world.tenant.id, NORTH)
    return next(one for one in found.states if one.kind is SITE)


async def site_findings(world: World) -> list[Severity]:
    plan = await world.preview(FIRST_JOB_ID)
    return [one.severity for one in plan.findings if one.code == UNKNOWN]


async def test_an_unknown_site_stops_a_job_only_where_somebody_said_that_the_file_holds_all(world: World) -> None:
    look = await take(world, "OTHER", whole=False)
    assert not look.counts_as_whole
    assert await site_findings(world) == [Severity.WARNING]
    look = await take(world, "OTHER")
    assert look.counts_as_whole
    assert await site_findings(world) == [Severity.BLOCKER]
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, world.headers_received()) == (SendState.NEEDS_ATTENTION, 0)
    world.clock.advance(FRESH_FOR.total_seconds() + 60)
    assert await site_findings(world) == [Severity.WARNING], "it gets old as a list that is read"


async def test_a_site_that_is_added_later_is_one_line_and_makes_the_list_neither_younger_nor_less_whole(
    world: World,
) -> None:
    await take(world, "OTHER")
    before = await sites(world)
    world.clock.advance(timedelta(hours=40).total_seconds())
    await take(world, "HV0001", "HV0002", whole=False)
    after = await sites(world)
    assert (after.complete, after.read_at) == (True, before.read_at)
    assert await site_findings(world) == []


async def test_the_look_shows_whose_jobs_would_be_stopped_and_what_speaks_against_the_word(world: World) -> None:
    entry = AliasEntry(SITE, "2274012005000077", "Quail Ridge", "QUAIL")
    await world.use_cases.aliases.set(world.tenant.id, NORTH, [entry], by="ann")
    await world.send(FIRST_JOB_ID)
    await learn(world)
    look = await take(world, "OTHER")
    assert [one.code for one in look.first_stopped] == ["QUAIL"]
    assert (look.stopped, look.accepted) == (1, 1)
    assert [one.code for one in look.first_accepted] == ["HV0002"], "Spectrum took it, so the file does not hold all"
    assert await site_findings(world) == [], "what Spectrum accepted stays listed"
    with pytest.raises(BadInput) as unknown:
        await world.use_cases.aliases.set(world.tenant.id, NORTH, [entry], by="ann")
    assert unknown.value.code == "CODE_UNKNOWN"


async def test_the_look_shows_whose_jobs_an_inactive_code_would_stop_also_of_a_part(world: World) -> None:
    entry = AliasEntry(SITE, "2274012005000077", "Quail Ridge", "QUAIL")
    await world.use_cases.aliases.set(world.tenant.id, NORTH, [entry], by="ann")
    asked = AskedImport(kind=SITE, content=b"Site Code,Status\nQUAIL,Inactive\nOTHER,Active")
    look = await world.use_cases.import_codes.preview(world.tenant.id, NORTH, asked)
    assert ([one.code for one in look.first_stopped], look.stopped) == (["QUAIL"], 1)


async def test_what_spectrum_accepts_later_ends_the_word(world: World) -> None:
    await world.send(FIRST_JOB_ID)
    await take(world, "OTHER")
    assert (await sites(world)).complete
    await learn(world)
    state = await sites(world)
    assert not state.complete
    assert "Spectrum accepted HV0002" in state.detail
    assert await site_findings(world) == []


async def test_a_file_that_was_looked_at_as_a_part_is_not_taken_as_the_whole(world: World) -> None:
    importing, content = world.use_cases.import_codes, b"Site Code\nOTHER\n"
    part = await importing.preview(world.tenant.id, NORTH, AskedImport(kind=SITE, content=content))
    whole = AskedImport(kind=SITE, content=content, whole=True)
    with pytest.raises(Conflict) as changed:
        await importing(world.tenant.id, NORTH, whole, fingerprint=part.fingerprint, by="ann")
    assert changed.value.code == "CODES_FILE_CHANGED"


async def test_rows_that_cannot_be_read_leave_the_list_a_part(world: World) -> None:
    look = await take(world, "OTHER", "MUCH-TOO-LONG-A-CODE")
    assert not look.counts_as_whole
    assert not (await sites(world)).complete


async def test_learned_codes_are_told_as_such_and_not_as_never_read(world: World) -> None:
    await world.send(FIRST_JOB_ID)
    await learn(world)
    state = await sites(world)
    assert (state.trouble, state.rows) == (None, 1)
    assert state.detail == "1 code, learned from what Spectrum accepted. No file was imported."


@pytest.mark.parametrize("second_whole", [True, False])
async def test_a_whole_file_beside_another_one_leaves_a_list_that_stops_nothing(
    world: World, second_whole: bool
) -> None:
    """It removes what the other one has just stored."""
    importing = world.use_cases.import_codes
    files = {"A": True, "HV0002": second_whole}
    asked = [
        AskedImport(kind=SITE, content=f"Site Code\n{code}\n".encode(), whole=whole) for code, whole in files.items()
    ]
    marks = [(await importing.preview(world.tenant.id, NORTH, one)).fingerprint for one in asked]
    imports = [
        importing(world.tenant.id, NORTH, one, fingerprint=mark, by="ann")
        for one, mark in zip(asked, marks, strict=True)
    ]
    await asyncio.gather(*imports)
    state = await sites(world)
    assert (state.complete, state.detail[:34]) == (False, "Another file was imported at the s")
    assert Severity.BLOCKER not in await site_findings(world)
    await take(world, "OTHER")
    assert (await sites(world)).complete, "one file alone is taken by its word again"
