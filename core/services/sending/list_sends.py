"""Sends, newest first: a page of them, all of them page by page, how many there are, and which causes they have."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.model.sending.progress import Progress
from core.model.sending.send import Send
from core.model.sending.send_filter import ALL_SENDS, SendFilter
from core.services.read_progress import progress_of_all
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

_READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class SendPage:
    """`next_before` is the `before` of the next page, None at the end. `slugs` and `names` are by connection id,
    `progress` by send id."""

    sends: Sequence[Send] = ()
    slugs: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    progress: Mapping[str, Progress] = field(default_factory=dict)
    next_before: int | None = None


class ListSends(Service):
    """`connection` is a slug, in the place of the filter's id. Raises NotFound if it is unknown, and BadInput
    (TOO_MANY_CUSTOMERS) for a text that is part of too many customers' names."""

    async def __call__(
        self,
        tenant_id: str,
        only: SendFilter = ALL_SENDS,
        *,
        connection: str | None = None,
        limit: int = 50,
        before: int | None = None,
        plans: bool = True,
    ) -> SendPage:
        """Without `plans`, `progress` tells only what is posted, not how many items were planned."""
        async with self._transactions.begin(tenant_id) as t:
            connections = await t.connections.all()
            found = await t.sends.page(await _of(t, only, connection), limit=limit + 1, before=before, plans=plans)
            page = found[:limit]
            progress = await progress_of_all(t, page)
        slugs, names = {c.id: c.slug for c in connections}, {c.id: c.name for c in connections}
        return SendPage(page, slugs, names, progress, page[-1].seq if len(found) > limit else None)

    async def pages(
        self, tenant_id: str, only: SendFilter = ALL_SENDS, *, connection: str | None = None
    ) -> AsyncIterator[SendPage]:
        """All that there are now, without plans. A send is as it is when its page is read."""
        before: int | None = None
        while True:
            page = await self(tenant_id, only, connection=connection, limit=_READ_AT_ONCE, before=before, plans=False)
            yield page
            if (before := page.next_before) is None:
                return

    async def count(self, tenant_id: str, only: SendFilter, *, connection: str | None = None, most: int) -> int:
        """How many there are, counted up to `most`."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.sends.count(await _of(t, only, connection), most)

    async def causes(self, tenant_id: str) -> Collection[str]:
        """The codes of the causes that sends have now."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.sends.causes()


async def _of(t: TenantTransaction, only: SendFilter, connection: str | None) -> SendFilter:
    return replace(only, connection_id=(await t.connections.by_slug(connection)).id) if connection else only
