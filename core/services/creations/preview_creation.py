"""Preview a new record: every field with its value, where it is from and what is wrong with it. Nothing is written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from core.model.catalogue import finding
from core.model.connections.connection import Connection
from core.model.connections.creation_settings import NewCode
from core.model.connections.same_company import company_key
from core.model.creations.claims import claims_of
from core.model.creations.creation import CODE_FIELD, SERVICE_OF, Creation, CreationKind
from core.model.creations.lifecycle import APPROVAL, switched_off, switched_on
from core.model.creations.proposal import Proposed, code_rule, origin_words, proposed_code, proposed_values
from core.model.creations.values import fields_of, value_errors
from core.model.mappings.alias import AliasKey, AliasKind
from core.model.mappings.suggestion import RecordToMap
from core.model.shared.errors import FieldError, NotFound
from core.model.shared.finding import Finding, Severity
from core.model.tenants.tenant import ServiceTradeAccount
from core.services.service import Service
from ports.storage.creations import CreationFilter

TYPED = "typed"


@dataclass(frozen=True, slots=True)
class PreviewField:
    """A field of Spectrum's service with the value that would be sent; `problem` is '' if nothing is wrong with it."""

    name: str
    value: str
    origin: str
    note: str
    problem: str
    longest: int
    required: bool
    format: str

    @property
    def origin_words(self) -> str:
        """The origin as people say it."""
        return origin_words(self.origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationPreview:
    """`open` is a creation of the same record that has not ended, None if there is none. `possible`: it can be
    confirmed as it is. `errors` are those of the fields, also of fields that the service does not have."""

    connection: Connection
    kind: CreationKind
    service: str
    record: RecordToMap
    code: str
    fields: tuple[PreviewField, ...]
    errors: tuple[FieldError, ...] = ()
    findings: tuple[Finding, ...] = ()
    open: Creation | None = None
    claims: tuple[str, ...] = ()
    company: str = ""

    @property
    def possible(self) -> bool:
        return not self.errors and not any(one.blocks for one in self.findings) and self.open is None

    @property
    def values(self) -> dict[str, str]:
        """What would be sent."""
        return {one.name: one.value for one in self.fields if one.value}

    @property
    def fingerprint(self) -> str:
        """Another one for another connection, company, record or value: whoever confirms it has seen these."""
        seen = [self.connection.id, self.company, self.kind.value, self.record.id, sorted(self.values.items())]
        return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the record here and in ServiceTrade. `codes` has its own code and that of its company."""

    connection: Connection
    account: ServiceTradeAccount
    record: RecordToMap
    codes: Mapping[AliasKey, str]


class PreviewCreation(Service):
    async def __call__(
        self,
        tenant_id: str,
        slug: str,
        kind: CreationKind,
        record_id: str,
        fields: Mapping[str, str] | None = None,
    ) -> CreationPreview:
        """`fields` replace what is proposed, '' leaves one empty; None is what Jobferry proposes.

        Raises NotFound (CONNECTION_NOT_FOUND, RECORD_NOT_FOUND), and what the ServiceTrade port raises.
        """
        known = await self._known(tenant_id, slug, kind, record_id)
        proposed = await self._proposed(known, kind)
        given = dict(fields or {})
        values = {name: one.value for name, one in proposed.items()}
        values |= {name: text.strip() for name, text in given.items()}
        errors = tuple(value_errors(kind, values))
        problems = {one.pointer.removeprefix("/fields/"): one.detail for one in errors}
        shown = tuple(
            PreviewField(
                name=one.name,
                value=values.get(one.name, ""),
                origin=_origin(one.name, values, proposed),
                note=_note(one.name, values, proposed),
                problem=problems.get(one.name, ""),
                longest=one.length,
                required=one.required is True,
                format=one.format,
            )
            for one in fields_of(kind)
        )
        code = values.get(CODE_FIELD[kind], "")
        claims = claims_of(known.connection, kind, known.account.base_url, record_id, code)
        found, running = await self._findings(known, kind, code, claims)
        return CreationPreview(
            connection=known.connection,
            kind=kind,
            service=SERVICE_OF[kind],
            record=known.record,
            code=code,
            fields=shown,
            errors=errors,
            findings=found,
            open=running,
            claims=claims,
            company=company_key(known.connection).hex(),
        )

    async def _known(self, tenant_id: str, slug: str, kind: CreationKind, record_id: str) -> _Known:
        async with self._transactions.begin(tenant_id) as t:
            connection, account = await t.connections.by_slug(slug), await t.account()
        listed = await self._service_trade.find_record(account, kind.of, record_id, connection.external_system)
        if listed is None:
            what = "location" if kind is CreationKind.SITE else "company"
            raise NotFound(
                f"ServiceTrade has no {what} {record_id}.",
                code="RECORD_NOT_FOUND",
                fix="Take the number from the address of its page in ServiceTrade.",
            )
        record = listed.record
        keys: list[AliasKey] = [(kind.of, record_id)]
        if kind is CreationKind.SITE and record.customer_id:
            keys.append((AliasKind.CUSTOMER, record.customer_id))
        codes = {(kind.of, record_id): (listed.code or "").strip()}
        async with self._transactions.begin(tenant_id) as t:
            codes |= {one.key: one.code for one in await t.aliases.of(connection.id, keys)}
        for key in keys[1:]:
            if not codes.get(key):
                codes[key] = (
                    await self._service_trade.read_code(account, *key, connection.external_system) or ""
                ).strip()
        return _Known(connection, account, record, codes)

    async def _proposed(self, known: _Known, kind: CreationKind) -> dict[str, Proposed]:
        record, connection = known.record, known.connection
        company = known.codes.get((AliasKind.CUSTOMER, record.customer_id), "")
        if not kind.adds:
            code = Proposed(known.codes.get(record.key, ""), "its code")
        else:
            highest = 0
            if code_rule(kind, connection) is NewCode.NUMBER:
                async with self._transactions.begin(connection.tenant_id) as t:
                    highest = await t.creations.highest_number(connection.id, kind.of)
            code = proposed_code(kind, record.name, connection, highest)
        return dict(proposed_values(kind, record, connection, code=code, customer_code=company))

    async def _findings(
        self, known: _Known, kind: CreationKind, code: str, claims: tuple[str, ...]
    ) -> tuple[tuple[Finding, ...], Creation | None]:
        connection, record = known.connection, known.record
        found: list[Finding] = []
        if not switched_on(kind, connection):
            found.append(switched_off(kind))
        if connection.items_hold:
            found.append(connection.items_hold.finding)
        present = known.codes.get(record.key, "")
        if kind.adds and present:
            message = f"{record.name or record.id} has the code {present} already."
            found.append(finding("CREATE_MAPPED_MEANWHILE", message))
        if not kind.adds and not present:
            found.append(finding("CREATE_NOT_MAPPED", f"{record.name or record.id} has no customer code yet."))
        elif not kind.adds and present != code:
            message = f"{record.name or record.id} has the customer code {present}; only that customer can be changed."
            found.append(finding("CREATE_MAPPED_MEANWHILE", message))
        async with self._transactions.begin(connection.tenant_id) as t:
            of_record = await t.creations.page(CreationFilter(connection_id=connection.id, key=record.key), limit=20)
            running = next((one for one in of_record if one.state.open or one.keeps_code), None)
            if kind.adds and code:
                taken = await t.creations.taken(claims, running.id if running else "")
                same = await t.aliases.page(connection.id, source=None, kind=kind.of, search=code, limit=50)
                others = [one for one in same if one.code.upper() == code.upper() and one.key != record.key]
                listed = await t.code_lists.of(connection.id, [(kind.of, code)])
                if listed:
                    message = f"Spectrum has the code {listed[0].code} already: {listed[0].name or 'without a name'}."
                    found.append(finding("CREATE_CODE_TAKEN", message))
                elif others:
                    name = others[0].entry.name or others[0].entry.servicetrade_id
                    found.append(finding("CREATE_CODE_TAKEN", f"{code} is the code of {name} already."))
                elif taken:
                    message = f"{code}, or this record, is being created or was created in this Spectrum company."
                    found.append(finding("CREATE_CODE_TAKEN", message))
        if kind is not CreationKind.SITE:
            found.append(finding("CREATE_APPROVAL", APPROVAL, severity=Severity.INFO))
        return tuple(found), running


def _origin(name: str, values: Mapping[str, str], proposed: Mapping[str, Proposed]) -> str:
    value = values.get(name, "")
    if not value:
        return ""
    return proposed[name].origin if name in proposed and proposed[name].value == value else TYPED


def _note(name: str, values: Mapping[str, str], proposed: Mapping[str, Proposed]) -> str:
    same = name in proposed and proposed[name].value == values.get(name, "")
    return proposed[name].note if same else ""
