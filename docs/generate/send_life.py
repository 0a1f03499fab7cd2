"""Write docs/send-life.md from the outcome of every case: `python -m docs.generate.send_life`, from the root."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.model.sending.lifecycle.change import Change
from core.model.sending.lifecycle.decide import decide
from core.model.sending.lifecycle.event import (
    AnnotationAnswered,
    AnnotationBegins,
    AnnotationUnread,
    Cancelled,
    EndpointSilent,
    EvidenceFound,
    GaveWay,
    HeaderAnswered,
    HeaderBegins,
    LineAnswered,
    LineBegins,
    MarkedDone,
    NotReported,
    NumberNotWritten,
    NumberWritten,
    Planned,
    Reported,
    Retried,
    ServiceTradeTrouble,
    Settled,
    SpectrumTrouble,
    StepFailed,
)
from core.model.sending.send import SendState, Step
from core.model.shared.errors import Conflict
from docs.generate.send_life_words import stored
from tests.units.sending.life_cases import CASES
from tests.units.sending.life_scene import POINTS, Case

PAGE = Path(__file__).parents[1] / "send-life.md"
_Point = tuple[SendState, Step]

_INTRO = """\
# How a send lives

A send carries one job to one connection. It is stored first and then goes through these steps:

1. **plan**: the worker reads the job, makes the plan, and stores it with every line that it posts.
2. **header**: the work order is written to Spectrum under its number.
3. **write_back**: the number is written to the job in ServiceTrade.
4. **lines**: material and other charges are posted, one after the other.
5. **annotate**: the long description is written to its note, and the marker to its user-defined field, and
   the paperwork is added, if the connection says so ([decision 83](decisions/0083-notes-and-markers.md)).
6. **report**: the result is written to ServiceTrade. Then the send is **done**.

In each step the worker calls ServiceTrade or Spectrum and returns one outcome. One function decides what follows from
an outcome (`core/model/sending/lifecycle/decide.py`), and one transaction stores all of it or nothing
(`core/services/sending/lifecycle/commit_change.py`). So a worker may be killed at any moment: the next one finds the
send at its step and continues there. The same function decides what follows from a person's action.

Four rules explain most of the tables below.

- **A line always belongs to the send that planned it.**
- **A failed send makes nobody wait.** Lines that it did not post are given back in the same transaction. A later send
  of the job plans these items again, and so does a retry. A send with items waits for another one only while that one
  is under way or in doubt.
- **A line that may have been posted is never posted again automatically.** The send is in doubt until Spectrum's
  answer, evidence or a person settles the line.
- **Sent is proved.** A send is called sent only if each line of its plan is posted. The transaction that ends it checks
  this, and so does a trigger in the database.

This page is generated from the code (`python -m docs.generate.send_life`), and a test compares the two. The reasons:
[decision 31](decisions/0031-one-life-of-a-send.md).

## The states

| state | what it means | who acts next |
|---|---|---|
| `queued` | requested, or requested again (retry); it may wait for another send | the worker |
| `sending` | under way | the worker |
| `retrying` | waits for a temporary problem to end | the worker, after a pause |
| `in_doubt` | it is not known whether a line was posted | a person, or evidence |
| `needs_attention` | failed; somebody has to fix something | a person |
| `sent`, `sent_with_warnings` | everything is in Spectrum | nobody |
| `done_by_hand` | a person has entered it in Spectrum | nobody, once ServiceTrade is informed |
| `superseded` | a later send of the job carried everything that this one was to carry | nobody |
| `cancelled` | cancelled, or stopped by a rule, before anything was written | nobody |

## The diagram

Every transition from one state to another. The tables say the same in words.

"""

_TABLES = """\

## The tables

*from* is the state (and the step, where it matters), *then* the next state and step. *stored with it* is what the same
transaction writes. Some words mean several things:

- **fails**: findings with the cause, all open lines given back, the warning raised, the event `send.failed`, and the
  comment on the job due. The step `report` writes the comment.
- **a pause**: the send is due later. It uses up a try only where the table says so. After the last try the send fails.
- **the gate**: the moment until which a header may leave. Another worker waits for that moment.
- **given back**: the line is kept for inspection, and its place on the work order is free.
- **a hold**: all sends of the connection wait with the steps that need Spectrum.

