"""The codes that a connection's Spectrum company has, the words by which they are found, and what is known of each
list."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, PrimaryKeyConstraint, Text, text

from adapters.outbound.postgres.tables.definitions import MOMENT, needed, optional, table, tenant_id

# Compared byte by byte, so that what begins with a text is a range of the index.
_BYTES = Text(collation="C")
_KINDS = "kind IN ('customer', 'site', 'contract', 'item')"


def _of_connection() -> Column[str]:
    return Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), nullable=False)


def _kind() -> Column[str]:
    return Column("kind", Text, CheckConstraint(_KINDS), nullable=False)


listed_codes = table(
    "listed_codes",
    tenant_id(ondelete="CASCADE"),
    _of_connection(),
    _kind(),
    Column("key", _BYTES, nullable=False),
    *needed(Text, "code", "name"),
    Column("active", Boolean),
    *needed(Text, "street", "city", "state", "postal_code", "phone", "customer_code", "site_code", "unit"),
    Column("listed_from", Text, CheckConstraint("listed_from IN ('spectrum', 'imported', 'accepted')"), nullable=False),
    Column("refused_at", MOMENT),
    Column("stored_at", MOMENT, nullable=False, server_default=text("now()")),
    # The words of `listed_words`, each between two blanks.
    Column("words", Text, nullable=False),
    PrimaryKeyConstraint("connection_id", "kind", "key"),
)

# A table of its own instead of an index over the words of a row: below row-level security PostgreSQL uses no such index
# (its operators are not leakproof), and the extensions for texts are not there on every server. It refers to no other
# table, because the check of each reference takes longer than the row: its rows are only written with those of
# `listed_codes`.
listed_words = table(
    "listed_words",
    *needed(Text, "tenant_id", "connection_id", "kind"),
    *needed(_BYTES, "word", "key"),
    # All words of the code, so that a search for several reads nothing else: the index holds them, too, and its rows
    # stand in the order in which they are read. Those of the table are read only until a vacuum has seen their page,
    # so new ones call for one soon, however many other tenants have.
    Column("words", Text, nullable=False),
    PrimaryKeyConstraint("connection_id", "kind", "word", "key", postgresql_include=["tenant_id", "words"]),
)

code_list_states = table(
    "code_list_states",
    tenant_id(ondelete="CASCADE"),
    _of_connection(),
    _kind(),
    Column("rows", Integer, nullable=False, server_default=text("0")),
    *optional(MOMENT, "read_at", "tried_at", "begun_at"),
    Column("complete", Boolean, nullable=False, server_default=text("false")),
    Column("trouble", Text),
    Column("detail", Text, nullable=False, server_default=text("''")),
    Column("rows_so_far", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("connection_id", "kind"),
)
