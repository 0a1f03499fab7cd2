"""A long description goes whole into a note, and a user-defined field shows the send: last, and never in the way."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.sandbox.faults import UNTIL_CLEARED, Fault, FaultKind
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from core.model.connections.optional_settings import NoteMode
from core.model.connections.settings import LongText, Overwrite, PluginUse
from core.model.sending.send import HeaderState, SendState, Step
from core.model.shared.errors import Conflict
from core.model.shared.finding import Severity
from core.model.work_orders.annotation import AnnotationKind
from core.model.work_orders.cost_line import ItemsMode
from plugins.hookspecs import Draft, FieldPatch, HeaderPatch, PluginInfo, hookimpl
from tests.journeys.items import NUMBER as LINES_NUMBER
from tests.journeys.items import books, completed_job
from tests.journeys.world import World, codes

JOB, NUMBER, NOTES_PATH = FIRST_JOB_ID, "T104482", "/ws/WOHeaderNotes"
LONG = "Replace the check valve on riser two and retest it. " * 8
LONGER = "Every riser was drained, opened, cleaned, photographed and closed. " * 20


def notes(world: World, number: str = NUMBER) -> dict[str, str]:
    return world.work_order(number).notes


def described(world: World, text: str, job_id: str = JOB) -> str:
    world.job(job_id).description = text
    return " ".join(text.split())


def annotating(attempts: Any) -> list[tuple[str, str]]:
    return [(one.outcome, one.detail) for one in attempts if one.step is Step.ANNOTATE]


class NoteOfOffice:
    @hookimpl
    def plugin_info(self) -> PluginInfo:
        return PluginInfo("note_of_office", "1", "Writes a note and a marker of its own.")

    @hookimpl
    def map_work_order(self, draft: Draft) -> HeaderPatch:
        return HeaderPatch((FieldPatch("Notes_Text", "Call Ann  first.", "asked"), FieldPatch("UDF7", "ANN", "asked")))


@pytest.fixture
def plugins() -> list[object]:
    return [NoteOfOffice()]


async def with_note(world: World, **more: Any) -> None:
    await world.change(**{"note_topic": "JOBFERRY", **more})


async def test_a_long_description_is_whole_in_the_note_and_the_work_order_says_so(world: World) -> None:
    await with_note(world)
    text = described(world, LONG)
    send = await world.send(JOB)
    assert (send.state, codes(send)) == (SendState.SENT, ["NOTE_HOLDS_TEXT"])
    assert notes(world) == {"JOBFERRY": text}
    short = world.work_order(NUMBER).fields["Summary_Description"]
    assert short.endswith(" (more in note JOBFERRY)")
    assert len(short) <= 250
    assert text.startswith(short.removesuffix(" (more in note JOBFERRY)"))
    [_, note] = await world.attempts(send)
    assert (note.step, note.outcome) == (Step.ANNOTATE, "accepted")
    assert "SANDBOX-101" not in note.request


async def test_the_preview_shows_the_note_with_its_origin_and_what_changes(world: World) -> None:
    await with_note(world, marker_field="UDF7")
    text = described(world, LONG)
    plan = await world.preview(JOB)
    note, marker = plan.annotations
    assert (note.kind, note.place, note.text, note.previous, note.changes) == (
        AnnotationKind.NOTE,
        "JOBFERRY",
        text,
        None,
        True,
    )
    assert (note.origin.rule, note.origin.source) == ("length_policy", "job.description")
    assert (marker.place, marker.shown) == ("UDF7", "104482 and the end of the send's id")
    send = await world.send(JOB, plan_hash=plan.plan_hash)
    assert send.plan == plan


async def test_a_description_that_fits_needs_no_note(world: World) -> None:
    await with_note(world)
    send = await world.send(JOB)
    assert (send.state, send.findings) == (SendState.SENT, ())
    assert notes(world) == {}
    assert len(await world.attempts(send)) == 1


async def test_a_description_that_fits_again_replaces_the_note(world: World) -> None:
    await with_note(world)
    described(world, LONG)
    await world.send(JOB)
    described(world, "Retest riser two.")
    assert (await world.send(JOB)).state is SendState.SENT
    assert notes(world) == {"JOBFERRY": "Retest riser two."}
    described(world, "")
    assert codes(await world.send(JOB)) == ["CLEAR_NOT_POSSIBLE"]
    assert notes(world) == {"JOBFERRY": "The job has no description any more."}


async def test_more_than_a_note_takes_is_told_before_it_is_sent(world: World) -> None:
    await with_note(world)
    text = described(world, LONGER)
    [found] = (await world.preview(JOB)).findings
    assert (found.code, found.severity) == ("NOTE_TOO_LONG", Severity.WARNING)
    assert f"{len(text):,} characters" in found.message
    send = await world.send(JOB)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, ["NOTE_TOO_LONG"])
    note = notes(world)["JOBFERRY"]
    assert len(note) <= 1000
    assert note.endswith("(cut here; the rest is in ServiceTrade)")


async def test_where_nothing_may_be_cut_the_note_takes_what_it_can_and_more_stops_the_send(world: World) -> None:
    await with_note(world, long_text=LongText.REFUSE)
    described(world, LONG)
    assert (await world.send(JOB)).state is SendState.SENT
    described(world, LONGER)
    send = await world.send(JOB)
    assert (send.state, codes(send)) == (SendState.NEEDS_ATTENTION, ["DESCRIPTION_TOO_LONG"])


async def test_only_what_changed_is_written_again_if_the_connection_says_so(world: World) -> None:
    await with_note(world, overwrite=Overwrite.CHANGED_FIELDS)
    described(world, LONG)
    await world.send(JOB)
    again = await world.send(JOB)
    assert annotating(await world.attempts(again)) == []
    described(world, LONG + "Once more.")
    assert len(annotating(await world.attempts(await world.send(JOB)))) == 1


async def test_each_changed_text_is_added_once(world: World) -> None:
    await with_note(world, note_mode=NoteMode.APPEND)
    first = described(world, LONG)
    await world.send(JOB)
    await world.send(JOB)
    assert notes(world) == {"JOBFERRY": f"Job 104482: {first}"}
    second = described(world, "First of all: " + LONG)
    await world.send(JOB)
    assert notes(world) == {"JOBFERRY": f"Job 104482: {first}\nJob 104482: {second}"}
    described(world, "Third of all: " + LONG)
    send = await world.send(JOB)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, ["NOTE_TOO_LONG"])
    assert "more in note" not in world.work_order(NUMBER).fields["Summary_Description"]
    assert notes(world) == {"JOBFERRY": f"Job 104482: {first}\nJob 104482: {second}"}


async def test_the_marker_names_the_job_and_the_send(world: World) -> None:
    await world.change(marker_field="UDF7")
    send = await world.send(JOB)
    assert (send.state, send.findings) == (SendState.SENT, ())
    assert world.work_order(NUMBER).user_fields == {"UDF7": f"104482 {send.id[-8:]}"}
    again = await world.send(JOB)
    assert world.work_order(NUMBER).user_fields == {"UDF7": f"104482 {again.id[-8:]}"}


async def test_the_marker_is_written_however_its_service_is_spelt(world: World) -> None:
    world.spectrum.state.settings.misspelt = True
    await world.change(marker_field="UDF7")
    for _ in range(2):
        send = await world.send(JOB)
        assert (send.state, send.findings) == (SendState.SENT, ())
        assert world.work_order(NUMBER).user_fields == {"UDF7": f"104482 {send.id[-8:]}"}


async def test_note_and_marker_come_after_the_items(world: World) -> None:
    await with_note(world, marker_field="UDF7")
    described(world, LONG, completed := completed_job(world, "CV4G 1 412.85"))
    send = await world.send(completed, items=ItemsMode.NEW_ONLY)
    steps = [one.step for one in await world.attempts(send)]
    assert (send.state, steps[-2:]) == (SendState.SENT, [Step.ANNOTATE] * 2)
    assert set(steps[1:-2]) == {Step.LINES}


def _without_service(world: World) -> None:
    world.spectrum.state.settings.services.remove("WOHeaderNotes")


def _without_right(world: World) -> None:
    for one in world.spectrum.state.authorizations.values():
        one.services.remove("WOHeaderNotes")


def _without_topic(world: World) -> None:
    world.company.note_topics.clear()


@pytest.mark.parametrize("without", [_without_service, _without_right, _without_topic])
async def test_a_note_that_spectrum_does_not_take_stops_nothing_and_is_told(world: World, without: Any) -> None:
    await with_note(world, marker_field="UDF7")
    described(world, LONG)
    without(world)
    send = await world.send(JOB)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, ["NOTE_HOLDS_TEXT", "NOTE_NOT_WRITTEN"])
    assert world.work_order(NUMBER).user_fields, "the marker is written all the same"
    assert world.external_id(JOB) == NUMBER
    assert (await world.connection()).hold is None
    for_all = without is not _without_topic
    assert [(one.topic, one.finding.code) for one in await world.warnings()] == [("note", "NOTE_NOT_WRITTEN")] * for_all
    world.spectrum.state.settings.services.append("WOHeaderNotes")
    for one in world.spectrum.state.authorizations.values():
        one.services.append("WOHeaderNotes")
    world.company.note_topics.append("JOBFERRY")
    assert codes(await world.send(JOB)) == ["NOTE_HOLDS_TEXT"]
    assert await world.warnings() == []


async def test_a_marker_field_that_is_not_mapped_stops_nothing_and_is_told(world: World) -> None:
    for one in world.spectrum.state.authorizations.values():
        one.user_fields.clear()
    await world.change(marker_field="UDF7")
    send = await world.send(JOB)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, ["MARKER_NOT_WRITTEN"])
    assert "not mapped" in send.findings[0].message


LOCKED = "E WO_Number Locking error: the record is in use on another screen"


def staged(world: World, kind: FaultKind, times: int = 1, **more: Any) -> None:
    world.spectrum.faults.add(Fault(kind, match=NOTES_PATH, times=times, **more))


def note_calls(world: World) -> int:
    return sum(call.path == NOTES_PATH for call in world.spectrum.requests.calls)


async def test_a_locked_work_order_gets_its_note_later_and_the_rest_stands(world: World) -> None:
    await with_note(world)
    text = described(world, LONG)
    staged(world, FaultKind.ROWS, text=LOCKED)
    send = await world.send(JOB)
    assert (send.state, send.step, send.header) == (SendState.RETRYING, Step.ANNOTATE, HeaderState.STANDS)
    assert world.external_id(JOB) == NUMBER
    with pytest.raises(Conflict) as refused:
        await world.use_cases.send_actions.cancel(send.tenant_id, send.id, by="ann")
    assert refused.value.code == "SEND_NOT_CANCELLABLE"
    await world.later(minutes=1)
    assert ((await world.show(send)).state, notes(world)) == (SendState.SENT, {"JOBFERRY": text})
    assert world.headers_received() == 1
    assert await world.warnings() == []


async def test_a_lock_that_stays_ends_in_a_warning_and_not_in_a_failure(world: World) -> None:
    await with_note(world)
    described(world, LONG, completed := completed_job(world, "CV4G 1 412.85"))
    staged(world, FaultKind.ROWS, UNTIL_CLEARED, text=LOCKED)
    send = await world.send(completed, items=ItemsMode.NEW_ONLY)
    for minutes in (1, 2, 5, 15):
        await world.later(minutes)
    send = await world.show(send)
    assert (send.state, set(codes(send))) == (SendState.SENT_WITH_WARNINGS, {"NOTE_HOLDS_TEXT", "NOTE_NOT_WRITTEN"})
    assert (books(world), world.headers_received()) == ([f"{LINES_NUMBER} CV4G 1"], 1)


async def test_an_endpoint_that_goes_away_before_the_note_is_waited_for(world: World) -> None:
    await with_note(world)
    text = described(world, LONG)
    staged(world, FaultKind.STATUS, status=503)
    send = await world.send(JOB)
    assert (send.state, send.step, codes(send)) == (SendState.RETRYING, Step.ANNOTATE, ["ERP_MAINTENANCE"])
    assert (await world.connection()).hold is not None
    await world.later(minutes=2)
    assert ((await world.show(send)).state, notes(world)) == (SendState.SENT, {"JOBFERRY": text})
    assert (await world.connection()).hold is None


@pytest.mark.parametrize("kind", [FaultKind.APPLY_THEN_DROP, FaultKind.DROP_BEFORE_APPLY, FaultKind.TRUNCATE])
async def test_a_note_that_replaces_is_written_again_after_a_lost_answer(world: World, kind: FaultKind) -> None:
    await with_note(world)
    text = described(world, LONG)
    staged(world, kind, bytes=180)
    send = await world.send(JOB)
    assert (send.state, send.step) == (SendState.RETRYING, Step.ANNOTATE)
    await world.later(minutes=1)
    assert ((await world.show(send)).state, notes(world), note_calls(world)) == (SendState.SENT, {"JOBFERRY": text}, 2)


@pytest.mark.parametrize("kind", [FaultKind.APPLY_THEN_DROP, FaultKind.DROP_BEFORE_APPLY, FaultKind.TRUNCATE])
async def test_a_text_to_be_added_is_never_added_again_after_a_lost_answer(world: World, kind: FaultKind) -> None:
    await with_note(world, note_mode=NoteMode.APPEND)
    described(world, LONG)
    staged(world, kind, bytes=180)
    send = await world.send(JOB)
    assert (send.state, set(codes(send))) == (SendState.SENT_WITH_WARNINGS, {"NOTE_HOLDS_TEXT", "NOTE_UNCLEAR"})
    again = await world.send(JOB)
    assert set(codes(again)) == {"NOTE_HOLDS_TEXT", "NOTE_UNCLEAR"}
    assert note_calls(world) == 1
    described(world, "Changed. " + LONG)
    assert codes(await world.send(JOB)) == ["NOTE_HOLDS_TEXT"]
    assert note_calls(world) == 2


async def test_a_text_to_be_added_that_never_left_is_added_later(world: World) -> None:
    await with_note(world, note_mode=NoteMode.APPEND)
    text = described(world, LONG)
    staged(world, FaultKind.ROWS, text=LOCKED)
    send = await world.send(JOB)
    assert send.state is SendState.RETRYING
    await world.later(minutes=1)
    assert (await world.show(send)).state is SendState.SENT
    assert notes(world) == {"JOBFERRY": f"Job 104482: {text}"}


async def test_settings_that_change_before_the_note_leave_the_stored_plan_as_it_is(world: World) -> None:
    await with_note(world)
    text = described(world, LONG)
    staged(world, FaultKind.ROWS, text=LOCKED)
    send = await world.send(JOB)
    world.company.note_topics.append("OTHER")
    await world.change(note_topic="OTHER", note_mode=NoteMode.APPEND)
    await world.later(minutes=1)
    assert ((await world.show(send)).state, notes(world)) == (SendState.SENT, {"JOBFERRY": text})
    later = await world.send(JOB)
    assert codes(later) == ["NOTE_HOLDS_TEXT"] * 2
    assert notes(world) == {"JOBFERRY": text, "OTHER": f"Job 104482: {text}"}


async def test_a_later_send_of_the_job_has_the_last_word(world: World) -> None:
    await with_note(world)
    described(world, LONG)
    staged(world, FaultKind.ROWS, text=LOCKED)
    first = await world.send(JOB)
    newer = described(world, "Newer. " + LONG)
    second = await world.send(JOB)
    await world.later(minutes=1)
    assert [(await world.show(one)).state for one in (first, second)] == [SendState.SENT] * 2
    assert notes(world) == {"JOBFERRY": newer}


async def test_a_rule_may_write_the_note_and_the_marker(world: World) -> None:
    await with_note(world, marker_field="UDF7", plugins=(PluginUse("note_of_office"),))
    send = await world.send(JOB)
    assert (send.state, send.findings) == (SendState.SENT, ())
    assert (notes(world), world.work_order(NUMBER).user_fields) == ({"JOBFERRY": "Call Ann first."}, {"UDF7": "ANN"})
    await world.change(note_topic="", marker_field="", plugins=(PluginUse("note_of_office"),))
    refused = await world.send(JOB)
    assert (refused.state, set(codes(refused))) == (SendState.NEEDS_ATTENTION, {"FIELD_LENGTH_OTHER"})


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_status_alone_holds_added_texts_until_a_person_looked_and_each_send_says_so(
    world: World, status: int
) -> None:
    await with_note(world, note_mode=NoteMode.APPEND)
    text = described(world, LONG)
    world.spectrum.faults.add(Fault(FaultKind.STATUS, match=NOTES_PATH, status=status, times=UNTIL_CLEARED))
    assert "NOTE_UNCLEAR" in codes(await world.send(JOB))
    assert [(one.topic, one.finding.code) for one in await world.warnings()] == [("note", "NOTES_HELD")]
    assert (await world.connection()).hold is None, "work orders go on"
    world.spectrum.faults.clear()
    later = described(world, LONG + "And clean up.")
    held = await world.send(JOB)
    assert (held.state, "NOTE_NOT_WRITTEN" in codes(held)) == (SendState.SENT_WITH_WARNINGS, True)
    assert notes(world) == {}, "a text that may be added next to an unclear one waits, too"
    await world.later(minutes=16)
    [one] = await world.use_cases.unclear_annotations.list(world.tenant.id)
    settle = world.use_cases.unclear_annotations.settle
    await settle(world.tenant.id, one.id, there=False, reason="Looked: nothing.", by="ann")
    assert await world.warnings() == []
    await world.send(JOB)
    assert notes(world)["JOBFERRY"].count(later) == 1
    assert text in later


async def test_a_text_is_not_added_again_because_the_topic_is_written_in_other_case(world: World) -> None:
    await with_note(world, note_mode=NoteMode.APPEND)
    described(world, LONG)
    await world.send(JOB)
    world.company.note_topics.append("Jobferry")
    await world.change(note_topic="Jobferry")
    assert not [one for one in (await world.preview(JOB)).annotations if one.due]
    assert (await world.send(JOB)).state is SendState.SENT
    assert note_calls(world) == 1