A case is listed only where its result differs from the first case of its kind. When a send ends, fails, or gives lines
back, the sends that wait for it are woken. An outcome of a step that the send has left changes nothing: it is refused,
and the worker reads the send again.
"""


@dataclass(frozen=True)
class _Part:
    title: str
    words: str
    kinds: tuple[type[Any], ...]


_PARTS = (
    _Part("Planning", "Step `plan`. Nothing has been written yet.", (Planned, ServiceTradeTrouble)),
    _Part(
        "The header, before it leaves",
        "Step `header`, after a crash or an unclear outcome: the stored plan is written again. Its explicit number "
        "makes this safe.",
        (HeaderBegins,),
    ),
    _Part(
        "The header's answer",
        "Step `header`. *No write came before* says that no earlier write of this send can have reached Spectrum.",
        (HeaderAnswered,),
    ),
    _Part("The number on the job", "Step `write_back`. The work order exists.", (NumberWritten, NumberNotWritten)),
    _Part("The next line", "Step `lines`, before each line, and after the last one.", (LineBegins, SpectrumTrouble)),
    _Part(
        "Spectrum is not called",
        "Before the steps `plan`, `header`, `lines` and `annotate`, while the server of this Spectrum does not answer.",
        (EndpointSilent,),
    ),
    _Part(
        "A line's answer",
        "It is stored whenever it arrives and whatever state the send has by then: it is true whichever worker has the "
        "connection now. *In time* says that the line is still `sending`.",
        (LineAnswered,),
    ),
    _Part(
        "The note, the marker and the documents",
        "Step `annotate`, after the items. Work order and items stay sent, whatever becomes of these.",
        (AnnotationBegins, AnnotationUnread, AnnotationAnswered),
    ),
    _Part("The report to ServiceTrade", "Step `report`.", (Reported, NotReported)),
    _Part("Evidence", "Step `evidence`, if a plugin reads cost lines in Spectrum.", (EvidenceFound,)),
    _Part("When Jobferry itself fails", "In any step.", (StepFailed,)),
    _Part(
        "What people do",
        "Actions that are not listed are refused, with a code that says why.",
        (Cancelled, Retried, MarkedDone, Settled, GaveWay),
    ),
)
_DRAWN = {
    Planned: "planned",
    ServiceTradeTrouble: "ServiceTrade",
    HeaderBegins: "header",
    HeaderAnswered: "header",
    NumberWritten: "number",
    NumberNotWritten: "number",
    LineBegins: "lines",
    SpectrumTrouble: "lines",
    EndpointSilent: "Spectrum is silent",
    LineAnswered: "late answer",
    AnnotationBegins: "note",
    AnnotationAnswered: "note",
    AnnotationUnread: "ServiceTrade",
    Reported: "reported",
    NotReported: "ServiceTrade",
    EvidenceFound: "evidence",
    StepFailed: "crash",
    Cancelled: "cancel",
    Retried: "retry",
    MarkedDone: "mark as done",
    Settled: "settle",
    GaveWay: "newer send",
}


def send_life_page() -> str:
    """The whole page: text, diagram and tables."""
    parts = [line for part in _PARTS for line in _part(part)]
    return "\n".join([_INTRO + _picture() + _TABLES, *parts])


_NODES: Mapping[SendState, str] = {
    SendState.SENDING: "under_way",
    SendState.RETRYING: "under_way",
    SendState.SENT: "sent",
    SendState.SENT_WITH_WARNINGS: "sent",
}
_NAMES = {"under_way": "sending, retrying", "sent": "sent, sent_with_warnings"}


def _picture() -> str:
    ways: dict[tuple[str, str], list[str]] = {}
    for case in CASES:
        for point in _points(case.kind):
            if (change := _change(case, point)) is None:
                continue
            drawn = [(point[0], change.send.state, _DRAWN[case.kind])]
            drawn += [(SendState.NEEDS_ATTENTION, old.state, "a later send") for old in change.superseded]
            for before, then, label in drawn:
                labels = ways.setdefault((_node(before), _node(then)), [])
                if label not in labels:
                    labels.append(label)
    order = list(dict.fromkeys(_node(state) for state in SendState))
    lines = [f'    state "{name}" as {node}' for node, name in _NAMES.items()]
    lines.append("    [*] --> queued")
    for (source, target), labels in sorted(ways.items(), key=lambda way: [order.index(node) for node in way[0]]):
        if source != target:
            lines.append(f"    {source} --> {target}: {', '.join(labels)}")
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", ""])


def _node(state: SendState) -> str:
    return _NODES.get(state, state.value)


def _part(part: _Part) -> Iterator[str]:
    yield f"### {part.title}\n"
    yield f"{part.words}\n"
    yield "| what happens | from | then | stored with it |"
    yield "|---|---|---|---|"
    for case in (case for case in CASES if case.kind in part.kinds):
        for places, (then, with_it) in _grouped(case):
            yield f"| {case.says} | {places} | {then} | {with_it} |"
    yield ""


def _grouped(case: Case) -> Iterable[tuple[str, tuple[str, str]]]:
    """One row per result, for all places that lead to it. Results that the kind's first case shows have none."""
    first = next(other for other in CASES if other.kind is case.kind)
    found = {point: row for point in _points(case.kind) if (row := _row(case, point))}
    new = {point: row for point, row in found.items() if case is first or row != _row(first, point)}
    moving = {row for point, row in found.items() if row[0] != point}
    rows: dict[tuple[str, str], list[_Point]] = {}
    for point, (after, with_it) in (new or found).items():
        stays = after == point and (after, with_it) not in moving
        then = "as before" if stays else after if isinstance(after, str) else f"`{after[0].value}` `{after[1].value}`"
        rows.setdefault((then, with_it), []).append(point)
    return [(_places(points, list(found)), row) for row, points in rows.items()]


