"""Forms for codes that failed sends and previews lack: the fields, what is known of them, and whom the codes free."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.model.connections.connection import Connection
from core.model.mappings.alias import Alias, AliasKind, FormerAlias
from core.model.mappings.job_record import JobRecord, freed_by
from core.model.planning.plan import SendPlan
from core.model.sending.send import DashboardWarning, Send
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

MOST_FORMS = 20
_MOST_SUGGESTED, _MOST_READ = 8, 500
_SHORTEST_WORD = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A code that was used before. `why` says for what."""

    code: str
    why: str


@dataclass(frozen=True, slots=True)
class CodeField:
    """A record whose code is missing or refused. `alias` is the present one, also if it was set after the failure."""

    record: JobRecord
    alias: Alias | None
    suggestions: Sequence[Suggestion]

    @property
    def known(self) -> str:
        """The alias that the form shows, '' for none."""
        return self.alias.code if self.alias else ""

    @property
    def filled(self) -> str:
        """What the input holds at first: the present code, so that it can be corrected."""
        return self.known or self.record.code

    @property
    def set_since(self) -> bool:
        """Whether somebody has set a code after the send was planned."""
        return self.alias is not None and self.alias.code != self.record.code

    @property
    def optional(self) -> bool:
        """A work order may be without a contract."""
        return self.record.kind is AliasKind.CONTRACT and not self.record.code


@dataclass(frozen=True, slots=True)
class CodeForm:
    """`send_id` is the failed send, '' for a preview. `frees`: how many other jobs failed and need only these codes.
    `all_it_needs`: with the codes nothing that is known blocks the send any more. `warnings` are of the sends that need
    the same, as far as they were asked for."""

    connection: Connection
    send_id: str
    fields: Sequence[CodeField]
    frees: int
    all_it_needs: bool
    warnings: Sequence[DashboardWarning] = ()


@dataclass(frozen=True, slots=True)
class _Need:
    """What a form is for. `send_id` is '' for a preview, `of` the warnings that need the same."""

    connection: Connection
    records: Sequence[JobRecord]
    job_id: str
    send_id: str
    complete: bool
    of: Sequence[DashboardWarning] = ()


class ShowCodeForms(Service):
    async def of_send(self, tenant_id: str, connection: Connection, send: Send) -> CodeForm | None:
        """The form for a failed send, None if no code is missing or refused."""
        records, complete = send.codes_in_question, bool(send.codes_needed)
        forms = await self._forms(tenant_id, [_Need(connection, records, send.job_id, send.id, complete)])
        return forms[0] if forms else None

    async def of_plan(self, tenant_id: str, connection: Connection, plan: SendPlan) -> CodeForm | None:
        """The form for a preview, None if no code is missing."""
        records = plan.codes_in_question(plan.findings)
        complete = plan.sendable or bool(plan.codes_needed(plan.findings))
        forms = await self._forms(tenant_id, [_Need(connection, records, plan.job_id, "", complete)])
        return forms[0] if forms else None

    async def of_warnings(self, tenant_id: str, warnings: Sequence[DashboardWarning]) -> Sequence[CodeForm]:
        """A form for each different need of these warnings, in their order; the first MOST_FORMS."""
        groups: dict[tuple[str, str], list[DashboardWarning]] = {}
        for one in warnings:
            if one.needs and one.send_id:
                groups.setdefault((one.connection_id, one.need_key), []).append(one)
        if not groups:
            return []
        async with self._transactions.begin(tenant_id) as t:
            connections = {one.id: one for one in await t.connections.all()}
        needs = [
            _Need(connections[connection_id], held[0].needs, held[0].job_id, held[0].send_id, True, held)
            for (connection_id, _), held in list(groups.items())[:MOST_FORMS]
        ]
        return await self._forms(tenant_id, needs)

    async def _forms(self, tenant_id: str, needs: Sequence[_Need]) -> list[CodeForm]:
        """The forms for needs that have records. Codes are looked for once for each connection and kind of record."""
        wanted = [need for need in needs if need.records]
        if not wanted:
            return []
        async with self._transactions.begin(tenant_id) as t:
            found: dict[tuple[str, AliasKind], Sequence[Alias]] = {}
            for place in {(need.connection.id, one.kind) for need in wanted for one in need.records}:
                names = [one.name for need in wanted for one in need.records if (need.connection.id, one.kind) == place]
                words = {word for name in names for word in _words(name)}
                found[place] = await t.aliases.alike(*place, words, limit=_MOST_READ)
            return [await _form(t, need, found) for need in wanted]


async def _form(t: TenantTransaction, need: _Need, found: Mapping[tuple[str, AliasKind], Sequence[Alias]]) -> CodeForm:
    connection_id, keys = need.connection.id, [record.key for record in need.records]
    aliases = {alias.key: alias for alias in await t.aliases.of(connection_id, keys)}
    fields = [
        CodeField(
            one,
            aliases.get(one.key),
            _suggestions(one, await t.aliases.former(connection_id, one.key), found[connection_id, one.kind]),
        )
        for one in need.records
    ]
    frees = await t.warnings.count_needing(connection_id, freed_by(keys), without=need.job_id)
    return CodeForm(need.connection, need.send_id, fields, frees, need.complete, need.of)


def _suggestions(record: JobRecord, former: Sequence[FormerAlias], present: Sequence[Alias]) -> Sequence[Suggestion]:
    """Codes that this record had, then those of records with an alike name, the most alike first."""
    found = {one.alias.code: "used for this one before" for one in former}
    words = _words(record.name)
    shared = [(len(words & _words(one.entry.name)), one) for one in present if one.key != record.key]
    for count, one in sorted(shared, key=lambda pair: -pair[0]):
        if count:
            found.setdefault(one.code, one.entry.name)
    found.pop(record.code, None)
    return [Suggestion(code, why) for code, why in list(found.items())[:_MOST_SUGGESTED]]


def _words(name: str) -> set[str]:
    words: Iterable[str] = re.findall(r"\w+", name.lower())
    return {word for word in words if len(word) >= _SHORTEST_WORD}
