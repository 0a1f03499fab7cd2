"""A plugin that reads the books settles a doubt. Whatever else it does, a person settles it and no send fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel
from structlog.testing import capture_logs

from core.model.connections.settings import PluginUse
from core.model.sending.send import SendState, Step
from core.model.work_orders.item import ItemKind
from plugins.hookspecs import PluginInfo, StoredLine, WorkOrderQuery, hookimpl
from tests.life import acts as a
from tests.life.by_hand import Told, told
from tests.life.rules import READER

PART, MORE = a.AddItem(0, "part", 2), a.AddItem(0, "part", 3)
Answering = Callable[[WorkOrderQuery], Awaitable[Any]]
PART_THERE = StoredLine(ItemKind.MATERIAL, "1", {"Item_Code": "P001A", "Quantity_Used": "2"})


class Reader:
    """A plugin whose `posted_lines` does what the test wants. `asked` holds the queries."""

    def __init__(self, answering: Answering, name: str = "reader") -> None:
        self._answering = answering
        self._name = name
        self.asked: list[WorkOrderQuery] = []

    @hookimpl
    def plugin_info(self) -> PluginInfo:
        return PluginInfo(self._name, "1", "For a test.")

    @hookimpl
    async def posted_lines(self, query: WorkOrderQuery) -> Any:
        self.asked.append(query)
        return await self._answering(query)


class Settings(BaseModel):
    server: str = ""
    view: str = ""


class Configured(Reader):
    @hookimpl
    def config_model(self) -> type[BaseModel]:
        return Settings


def says(answer: Any) -> Answering:
    async def answering(_: WorkOrderQuery) -> Any:
        return answer

    return answering


async def raises(_: WorkOrderQuery) -> Any:
    raise ConnectionError("the database is away")


async def ends(_: WorkOrderQuery) -> Any:
    raise TimeoutError


async def hangs(_: WorkOrderQuery) -> Any:
    await asyncio.Event().wait()


async def no_time_zone(_: WorkOrderQuery) -> Any:
    return [StoredLine(ItemKind.MATERIAL, "1", {}, datetime(2026, 3, 2))]  # noqa: DTZ001


FAILING = {
    "raises": (raises, "PLUGIN_ERROR"),
    "raises a time-out": (ends, "PLUGIN_TIMEOUT"),
    "hangs": (hangs, "PLUGIN_TIMEOUT"),
    "no list": (says("none"), "PLUGIN_ERROR"),
    "no lines": (says([{"kind": "material"}]), "PLUGIN_ERROR"),
    "a time without its zone": (no_time_zone, "PLUGIN_ERROR"),
    "cannot tell": (says(None), ""),
}


async def in_doubt(fate: str, *plugins: Reader) -> Told:
    """Two parts were to be posted; what became of the first is not known. The connection uses the plugins."""
    life = await told(*plugins)
    uses = tuple(PluginUse(plugin._name) for plugin in plugins) or READER
    await life.player.settings.change(0, plugins=uses)
    await life.do(PART, MORE, a.Complete(0), a.Answer("line", fate), a.Ask(0, 0, "new_only"), a.Work())
    assert (await life.last()).state is SendState.IN_DOUBT
    return life


async def quiet_period_ends(life: Told) -> None:
    await life.do(a.Wait(16), a.Work(), a.Work())


@pytest.mark.parametrize("fate", ["cut_applied", "cut_lost", "late", "gone_applied"])
async def test_the_books_settle_a_doubt_and_nothing_is_posted_twice(fate: str) -> None:
    life = await in_doubt(fate)
    assert (await life.last()).step is Step.EVIDENCE
    await quiet_period_ends(life)
    assert (await life.last()).state is SendState.SENT
    assert life.books() == ["T104482 P001A 2", "T104482 P002A 3"]
    seat = life.stage.seat(0)
    entries = (await life.stage.use_cases.list_audit(seat.tenant.id)).entries
    assert [one.actor for one in entries if one.action == "doubt.settled"] == ["evidence"]


async def test_nobody_is_asked_before_the_quiet_period_is_over() -> None:
    reader = Reader(says([]))
    life = await in_doubt("cut_lost", reader)
    await life.do(a.Wait(14), a.Work())
    assert reader.asked == []
    await quiet_period_ends(life)
    assert [query.work_order_number for query in reader.asked] == ["T104482"]
    assert (await life.last()).state is SendState.SENT


@pytest.mark.parametrize("name", FAILING)
async def test_a_plugin_that_fails_or_cannot_tell_leaves_it_to_a_person(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugins.in_process.EVENT_SECONDS", 0.05)
    answering, code = FAILING[name]
    reader = Reader(answering)
    life = await in_doubt("cut_applied", reader)
    with capture_logs() as logged:
        await quiet_period_ends(life)
    said = [entry for entry in logged if entry["event"] == "evidence.unreadable"]
    assert [(entry["plugin"], entry["code"]) for entry in said] == ([("reader", code)] if code else [])
    send = await life.last()
    assert (send.state, send.step, send.due_at) == (SendState.IN_DOUBT, Step.DONE, None)
    assert [found.code for found in send.findings] == ["IN_DOUBT_POST"], "it is the same doubt as before"
    await life.do(a.Wait(60 * 24), a.Work())
    assert len(reader.asked) == 1, "a failure is not repeated without end"
    assert (await life.stage.connection(life.stage.seat(0))).hold is None
    await life.do(a.Settle(0), a.Work())
    assert (await life.last()).state is SendState.SENT
    assert life.books() == ["T104482 P001A 2", "T104482 P002A 3"]


async def test_a_plugin_that_hangs_delays_the_sends_of_its_connection_by_its_time_limit_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("plugins.in_process.EVENT_SECONDS", 0.2)
    life = await in_doubt("cut_lost", Reader(hangs))
    await life.do(a.Wait(16), a.AddItem(1, "part", 1), a.Complete(1), a.Ask(1, 0, "new_only"))
    began = time.monotonic()
    await life.do(a.Work())
    assert time.monotonic() - began < 2
    assert (await life.last()).state is SendState.SENT
    assert life.books() == ["T104483 P003A 1"]


async def test_a_plugin_that_is_no_longer_installed_leaves_it_to_a_person() -> None:
    life = await in_doubt("cut_lost")
    rows, key = life.stage.transactions.rows.connections, life.stage.seat(0).connection_id
    rows[key] = replace(rows[key], connection=rows[key].connection.using((PluginUse("gone"),)))
    await quiet_period_ends(life)
    assert ((await life.last()).state, life.books()) == (SendState.IN_DOUBT, [])


async def test_without_a_plugin_that_reads_nothing_is_looked_for() -> None:
    life = await told()
    await life.do(PART, a.Complete(0), a.Answer("line", "cut_lost"), a.Ask(0, 0, "new_only"), a.Work())
    assert ((await life.last()).state, (await life.last()).step) == (SendState.IN_DOUBT, Step.DONE)
    await quiet_period_ends(life)
    assert (await life.last()).state is SendState.IN_DOUBT


async def test_a_hook_that_is_switched_off_is_not_asked() -> None:
    reader = Reader(says([]))
    life = await told(reader)
    await life.player.settings.change(0, plugins=(PluginUse("reader", hooks={"posted_lines": False}),))
    await life.do(PART, a.Complete(0), a.Answer("line", "cut_lost"), a.Ask(0, 0, "new_only"), a.Work())
    await quiet_period_ends(life)
    assert ((await life.last()).state, reader.asked) == (SendState.IN_DOUBT, [])


TOGETHER: dict[str, tuple[Answering, Answering, SendState]] = {
    "both say the same": (says([PART_THERE]), says([PART_THERE]), SendState.SENT),
    "they contradict each other": (says([PART_THERE]), says([]), SendState.IN_DOUBT),
    "the other way round": (says([]), says([PART_THERE]), SendState.IN_DOUBT),
    "one proves nothing": (says([PART_THERE]), says([PART_THERE, PART_THERE]), SendState.IN_DOUBT),
    "the first fails": (raises, says([PART_THERE]), SendState.SENT),
    "the second fails": (says([PART_THERE]), raises, SendState.SENT),
    "the first cannot tell": (says(None), says([PART_THERE]), SendState.SENT),
    "both fail": (raises, raises, SendState.IN_DOUBT),
}


@pytest.mark.parametrize("case", TOGETHER)
async def test_of_several_plugins_all_that_answer_must_prove_the_same(case: str) -> None:
    first, second, state = TOGETHER[case]
    readers = Reader(first, "first"), Reader(second, "second")
    life = await in_doubt("cut_applied", *readers)
    await quiet_period_ends(life)
    assert (await life.last()).state is state
    assert [len(reader.asked) for reader in readers] == [1, 1]
    assert life.books().count("T104482 P001A 2") == 1


async def test_it_gets_its_own_configuration_over_the_tenants_defaults() -> None:
    reader = Configured(says(None))
    life = await told(reader)
    defaults = {"reader": {"server": "tenant", "view": "tenant"}}
    tenant = life.stage.seat(0).tenant
    await life.stage.use_cases.change_tenant(tenant, tenant.with_plugin_defaults(defaults), by="ann")
    await life.player.settings.change(0, plugins=(PluginUse("reader", {"view": "connection"}),))
    await life.do(PART, a.Complete(0), a.Answer("line", "cut_lost"), a.Ask(0, 0, "new_only"), a.Work())
    await quiet_period_ends(life)
    [query] = reader.asked
    config: object = query.config
    assert config == Settings(server="tenant", view="connection")
    assert (query.connection.slug, query.connection.company_code) == ("north", "101")


async def test_a_line_that_was_there_before_is_not_taken_for_ours() -> None:
    there = StoredLine(PART_THERE.kind, "1", PART_THERE.fields, datetime(2026, 3, 1, tzinfo=UTC))
    life = await in_doubt("cut_lost", Reader(says([there])))
    await quiet_period_ends(life)
    assert (await life.last()).state is SendState.IN_DOUBT
