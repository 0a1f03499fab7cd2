"""Test a connection step by step, and keep the result. Each failed step has its fix. Nothing is written to Spectrum."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import structlog

from core.model.connections.connection import Connection, ConnectionSecrets, SpectrumTarget
from core.model.connections.connection_state import ConnectionTest
from core.model.connections.maintenance_window import window_at
from core.model.connections.services_in_use import optional_services
from core.model.operations.audit import AuditEntry
from core.model.sending.diagnosis import from_error
from core.model.sending.lifecycle.endings import PLUGINS_FAILING
from core.model.shared.check_step import CheckState, CheckStep
from core.model.shared.errors import BadInput, JobferryError, NotFound
from core.model.shared.moments import moment_words
from core.model.tenants.tenant import ServiceTradeAccount
from core.services.connections.note_sign_in import note_sign_in
from core.services.mappings.keep_lists import ask_for_unread
from core.services.plugins.check_plugins import Defaults, check_plugins
from core.services.service import Service

_log = structlog.get_logger()


class ExamineConnection(Service):
    async def __call__(self, tenant_id: str, slug: str, *, by: str) -> AsyncIterator[CheckStep]:
        """Test the sign-in to ServiceTrade, then Spectrum (DNS, connection, TLS, token, services, Authorization ID,
        the right to read each list, permission), then the plugins. Yields each step as soon as its result is known;
        before them, a maintenance
        window that is on. After the last one the result is stored on the connection. Of a test that nobody waits for
        any more, nothing is stored.

        Raises NotFound (CONNECTION_NOT_FOUND).
        """
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            secrets = await t.connections.secrets(connection.id)
            account = await t.account()
            defaults = (await t.tenant()).plugin_defaults
        steps = []
        async for step in self._steps(connection, secrets, account, defaults):
            steps.append(step)
            yield step
        await self._keep(connection, ConnectionTest(self._clock.now(), by, connection.target_version, tuple(steps)))

    async def _steps(
        self, connection: Connection, secrets: ConnectionSecrets, account: ServiceTradeAccount, defaults: Defaults
    ) -> AsyncIterator[CheckStep]:
        if window := window_at(connection.maintenance_windows, self._clock.now()):
            detail = f"A maintenance window is on until {window.until}, and sends wait for its end."
            yield CheckStep("maintenance", CheckState.OK, detail)
        yield await self._sign_in(account)
        optional = optional_services(connection)
        async for step in self._spectrum.examine(SpectrumTarget.of(connection, secrets), optional):
            yield _permission(step, connection)
        for step in await self._plugins(connection, defaults):
            yield step

    async def _keep(self, connection: Connection, test: ConnectionTest) -> None:
        try:
            async with self._transactions.begin(connection.tenant_id) as t:
                await t.connections.set_tested(connection.id, test)
                if test.ok:
                    await ask_for_unread(t, await t.connections.get(connection.id), await t.now())
                detail = {"connection": connection.slug, "result": "passed" if test.ok else "failed"}
                await t.audit.record(AuditEntry(test.at, test.by, "connection.tested", connection.id, detail))
        except NotFound:
            return  # removed meanwhile
        _log.info("connection.tested", connection=connection.slug, by=test.by, ok=test.ok)

    async def _plugins(self, connection: Connection, defaults: Defaults) -> Sequence[CheckStep]:
        """Whether the plugins are still installed and still accept their saved configuration."""
        if not connection.plugins:
            return ()
        hold = connection.hold
        if hold and hold.finding.code == PLUGINS_FAILING:
            found = hold.finding
            return (CheckStep("plugins", CheckState.FAILED, found.message, found.code, found.fix),)
        try:
            await check_plugins(self._rules, connection.plugins, defaults)
        except BadInput as error:
            return (CheckStep("plugins", CheckState.FAILED, error.message, error.code, (error.fix or "",)),)
        names = ", ".join(use.name for use in connection.plugins)
        return (CheckStep("plugins", CheckState.OK, f"{names}: installed, configuration accepted"),)

    async def _sign_in(self, account: ServiceTradeAccount) -> CheckStep:
        try:
            await note_sign_in(self._transactions, self._service_trade, account, self._clock.now())
        except JobferryError as error:
            found = from_error(error)
            return CheckStep("servicetrade", CheckState.FAILED, found.message, found.code, found.fix)
        return CheckStep("servicetrade", CheckState.OK, "signed in and read a record")


def _permission(step: CheckStep, connection: Connection) -> CheckStep:
    """The permission step, completed from the hold and the last write, since no read can test it."""
    hold = connection.hold
    if step.name != "permission":
        return step
    if hold and hold.until is None and hold.finding.code != PLUGINS_FAILING:
        found = hold.finding
        return CheckStep(step.name, CheckState.FAILED, found.message, found.code, found.fix)
    if connection.last_write_at and step.state is CheckState.UNKNOWN:
        at = moment_words(connection.last_write_at)
        return replace(
            step, state=CheckState.OK, detail=f"Spectrum accepts writes with these settings: last write {at}."
        )
    return step
