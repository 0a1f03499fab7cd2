"""The gate before each Spectrum endpoint: how many drains of this process may call it at once, and when one that does
not answer is tried again. It covers all connections and tenants, and lives in memory only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.model.connections.endpoint import Endpoint
from core.model.connections.endpoint_breaker import EndpointBreaker
from core.model.sending.answer import WriteOutcome, shows_life
from ports.clock import Clock

_log = structlog.get_logger()
_Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Ask again after `wait`. `silent`: the endpoint does not answer; otherwise others have all its places."""

    wait: timedelta
    silent: bool = False


class EndpointGate:
    """`at_once` is how many drains may call one endpoint at the same time."""

    def __init__(self, clock: Clock, at_once: int) -> None:
        self._clock = clock
        self._at_once = at_once
        self._breakers: dict[_Place, EndpointBreaker] = {}

    @contextmanager
    def admission(self, connection_id: str) -> Iterator[Admission]:
        """A drain's admission. It takes a place when it is first asked, and gives it back at the end."""
        admission = Admission(self, self._clock, connection_id)
        try:
            yield admission
        finally:
            admission.leave()

    @property
    def silent(self) -> int:
        """How many endpoints do not answer."""
        return sum(breaker.is_open for breaker in self._breakers.values())

    def breaker(self, place: _Place) -> EndpointBreaker:
        if place not in self._breakers:
            self._breakers[place] = EndpointBreaker(self._at_once)
        return self._breakers[place]

    def forget_if_at_rest(self, place: _Place) -> None:
        if place in self._breakers and self._breakers[place].at_rest:
            del self._breakers[place]


class Admission:
    """What one drain may do at its connection's endpoint. `turned_away` is the last answer if it was a no."""

    def __init__(self, gate: EndpointGate, clock: Clock, connection_id: str) -> None:
        self._gate = gate
        self._clock = clock
        self._connection_id = connection_id
        self._inside: tuple[_Place, float] | None = None
        self.turned_away: TurnedAway | None = None

    def ask(self, endpoint: Endpoint, *, asked_for: bool = False) -> TurnedAway | None:
        """Ask before each call, or before the plan that leads to one. None: go on. `asked_for`: a person wants it now,
        even if the endpoint does not answer."""
        breaker, now = self._gate.breaker(endpoint.place), self._clock.boot_seconds()
        if self._inside and self._inside[0] == endpoint.place and breaker.lets_on(self._inside[1]):
            return None
        self.leave()
        wait = breaker.enter(self._connection_id, now, asked_for=asked_for and breaker.is_open)
        if wait is None:
            self._inside, self.turned_away = (endpoint.place, now), None
        else:
            self.turned_away = TurnedAway(timedelta(seconds=wait), silent=breaker.is_open)
        return self.turned_away

    def note(self, endpoint: Endpoint, outcome: WriteOutcome, began: float) -> None:
        """What a call came to that began at `began`, on the boot clock."""
        breaker, now, life = self._gate.breaker(endpoint.place), self._clock.boot_seconds(), shows_life(outcome)
        was_open = breaker.is_open
        if life:
            breaker.answered(now)
        elif life is False or was_open:  # a probe has to show life
            breaker.unanswered(began, now)
        if breaker.is_open is not was_open:
            host, port = endpoint.place
            _log.warning("endpoint.closed" if was_open else "endpoint.opened", host=host, port=port)

    def leave(self) -> None:
        """Give the place back, if this drain has one."""
        if self._inside is None:
            return
        place, entered = self._inside
        self._inside = None
        self._gate.breaker(place).leave(entered)
        self._gate.forget_if_at_rest(place)
