"""Tenants with their people, connections and mappings, and what Jobferry follows in ServiceTrade."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.outbound.postgres.tables.definitions import (
    IF_DUE,
    MOMENT,
    needed,
    optional,
    seq,
    table,
    tenant_id,
)

# Tenants, and the record of who changed what.

tenants = table(
    "tenants",
    Column("id", Text, primary_key=True),
    seq(),
    Column("slug", Text, nullable=False, unique=True),
    Column("settings", JSONB, nullable=False),
    Column("login_kind", Text, CheckConstraint("login_kind IN ('password', 'client')"), nullable=False),
    Column("login_name", Text, nullable=False),
    *needed(LargeBinary, "login_secret", "data_key"),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", MOMENT, nullable=False),
    Column("signed_in_at", MOMENT),
    Column("first_steps_hidden", Boolean, nullable=False, server_default=text("false")),
)


def _entry() -> list[Column[Any]]:
    """The columns of an entry of the audit. A trigger (operators.sql) looks up the actor's name."""
    return [
        Column("at", MOMENT, nullable=False),
        *needed(Text, "actor", "subject"),
        Column("actor_name", Text, nullable=False, server_default=""),
        # Compared byte by byte, so that the actions with one first word are a range of the index.
        Column("action", Text(collation="C"), nullable=False),
        Column("detail", JSONB, nullable=False),
    ]


audit = table(
    "audit",
    seq(),
    tenant_id(),
    *_entry(),
    PrimaryKeyConstraint("tenant_id", "seq"),
    Index("audit_by_actor", "tenant_id", "actor", "seq"),
    Index("audit_by_action", "tenant_id", "action", "seq"),
    Index("audit_by_subject", "tenant_id", "subject", "seq"),
    Index("audit_by_time", "tenant_id", "at"),
)

operator_audit = table(
    "operator_audit",
    seq(primary_key=True),
    *_entry(),
    Index("operator_audit_by_actor", "actor", "seq"),
    Index("operator_audit_by_action", "action", "seq"),
    Index("operator_audit_by_subject", "subject", "seq"),
    Index("operator_audit_by_time", "at"),
)

# Who gets in: keys of programs, people, their sessions and single-use links. Of tokens only hashes are stored.
#
# Rows without a tenant belong to the operator.

