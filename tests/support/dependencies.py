"""Dependencies in memory, for a test that calls one service of its own."""

from __future__ import annotations

from adapters.outbound.clock import SystemClock
from adapters.outbound.memory.change_feed import MemoryChangeFeed
from adapters.outbound.memory.passwords import MemoryPasswords
from adapters.outbound.memory.remote.intent_mark import MemoryIntentMark
from adapters.outbound.memory.remote.service_trade import MemoryServiceTrade
from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from adapters.outbound.memory.remote.webhook_sender import MemoryWebhookSender
from adapters.outbound.random import SystemRandom
from core.services.notifications.deliver_message import DeliverMessage
from core.services.notifications.tell_recipient import TellRecipient
from core.services.planning.plan_send import PlanSend
from core.services.reconciliation.carry_out_reconciliation import CarryOutReconciliation
from core.services.reconciliation.compare_job import CompareJob
from core.services.service import Dependencies
from plugins.host import PluginHost
from ports.storage.transactions import Transactions
from tests.support.http_scene import CountingIds


def over(transactions: Transactions) -> Dependencies:
    """All in memory but the storage, and new on every call. A test replaces what it looks at."""
    return Dependencies(
        transactions=transactions,
        change_feed=MemoryChangeFeed(),
        service_trade=MemoryServiceTrade(),
        spectrum=MemorySpectrum(),
        webhook_sender=MemoryWebhookSender(),
        intent_mark=MemoryIntentMark(),
        rules=PluginHost(),
        clock=SystemClock(),
        ids=CountingIds(),
        random=SystemRandom(),
        passwords=MemoryPasswords(),
    )


def telling(d: Dependencies) -> TellRecipient:
    return TellRecipient(d, DeliverMessage(d), CarryOutReconciliation(d, CompareJob(d, PlanSend(d))))
