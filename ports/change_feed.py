"""Hears what is changed in the storage, by whichever process, so that nobody has to ask again and again.

A topic names one record, such as "send snd_1"; its first word alone, such as "key", is heard with every record of that
kind. A record is only told of once its change is committed.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol, Self

KEYS, TENANTS = "key", "tenant"


def send_topic(send_id: str) -> str:
    """Changes of a send and of its cost lines, while `Sends.watch` asks for them."""
    return f"send {send_id}"


def key_topic(key_id: str) -> str:
    """An API key was revoked or removed, or expires at another time."""
    return f"{KEYS} {key_id}"


def tenant_topic(tenant_id: str) -> str:
    """A tenant was changed or removed."""
    return f"{TENANTS} {tenant_id}"


def person_topic(person_id: str) -> str:
    """A session of a person has ended."""
    return f"person {person_id}"


class Subscription(Protocol):
    """Hears its topics from its making to the end of its `with` block.

    Read the record after the subscription began: then no change comes between the look and the wait.
    """

    @property
    @abstractmethod
    def count(self) -> int:
        """How often there may have been a change so far. Equal counts before and after: there was none."""
        ...

    @property
    @abstractmethod
    def ended(self) -> bool:
        """Whether the process stops, so that nobody should wait any more."""
        ...

    @abstractmethod
    def add(self, topic: str) -> bool:
        """Hear one more topic. False if it was heard already."""
        ...

    @abstractmethod
    async def next(self, seconds: float) -> bool:
        """Wait for a change since the last call, for `seconds` at most. Returns at once if the feed has ended.

        True if there may have been one: without contact to the storage nothing is heard, and the answer is True every
        second.
        """
        ...

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ChangeFeed(Protocol):
    @abstractmethod
    def subscribe(self, *topics: str) -> Subscription: ...

    @abstractmethod
    def end(self) -> None:
        """Let everybody go who waits, now and from now on."""
        ...
