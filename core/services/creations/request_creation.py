"""Confirm a new record: store it as previewed; a worker then makes it in Spectrum, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from core.model.creations.creation import Creation, CreationKind, CreationState
from core.model.creations.lifecycle import stopped_before_call
from core.model.mappings.alias import CodeSource
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import BadInput, Conflict
from core.model.shared.finding import Finding
from core.services.creations.preview_creation import CreationPreview, PreviewCreation
from core.services.creations.tell_people import TellPeople
from core.services.service import Dependencies, Service

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationRequest:
    """`fields` are all values, as confirmed, by Spectrum's names; an empty one is not sent."""

    connection: str
    kind: CreationKind
    record_id: str
    fields: Mapping[str, str] = field(default_factory=dict)
    keep: CodeSource = CodeSource.ALIAS
    send_again: bool = False
    requested_by: str


class CreationBlocked(Conflict):
    """The record cannot be created as it is; `preview` says why. Nothing was stored."""

    default_code = "CREATION_BLOCKED"

    def __init__(self, preview: CreationPreview, blockers: list[Finding]) -> None:
        fix = " ".join(step for one in blockers for step in one.fix)
        super().__init__(" ".join(one.message for one in blockers), fix=fix)
        self.preview = preview


class RequestCreation(Service):
    def __init__(self, d: Dependencies, preview: PreviewCreation) -> None:
        super().__init__(d)
        self._preview = preview
        self._tell_people = TellPeople(d)

    async def __call__(self, tenant_id: str, request: CreationRequest) -> Creation:
        """Store it. The same request while it is open returns the first one: nothing is created twice.

        Raises NotFound, BadInput (CREATION_INVALID that names every wrong field), CreationBlocked, Conflict
        (CREATION_EXISTS for another open one of the record, CREATION_TAKEN), and what the ServiceTrade port raises.
        """
        every = {name: text.strip() for name, text in request.fields.items()}
        preview = await self._preview(tenant_id, request.connection, request.kind, request.record_id, every)
        wanted = {name: text for name, text in every.items() if text}
        if preview.open:
            return _same(preview.open, request, wanted)
        # What was not confirmed is not sent, whatever is proposed now.
        unseen = [one.name for one in preview.fields if one.value and one.name not in every]
        if unseen:
            again = dict.fromkeys(unseen, "") | every
            preview = await self._preview(tenant_id, request.connection, request.kind, request.record_id, again)
        if preview.errors:
            fix = "Correct the named fields and confirm again. Nothing was sent."
            raise BadInput.of("The new record is not valid", preview.errors, code="CREATION_INVALID", fix=fix)
        if blockers := [one for one in preview.findings if one.blocks]:
            raise CreationBlocked(preview, blockers)
        return await self._store(tenant_id, request, preview)

    async def _store(self, tenant_id: str, request: CreationRequest, preview: CreationPreview) -> Creation:
        async with self._transactions.begin(tenant_id) as t:
            connection, now = await t.connections.lock(preview.connection.id), await t.now()
            creation = Creation(
                id=self._ids.new("crn"),
                tenant_id=tenant_id,
                connection_id=connection.id,
                kind=request.kind,
                record_id=request.record_id,
                record_name=_name(preview.record.name),
                code=preview.code,
                fields=preview.values,
                keep=request.keep,
                send_again=request.send_again,
                company=preview.company,
                claims=preview.claims,
                requested_by=request.requested_by,
                requested_at=now,
                due_at=now,
            )
            # The switch, the company and the hold of a restored database may have been changed since the preview.
            if said := stopped_before_call(creation, connection) or (
                connection.items_hold.finding if connection.items_hold else None
            ):
                raise CreationBlocked(preview, [said])
            await t.creations.add(creation)
            await self._tell_people.of_former(t, creation)
            await t.connections.wake(connection.id, now)
            detail = {
                "connection": connection.slug,
                "kind": request.kind.value,
                "record": request.record_id,
                "code": preview.code,
                "fields": ", ".join(f"{name}={value}" for name, value in preview.values.items())[:1000],
            }
            await t.audit.record(AuditEntry(now, request.requested_by, "creation.requested", creation.id, detail))
            creation = await t.creations.get(creation.id)
        _log.info("creation.requested", tenant=tenant_id, connection=connection.slug, creation=creation.id)
        return creation


def _name(name: str) -> str:
    """A name that an alias can hold."""
    return name[:200] if name.isprintable() else ""


def _same(running: Creation, request: CreationRequest, wanted: Mapping[str, str]) -> Creation:
    """The open creation, if it is what is asked for. Raises Conflict (CREATION_EXISTS) otherwise."""
    if running.kind is request.kind and dict(running.fields) == dict(wanted) and running.state is CreationState.QUEUED:
        return running
    raise Conflict(
        f"{running.requested_by} is creating this record already, with the code {running.code}: it is"
        f" {running.state.value.replace('_', ' ')}.",
        code="CREATION_EXISTS",
        fix=f"Look at {running.id} in the list of new records.",
    )
