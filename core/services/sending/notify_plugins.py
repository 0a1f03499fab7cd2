"""Notify a connection's plugins of a send's outcome, after it is stored and at most once. They cannot change it."""

from __future__ import annotations

from dataclasses import replace

from core.model.connections.connection import Connection
from core.model.planning.fold import view_of
from core.model.plugins.notification import ConnectionNotification, Notification, SendNotification
from core.model.sending.send import Send, SendState
from core.services.service import Service

_EVENTS = {
    SendState.SENT: "send_succeeded",
    SendState.SENT_WITH_WARNINGS: "send_succeeded",
    SendState.NEEDS_ATTENTION: "send_failed",
}
_BROKEN = "connection_broken"


class NotifyPlugins(Service):
    async def __call__(self, connection: Connection, before: Send, send: Send) -> Connection:
        """`connection` and `before` are as they were before the step that led to `send`.

        Returns the connection with the hold that the plugins were notified of, so that they are not notified again.
        """
        if not connection.plugins:
            return connection
        event = _EVENTS.get(send.state) if send.state is not before.state else None
        if event:
            news = SendNotification(
                connection=view_of(connection),
                send_id=send.id,
                job_id=send.job_id,
                state=send.state.value,
                job_number=send.job_number,
                work_order_number=send.work_order_number,
                findings=send.findings,
            )
            await self._tell(connection, event, news)
        if connection.hold is None and self._rules.chain(connection, _BROKEN):
            return await self._tell_if_broken(connection)
        return connection

    async def _tell_if_broken(self, connection: Connection) -> Connection:
        async with self._transactions.begin(connection.tenant_id) as t:
            hold = (await t.connections.get(connection.id)).hold
        if hold:
            news = ConnectionNotification(
                connection=view_of(connection), finding=hold.finding, since=hold.since, until=hold.until
            )
            await self._tell(connection, _BROKEN, news)
        return replace(connection, hold=hold)

    async def _tell(self, connection: Connection, event: str, news: Notification) -> None:
        if not self._rules.chain(connection, event):
            return
        async with self._transactions.begin(connection.tenant_id) as t:
            defaults = (await t.tenant()).plugin_defaults
        for rule in self._rules.chain(connection.over(defaults), event):
            await self._rules.tell(event, rule, news)
