"""The circuit breaker of one Spectrum endpoint: who may call it now, and how long the others wait.

It is told the time and what calls came to, and touches nothing else. Times are seconds on one clock that never goes
back. Three states: closed (up to `at_once` callers), open (none, but one after each pause, the probe), and recovering
(the number of callers at once grows with the answers: 1, 2, 4, ...).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

FAILURES_TO_OPEN = 3
"""So many calls in a row without any answer open the breaker."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
"""Seconds before the first probe; each probe that fails doubles them, up to the longest."""
SHORTEST_WAIT = 1.0
"""Seconds after which a waiting caller asks again, at least. Due connections are looked for once a second."""
LATE = 5.0
"""Seconds by which a waiting caller may be late and still keep its place in the line."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """From `turn` on a place is kept free for it, until it is let in or does not come back by `lost`."""

    turn: float
    lost: float


class EndpointBreaker:
    """`at_once` is how many callers may be inside at the same time."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._allowed = at_once
        self._failures = 0
        self._open = False
        self._pause = 0.0
        self._counts_from = 0.0
        """Calls that began before it say nothing about the present state. While open: the time of the next probe."""
        self._inside: list[float] = []
        """When each one entered."""
        self._line: dict[str, _Waiting] = {}
        """First come, first served."""

    @property
    def is_open(self) -> bool:
        return self._open

    @property
    def inside(self) -> int:
        return len(self._inside)

    @property
    def at_rest(self) -> bool:
        """Whether it is like a new one."""
        healthy = not self._open and not self._failures and self._allowed == self._at_once
        return healthy and not self._inside and not self._line

    def enter(self, who: str, now: float, *, asked_for: bool = False, ahead: int = 0) -> float | None:
        """None: the caller is inside, until `leave(now)`. Otherwise the seconds after which it has to ask again.

        `asked_for`: a person wants the call now, so it waits neither for the end of the pause nor in the line.
        `ahead`: so many more callers may be inside while it is closed, to prepare their calls.
        """
        self._line = {one: waiting for one, waiting in self._line.items() if waiting.lost >= now}
        before = [] if asked_for else list(takewhile(lambda one: one != who, self._line))
        if self._open and asked_for:
            self._counts_from = min(self._counts_from, now)
        if sum(self._line[one].turn <= now for one in before) < self._room(now, ahead):
            self._line.pop(who, None)
            self._inside.append(now)
            return None
        # The first ones ask often, so that a place that is kept free for them does not stay empty for long.
        soon = not self._open and len(before) < self._at_once
        wait = SHORTEST_WAIT if soon else self._wait(len(before), now)
        turn = min(now + wait, self._line[who].turn) if soon and who in self._line else now + wait
        self._line[who] = _Waiting(turn, now + wait + LATE)
        return wait

    def leave(self, entered: float) -> None:
        """The caller that entered then is outside again."""
        self._inside.remove(entered)

    def lets_on(self, entered: float) -> bool:
        """Whether the caller that entered then may begin one more call. While open, only the probe may."""
        return not self._open or entered >= self._counts_from

    def answered(self, now: float) -> None:
        """Spectrum answered a call, in whatever words."""
        if self._open:
            self._open = False
            self._counts_from = now
        self._failures = 0
        self._allowed = min(self._allowed + 1, self._at_once)
        if self._allowed == self._at_once:
            self._pause = 0.0

    def unanswered(self, began: float, now: float) -> None:
        """A call that began then found nobody, or ended without an answer."""
        if began < self._counts_from:
            return
        self._failures += 1
        recovering = self._allowed < self._at_once
        if self._open or recovering or self._failures >= FAILURES_TO_OPEN:
            self._open = True
            self._allowed = 1
            self._pause = min(self._pause * 2 or FIRST_PAUSE, LONGEST_PAUSE)
            self._counts_from = now + self._pause

    def _room(self, now: float, ahead: int) -> int:
        if self._open:
            room = 1 if now >= self._counts_from else 0
        else:
            room = self._allowed + (ahead if self._allowed == self._at_once else 0)
        return room - len(self._inside)

    def _wait(self, before: int, now: float) -> float:
        """Until the next probe, or as long as those inside have taken so far; then a second for each that goes before,
        `at_once` together."""
        until_probe = self._counts_from - now if self._open else 0.0
        under_way = now - min(self._inside, default=now)
        return max(SHORTEST_WAIT, until_probe, under_way) + before / self._at_once
