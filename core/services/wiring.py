"""How the use cases are made of their parts: plain calls, checked by mypy, for the product and for tests alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from core.model.shared.retry_delays import RetryDelays
from core.services.access.api_keys import ApiKeys
from core.services.access.authenticate import Authenticate
from core.services.access.manage_people import ManagePeople
from core.services.access.sign_in import SignIn
from core.services.access.sign_in_by_identity import SignInByIdentity
from core.services.connections.add_connection import AddConnection
from core.services.connections.change_connection import ChangeConnection
from core.services.connections.examine_connection import ExamineConnection
from core.services.connections.find_connection import FindConnection
from core.services.connections.pause_connection import PauseConnection
from core.services.connections.remove_connection import RemoveConnection
from core.services.connections.renew_expiring_secret import RenewExpiringSecret
from core.services.connections.renew_secret import RenewSecret
from core.services.connections.rotate_secret import RotateSecret
from core.services.mappings.aliases import Aliases
from core.services.mappings.check_readiness import CheckReadiness
from core.services.mappings.set_code import SetCode
from core.services.operations.collect_stats import CollectStats
from core.services.operations.list_audit import ListAudit
from core.services.operations.show_home import ShowHome
from core.services.operations.warnings import Warnings
from core.services.planning.find_job import FindJob
from core.services.planning.plan_items import PlanItems
from core.services.planning.plan_send import PlanSend
from core.services.planning.preview_send import PreviewSend
from core.services.planning.send_menu import SendMenu
from core.services.plugins.list_plugins import ListPlugins
from core.services.plugins.rehearse_plugins import RehearsePlugins
from core.services.sending.acknowledge_restore import AcknowledgeRestore
from core.services.sending.batches import Batches
from core.services.sending.compare_intents import CompareIntents
from core.services.sending.complete_job import CompleteJob
from core.services.sending.declare_items import DeclareItems
from core.services.sending.doubts import Doubts
from core.services.sending.drain_connection import DrainConnection
from core.services.sending.execute_send import ExecuteSend, Steps
from core.services.sending.follow_send import FollowSend
from core.services.sending.lifecycle.commit_change import CommitChange, LineTiming
from core.services.sending.lifecycle.enqueue_webhook_events import EnqueueWebhookEvents
from core.services.sending.list_sends import ListSends
from core.services.sending.notify_plugins import NotifyPlugins
from core.services.sending.request_send import RequestSend
from core.services.sending.send_actions import SendActions
from core.services.sending.show_send import ShowSend
from core.services.sending.steps.diagnose_answer import DiagnoseAnswer
from core.services.sending.steps.find_evidence import FindEvidence
from core.services.sending.steps.make_plan import MakePlan
from core.services.sending.steps.post_line import PostLine
from core.services.sending.steps.report_outcome import ReportOutcome
from core.services.sending.steps.store_answer import StoreAnswer
from core.services.sending.steps.write_header import WriteHeader
from core.services.sending.steps.write_number import WriteNumber
from core.services.sending.wait_for_send import WaitForSend
from core.services.tenants.add_tenant import AddTenant
from core.services.tenants.change_tenant import ChangeTenant
from core.services.tenants.find_tenant import FindTenant
from core.services.tenants.poll_changes import PollChanges
from core.services.tenants.sync_completions import SyncCompletions
from core.services.tenants.warn_of_completions import WarnOfCompletions
from core.services.webhooks.deliver_events import DeliverEvents
from core.services.webhooks.receive_event import ReceiveEvent
from core.services.webhooks.servicetrade_webhook import ServiceTradeWebhook
from core.services.webhooks.webhook_endpoints import WebhookEndpoints
from ports.clock import Clock
from ports.identity import Identity
from ports.ids import Ids
from ports.intent_mark import IntentMark
from ports.passwords import Passwords
from ports.random import Random
from ports.rules import Rules
from ports.service_trade import ServiceTrade
from ports.spectrum import Spectrum
from ports.storage.transactions import Transactions
from ports.webhook_sender import WebhookSender


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What the services are made of: the ports, and what an installation can set. `identity` is None where nobody signs
    in by a provider; `public_url` is empty where the installation has no public address."""

    transactions: Transactions
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
    delays: RetryDelays = field(default_factory=RetryDelays)
    line_timing: LineTiming = field(default_factory=LineTiming)
    poll_every: timedelta = timedelta(minutes=5)
    public_url: str = ""


