"""The interface through which the host calls a plugin, the errors of a call besides Unusable and WrongAnswer, and the
call itself in the current process."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from core.model.shared.errors import FieldError
from plugins.examine import Described, Examined
from plugins.ipc import copied

if TYPE_CHECKING:
    from pydantic import BaseModel

PLAN_SECONDS = 30.0
"""How long a plugin may work for one plan, all its answers together. A quick rule takes about a millisecond an item, so
thousands of items take seconds."""
_CARRY_CONFIG = ("draft", "news", "query")
ANSWER_SECONDS = 2.0
"""Time-out of one call to a rule. A rule only reads its arguments."""
EVENT_SECONDS = 5.0
"""Time-out of one call to an asynchronous hook (an event, or `posted_lines`). It may use the network."""


class TookTooLong(Exception):
    """The plugin did not answer before the time-out."""


class Broke(Exception):
    """The plugin failed in this call. The text says how."""


class Budget:
    """What one plugin may still work for one plan, in seconds, and what it has printed meanwhile. Its waiting for other
    plans' calls is not counted."""

    def __init__(self, seconds: float = PLAN_SECONDS) -> None:
        self.left = seconds
        self.printed = ""

    @contextmanager
    def spent(self) -> Iterator[None]:
        """Count the time inside the block."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.left -= time.monotonic() - began


class Plugin(Protocol):
    """One plugin. `source` tells people where it comes from."""

    described: Described
    source: str

    @property
    def name(self) -> str:
        return self.described.info.name

    @abstractmethod
    async def ask(self, hook: str, budget: Budget | None = None, /, **arguments: Any) -> Any:
        """Return a hook's answer, checked for its type. The plugin's work is counted in `budget`.
        Raises TookTooLong, Broke, WrongAnswer or Unusable."""
        ...

    @abstractmethod
    async def check_config(self, config: Mapping[str, Any], *, partly: bool = False) -> Sequence[FieldError]:
        """Return the errors of a configuration, with JSON pointers. `partly`: a missing field is no error.
        Raises the same errors as `ask`."""
        ...

    @abstractmethod
    async def close(self) -> None: ...


def answer_of(plugin: Examined, hook: str, **given: Any) -> Any:
    """Call one plugin in the current process. Return its unchecked answer; await that of an asynchronous hook.

    Raises what the plugin raises, and Broke if the plugin changed its arguments."""
    arguments = _with_config(given, plugin.model)
    before = _with_config(copied(given), plugin.model)
    answers = getattr(plugin.manager.hook, hook)(**arguments)
    answer = answers[0] if answers else None
    if arguments != before:
        raise Broke("changed its arguments")
    return answer


def _with_config(given: dict[str, Any], model: type[BaseModel] | None) -> dict[str, Any]:
    """Replace each stored configuration by an instance of the plugin's model. Drafts are frozen, so use __setattr__."""
    if model is None:
        return given
    arguments = dict(given)
    for name in _CARRY_CONFIG:
        if name in given:
            arguments[name] = replace(given[name])
            object.__setattr__(arguments[name], "config", model.model_validate(dict(given[name].config)))
    return arguments
