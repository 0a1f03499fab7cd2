"""Webhook endpoints of the transaction's tenant, and their deliveries: one for each event and endpoint."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.model.shared.secret import Secret
from core.model.webhooks.event import DeliveriesAgain, Delivery, Event, EventType
from core.model.webhooks.webhook_endpoint import SigningSecrets, WebhookEndpoint


class WebhookEndpoints(Protocol):
    @abstractmethod
    async def add(self, endpoint: WebhookEndpoint, secret: Secret) -> None: ...

    @abstractmethod
    async def get(self, endpoint_id: str, *, lock: bool = False) -> WebhookEndpoint:
        """`lock` locks it until the transaction ends. Raises NotFound (WEBHOOK_ENDPOINT_NOT_FOUND)."""
        ...

    @abstractmethod
    async def all(self) -> Sequence[WebhookEndpoint]:
        """All endpoints, in the order they were added."""
        ...

    @abstractmethod
    async def save(self, endpoint: WebhookEndpoint) -> None:
        """Store all fields except its secrets. Read it with `lock` first."""
        ...

    @abstractmethod
    async def remove(self, endpoint_id: str) -> None:
        """Remove it with all its deliveries. Raises NotFound."""
        ...

    @abstractmethod
    async def secrets(self, endpoint_id: str) -> SigningSecrets:
        """Raises NotFound."""
        ...

    @abstractmethod
    async def rotate(self, endpoint_id: str, secret: Secret, previous_until: datetime) -> None:
        """The present secret becomes the previous one; the former previous one is deleted. Raises NotFound."""
        ...

    @abstractmethod
    async def wanted(self, kind: EventType) -> bool:
        """Whether any endpoint subscribes to this kind, so that no unread events are stored."""
        ...

    @abstractmethod
    async def add_event(self, event: Event) -> None:
        """Add a delivery to each endpoint that subscribes to this kind, including paused ones, in this transaction."""
        ...

    @abstractmethod
    async def add_delivery(self, delivery: Delivery) -> None: ...

    @abstractmethod
    async def redeliver(self, endpoint_id: str, chosen: DeliveriesAgain, now: datetime) -> int:
        """Make the chosen deliveries due now, as `again` of each. Returns how many. The result of a try that is under
        way is then not stored. Lock the endpoint first."""
        ...

    @abstractmethod
    async def find_delivery(self, endpoint_id: str, event_id: str) -> Delivery | None: ...

    @abstractmethod
    async def next_delivery(self, endpoint_id: str, now: datetime) -> Delivery | None:
        """The delivery that has been due longest."""
        ...

    @abstractmethod
    async def save_delivery(self, delivery: Delivery, *, tries: int) -> bool:
        """Store the result if the stored row still has `tries` tries and was not asked for again meanwhile; otherwise
        False."""
        ...

    @abstractmethod
    async def deliveries(self, endpoint_id: str, *, limit: int = 50, before: int | None = None) -> Sequence[Delivery]:
        """Newest first; `before` is the `seq` after which the page begins."""
        ...

    @abstractmethod
    async def next_try(self, endpoint_id: str) -> datetime | None:
        """When the next try is due, None if there is none."""
        ...

    @abstractmethod
    async def pull_forward(self, endpoint_id: str, beyond: datetime, now: datetime) -> int:
        """Make what waits due at `now` if it was put off later than `beyond`: the clock was set back since. Returns how
        many deliveries there were."""
        ...

    @abstractmethod
    async def wake(self, endpoint_id: str, now: datetime) -> None:
        """Make the endpoint due at `now`, unless it is due earlier."""
        ...

    @abstractmethod
    async def set_due(self, endpoint_id: str, due_at: datetime | None) -> None:
        """Set when the endpoint is due next, None for never."""
        ...
