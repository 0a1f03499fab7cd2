"""Change a connection: settings, secrets, or both, on the version that the caller has seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog

from core.model.audit import AuditEntry
from core.model.client_secret import end_of
from core.model.connection import Connection, ConnectionSecrets, OnCompletion, PluginUse, SpectrumTarget
from core.model.errors import Conflict, FieldError, OutOfDate
from core.services.add_connection import started
from core.services.check_plugins import check_plugins
from core.services.check_spectrum import check_spectrum
from core.services.end_hold import end_hold
from core.services.stop_failing_plugins import PLUGINS_FAILING
from ports.clock import Clock
from ports.rules import Rules
from ports.spectrum import Spectrum
from ports.transactions import TenantTransaction, Transactions

_log = structlog.get_logger()
Edit = Callable[[Connection, ConnectionSecrets], tuple[Connection, ConnectionSecrets]]
"""The present settings and secrets in, the wanted ones out."""


class ChangeConnection:
    def __init__(
        self, transactions: Transactions, spectrum: Spectrum, rules: Rules, clock: Clock
    ) -> None:
        self._transactions = transactions
        self._spectrum = spectrum
        self._rules = rules
        self._clock = clock

    async def __call__(
        self, tenant_id: str, slug: str, edit: Edit, *, version: int | None, by: str, check: bool = True
    ) -> Connection:
        """`version` None overwrites whatever is there. With `check`, another address or other secrets are tried first.

        Raises NotFound, OutOfDate, BadInput, Conflict (CONNECTION_EXISTS, CONNECTION_HAS_HISTORY), TenantMends
        (CONNECTION_CHECK_FAILED).
        """
        async with self._transactions.begin(tenant_id) as t:
            before = await t.connections.by_slug(slug)
            old_secrets = await t.connections.secrets(before.id)
            defaults = (await t.tenant()).plugin_defaults
        require_version(before, version)
        wanted, secrets = edit(before, old_secrets)
        wanted = started(replace(wanted, enhanced_auth=secrets.client_id is not None), before, self._clock.now())
        other_door = secrets != old_secrets or SpectrumTarget.of(wanted, secrets) != SpectrumTarget.of(before, secrets)
        if wanted.plugins != before.plugins:
            await check_plugins(self._rules, wanted.plugins, defaults)
        if check and other_door:
            await check_spectrum(self._spectrum, wanted, secrets)
        async with self._transactions.begin(tenant_id) as t:
            await _keep_history(t, before, wanted)
            changed = await t.connections.change(wanted, secrets if secrets != old_secrets else None)
            await self._note_client_secret(t, before, wanted, new=secrets.client_secret != old_secrets.client_secret)
            mended = before.hold and before.hold.finding.code == PLUGINS_FAILING and wanted.plugins != before.plugins
            if other_door or mended:
                await end_hold(t, changed.id, self._clock.now())
            if changed.on_completion is not OnCompletion.OFF:
                await t.watch.set_due(self._clock.now(), only_earlier=True)
            detail = {"connection": slug, "changed": ", ".join(_differences(before, changed, secrets != old_secrets))}
            entry = AuditEntry(
                at=self._clock.now(), actor=by, action="connection.changed", subject=changed.id, detail=detail
            )
            await t.audit.record(entry)
            changed = await t.connections.get(changed.id)
        _log.info("connection.changed", tenant_id=tenant_id, connection=slug, by=by)
        return changed

    async def plugins(
        self, tenant_id: str, slug: str, plugins: tuple[PluginUse, ...], *, version: int | None, by: str
    ) -> Connection:
        """Nothing but the plugins and their order. Raises as a change does."""

        def edit(before: Connection, secrets: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
            return before.using(plugins), secrets

        return await self(tenant_id, slug, edit, version=version, by=by)

    async def _note_client_secret(
        self, t: TenantTransaction, before: Connection, wanted: Connection, *, new: bool
    ) -> None:
        """A secret that a person gives, or its end, is a new start."""
        ends, now = wanted.client_secret_expires_at, self._clock.now()
        if new and ends == before.client_secret_expires_at:
            ends = end_of(None, wanted.secret_days, now) if wanted.enhanced_auth else None
        if new or ends != before.client_secret_expires_at:
            await t.client_secrets.replaced(wanted.id, ends, now)
            await t.warnings.clear(wanted.id, "")
        elif wanted.secret_rotation is not before.secret_rotation:
            await t.client_secrets.release(wanted.id, now)


def require_version(connection: Connection, seen: int | None) -> None:
    """`seen` None takes whatever is there. Raises OutOfDate."""
    if seen is not None and seen != connection.version:
        raise OutOfDate(
            f"The connection {connection.slug} was changed by somebody else meanwhile.",
            fix="Read it again, then try once more with its present ETag.",
        )


async def _keep_history(t: TenantTransaction, before: Connection, wanted: Connection) -> None:
    """Our ledger says what stands in one company; it says nothing of another."""
    if wanted.company_code == before.company_code or not await t.sends.page(connection_id=before.id, limit=1):
        return
    raise Conflict(
        "The company of a connection that has sent cannot be changed: what was posted stands in the former company.",
        code="CONNECTION_HAS_HISTORY",
        fix="Remove this connection and add one for the other company.",
        errors=[FieldError("/company_code", f"stays {before.company_code}")],
    )


def _differences(before: Connection, after: Connection, other_secrets: bool) -> list[str]:
    names = ("name", "external_system", "endpoint", "company_code", "leading_character", "default_work_order_type",
             "lead_source", "long_text", "overwrite", "ca_certificate", "failure_tag", "external_sync", "plugins",
             "item_kinds", "default_warehouse", "non_stock_fallback", "on_completion", "completion_start_date",
             "items_on_resend", "read_back", "secret_rotation", "secret_days", "client_secret_expires_at")  # fmt: skip
    changed = [name for name in names if getattr(before, name) != getattr(after, name)]
    return [*changed, "secrets"] if other_secrets else changed
