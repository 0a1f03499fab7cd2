"""All tables of Jobferry: the one place that says how they look.

The migration creates them from here. It adds what tables cannot say: row-level security, functions and triggers.
"""

from adapters.outbound.postgres.tables.access import api_keys, console_sessions, people, sign_in_links
from adapters.outbound.postgres.tables.connecting import (
    alias_history,
    aliases,
    connection_due,
    connections,
    secret_due,
)
from adapters.outbound.postgres.tables.cost_items import cost_lines
from adapters.outbound.postgres.tables.definitions import metadata, owners
from adapters.outbound.postgres.tables.delivering import webhook_deliveries, webhook_due, webhook_endpoints
from adapters.outbound.postgres.tables.following import completions, hints, servicetrade_webhooks, tenant_watch
from adapters.outbound.postgres.tables.hashed import (
    account_entries,
    company_connections,
    number_claims,
)
from adapters.outbound.postgres.tables.sending import (
    attempts,
    batch_sends,
    idempotency_keys,
    send_plans,
    sends,
    warnings,
    work_orders,
)
from adapters.outbound.postgres.tables.tenancy import audit, tenants

__all__ = [
    "account_entries",
    "alias_history",
    "aliases",
    "api_keys",
    "attempts",
    "audit",
    "batch_sends",
    "company_connections",
    "completions",
    "connection_due",
    "connections",
    "console_sessions",
    "cost_lines",
    "hints",
    "idempotency_keys",
    "metadata",
    "number_claims",
    "owners",
    "people",
    "secret_due",
    "send_plans",
    "sends",
    "servicetrade_webhooks",
    "sign_in_links",
    "tenant_watch",
    "tenants",
    "warnings",
    "webhook_deliveries",
    "webhook_due",
    "webhook_endpoints",
    "work_orders",
]
