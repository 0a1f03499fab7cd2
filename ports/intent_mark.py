"""A mark outside the database: the highest intent of each connection, so that a restored backup is noticed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Protocol


class IntentMark(Protocol):
    """Kept where a backup of the database does not reach. Every call is synchronous and quick (some 0.02 ms).

    Every call may raise OperatorMends: INTENT_MARK_UNREADABLE where a number cannot be read, INTENT_MARK_UNWRITABLE
    where one cannot be stored.
    """

    @abstractmethod
    def ready(self) -> None:
        """Returns if numbers can be stored: who is about to send asks before the first line, not at it."""
        ...

    @abstractmethod
    def note(self, connection_id: str, intent: int) -> bool:
        """An intent with this number (from 1) is committed, and nothing of it has left yet. Never lowers a number.

        False if as high a number was noted before: then the database may have gone back.
        """
        ...

    @abstractmethod
    def of(self, connection_id: str) -> int:
        """The highest number noted for this connection, also for one that was forgotten; 0 if there is none."""
        ...

    @abstractmethod
    def highest(self) -> Mapping[str, int]:
        """The highest number of each connection, by its id, but for those that were forgotten."""
        ...

    @abstractmethod
    def forgotten(self) -> Mapping[str, int]:
        """The same of those that were forgotten and have not been noted since."""
        ...

    @abstractmethod
    def forget(self, connection_id: str) -> None:
        """The connection was removed on purpose, so that nobody misses it. Its number stays: a restored backup brings
        the connection back. One that was never noted is no error."""
        ...
