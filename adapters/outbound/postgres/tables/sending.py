"""Sends with all that they leave, and what tells others about them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
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

# Sends with their plans, batches and attempts, the work orders they made, and the warnings they left.

# As PostgreSQL writes it back, so that the check of the schema can compare it.
_CAUSE = (
    "CASE WHEN (state = ANY (ARRAY['needs_attention'::text, 'in_doubt'::text, 'retrying'::text])) THEN COALESCE("
    """(jsonb_path_query_first(findings, '$[*]?(@."severity" == "blocker")'::jsonpath) ->> 'code'::text), """
    "((findings -> 0) ->> 'code'::text), ''::text) ELSE NULL::text END"
)
_UNCLEAR = """jsonb_path_exists(annotations, '$.*?(@."state" == "unclear")'::jsonpath)"""
SEARCHED = ("job_key", "work_order_key", "customer_key")

sends = table(
    "sends",
    Column("id", Text, primary_key=True),
    seq(),
    tenant_id(),
    Column("connection_id", Text, ForeignKey("connections.id"), nullable=False),
    *needed(Text, "job_id", "state", "step"),
    Column("due_at", MOMENT),
    *needed(Integer, "attempts", "waits"),
    Column("adopt", Boolean, nullable=False),
    Column("expected_hash", Text),
    Column("items", Text, nullable=False, server_default=text("'none'")),
    Column("tasks", Text, nullable=False, server_default=text("'new_only'")),
    Column("completes", Boolean, nullable=False, server_default=text("false")),
    Column("plan_id", Text),
    Column(
        "header",
        Text,
        CheckConstraint("header IN ('none', 'begun', 'stands')"),
        nullable=False,
        server_default=text("'none'"),
    ),
    Column("number_written", Boolean, nullable=False, server_default=text("false")),
    *optional(Text, "waits_for", "work_order_number", "job_number", "customer"),
    # What lists search for, as `records` makes it: row-level security keeps an expression from using an index.
    *(Column(name, Text, nullable=False, server_default=text("''")) for name in SEARCHED),
    Column("findings", JSONB, nullable=False),
    Column("requested_at", MOMENT, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("finished_at", MOMENT),
    Column("version", Integer, nullable=False),
    Column("batch_id", Text),
    Column("retired", Boolean, nullable=False, server_default=text("false")),
    Column("watched_until", MOMENT),
    # Why an open send is not done: the code of the first finding that blocks, else of the first. A column of its own:
    # row-level security keeps an expression from using an index. A send that goes well never enters its index.
    Column("cause", Text, Computed(_CAUSE, persisted=True)),
    Index("sends_to_do", "connection_id", "seq", postgresql_where=IF_DUE),
    Index("sends_of_job", "connection_id", "job_id", "seq"),
    Index("sends_newest", "tenant_id", text("seq DESC")),
    Index("sends_by_state", "tenant_id", "state", text("seq DESC")),
    Index("sends_by_time", "tenant_id", "requested_at", postgresql_include=["state", "job_id"]),
    Index(
        "sends_open",
        "tenant_id",
        "state",
        "cause",
        text("seq DESC"),
        postgresql_include=["job_id", "connection_id", "requested_at", "due_at"],
        postgresql_where=text("cause IS NOT NULL"),
    ),
    Index("sends_by_kind", "tenant_id", "connection_id", "state", text("seq DESC")),
    Index(
        "sends_by_customer",
        *("tenant_id", "customer_key", "connection_id", "state", text("seq DESC")),
        postgresql_where=text("customer_key <> ''"),
    ),
    Index("sends_by_job_number", "tenant_id", "job_key", "seq", postgresql_where=text("job_key <> ''")),
    Index("sends_by_number", "tenant_id", "work_order_key", "seq", postgresql_where=text("work_order_key <> ''")),
    Index("sends_waiting", "waits_for", postgresql_where=text("waits_for IS NOT NULL")),
    Index(
        "sends_to_retire",
        "tenant_id",
        "finished_at",
        postgresql_where=text("NOT retired AND due_at IS NULL AND finished_at IS NOT NULL"),
    ),
)

# What the chart shows of days that are over, so that it reads only today's sends. A send that changes removes its day.
closed_days = table(
    "closed_days",
    tenant_id(primary_key=True, ondelete="CASCADE"),
    Column("starts_at", MOMENT, primary_key=True),
    Column("ends_at", MOMENT, primary_key=True),
    Column("jobs", JSONB, nullable=False),
)

send_plans = table(
    "send_plans",
    Column("id", Text, primary_key=True),
    tenant_id(),
    Column("send_id", Text, ForeignKey("sends.id", ondelete="CASCADE"), nullable=False),
    Column("plan", JSONB, nullable=False),
    Column("lines", Integer, nullable=False),
    Index("send_plans_of_send", "send_id"),
)

batch_sends = table(
    "batch_sends",
    Column("tenant_id", Text, primary_key=True),
    Column("batch_id", Text, primary_key=True),
    Column("send_id", Text, ForeignKey("sends.id", ondelete="CASCADE"), primary_key=True),
    Index("batch_sends_of_send", "send_id"),
)

attempts = table(
    "attempts",
    seq(),
    tenant_id(),
    Column("send_id", Text, ForeignKey("sends.id"), nullable=False),
    Column("step", Text, nullable=False),
    Column("started_at", MOMENT, nullable=False),
    Column("ended_at", MOMENT),
    *needed(Text, "outcome", "detail", "request", "answer"),
    Column("line_id", Text),
    PrimaryKeyConstraint("send_id", "seq"),
    Index("attempts_by_time", "tenant_id", "started_at"),
)

idempotency_keys = table(
    "idempotency_keys",
    tenant_id(primary_key=True),
    Column("key", Text, primary_key=True),
    *needed(Text, "body_hash", "send_id"),
    Column("created_at", MOMENT, nullable=False, server_default=text("now()")),
    Index("idempotency_keys_by_time", "tenant_id", "created_at"),
)

work_orders = table(
    "work_orders",
    tenant_id(),
    Column("connection_id", Text, primary_key=True),
    Column("job_id", Text, primary_key=True),
    Column("number", Text),
    Column("sent", JSONB(none_as_null=True)),
    Column("last_send_id", Text),
    Column("sent_at", MOMENT),
    Column("failure_reported", Boolean, nullable=False),
    Column("claim_owner", LargeBinary),
    Column("header_until", MOMENT),
    Column("header_epoch", BigInteger),
    Column("items_unknown", Boolean, nullable=False, server_default=text("false")),
    Column("items_declared_at", MOMENT),
    Column("annotations", JSONB(none_as_null=True)),
    # Whether a note or a document waits for a person. A column of its own, as the cause of a send is.
    Column("unclear", Boolean, Computed(_UNCLEAR, persisted=True)),
    Index("work_orders_unclear", "tenant_id", "connection_id", "job_id", postgresql_where=text("unclear")),
)

warnings = table(
    "warnings",
    Column("id", Text, primary_key=True),
    tenant_id(),
    *needed(Text, "connection_id", "job_id", "send_id"),
    Column("finding", JSONB, nullable=False),
    # A column of its own: row-level security keeps an expression from using an index.
    Column("code", Text, Computed("finding ->> 'code'", persisted=True), nullable=False),
    Column("raised_at", MOMENT, nullable=False),
    *optional(Text, "job_number", "work_order_number"),
    Column("topic", Text, nullable=False, server_default=text("''")),
    Column("needs", JSONB, nullable=False, server_default=text("'[]'")),
    Column("need_key", Text, nullable=False, server_default=text("''")),
    UniqueConstraint("connection_id", "job_id", "topic", name="warnings_once"),
    Index("warnings_by_need", "connection_id", "need_key", postgresql_where=text("need_key <> ''")),
    Index("warnings_newest", "tenant_id", text("raised_at DESC")),
    Index("warnings_by_cause", "tenant_id", "code", text("raised_at DESC"), text("id DESC")),
    Index("warnings_beside_sends", "tenant_id", text("raised_at DESC"), postgresql_where=text("topic <> ''")),
)

# The ledger of cost lines. Its constraints are the last guard against posting a line twice.

_STATES = "'planned', 'sending', 'posted', 'rejected', 'in_doubt', 'not_posted'"

cost_lines = table(
    "cost_lines",
    Column("id", Text, primary_key=True),
    tenant_id(),
    Column("connection_id", Text, ForeignKey("connections.id"), nullable=False),
    *needed(Text, "job_id", "work_order_number", "item_id", "item_name", "kind"),
    Column("round", Integer, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("state", Text, CheckConstraint(f"state IN ({_STATES})"), nullable=False),
    Column("send_id", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("attempt_id", Text),
    Column("epoch", BigInteger),
    Column("payload_hash", Text),
    *optional(MOMENT, "sent_at", "send_by", "quiet_until", "settled_at"),
    Column("system_key", Text),
    Column("findings", JSONB, nullable=False),
    *optional(Text, "settled_by", "settled_reason"),
    Column("plan_id", Text, nullable=False, server_default=text("''")),
    Column("given_back", Boolean, nullable=False, server_default=text("false")),
    # What may be at Spectrum has the attempt that took it there.
    CheckConstraint("state NOT IN ('sending', 'in_doubt', 'posted') OR attempt_id IS NOT NULL"),
    # Only what is surely not at Spectrum makes room for another line.
    CheckConstraint("NOT given_back OR state IN ('planned', 'rejected', 'not_posted')", name="cost_lines_given_back"),
    Index(
        "cost_lines_place",
        "connection_id",
        "work_order_number",
        "item_id",
        "round",
        unique=True,
        postgresql_where=text("NOT given_back"),
    ),
    Index("cost_lines_of_job", "connection_id", "job_id"),
    Index("cost_lines_of_send", "send_id", "place"),
    Index(
        "cost_lines_unclear",
        "connection_id",
        "work_order_number",
        postgresql_where=text("state IN ('sending', 'in_doubt')"),
    ),
    Index("cost_lines_in_doubt", "tenant_id", "sent_at", postgresql_where=text("state = 'in_doubt'")),
)

# What tenants must know of each other, so that nobody uses a number twice or posts an item twice.
#
# All are hashes: nobody can read from them whose a row is, or what it is about. No query reads these tables, and the
# service's role has no right to them. It asks through functions that answer yes or no (migrations/sql).

number_claims = table(
    "number_claims",
    Column("key", LargeBinary, primary_key=True),
    Column("owner", LargeBinary, nullable=False),
    Column("accepted", Boolean, nullable=False, server_default=text("false")),
    Column("former", LargeBinary),
)

account_entries = table(
    "account_entries",
    Column("line_id", Text, primary_key=True),
    Column("account", LargeBinary, primary_key=True),
    *needed(LargeBinary, "item", "owner"),
    Column("stands", Boolean, nullable=False),
    Index("account_entries_of_account", "account"),
)

company_connections = table(
    "company_connections",
    Column("owner", LargeBinary, primary_key=True),
    Column("key", LargeBinary, nullable=False),
    Index("company_connections_of_company", "key"),
)
