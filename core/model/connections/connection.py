"""A connection: one Spectrum company that a tenant sends to, with its rules. Secrets live in `ConnectionSecrets`."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.model.connections.client_secret import LONGEST_LIFE, SHORTEST_LIFE, SecretRotation
from core.model.connections.endpoint import Endpoint
from core.model.shared.errors import BadInput, FieldError
from core.model.shared.finding import Finding
from core.model.shared.secret import Secret
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.item import LABOR, ItemKind, item_type

SLUG = re.compile(r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")
_EXTERNAL_SYSTEM = re.compile(r"^[a-z][A-Za-z0-9_]{0,63}$")
_LEADING = re.compile(r"^[A-Za-z0-9]?$", re.ASCII)


class LongText(StrEnum):
    """What to do with a description or customer PO that is longer than Spectrum's field."""

    CUT = "cut"
    REFUSE = "refuse"


class Overwrite(StrEnum):
    """`all` sends every mapped field each time, as the original does; `changed_fields` what changed at the source."""

    ALL = "all"
    CHANGED_FIELDS = "changed_fields"


class OnCompletion(StrEnum):
    """What the completion of a job in ServiceTrade sets off by itself."""

    OFF = "off"
    SEND = "send"
    SEND_WITH_ITEMS = "send_with_items"


class NonStock(StrEnum):
    """Which materials go as non-stock items, which Spectrum's inventory need not know."""

    OFF = "off"
    WITHOUT_CODE = "without_code"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class ReadBackSetting:
    """A way to read cost lines back: which reader, and where it asks."""

    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class PluginUse:
    """One plugin that a connection opted into, in the order of its list. `hooks` switches single hooks off: False."""

    name: str
    config: dict[str, Any] = field(default_factory=dict)
    hooks: dict[str, bool] = field(default_factory=dict)

    def over(self, defaults: Mapping[str, Mapping[str, Any]]) -> PluginUse:
        """With the defaults of its plugin under its own configuration, field by field."""
        return replace(self, config={**defaults.get(self.name, {}), **self.config})


@dataclass(frozen=True, slots=True)
class ExternalSync:
    """How to post to ServiceTrade's ExternalSync resource. Its shape is not public, so path and body are settings.

    `body` values may hold the placeholders {job_id}, {system}, {status} and {message}.
    """

    path: str = "/externalsync"
    body: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a whole connection waits: `until` is None while only a person can end it (authorization)."""

    finding: Finding
    since: datetime
    until: datetime | None
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class ItemsHold:
    """Why a connection posts no items at all, while headers go on. Only a person ends it.

    `intents` is the number of the last intent that somebody has noted for the connection, 0 where nobody counted. Until
    `quiet_until` a line of which the database knows nothing may still turn up in Spectrum, so looking there proves
    nothing.
    """

    finding: Finding
    since: datetime
    intents: int = 0
    quiet_until: datetime | None = None

    def too_fresh(self, now: datetime) -> bool:
        return self.quiet_until is not None and self.quiet_until > now


@dataclass(frozen=True, slots=True)
class FormerEndpoint:
    """`used`: Spectrum accepted a write of this connection there. Only then is anything of its own entered under it, or
    whoever names somebody else's address could stand in their way."""

    endpoint: Endpoint
    used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Settings of one connection; raises BadInput, naming every wrong field, when one breaks its rule.

    `item_kinds` holds what differs from DEFAULT_KINDS. A job that was completed before `completion_start_date` sets
    nothing off. `items_on_resend` decides where items are asked for without a mode. `secret_days` is how long a client
    secret lives in this Spectrum, None where nobody said so. `plugin_failures` counts the sends in a row that a plugin
    failed. `intents` counts the cost lines whose intent was ever stored, and never falls; the last one was stored at
    `last_intent_at`. `endpoint_used`: Spectrum has accepted a write at its present address. `former_endpoints` are the
    addresses that it had before, newest first: what others entered under those stands there still. `restored_at` is
    when a person last acknowledged that the database had come from a backup.
    """

    id: str
    tenant_id: str
    slug: str
    name: str
    external_system: str
    endpoint: Endpoint
    company_code: str
    leading_character: str = ""
    default_work_order_type: str = ""
    lead_source: str = ""
    long_text: LongText = LongText.CUT
    overwrite: Overwrite = Overwrite.ALL
    ca_certificate: str | None = None
    enhanced_auth: bool = False
    failure_tag: str | None = None
    external_sync: ExternalSync | None = None
    plugins: tuple[PluginUse, ...] = ()
    item_kinds: Mapping[str, ItemKind] = field(default_factory=dict)
    default_warehouse: str = ""
    non_stock_fallback: NonStock = NonStock.OFF
    on_completion: OnCompletion = OnCompletion.OFF
    completion_start_date: datetime | None = None
    items_on_resend: ItemsMode = ItemsMode.NEW_ONLY
    read_back: ReadBackSetting | None = None
    secret_rotation: SecretRotation = SecretRotation.MANUAL
    secret_days: int | None = None
    client_secret_expires_at: datetime | None = None
    paused: bool = False
    hold: Hold | None = None
    plugin_failures: int = 0
    intents: int = 0
    last_intent_at: datetime | None = None
    items_hold: ItemsHold | None = None
    restored_at: datetime | None = None
    endpoint_used: bool = False
    former_endpoints: tuple[FormerEndpoint, ...] = ()
    version: int = 1

    def __post_init__(self) -> None:
        errors = [
            FieldError(pointer, detail)
            for ok, pointer, detail in (
                (SLUG.match(self.slug), "/slug", "use lower-case letters, digits and dashes (at most 40)"),
                (self.name.strip() and len(self.name) <= 80, "/name", "give a name of 1 to 80 characters"),
                (
                    _EXTERNAL_SYSTEM.match(self.external_system),
                    "/external_system",
                    "a lower-case letter first, then letters, digits and underscores, as set up in ServiceTrade",
                ),
                (_code(self.company_code, 3, required=True), "/company_code", "1 to 3 letters or digits"),
                (_LEADING.match(self.leading_character), "/leading_character", "exactly one letter or digit, or empty"),
                (_code(self.default_work_order_type, 5), "/default_work_order_type", "at most 5 characters"),
                (_code(self.lead_source, 15), "/lead_source", "at most 15 characters"),
                (_is_certificate(self.ca_certificate), "/ca_certificate", "one or more certificates in PEM form"),
                (_code(self.default_warehouse, 10), "/default_warehouse", "at most 10 characters"),
                (self.items_on_resend is not ItemsMode.NONE, "/items_on_resend", "new_only, difference or again"),
                (
                    self.secret_days is None or SHORTEST_LIFE <= self.secret_days <= LONGEST_LIFE,
                    "/secret_days",
                    f"{SHORTEST_LIFE} to {LONGEST_LIFE} days",
                ),
                (
                    self.completion_start_date is None or self.completion_start_date.tzinfo,
                    "/completion_start_date",
                    "a moment with its time zone",
                ),
            )
            if not ok
        ]
        errors += _wrong_kinds(self.item_kinds)
        if errors:
            leading_only = [e.pointer for e in errors] == ["/leading_character"]
            raise BadInput(
                "The connection's settings are not valid: "
                + "; ".join(f"{e.pointer[1:]}: {e.detail}" for e in errors)
                + ".",
                code="LEADING_CHAR_INVALID" if leading_only else "CONNECTION_INVALID",
                fix="Correct the named fields and save again.",
                errors=errors,
            )

    @property
    def acts_on_completion(self) -> bool:
        return self.on_completion is not OnCompletion.OFF

    def using(self, plugins: tuple[PluginUse, ...]) -> Connection:
        return replace(self, plugins=plugins)

    def over(self, defaults: Mapping[str, Mapping[str, Any]]) -> Connection:
        """With the tenant's defaults under the configuration of its plugins."""
        return self.using(tuple(use.over(defaults) for use in self.plugins)) if defaults else self


