"""The whole schema: the tables of the metadata, row-level security, functions and triggers, and the queue's own tables.

Nothing was released yet, so a change of the schema is made in the tables and here. After the first release it is a
migration of its own. The first one of these has to replace `create_all` here by the statements that were released, as
`create_all` always makes the tables of today.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

from adapters.outbound.postgres.server.role import ROLE
from adapters.outbound.postgres.tables import metadata, owners

revision = "0001"
down_revision = None

_SQL = Path(__file__).parents[1] / "sql"
_FILES = (
    "numbers.sql",
    "companies.sql",
    "due_work.sql",
    "counting.sql",
    "operators.sql",
    "proofs.sql",
    "sending.sql",
    "requesting.sql",
    "changes.sql",
)

_OPERATOR = "current_setting('app.operator', true) = 'on'"
# Row-level security binds the owner of census() too. The setting alone must open nothing to the service's role, which
# could set it itself. Only inside the function is somebody else the current user.
_COUNTING = f"current_setting('app.counting', true) = 'on' AND current_user <> '{ROLE}'"
# A backup holds the rows of every tenant. The session must be the owner's own: one of the service has a role, also
# inside a function of the owner.
_BACKING_UP = "current_setting('app.backup', true) = 'on' AND current_setting('role') = 'none'"

# The operator makes tenants and keys. And who signs in has to be found before their tenant is known.
_OPERATORS_TOO = ("tenants", "api_keys", "people", "console_sessions", "sign_in_links")

_OTHER_POLICIES = (
    # Workers look for due work before they know any tenant.
    ("read_by_all", ("due_work",), "SELECT", "true"),
    # Whose secret a webhook of ServiceTrade called has to be found before its tenant is known.
    ("read_by_operator", ("servicetrade_webhooks",), "SELECT", _OPERATOR),
    ("counted", ("sends", "cost_lines", "connections", "tenants"), "SELECT", _COUNTING),
    ("backed_up", (*owners(), "operator_audit"), "SELECT", _BACKING_UP),
)


def upgrade() -> None:
    metadata.create_all(op.get_bind(), checkfirst=False)
    for table, owner in owners().items():
        _keep_tenants_apart(table, owner)
    _restrict("operator_audit", "operator_only", _OPERATOR)
    for name, tables, action, condition in _OTHER_POLICIES:
        for table in tables:
            _run(f"CREATE POLICY {name} ON {table} FOR {action} USING ({condition})")
    _run(SchemaManager.get_schema())
    for file in _FILES:
        _run((_SQL / file).read_text(encoding="utf-8"))


def _keep_tenants_apart(table: str, owner: str) -> None:
    """Row-level security that binds the owner of the table too. A setting that is missing or '' matches no tenant."""
    condition = f"{owner} = current_setting('app.tenant', true)"
    if table in _OPERATORS_TOO:
        condition += f" OR {_OPERATOR}"
    _restrict(table, "tenant_only", condition)


def _restrict(table: str, policy: str, condition: str) -> None:
    _run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    _run(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    _run(f"CREATE POLICY {policy} ON {table} USING ({condition}) WITH CHECK ({condition})")


def _run(statements: str) -> None:
    """As they are: they are full of colons and percent signs that are no parameters."""
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))


def downgrade() -> None:
    raise NotImplementedError("There is nothing before the first schema; restore a backup instead.")
