"""The parts list of an installation. Open resources are passed in, and the caller closes them."""

from __future__ import annotations

from datetime import timedelta

from dependency_injector import containers, providers

from adapters.outbound.argon2_passwords import Argon2Passwords
from adapters.outbound.clock import SystemClock
from adapters.outbound.ids import UlidIds
from adapters.outbound.matching.deferred_matcher import DeferredMatcher
from adapters.outbound.random import SystemRandom
from core.model.operations.retention import RetentionPeriods
from core.model.shared.retry_delays import RetryDelays
from core.services.service import Dependencies, LineTiming
from core.services.wiring import Services
from ports.change_feed import ChangeFeed
from ports.identity import Identity
from ports.intent_mark import IntentMark
from ports.mailer import Mailer
from ports.rules import Rules
from ports.service_trade import ServiceTrade
from ports.spectrum import Spectrum
from ports.storage.transactions import Transactions
from ports.webhook_sender import WebhookSender


class Container(containers.DeclarativeContainer):
    transactions: providers.Dependency[Transactions] = providers.Dependency()
    change_feed: providers.Dependency[ChangeFeed] = providers.Dependency()
    service_trade: providers.Dependency[ServiceTrade] = providers.Dependency()
    spectrum: providers.Dependency[Spectrum] = providers.Dependency()
    webhook_sender: providers.Dependency[WebhookSender] = providers.Dependency()
    intent_mark: providers.Dependency[IntentMark] = providers.Dependency()
    rules: providers.Dependency[Rules] = providers.Dependency()
    identity: providers.Provider[Identity | None] = providers.Object(None)
    mailer: providers.Provider[Mailer | None] = providers.Object(None)
    delays: providers.Dependency[RetryDelays] = providers.Dependency(instance_of=RetryDelays)
    line_timing: providers.Dependency[LineTiming] = providers.Dependency(instance_of=LineTiming)
    poll_every: providers.Dependency[timedelta] = providers.Dependency(instance_of=timedelta)
    retention: providers.Dependency[RetentionPeriods] = providers.Dependency(instance_of=RetentionPeriods)
    spectrum_calls_at_once: providers.Dependency[int] = providers.Dependency(instance_of=int)
    sends_waiting_at_most: providers.Provider[int | None] = providers.Object(None)
    public_url: providers.Dependency[str] = providers.Dependency(instance_of=str)

    services = providers.Singleton(
        Services,
        providers.Singleton(
            Dependencies,
            transactions=transactions,
            change_feed=change_feed,
            service_trade=service_trade,
            spectrum=spectrum,
            webhook_sender=webhook_sender,
            intent_mark=intent_mark,
            rules=rules,
            clock=providers.Singleton(SystemClock),
            ids=providers.Singleton(UlidIds),
            random=providers.Singleton(SystemRandom),
            passwords=providers.Singleton(Argon2Passwords),
            code_matcher=providers.Singleton(DeferredMatcher),
            identity=identity,
            mailer=mailer,
            delays=delays,
            line_timing=line_timing,
            poll_every=poll_every,
            retention=retention,
            spectrum_calls_at_once=spectrum_calls_at_once,
            sends_waiting_at_most=sends_waiting_at_most,
            public_url=public_url,
        ),
    )
