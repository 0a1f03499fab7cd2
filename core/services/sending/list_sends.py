"""Sends, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.model.sending.send import Send, SendState
from core.services.service import Service


@dataclass(frozen=True, slots=True)
class SendPage:
    """`next_before` is the `before` of the next page, None at the end; `slugs` are by connection id."""

    sends: Sequence[Send]
    slugs: dict[str, str]
    next_before: int | None


class ListSends(Service):
    async def __call__(
        self,
        tenant_id: str,
        *,
        states: Collection[SendState] = (),
        connection: str | None = None,
        job_id: str | None = None,
        batch_id: str | None = None,
        limit: int = 50,
        before: int | None = None,
    ) -> SendPage:
        """`connection` is a slug; raises NotFound if it is unknown."""
        async with self._transactions.begin(tenant_id) as t:
            slugs = {c.id: c.slug for c in await t.connections.all()}
            connection_id = (await t.connections.by_slug(connection)).id if connection else None
            found = await t.sends.page(
                states=states,
                connection_id=connection_id,
                job_id=job_id,
                batch_id=batch_id,
                limit=limit + 1,
                before=before,
            )
        more = len(found) > limit
        page = found[:limit]
        return SendPage(page, slugs, page[-1].seq if more else None)
