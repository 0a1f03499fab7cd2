"""How far a send has come in both systems: its work order, its items, and the number on the job.

Everything that tells an outcome uses these facts, so that no page, comment or event contradicts another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.model.sending.send import HeaderState, Send, SendState
from core.model.work_orders.annotation import Annotation, AnnotationState
from core.model.work_orders.cost_line import BY_HAND, ItemsMode, LedgerLine, LineState
from core.model.work_orders.job_service import is_service
from core.model.work_orders.work_order import WorkOrderRecord


class Mark(StrEnum):
    """How far one part of a send is."""

    DONE = "done"
    """Done"""
    PENDING = "pending"
    """It may still happen by itself"""
    UNKNOWN = "unknown"
    """It may have happened: a person has to look"""
    MISSING = "missing"
    """It has not happened, and does not happen by itself"""
    BY_HAND = "by_hand"
    """A person says that it was done in Spectrum"""


@dataclass(frozen=True, slots=True)
class ItemsProgress:
    """How many of a send's items (or tasks) are posted, and how many a person has to look for in Spectrum. An item with
    two lines, such as a corrected one, is posted once both are."""

    mark: Mark
    posted: int
    total: int
    to_check: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """`number` is about the number on the job in ServiceTrade. `items` is None for a send without items, before its
    plan is made, and once plan and lines of an old send are deleted; `tasks`, those made of the job's services, too."""

    work_order: Mark
    items: ItemsProgress | None
    number: Mark
    tasks: ItemsProgress | None = None

    @property
    def to_check(self) -> int:
        """How many items and tasks a person has to look for in Spectrum."""
        return sum(one.to_check for one in (self.items, self.tasks) if one)


def progress_of(send: Send, lines: Iterable[LedgerLine]) -> Progress:
    """What the send and its own rows of the ledger prove. The state only says whether the rest may still follow."""
    own = [line for line in lines if line.takes_place or line.plan_id == send.plan_id]
    rest = Mark.MISSING if send.state.settled else Mark.PENDING
    called = {line.state for line in own if line.attempt_id != BY_HAND}
    if send.header is HeaderState.STANDS or send.number_written or LineState.POSTED in called:
        work_order = Mark.DONE  # lines and number follow only once Spectrum has accepted the work order
    elif send.state is SendState.DONE_BY_HAND:
        work_order = Mark.BY_HAND
    elif send.header is HeaderState.BEGUN or any(state.unclear for state in called):
        work_order = Mark.UNKNOWN
    else:
        work_order = rest
    states = _states(send, own)
    items = {item_id: of_item for item_id, of_item in states.items() if not is_service(item_id)}
    tasks = {item_id: of_item for item_id, of_item in states.items() if is_service(item_id)}
    number = Mark.DONE if send.number_written else rest
    return Progress(work_order, _counted(send, items, rest), number, _counted(send, tasks, rest))


@dataclass(frozen=True, slots=True)
class AnnotationProgress:
    """How far a note, marker or document of a send is. `reference` is the document's id in Spectrum."""

    annotation: Annotation
    state: AnnotationState
    reference: str = ""


def annotations_of(send: Send, record: WorkOrderRecord | None) -> Sequence[AnnotationProgress]:
    """What this send writes about its work order, and how far that is. What a later send wrote says nothing of it;
    what is unclear is shown with each."""
    found = []
    for one in send.plan.annotations if send.plan else ():
        written = record.annotations.get(one.key) if record else None
        if written and (written.plan_id == send.plan_id or written.state is AnnotationState.UNCLEAR):
            found.append(AnnotationProgress(one, written.state, written.reference))
        elif one.due and send.state not in (SendState.SENT, SendState.SENT_WITH_WARNINGS):
            found.append(AnnotationProgress(one, AnnotationState.PLANNED))
    return found


def _states(send: Send, own: Iterable[LedgerLine]) -> Mapping[str, set[LineState]]:
    """The states of the lines of each item and service."""
    states: dict[str, set[LineState]] = defaultdict(set)
    for line in own:
        states[line.item_id].add(line.state)
    if send.plan is not None and send.items is not ItemsMode.NONE:
        for item_id in {line.item_id for line in send.plan.lines} | {item.item_id for item in send.plan.blocked}:
            states[item_id] = states[item_id] or {LineState.PLANNED}
    return states


def _counted(send: Send, states: Mapping[str, set[LineState]], rest: Mark) -> ItemsProgress | None:
    if not states:
        return None
    # A line of a send that goes on is on its way to Spectrum. Of one that rests, nobody knows whether it arrived.
    doubtful = {LineState.IN_DOUBT, LineState.SENDING} if send.state.settled else {LineState.IN_DOUBT}
    posted = sum(of_item == {LineState.POSTED} for of_item in states.values())
    to_check = sum(bool(of_item & doubtful) for of_item in states.values())
    mark = Mark.DONE if posted == len(states) else Mark.UNKNOWN if to_check else rest
    return ItemsProgress(mark, posted, len(states), to_check)
