"""Add, change, pause and remove connections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from core.model.connections.client_secret import end_of
from core.model.connections.connection import Connection, ConnectionSecrets, FormerEndpoint, SpectrumTarget
from core.model.connections.connection_state import ConnectionTest, failed_steps
from core.model.connections.same_company import company_key
from core.model.connections.services_in_use import optional_services
from core.model.connections.settings import CONNECTION_SETTINGS, PluginUse
from core.model.creations.creation import CreationState
from core.model.operations.audit import AuditEntry
from core.model.sending.lifecycle.endings import PLUGINS_FAILING
from core.model.sending.send import SendState, Topic
from core.model.sending.send_filter import SendFilter
from core.model.shared.check_step import CheckStep
from core.model.shared.errors import Conflict, FieldError, OutOfDate, TenantMends
from core.model.shared.setting import differences
from core.services.connections.end_hold import end_hold
from core.services.connections.find_connection import company_warnings
from core.services.connections.start_trigger import heed_trigger, started
from core.services.mappings.keep_lists import heed_change, schedule_lists
from core.services.plugins.check_plugins import check_plugins
from core.services.service import Service
from ports.spectrum import Spectrum
from ports.storage.creations import CreationFilter
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_UNDER_WAY = (*(state for state in SendState if not state.settled), SendState.IN_DOUBT)
Edit = Callable[[Connection, ConnectionSecrets], tuple[Connection, ConnectionSecrets]]
"""Takes the present settings and secrets, returns the wanted ones."""


async def check_spectrum(
    spectrum: Spectrum, connection: Connection, secrets: ConnectionSecrets
) -> tuple[CheckStep, ...]:
    """Test a connection's address and secrets before they are stored. Nothing is written. Returns the steps.

    Raises TenantMends (CONNECTION_CHECK_FAILED), with what failed and its fix.
    """
    optional = optional_services(connection)
    steps = tuple([step async for step in spectrum.examine(SpectrumTarget.of(connection, secrets), optional)])
    failed = failed_steps(steps)
    if failed:
        raise TenantMends(
            f"Spectrum could not be reached with these settings, so nothing was stored: {failed[0].detail}",
            code="CONNECTION_CHECK_FAILED",
            fix=" ".join((*failed[0].fix, "Or store it without this check.")),
            errors=[FieldError(f"/{step.name}", step.detail) for step in failed],
        )
    return steps


class AddConnection(Service):
    async def __call__(
        self,
        tenant_id: str,
        connection: Connection,
        secrets: ConnectionSecrets,
        *,
        check: bool = False,
        by: str = "operator",
    ) -> Connection:
        """Add a connection; its id and `tenant_id` are set here. With `check`, address and secrets are tried first.

        A second connection to the same Spectrum company is allowed, with a warning: see `FindConnection.warnings`.
        Raises Conflict (CONNECTION_EXISTS), TenantMends (CONNECTION_CHECK_FAILED).
        """
        connection = replace(
            connection,
            id=self._ids.new("con"),
            tenant_id=tenant_id,
            enhanced_auth=secrets.client_id is not None,
            endpoint_used=False,
        )
        async with self._transactions.begin(tenant_id) as t:
            defaults = (await t.tenant()).plugin_defaults
        await check_plugins(self._rules, connection.plugins, defaults)
        steps = await check_spectrum(self._spectrum, connection, secrets) if check else None
        async with self._transactions.begin(tenant_id) as t:
            now = await t.now()
            connection = started(connection, None, now)
            await t.connections.add(connection, secrets)
            await schedule_lists(t, connection, now)
            if steps is not None:
                await t.connections.set_tested(connection.id, ConnectionTest(now, by, connection.target_version, steps))
                connection = await t.connections.get(connection.id)
            if secrets.client_secret:
                ends = end_of(connection.client_secret_expires_at, connection.secret_days, now)
                await t.client_secrets.replaced(connection.id, ends, now)
                connection = await t.connections.get(connection.id)
            detail = {"connection": connection.slug, "company": connection.company_code}
            if found := (await company_warnings(t, connection)).get(connection.id):
                detail["warning"] = ", ".join(sorted({one.code for one in found}))
            await t.audit.record(AuditEntry(now, by, "connection.added", connection.id, detail))
            await heed_trigger(t, connection, None, now)
        _log.info("connection.added", tenant_id=tenant_id, connection=connection.slug)
        return connection


class ChangeConnection(Service):
    """Change settings, secrets or both, if the connection still has the version that the caller has seen."""

    async def __call__(
        self, tenant_id: str, slug: str, edit: Edit, *, version: int | None, by: str, check: bool = True
    ) -> Connection:
        """`version` None changes any version. With `check`, a new address or new secrets are tried first.

        Raises NotFound, OutOfDate, BadInput, Conflict (CONNECTION_EXISTS, CONNECTION_HAS_HISTORY), TenantMends
        (CONNECTION_CHECK_FAILED).
        """
        async with self._transactions.begin(tenant_id) as t:
            before = await t.connections.by_slug(slug)
            old_secrets = await t.connections.secrets(before.id)
            defaults = (await t.tenant()).plugin_defaults
        require_version(before, version)
        wanted, secrets = edit(before, old_secrets)
        wanted = _moved(before, replace(wanted, enhanced_auth=secrets.client_id is not None))
        retargeted = secrets != old_secrets or SpectrumTarget.of(wanted, secrets) != SpectrumTarget.of(before, secrets)
        if wanted.plugins != before.plugins:
            await check_plugins(self._rules, wanted.plugins, defaults)
        if retargeted:
            wanted = replace(wanted, target_version=before.target_version + 1)
        steps = await check_spectrum(self._spectrum, wanted, secrets) if check and retargeted else None
        async with self._transactions.begin(tenant_id) as t:
            now = await t.now()
            wanted = started(wanted, before, now)
            await _keep_history(t, before, wanted)
            changed = await t.connections.change(wanted, secrets if secrets != old_secrets else None)
            await heed_change(t, before, changed, now)
            if steps is not None:
                await t.connections.set_tested(changed.id, ConnectionTest(now, by, changed.target_version, steps))
            new_secret = secrets.client_secret != old_secrets.client_secret
            await _note_client_secret(t, before, wanted, now, new=new_secret)
            mended = before.hold and before.hold.finding.code == PLUGINS_FAILING and wanted.plugins != before.plugins
            if retargeted or mended:
                await end_hold(t, changed.id, now)
            await heed_trigger(t, changed, before, now)
            what = differences(CONNECTION_SETTINGS, before, changed) + ["secrets"] * (secrets != old_secrets)
            detail = {"connection": slug, "changed": ", ".join(what)}
            moved = company_key(before) != company_key(changed)
            if moved and (found := (await company_warnings(t, changed)).get(changed.id)):
                detail["warning"] = ", ".join(sorted({one.code for one in found}))
            await t.audit.record(AuditEntry(now, by, "connection.changed", changed.id, detail))
            changed = await t.connections.get(changed.id)
        _log.info("connection.changed", tenant_id=tenant_id, connection=slug, by=by)
        return changed

    async def plugins(
        self, tenant_id: str, slug: str, plugins: tuple[PluginUse, ...], *, version: int | None, by: str
    ) -> Connection:
        """Change only the plugins and their order. Raises as a change does."""

        def edit(before: Connection, secrets: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
            return before.using(plugins), secrets

        return await self(tenant_id, slug, edit, version=version, by=by)


def require_version(connection: Connection, seen: int | None) -> None:
    """Raises OutOfDate if the connection's version is not `seen`; None accepts every version."""
    if seen is not None and seen != connection.version:
        raise OutOfDate(
            f"The connection {connection.slug} was changed by somebody else meanwhile.",
            fix="Read it again, then repeat your change of the version that you see then.",
        )


