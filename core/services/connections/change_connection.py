"""Change a connection's settings, secrets or both, if it still has the version that the caller has seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from core.model.connections.client_secret import end_of
from core.model.connections.connection import Connection, ConnectionSecrets, FormerEndpoint, SpectrumTarget
from core.model.connections.same_company import company_key
from core.model.connections.settings import CONNECTION_SETTINGS, PluginUse
from core.model.operations.audit import AuditEntry
from core.model.sending.lifecycle.endings import PLUGINS_FAILING
from core.model.sending.send import Topic
from core.model.shared.errors import Conflict, FieldError, OutOfDate
from core.model.shared.setting import differences
from core.services.connections.check_spectrum import check_spectrum
from core.services.connections.end_hold import end_hold
from core.services.connections.find_connection import company_warnings
from core.services.connections.start_trigger import heed_trigger, started
from core.services.plugins.check_plugins import check_plugins
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
Edit = Callable[[Connection, ConnectionSecrets], tuple[Connection, ConnectionSecrets]]
"""Takes the present settings and secrets, returns the wanted ones."""


class ChangeConnection(Service):
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
        other_door = secrets != old_secrets or SpectrumTarget.of(wanted, secrets) != SpectrumTarget.of(before, secrets)
        if wanted.plugins != before.plugins:
            await check_plugins(self._rules, wanted.plugins, defaults)
        if check and other_door:
            await check_spectrum(self._spectrum, wanted, secrets)
        async with self._transactions.begin(tenant_id) as t:
            now = await t.now()
            wanted = started(wanted, before, now)
            await _keep_history(t, before, wanted)
            changed = await t.connections.change(wanted, secrets if secrets != old_secrets else None)
            new_secret = secrets.client_secret != old_secrets.client_secret
            await _note_client_secret(t, before, wanted, now, new=new_secret)
            mended = before.hold and before.hold.finding.code == PLUGINS_FAILING and wanted.plugins != before.plugins
            if other_door or mended:
                await end_hold(t, changed.id, now)
            await heed_trigger(t, changed, before, now)
            what = differences(CONNECTION_SETTINGS, before, changed) + ["secrets"] * (secrets != old_secrets)
            detail = {"connection": slug, "changed": ", ".join(what)}
            moved = company_key(before) != company_key(changed)
            if moved and (found := (await company_warnings(t)).get(changed.id)):
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
    if not await t.sends.page(connection_id=before.id, limit=1) and not await t.ledger.placed(before.id):
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
        await t.client_secrets.release(wanted.id, now)
