"""What the document says of the API as a whole, of its groups of calls, and of the calls to a tenant's own programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SUMMARY = "Sends ServiceTrade jobs to Spectrum as work orders: nothing twice, nothing lost."
INTRODUCTION = (
    "Jobferry sends ServiceTrade jobs to Spectrum as work orders. Every call under /v1 needs a key: "
    "`Authorization: Bearer jf_...`. An operator key may do everything. A tenant's key works only for that tenant and "
    "only for the calls that its scopes allow. Records of another tenant answer 404, like records that do not exist. "
    "Unknown fields are refused. Ids, quantities and amounts are texts; times are RFC 3339 in UTC. "
    "Every error is a problem document (RFC 9457) with a stable `code`, the wrong fields in `errors`, and what to do "
    "in `fix`. Lists answer `items` and `next`: give `next` as `cursor` for the next page."
)
KEY = (
    "A key of Jobferry, which begins with `jf_`. An operator makes the first ones; `POST /v1/tenants/{tenant}/keys`"
    " makes a tenant's."
)
SERVERS: list[dict[str, Any]] = [
    {"url": "/", "description": "The Jobferry that serves this document."},
    {"url": "http://127.0.0.1:8480", "description": "Jobferry on this machine, with its default port."},
    {
        "url": "https://{host}",
        "description": "Any other Jobferry.",
        "variables": {"host": {"default": "jobferry.example.com", "description": "Its name, and its port if not 443."}},
    },
]
TAGS: Mapping[str, tuple[str, str]] = {
    "jobs": ("Jobs", "A job before it is sent: Send menu, preview, items that are in Spectrum already."),
    "sends": ("Sends", "Request, follow, retry and cancel sends."),
    "unclear_annotations": (
        "Notes and documents to check",
        "Texts for notes, and documents, that may have been added to a work order or not.",
    ),
    "doubts": ("Items to check", "Items to check in Spectrum: they may have been posted or not."),
    "creations": (
        "New records",
        "New sites and customers in Spectrum, each after all of its fields were confirmed.",
    ),
    "warnings": ("Warnings", "What needs somebody's attention."),
    "counts": ("Counts", "How many jobs wait, and for what."),
    "reconciliations": (
        "Reconciliations",
        "Completed jobs compared with what stands in Spectrum: missing, changed since, doubled, unclear.",
    ),
    "readiness": ("Readiness", "Codes that upcoming jobs lack, and setting them."),
    "aliases": (
        "Aliases",
        "Spectrum codes for ServiceTrade's companies, locations and contracts, used instead of external ids.",
    ),
    "code_lists": (
        "Lists of codes",
        "The codes that a connection's Spectrum company has: read from Spectrum, learned, or imported.",
    ),
    "suggestions": (
        "Suggested codes",
        "Which of Spectrum's codes ServiceTrade's records without one probably mean, and why; nothing is set unasked.",
    ),
    "tenants": ("Tenants", "ServiceTrade accounts."),
    "connections": ("Connections", "Spectrum companies that a tenant sends to."),
    "plugins": ("Plugins", "Rules that a connection may use."),
    "restore": ("Restored backups", "Connections that wait because the database came from a backup."),
    "webhook": ("ServiceTrade's webhook", "ServiceTrade's webhook, which reports completed jobs at once."),
    "webhook_endpoints": ("Webhook endpoints", "Addresses of a tenant's programs that receive events about its sends."),
    "notifications": ("Notifications", "What a tenant is told by mail and chat."),
    "keys": ("Keys", "Keys for this API, of the operator and of each tenant."),
    "sign_in_links": ("Sign-in links", "Links that sign people in to the console."),
    "audit": ("Audit", "Who did what, and why."),
    "health": ("Health", "Health checks: is it running, and can it work."),
}
"""By the name of a group: its title and what it holds, in the order of the page."""
WEBHOOK_HEADERS: Sequence[tuple[str, str, str]] = (
    (
        "webhook-id",
        "The event's id, the same for every try: ignore ids that you have received before.",
        "evt_01KJPV4V00EXAMPLE0000000V1",
    ),
    ("webhook-timestamp", "Seconds since 1970. Refuse events older than five minutes.", "1772442000"),
    (
        "webhook-signature",
        "`v1,` and a signature in Base64; several, with spaces between, while a secret changes.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
)
WEBHOOK_ANSWERS: Mapping[str, Mapping[str, str]] = {
    "2XX": {"description": "Accepted. Answer within 10 seconds and process the event afterwards."},
    "410": {"description": "The endpoint wants no more events: Jobferry pauses it."},
    "default": {"description": "Jobferry tries again, eight times in a day and a half."},
}
