"""The judge: holds Spectrum's books against what we say, and says what is wrong with it.

`look` is right at every moment, `at_rest` once nothing is due and people have settled what they could.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from core.model.sending.send import COMPLETION, Send, SendState
from core.model.work_orders.cost_line import BY_HAND, ItemsMode, LedgerLine, LinePurpose, LineState
from core.model.work_orders.item import ItemKind
from core.model.work_orders.job_service import TasksMode, is_service
from core.services.sending.read_sends import SendDetails
from tests.life.books import BookLine
from tests.life.stages.stage import Stage

SENT = (SendState.SENT, SendState.SENT_WITH_WARNINGS)
_CARRIED_BY = {
    ItemsMode.NEW_ONLY: (ItemsMode.NEW_ONLY, ItemsMode.DIFFERENCE, ItemsMode.AGAIN),
    ItemsMode.DIFFERENCE: (ItemsMode.DIFFERENCE,),
    ItemsMode.AGAIN: (ItemsMode.AGAIN,),
}
AT_AN_END = (*SENT, SendState.SUPERSEDED, SendState.CANCELLED, SendState.DONE_BY_HAND, SendState.NEEDS_ATTENTION)


@dataclass(frozen=True)
class _Set:
    """One posting of the whole of an item under one code. `again`: its send was asked to post it once more."""

    code: str
    send_id: str
    connection: str
    again: bool


class Judge:
    """`forgotten` are lines that we knew as posted and cannot know any more: connections removed, backups restored."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.forgotten: Counter[BookLine] = Counter()
        self._seen = 0
        self._told: set[tuple[str, str | None]] = set()
        self._sets: dict[tuple[str, str], list[_Set]] = defaultdict(list)
        self._to_renew: Counter[tuple[str, str, str]] = Counter()
        self._doubled: list[str] = []

    async def forget(self) -> None:
        """Our rows are about to be lost on purpose; `remember` afterwards."""
        rows = await self._stage.rows()
        self._before = _faces(rows, posted=True) + _faces(rows, posted=False)

    async def remember(self) -> None:
        rows = await self._stage.rows()
        self.forgotten += self._before - _faces(rows, posted=True) - _faces(rows, posted=False)

    async def look(self) -> list[str]:
        with self._stage.moments.asleep():
            sends = await self._stage.sends()
        rows = [row for one in sends for row in one.lines]
        self._note_new_lines(sends)
        return [
            *self._books(rows),
            *self._doubled,
            *_sent_is_shown(sends),
            *_superseded_is_carried(sends),
            *self._completions(sends),
        ]

    def _books(self, rows: list[LedgerLine]) -> Iterator[str]:
        there = Counter(self._stage.books())
        sure = _faces((row for row in rows if row.attempt_id != BY_HAND), posted=True)
        maybe = _faces(rows, posted=False) + _faces((row for row in rows if row.attempt_id == BY_HAND), posted=True)
        for line in sorted(sure - there, key=str):
            yield f"lost: {line} is called posted and does not stand in Spectrum"
        for number in sorted({line.number for line in there}):
            if self._stage.header(number) is None:
                yield f"wrong: lines stand on {number}, which is no work order in Spectrum"
        for line in sorted(there - sure - maybe - self.forgotten - self._stage.by_hand, key=str):
            yield f"unknown: {line} stands in Spectrum and we do not know it"

    def _note_new_lines(self, sends: list[SendDetails]) -> None:
        """Whether each new line was due: an item once, and once more for every send that was asked for `again`."""
        rows = [row for one in sends for row in one.lines]
        asked = {one.send.id for one in sends if one.send.items is ItemsMode.AGAIN}
        tasks_asked = {one.send.id for one in sends if one.send.tasks is TasksMode.AGAIN}
        books = self._stage.books()
        for line in books[self._seen :]:
            row = _row_of(line, [row for row in rows if (row.id, row.attempt_id) not in self._told])
            if row:
                self._told.add((row.id, row.attempt_id))
            again = tasks_asked if line.kind is ItemKind.TASK else asked
            purpose = row.purpose if row else (LinePurpose.NEW if line.amount > 0 else LinePurpose.REVERSAL)
            if line.kind is ItemKind.TASK and line.amount != 1:
                self._doubled.append(f"wrong: {line} corrects a task, which Spectrum cannot do")
            send_id, connection = (row.send_id, row.connection_id) if row else ("", "")
            if purpose is LinePurpose.REVERSAL:
                self._take_back(line, send_id, connection)
            elif purpose is not LinePurpose.CORRECTION:
                self._one_more_set(line, _Set(line.code, send_id, connection, again=send_id in again))
        self._seen = len(books)

    def _take_back(self, line: BookLine, send_id: str, connection: str) -> None:
        """A connection takes back what it posted, and the same send may then post the item as it is now."""
        sets = self._sets[line.number, line.item]
        gone = [one for one in sets if one.code == line.code and connection in ("", one.connection)]
        self._sets[line.number, line.item] = [one for one in sets if one not in gone]
        self._to_renew[send_id, line.number, line.item] += 1

    def _one_more_set(self, line: BookLine, new: _Set) -> None:
        """A send that was asked for `again` makes a set of its own, before or after the one that every item has."""
        sets, renewed = self._sets[line.number, line.item], (new.send_id, line.number, line.item)
        if self._to_renew[renewed]:
            self._to_renew[renewed] -= 1
            double = False
        elif new.again:
            double = any(one.send_id == new.send_id for one in sets)
        else:
            double = any(not (one.again and one.send_id > new.send_id) for one in sets)
        if double:
            self._doubled.append(f"doubled: {line} was posted by {new.send_id or 'nobody'} although it stands there")
        sets.append(new)

    def _completions(self, sends: list[SendDetails]) -> Iterator[str]:
        by_itself = Counter(
            (one.send.connection_id, one.send.job_id)
            for one in sends
            if one.send.requested_by == COMPLETION and one.send.items is ItemsMode.AGAIN
        )
        for (connection, job_id), count in sorted(by_itself.items()):
            completions = self._stage.job(job_id).completions
            if count > completions:
                yield f"doubled: {completions} completions of {job_id} set off {count} sets on {connection}"

    async def at_rest(self) -> list[str]:
        problems = await self.look()
        sends = [one.send for one in await self._stage.sends()]
        problems += [f"stuck: {words(send)}" for send in sends if send.state not in AT_AN_END]
        return problems


