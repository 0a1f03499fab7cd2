"""A connection: one Spectrum company that a tenant sends to, with its rules. Secrets are in `ConnectionSecrets`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from core.model.catalogue import finding
from core.model.connections.connection_state import CodesMissing, ConnectionState, ConnectionTest
from core.model.connections.endpoint import Endpoint
from core.model.connections.maintenance_window import Span, window_at
from core.model.connections.settings import CONNECTION_SETTINGS, ConnectionSettings, OnCompletion, PluginUse
from core.model.shared.errors import BadInput, FieldError
from core.model.shared.finding import Finding, Severity
from core.model.shared.secret import Secret
from core.model.shared.setting import broken_rules
from core.model.work_orders.item import LABOR, ItemKind, item_type
from core.model.work_orders.work_order import AUTHORIZATION_ID, LENGTHS

SLUG = re.compile(r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")
SLUG_RULE = "use lower-case letters, digits and dashes (at most 40)"


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a whole connection waits. `until` is None if only a person can end it (authorization)."""

    finding: Finding
    since: datetime
    until: datetime | None
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class ItemsHold:
    """Why a connection posts no items, while headers are still sent. Only a person ends it.

    `intents` is the connection's highest noted intent, 0 if none was counted. Until `quiet_until` Spectrum may still
    add a line that the database does not know, so checking in Spectrum proves nothing before.
    """

    finding: Finding
    since: datetime
    intents: int = 0
    quiet_until: datetime | None = None

    def too_fresh(self, now: datetime) -> bool:
        return self.quiet_until is not None and self.quiet_until > now


@dataclass(frozen=True, slots=True)
class FormerEndpoint:
    """`used`: Spectrum accepted a write of this connection there. Only then are its lines entered under this address;
    otherwise a connection with somebody else's address could block that connection."""

    endpoint: Endpoint
    used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(ConnectionSettings):
    """A connection with its settings and its state. Raises BadInput, naming every field that breaks its rule.

    `enhanced_auth`: a client id and secret are stored. `plugin_failures` counts the sends in a row that failed by a
    plugin. `intents` counts the cost lines whose intent was ever stored, and never falls; the last one was stored at
    `last_intent_at`. `endpoint_used`: Spectrum has accepted a write at its present address. `former_endpoints` are the
    addresses that it had before, newest first; entries of others under those still count. `restored_at` is when a
    person last acknowledged that the database came from a backup. `target_version` is raised by every change of
    what its calls use (`SpectrumTarget`); `last_write_at` is when Spectrum last accepted a write with this version.
    """

    id: str
    tenant_id: str
    slug: str
    enhanced_auth: bool = False
    paused: bool = False
    hold: Hold | None = None
    plugin_failures: int = 0
    intents: int = 0
    last_intent_at: datetime | None = None
    items_hold: ItemsHold | None = None
    restored_at: datetime | None = None
    endpoint_used: bool = False
    former_endpoints: tuple[FormerEndpoint, ...] = ()
    target_version: int = 1
    last_write_at: datetime | None = None
    last_test: ConnectionTest | None = None
    codes_missing: CodesMissing | None = None
    version: int = 1

    def __post_init__(self) -> None:
        errors = [] if SLUG.match(self.slug) else [FieldError("/slug", SLUG_RULE)]
        errors += [*broken_rules(CONNECTION_SETTINGS, self), *_wrong_kinds(self.item_kinds)]
        if errors:
            leading_only = [e.pointer for e in errors] == ["/leading_character"]
            code = "LEADING_CHAR_INVALID" if leading_only else "CONNECTION_INVALID"
            fix = "Correct the named fields and save again."
            raise BadInput.of("The connection's settings are not valid", errors, code=code, fix=fix)

    @property
    def acts_on_completion(self) -> bool:
        return self.on_completion is not OnCompletion.OFF

    @property
    def proven(self) -> bool:
        """Whether Spectrum has accepted a write with the present address, company and secrets. No test shows that."""
        return self.last_write_at is not None

    @property
    def test_is_stale(self) -> bool:
        """Whether address, company or secrets have changed since the last test."""
        return self.last_test is not None and self.last_test.target_version != self.target_version

    @property
    def state(self) -> ConnectionState:
        """The state as it is stored; of `shown_at(now)` it is the one that people see now."""
        if self.paused:
            return ConnectionState.PAUSED
        if self.hold:
            return ConnectionState.HELD if self.hold.until is None else ConnectionState.WAITING
        if self.items_hold:
            return ConnectionState.NO_ITEMS
        return ConnectionState.WORKING if self.proven else ConnectionState.NOT_PROVEN

    @property
    def stopped(self) -> bool:
        """Whether nothing goes out until a person acts: it is paused, or held without an end."""
        return self.paused or (self.hold is not None and self.hold.until is None)

    def hold_at(self, now: datetime) -> Hold | None:
        """Why no call to Spectrum may begin now: a hold, or a maintenance window if that ends later. Else None."""
        hold = self.hold if self.hold and (self.hold.until is None or self.hold.until > now) else None
        window = window_at(self.maintenance_windows, now)
        if window is None or (hold and (hold.until is None or hold.until >= window.end)):
            return hold
        return _maintenance(window)

    def shown_at(self, now: datetime) -> Connection:
        """This connection as people see it: a maintenance window is a hold. A hold whose time is over stays until the
        next call to Spectrum shows how things are."""
        hold = self.hold_at(now) or self.hold
        return self if hold is self.hold else replace(self, hold=hold)

    def using(self, plugins: tuple[PluginUse, ...]) -> Connection:
        return replace(self, plugins=plugins)

    def over(self, defaults: Mapping[str, Mapping[str, Any]]) -> Connection:
        """This connection with the tenant's plugin defaults for what its plugins' configurations do not set."""
        return self.using(tuple(use.over(defaults) for use in self.plugins)) if defaults else self


