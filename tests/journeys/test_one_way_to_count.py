"""All pages, the API, the command line and the metrics show the same counts, whatever happened before."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from adapters.inbound.cli.command_context import CommandContext
from adapters.inbound.cli.command_line import command_line
from core.model.access.person import Role
from core.model.planning.job import JobSnapshot
from core.model.sending.answer import (
    Accepted,
    AnswerRow,
    NotSent,
    NotSentReason,
    Refused,
    Unknown,
    UnknownReason,
    WriteOutcome,
)
from core.model.sending.send import SendState
from tests.edges.plugins.test_plugin_rehearsal import PART
from tests.support.browser_scene import Browser, person, somebody
from tests.support.http_scene import JOB, SENDS, UNMAPPED, Scene, api

pytestmark = pytest.mark.long

HOME, API = "/t/cardinal", "/v1/tenants/cardinal"
ANSWERS: dict[str, WriteOutcome] = {
    "accepted": Accepted(),
    "refused": Refused((AnswerRow("I", "unknown", "WO_Job_Number"),)),
    "locked": Refused((AnswerRow("E", "Record is locked by another user", "WO_Number"),)),
    "silent": Unknown(UnknownReason.TIMEOUT, "no answer in time"),
    "unreachable": NotSent(NotSentReason.REFUSED, "connection refused"),
}
JOBS: Sequence[JobSnapshot] = [
    *(replace(JOB, id=f"70{n}", number=f"70{n}", status="completed") for n in range(3)),
    *(replace(UNMAPPED, id=f"80{n}", number=f"80{n}", status="completed") for n in range(2)),
]
_NAMES = st.sampled_from(
    [(), ("refused",), ("locked",) * 3, ("silent",), ("unreachable",), ("accepted", "silent"), ("accepted", "refused")]
)
"""Of the header, then of the item."""
_SEND = st.tuples(st.just("send"), st.integers(0, 4), st.sampled_from(("none", "new_only", "again")), _NAMES)
_ACT = st.one_of(
    _SEND,
    st.tuples(st.just("later"), st.sampled_from((1, 40, 700, 4000, 90_000)), _NAMES),
    st.tuples(st.just("on the send"), st.integers(0, 5), st.sampled_from(("retry", "cancel", "mark-done"))),
    st.tuples(st.just("settle"), st.sampled_from(("posted", "not_posted"))),
    st.tuples(st.sampled_from(("pause", "resume", "pause the account", "resume the account", "dismiss"))),
)
HISTORIES = st.tuples(st.lists(_SEND, min_size=2, max_size=8), st.lists(_ACT, max_size=12)).map(
    lambda parts: [*parts[0], *parts[1]]
)


@dataclass(frozen=True)
class Player:
    """Makes an act, or is refused: then nothing has happened."""

    scene: Scene

    async def do(self, act: tuple[Any, ...]) -> None:
        scene = self.scene
        match act:
            case ("send", int(number), items, names):
                scene.spectrum.answer_next(*(ANSWERS[name] for name in names))
                body = {"job_id": JOBS[number].id, "connection": "main", "items": items}
                await scene.call("POST", SENDS, body)
                await scene.work()
            case ("later", seconds, names):
                scene.spectrum.answer_next(*(ANSWERS[name] for name in names))
                scene.clock.advance(seconds)
                rows = scene.transactions.rows
                rows.woken += {send.connection_id for send in rows.sends.values() if send.due_at}
                await scene.work()
            case ("on the send", int(number), verb):
                sends = list(scene.transactions.rows.sends)
                if number < len(sends):
                    reason = {"reason": "Typed it in."} if verb == "mark-done" else None
                    await scene.call("POST", f"{SENDS}/{sends[number]}/{verb}", reason)
            case ("settle", outcome):
                for doubt in (await scene.call("GET", f"{API}/doubts")).body["items"][:1]:
                    verdict = {"outcome": outcome, "reason": "Looked."}
                    await scene.call("POST", f"{API}/doubts/{doubt['line']['id']}/settle", verdict)
            case ("pause" | "resume" as verb,):
                await scene.call("POST", f"{API}/connections/main/{verb}")
            case ("pause the account" | "resume the account" as verb,):
                await scene.call("POST", f"{API}/{verb.split()[0]}")
            case ("dismiss",):
                for warning in (await scene.call("GET", f"{API}/warnings")).body["items"]:
                    await scene.call("POST", f"{API}/warnings/{warning['id']}/dismiss")
            case _:
                raise ValueError(act)


def by_hand(scene: Scene) -> dict[str, int]:
    """The jobs of each group, straight from the stored sends and lines."""
    rows = scene.transactions.rows
    connection = next(iter(rows.connections.values())).connection
    stops = next(iter(rows.tenants.values())).tenant.paused or connection.paused
    stops = stops or (connection.hold is not None and connection.hold.until is None)
    retrying = {send.job_id for send in rows.sends.values() if send.state is SendState.RETRYING and send.due_at}
    waiting = {send.job_id for send in rows.sends.values() if send.state is SendState.RETRYING and not send.due_at}
    failed = {send.job_id for send in rows.sends.values() if send.state is SendState.NEEDS_ATTENTION}
    doubtful = {send.job_id for send in rows.sends.values() if send.state is SendState.IN_DOUBT}
    doubtful |= {line.job_id for line in rows.ledger.values() if line.state.value == "in_doubt"}
    return {
        "needs_attention": len(failed),
        "in_doubt": len(doubtful),
        "retrying": 0 if stops else len(retrying),
        "stopped": len(waiting | retrying) if stops else len(waiting),
        "attention": len(failed | doubtful),
    }


async def command(scene: Scene) -> Any:
    """What `jobferry sends count --json` prints."""

    class Installation:
        @asynccontextmanager
        async def open_context(self) -> AsyncIterator[CommandContext]:
            async def alive() -> bool:
                return True

            yield CommandContext(scene.use_cases, alive, nullcontext)

    arguments = ["sends", "count", "--tenant", "cardinal", "--json"]
    ended = await asyncio.to_thread(CliRunner().invoke, command_line(), arguments, obj=Installation())
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout)


def number_before(words: str, said: str) -> int:
    """The number that stands before these words, 0 if they are not there."""
    found = re.search(rf"(\d+) {words}", said)
    return int(found[1]) if found else 0


async def check(scene: Scene, office: Browser, operator: Browser) -> None:
    expected = by_hand(scene)
    counts = (await scene.call("GET", f"{API}/counts")).body
    assert {group: tally["jobs"] for group, tally in counts["waiting"].items()} | {
        "attention": counts["jobs_for_people"]
    } == expected
    assert await command(scene) == counts

    scene.clock.advance(5)  # the metrics are counted every five seconds at most
    families = text_string_to_metric_families((await scene.call("GET", "/metrics")).text)
    metrics = {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}
    for group in ("needs_attention", "in_doubt", "retrying", "stopped"):
        assert metrics["jobferry_jobs", group] == expected[group], group
    assert metrics["jobferry_jobs_for_people",] == expected["attention"]
    assert metrics["jobferry_doubts",] == counts["waiting"]["in_doubt"]["items"]

    await office.open(HOME)
    assert office.status == 200, office.said
    title = office.page.xpath("string(//title)")
    assert number_before("", title.replace("(", "").replace(")", "")) == counts["needs_attention"]
    lead = " ".join(office.page.xpath("string(//*[contains(@class, 'lead')])").split())
    assert number_before("jobs? needs? attention", lead) == expected["attention"]
    assert ("Nothing needs attention" in lead) is (counts["needs_attention"] == 0)
    rows = [
        " ".join(row.text_content().split()) for row in office.page.xpath("//li[contains(@class, 'cause')]/details")
    ]
    doubts = [row for row in rows if row.startswith("Check in Spectrum")]
    assert sum(number_before("jobs? ·", row) for row in doubts) == expected["in_doubt"]
    assert any("Jobferry tries again by itself" in row for row in rows) is (expected["retrying"] > 0)
    of_causes = [cause for cause in counts["causes"] if cause["waiting"] in ("needs_attention", "retrying")]
    assert len(rows) == len(of_causes) + len(doubts)
    for cause in of_causes:
        title = cause["title"] + f" {cause['jobs']} job"
        assert any(row.startswith(title) for row in rows), (title, rows)

    for cause in counts["causes"]:
        await office.open(f"{HOME}/causes/{cause['code']}")
        facts = office.page.xpath("//span[@class='cause-facts']")
        shown = [number_before("jobs? ·", " ".join(one.text_content().split())) for one in facts]
        assert sorted(shown) == sorted(one["jobs"] for one in counts["causes"] if one["code"] == cause["code"])

    for group in ("needs_attention", "in_doubt"):
        listed = (await scene.call("GET", f"{SENDS}?state={group}&limit=200")).body["items"]
        assert len(listed) == counts["waiting"][group]["sends"]
        await office.open(f"{HOME}/sends?state={group}")
        links = office.page.xpath("//tbody//a[contains(@href, '/sends/snd_')]/@href")
        assert len(set(links)) == len(listed), "the list of sends has one row a send"
    await office.open(f"{HOME}/doubts")
    items = counts["waiting"]["in_doubt"]["items"]
    assert len(office.page.xpath("//form[contains(@action, '/settle')]")) == items
    assert number_before("items? to check", office.said) == items

    await operator.open("/operator")
    [cells] = [[cell.text_content().strip() for cell in row] for row in operator.page.xpath("//tbody/tr")][:1]
    assert number_before("jobs?", cells[1]) == expected["attention"]


async def history(acts: Sequence[tuple[Any, ...]]) -> None:
    async with api() as scene:
        await scene.furnish()
        tenant = await scene.use_cases.find_tenant("cardinal")
        for job in JOBS:
            await scene.add_job(job)
            scene.service_trade.add_item(tenant.id, job.id, PART)
            scene.service_trade.complete(tenant.id, job.id)
        await somebody(scene)
        await person(scene, "ops@example.com", Role.OPERATOR)
        player = Player(scene)
        for act in acts:
            await player.do(act)
        office = await Browser(scene).sign_in("ann@example.com")
        operator = await Browser(scene).sign_in("ops@example.com")
        await check(scene, office, operator)


@given(acts=HISTORIES)
@settings(max_examples=40, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
def test_all_pages_metrics_api_and_command_line_show_the_same_counts(acts: list[tuple[Any, ...]]) -> None:
    asyncio.run(history(acts))
