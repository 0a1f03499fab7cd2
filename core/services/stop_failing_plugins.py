"""A plugin that fails one send after the other stops its connection, before it fails a whole morning's work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.model.catalogue import finding
from core.model.connection import Hold
from core.model.finding import Finding
from ports.transactions import TenantTransaction

PLUGINS_FAILING = "PLUGINS_FAILING"
MOST_FAILURES = 3
"""Sends in a row."""
_CODES = frozenset({"PLUGIN_ERROR", "PLUGIN_TIMEOUT", "PLUGIN_MISSING"})


async def stop_failing_plugins(
    t: TenantTransaction, connection_id: str, findings: Sequence[Finding], now: datetime
) -> Hold | None:
    """Count a send that failed with `findings`; gives the hold that its connection is to have from now on, if any.

    Within the transaction that stores the failure. A header that Spectrum takes, and whoever resumes the connection,
    start the count anew.
    """
    failed = [found for found in findings if found.code in _CODES]
    if not failed or await t.connections.count_plugin_failure(connection_id) < MOST_FAILURES:
        return None
    message = (
        f"The last {MOST_FAILURES} sends of this connection failed in the plugin {failed[0].origin}, so the others "
        f"wait. The last failure: {failed[0].message}"
    )
    return Hold(finding(PLUGINS_FAILING, message, origin=failed[0].origin), now, None)