@dataclass(frozen=True, slots=True)
class ConnectionSecrets:
    """The secrets of a connection: the Authorization ID (it is the password) and the enhanced-authentication client."""

    authorization_id: Secret
    client_id: str | None = None
    client_secret: Secret | None = None

    def __post_init__(self) -> None:
        value = self.authorization_id.reveal()
        longest = LENGTHS[AUTHORIZATION_ID]
        if not 1 <= len(value) <= longest or not value.isascii() or not value.isprintable():
            raise BadInput(
                f"The Authorization ID must be 1 to {longest} printable characters.",
                fix="Copy it from Spectrum: System Administration > Installation > Data Exchange.",
                errors=[FieldError("/authorization_id", f"1 to {longest} printable characters")],
            )
        if (self.client_id is None) != (self.client_secret is None):
            raise BadInput(
                "Enhanced authentication needs both the client id and the client secret.",
                fix="Give both, or neither.",
                errors=[FieldError("/enhanced_auth", "client_id and client_secret go together")],
            )


@dataclass(frozen=True, slots=True)
class SpectrumTarget:
    """All that a call to Spectrum needs: the address, the company and the secrets."""

    connection_id: str
    endpoint: Endpoint
    company_code: str
    secrets: ConnectionSecrets
    ca_certificate: str | None = None

    @classmethod
    def of(cls, connection: Connection, secrets: ConnectionSecrets) -> SpectrumTarget:
        return cls(connection.id, connection.endpoint, connection.company_code, secrets, connection.ca_certificate)


def _maintenance(window: Span) -> Hold:
    message = f"Spectrum is in its maintenance window until {window.until}. Sends wait and continue afterwards."
    said = finding("MAINTENANCE_WINDOW", message, severity=Severity.INFO)
    return Hold(said, window.start.astimezone(UTC), window.end.astimezone(UTC))


def _wrong_kinds(kinds: Mapping[str, ItemKind]) -> Iterator[FieldError]:
    for name, kind in kinds.items():
        pointer = "/item_kinds/" + name.replace("~", "~0").replace("/", "~1")
        if not name or name != item_type(name) or len(name) > 60:
            yield FieldError(pointer, "an item type in lower case with single spaces, such as general conditions")
        elif kind is ItemKind.TASK:
            yield FieldError(pointer, "material, other_charge or skip: tasks are made from services, never from items")
        elif name == LABOR and kind is not ItemKind.SKIP:
            yield FieldError(pointer, "labor is always skipped: hours are entered in Spectrum directly")
