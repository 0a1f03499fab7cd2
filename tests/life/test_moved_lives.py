"""Spectrum's address or company is changed: what stands there goes on to count, and only there."""

from __future__ import annotations

from typing import Any

import pytest

from core.model.connections.endpoint import Endpoint
from core.model.sending.send import HeaderState, SendState
from core.model.shared.errors import Conflict
from tests.life import acts as a
from tests.life.by_hand import Told, told

PART = a.AddItem(0, "part", 2)
NEW = Endpoint.parse("https://newname.example.com:8482/ws")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_two_connections_that_follow_a_renamed_server_still_see_each_other(order: tuple[int, int]) -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Ask(0, 0, "new_only"), a.Work())
    for seat in order:
        await life.player.settings.change(seat, endpoint=NEW)
    await life.do(a.Ask(0, 1, "new_only"), a.Work())
    assert life.books() == ["T104482 P001A 2"]


async def test_what_a_removed_connection_posted_is_seen_after_the_server_was_renamed() -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Ask(0, 0, "new_only"), a.Work(), a.Remake(0), a.Ask(0, 0, "none"), a.Work())
    await life.do(a.RenameServer(), a.RenameServer(), a.Ask(0, 0, "new_only"), a.Work())
    assert life.books() == ["T104482 P001A 2"]


@pytest.mark.parametrize("moves", [0, 2])
async def test_while_only_one_has_followed_both_see_what_the_other_posted(moves: int) -> None:
    """Both names lead to the same Spectrum."""
    life = await told()
    await life.do(a.Ask(0, 0, "none"), a.Work(), a.Ask(0, 2, "none"), a.Work())
    await life.player.settings.change(moves, endpoint=NEW)
    await life.do(PART, a.Complete(0), a.Ask(0, 0, "new_only"), a.Work(), a.AddItem(0, "part", 3))
    await life.do(a.Ask(0, 2, "new_only"), a.Work(), a.Ask(0, 0, "new_only"), a.Work())
    assert life.books() == ["T104482 P001A 2", "T104482 P002A 3"]
    await life.do(a.SecondJob(), a.Ask(2, 2, "none"), a.Work())
    assert [found.code for found in (await life.last()).findings] == ["WO_NUMBER_TAKEN"]


async def test_a_number_is_somebodys_also_after_the_server_was_renamed() -> None:
    life = await told()
    await life.do(a.SecondJob(), a.Ask(0, 0, "none"), a.Work(), a.RenameServer(), a.Ask(2, 2, "none"), a.Work())
    theirs = await life.last()
    assert [found.code for found in theirs.findings] == ["WO_NUMBER_TAKEN"]
    await life.do(a.Describe(0, 1), a.Ask(0, 0, "none"), a.Work())
    assert (await life.last()).state is SendState.SENT


async def test_a_restored_backup_holds_those_under_a_former_name_too() -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Ask(0, 0, "none"), a.Work(), a.Ask(0, 2, "none"), a.Work())
    await life.player.settings.change(0, endpoint=NEW)
    await life.do(a.Describe(0, 1), a.Ask(0, 0, "none"), a.Work(), a.Backup(), a.Ask(0, 0, "new_only"), a.Work())
    await life.do(a.RestoreBackup(), a.Ask(0, 2, "new_only"), a.Work())
    assert (await life.last()).state is SendState.NEEDS_ATTENTION
    assert life.books() == ["T104482 P001A 2"]


async def _passes_by_the_address_of_others(life: Told) -> None:
    """Another tenant's connection, which has a server of its own, names theirs for a moment."""
    theirs = (await life.stage.connection(life.stage.seat(0))).endpoint
    own = Endpoint.parse("https://own.example.com:8482/ws")
    for endpoint in (own, theirs, own):
        await life.player.settings.change(2, endpoint=endpoint)


@pytest.mark.parametrize("adopt", [True, False])
async def test_whoever_only_names_anothers_address_takes_no_number_there(adopt: bool) -> None:
    life = await told()
    await _passes_by_the_address_of_others(life)
    first = (a.Ask(0, 0, "none"), a.Work()) if adopt else ()
    await life.do(a.SecondJob(), PART, *first, a.Ask(2, 2, "none", adopt=adopt), a.Work())
    await life.do(a.Describe(0, 3), a.Ask(0, 0, "none"), a.Work())
    ours = await life.last()
    assert ours.header is HeaderState.STANDS
    assert "WO_NUMBER_TAKEN" not in [found.code for found in ours.findings]


async def test_whoever_only_names_anothers_address_stops_no_work_order_there() -> None:
    life = await told()
    await _passes_by_the_address_of_others(life)
    await life.do(PART, a.Complete(0), a.Answer("line", "cut_lost"), a.Ask(0, 2, "new_only"), a.Work())
    life.stage.transactions.rows.claims.clear()  # the job is the same, and Spectrum is not
    await life.declare()
    await life.do(a.Ask(0, 0, "again"), a.Work())
    assert (await life.last()).state is SendState.SENT_WITH_WARNINGS


async def test_what_was_on_its_way_to_the_former_address_proves_nothing_about_the_new_one() -> None:
    life = await told()
    write = life.stage.spectrum.write_header

    async def moves_meanwhile(*args: Any, **kwargs: Any) -> Any:
        life.stage.spectrum.write_header = write  # type: ignore[method-assign]
        await life.player.settings.change(0, endpoint=NEW)
        return await write(*args, **kwargs)

    life.stage.spectrum.write_header = moves_meanwhile  # type: ignore[method-assign]
    await life.do(a.Ask(0, 0, "none"), a.Work())
    assert not (await life.stage.connection(life.stage.seat(0))).endpoint_used
    await life.do(a.Describe(0, 1), a.Ask(0, 0, "none"), a.Work())
    assert (await life.stage.connection(life.stage.seat(0))).endpoint_used


async def test_a_company_of_which_somebody_said_what_stands_there_stays() -> None:
    life = await told()
    await life.do(PART, a.Complete(0))
    await life.declare()
    with pytest.raises(Conflict) as refused:
        await life.player.settings.change(0, company_code="202")
    assert refused.value.code == "CONNECTION_HAS_HISTORY"


async def test_a_clock_that_is_ahead_delays_no_send() -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Skew(60), a.Ask(0, 0, "new_only"), a.Work())
    assert life.books() == ["T104482 P001A 2"]
