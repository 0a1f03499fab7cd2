"""New identifiers: prefixed and time-ordered."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol


class Ids(Protocol):
    @abstractmethod
    def new(self, prefix: str) -> str:
        """A fresh id such as `snd_01J...`; ids of one prefix sort by the moment they were made."""
        ...
