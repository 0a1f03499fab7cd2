"""The gate before each Spectrum endpoint: how many calls of this process it has at once, and when one that does not
answer is tried again. It covers all connections and tenants, and lives in memory only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.model.connections.endpoint import Endpoint
from core.model.connections.endpoint_breaker import SHORTEST_WAIT, EndpointBreaker
from core.model.sending.answer import WriteOutcome, shows_life
from core.services.sending.call_places import CallPlaces
from ports.clock import Clock

_log = structlog.get_logger()
_Address = tuple[str, int]
DRAINS_A_CALL = 4
"""So many drains for each place may be on their way to one endpoint: one of them calls while the others plan."""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Ask again after `wait`. `silent`: the endpoint does not answer; otherwise others have all its places."""

    wait: timedelta
    silent: bool = False


@dataclass(frozen=True, slots=True)
class _Gated:
    """An endpoint. The breaker counts the drains that are on their way to it, the places their calls."""

    breaker: EndpointBreaker
    places: CallPlaces


class EndpointGate:
    """`at_once` is how many calls one endpoint has at the same time."""

    def __init__(self, clock: Clock, at_once: int) -> None:
        self._clock = clock
        self.at_once = at_once
        self._endpoints: dict[_Address, _Gated] = {}

    @contextmanager
    def admission(self, connection_id: str) -> Iterator[Admission]:
        """A drain's admission. It is on its way from the moment at which it is first let in until the end."""
        admission = Admission(self, self._clock, connection_id)
        try:
            yield admission
        finally:
            admission.leave()

    @property
    def silent(self) -> int:
        """How many endpoints do not answer."""
        return sum(one.breaker.is_open for one in self._endpoints.values())

    def endpoint(self, address: _Address) -> _Gated:
        """Breaker and places of this host and port, made when somebody first asks."""
        if address not in self._endpoints:
            self._endpoints[address] = _Gated(EndpointBreaker(self.at_once), CallPlaces(self._clock, self.at_once))
        return self._endpoints[address]

    def forget_if_at_rest(self, address: _Address) -> None:
        """Free the memory of an endpoint that answers, and that nobody calls or waits for."""
        if address in self._endpoints and self._endpoints[address].breaker.at_rest:
            del self._endpoints[address]


class Admission:
    """What one drain may do at its connection's endpoint: whether it may be on its way there, and one place at a time
    for its calls. `turned_away` is the last answer if it was a no."""

    def __init__(self, gate: EndpointGate, clock: Clock, connection_id: str) -> None:
        self._gate = gate
        self._clock = clock
        self._connection_id = connection_id
        self._inside: tuple[_Address, float] | None = None
        self._place: tuple[CallPlaces, float] | None = None
        self.turned_away: TurnedAway | None = None

    def ask(self, endpoint: Endpoint, *, asked_for: bool = False) -> TurnedAway | None:
        """Ask before the work that leads to a call. None: go on. `asked_for`: a person wants it now, even if the
        endpoint does not answer."""
        at, now = self._gate.endpoint(endpoint.place), self._clock.boot_seconds()
        breaker = at.breaker
        if self._inside and self._inside[0] == endpoint.place and breaker.lets_on(self._inside[1]):
            return None
        self._leave_endpoint()
        # Where calls are slow, a plan would only become old while it waits.
        ahead = 0 if at.places.slow() else (DRAINS_A_CALL - 1) * self._gate.at_once
        wait = breaker.enter(self._connection_id, now, asked_for=asked_for and breaker.is_open, ahead=ahead)
        if wait is None:
            self._inside, self.turned_away = (endpoint.place, now), None
        else:
            self.give_place_back()
            self.turned_away = TurnedAway(timedelta(seconds=wait), silent=breaker.is_open)
        return self.turned_away

    async def take_place(self, endpoint: Endpoint) -> TurnedAway | None:
        """Wait for the place for one call, right before its intent is stored. None: the call may be made. It is given
        back with the answer (`note`), or by `give_place_back`."""
        at = self._gate.endpoint(endpoint.place)
        if self._place is None:
            place = await at.places.take()
            if place is None:
                self.leave()
                self.turned_away = TurnedAway(timedelta(seconds=SHORTEST_WAIT), silent=at.breaker.is_open)
                return self.turned_away
            self._place = (at.places, place)
        return self.ask(endpoint)  # the endpoint may have become silent meanwhile

    def take_free_place(self, endpoint: Endpoint) -> bool:
        """As `take_place`, without waiting: whether the call may be made now."""
        if self._place is None:
            places = self._gate.endpoint(endpoint.place).places
            place = places.take_free()
            if place is None:
                return False
            self._place = (places, place)
        return self.ask(endpoint) is None

    def note(self, endpoint: Endpoint, outcome: WriteOutcome, began: float) -> None:
        """What a call came to that began at `began`, on the boot clock. Gives its place back."""
        self.give_place_back()
        breaker, now, life = (
            self._gate.endpoint(endpoint.place).breaker,
            self._clock.boot_seconds(),
            shows_life(outcome),
        )
        was_open = breaker.is_open
        if life:
            breaker.answered(now)
        elif life is False or was_open:  # a probe has to show life
            breaker.unanswered(began, now)
        if breaker.is_open is not was_open:
            host, port = endpoint.place
            _log.warning("endpoint.closed" if was_open else "endpoint.opened", host=host, port=port)

    def give_place_back(self) -> None:
        """If there is one: no call is made with it."""
        if self._place:
            places, place = self._place
            self._place = None
            places.give_back(place)

    def leave(self) -> None:
        """This drain is not on its way there any more."""
        self.give_place_back()
        self._leave_endpoint()

    def _leave_endpoint(self) -> None:
        if self._inside is None:
            return
        address, entered = self._inside
        self._inside = None
        self._gate.endpoint(address).breaker.leave(entered)
        self._gate.forget_if_at_rest(address)
