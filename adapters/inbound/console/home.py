"""Home: what needs attention first, grouped by cause; then the connections and the latest sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.inbound.console.overview import ConnectionRow, SendRow, connection_row, send_row
from adapters.inbound.console.visit import Drawn, GoTo, Visit
from core.model.finding import Finding, Retry
from core.model.send import Warning

_IN_DOUBT = "IN_DOUBT_POST"
"""Shown as the lines themselves, above all causes."""
WARNINGS_READ, SENDS_SHOWN, JOBS_NAMED = 500, 15, 10


@dataclass(frozen=True, slots=True)
class Cause:
    """Warnings with one cause. `first` and `last` say when it was seen; `again` whether a person can start the sends
    anew, which Jobferry does by itself for others."""

    finding: Finding
    warnings: Sequence[Warning]
    first: datetime
    last: datetime
    again: bool

    @property
    def named(self) -> Sequence[Warning]:
        return self.warnings[:JOBS_NAMED]

    @property
    def count(self) -> int:
        return len(self.warnings)


async def home(visit: Visit) -> Drawn:
    tenant_id = visit.tenant.id
    found = await visit.use_cases.list_warnings(tenant_id, limit=WARNINGS_READ)
    connections = await visit.use_cases.find_connection.all(tenant_id)
    latest = await visit.use_cases.list_sends(tenant_id, limit=SENDS_SHOWN)
    names = {one.slug: one.name for one in connections}
    rows: Sequence[ConnectionRow] = [connection_row(one) for one in connections]
    sends: Sequence[SendRow] = [send_row(one, names[latest.slugs[one.connection_id]]) for one in latest.sends]
    return Drawn("home.html", {
        "causes": causes([warning for warning, _ in found if warning.finding.code != _IN_DOUBT]),
        "doubts": await visit.use_cases.list_doubts(tenant_id, limit=50),
        "rows": rows,
        "sends": sends,
    })  # fmt: skip


def causes(warnings: Sequence[Warning]) -> list[Cause]:
    """What only a person can mend first, then the most frequent."""
    groups: dict[str, list[Warning]] = {}
    for warning in warnings:
        groups.setdefault(warning.finding.code, []).append(warning)
    made = [_cause(group) for group in groups.values()]
    return sorted(made, key=lambda cause: (cause.finding.retry is Retry.BACKOFF, -len(cause.warnings)))


def _cause(group: list[Warning]) -> Cause:
    moments = [warning.raised_at for warning in group]
    newest = max(group, key=lambda warning: warning.raised_at)
    again = all(warning.send_id for warning in group) and newest.finding.retry is not Retry.VERIFY_FIRST
    return Cause(newest.finding, group, min(moments), max(moments), again)


async def send_group_again(visit: Visit) -> GoTo:
    """Every failed send of one cause; one that is no longer failed by then is left alone."""
    found = await visit.use_cases.list_warnings(visit.tenant.id, limit=WARNINGS_READ)
    failed = [one.send_id for one, _ in found if one.finding.code == visit.path["code"] and one.send_id]
    batch = await visit.use_cases.retry_batch(visit.tenant.id, failed, by=visit.by)
    return GoTo(f"{visit.home}/batches/{batch.id}")
