"""Texts that the command line and the console share: times, origins, and commands that help."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from core.model.connections.connection import Connection
from core.model.connections.connection_state import ConnectionState, failed_steps
from core.model.shared import moments
from core.model.shared.origin import Origin

COMMANDS: Mapping[str, str] = {
    "CONNECTION_NOT_FOUND": "jobferry connections list",
    "DATABASE_RESTORED": "jobferry restore show, then jobferry restore acknowledge",
    "IN_DOUBT_POST": "jobferry doubts list, then jobferry doubts settle",
    "ITEMS_BEFORE_UNKNOWN": "jobferry jobs items-stand",
    "ITEMS_NEED_COMPLETION": "jobferry jobs complete",
    "KEY_NOT_FOUND": "jobferry keys list",
    "LINE_NOT_FOUND": "jobferry doubts list",
    "LINE_NOT_IN_DOUBT": "jobferry doubts list",
    "NOTIFICATION_RECIPIENT_NOT_FOUND": "jobferry notifications list",
    "PERSON_NOT_FOUND": "jobferry people list",
    "PLUGINS_INVALID": "jobferry plugins list",
    "PLUGIN_NOT_FOUND": "jobferry plugins list",
    "SECRET_ENDS_SOON": "jobferry connections rotate-secret",
    "SEND_IN_DOUBT": "jobferry doubts list",
    "SEND_NOT_FOUND": "jobferry sends list",
    "TENANT_NOT_FOUND": "jobferry tenants list",
    "WEBHOOK_ENDPOINT_NOT_FOUND": "jobferry webhook-endpoints list",
}
"""The command that helps with a failure, by its code. The core names the step; each adapter adds its way."""
NOT_PROVEN = "Spectrum has not accepted a write with the present address, company and secrets."
CONNECTION_STATES: Mapping[ConnectionState, str] = {
    ConnectionState.NOT_PROVEN: "Not proven yet",
    ConnectionState.WORKING: "Working",
    ConnectionState.NO_ITEMS: "No items",
    ConnectionState.WAITING: "Waiting",
    ConnectionState.HELD: "Held",
    ConnectionState.PAUSED: "Paused",
}
SETTINGS: Mapping[str, str] = {
    "ADDRESS_NOT_ALLOWED": "JOBFERRY_ALLOWED_NETWORKS",
    "ENDPOINT_UNREACHABLE": "JOBFERRY_ALLOWED_NETWORKS",
}
"""The setting of the installation that a failure may be about, by its code; told only on the command line."""
_OURS = frozenset({"core", "leading_character", "field_mapping", "item_kinds", "length_policy"})


def moment_words(at: datetime | None) -> str:
    """UTC to the second, for texts that name the zone themselves; '' for None."""
    return moments.moment_words(at, seconds=True).removesuffix(" UTC") if at else ""


def connection_words(connection: Connection) -> str:
    """The state of a connection as it is shown now, and what follows from it."""
    words = CONNECTION_STATES[connection.state]
    match connection.state:
        case ConnectionState.NOT_PROVEN:
            return f"{words}: {NOT_PROVEN}"
        case ConnectionState.WORKING:
            return f"{words}, last write {moment_words(connection.last_write_at)} UTC"
        case ConnectionState.NO_ITEMS if connection.items_hold:
            return f"{words}: {connection.items_hold.finding.message}"
        case ConnectionState.WAITING | ConnectionState.HELD if hold := connection.hold:
            until = f"until {moment_words(hold.until)} UTC" if hold.until else "until somebody resumes it"
            return f"{words} {until}: {hold.finding.message}"
    return words


def test_words(connection: Connection) -> str:
    """The result of a connection's last test, when and by whom, and whether it is about the present settings."""
    test = connection.last_test
    if test is None:
        return "Not tested yet"
    result = "Passed" if test.ok else "Failed: " + "; ".join(step.detail for step in failed_steps(test.steps))
    stale = ". Address, company or secrets changed since: test it again" if connection.test_is_stale else ""
    return f"{moment_words(test.at)} UTC by {test.by}. {result}{stale}"


def origin_words(origin: Origin) -> str:
    """Where a value comes from, with the plugin that set it unless that is a rule that always runs."""
    group, _, name = origin.source.partition(".")
    said = origin.reason or (f"the connection's {name.replace('_', ' ')}" if group == "setting" else origin.source)
    return said if origin.rule in _OURS else f"{said} (plugin {origin.rule} {origin.version}".rstrip() + ")"
