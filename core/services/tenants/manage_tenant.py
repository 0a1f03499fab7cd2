"""Find, add, change, pause and remove tenants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import structlog

from core.model.access.caller import Caller
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import JobferryError
from core.model.shared.setting import differences
from core.model.tenants.settings import TENANT_SETTINGS
from core.model.tenants.tenant import Login, ServiceTradeAccount, Tenant, tenant_missing
from core.services.access.told_cache import ToldCache
from core.services.connections.manage_connection import archive_and_remove
from core.services.connections.note_sign_in import note_sign_in
from core.services.plugins.check_plugins import check_plugin_defaults
from core.services.service import Dependencies, Service
from core.services.webhooks.servicetrade_webhook import ServiceTradeWebhook
from ports.change_feed import TENANTS

_log = structlog.get_logger()

_OPERATOR = Caller()


@dataclass(frozen=True, slots=True)
class TenantPage:
    """`next_after` is the `after` of the next page, None at the end."""

    tenants: Sequence[Tenant]
    next_after: str | None


class FindTenant(Service):
    """Remembers the tenants that are asked for, until one is changed or removed."""

    def __init__(self, d: Dependencies) -> None:
        super().__init__(d)
        self._tenants: ToldCache[str, Tenant] = ToldCache(d.clock, d.change_feed, TENANTS)

    async def __call__(self, slug: str, caller: Caller = _OPERATOR) -> Tenant:
        """Raises NotFound (TENANT_NOT_FOUND) for an unknown tenant, and for one that the caller may not see."""
        tenant = await self._tenants.get(slug, partial(self.fresh, slug))
        if caller.tenant_id not in (None, tenant.id):
            raise tenant_missing(slug)
        return tenant

    async def fresh(self, slug: str) -> Tenant:
        """The tenant as it is stored now, to change it. Raises NotFound (TENANT_NOT_FOUND)."""
        async with self._transactions.begin_instance() as i:
            return await i.tenants.by_slug(slug)

    async def by_id(self, tenant_id: str) -> Tenant:
        """The tenant, for a caller that belongs to it."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.tenant()

    async def page(self, *, limit: int = 50, after: str | None = None) -> TenantPage:
        """The tenants that were added after the one with this id, or the first ones, oldest first."""
        async with self._transactions.begin_instance() as i:
            found = await i.tenants.page(limit=limit + 1, after=after)
        page = found[:limit]
        return TenantPage(page, page[-1].id if len(found) > limit else None)

    async def all(self) -> Sequence[Tenant]:
        """All tenants, in the order they were added."""
        async with self._transactions.begin_instance() as i:
            return await i.tenants.all()

    def forget(self) -> None:
        """Whoever changes a tenant reads the change at once, before it is told."""
        self._tenants.forget()


class AddTenant(Service):
    """Add a tenant. Its credentials are tried first, so a wrong password is reported at once and nothing is stored."""

    async def __call__(self, tenant: Tenant, login: Login, *, check: bool = True, by: str = "operator") -> Tenant:
        """Add a tenant; its id and `created_at` are set here. With `check`, it is tried whether the login works,
        and a tenant without a time zone gets the one that ServiceTrade names.

        Raises BadInput (PLUGINS_INVALID), Conflict (TENANT_EXISTS) and, with `check`, what signing in raises.
        """
        tenant = replace(
            tenant,
            id=self._ids.new("ten"),
            base_url=tenant.base_url.rstrip("/"),
            created_at=self._clock.now(),
        )
        await check_plugin_defaults(self._rules, tenant.plugin_defaults, ())
        if check:
            told = await self._service_trade.check(ServiceTradeAccount(tenant.id, tenant.base_url, login))
            tenant = replace(tenant, time_zone=tenant.time_zone or told, signed_in_at=self._clock.now())
        async with self._transactions.begin_instance() as i:
            await i.tenants.add(tenant, login)
            await i.audit.record(AuditEntry(self._clock.now(), by, "tenant.added", tenant.id, _named(tenant)))
        _log.info("tenant.added", tenant=tenant.slug, by=by)
        return tenant


