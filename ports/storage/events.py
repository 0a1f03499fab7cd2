"""Events of the transaction's tenant on their way out: endpoints, and one delivery an event and endpoint."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.model.shared.secret import Secret
from core.model.webhooks.delivery import Delivery
from core.model.webhooks.event import Event, EventType
from core.model.webhooks.webhook_endpoint import SigningSecrets, WebhookEndpoint


class Events(Protocol):
    @abstractmethod
    async def wanted(self, kind: EventType) -> bool:
        """Whether any endpoint asked for this kind, so that nobody writes what nobody reads."""
        ...

    @abstractmethod
    async def add(self, event: Event) -> None:
        """A delivery to each endpoint that asked for this kind, paused ones too. Stored with the rest of the
        transaction or not at all."""
        ...


class WebhookEndpoints(Protocol):
    @abstractmethod
    async def add(self, endpoint: WebhookEndpoint, secret: Secret) -> None: ...

    @abstractmethod
    async def get(self, endpoint_id: str, *, lock: bool = False) -> WebhookEndpoint:
        """`lock`: nobody else changes it until the transaction ends. Raises NotFound (WEBHOOK_ENDPOINT_NOT_FOUND)."""
        ...

    @abstractmethod
    async def all(self) -> Sequence[WebhookEndpoint]:
        """In the order they were added."""
        ...

    @abstractmethod
    async def save(self, endpoint: WebhookEndpoint) -> None:
        """All of it but its secrets; read it with `lock` first."""
        ...

    @abstractmethod
    async def remove(self, endpoint_id: str) -> None:
        """With all its deliveries. Raises NotFound."""
        ...

    @abstractmethod
    async def secrets(self, endpoint_id: str) -> SigningSecrets:
        """Raises NotFound."""
        ...

    @abstractmethod
    async def rotate(self, endpoint_id: str, secret: Secret, previous_until: datetime) -> None:
        """The present secret becomes the previous one; the one before that is gone. Raises NotFound."""
        ...


class Deliveries(Protocol):
    @abstractmethod
    async def add(self, delivery: Delivery) -> None: ...

    @abstractmethod
    async def next_due(self, endpoint_id: str, now: datetime) -> Delivery | None:
        """The one that has been due for longest."""
        ...

    @abstractmethod
    async def save(self, delivery: Delivery, *, tries: int) -> bool:
        """Store what came of it if it still stands at `tries`; False if another worker was there first."""
        ...

    @abstractmethod
    async def page(self, endpoint_id: str, *, limit: int = 50, before: int | None = None) -> Sequence[Delivery]:
        """Newest first; `before` is the `seq` to go on from."""
        ...

    @abstractmethod
    async def remove_before(self, endpoint_id: str, moment: datetime) -> None:
        """Forget those made before `moment`, however they stand."""
        ...

    @abstractmethod
    async def earliest(self, endpoint_id: str) -> tuple[datetime | None, datetime | None]:
        """When the next try is due, and when the oldest delivery was made; None where there is none."""
        ...

    @abstractmethod
    async def wake(self, endpoint_id: str, now: datetime) -> None:
        """There is work at `now`, unless there was earlier."""
        ...

    @abstractmethod
    async def release(self, endpoint_id: str, due_at: datetime | None) -> None:
        """The worker that had claimed the endpoint is through; `due_at` is when to come back."""
        ...
