"""The attempts of a send, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.sending.send import Attempt
from core.services.service import Service


@dataclass(frozen=True, slots=True)
class AttemptPage:
    """`next_before` is the `before` of the next page, None at the end."""

    attempts: Sequence[Attempt]
    next_before: int | None


class ListAttempts(Service):
    async def __call__(
        self, tenant_id: str, send_id: str, *, limit: int = 50, before: int | None = None
    ) -> AttemptPage:
        """The attempts older than the `seq` in `before`, or the newest ones. Raises NotFound."""
        async with self._transactions.begin(tenant_id) as t:
            await t.sends.get(send_id)
            found = await t.sends.attempts(send_id, limit=limit + 1, before=before)
        page = found[:limit]
        return AttemptPage(page, page[-1].seq if len(found) > limit else None)
