"""The audit of a tenant, or of the operators: newest first, with filters in the address, and as a CSV file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from urllib.parse import urlencode

from adapters.inbound.console.days import day_of
from adapters.inbound.console.page_request import File, PageRequest, Rendered
from core.model.operations.audit import AuditFilter
from core.model.shared.time_zone import day_bounds
from core.services.operations.list_audit import MOST_EXPORTED

SHOWN = 50
KINDS = {
    "person": "People and signing in",
    "key": "Keys",
    "tenant": "The account",
    "connection": "Connections",
    "alias": "Codes",
    "aliases": "Codes from a file",
    "doubt": "Checks in Spectrum",
    "send": "Sends",
    "warning": "Warnings",
    "items": "Items posted by others",
    "restore": "Restored backups",
    "creation": "New sites and customers",
    "reconciliation": "Comparisons of completed jobs",
    "sends": "Many sends at once",
    "webhook": "ServiceTrade's webhook",
    "webhook_endpoint": "Webhook endpoints",
    "recipient": "Notifications",
    "code": "Codes in ServiceTrade",
}

OPERATORS_KINDS = {
    "person": "Operators and signing in",
    "key": "Operator keys",
    "tenant": "Tenants",
    "encryption_key": "The encryption key",
}


async def list_audit(request: PageRequest) -> Rendered:
    asked = _asked(request)
    page = await request.use_cases.list_audit(
        request.owner_id, limit=SHOWN, before=request.before, only=_filter(asked, request.zone)
    )
    older = urlencode({**asked, "before": page.next_before}) if page.next_before else ""
    return Rendered(
        "audit.html",
        {
            "entries": page.entries,
            "older": older,
            "asked": asked,
            "same": urlencode(asked),
            "kinds": KINDS if request.owner_id else OPERATORS_KINDS,
            "most": MOST_EXPORTED,
        },
    )


async def export_audit(request: PageRequest) -> File:
    """The file's times are in the page's zone, each with its difference to UTC."""
    only = _filter(_asked(request), request.zone)
    text = await request.use_cases.list_audit.export(request.owner_id, only, request.zone)
    return File(f"audit-{request.home.rsplit('/', 1)[1]}.csv", text)


def _asked(request: PageRequest) -> Mapping[str, str]:
    """The filters in the address; invalid dates are ignored."""
    given = {name: request.query.get(name, "").strip() for name in ("actor", "action", "from", "to")}
    return {name: text for name, text in given.items() if text and (name not in ("from", "to") or day_of(text))}


def _filter(asked: Mapping[str, str], zone: tzinfo) -> AuditFilter:
    """The filter: whole days in the zone, including the last one."""
    first, last = day_of(asked.get("from", "")), day_of(asked.get("to", ""))
    return AuditFilter(
        actor=asked.get("actor"),
        action=asked.get("action"),
        since=day_bounds(zone, first)[0] if first else None,
        until=day_bounds(zone, last)[1] if last else None,
    )
