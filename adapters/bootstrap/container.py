"""The parts list: every use case with what it is made of. Live things come in from outside and are owned there."""

from __future__ import annotations

from datetime import timedelta

from dependency_injector import containers, providers

from adapters.inbound.use_cases import UseCases
from adapters.outbound.argon2_passwords import Argon2Passwords
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
from core.services.mappings.alias_history import AliasHistory
from core.services.mappings.check_readiness import CheckReadiness
from core.services.mappings.export_aliases import ExportAliases
from core.services.mappings.import_aliases import ImportAliases
from core.services.mappings.list_aliases import ListAliases
from core.services.mappings.remove_alias import RemoveAlias
from core.services.mappings.set_aliases import SetAliases
from core.services.mappings.set_code import SetCode
from core.services.operations.collect_stats import CollectStats
from core.services.operations.dismiss_warning import DismissWarning
from core.services.operations.list_audit import ListAudit
from core.services.operations.list_warnings import ListWarnings
from core.services.operations.show_cause import ShowCause
from core.services.operations.show_home import ShowHome
from core.services.planning.find_job import FindJob
from core.services.planning.plan_items import PlanItems
from core.services.planning.plan_send import PlanSend
from core.services.planning.preview_send import PreviewSend
from core.services.planning.send_menu import SendMenu
from core.services.plugins.list_plugins import ListPlugins
from core.services.plugins.rehearse_plugins import RehearsePlugins
from core.services.sending.acknowledge_restore import AcknowledgeRestore
from core.services.sending.cancel_send import CancelSend
from core.services.sending.compare_intents import CompareIntents
from core.services.sending.complete_job import CompleteJob
from core.services.sending.declare_items import DeclareItems
from core.services.sending.drain_connection import DrainConnection
from core.services.sending.execute_send import ExecuteSend, Steps
from core.services.sending.follow_send import FollowSend
from core.services.sending.lifecycle.commit_change import CommitChange, LineTiming
from core.services.sending.lifecycle.enqueue_webhook_events import EnqueueWebhookEvents
from core.services.sending.list_doubts import ListDoubts
from core.services.sending.list_sends import ListSends
from core.services.sending.mark_done import MarkDone
from core.services.sending.notify_plugins import NotifyPlugins
from core.services.sending.request_batch import RequestBatch
from core.services.sending.request_send import RequestSend
from core.services.sending.retry_batch import RetryBatch
from core.services.sending.retry_send import RetrySend
from core.services.sending.settle_doubt import SettleDoubt
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
from core.services.webhooks.add_webhook_endpoint import AddWebhookEndpoint
from core.services.webhooks.change_webhook_endpoint import ChangeWebhookEndpoint
from core.services.webhooks.deliver_events import DeliverEvents
from core.services.webhooks.find_webhook_endpoint import FindWebhookEndpoint
from core.services.webhooks.list_deliveries import ListDeliveries
from core.services.webhooks.receive_event import ReceiveEvent
from core.services.webhooks.remove_webhook_endpoint import RemoveWebhookEndpoint
from core.services.webhooks.rotate_webhook_secret import RotateWebhookSecret
from core.services.webhooks.servicetrade_webhook import ServiceTradeWebhook
from core.services.webhooks.try_webhook_endpoint import TryWebhookEndpoint
from ports.clock import Clock
from ports.identity import Identity
from ports.ids import Ids
from ports.intent_mark import IntentMark
from ports.random import Random
from ports.read_back import ReadBack
from ports.rules import Rules
from ports.service_trade import ServiceTrade
from ports.spectrum import Spectrum
from ports.storage.transactions import Transactions
from ports.webhook_sender import WebhookSender


