"""What tenants must know of each other, so that nobody uses a number twice or posts an item twice.

All are hashes: nobody can read from them whose a row is, or what it is about. No query reads these tables, and the
service's role has no right to them. It asks through functions that answer yes or no (migrations/sql).
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, LargeBinary, Table, Text, text

from adapters.outbound.postgres.tables.definitions import metadata

number_claims = Table(
    "number_claims",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("owner", LargeBinary, nullable=False),
    Column("accepted", Boolean, nullable=False, server_default=text("false")),
    Column("former", LargeBinary),
)

account_entries = Table(
    "account_entries",
    metadata,
    Column("line_id", Text, primary_key=True),
    Column("account", LargeBinary, primary_key=True),
    Column("item", LargeBinary, nullable=False),
    Column("owner", LargeBinary, nullable=False),
    Column("stands", Boolean, nullable=False),
    Index("account_entries_of_account", "account"),
)

company_connections = Table(
    "company_connections",
    metadata,
    Column("owner", LargeBinary, primary_key=True),
    Column("key", LargeBinary, nullable=False),
    Index("company_connections_of_company", "key"),
)
