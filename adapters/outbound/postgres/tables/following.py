"""Following ServiceTrade: when a tenant is polled, what its webhooks hinted at, and which jobs were completed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from adapters.outbound.postgres.tables.definitions import IF_DUE, MOMENT, metadata, tenant_id

hints = Table(
    "hints",
    metadata,
    tenant_id(primary_key=True),
    Column("job_id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("due_at", MOMENT, nullable=False),
    Index("hints_due", "tenant_id", "due_at"),
)

completions = Table(
    "completions",
    metadata,
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
)

# Ids and times only: the workers read it before they know any tenant; only the tenant changes it.
tenant_watch = Table(
    "tenant_watch",
    metadata,
    tenant_id(primary_key=True),
    Column("due_at", MOMENT),
    Column("polled_until", MOMENT),
    Column("poll_at", MOMENT),
    Column("poll_failures", Integer, nullable=False, server_default=text("0")),
    Column("poll_version", BigInteger, nullable=False, server_default=text("0")),
    Index("tenant_watch_due", "due_at", postgresql_where=IF_DUE),
)

servicetrade_webhooks = Table(
    "servicetrade_webhooks",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    tenant_id(),
    Column("webhook_id", Text),
    Column("made_at", MOMENT, nullable=False),
)
