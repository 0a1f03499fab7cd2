"""A send's facts and changes, each in one call of a database function (migrations/sql/sending.sql)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from psycopg import Error
from psycopg.errors import UniqueViolation

from adapters.outbound.postgres.changes.documents import Document, row_of, rows_of
from adapters.outbound.postgres.changes.functions import Functions
from adapters.outbound.postgres.changes.row_reader import KnownSetup, RowReader
from adapters.outbound.postgres.changes.send_documents import change_document
from adapters.outbound.postgres.connections import connection_missing
from adapters.outbound.postgres.records import alias_of, line_of, made, record_of, send_of
from adapters.outbound.postgres.repository import owner_key
from adapters.outbound.postgres.tables.listing import code_list_states, listed_codes
from adapters.outbound.postgres.tables.sending import cost_lines, sends, work_orders
from adapters.outbound.postgres.tables.setup import aliases
from core.model.mappings.alias import Alias, AliasKey
from core.model.mappings.code_words import folded
from core.model.mappings.listed_check import Code, ListedCodes
from core.model.mappings.listed_code import ListedCode, ListState
from core.model.planning.account import AccountEntry, EntryState
from core.model.sending.send import Send, Step
from core.model.shared.errors import LeaseLost, SendChanged
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.send_changes import (
    DueSend,
    FactsQuery,
    NumberTaken,
    PlanInput,
    SendChanges,
    Standing,
    StandingQuery,
    StoredChange,
    StoredFacts,
    StoredOutcome,
)

_log = structlog.get_logger()
_LOOK = "Look at it again."


class PostgresSendChanges(SendChanges):
    def __init__(self, functions: Functions, reader: RowReader) -> None:
        self._calls = functions
        self._reader = reader

    async def facts(self, query: FactsQuery) -> StoredFacts:
        known = self._reader.known(self._calls.tenant_id, query.connection_id)
        known_lines = self._reader.known_lines(query.send_id) if query.own_lines or query.unclear else {}
        asked = {**_asked(query), **known.asked(), "known_lines": list(known_lines)}
        [found] = await self._calls(("send_facts", asked))
        if found is None:
            raise connection_missing(query.connection_id)
        if query.epoch is not None and found["epoch"] != query.epoch:
            raise LeaseLost("Another worker has taken over this connection.")
        return StoredFacts(
            now=datetime.fromisoformat(found["now"]),
            connection=self._reader.connection(found["connection"], known),
            send=_send_or_none(found.get("send")),
            record=_record_or_none(found["record"]),
            told=[send_of(row) for row in rows_of(sends, found["told"])],
            lines=self._reader.lines(query.send_id, found["lines"], known_lines) if found.get("lines") else (),
            unclear=self._reader.other_lines(found.get("unclear") or (), known_lines),
            number_taken=bool(found.get("number_taken")),
            holder=_send_or_none(found.get("holder")),
            account_lines=_lines(found.get("account_lines")),
            entries=_entries(found.get("entries")),
            additions=_entries(found.get("additions")),
            endpoints=found["endpoints"],
            warned=found["warned"],
            awaited=found["awaited"],
            paused=found["paused"],
        )

    async def store(self, change: StoredChange) -> StoredOutcome:
        [stored] = await self._store(change, ())
        return self._outcome(change, stored)

    async def conclude(self, change: StoredChange, take: Collection[Step] | None = None) -> StoredOutcome:
        if take is None:
            [stored] = await self._store(change, (), commit=True)
            return self._outcome(change, stored)
        known = self._reader.known_with_secrets(self._calls.tenant_id, change.send.connection_id)
        asked = _due_asked(change.send.connection_id, take, known)
        stored, due = await self._store(change, [("next_due_send", asked)], commit=True)
        outcome = self._outcome(change, stored)
        try:
            return replace(outcome, following=self._due_send(change.send.connection_id, due, known))
        except Exception:  # the change is stored; what is wrong with another send is told when that is read by itself
            _log.warning("send.following_unreadable", send=change.send.id, connection=change.send.connection_id)
            return outcome

    async def next_due(
        self, connection_id: str, steps: Collection[Step], *, lease: bool = False, last: bool = False
    ) -> DueSend:
        """With `lease`, every earlier holder of the connection loses its lease. `last`: see `Transactions.resting`."""
        known = self._reader.known_with_secrets(self._calls.tenant_id, connection_id)
        asked = {**_due_asked(connection_id, steps, known), "lease": lease, "last": last}
        [found] = await self._calls(("next_due_send", asked))
        return self._due_send(connection_id, found, known)

    async def rest(
        self, connection_id: str, steps: Collection[Step], waits_until: datetime | None = None
    ) -> datetime | None:
        asked = {"connection": connection_id, "steps": [step.value for step in steps], "waits_until": waits_until}
        [moment] = await self._calls(("rest_connection", asked), commit=True)
        return datetime.fromisoformat(moment) if moment else None

    def _due_send(self, connection_id: str, found: Document | None, known: KnownSetup) -> DueSend:
        if found is None:
            raise connection_missing(connection_id)
        tenant = self._reader.tenant(found["tenant"], known)
        connection = self._reader.connection(found["connection"], known)
        return DueSend(
            now=datetime.fromisoformat(found["now"]),
            tenant=tenant.tenant,
            account=tenant.account,
            connection=connection,
            secrets=self._reader.secrets(found, connection, tenant, known),
            epoch=found["epoch"],
            aliases=found["aliases"],
            lists=found["lists"],
            creation_due=found["creation_due"],
            send=_send_or_none(found["send"]),
            record=_record_or_none(found["record"]),
        )

    async def plan_input(self, job_id: str, *, connection_id: str | None, slug: str | None) -> PlanInput:
        known = self._reader.known(self._calls.tenant_id, connection_id, slug)
        asked = {"job": job_id, "connection": connection_id, "slug": slug, **known.asked()}
        [found] = await self._calls(("plan_input", asked))
        if found is None:
            raise connection_missing(slug or connection_id or "")
        tenant = self._reader.tenant(found["tenant"], known)
        return PlanInput(
            tenant=tenant.tenant,
            account=tenant.account,
            connection=self._reader.connection(found["connection"], known),
            aliases=found["aliases"],
            lists=found["lists"],
            record=_record_or_none(found["record"]),
        )

    async def aliases_of(self, connection_id: str, keys: Collection[AliasKey]) -> Sequence[Alias]:
        records = [{"kind": kind.value, "id": servicetrade_id} for kind, servicetrade_id in keys]
        [found] = await self._calls(("aliases_of", {"connection": connection_id, "records": records}))
        return [alias_of(row) for row in rows_of(aliases, found)]

    async def listed(self, connection_id: str, codes: Collection[Code]) -> ListedCodes:
        keys = {(kind, folded(code)) for kind, code in codes}
        asked = [{"kind": kind.value, "key": key} for kind, key in sorted(keys)]
        [found] = await self._calls(("codes_listed", {"connection": connection_id, "codes": asked}))
        states = [made(ListState, row) for row in rows_of(code_list_states, found["states"])]
        return ListedCodes.of(states, [made(ListedCode, row) for row in rows_of(listed_codes, found["codes"])])

    async def standing(self, query: StandingQuery) -> Standing:
        asked = {
            "connection": query.connection_id,
            "job": query.job_id,
            "number": query.number,
            "claim_keys": [key.hex() for key in query.claim_keys],
            "owner": query.owner.hex(),
            "asker": owner_key(query.connection_id).hex(),
        }
        if query.accounts:
            asked["accounts"] = [account.hex() for account in query.accounts]
        if query.additions:
            asked["additions"] = [account.hex() for account in query.additions]
        [found] = await self._calls(("number_standing", asked))
        return Standing(
            taken=bool(found["taken"]),
            accepted=bool(found["accepted"]),
            lines=_lines(found.get("lines")),
            entries=_entries(found.get("entries")),
            additions=_entries(found.get("additions")),
        )

    async def _store(
        self, change: StoredChange, also: Sequence[tuple[str, Document]], *, commit: bool = False
    ) -> list[Any]:
        try:
            return await self._calls(("store_send", change_document(change)), *also, commit=commit)
        except UniqueViolation as error:
            if error.diag.constraint_name != "cost_lines_place":
                raise
            raise SendChanged("A line of one of the items is already in the ledger.", fix="Plan again.") from error
        except Error as error:
            match error.sqlstate:
                case "JF001":
                    raise NumberTaken from error
                case "JF002":
                    raise SendChanged(f"The send {change.send.id} was changed meanwhile.", fix=_LOOK) from error
                case "JF003":
                    line_id = change.intent.line_id if change.intent else ""
                    raise SendChanged(f"The line {line_id} must not be posted any more.", fix=_LOOK) from error
            raise

    def _outcome(self, change: StoredChange, stored: Document) -> StoredOutcome:
        begun = self._reader.line(stored["begun"]) if stored["begun"] else None
        return StoredOutcome(replace(change.send, version=change.send.version + 1), begun, stored["intent"] or 0)


def _due_asked(connection_id: str, steps: Collection[Step], known: KnownSetup) -> Document:
    return {"connection": connection_id, "steps": [step.value for step in steps], **known.asked()}


def _asked(query: FactsQuery) -> Document:
    asked: Document = {
        "send": query.send_id,
        "job": query.job_id,
        "connection": query.connection_id,
        "number": query.number,
    }
    for name in ("read_send", "own_lines", "unclear"):
        if getattr(query, name):
            asked[name] = True
    if query.claim:
        asked |= {"claim_keys": [key.hex() for key in query.claim.keys], "owner": query.claim.owner.hex()}
    if query.accounts:
        asked |= {
            "accounts": [account.hex() for account in query.accounts],
            "asker": owner_key(query.connection_id).hex(),
            "lock_accounts": query.lock_accounts,
        }
    if query.additions:
        asked |= {
            "additions": [account.hex() for account in query.additions],
            "asker": owner_key(query.connection_id).hex(),
        }
    return asked


def _lines(documents: Sequence[Document] | None) -> Sequence[Any]:
    return [line_of(row) for row in rows_of(cost_lines, documents)]


def _entries(documents: Sequence[Document] | None) -> Sequence[AccountEntry]:
    return [
        AccountEntry(
            bytes.fromhex(one["account"]),
            bytes.fromhex(one["item"]),
            EntryState.STANDS if one["stands"] else EntryState.OPEN,
        )
        for one in documents or ()
    ]


def _send_or_none(document: Document | None) -> Send | None:
    return send_of(row_of(sends, document)) if document else None


def _record_or_none(document: Document | None) -> WorkOrderRecord | None:
    return record_of(row_of(work_orders, document)) if document else None
