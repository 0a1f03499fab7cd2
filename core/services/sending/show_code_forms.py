"""Forms for codes that failed sends and previews lack: the fields, what is known of them, and whom the codes free."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.model.connections.connection import Connection
from core.model.mappings.alias import Alias, AliasKind
from core.model.mappings.job_record import JobRecord, freed_by
from core.model.planning.plan import SendPlan
from core.model.sending.send import DashboardWarning, Send
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

MOST_FORMS = 20
_MOST_SUGGESTED = 8
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


class ShowCodeForms(Service):
    async def of_send(self, tenant_id: str, connection: Connection, send: Send) -> CodeForm | None:
        """The form for a failed send, None if no code is missing or refused."""
        records, complete = send.codes_in_question, bool(send.codes_needed)
        if not records:
            return None
        async with self._transactions.begin(tenant_id) as t:
            return await _form(t, connection, records, send.job_id, send.id, complete=complete)

    async def of_plan(self, tenant_id: str, connection: Connection, plan: SendPlan) -> CodeForm | None:
        """The form for a preview, None if no code is missing."""
        records = plan.codes_in_question(plan.findings)
        if not records:
            return None
        complete = plan.sendable or bool(plan.codes_needed(plan.findings))
        async with self._transactions.begin(tenant_id) as t:
            return await _form(t, connection, records, plan.job_id, "", complete=complete)

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
            forms = []
            for (connection_id, _), held in list(groups.items())[:MOST_FORMS]:
                one, connection = held[0], connections[connection_id]
                forms.append(await _form(t, connection, one.needs, one.job_id, one.send_id, complete=True, of=held))
            return forms


async def _form(
    t: TenantTransaction,
    connection: Connection,
    records: Sequence[JobRecord],
    job_id: str,
    send_id: str,
    *,
    complete: bool,
    of: Sequence[DashboardWarning] = (),
) -> CodeForm:
    keys = [record.key for record in records]
    aliases = {alias.key: alias for alias in await t.aliases.of(connection.id, keys)}
    fields = [CodeField(one, aliases.get(one.key), await _suggestions(t, connection.id, one)) for one in records]
    frees = await t.warnings.count_needing(connection.id, freed_by(keys), without=job_id)
    return CodeForm(connection, send_id, fields, frees, complete, of)


async def _suggestions(t: TenantTransaction, connection_id: str, record: JobRecord) -> Sequence[Suggestion]:
    """Codes that this record had, then those of records with an alike name, the most alike first."""
    found: dict[str, str] = {}
    for former in await t.aliases.former(connection_id, record.key):
        found.setdefault(former.alias.code, "used for this one before")
    words = _words(record.name)
    alike = [one for one in await t.aliases.alike(connection_id, record.kind, words) if one.key != record.key]
    shared = Counter({one.id: len(words & _words(one.entry.name)) for one in alike})
    for one in sorted(alike, key=lambda one: -shared[one.id]):
        found.setdefault(one.code, one.entry.name)
    found.pop(record.code, None)
    return [Suggestion(code, why) for code, why in list(found.items())[:_MOST_SUGGESTED]]


def _words(name: str) -> set[str]:
    words: Iterable[str] = re.findall(r"\w+", name.lower())
    return {word for word in words if len(word) >= _SHORTEST_WORD}