class ChangeTenant(Service):
    """Change a tenant's settings or ServiceTrade credentials; pause it; remove it with all its data."""

    def __init__(self, d: Dependencies, webhook: ServiceTradeWebhook, find_tenant: FindTenant) -> None:
        super().__init__(d)
        self._webhook = webhook
        self._find_tenant = find_tenant

    async def __call__(self, before: Tenant, wanted: Tenant, login: Login | None = None, *, by: str) -> Tenant:
        """Store the settings of `wanted`, and the login if one is given. A new address or login is tried first. Whether
        the tenant is paused stays as it is: somebody may pause it meanwhile.

        Raises BadInput (PLUGINS_INVALID), and what signing in raises.
        """
        wanted = replace(wanted, base_url=wanted.base_url.rstrip("/"))
        async with self._transactions.begin(before.id) as t:
            account = await t.account()
            connections = await t.connections.all()
        if wanted.plugin_defaults != before.plugin_defaults:
            await check_plugin_defaults(self._rules, wanted.plugin_defaults, connections)
        tested = False
        if login or wanted.base_url != before.base_url:
            told = await self._service_trade.check(
                ServiceTradeAccount(before.id, wanted.base_url, login or account.login)
            )
            if wanted.time_zone is None and before.time_zone is None:
                wanted = replace(wanted, time_zone=told)
            tested = True
        async with self._transactions.begin_instance() as i:
            stored = await i.tenants.change(wanted, login)
            if tested:
                await i.tenants.set_signed_in(before.id, self._clock.now())
        self._find_tenant.forget()
        what = differences(TENANT_SETTINGS, before, wanted) + ["login"] * (login is not None)
        await self._audit(before, by, "tenant.changed", {"changed": ", ".join(what)})
        return stored

    async def test_sign_in(self, tenant: Tenant, *, by: str) -> None:
        """Sign in to ServiceTrade with the stored login, and note whether it was accepted. Raises what signing in
        raises."""
        async with self._transactions.begin(tenant.id) as t:
            account = await t.account()
        await note_sign_in(self._transactions, self._service_trade, account, self._clock.now())
        await self._audit(tenant, by, "tenant.sign_in_tested", {})

    async def hide_first_steps(self, tenant: Tenant, *, hidden: bool, by: str) -> None:
        """Take the first steps off the start page for everybody, or show them again."""
        async with self._transactions.begin_instance() as i:
            await i.tenants.set_first_steps_hidden(tenant.id, hidden)
        await self._audit(tenant, by, "tenant.first_steps_hidden" if hidden else "tenant.first_steps_shown", {})

    async def pause(self, tenant: Tenant, *, paused: bool, by: str) -> Tenant:
        """Pause or resume the tenant. During a pause, requests are accepted and wait."""
        action = "tenant.paused" if paused else "tenant.resumed"
        async with self._transactions.begin_instance() as i:
            stored = await i.tenants.set_paused(tenant, paused)
            await i.audit.record(AuditEntry(self._clock.now(), by, action, tenant.id, _named(tenant)))
        self._find_tenant.forget()
        async with self._transactions.begin(tenant.id) as t:
            now = await t.now()
            for connection in await t.connections.all():
                await t.connections.wake(connection.id, now)
            await t.completions.set_due(now, only_earlier=True)
        await self._audit(tenant, by, action, {})
        return stored

    async def remove(self, tenant: Tenant, *, by: str) -> None:
        """Delete its connections, sends, keys, audit and secrets permanently. Raises Conflict (CONNECTION_BUSY)."""
        try:
            await self._webhook.switch_off(tenant.id, by=by)
        except JobferryError as error:  # ServiceTrade may have closed the account long ago
            _log.warning("webhook.left_behind", tenant=tenant.slug, code=error.code, reason=error.message)
        async with self._transactions.begin(tenant.id) as t:
            gone = await t.connections.all()
            for connection in gone:
                await archive_and_remove(t, connection)
        async with self._transactions.begin_instance() as i:
            await i.tenants.remove(tenant.id)
            removed = {"tenant": tenant.slug}  # so that operators know which one it was; its name is gone
            await i.audit.record(AuditEntry(self._clock.now(), by, "tenant.removed", tenant.id, removed))
        self._find_tenant.forget()
        for connection in gone:
            self._intent_mark.forget(connection.id)
        _log.info("tenant.removed", tenant=tenant.slug, by=by)

    async def _audit(self, tenant: Tenant, by: str, action: str, detail: dict[str, str]) -> None:
        async with self._transactions.begin(tenant.id) as t:
            await t.audit.record(AuditEntry(self._clock.now(), by, action, tenant.id, detail))
        _log.info(action, tenant=tenant.slug, by=by)


def _named(tenant: Tenant) -> dict[str, str]:
    """The operators' audit stays after the tenant, so it names it."""
    return {"tenant": tenant.slug, "name": tenant.name}
