"""The tables, as queries see them. The migrations make them; a test holds the two against each other."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
_MOMENT = DateTime(timezone=True)

tenants = Table(
    "tenants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, Identity(), nullable=False),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("login_kind", Text, nullable=False),
    Column("login_name", Text, nullable=False),
    Column("login_secret", LargeBinary, nullable=False),
    Column("data_key", LargeBinary, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("plugin_defaults", JSONB, nullable=False, server_default="{}"),
    Column("created_at", _MOMENT, nullable=False),
)

connections = Table(
    "connections",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, Identity(), nullable=False),
    Column("tenant_id", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("external_system", Text, nullable=False),
    Column("settings", JSONB, nullable=False),
    Column("authorization_id", LargeBinary, nullable=False),
    Column("client_id", Text),
    Column("client_secret", LargeBinary),
    Column("client_secret_expires_at", _MOMENT),
    Column("next_client_secret", LargeBinary),
    Column("next_client_secret_expires_at", _MOMENT),
    Column("secret_warned", Integer),
    Column("paused", Boolean, nullable=False),
    Column("hold", JSONB(none_as_null=True)),
    Column("plugin_failures", Integer, nullable=False, server_default="0"),
    Column("intents", BigInteger, nullable=False, server_default="0"),
    Column("last_intent_at", _MOMENT),
    Column("items_hold", JSONB(none_as_null=True)),
    Column("restored_at", _MOMENT),
    Column("endpoint_used", Boolean, nullable=False, server_default="false"),
    Column("epoch", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
)

connection_due = Table(
    "connection_due",
    metadata,
    Column("connection_id", Text, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("due_at", _MOMENT),
)

secret_due = Table(
    "secret_due",
    metadata,
    Column("connection_id", Text, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("due_at", _MOMENT),
    Column("claimed_until", _MOMENT),
)

sends = Table(
    "sends",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, Identity(), nullable=False),
    Column("tenant_id", Text, nullable=False),
    Column("connection_id", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("due_at", _MOMENT),
    Column("attempts", Integer, nullable=False),
    Column("waits", Integer, nullable=False),
    Column("adopt", Boolean, nullable=False),
    Column("expected_hash", Text),
    Column("items", Text, nullable=False),
    Column("completes", Boolean, nullable=False),
    Column("plan_id", Text),
    Column("header", Text, nullable=False),
    Column("number_written", Boolean, nullable=False),
    Column("waits_for", Text),
    Column("work_order_number", Text),
    Column("findings", JSONB, nullable=False),
    Column("requested_at", _MOMENT, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("finished_at", _MOMENT),
    Column("version", Integer, nullable=False),
    Column("batch_id", Text),
)

send_plans = Table(
    "send_plans",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("send_id", Text, nullable=False),
    Column("plan", JSONB, nullable=False),
    Column("lines", Integer, nullable=False),
)

batch_sends = Table(
    "batch_sends",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("batch_id", Text, primary_key=True),
    Column("send_id", Text, primary_key=True),
)

attempts = Table(
    "attempts",
    metadata,
    Column("seq", BigInteger, Identity(), primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("send_id", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("started_at", _MOMENT, nullable=False),
    Column("ended_at", _MOMENT),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("line_id", Text),
)

cost_lines = Table(
    "cost_lines",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("connection_id", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("work_order_number", Text, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("item_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("send_id", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("attempt_id", Text),
    Column("epoch", BigInteger),
    Column("payload_hash", Text),
    Column("sent_at", _MOMENT),
    Column("send_by", _MOMENT),
    Column("quiet_until", _MOMENT),
    Column("settled_at", _MOMENT),
    Column("system_key", Text),
    Column("findings", JSONB, nullable=False),
    Column("settled_by", Text),
    Column("settled_reason", Text),
    Column("plan_id", Text, nullable=False),
    Column("given_back", Boolean, nullable=False),
)

hints = Table(
    "hints",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("job_id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", _MOMENT, nullable=False),
)

completions = Table(
    "completions",
    metadata,
    Column("tenant_id", Text, nullable=False),
    Column("connection_id", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("completed_on", _MOMENT),
    Column("reopened", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)

tenant_watch = Table(
    "tenant_watch",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("due_at", _MOMENT),
    Column("polled_until", _MOMENT),
    Column("poll_at", _MOMENT),
    Column("poll_failures", Integer, nullable=False),
    Column("poll_version", BigInteger, nullable=False),
)

servicetrade_webhooks = Table(
    "servicetrade_webhooks",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("webhook_id", Text),
    Column("made_at", _MOMENT, nullable=False),
)

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, Identity(), nullable=False),
    Column("tenant_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", JSONB, nullable=False),
    Column("description", Text, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("paused_reason", Text, nullable=False),
    Column("failing_since", _MOMENT),
    Column("secret", LargeBinary, nullable=False),
    Column("previous_secret", LargeBinary),
    Column("previous_until", _MOMENT),
    Column("created_at", _MOMENT, nullable=False),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("seq", BigInteger, Identity(), primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("endpoint_id", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", _MOMENT),
    Column("last_try_at", _MOMENT),
    Column("status", Integer),
    Column("detail", Text, nullable=False),
)

webhook_due = Table(
    "webhook_due",
    metadata,
    Column("endpoint_id", Text, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("due_at", _MOMENT),
    Column("claimed_until", _MOMENT),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, Identity(), primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("at", _MOMENT, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
)

aliases = Table(
    "aliases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("tenant_id", Text, nullable=False),
    Column("connection_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("servicetrade_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("set_at", _MOMENT, nullable=False),
    Column("set_by", Text, nullable=False),
)

alias_history = Table(
    "alias_history",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("alias_id", Text, nullable=False),
    Column("alias_seq", BigInteger, nullable=False),
    Column("tenant_id", Text, nullable=False),
    Column("connection_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("servicetrade_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("set_at", _MOMENT, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("ended", Text, nullable=False),
    Column("ended_at", _MOMENT, nullable=False),
    Column("ended_by", Text, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_hash", Text, nullable=False),
    Column("send_id", Text, nullable=False),
)

work_orders = Table(
    "work_orders",
    metadata,
    Column("tenant_id", Text, nullable=False),
    Column("connection_id", Text, primary_key=True),
    Column("job_id", Text, primary_key=True),
    Column("number", Text),
    Column("sent", JSONB(none_as_null=True)),
    Column("last_send_id", Text),
    Column("sent_at", _MOMENT),
    Column("failure_reported", Boolean, nullable=False),
    Column("claim_owner", LargeBinary),
    Column("header_until", _MOMENT),
    Column("header_epoch", BigInteger),
    Column("items_unknown", Boolean, nullable=False),
    Column("items_declared_at", _MOMENT),
)

warnings = Table(
    "warnings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("connection_id", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("send_id", Text, nullable=False),
    Column("finding", JSONB, nullable=False),
    Column("raised_at", _MOMENT, nullable=False),
    Column("job_number", Text),
    Column("work_order_number", Text),
    Column("topic", Text, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant_id", Text),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("prefix", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", JSONB, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", _MOMENT),
    Column("revoked_at", _MOMENT),
    Column("last_used_at", _MOMENT),
)

people = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant_id", Text),
    Column("email", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text),
    Column("created_at", _MOMENT, nullable=False),
    Column("created_by", Text, nullable=False),
)

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("tenant_id", Text),
    Column("created_at", _MOMENT, nullable=False),
    Column("seen_at", _MOMENT, nullable=False),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("tenant_id", Text),
    Column("page", Text, nullable=False),
    Column("expires_at", _MOMENT, nullable=False),
)
