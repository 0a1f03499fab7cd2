"""New identifiers: prefixed and time-ordered."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol


class Ids(Protocol):
    @abstractmethod
    def new(self, prefix: str) -> str:
        """A new id such as `snd_01J...`. Ids with the same prefix sort by the time they were made."""
        ...