api_keys = table(
    "api_keys",
    Column("id", Text, primary_key=True),
    tenant_id(nullable=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    *needed(Text, "prefix", "name"),
    Column("scopes", JSONB, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("created_by", Text, nullable=False),
    *optional(MOMENT, "expires_at", "revoked_at", "last_used_at"),
    Column("first_id", Text),
    Index("api_keys_newest", "tenant_id", "id"),
)

people = table(
    "people",
    Column("id", Text, primary_key=True),
    tenant_id(nullable=True),
    *needed(Text, "email", "name", "role"),
    Column("password_hash", Text),
    Column("created_at", MOMENT, nullable=False),
    Column("created_by", Text, nullable=False),
    # coalesce: to a unique index two NULLs are different, so the operator's people could be there twice.
    Index("people_email", text("coalesce(tenant_id, '')"), "email", unique=True),
    Index("people_by_address", "email"),
    Index("people_of_tenant", "tenant_id", "email"),
)

console_sessions = table(
    "console_sessions",
    Column("digest", LargeBinary, primary_key=True),
    Column("person_id", Text, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("tenant_id", Text),
    *needed(MOMENT, "created_at", "seen_at"),
    Index("console_sessions_of_person", "person_id"),
)

sign_in_links = table(
    "sign_in_links",
    Column("digest", LargeBinary, primary_key=True),
    Column("person_id", Text, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("tenant_id", Text),
    Column("page", Text, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
)

# Answers to requests that may be repeated, each sealed with a key of its own. They are few, and are kept for a day.

kept_answers = table(
    "kept_answers",
    Column("id", Text, primary_key=True),
    tenant_id(nullable=True),
    Column("body_hash", Text, nullable=False),
    Column("begun_at", MOMENT, nullable=False),
    Column("made", Boolean, nullable=False, server_default=text("false")),
    *optional(LargeBinary, "data_key", "answer"),
    Index("kept_answers_by_time", "tenant_id", "begun_at"),
)

# Connections, and alias mappings with what they were before.

connections = table(
    "connections",
    Column("id", Text, primary_key=True),
    seq(),
    tenant_id(),
    *needed(Text, "slug", "external_system"),
    Column("settings", JSONB, nullable=False),
    # The key of the Spectrum company. `company_connections` has it too, for the others, who see no connection of ours.
    Column("company", LargeBinary, nullable=False),
    Column("authorization_id", LargeBinary, nullable=False),
    Column("client_id", Text),
    Column("client_secret", LargeBinary),
    Column("client_secret_expires_at", MOMENT),
    Column("next_client_secret", LargeBinary),
    Column("next_client_secret_expires_at", MOMENT),
    Column("secret_warned", Integer),
    Column("secret_claimed_until", MOMENT),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("hold", JSONB(none_as_null=True)),
    Column("plugin_failures", Integer, nullable=False, server_default=text("0")),
    Column("intents", BigInteger, nullable=False, server_default=text("0")),
    Column("last_intent_at", MOMENT),
    Column("items_hold", JSONB(none_as_null=True)),
    Column("restored_at", MOMENT),
    Column("endpoint_used", Boolean, nullable=False, server_default=text("false")),
    Column("target_version", Integer, nullable=False, server_default=text("1")),
    Column("last_write_at", MOMENT),
    Column("last_test", JSONB(none_as_null=True)),
    Column("codes_missing", JSONB(none_as_null=True)),
    Column("epoch", BigInteger, nullable=False, server_default=text("0")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    UniqueConstraint("tenant_id", "slug"),
    UniqueConstraint("tenant_id", "external_system"),
    Index("connections_oldest", "tenant_id", "id"),
    Index("connections_of_company", "tenant_id", "company"),
)

_SOURCES = "source IN ('alias', 'servicetrade')"

aliases = table(
    "aliases",
    Column("id", Text, primary_key=True),
    seq(),
    tenant_id(ondelete="CASCADE"),
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, CheckConstraint("kind IN ('customer', 'site', 'contract', 'item')"), nullable=False),
    *needed(Text, "servicetrade_id", "name"),
    Column("code", Text, CheckConstraint("code <> ''"), nullable=False),
    Column("set_at", MOMENT, nullable=False),
    Column("set_by", Text, nullable=False),
    # 'servicetrade' is a copy of an external id, only for lists and suggestions: sends never read it.
    Column("source", Text, CheckConstraint(_SOURCES), nullable=False, server_default=text("'alias'")),
    UniqueConstraint("connection_id", "kind", "servicetrade_id", "source"),
    Index("aliases_newest", "connection_id", "source", text("seq DESC")),
    Index("codes_newest", "connection_id", text("seq DESC")),
)

alias_history = table(
    "alias_history",
    seq(primary_key=True),
    Column("alias_id", Text, nullable=False),
    Column("alias_seq", BigInteger, nullable=False),
    tenant_id(ondelete="CASCADE"),
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), nullable=False),
    *needed(Text, "kind", "servicetrade_id", "name", "code"),
    Column("set_at", MOMENT, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("source", Text, CheckConstraint(_SOURCES), nullable=False, server_default=text("'alias'")),
    Column("ended", Text, CheckConstraint("ended IN ('replaced', 'removed')"), nullable=False),
    Column("ended_at", MOMENT, nullable=False),
    Column("ended_by", Text, nullable=False),
    Index("alias_history_of_record", "connection_id", "kind", "servicetrade_id", text("seq DESC")),
    Index("alias_history_of_alias", "alias_id"),
)

# Following ServiceTrade: when a tenant is polled, what its webhooks hinted at, and which jobs were completed.

hints = table(
    "hints",
    tenant_id(primary_key=True),
    Column("job_id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("due_at", MOMENT, nullable=False),
    Index("hints_due", "tenant_id", "due_at"),
)

completions = table(
    "completions",
    tenant_id(),
    Column("connection_id", Text, ForeignKey("connections.id"), nullable=False),
    Column("job_id", Text, nullable=False),
    Column("completed_on", MOMENT),
    Column("reopened", Boolean, nullable=False, server_default=text("false")),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    # coalesce: to a unique index two NULLs are different, so a job without a date could be there twice.
    Index(
        "completions_once",
        "connection_id",
        "job_id",
        text("coalesce(completed_on, '-infinity'::timestamptz)"),
        unique=True,
    ),
    Index("completions_of_job", "tenant_id", "job_id"),
    Index("completions_by_time", "tenant_id", "completed_on"),
)

tenant_watch = table(
    "tenant_watch",
    tenant_id(primary_key=True),
    *optional(MOMENT, "polled_until", "poll_at"),
    Column("poll_failures", Integer, nullable=False, server_default=text("0")),
    Column("poll_version", BigInteger, nullable=False, server_default=text("0")),
)

servicetrade_webhooks = table(
    "servicetrade_webhooks",
    Column("digest", LargeBinary, primary_key=True),
    tenant_id(),
    Column("webhook_id", Text),
    Column("made_at", MOMENT, nullable=False),
    Index("servicetrade_webhooks_of_tenant", "tenant_id"),
)

# When each work of a tenant is due: the sends of a connection, the completions of a tenant, the events of a webhook
# endpoint, the check of a client secret, the messages of a recipient. `failures` counts those in a row.
# Ids and numbers only: the workers read it
# before they know any tenant; only the tenant changes it.
due_work = table(
    "due_work",
    *(Column(name, Text, primary_key=True) for name in ("kind", "subject")),
    tenant_id(ondelete="CASCADE"),
    Column("due_at", MOMENT),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Index("due_work_at", "due_at", postgresql_where=IF_DUE),
)

# When work of each tenant was admitted last. The service's role has no right to it (migrations/sql/due_work.sql).
due_turns = table(
    "due_turns",
    Column("tenant", Text, ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True),
    Column("taken_at", MOMENT, nullable=False),
)