class UseCases:
    """What API, console and command line can make the core do."""

    def __init__(self, d: Dependencies, plan_send: PlanSend, commit: CommitChange, renew_secret: RenewSecret) -> None:
        self.doubts = Doubts(d.transactions, commit)
        self.send_actions = SendActions(d.transactions, commit, d.ids)
        self.request_send = RequestSend(d.transactions, plan_send, commit, d.ids)
        self.servicetrade_webhook = ServiceTradeWebhook(
            d.transactions, d.service_trade, d.clock, d.random, d.public_url
        )
        self.manage_people = ManagePeople(d.transactions, d.passwords, d.clock, d.ids)
        self.sign_in = SignIn(d.transactions, d.passwords, self.manage_people, d.clock, d.random, d.public_url)
        self.add_tenant = AddTenant(d.transactions, d.service_trade, d.rules, d.clock, d.ids)
        self.follow_send = FollowSend(d.transactions)
        self.find_tenant = FindTenant(d.transactions)
        self.add_connection = AddConnection(d.transactions, d.spectrum, d.rules, d.ids)
        self.change_connection = ChangeConnection(d.transactions, d.spectrum, d.rules)
        self.remove_connection = RemoveConnection(d.transactions, d.intent_mark, d.clock)
        self.change_tenant = ChangeTenant(
            d.transactions, d.service_trade, d.rules, self.servicetrade_webhook, d.intent_mark, d.clock
        )
        self.find_connection = FindConnection(d.transactions)
        self.pause_connection = PauseConnection(d.transactions, d.clock)
        self.examine_connection = ExamineConnection(d.transactions, d.service_trade, d.spectrum, d.rules)
        self.find_job = FindJob(d.transactions, d.service_trade)
        self.send_menu = SendMenu(d.transactions)
        self.preview_send = PreviewSend(d.transactions, plan_send)
        self.complete_job = CompleteJob(self.request_send)
        self.declare_items = DeclareItems(d.transactions, plan_send, d.ids)
        self.wait_for_send = WaitForSend(d.transactions, d.clock)
        self.list_plugins = ListPlugins(d.rules)
        self.rehearse_plugins = RehearsePlugins(d.transactions, plan_send, d.rules)
        self.list_sends = ListSends(d.transactions)
        self.show_send = ShowSend(d.transactions)
        self.check_readiness = CheckReadiness(d.transactions, d.service_trade)
        self.aliases = Aliases(d.transactions, d.clock, d.ids)
        self.webhook_endpoints = WebhookEndpoints(d.transactions, d.webhook_sender, d.clock, d.ids, d.random)
        self.set_code = SetCode(d.transactions, d.service_trade, d.clock)
        self.show_home = ShowHome(d.transactions, d.clock)
        self.batches = Batches(d.transactions, commit, self.send_actions, d.clock, d.ids)
        self.warnings = Warnings(d.transactions)
        self.acknowledge_restore = AcknowledgeRestore(d.transactions, d.service_trade, d.intent_mark)
        self.receive_event = ReceiveEvent(d.transactions)
        self.rotate_secret = RotateSecret(d.transactions, renew_secret, d.clock)
        self.list_audit = ListAudit(d.transactions)
        self.api_keys = ApiKeys(d.transactions, d.clock, d.ids, d.random)
        self.sign_in_by_identity = SignInByIdentity(d.transactions, self.sign_in, d.identity)
        self.authenticate = Authenticate(d.transactions, d.clock)
        self.collect_stats = CollectStats(d.transactions, d.clock)


class Services:
    """All services, each made once: the use cases, and what a worker calls by itself."""

    def __init__(self, d: Dependencies) -> None:
        plan_items = PlanItems(d.rules)
        self.plan_send = PlanSend(d.transactions, d.service_trade, d.rules, plan_items)
        diagnose_answer = DiagnoseAnswer(d.rules)
        enqueue_webhook_events = EnqueueWebhookEvents(d.clock, d.ids)
        commit = CommitChange(d.transactions, enqueue_webhook_events, d.ids, d.delays, d.line_timing)
        notify_plugins = NotifyPlugins(d.transactions, d.rules)
        steps = Steps(
            make_plan=MakePlan(d.service_trade, self.plan_send, d.ids),
            write_header=WriteHeader(d.spectrum, diagnose_answer, d.clock),
            write_number=WriteNumber(d.service_trade, d.clock),
            post_line=PostLine(d.spectrum, diagnose_answer, d.clock),
            report_outcome=ReportOutcome(d.transactions, d.service_trade, d.rules),
            find_evidence=FindEvidence(d.transactions, d.rules),
        )
        store_answer = StoreAnswer(d.transactions, commit)
        execute_send = ExecuteSend(
            d.transactions, steps, commit, store_answer, notify_plugins, d.clock, d.ids, d.line_timing, d.intent_mark
        )
        self.compare_intents = CompareIntents(d.transactions, d.intent_mark, d.ids, d.line_timing)
        self.drain_connection = DrainConnection(d.transactions, execute_send, self.compare_intents, d.clock)
        warn_of_completions = WarnOfCompletions(d.ids)
        poll_changes = PollChanges(d.transactions, d.service_trade, warn_of_completions, d.poll_every)
        self.sync_completions = SyncCompletions(
            d.transactions, d.service_trade, poll_changes, warn_of_completions, d.ids, d.delays
        )
        self.deliver_events = DeliverEvents(d.transactions, d.webhook_sender, d.clock)
        renew_secret = RenewSecret(d.transactions, d.spectrum, d.clock)
        self.renew_expiring_secret = RenewExpiringSecret(d.transactions, renew_secret, d.clock, d.ids)
        self.use_cases = UseCases(d, self.plan_send, commit, renew_secret)
