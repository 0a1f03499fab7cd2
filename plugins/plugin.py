"""The interface through which the host calls a plugin, and the errors of a call besides Unusable and WrongAnswer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from core.model.shared.errors import FieldError
from plugins.examine import Described

ANSWER_SECONDS = 2.0
"""Time-out of one call to a rule. A rule only reads its arguments."""
EVENT_SECONDS = 5.0
"""Time-out of one call to an asynchronous hook (an event, or `posted_lines`). It may use the network."""


class TookTooLong(Exception):
    """The plugin did not answer before the time-out."""


class Broke(Exception):
    """The plugin failed in this call. The text says how."""


class Plugin(Protocol):
    """One plugin. `source` tells people where it comes from."""

    described: Described
    source: str

    @property
    def name(self) -> str:
        return self.described.info.name

    @abstractmethod
    async def ask(self, hook: str, **arguments: Any) -> Any:
        """Return a hook's answer, checked for its type. Raises TookTooLong, Broke, WrongAnswer or Unusable."""
        ...

    @abstractmethod
    async def check_config(self, config: Mapping[str, Any], *, partly: bool = False) -> Sequence[FieldError]:
        """Return the errors of a configuration, with JSON pointers. `partly`: a missing field is no error.
        Raises the same errors as `ask`."""
        ...

    @abstractmethod
    async def close(self) -> None: ...