def _moved(before: Connection, wanted: Connection) -> Connection:
    """If the address of Spectrum changed, keep the former one. Posted lines are entered under the new address only
    after Spectrum accepted a write there, since it may be the address of somebody else's Spectrum."""
    if before.endpoint.place == wanted.endpoint.place:
        return replace(wanted, endpoint_used=before.endpoint_used, former_endpoints=before.former_endpoints)
    known = (FormerEndpoint(before.endpoint, before.endpoint_used), *before.former_endpoints)
    return replace(
        wanted,
        endpoint_used=any(one.used for one in known if one.endpoint.place == wanted.endpoint.place),
        former_endpoints=tuple(one for one in known if one.endpoint.place != wanted.endpoint.place),
    )


async def _keep_history(t: TenantTransaction, before: Connection, wanted: Connection) -> None:
    """Refuse another company after the first send: the ledger holds what was posted in the former company only."""
    if wanted.company_code == before.company_code:
        return
    # A person may have declared items of a job that was never sent; they are in the ledger.
    created = await t.creations.page(CreationFilter(connection_id=before.id), limit=1)
    sent = await t.sends.page(SendFilter(connection_id=before.id), limit=1) or await t.ledger.placed(before.id)
    if not created and not sent:
        return
    raise Conflict(
        "The company of a connection that has sent cannot be changed: what it posted is in the former company.",
        code="CONNECTION_HAS_HISTORY",
        fix="Remove this connection and add one for the other company.",
        errors=[FieldError("/company_code", f"stays {before.company_code}")],
    )


