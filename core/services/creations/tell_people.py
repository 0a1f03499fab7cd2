"""What people are told of a new record that waits for them, and when that is over."""

from __future__ import annotations

from datetime import datetime

from core.model.catalogue import finding
from core.model.connections.connection import Connection
from core.model.creations.creation import Creation, CreationKind, CreationState
from core.model.notifications.notice import new_record_in_doubt
from core.model.sending.send import DashboardWarning, Topic
from core.services.service import Service
from ports.storage.creations import CreationFilter
from ports.storage.transactions import TenantTransaction

_WORDS = {
    CreationKind.SITE: "The site",
    CreationKind.CUSTOMER: "The customer",
    CreationKind.CUSTOMER_CHANGE: "The change of the customer",
}
_MOST_FORMER = 50


class TellPeople(Service):
    async def of(self, t: TenantTransaction, connection: Connection, ended: Creation, now: datetime) -> None:
        """One that was not made is a warning until somebody acts. One that may be in Spectrum, or whose code could not
        be kept, is counted until it is settled, and told like an item in doubt."""
        if ended.needs_person:
            await t.notifications.tell(new_record_in_doubt(ended, now))
        if ended.state is not CreationState.REJECTED:
            await self.no_more(t, ended)
            return
        named = f"{_WORDS[ended.kind]} {ended.code} for {ended.record_name or ended.record_id}"
        why = f": {ended.findings[0].message}" if ended.findings else "."
        found = finding("CREATE_NOT_MADE", f"{named} was not made{why}")
        warning = DashboardWarning.of_connection(connection, self._ids.new("wrn"), found, now, topic_of(ended))
        await t.warnings.put(warning)

    async def no_more(self, t: TenantTransaction, creation: Creation) -> None:
        """Somebody gave it up or said what is in Spectrum, or an answer came after all."""
        await t.warnings.clear(creation.connection_id, "", topic_of(creation))

    async def of_former(self, t: TenantTransaction, creation: Creation) -> None:
        """The record was confirmed anew: the warnings about earlier tries are over."""
        asked = CreationFilter(connection_id=creation.connection_id, key=creation.key, states=(CreationState.REJECTED,))
        for former in await t.creations.page(asked, limit=_MOST_FORMER):
            await self.no_more(t, former)


def topic_of(creation: Creation) -> str:
    return f"{Topic.NEW_RECORD}:{creation.id}"