def _points(kind: type[Any]) -> Sequence[_Point]:
    """Where this can happen in practice: a line has an answer only after it was planned, and an ended send is over."""
    if kind is LineAnswered:
        return [(state, step) for state, step in POINTS if (state, step) in _WITH_LINES]
    if kind is Settled:
        return [(SendState.IN_DOUBT, Step.DONE), (SendState.NEEDS_ATTENTION, Step.DONE)]
    return POINTS


_WITH_LINES = {
    (SendState.SENDING, Step.LINES),
    (SendState.RETRYING, Step.LINES),
    (SendState.IN_DOUBT, Step.DONE),
    (SendState.NEEDS_ATTENTION, Step.DONE),
    (SendState.SENT, Step.DONE),
}


def _row(case: Case, point: _Point) -> tuple[_Point | str, str] | None:
    """The next point, and what is stored with it. Refused actions have a row only if somebody may try them. Outcomes of
    another step have none."""
    send, event, facts = case.at(*point)
    try:
        change = decide(send, event, facts)
    except Conflict as refused:
        tried = case.says in _TRIED.get(point[0], ()) and point[1] is not Step.REPORT
        return ("refused", f"`{refused.code}`") if tried else None
    return (change.send.state, change.send.step), "; ".join(stored(send, facts, change)) or "nothing"


_TRIED: Mapping[SendState, tuple[str, ...]] = {
    SendState.SENDING: ("cancel", "retry", "mark as done"),
    SendState.IN_DOUBT: (
        "cancel",
        "retry",
        "mark as done",
        "settle: it is not there, too early",
        "settle a line that is not in doubt",
    ),
    SendState.NEEDS_ATTENTION: (
        "cancel",
        "mark as done, while another send posts",
        "mark as done, when another send posted its lines since",
        "mark as done, right after the database went back",
    ),
    SendState.SENT: ("cancel", "retry", "mark as done"),
}


def _change(case: Case, point: _Point) -> Change | None:
    try:
        return decide(*case.at(*point))
    except Conflict:
        return None


def _places(points: Sequence[_Point], all_points: Sequence[_Point]) -> str:
    """By state. The step is named if the same state has another result in another step."""
    by_state: dict[SendState, list[Step]] = {}
    for state, step in points:
        by_state.setdefault(state, []).append(step)
    words = []
    for state, steps in by_state.items():
        elsewhere = {step for other, step in all_points if other is state} - set(steps)
        named = f" ({', '.join(step.value for step in steps)})" if elsewhere else ""
        words.append(f"`{state.value}`{named}")
    return ", ".join(words)


if __name__ == "__main__":
    PAGE.write_text(send_life_page(), encoding="utf-8")
