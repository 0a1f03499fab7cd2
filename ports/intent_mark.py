"""The intent mark outside the database: each connection's highest intent, so that a restored backup is noticed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Protocol


class IntentMark(Protocol):
    """Stored where a restore of the database cannot change it. Every call is synchronous and quick (some 0.02 ms).

    Every call may raise OperatorMends: INTENT_MARK_UNREADABLE if a number cannot be read, INTENT_MARK_UNWRITABLE if
    one cannot be stored.
    """

    @abstractmethod
    def ready(self) -> None:
        """Check that numbers can be stored. A worker calls this before it sends its first line."""
        ...

    @abstractmethod
    def note(self, connection_id: str, intent: int) -> bool:
        """Note an intent's number (from 1), after its commit and before its call leaves. Never lowers a number.

        Returns False if the same or a higher number was noted before: then the database may have gone back.
        """
        ...

    @abstractmethod
    def of(self, connection_id: str) -> int:
        """The highest number noted for this connection, also if it was forgotten; 0 if there is none."""
        ...

    @abstractmethod
    def highest(self) -> Mapping[str, int]:
        """The highest number by connection id, without forgotten connections."""
        ...

    @abstractmethod
    def forgotten(self) -> Mapping[str, int]:
        """The same for the connections that were forgotten and not noted since."""
        ...

    @abstractmethod
    def forget(self, connection_id: str) -> None:
        """Note that the connection was removed on purpose, so that it is not reported as missing. Its number is kept,
        because a restored backup brings the connection back. One that was never noted is no error."""
        ...
