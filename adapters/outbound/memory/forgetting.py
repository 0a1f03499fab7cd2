"""Puts an id in the place of a removed person's address, in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from adapters.outbound.memory.rows import Rows
from core.model.operations.audit import AuditEntry
from ports.storage.send_requests import BoundKey


def forget_person(rows: Rows, tenant_id: str | None, email: str, person_id: str) -> None:
    """In all rows of the tenant; with None, in the operators' audit."""
    instead = f"removed person {person_id}"

    def named(row: Any, *fields: str) -> Any:
        found = {field: instead for field in fields if getattr(row, field) == email}
        return replace(row, **found) if found else row

    def entry(one: AuditEntry) -> AuditEntry:
        detail = {name: instead if value == email else value for name, value in one.detail.items()}
        return (
            replace(one, detail=detail)
            if one.actor != email
            else replace(one, actor=instead, actor_name="", detail=detail)
        )

    if tenant_id is None:
        rows.operator_audit = [entry(one) for one in rows.operator_audit]
    else:
        rows.audit = [(owner, entry(one) if owner == tenant_id else one) for owner, one in rows.audit]
    _change(
        rows.people.people, lambda one: (named(one[0], "created_by"), one[1]), lambda one: one[0].tenant_id, tenant_id
    )
    _change(
        rows.api_keys,
        lambda one: replace(one, key=named(one.key, "created_by")),
        lambda one: one.key.tenant_id,
        tenant_id,
    )
    if tenant_id is None:
        return
    of_keys = BoundKey.of(email, "", "", "").key
    for place in [one for one in rows.keys if one[0] == tenant_id and one[1].startswith(of_keys)]:
        stored = rows.keys.pop(place)
        bound = replace(stored.bound, key=f"{instead}/{place[1].removeprefix(of_keys)}")
        rows.keys[place[0], bound.key] = replace(stored, bound=bound)
    _change(rows.sends, lambda one: named(one, "requested_by"), lambda one: one.tenant_id, tenant_id)
    _change(rows.reconciliations, lambda one: named(one, "requested_by"), lambda one: one.tenant_id, tenant_id)
    _change(
        rows.suggestion_searches,
        lambda one: named(one, "requested_by"),
        lambda one: rows.connections[one.connection_id].connection.tenant_id,
        tenant_id,
    )
    connections = {id for id, one in rows.connections.items() if one.connection.tenant_id == tenant_id}
    for record_key, record in rows.suggested_records.items():
        if record_key[0] in connections:
            trouble = record.trouble
            if trouble.startswith(f"{email} "):  # who set an alias meanwhile
                trouble = instead + trouble.removeprefix(email)
            rows.suggested_records[record_key] = replace(named(record, "decided_by"), trouble=trouble)
    for connection_id in connections:
        held = rows.connections[connection_id]
        if (test := held.connection.last_test) and test.by == email:
            connection = replace(held.connection, last_test=named(test, "by"))
            rows.connections[connection_id] = replace(held, connection=connection)
    _change(rows.creations, lambda one: named(one, "requested_by", "settled_by"), lambda one: one.tenant_id, tenant_id)
    _change(rows.ledger, lambda one: named(one, "settled_by"), lambda one: one.tenant_id, tenant_id)
    _change(
        rows.aliases, lambda one: replace(one, alias=named(one.alias, "set_by")), lambda one: one.tenant_id, tenant_id
    )
    _change(
        rows.recipients,
        lambda one: replace(one, recipient=named(one.recipient, "created_by")),
        lambda one: one.recipient.tenant_id,
        tenant_id,
    )
    rows.alias_history = [
        (owner, replace(named(one, "ended_by"), alias=named(one.alias, "set_by")) if owner == tenant_id else one)
        for owner, one in rows.alias_history
    ]
    ours = {id for id, one in rows.webhook_endpoints.items() if one.endpoint.tenant_id == tenant_id}
    for key, delivery in rows.deliveries.items():
        if key[0] in ours:
            body = delivery.body.replace(f'"{email}"', f'"{instead}"')
            rows.deliveries[key] = replace(delivery, body=body)


def _change(
    rows: dict[Any, Any], change: Callable[[Any], Any], owner: Callable[[Any], str | None], tenant_id: str | None
) -> None:
    rows.update({key: change(row) for key, row in rows.items() if owner(row) == tenant_id})