def words(send: Send) -> str:
    return f"{send.id} ({send.items.value}) {send.state.value} at {send.step.value} {[f.code for f in send.findings]}"


def _sent_is_shown(sends: list[SendDetails]) -> Iterator[str]:
    posted = {
        (row.connection_id, row.work_order_number, row.item_id, row.round): row
        for one in sends
        for row in one.lines
        if row.state is LineState.POSTED
    }
    for one in sends:
        send = one.send
        if send.state not in SENT or send.plan is None:
            continue
        for line in send.plan.lines:
            if (send.connection_id, send.work_order_number, line.item_id, line.round) not in posted:
                yield f"lost: {words(send)} says sent, but its line {line.code} is not posted"


def _superseded_is_carried(sends: list[SendDetails]) -> Iterator[str]:
    """Who takes the place of a send with items was asked for no less."""
    for old in (one.send for one in sends):
        if old.state is not SendState.SUPERSEDED or old.items not in _CARRIED_BY:
            continue
        newer = (one.send for one in sends if one.send.seq > old.seq and one.send.job_id == old.job_id)
        ours = [new for new in newer if new.connection_id == old.connection_id]
        if not any(new.items in _CARRIED_BY[old.items] and _tasks_carried(old, new) for new in ours):
            yield f"lost: {words(old)} is superseded, and no later send carries what it was to"


def _tasks_carried(old: Send, new: Send) -> bool:
    """Whether the later one adds the tasks that the old one was to add."""
    if old.tasks is TasksMode.NONE or not (old.plan and any(is_service(line.item_id) for line in old.plan.lines)):
        return True
    return new.tasks is old.tasks or (old.tasks, new.tasks) == (TasksMode.NEW_ONLY, TasksMode.AGAIN)


def _faces(rows: object, *, posted: bool) -> Counter[BookLine]:
    return Counter(
        BookLine.of(row.work_order_number, row.kind, row.fields)
        for row in rows  # type: ignore[attr-defined]
        if (row.state is LineState.POSTED if posted else row.state.unclear)
    )


def _row_of(line: BookLine, rows: list[LedgerLine]) -> LedgerLine | None:
    """The row that stands for a line just added: each posted one must have a line, then those that may have."""
    alike = [
        row
        for row in rows
        if BookLine.of(row.work_order_number, row.kind, row.fields) == line
        and (row.state.unclear or row.state is LineState.POSTED)
    ]
    return min(alike, key=lambda row: (row.state.unclear, str(row.sent_at or "~"), row.id), default=None)
