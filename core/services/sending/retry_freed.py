"""Send again the failed sends that needed nothing but codes which are set now."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from core.model.connections.connection import Connection
from core.model.mappings.alias import AliasKey
from core.model.mappings.job_record import freed_by
from core.model.sending.send_filter import SendFilter
from core.model.shared.errors import Conflict
from core.services.sending.batches import LARGEST_BATCH, Batches
from core.services.service import Dependencies, Service


class RetryFreed(Service):
    def __init__(self, d: Dependencies, batches: Batches) -> None:
        super().__init__(d)
        self._batches = batches

    async def __call__(
        self, connection: Connection, keys: Collection[AliasKey], batch_id: str, *, by: str, but_job: str = ""
    ) -> None:
        """Retry them as one batch, without those of the job `but_job`. A second call with the same `batch_id` leaves
        out those that are in it already: if one of them failed again since, it was sent by the first call."""
        tenant_id = connection.tenant_id
        async with self._transactions.begin(tenant_id) as t:
            found = await t.warnings.needing(connection.id, freed_by(keys), limit=LARGEST_BATCH)
            gone = {one.id for one in await t.sends.page(SendFilter(batch_id=batch_id), limit=LARGEST_BATCH)}
        ids = [one.send_id for one in found if one.send_id not in gone and one.job_id != but_job]
        with suppress(Conflict):  # none of them is failed any more
            await self._batches.retry(tenant_id, ids, by=by, batch_id=batch_id)