async def _note_client_secret(
    t: TenantTransaction, before: Connection, wanted: Connection, now: datetime, *, new: bool
) -> None:
    """Restart the secret's warnings and renewal when a person enters a new secret or a new end date."""
    ends = wanted.client_secret_expires_at
    if new and ends == before.client_secret_expires_at:
        ends = end_of(None, wanted.secret_days, now) if wanted.enhanced_auth else None
    if new or ends != before.client_secret_expires_at:
        await t.client_secrets.replaced(wanted.id, ends, now)
        await t.warnings.clear(wanted.id, "", Topic.SECRET)
    elif wanted.secret_rotation is not before.secret_rotation:
        await t.client_secrets.set_due(wanted.id, now)


class PauseConnection(Service):
    """Pause and resume. Resuming also ends a hold, because the person confirms that its cause is fixed."""

    async def __call__(self, tenant_id: str, slug: str, *, paused: bool, by: str = "operator") -> Connection:
        """Pause or resume. Sends that are requested during a pause wait. Raises NotFound (CONNECTION_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            await t.connections.set_paused(connection.id, paused)
            if not paused:
                await end_hold(t, connection.id, await t.now())
            connection = await t.connections.get(connection.id)
            action = "connection.paused" if paused else "connection.resumed"
            await t.audit.record(AuditEntry(self._clock.now(), by, action, connection.id, {"connection": slug}))
        _log.info(action, tenant_id=tenant_id, connection=slug)
        return connection.shown_at(self._clock.now())


class RemoveConnection(Service):
    """Remove a connection. What it posted is kept as hashes, so a connection set up again posts nothing twice."""

    async def __call__(self, tenant_id: str, slug: str, *, version: int | None, by: str) -> None:
        """Remove the connection; its sends, warnings and secrets are deleted permanently.

        Raises NotFound, OutOfDate, Conflict (CONNECTION_BUSY).
        """
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            require_version(connection, version)
            await archive_and_remove(t, connection)
            detail = {"connection": slug, "company": connection.company_code}
            await t.audit.record(AuditEntry(now, by, "connection.removed", connection.id, detail))
        self._intent_mark.forget(connection.id)
        _log.info("connection.removed", tenant_id=tenant_id, connection=slug, by=by)


async def archive_and_remove(t: TenantTransaction, connection: Connection) -> None:
    """Delete the connection; what it posted stays on the accounts as hashes. Raises Conflict (CONNECTION_BUSY)."""
    await t.connections.raise_epoch(connection.id)  # a worker that drains it right now can store nothing more
    # A failed send may also have a line in doubt. Nobody could settle it later, and other connections wait for it.
    open_sends = await t.sends.page(SendFilter(states=_UNDER_WAY, connection_id=connection.id), limit=1)
    unclear = await t.ledger.doubts(connection_id=connection.id, limit=1) or await t.work_orders.unclear(
        connection_id=connection.id, limit=1
    )
    if open_sends or unclear or await _creates(t, connection):
        raise Conflict(
            f"The connection {connection.slug} has sends, notes, documents or new records that have not ended.",
            code="CONNECTION_BUSY",
            fix="Wait until they end, cancel them, or check them in Spectrum. Then remove the connection.",
        )
    await t.connections.remove(connection.id)


async def _creates(t: TenantTransaction, connection: Connection) -> bool:
    """Whether a new record may still be made, or may have been made, in Spectrum."""
    open_states = tuple(state for state in CreationState if state.open)
    return bool(await t.creations.page(CreationFilter(connection_id=connection.id, states=open_states), limit=1))
