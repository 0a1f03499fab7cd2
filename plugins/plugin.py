"""A plugin as the host sees it, wherever it runs, and the ways in which asking it can fail."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.model.shared.errors import FieldError
from plugins.examine import Described

ANSWER_SECONDS = 2.0
"""For one question to a rule, which only looks at what it is given."""
EVENT_SECONDS = 5.0
"""For an event, which may use the network."""


@dataclass(frozen=True, slots=True)
class Unusable(Exception):
    """A plugin that cannot be used, why, and what its author can do."""

    message: str
    fix: str


class TookTooLong(Exception):
    """No answer within the time."""


class Broke(Exception):
    """The plugin failed at this question; its text says how."""


class Plugin(Protocol):
    """`source` says where it comes from, to people."""

    described: Described
    source: str

    @property
    def name(self) -> str:
        return self.described.info.name

    @abstractmethod
    async def ask(self, hook: str, **arguments: Any) -> Any:
        """A hook's answer, of the kind that it takes. Raises TookTooLong, Broke, WrongAnswer or Unusable."""
        ...

    @abstractmethod
    async def check_config(self, config: Mapping[str, Any], *, partly: bool = False) -> Sequence[FieldError]:
        """What is wrong with a configuration, pointers within it; `partly`: what is missing is not wrong.

        Raises as `ask` does.
        """
        ...

    @abstractmethod
    async def close(self) -> None: ...
