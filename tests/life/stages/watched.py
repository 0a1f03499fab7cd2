"""A remote system's port with the moments around every call, which takes a little time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from ports.service_trade import ServiceTrade
from ports.spectrum import Spectrum
from tests.life.stages.moments import Moments
from tests.life.stages.times import LifeClock

_CALL_SECONDS = 0.02
_STREAMED = frozenset({"completed_since", "changed_since", "upcoming_jobs", "examine"})


class _Watched:
    def __init__(self, wrapped: object, moments: Moments, clock: LifeClock) -> None:
        self._wrapped, self._moments, self._clock = wrapped, moments, clock

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._wrapped, name)
        return self._streamed(method) if name in _STREAMED else self._called(method)

    def _called(self, method: Any) -> Any:
        async def called(*args: Any, **kwargs: Any) -> Any:
            await self._moments.call()
            self._clock.advance(_CALL_SECONDS)
            answer = await method(*args, **kwargs)
            self._moments.moment()
            return answer

        return called

    def _streamed(self, method: Any) -> Any:
        async def streamed(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            await self._moments.call()
            async for one in method(*args, **kwargs):
                yield one
            self._moments.moment()

        return streamed


def watched_service_trade(wrapped: ServiceTrade, moments: Moments, clock: LifeClock) -> ServiceTrade:
    return _Watched(wrapped, moments, clock)


def watched_spectrum(wrapped: Spectrum, moments: Moments, clock: LifeClock) -> Spectrum:
    return _Watched(wrapped, moments, clock)
