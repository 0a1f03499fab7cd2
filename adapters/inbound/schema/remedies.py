"""The command that helps with a failure, by the failure's code. The core names the step; each adapter adds its way."""

from __future__ import annotations

from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {
    "DATABASE_RESTORED": "jobferry restore show, then jobferry restore acknowledge",
    "IN_DOUBT_POST": "jobferry doubts list, then jobferry doubts settle",
    "ITEMS_BEFORE_UNKNOWN": "jobferry jobs items-stand",
    "ITEMS_NEED_COMPLETION": "jobferry jobs complete",
    "LINE_NOT_IN_DOUBT": "jobferry doubts list",
    "PLUGINS_INVALID": "jobferry plugins list",
    "PLUGIN_NOT_FOUND": "jobferry plugins list",
    "SECRET_ENDS_SOON": "jobferry connections rotate-secret",
    "SEND_IN_DOUBT": "jobferry doubts list",
    "TENANT_NOT_FOUND": "jobferry tenants list",
}
