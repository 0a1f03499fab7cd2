"""Writes lives: a seed gives a life, always the same one. Phrases that belong together make it more than noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from core.model.work_orders.cost_line import ItemsMode
from tests.life import acts as a
from tests.life.fates import HEADER_FATES, LINE_FATES
from tests.life.rules import USES

_MODES = {
    ItemsMode.NEW_ONLY: ("none", "new_only", "new_only"),
    ItemsMode.DIFFERENCE: ("none", "new_only", "difference", "difference", "again"),
}
_CALLS = (
    "read_job",
    "read_items",
    "write_external_id",
    "complete_job",
    "replace_comment",
    "changed_since",
    "completion_of",
)
Phrase = Callable[[], Sequence[a.Act]]


class Writer:
    """Half of the lives post new items only; their books are judged more strictly. `without`: kinds of acts that a
    stage cannot play, or that a search leaves out."""

    def __init__(self, seed: int, without: Sequence[type[a.Act]] = (), seats: int = 3) -> None:
        self._dice, self._forgets, self._tasks = Random(seed), Random(seed), Random(seed)
        self._without = tuple(without)
        self.mode = self._dice.choice((ItemsMode.NEW_ONLY, ItemsMode.DIFFERENCE))
        chosen = self._dice.choice(((0,), (0,), (0, 1), (0, 2), (0, 1, 2)))
        self._seats = chosen[:seats]
        phrases: dict[Phrase, int] = {
            self._office: 6,
            self._send: 8,
            self._troubled_send: 7,
            self._servicetrade_trouble: 2,
            self._people: 6,
            self._two_sends: 4,
            self._settings: 2,
            self._completion: 3,
            self._crash: 3,
            self._freeze: 2,
            self._database: 1,
            self._remake: 1,
            self._time: 4,
            self._clocks: 1,
            self._move: 1,
            self._blocked_then_done: 1,
        }
        self._phrases, self._weights = list(phrases), list(phrases.values())

    def life(self) -> list[a.Act]:
        acts: list[a.Act] = [self._item()]
        for _ in range(self._dice.randint(3, 12)):
            [phrase] = self._dice.choices(self._phrases, self._weights)
            acts += phrase()
        acts = [one for act in acts for one in self._with_tasks(act)]
        acts = [one for act in acts for one in ((act, a.Forget()) if self._forgets.random() < 0.15 else (act,))]
        return [act for act in acts if not isinstance(act, self._without)]

    def _with_tasks(self, act: a.Act) -> Sequence[a.Act]:
        """Services beside items, sends that say otherwise about tasks, and a switch that somebody turns meanwhile."""
        throw = self._tasks.random
        if isinstance(act, a.AddItem) and throw() < 0.4:
            return (act, replace(act, kind="service"))
        if not isinstance(act, a.Ask) or act.items == "none":
            return (act,)
        before: list[a.Act] = []
        if throw() < 0.1:
            before.append(a.SwitchTasks(act.seat, on=throw() < 0.5))
        if throw() < 0.05:
            before.append(a.Trouble("read_services", self._tasks.choice(("time", "tenant", "lost"))))
        if throw() < 0.1:
            act = replace(act, tasks="none")
        elif throw() < 0.1 and self.mode is ItemsMode.DIFFERENCE:
            act = replace(act, tasks="again")
        return (*before, act)

    def _job(self) -> int:
        return self._dice.choice((0, 0, 0, 0, 1, 2))

    def _seat(self) -> int:
        return self._dice.choice(self._seats)

    def _which(self) -> int:
        return self._dice.choice((0, 0, 0, 1, 2))

    def _item(self, job: int | None = None) -> a.Act:
        kind = self._dice.choice(("part", "part", "part", "part", "fee", "labor", "codeless"))
        return a.AddItem(self._job() if job is None else job, kind, self._dice.randint(1, 9))

    def _ask(self, job: int | None = None, *, completes: bool = False) -> a.Act:
        mode = self._dice.choice(_MODES[self.mode])
        adopt = self._dice.random() < 0.15
        return a.Ask(self._job() if job is None else job, self._seat(), mode, adopt=adopt, completes=completes)

    def _office(self) -> Sequence[a.Act]:
        return [
            self._dice.choice(
                (
                    self._item(),
                    self._item(),
                    a.EditItem(
                        self._dice.randint(0, 9),
                        self._dice.choice(("quantity", "quantity", "cost", "code")),
                        self._dice.randint(1, 9),
                    ),
                    a.RemoveItem(self._dice.randint(0, 9)),
                    a.Describe(self._job(), self._dice.randint(1, 99)),
                    a.Complete(self._job()),
                    a.Reopen(self._job()),
                    a.Redate(self._job(), self._dice.choice((-90, -5, 5))),
                )
            )
        ]

    def _send(self) -> Sequence[a.Act]:
        job = self._job()
        if self._dice.random() < 0.25:
            return [self._ask(job, completes=True), a.Work()]
        return [a.Complete(job), self._ask(job), a.Work()]

    def _fate(self) -> a.Answer:
        if self._dice.random() < 0.3:
            return a.Answer("header", self._dice.choice(HEADER_FATES))
        return a.Answer("line", self._dice.choice(LINE_FATES), self._dice.choice((0, 0, 1)))

    def _troubled_send(self) -> Sequence[a.Act]:
        job = self._job()
        fates = [self._fate() for _ in range(self._dice.choice((1, 1, 1, 2)))]
        more = [self._item(job)] if self._dice.random() < 0.6 else []
        return [*more, a.Complete(job), *fates, self._ask(job), a.Work()]

    def _servicetrade_trouble(self) -> Sequence[a.Act]:
        how = self._dice.choice(("time", "tenant", "lost"))
        return [a.Trouble(self._dice.choice(_CALLS), how), *self._send()]

    def _two_sends(self) -> Sequence[a.Act]:
        """A second one is asked for while the first is under way or failed, and something is done to one of them."""
        job = self._job()
        between = self._dice.choice(
            (
                [],
                [a.Work()],
                [a.Answer("line", self._dice.choice(LINE_FATES)), a.Work()],
                [a.Answer("header", self._dice.choice(HEADER_FATES)), a.Work()],
            )
        )
        return [self._item(job), a.Complete(job), self._ask(job), *between, self._ask(job), *self._people(), a.Work()]

    def _people(self) -> Sequence[a.Act]:
        which = self._which()
        return [
            self._dice.choice(
                (
                    a.Cancel(which),
                    a.Retry(which),
                    a.MarkDone(which),
                    a.Dismiss(which),
                    a.Settle(which),
                    a.Settle(which),
                    a.Work(),
                    self._ask(),
                    a.Declare(which),
                    a.Acknowledge(),
                )
            )
        ]

    def _time(self) -> Sequence[a.Act]:
        return [a.Wait(self._dice.choice((1, 3, 16, 60))), self._dice.choice((a.Work(), a.Settle(0), a.Poll()))]

    def _clocks(self) -> Sequence[a.Act]:
        """A doubt while the clocks differ: how long it has to stay quiet is the database's business."""
        job = self._job()
        return [
            a.Skew(self._dice.choice((-20, 20))),
            self._item(job),
            a.Complete(job),
            a.Answer("line", self._dice.choice(("late", "cut_lost"))),
            self._ask(job),
            a.Work(),
            a.Settle(0),
            a.Work(),
            a.Wait(16),
            a.Skew(0),
        ]

    def _settings(self) -> Sequence[a.Act]:
        seat = self._seat()
        return [
            self._dice.choice(
                (
                    a.Leading(self._dice.choice("TWX")),
                    a.Skew(self._dice.choice((-20, -2, 2, 20))),
                    a.ServiceTradeAddress(self._dice.randint(0, 1), self._dice.randint(0, 2)),
                    a.SpectrumAddress(seat, self._dice.randint(0, 3)),
                    a.Rules(seat, self._dice.choice(tuple(USES))),
                    a.RenameServer(),
                )
            )
        ]

    def _completion(self) -> Sequence[a.Act]:
        seat, job = self._seat(), self._job()
        resend = self._dice.choice([mode for mode in _MODES[self.mode] if mode != "none"])
        on = a.Trigger(seat, self._dice.choice(("send", "send_with_items", "send_with_items")), resend)
        ways: tuple[list[a.Act], ...] = (
            [on, a.Complete(job), a.Poll()],
            [on, a.Complete(job), a.Hint(job), a.Work()],
            [on, a.Reopen(job), self._item(job), a.Complete(job), a.Poll(), a.Redate(job, -5), a.Poll()],
            [on, a.Poll(), a.Trigger(seat, "off", resend), a.Complete(job), a.Poll(), on, a.Poll()],
            [on, a.Poll(), a.Complete(job), a.StartDate(seat, 240), a.Poll()],
            [a.StartDate(seat, self._dice.choice((5, 240))), a.Poll()],
        )
        return self._dice.choice(ways)

    def _crash(self) -> Sequence[a.Act]:
        more = [self._item()] if self._dice.random() < 0.5 else []
        return [*more, a.Crash(self._dice.randint(1, 30)), *self._send()]

    def _freeze(self) -> Sequence[a.Act]:
        job = self._job()
        between = self._dice.choice(
            (
                [],
                [a.Wait(1), a.Work()],
                [a.Describe(job, self._dice.randint(1, 99)), self._ask(job), a.Work()],
                [a.Wait(16), a.Settle(0), a.Work()],
                [a.Wait(3), a.Work(), a.Describe(job, 7), self._ask(job), a.Work()],
            )
        )
        return [
            self._item(job),
            a.Complete(job),
            self._ask(job),
            a.Freeze(self._dice.randint(1, 9)),
            a.Work(),
            *between,
            a.Thaw(),
            a.Work(),
        ]

    def _database(self) -> Sequence[a.Act]:
        if self._dice.random() < 0.5:
            lost = a.LoseCommit(self._dice.choice((1, 1, 2, 3, 5)))
            return [self._item(0), a.Complete(0), lost, self._ask(0), a.Work()]
        looked: list[a.Act] = [a.Wait(16), a.Acknowledge()]
        then: list[a.Act] = self._dice.choice(([], looked, [*looked, *self._office()]))
        return [
            a.Backup(),
            *self._send(),
            *self._office(),
            a.RestoreBackup(),
            *then,
            *self._send(),
            a.Declare(0),
            a.Retry(0),
            a.Work(),
        ]

    def _remake(self) -> Sequence[a.Act]:
        seat = self._seat()
        return [a.Wait(16), a.Settle(0), a.Work(), a.Remake(seat), *self._troubled_send()]

    def _move(self) -> Sequence[a.Act]:
        return [
            a.SecondJob(),
            a.MoveItem(self._dice.randint(0, 9), self._dice.choice((1, 2, 2))),
            a.Complete(2),
            a.Ask(2, self._seat(), "new_only", adopt=self._dice.random() < 0.7),
            a.Work(),
        ]

    def _blocked_then_done(self) -> Sequence[a.Act]:
        job = self._job()
        return [
            a.AddItem(job, "codeless", 2),
            a.Complete(job),
            self._ask(job),
            a.Work(),
            a.MarkDone(0),
            a.Work(),
            a.EditItem(self._dice.randint(0, 9), "code", 1),
            self._ask(job),
            a.Work(),
        ]
