"""Crash points in every port: the process kills itself with SIGKILL at the nth moment at which it touches the outside.

A moment is the instant before or after one remote call, or before or after one commit. Counting them needs no hook in
the product, and a new call or transaction becomes a new crash point by itself.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from itertools import takewhile
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from ports.service_trade import ServiceTrade
from ports.spectrum import Spectrum
from tests.support.watched_commits import AFTER_COMMIT, BEFORE_COMMIT

P = ParamSpec("P")
R = TypeVar("R")


START = "start"
"""Where the moments of a process begin in the trail."""


class CrashInjector:
    """Kills the process at moment `dies_at` (1 = the first; 0 = never) or at the moment of that name: at the first.

    Each moment is written to `trail`, as proof.
    """

    def __init__(self, dies_at: int, trail: Path, name: str = "") -> None:
        self._left = dies_at
        self._name = name
        self._trail = trail.open("a", buffering=1)
        self._trail.write(f"{START}\n")

    def moment(self, name: str) -> None:
        self._trail.write(name + "\n")
        self._left -= 1
        if self._left == 0 or name == self._name:
            self._trail.flush()
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, call: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        async def watched(*args: P.args, **kwargs: P.kwargs) -> R:
            self.moment(f"before {name}")
            result = await call(*args, **kwargs)
            self.moment(f"after {name}")
            return result

        return watched


def last_run(trail: Path) -> list[str]:
    """The moments of the process that wrote there last."""
    return trail.read_text().rpartition(f"{START}\n")[2].splitlines()


def assert_committed_around(moments: list[str], call: str) -> None:
    """Right before each of these calls its intent was committed, and right after it what it learned: between two calls
    that change something a process can always die, and the next one knows where it stood."""
    places = [place for place, moment in enumerate(moments) if moment == f"before {call}"]
    assert places, f"{call} was never reached"
    for place in places:
        assert moments[place - 1] == AFTER_COMMIT, f"before {call}: {moments[place - 1]}"
        assert moments[place + 1] == f"after {call}"
        assert AFTER_COMMIT in _until_the_next_call(moments[place + 2 :]), f"nothing is stored of {call}"


def _until_the_next_call(moments: list[str]) -> list[str]:
    return list(takewhile(lambda moment: moment in (BEFORE_COMMIT, AFTER_COMMIT), moments))


class _Crashing:
    """Every async method of the wrapped port, with the injector around it."""

    def __init__(self, wrapped: object, injector: CrashInjector) -> None:
        self._wrapped = wrapped
        self._injector = injector

    def __getattr__(self, name: str) -> Any:
        return self._injector.around(f"{type(self._wrapped).__name__}.{name}", getattr(self._wrapped, name))


def crashing_service_trade(wrapped: ServiceTrade, injector: CrashInjector) -> ServiceTrade:
    return _Crashing(wrapped, injector)


def crashing_spectrum(wrapped: Spectrum, injector: CrashInjector) -> Spectrum:
    return _Crashing(wrapped, injector)