@dataclass(frozen=True, slots=True)
class ConnectionSecrets:
    """What must stay hidden: the Authorization ID (it is the password) and the enhanced-authentication client."""

    authorization_id: Secret
    client_id: str | None = None
    client_secret: Secret | None = None

    def __post_init__(self) -> None:
        value = self.authorization_id.reveal()
        if not 1 <= len(value) <= 20 or not value.isascii() or not value.isprintable():
            raise BadInput(
                "The Authorization ID must be 1 to 20 printable characters.",
                fix="Copy it from Spectrum: System Administration > Installation > Data Exchange.",
                errors=[FieldError("/authorization_id", "1 to 20 printable characters")],
            )
        if (self.client_id is None) != (self.client_secret is None):
            raise BadInput(
                "Enhanced authentication needs both the client id and the client secret.",
                fix="Give both, or neither.",
                errors=[FieldError("/enhanced_auth", "client_id and client_secret go together")],
            )


@dataclass(frozen=True, slots=True)
class SpectrumTarget:
    """All that a call to Spectrum needs to know: where, which company, and with which secrets."""

    connection_id: str
    endpoint: Endpoint
    company_code: str
    secrets: ConnectionSecrets
    ca_certificate: str | None = None

    @classmethod
    def of(cls, connection: Connection, secrets: ConnectionSecrets) -> SpectrumTarget:
        return cls(connection.id, connection.endpoint, connection.company_code, secrets, connection.ca_certificate)


def _is_certificate(text: str | None) -> bool:
    if text is None:
        return True
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError):
        return False
    return True


def _wrong_kinds(kinds: Mapping[str, ItemKind]) -> Iterator[FieldError]:
    for name, kind in kinds.items():
        pointer = "/item_kinds/" + name.replace("~", "~0").replace("/", "~1")
        if not name or name != item_type(name) or len(name) > 60:
            yield FieldError(pointer, "an item type in lower case with single spaces, such as general conditions")
        elif name == LABOR and kind is not ItemKind.SKIP:
            yield FieldError(pointer, "labor is always skipped: hours are entered in Spectrum directly")


def _code(text: str, limit: int, *, required: bool = False) -> bool:
    if not text:
        return not required
    return len(text) <= limit and text.isascii() and text.isprintable() and text == text.strip()
