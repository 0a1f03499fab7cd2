"""Tasks in the progress of a send: counted beside the items, in the sentence and among the marks."""

from __future__ import annotations

import pytest

from adapters.inbound.cli.views.words import marks
from adapters.inbound.console.words import mark_rows
from core.model.sending.outcome_words import outcome_words
from core.model.sending.progress import ItemsProgress, Mark, Progress, progress_of
from core.model.sending.send import HeaderState, Send, SendState, Step
from core.model.work_orders.cost_line import ItemsMode, LineState
from tests.units.sending.life_scene import line, send_at

POSTED, DOUBT = LineState.POSTED, LineState.IN_DOUBT
SEND: Send = send_at(
    SendState.IN_DOUBT,
    Step.DONE,
    items=ItemsMode.NEW_ONLY,
    plan=None,
    header=HeaderState.STANDS,
    number_written=True,
    work_order_number="T104482",
)


def progress(items: LineState, *tasks: LineState) -> Progress:
    lines = [line("valve", items)]
    lines += [line("permit", state, item_id=f"service-{n}", attempt_id=f"att_{n}") for n, state in enumerate(tasks)]
    return progress_of(SEND, lines)


def test_tasks_are_counted_beside_items() -> None:
    found = progress(POSTED, POSTED, DOUBT)
    assert found.items == ItemsProgress(Mark.DONE, 1, 1)
    assert found.tasks == ItemsProgress(Mark.UNKNOWN, 1, 2, to_check=1)
    assert found.to_check == 1
    assert progress(POSTED).tasks is None


@pytest.mark.parametrize(
    ("tasks", "words"),
    [
        ((POSTED, POSTED), "its item is posted, and all 2 tasks are posted"),
        ((POSTED, DOUBT), "1 of 2 tasks is posted and 1 is to check in Spectrum"),
    ],
)
def test_the_sentence_tells_both(tasks: tuple[LineState, ...], words: str) -> None:
    assert words in outcome_words(SEND, progress(POSTED, *tasks), "Lakeside")


def test_page_and_command_have_a_mark_for_tasks() -> None:
    found = progress(POSTED, POSTED, DOUBT)
    assert "1 of 2 tasks posted, 1 to check in Spectrum" in [one.text for one in mark_rows(SEND, found, "Lakeside")]
    assert "tasks: 1 of 2 tasks posted" in marks(found)
