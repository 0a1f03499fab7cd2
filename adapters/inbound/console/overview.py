"""What the overview shows: each tenant with what needs attention, its connections and its latest sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.inbound.console.words import STATES, StateWords, moment
from adapters.inbound.use_cases import UseCases
from core.model.connections.connection import Connection
from core.model.sending.failure_comment import OWNER_WORDS
from core.model.sending.send import Send, Warning
from core.model.shared.finding import Retry
from core.model.tenants.tenant import Tenant

TENANTS_SHOWN, SENDS_SHOWN, WARNINGS_SHOWN = 20, 15, 50
_OPEN_HOLD = "until somebody mends it and resumes the connection"


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    connection: Connection
    state: StateWords
    waits: str


@dataclass(frozen=True, slots=True)
class WarningCard:
    warning: Warning
    connection: str
    owner: str
    by_itself: bool


@dataclass(frozen=True, slots=True)
class SendRow:
    send: Send
    connection: str
    state: StateWords


@dataclass(frozen=True, slots=True)
class TenantView:
    tenant: Tenant
    connections: Sequence[ConnectionRow]
    warnings: Sequence[WarningCard]
    sends: Sequence[SendRow]
    more_sends: bool


@dataclass(frozen=True, slots=True)
class Overview:
    tenants: Sequence[TenantView]
    tenants_left_out: int

    @property
    def attention(self) -> int:
        return sum(len(view.warnings) for view in self.tenants)

    @property
    def waiting(self) -> int:
        """Connections that do not work off sends at present, or not their items."""
        return sum(row.state is not _WORKING for view in self.tenants for row in view.connections)


async def read_overview(use_cases: UseCases) -> Overview:
    """Our own rows only, so it opens at once whatever the remote systems do."""
    tenants = await use_cases.find_tenant.all()
    shown = tenants[:TENANTS_SHOWN]
    return Overview([await _view(use_cases, tenant) for tenant in shown], len(tenants) - len(shown))


async def _view(use_cases: UseCases, tenant: Tenant) -> TenantView:
    connections = await use_cases.find_connection.all(tenant.id)
    names = {connection.slug: connection.name for connection in connections}
    warnings = await use_cases.list_warnings(tenant.id, limit=WARNINGS_SHOWN)
    page = await use_cases.list_sends(tenant.id, limit=SENDS_SHOWN)
    return TenantView(
        tenant=tenant,
        connections=[connection_row(connection) for connection in connections],
        warnings=sorted((_warning_card(warning, names[slug]) for warning, slug in warnings), key=_waits_by_itself),
        sends=[send_row(send, names[page.slugs[send.connection_id]]) for send in page.sends],
        more_sends=page.next_before is not None,
    )


_WORKING = StateWords("Working", "good", "✓")
_PAUSED = StateWords("Paused", "quiet", "–")
_WAITING = StateWords("Waiting", "care", "↻")
_HELD = StateWords("Held", "alarm", "!")
_NO_ITEMS = StateWords("No items", "alarm", "!")


def connection_row(connection: Connection) -> ConnectionRow:
    hold = connection.hold
    if connection.paused:
        return ConnectionRow(connection, _PAUSED, "Sends wait until somebody resumes it.")
    if hold is None and (items := connection.items_hold):
        waits = f"{_sentence(items.finding.message)} Items wait, work orders go on."
        return ConnectionRow(connection, _NO_ITEMS, waits)
    if hold is None:
        return ConnectionRow(connection, _WORKING, "")
    if hold.until is None:
        return ConnectionRow(connection, _HELD, f"{_sentence(hold.finding.message)} Sends wait {_OPEN_HOLD}.")
    return ConnectionRow(connection, _WAITING, f"{_sentence(hold.finding.message)} Next try {moment(hold.until)}.")


def send_row(send: Send, connection: str) -> SendRow:
    return SendRow(send, connection, STATES[send.state])


def _warning_card(warning: Warning, connection: str) -> WarningCard:
    found = warning.finding
    return WarningCard(warning, connection, OWNER_WORDS[found.owner], found.retry is Retry.BACKOFF)


def _waits_by_itself(card: WarningCard) -> bool:
    """What only a person can mend comes first."""
    return card.by_itself


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
