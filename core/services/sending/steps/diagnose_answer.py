"""Diagnose an answer of Spectrum: the connection's plugins first, then the catalogue for the remaining rows."""

from __future__ import annotations

from dataclasses import replace

from core.model.connections.connection import Connection
from core.model.sending.answer import AnswerRow, NotSent, Refused, Unknown
from core.model.sending.diagnosis import Diagnosis, Remedy, diagnose
from core.model.shared.finding import Finding
from ports.rules import Rules


async def diagnose_answer(rules: Rules, connection: Connection, outcome: NotSent | Refused | Unknown) -> Diagnosis:
    """The catalogue's diagnosis, with the connection's plugins' findings for the rows that they recognise."""
    if not isinstance(outcome, Refused):
        return diagnose(outcome)
    own: list[Finding] = []
    unread: list[AnswerRow] = []
    for row in outcome.rows:
        said = await _plugin_reading(rules, connection, row)
        if said:
            own.append(said)
        else:
            unread.append(row)
    if own and not unread:
        return Diagnosis(tuple(own), Remedy.PERSON)
    rest = diagnose(replace(outcome, rows=tuple(unread)))
    if not own:
        return rest
    if rest.remedy is Remedy.HOLD_UNTIL_FIXED:
        return replace(rest, findings=(*rest.findings, *own))
    return Diagnosis((*own, *rest.findings), Remedy.PERSON)


async def _plugin_reading(rules: Rules, connection: Connection, row: AnswerRow) -> Finding | None:
    for rule in rules.chain(connection, "classify_error"):
        if said := await rules.classify(rule, row):
            return said
    return None
