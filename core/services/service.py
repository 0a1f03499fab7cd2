"""What every service is made of: the ports, and what an installation can set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from core.model.operations.retention import RetentionPeriods
from core.model.sending.lifecycle.facts import HEADER_WITHIN
from core.model.shared.retry_delays import RetryDelays
from ports.change_feed import ChangeFeed
from ports.clock import Clock
from ports.code_matcher import CodeMatcher
from ports.identity import Identity
from ports.ids import Ids
from ports.intent_mark import IntentMark
from ports.mailer import Mailer
from ports.passwords import Passwords
from ports.random import Random
from ports.rules import Rules
from ports.service_trade import ServiceTrade
from ports.spectrum import Spectrum
from ports.storage.transactions import Transactions
from ports.webhook_sender import WebhookSender

SLICE_SECONDS = 2.0
"""How long work of one subject goes on at a time, before that of others has its turn."""


@dataclass(frozen=True, slots=True)
class LineTiming:
    """Durations from the stored intent: `send_within` in which a line may leave, `quiet` in which Spectrum may still
    add it, `header_within` in which a header may leave.

    A worker that was suspended for longer sends nothing.
    """

    quiet: timedelta = timedelta(minutes=15)
    send_within: timedelta = timedelta(seconds=30)
    header_within: timedelta = HEADER_WITHIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """`code_matcher` is None where nothing is suggested, `identity` where nobody signs in by a provider, `mailer` where
    no mail server is set. `spectrum_calls_at_once` is for each Spectrum endpoint; `sends_waiting_at_most` for each
    tenant, None for no limit; `public_url` is the address at which ServiceTrade and people reach this installation, ''
    if it is not set."""

    transactions: Transactions
    change_feed: ChangeFeed
    service_trade: ServiceTrade
    spectrum: Spectrum
    webhook_sender: WebhookSender
    intent_mark: IntentMark
    rules: Rules
    clock: Clock
    ids: Ids
    random: Random
    passwords: Passwords
    identity: Identity | None = None
    code_matcher: CodeMatcher | None = None
    mailer: Mailer | None = None
    delays: RetryDelays = field(default_factory=RetryDelays)
    line_timing: LineTiming = field(default_factory=LineTiming)
    poll_every: timedelta = timedelta(minutes=5)
    retention: RetentionPeriods = field(default_factory=RetentionPeriods)
    spectrum_calls_at_once: int = 8
    sends_waiting_at_most: int | None = None
    public_url: str = ""


class Service:
    """A use case, or a part of one. It holds no state of its own, unless it says so."""

    def __init__(self, d: Dependencies) -> None:
        self._transactions = d.transactions
        self._change_feed = d.change_feed
        self._service_trade = d.service_trade
        self._spectrum = d.spectrum
        self._webhook_sender = d.webhook_sender
        self._intent_mark = d.intent_mark
        self._rules = d.rules
        self._clock = d.clock
        self._ids = d.ids
        self._random = d.random
        self._passwords = d.passwords
        self._identity = d.identity
        self._code_matcher = d.code_matcher
        self._mailer = d.mailer
        self._delays = d.delays
        self._line_timing = d.line_timing
        self._poll_every = d.poll_every
        self._retention = d.retention
        self._public_url = d.public_url.rstrip("/")

    def _begin_slice(self, seconds: float = SLICE_SECONDS) -> Callable[[], bool]:
        """Begin a slice of work. The returned function says whether it is over, whatever the wall clock shows."""
        ends = self._clock.boot_seconds() + seconds
        return lambda: self._clock.boot_seconds() > ends
