"""The console's users, of a tenant or operators: add, set role or password, remove.

Nobody does this to a person who may do more than they may themselves, nor makes somebody such a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

import structlog

from core.model.access.caller import Caller
from core.model.access.person import Person, Role, address_of, check_password
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import NotFound
from core.services.service import Dependencies, Service
from ports.storage.audit import Audit
from ports.storage.people import People

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """`next_after` is the `after` of the next page, None at the end."""

    people: Sequence[Person]
    next_after: str | None


class ManagePeople(Service):
    def __init__(self, d: Dependencies) -> None:
        super().__init__(d)
        self._one_at_a_time = asyncio.Lock()
        """Two first passwords of one address at the same time would have two salts."""

    async def add(self, tenant_id: str | None, email: str, name: str, role: Role, *, by: Caller) -> Person:
        """Add a person without a password.

        Raises BadInput (PERSON_INVALID), Conflict (PERSON_EXISTS), Forbidden (SCOPE_MISSING).
        """
        person = Person(
            id=self._ids.new("per"),
            tenant_id=tenant_id,
            email=address_of(email),
            name=name.strip(),
            role=role,
            created_at=self._clock.now(),
            created_by=by.name,
        )
        by.require_over(person)
        async with self._people(tenant_id) as (people, audit):
            await people.add(person)
            await self._audit(audit, "person.added", person, by)
        return person

    async def page(self, tenant_id: str | None, *, limit: int = 50, after: str | None = None) -> PeoplePage:
        """The people after this e-mail address, or the first ones, sorted by it."""
        async with self._people(tenant_id) as (people, _):
            found = await people.page(limit=limit + 1, after=after)
        page = found[:limit]
        return PeoplePage(page, page[-1].email if len(found) > limit else None)

    async def find(self, tenant_id: str | None, email: str) -> Person | None:
        """None if nobody has this address."""
        async with self._people(tenant_id) as (people, _):
            with suppress(NotFound):
                return await people.by_email(email)
        return None

    async def get(self, tenant_id: str | None, person_id: str) -> Person:
        """Raises NotFound (PERSON_NOT_FOUND), also for a person of another tenant."""
        async with self._people(tenant_id) as (people, _):
            return await people.get(person_id)

    async def set_role(self, tenant_id: str, email: str, role: Role, *, by: Caller) -> Person:
        """Set the role and end the person's sessions.

        Raises NotFound (PERSON_NOT_FOUND), BadInput (PERSON_INVALID), Forbidden (SCOPE_MISSING) for the present and for
        the new role.
        """
        async with self._people(tenant_id) as (people, audit):
            person = await people.by_email(address_of(email))
            by.require_over(person)
            by.require_over(replace(person, role=role))
            await people.change(person.id, role=role)
            person = await people.by_email(person.email)
            await self._audit(audit, "person.role_changed", person, by)
        return person

    async def set_password(self, tenant_id: str | None, email: str, password: str, *, by: Caller) -> Person:
        """Set a password and end their sessions.

        Raises NotFound (PERSON_NOT_FOUND), BadInput (PASSWORD_WEAK), Forbidden (SCOPE_MISSING).
        """
        async with self._people(tenant_id) as (people, _):
            person = await people.by_email(address_of(email))
        by.require_over(person)
        check_password(password, person)
        async with self._one_at_a_time:
            async with self._transactions.begin_instance() as i:
                others = [hashed for _, hashed in await i.credentials.people_with(person.email) if hashed]
            hashed = await self._passwords.hash(password, others)
            async with self._people(tenant_id) as (people, audit):
                await people.change(person.id, password_hash=hashed)
                await self._audit(audit, "person.password_set", person, by)
        return person

    async def remove(self, tenant_id: str | None, email: str, *, by: Caller) -> None:
        """Remove a person, their sessions, links and notifications. What they did stays, under their id.

        Raises NotFound (PERSON_NOT_FOUND), Forbidden (SCOPE_MISSING).
        """
        if tenant_id is None:
            await self._remove_operator(address_of(email), by)
            return
        async with self._transactions.begin(tenant_id) as t:
            person = await t.people.by_email(address_of(email))
            by.require_over(person)
            own = await t.notifications.of_person(person.id)
            shared = [one for one in await t.notifications.all() if one.address.lower() == person.email]
            for recipient in (own, *shared) if own else shared:
                await t.notifications.remove(recipient.id)
            await self._remove(t.people, t.audit, person, by)

    async def _remove_operator(self, email: str, by: Caller) -> None:
        """Their acts are in every tenant. Removed last: if this ends in the middle, it can be repeated."""
        async with self._transactions.begin_instance() as i:
            by.require_over(person := await i.people.by_email(email))
            tenants = await i.tenants.all()
        for tenant in tenants:
            async with self._transactions.begin(tenant.id) as t:
                with suppress(NotFound):
                    await t.people.by_email(email)
                    continue  # a person of this tenant has the address, and keeps it
                await t.people.forget(email, person.id)
        async with self._people(None) as (people, audit):
            await self._remove(people, audit, person, by)

    async def _remove(self, people: People, audit: Audit, person: Person, by: Caller) -> None:
        await people.remove(person.id)
        await self._audit(audit, "person.removed", person, by)
        await people.forget(person.email, person.id)

    async def _audit(self, audit: Audit, action: str, person: Person, by: Caller) -> None:
        detail = {"email": person.email, "role": person.role.value}
        await audit.record(AuditEntry(self._clock.now(), by.name, action, person.id, detail))
        _log.info(action, person=person.id, tenant_id=person.tenant_id, by=by.name)

    @asynccontextmanager
    async def _people(self, tenant_id: str | None) -> AsyncIterator[tuple[People, Audit]]:
        if tenant_id is None:
            async with self._transactions.begin_instance() as i:
                yield i.people, i.audit
        else:
            async with self._transactions.begin(tenant_id) as t:
                yield t.people, t.audit
