"""Connections of a tenant: settings, sealed secrets, holds, the lease, and when their sends are due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Executable,
    LargeBinary,
    RowMapping,
    Select,
    Update,
    bindparam,
    case,
    delete,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError

from adapters.outbound.postgres.due_moments import DueMoments
from adapters.outbound.postgres.records import (
    StoredRow,
    codes_values,
    connection_of,
    connection_settings,
    hold_values,
    items_hold_values,
    test_values,
)
from adapters.outbound.postgres.repository import SealingRepository, opened, owner_key
from adapters.outbound.postgres.server.failures import violates
from adapters.outbound.postgres.tables.creating import creations
from adapters.outbound.postgres.tables.listing import listed_codes, listed_words
from adapters.outbound.postgres.tables.sending import attempts, cost_lines, sends, warnings, work_orders
from adapters.outbound.postgres.tables.setup import completions, connections
from core.model.connections.connection import Connection, ConnectionSecrets, Hold, ItemsHold
from core.model.connections.connection_state import CodesMissing, ConnectionTest
from core.model.connections.same_company import company_key
from core.model.shared.errors import Conflict, NotFound, OutOfDate
from ports.storage.connections import Connections
from ports.storage.due_work import WorkKind
from ports.vault import Vault

_ASKED = bindparam("asked", type_=ARRAY(LargeBinary))
_OWN = bindparam("own", type_=ARRAY(LargeBinary))
AUTHORIZATION_ID, CLIENT_SECRET = "authorization_id", "client_secret"


class PostgresConnections(SealingRepository, Connections):
    async def add(self, connection: Connection, secrets: ConnectionSecrets) -> None:
        values = {
            "id": connection.id,
            "slug": connection.slug,
            "external_system": connection.external_system,
            "settings": connection_settings(connection),
            "company": company_key(connection),
            **await self._secret_values(connection.id, secrets),
            "paused": connection.paused,
            "version": connection.version,
        }
        try:
            await self._add(connections, values)
        except IntegrityError as error:
            raise _taken(connection, error) from error
        for kind in (WorkKind.DRAIN, WorkKind.EXPIRY, WorkKind.CODES):
            await self._due.add(kind, connection.id)
        await self._enter_company(connection)

    async def change(self, connection: Connection, secrets: ConnectionSecrets | None) -> Connection:
        values = {
            "external_system": connection.external_system,
            "settings": connection_settings(connection),
            "company": company_key(connection),
            "endpoint_used": connection.endpoint_used,
            "target_version": connection.target_version,
            "last_write_at": case(
                (connections.c.target_version == connection.target_version, connections.c.last_write_at)
            ),
            "version": connections.c.version + 1,
        }
        if secrets:
            values |= await self._secret_values(connection.id, secrets)
        try:
            present = self._ours(connections, id=connection.id, version=connection.version)
            row = await self._row(update(connections).where(present).values(values).returning(connections))
        except IntegrityError as error:
            raise _taken(connection, error) from error
        if row is None:
            await self.get(connection.id)
            raise OutOfDate(
                f"The connection {connection.slug} was changed by somebody else meanwhile.",
                fix="Read it again, then change it with its current ETag.",
            )
        await self._enter_company(connection)
        return connection_of(row)

    async def remove(self, connection_id: str) -> None:
        await self.get(connection_id)
        its_sends = select(sends.c.id).where(sends.c.connection_id == connection_id)
        await self._run(delete(attempts).where(attempts.c.send_id.in_(its_sends)))
        for table in (creations, cost_lines, completions, warnings, work_orders, sends):
            await self._run(delete(table).where(table.c.connection_id == connection_id))
        for table in (listed_words, listed_codes):
            await self._run(delete(table).where(self._ours(table, connection_id=connection_id)))
        await self._run(delete(connections).where(self._ours(connections, id=connection_id)))
        await self._due.remove(connection_id)
        await self._run(select(func.company_leave(owner_key(connection_id))))

    async def by_slug(self, slug: str) -> Connection:
        return connection_of(await self._one(slug, self._query(slug=slug)))

    async def get(self, connection_id: str) -> Connection:
        return connection_of(await self._one(connection_id, self._query(id=connection_id)))

    async def all(self) -> Sequence[Connection]:
        return await self._found(self._query().order_by(connections.c.seq))

    async def page(self, *, limit: int, after: str | None = None) -> Sequence[Connection]:
        query = self._query().order_by(connections.c.id).limit(limit)
        return await self._found(query if after is None else query.where(connections.c.id > after))

    async def leading_to(self, companies: Collection[bytes]) -> Sequence[Connection]:
        return await self._found(self._leading_to(companies).order_by(connections.c.seq))

    async def elsewhere(self, companies: Collection[bytes]) -> frozenset[bytes]:
        mine = await self._rows(self._leading_to(companies).with_only_columns(connections.c.id))
        found = await self._connection.execute(
            select(func.companies_elsewhere(_ASKED, _OWN)),
            {"asked": list(companies), "own": [owner_key(row["id"]) for row in mine]},
        )
        return frozenset(found.scalars())

    async def secrets(self, connection_id: str) -> ConnectionSecrets:
        row = await self._with_data_key(connection_missing(connection_id), connections, connection_id)
        return secrets_of(row, self._vault)

    async def set_hold(self, connection_id: str, hold: Hold | None) -> None:
        count = {} if hold else {"plugin_failures": 0}
        await self._change(connection_id, hold=hold_values(hold), **count)

    async def count_plugin_failure(self, connection_id: str) -> int:
        counted = self._update(connection_id, plugin_failures=connections.c.plugin_failures + 1)
        row = await self._one(connection_id, counted.returning(connections.c.plugin_failures))
        return int(row["plugin_failures"])

    async def raise_intents(self, connection_id: str, intents: int) -> None:
        await self._change(connection_id, intents=func.greatest(connections.c.intents, intents))

    async def set_endpoint_used(self, connection_id: str) -> None:
        await self._change(connection_id, endpoint_used=True)

    async def set_items_hold(self, connection_id: str, hold: ItemsHold | None) -> None:
        await self._change(connection_id, items_hold=items_hold_values(hold))

    async def set_restored(self, connection_id: str, at: datetime) -> None:
        await self._change(connection_id, restored_at=at)

    async def set_tested(self, connection_id: str, test: ConnectionTest) -> None:
        stored = connections.c.last_test["target_version"].as_integer()
        new = literal(test_values(test), connections.c.last_test.type)
        kept = case((stored > test.target_version, connections.c.last_test), else_=new)
        await self._change(connection_id, last_test=kept)

    async def set_codes_missing(self, connection_id: str, found: CodesMissing) -> None:
        await self._change(connection_id, codes_missing=codes_values(found))

    async def set_paused(self, connection_id: str, paused: bool) -> None:
        await self._change(connection_id, paused=paused, version=connections.c.version + 1)

    async def raise_epoch(self, connection_id: str) -> None:
        # Whoever adds a send takes the weakest lock, for its foreign key: only the strongest one keeps it out.
        await self._one(connection_id, self._query(id=connection_id).with_for_update())
        await self._change(connection_id, epoch=connections.c.epoch + 1)

    async def lock(self, connection_id: str) -> Connection:
        return connection_of(
            await self._one(connection_id, self._query(id=connection_id).with_for_update(key_share=True))
        )

    async def wake(self, connection_id: str, due_at: datetime | None) -> None:
        if not await self._due.wake(WorkKind.DRAIN, connection_id, due_at):
            raise connection_missing(connection_id)

    @property
    def _due(self) -> DueMoments:
        return DueMoments(self._connection, self._tenant_id)

    async def _enter_company(self, connection: Connection) -> None:
        await self._run(select(func.company_enter(company_key(connection), owner_key(connection.id))))

    def _query(self, **values: object) -> Select[tuple[object]]:
        return select(connections).where(self._ours(connections, **values))

    def _leading_to(self, companies: Collection[bytes]) -> Select[tuple[object]]:
        return self._query().where(connections.c.company.in_(companies))

    async def _found(self, query: Executable) -> Sequence[Connection]:
        return [connection_of(row) for row in await self._rows(query)]

    async def _one(self, name: str, query: Executable) -> RowMapping:
        return await self._row_or(connection_missing(name), query)

    def _update(self, connection_id: str, **values: object) -> Update:
        return update(connections).where(self._ours(connections, id=connection_id)).values(values)

    async def _change(self, connection_id: str, **values: object) -> None:
        await self._run_or(connection_missing(connection_id), self._update(connection_id, **values))

    async def _secret_values(self, connection_id: str, secrets: ConnectionSecrets) -> dict[str, Any]:
        secret = {AUTHORIZATION_ID: secrets.authorization_id, CLIENT_SECRET: secrets.client_secret}
        return {"client_id": secrets.client_id, **await self._sealed(connections, connection_id, **secret)}


def secrets_of(row: StoredRow, vault: Vault) -> ConnectionSecrets:
    """Return the secrets of a connection's row that comes with its tenant's `data_key`."""
    return ConnectionSecrets(
        opened(vault, connections, row, AUTHORIZATION_ID),
        row["client_id"],
        row[CLIENT_SECRET] and opened(vault, connections, row, CLIENT_SECRET),
    )


def connection_missing(name: str) -> NotFound:
    fix = "List the tenant's connections to see their short names."
    return NotFound(f"There is no connection {name}.", code="CONNECTION_NOT_FOUND", fix=fix)


def _taken(connection: Connection, error: IntegrityError) -> Exception:
    if violates(error, "connections_tenant_id_slug_key"):
        what = f"A connection {connection.slug} already exists."
    elif violates(error, "connections_tenant_id_external_system_key"):
        what = f"Another connection already uses the external system {connection.external_system}."
    else:
        return error
    return Conflict(what, code="CONNECTION_EXISTS", fix="Choose another name, or another external system.")
