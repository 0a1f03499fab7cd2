"""Notifications of the transaction's tenant: who is told, what they are to be told, and the messages to them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from core.model.notifications.message import Message
from core.model.notifications.notice import GatheredNotices, Notice, WaitingCause
from core.model.notifications.recipient import Recipient, RecipientSecrets
from core.model.sending.send import SendState


class Notifications(Protocol):
    @abstractmethod
    async def add(self, recipient: Recipient, secrets: RecipientSecrets) -> None: ...

    @abstractmethod
    async def get(self, recipient_id: str, *, lock: bool = False) -> Recipient:
        """`lock` locks it until the transaction ends. Raises NotFound (NOTIFICATION_RECIPIENT_NOT_FOUND)."""
        ...

    @abstractmethod
    async def of_person(self, person_id: str) -> Recipient | None:
        """The person's own choice, None if they never chose anything."""
        ...

    @abstractmethod
    async def all(self) -> Sequence[Recipient]:
        """The tenant's recipients that are no person's own choice, in the order they were added."""
        ...

    @abstractmethod
    async def save(self, recipient: Recipient) -> None:
        """Store all fields except its secrets. Read it with `lock` first."""
        ...

    @abstractmethod
    async def set_secrets(self, recipient_id: str, secrets: RecipientSecrets) -> None: ...

    @abstractmethod
    async def remove(self, recipient_id: str) -> None:
        """Remove it with all that waits for it, and its messages. Raises NotFound."""
        ...

    @abstractmethod
    async def secrets(self, recipient_id: str) -> RecipientSecrets:
        """Raises NotFound."""
        ...

    @abstractmethod
    async def tell(self, notice: Notice) -> None:
        """Store the notice for everybody who wants this kind, and make them due when it is ready."""
        ...

    @abstractmethod
    async def waiting(self, recipient_id: str) -> Sequence[WaitingCause]:
        """The causes that a recipient was not told of yet, the oldest first."""
        ...

    @abstractmethod
    async def gather(
        self, recipient_id: str, cause: str, newest: int, ready_by: datetime | None = None
    ) -> GatheredNotices | None:
        """Take the notices of a cause, with the `newest` of them. They no longer wait then; None if there are none.
        Those that are not ready by `ready_by` go on waiting."""
        ...

    @abstractmethod
    async def drop(self, recipient_id: str) -> None:
        """Forget all notices that wait for this recipient, and the messages that were not delivered."""
        ...

    @abstractmethod
    async def add_message(self, message: Message) -> None: ...

    @abstractmethod
    async def next_message(self, recipient_id: str, now: datetime) -> Message | None:
        """The message that has been due longest."""
        ...

    @abstractmethod
    async def save_message(self, message: Message, *, tries: int) -> bool:
        """Store the result if the stored row still has `tries` tries; False if another worker was first."""
        ...

    @abstractmethod
    async def messages(self, recipient_id: str, *, limit: int = 50, before: int | None = None) -> Sequence[Message]:
        """Newest first; `before` is the `seq` after which the page begins."""
        ...

    @abstractmethod
    async def next_try(self, recipient_id: str) -> datetime | None:
        """When the next message is due, None if there is none."""
        ...

    @abstractmethod
    async def pull_forward(self, recipient_id: str, beyond: datetime, now: datetime) -> int:
        """Make what waits due at `now` if it was put off, or happened, later than `beyond`: the clock was set back
        since. Returns how many messages and notices there were."""
        ...

    @abstractmethod
    async def wake(self, recipient_id: str, at: datetime) -> None:
        """Make the recipient due at `at`, unless it is due earlier. Locks it until the transaction ends."""
        ...

    @abstractmethod
    async def set_due(self, recipient_id: str, due_at: datetime | None) -> None:
        """Set when the recipient is due next, None for never."""
        ...

    @abstractmethod
    async def ended_between(self, since: datetime, until: datetime) -> Mapping[SendState, int]:
        """The number of sends in each state that ended from `since` until before `until`, with nothing left to do."""
        ...