class Container(containers.DeclarativeContainer):
    transactions: providers.Dependency[Transactions] = providers.Dependency()
    service_trade: providers.Dependency[ServiceTrade] = providers.Dependency()
    spectrum: providers.Dependency[Spectrum] = providers.Dependency()
    webhook_sender: providers.Dependency[WebhookSender] = providers.Dependency()
    intent_mark: providers.Dependency[IntentMark] = providers.Dependency()
    rules: providers.Dependency[Rules] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()
    ids: providers.Dependency[Ids] = providers.Dependency()
    random: providers.Dependency[Random] = providers.Dependency()
    passwords = providers.Singleton(Argon2Passwords)
    identity: providers.Provider[Identity | None] = providers.Object(None)
    read_back: providers.Dependency[ReadBack] = providers.Dependency()
    delays: providers.Dependency[RetryDelays] = providers.Dependency(instance_of=RetryDelays)
    line_timing: providers.Dependency[LineTiming] = providers.Dependency(instance_of=LineTiming, default=LineTiming())
    poll_every: providers.Dependency[timedelta] = providers.Dependency(
        instance_of=timedelta, default=timedelta(minutes=5)
    )
    public_url: providers.Dependency[str] = providers.Dependency(instance_of=str, default="")

    plan_items = providers.Singleton(PlanItems, rules)
    plan_send = providers.Singleton(PlanSend, transactions, service_trade, rules, plan_items)
    diagnose_answer = providers.Singleton(DiagnoseAnswer, rules)
    tell_events = providers.Singleton(EnqueueWebhookEvents, clock, ids)
    commit = providers.Singleton(CommitChange, transactions, tell_events, ids, delays, line_timing)
    tell_plugins = providers.Singleton(NotifyPlugins, transactions, rules)
    steps = providers.Singleton(
        Steps,
        make_plan=providers.Singleton(MakePlan, service_trade, plan_send, ids),
        write_header=providers.Singleton(WriteHeader, spectrum, diagnose_answer, clock),
        write_number=providers.Singleton(WriteNumber, service_trade, clock),
        post_line=providers.Singleton(PostLine, spectrum, diagnose_answer, clock),
        report_outcome=providers.Singleton(ReportOutcome, transactions, service_trade),
        find_evidence=providers.Singleton(FindEvidence, transactions, read_back),
    )
    store_answer = providers.Singleton(StoreAnswer, transactions, commit)
    execute_send = providers.Singleton(
        ExecuteSend, transactions, steps, commit, store_answer, tell_plugins, clock, ids, line_timing, intent_mark
    )
    compare_intents = providers.Singleton(CompareIntents, transactions, intent_mark, ids, line_timing)
    drain_connection = providers.Singleton(DrainConnection, transactions, execute_send, compare_intents, clock)
    warn_of_completions = providers.Singleton(WarnOfCompletions, ids)
    poll_changes = providers.Singleton(PollChanges, transactions, service_trade, warn_of_completions, poll_every)
    sync_completions = providers.Singleton(
        SyncCompletions, transactions, service_trade, poll_changes, warn_of_completions, ids, delays
    )
    deliver_events = providers.Singleton(DeliverEvents, transactions, webhook_sender, clock)
    renew_secret = providers.Singleton(RenewSecret, transactions, spectrum, clock)
    renew_expiring_secret = providers.Singleton(RenewExpiringSecret, transactions, renew_secret, clock, ids)
    retry_send = providers.Singleton(RetrySend, transactions, commit)
    request_send = providers.Singleton(RequestSend, transactions, plan_send, commit, ids)

    servicetrade_webhook = providers.Singleton(
        ServiceTradeWebhook, transactions, service_trade, clock, random, public_url
    )

    manage_people = providers.Singleton(ManagePeople, transactions, passwords, clock, ids)
    sign_in = providers.Singleton(SignIn, transactions, passwords, manage_people, clock, random, public_url)

    use_cases = providers.Singleton(
        UseCases,
        add_tenant=providers.Singleton(AddTenant, transactions, service_trade, clock, ids),
        follow_send=providers.Singleton(FollowSend, transactions),
        find_tenant=providers.Singleton(FindTenant, transactions),
        add_connection=providers.Singleton(AddConnection, transactions, spectrum, rules, ids),
        change_connection=providers.Singleton(ChangeConnection, transactions, spectrum, rules),
        remove_connection=providers.Singleton(RemoveConnection, transactions, intent_mark, clock),
        change_tenant=providers.Singleton(
            ChangeTenant, transactions, service_trade, rules, servicetrade_webhook, intent_mark, clock
        ),
        mark_done=providers.Singleton(MarkDone, transactions, commit, ids),
        request_batch=providers.Singleton(RequestBatch, transactions, commit, ids),
        find_connection=providers.Singleton(FindConnection, transactions),
        pause_connection=providers.Singleton(PauseConnection, transactions, clock),
        examine_connection=providers.Singleton(ExamineConnection, transactions, service_trade, spectrum, rules),
        find_job=providers.Singleton(FindJob, transactions, service_trade),
        send_menu=providers.Singleton(SendMenu, transactions),
        preview_send=providers.Singleton(PreviewSend, transactions, plan_send),
        request_send=request_send,
        complete_job=providers.Singleton(CompleteJob, request_send),
        declare_items=providers.Singleton(DeclareItems, transactions, plan_send, ids),
        wait_for_send=providers.Singleton(WaitForSend, transactions, clock),
        list_plugins=providers.Singleton(ListPlugins, rules),
        rehearse_plugins=providers.Singleton(RehearsePlugins, transactions, plan_send, rules),
        list_sends=providers.Singleton(ListSends, transactions),
        show_send=providers.Singleton(ShowSend, transactions),
        retry_send=retry_send,
        check_readiness=providers.Singleton(CheckReadiness, transactions, service_trade),
        set_code=providers.Singleton(SetCode, transactions, service_trade, clock),
        show_home=providers.Singleton(ShowHome, transactions, clock),
        show_cause=providers.Singleton(ShowCause, transactions),
        retry_batch=providers.Singleton(RetryBatch, transactions, retry_send, clock, ids),
        cancel_send=providers.Singleton(CancelSend, transactions, commit),
        list_warnings=providers.Singleton(ListWarnings, transactions),
        dismiss_warning=providers.Singleton(DismissWarning, transactions),
        acknowledge_restore=providers.Singleton(AcknowledgeRestore, transactions, service_trade, intent_mark),
        list_doubts=providers.Singleton(ListDoubts, transactions),
        settle_doubt=providers.Singleton(SettleDoubt, transactions, commit),
        servicetrade_webhook=servicetrade_webhook,
        receive_event=providers.Singleton(ReceiveEvent, transactions),
        list_aliases=providers.Singleton(ListAliases, transactions),
        set_aliases=providers.Singleton(SetAliases, transactions, clock, ids),
        remove_alias=providers.Singleton(RemoveAlias, transactions, clock),
        alias_history=providers.Singleton(AliasHistory, transactions),
        import_aliases=providers.Singleton(ImportAliases, transactions, clock, ids),
        export_aliases=providers.Singleton(ExportAliases, transactions),
        add_webhook_endpoint=providers.Singleton(AddWebhookEndpoint, transactions, webhook_sender, clock, ids, random),
        find_webhook_endpoint=providers.Singleton(FindWebhookEndpoint, transactions),
        change_webhook_endpoint=providers.Singleton(ChangeWebhookEndpoint, transactions, webhook_sender, clock),
        remove_webhook_endpoint=providers.Singleton(RemoveWebhookEndpoint, transactions, clock),
        rotate_secret=providers.Singleton(RotateSecret, transactions, renew_secret, clock),
        rotate_webhook_secret=providers.Singleton(RotateWebhookSecret, transactions, clock, random),
        try_webhook_endpoint=providers.Singleton(TryWebhookEndpoint, transactions, webhook_sender, clock, ids),
        list_deliveries=providers.Singleton(ListDeliveries, transactions),
        list_audit=providers.Singleton(ListAudit, transactions),
        api_keys=providers.Singleton(ApiKeys, transactions, clock, ids, random),
        manage_people=manage_people,
        sign_in=sign_in,
        sign_in_by_identity=providers.Singleton(SignInByIdentity, transactions, sign_in, identity),
        authenticate=providers.Singleton(Authenticate, transactions, clock),
        collect_stats=providers.Singleton(CollectStats, transactions, clock),
    )
