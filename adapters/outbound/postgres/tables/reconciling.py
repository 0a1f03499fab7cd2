"""Reconciliations, and the jobs of each."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.outbound.postgres.tables.definitions import MOMENT, needed, optional, seq, table, tenant_id

reconciliations = table(
    "reconciliations",
    Column("id", Text, primary_key=True),
    seq(),
    tenant_id(),
    *needed(Date, "first_day", "last_day"),
    *needed(MOMENT, "since", "until"),
    Column("requested_by", Text, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("state", Text, CheckConstraint("state IN ('running', 'whole', 'incomplete')"), nullable=False),
    Column("step", Text, CheckConstraint("step IN ('list', 'check')"), nullable=False),
    *needed(Integer, "round", "failures"),
    *needed(Text, "trouble", "reason"),
    Column("unnamed", Boolean, nullable=False),
    Column("finished_at", MOMENT),
    Index("reconciliations_newest", "tenant_id", text("seq DESC")),
    Index("reconciliations_oldest", "tenant_id", "created_at"),
    Index("reconciliations_running", "tenant_id", "seq", postgresql_where=text("state = 'running'")),
)

reconciled_jobs = table(
    "reconciled_jobs",
    tenant_id(),
    Column("run_id", Text, ForeignKey("reconciliations.id", ondelete="CASCADE"), nullable=False),
    Column("job_id", Text, nullable=False),
    Column("round", Integer, nullable=False),
    *optional(MOMENT, "completed_on", "updated", "checked_at"),
    *needed(Text, "unreadable", "number", "customer"),
    *needed(JSONB, "entries", "marks"),
    PrimaryKeyConstraint("run_id", "job_id"),
    Index("reconciled_jobs_unchecked", "run_id", "job_id", postgresql_where=text("checked_at IS NULL")),
)
