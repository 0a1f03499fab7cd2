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
from ports.passwords import Passwords
from ports.random import Random
from ports.read_back import ReadBack
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
    read_back: ReadBack
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


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """What API, console and command line can make the core do."""

    add_tenant: AddTenant
    find_tenant: FindTenant
    follow_send: FollowSend
    add_connection: AddConnection
    change_connection: ChangeConnection
    remove_connection: RemoveConnection
    change_tenant: ChangeTenant
    mark_done: MarkDone
    request_batch: RequestBatch
    find_connection: FindConnection
    pause_connection: PauseConnection
    examine_connection: ExamineConnection
    find_job: FindJob
    send_menu: SendMenu
    preview_send: PreviewSend
    request_send: RequestSend
    complete_job: CompleteJob
    declare_items: DeclareItems
    wait_for_send: WaitForSend
    list_plugins: ListPlugins
    rehearse_plugins: RehearsePlugins
    list_sends: ListSends
    show_send: ShowSend
    show_home: ShowHome
    show_cause: ShowCause
    retry_send: RetrySend
    retry_batch: RetryBatch
    cancel_send: CancelSend
    list_warnings: ListWarnings
    dismiss_warning: DismissWarning
    acknowledge_restore: AcknowledgeRestore
    list_doubts: ListDoubts
    settle_doubt: SettleDoubt
    servicetrade_webhook: ServiceTradeWebhook
    receive_event: ReceiveEvent
    check_readiness: CheckReadiness
    set_code: SetCode
    list_aliases: ListAliases
    set_aliases: SetAliases
    remove_alias: RemoveAlias
    alias_history: AliasHistory
    import_aliases: ImportAliases
    export_aliases: ExportAliases
    add_webhook_endpoint: AddWebhookEndpoint
    change_webhook_endpoint: ChangeWebhookEndpoint
    find_webhook_endpoint: FindWebhookEndpoint
    list_deliveries: ListDeliveries
    remove_webhook_endpoint: RemoveWebhookEndpoint
    rotate_secret: RotateSecret
    rotate_webhook_secret: RotateWebhookSecret
    try_webhook_endpoint: TryWebhookEndpoint
    list_audit: ListAudit
    api_keys: ApiKeys
    authenticate: Authenticate
    manage_people: ManagePeople
    sign_in: SignIn
    sign_in_by_identity: SignInByIdentity
    collect_stats: CollectStats


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The use cases, and what a worker calls by itself."""

    use_cases: UseCases
    plan_send: PlanSend
    compare_intents: CompareIntents
    drain_connection: DrainConnection
    sync_completions: SyncCompletions
    deliver_events: DeliverEvents
    renew_expiring_secret: RenewExpiringSecret


def build(d: Dependencies) -> Services:
    """All services, each made once."""
    plan_items = PlanItems(d.rules)
    plan_send = PlanSend(d.transactions, d.service_trade, d.rules, plan_items)
    diagnose_answer = DiagnoseAnswer(d.rules)
    enqueue_webhook_events = EnqueueWebhookEvents(d.clock, d.ids)
    commit = CommitChange(d.transactions, enqueue_webhook_events, d.ids, d.delays, d.line_timing)
    notify_plugins = NotifyPlugins(d.transactions, d.rules)
    steps = Steps(
        make_plan=MakePlan(d.service_trade, plan_send, d.ids),
        write_header=WriteHeader(d.spectrum, diagnose_answer, d.clock),
        write_number=WriteNumber(d.service_trade, d.clock),
        post_line=PostLine(d.spectrum, diagnose_answer, d.clock),
        report_outcome=ReportOutcome(d.transactions, d.service_trade),
        find_evidence=FindEvidence(d.transactions, d.read_back),
    )
    store_answer = StoreAnswer(d.transactions, commit)
    execute_send = ExecuteSend(
        d.transactions, steps, commit, store_answer, notify_plugins, d.clock, d.ids, d.line_timing, d.intent_mark
    )
    compare_intents = CompareIntents(d.transactions, d.intent_mark, d.ids, d.line_timing)
    drain_connection = DrainConnection(d.transactions, execute_send, compare_intents, d.clock)
    warn_of_completions = WarnOfCompletions(d.ids)
    poll_changes = PollChanges(d.transactions, d.service_trade, warn_of_completions, d.poll_every)
    sync_completions = SyncCompletions(
        d.transactions, d.service_trade, poll_changes, warn_of_completions, d.ids, d.delays
    )
    deliver_events = DeliverEvents(d.transactions, d.webhook_sender, d.clock)
    renew_secret = RenewSecret(d.transactions, d.spectrum, d.clock)
    renew_expiring_secret = RenewExpiringSecret(d.transactions, renew_secret, d.clock, d.ids)
    retry_send = RetrySend(d.transactions, commit)
    request_send = RequestSend(d.transactions, plan_send, commit, d.ids)

    servicetrade_webhook = ServiceTradeWebhook(d.transactions, d.service_trade, d.clock, d.random, d.public_url)

    manage_people = ManagePeople(d.transactions, d.passwords, d.clock, d.ids)
    sign_in = SignIn(d.transactions, d.passwords, manage_people, d.clock, d.random, d.public_url)

    use_cases = UseCases(
        add_tenant=AddTenant(d.transactions, d.service_trade, d.clock, d.ids),
        follow_send=FollowSend(d.transactions),
        find_tenant=FindTenant(d.transactions),
        add_connection=AddConnection(d.transactions, d.spectrum, d.rules, d.ids),
        change_connection=ChangeConnection(d.transactions, d.spectrum, d.rules),
        remove_connection=RemoveConnection(d.transactions, d.intent_mark, d.clock),
        change_tenant=ChangeTenant(
            d.transactions, d.service_trade, d.rules, servicetrade_webhook, d.intent_mark, d.clock
        ),
        mark_done=MarkDone(d.transactions, commit, d.ids),
        request_batch=RequestBatch(d.transactions, commit, d.ids),
        find_connection=FindConnection(d.transactions),
        pause_connection=PauseConnection(d.transactions, d.clock),
        examine_connection=ExamineConnection(d.transactions, d.service_trade, d.spectrum, d.rules),
        find_job=FindJob(d.transactions, d.service_trade),
        send_menu=SendMenu(d.transactions),
        preview_send=PreviewSend(d.transactions, plan_send),
        request_send=request_send,
        complete_job=CompleteJob(request_send),
        declare_items=DeclareItems(d.transactions, plan_send, d.ids),
        wait_for_send=WaitForSend(d.transactions, d.clock),
        list_plugins=ListPlugins(d.rules),
        rehearse_plugins=RehearsePlugins(d.transactions, plan_send, d.rules),
        list_sends=ListSends(d.transactions),
        show_send=ShowSend(d.transactions),
        retry_send=retry_send,
        check_readiness=CheckReadiness(d.transactions, d.service_trade),
        set_code=SetCode(d.transactions, d.service_trade, d.clock),
        show_home=ShowHome(d.transactions, d.clock),
        show_cause=ShowCause(d.transactions),
        retry_batch=RetryBatch(d.transactions, retry_send, d.clock, d.ids),
        cancel_send=CancelSend(d.transactions, commit),
        list_warnings=ListWarnings(d.transactions),
        dismiss_warning=DismissWarning(d.transactions),
        acknowledge_restore=AcknowledgeRestore(d.transactions, d.service_trade, d.intent_mark),
        list_doubts=ListDoubts(d.transactions),
        settle_doubt=SettleDoubt(d.transactions, commit),
        servicetrade_webhook=servicetrade_webhook,
        receive_event=ReceiveEvent(d.transactions),
        list_aliases=ListAliases(d.transactions),
        set_aliases=SetAliases(d.transactions, d.clock, d.ids),
        remove_alias=RemoveAlias(d.transactions, d.clock),
        alias_history=AliasHistory(d.transactions),
        import_aliases=ImportAliases(d.transactions, d.clock, d.ids),
        export_aliases=ExportAliases(d.transactions),
        add_webhook_endpoint=AddWebhookEndpoint(d.transactions, d.webhook_sender, d.clock, d.ids, d.random),
        find_webhook_endpoint=FindWebhookEndpoint(d.transactions),
        change_webhook_endpoint=ChangeWebhookEndpoint(d.transactions, d.webhook_sender, d.clock),
        remove_webhook_endpoint=RemoveWebhookEndpoint(d.transactions, d.clock),
        rotate_secret=RotateSecret(d.transactions, renew_secret, d.clock),
        rotate_webhook_secret=RotateWebhookSecret(d.transactions, d.clock, d.random),
        try_webhook_endpoint=TryWebhookEndpoint(d.transactions, d.webhook_sender, d.clock, d.ids),
        list_deliveries=ListDeliveries(d.transactions),
        list_audit=ListAudit(d.transactions),
        api_keys=ApiKeys(d.transactions, d.clock, d.ids, d.random),
        manage_people=manage_people,
        sign_in=sign_in,
        sign_in_by_identity=SignInByIdentity(d.transactions, sign_in, d.identity),
        authenticate=Authenticate(d.transactions, d.clock),
        collect_stats=CollectStats(d.transactions, d.clock),
    )
    return Services(
        use_cases=use_cases,
        plan_send=plan_send,
        compare_intents=compare_intents,
        drain_connection=drain_connection,
        sync_completions=sync_completions,
        deliver_events=deliver_events,
        renew_expiring_secret=renew_expiring_secret,
    )
