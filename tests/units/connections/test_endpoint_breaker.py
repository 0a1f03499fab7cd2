"""The breaker of an endpoint: one probe at a time, never more than its limit, and it always recovers."""

from __future__ import annotations

import heapq

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.model.connections.endpoint_breaker import (
    FAILURES_TO_OPEN,
    FIRST_PAUSE,
    LATE,
    LONGEST_PAUSE,
    SHORTEST_WAIT,
    EndpointBreaker,
)


def opened(at_once: int = 8, at: float = 0.0) -> EndpointBreaker:
    breaker = EndpointBreaker(at_once)
    for _ in range(FAILURES_TO_OPEN):
        breaker.unanswered(at, at)
    assert breaker.is_open
    return breaker


def test_failures_in_a_row_open_it_and_an_answer_between_them_does_not() -> None:
    breaker = EndpointBreaker(8)
    for _ in range(FAILURES_TO_OPEN - 1):
        breaker.unanswered(0, 0)
    breaker.answered(0)
    for _ in range(FAILURES_TO_OPEN - 1):
        breaker.unanswered(0, 0)
    assert not breaker.is_open
    breaker.unanswered(0, 0)
    assert breaker.is_open


def test_while_open_nobody_enters_before_the_pause_is_over_and_then_one() -> None:
    breaker = opened()
    assert breaker.enter("a", 0) == FIRST_PAUSE
    assert breaker.enter("b", FIRST_PAUSE - 0.1) is not None
    assert breaker.enter("a", FIRST_PAUSE) is None
    assert breaker.enter("b", FIRST_PAUSE + 1) is not None
    breaker.leave(FIRST_PAUSE)  # it made no call
    assert breaker.enter("b", FIRST_PAUSE + 2) is None


