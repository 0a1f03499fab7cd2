"""The settings of a tenant, one field each: see `core.model.shared.setting`. A new setting is one field here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from core.model.connections.settings import NAME_RULE, is_name
from core.model.shared.setting import described, setting
from core.model.shared.time_zone import TIME_ZONE_RULE, is_time_zone

DEFAULT_BASE_URL = "https://api.servicetrade.com/api"
TENANT, SERVICETRADE, RULES = "The tenant", "How Jobferry signs in to its ServiceTrade", "Rules"


def is_http_url(text: str) -> bool:
    """Whether it is a plain http(s) address: it cannot hold a secret, and all parsers see the same host."""
    if any(ch.isspace() or not ch.isprintable() or ch in "\\@?#" for ch in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantSettings:
    """What people set. `plugin_defaults` holds by plugin name the configuration values that apply if a connection sets
    none."""

    name: str = setting(
        title="Name",
        group=TENANT,
        help="The company's name.",
        valid=is_name,
        rule=NAME_RULE,
        example="Cardinal Fire Protection",
    )
    time_zone: str | None = setting(
        None,
        title="Time zone",
        group=TENANT,
        help="The IANA name, such as America/Chicago. The console shows all times in it, and days begin and end by it."
        " Empty: that of the user who signs in to ServiceTrade, if ServiceTrade names one; until one is known, UTC.",
        valid=lambda name: name is None or is_time_zone(name),
        rule=TIME_ZONE_RULE,
        example="America/Chicago",
    )
    base_url: str = setting(
        DEFAULT_BASE_URL,
        within="servicetrade",
        title="ServiceTrade address",
        group=SERVICETRADE,
        help=f"Where ServiceTrade's API answers. Empty: {DEFAULT_BASE_URL}.",
        valid=is_http_url,
        rule=f"an http(s) address such as {DEFAULT_BASE_URL}",
        example=DEFAULT_BASE_URL,
        format="uri",
    )
    plugin_defaults: Mapping[str, Mapping[str, Any]] = setting(
        default_factory=dict,
        title="Plugin defaults",
        group=RULES,
        help="By plugin name: its configuration on connections that set nothing else.",
        in_forms=False,
        example={"po_required": {"job_types": ["repair"]}},
    )


TENANT_SETTINGS = described(TenantSettings)