def test_the_pause_doubles_up_to_the_longest() -> None:
    breaker, now, pauses = opened(), 0.0, []
    for _ in range(9):
        pause = breaker.enter("a", now)
        assert pause is not None
        pauses.append(pause)
        now += pause
        assert breaker.enter("a", now) is None
        breaker.unanswered(now, now)
        breaker.leave(now)
    assert pauses == [5, 10, 20, 40, 80, 160, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_after_the_probe_the_number_at_once_doubles_with_each_round_of_answers() -> None:
    breaker, rounds = opened(), []
    now = FIRST_PAUSE
    for turn in range(5):
        inside = 0
        while breaker.enter(f"{turn}-{inside}", now) is None:
            inside += 1
        rounds.append(inside)
        for _ in range(inside):
            breaker.answered(now)
            breaker.leave(now)
        now += 60  # those who were turned away do not come back
    assert rounds == [1, 2, 4, 8, 8]


def test_one_call_without_an_answer_ends_the_recovery_and_a_late_one_from_the_outage_does_not() -> None:
    breaker = opened()
    assert breaker.enter("probe", FIRST_PAUSE) is None
    breaker.answered(FIRST_PAUSE)
    breaker.unanswered(began=0, now=FIRST_PAUSE + 1)
    assert breaker.enter("late", FIRST_PAUSE + 1) is None
    breaker.unanswered(began=FIRST_PAUSE + 1, now=FIRST_PAUSE + 2)
    assert breaker.enter("a", FIRST_PAUSE + 2) == 2 * FIRST_PAUSE


def test_an_open_breaker_lets_only_its_probe_go_on() -> None:
    breaker = EndpointBreaker(8)
    assert breaker.enter("early", 0) is None
    for _ in range(FAILURES_TO_OPEN):
        breaker.unanswered(0, 1)
    assert not breaker.lets_on(0)
    breaker.leave(0)
    probe = 1 + FIRST_PAUSE
    assert breaker.enter("probe", probe) is None
    assert breaker.lets_on(probe)


def test_what_a_person_asks_for_is_tried_at_once_and_still_alone() -> None:
    breaker = opened()
    assert breaker.enter("a", 1) is not None
    assert breaker.enter("b", 1, asked_for=True) is None
    assert breaker.lets_on(1)
    assert breaker.enter("c", 1, asked_for=True) is not None
    breaker.unanswered(1, 2)
    breaker.leave(1)
    assert breaker.enter("a", 3) == 2 + 2 * FIRST_PAUSE - 3


def test_who_waits_comes_before_who_was_inside_already() -> None:
    breaker = EndpointBreaker(1)
    assert breaker.enter("busy", 0) is None
    assert breaker.enter("waits", 0) == SHORTEST_WAIT
    breaker.leave(0)
    assert breaker.enter("busy", 0.5) is None  # nobody else could use the place yet
    breaker.leave(0.5)
    assert breaker.enter("busy", 1) is not None
    assert breaker.enter("waits", 1.2) is None


def test_no_place_is_kept_for_who_was_told_to_come_much_later() -> None:
    breaker = EndpointBreaker(1)
    assert breaker.enter("hangs", 0) is None
    assert breaker.enter("early", 20) == SHORTEST_WAIT
    for _ in range(FAILURES_TO_OPEN):
        breaker.unanswered(0, 21)
    told = breaker.enter("early", 21)  # the pause is shorter than the call that still hangs
    assert told is not None
    assert told > 20
    breaker.leave(0)
    assert breaker.enter("other", 21 + FIRST_PAUSE) is None


def test_who_does_not_come_back_loses_its_place() -> None:
    breaker = EndpointBreaker(1)
    assert breaker.enter("busy", 0) is None
    assert breaker.enter("gone", 0) == SHORTEST_WAIT
    breaker.leave(0)
    assert breaker.enter("busy", SHORTEST_WAIT + LATE) is not None
    assert breaker.enter("busy", SHORTEST_WAIT + LATE + 1) is None


@settings(max_examples=30)
@given(callers=st.integers(1, 60), at_once=st.integers(1, 10), outage=st.floats(0, 2000), seconds=st.floats(0.05, 40))
def test_it_always_recovers_and_repeats_little(callers: int, at_once: int, outage: float, seconds: float) -> None:
    """Callers with one call each, which takes `seconds`; before `outage` is over no call has an answer."""
    breaker = EndpointBreaker(at_once)
    waits = [(0.0, number) for number in range(callers)]
    ends: list[tuple[float, int, float]] = []
    failed, served, now, most = 0, set[int](), 0.0, 0
    while len(served) < callers:
        if ends and (not waits or ends[0][0] <= waits[0][0]):
            now, number, began = heapq.heappop(ends)
            breaker.leave(began)
            if began >= outage:
                breaker.answered(now)
                served.add(number)
            else:
                breaker.unanswered(began, now)
                failed += 1
                heapq.heappush(waits, (now + 60, number))  # its connection is held
            continue
        now, number = heapq.heappop(waits)
        wait = breaker.enter(str(number), now)
        if wait is None:
            heapq.heappush(ends, (now + seconds, number, now))
            most = max(most, breaker.inside)
        else:
            heapq.heappush(waits, (now + wait, number))
    assert most <= at_once
    first = max(at_once, FAILURES_TO_OPEN) + at_once
    assert failed <= first + 7 + outage / LONGEST_PAUSE
    assert now <= outage + LONGEST_PAUSE + 80 + 8 * seconds + callers * (seconds + 2 + LATE) / at_once * 2


class Breaker(RuleBasedStateMachine):
    """Anything that callers may do, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = EndpointBreaker(4)
        self.now = 0.0
        self.inside: list[float] = []
        self.opened_at: float | None = None

    @rule(seconds=st.floats(0, 400))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(who=st.sampled_from("abcdefgh"))
    def asks(self, who: str) -> None:
        wait = self.breaker.enter(who, self.now)
        if wait is None:
            if self.breaker.is_open:
                assert self.opened_at is not None
                assert self.now >= self.opened_at + FIRST_PAUSE
                assert not self.inside, "a probe is alone"
            self.inside.append(self.now)
        else:
            assert wait >= SHORTEST_WAIT

    @precondition(lambda self: self.inside)
    @rule(answers=st.booleans(), pick=st.integers(0, 3))
    def a_call_ends(self, answers: bool, pick: int) -> None:
        entered = self.inside.pop(pick % len(self.inside))
        was_open = self.breaker.is_open
        if answers:
            self.breaker.answered(self.now)
        else:
            self.breaker.unanswered(entered, self.now)
        self.breaker.leave(entered)
        if self.breaker.is_open and not was_open:
            self.opened_at = self.now

    @invariant()
    def never_above_its_limit(self) -> None:
        assert self.breaker.inside == len(self.inside) <= 4

    @invariant()
    def it_recovers(self) -> None:
        """Whatever was, a caller who keeps asking gets in, once the others are done."""
        if not self.inside:
            now = self.now
            for _ in range(60):
                wait = self.breaker.enter("patient", now)
                if wait is None:
                    self.breaker.leave(now)
                    return
                now += wait
            raise AssertionError("nobody is inside, and nobody gets in")


Breaker.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
test_whatever_callers_do = Breaker.TestCase
