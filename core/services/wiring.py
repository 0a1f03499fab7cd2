"""How the use cases are made of their parts: plain calls, checked by mypy, for the product and for tests alike."""

from __future__ import annotations

from core.services.access.api_keys import ApiKeys
from core.services.access.authenticate import Authenticate
from core.services.access.manage_people import ManagePeople
from core.services.access.sign_in import SignIn
from core.services.access.sign_in_by_identity import SignInByIdentity
from core.services.connections.examine_connection import ExamineConnection
from core.services.connections.find_connection import FindConnection
from core.services.connections.manage_connection import (
    AddConnection,
    ChangeConnection,
    PauseConnection,
    RemoveConnection,
)
from core.services.connections.renew_secret import RenewExpiringSecret, RenewSecret, RotateSecret
from core.services.creations.carry_out_creations import CarryOutCreations
from core.services.creations.keep_code import KeepCode
from core.services.creations.manage_creations import ManageCreations
from core.services.creations.preview_creation import PreviewCreation
from core.services.creations.request_creation import RequestCreation
from core.services.creations.store_creation_answer import StoreCreationAnswer
from core.services.mappings.aliases import Aliases
from core.services.mappings.check_readiness import CheckReadiness
from core.services.mappings.import_codes import ImportCodes
from core.services.mappings.learn_codes import LearnCodes
from core.services.mappings.list_codes import ListCodes
from core.services.mappings.look_up_codes import LookUpCodes
from core.services.mappings.refresh_lists import RefreshLists
from core.services.mappings.set_code import SetCode
from core.services.mappings.suggestions.carry_out_suggestions import CarryOutSuggestions
from core.services.mappings.suggestions.decide import DecideSuggestions
from core.services.mappings.suggestions.match_records import MatchRecords
from core.services.mappings.suggestions.read_records import ReadRecords
from core.services.mappings.suggestions.set_confirmed import SetConfirmed
from core.services.mappings.suggestions.show_suggestions import ShowSuggestions
from core.services.mappings.suggestions.start_search import StartSearch
from core.services.notifications.deliver_message import DeliverMessage
from core.services.notifications.recipients import Recipients
from core.services.notifications.send_test_message import SendTestMessage
from core.services.notifications.tell_recipient import TellRecipient
from core.services.notifications.unsubscribe import Unsubscribe
from core.services.operations.answer_once import AnswerOnce
from core.services.operations.collect_stats import CollectStats
from core.services.operations.count_jobs import CountJobs
from core.services.operations.keep_retention import KeepRetention
from core.services.operations.list_audit import ListAudit
from core.services.operations.show_first_steps import ShowFirstSteps
from core.services.operations.show_home import ShowHome
from core.services.operations.wake_late_work import WakeLateWork
from core.services.operations.warnings import Warnings
from core.services.planning.describe_job import DescribeJob
from core.services.planning.plan_send import PlanSend
from core.services.planning.prepare_send import FindJob, PreviewSend, SendMenu
from core.services.plugins.check_plugins import ListPlugins
from core.services.plugins.rehearse_plugins import RehearsePlugins
from core.services.reconciliation.carry_out_reconciliation import CarryOutReconciliation
from core.services.reconciliation.compare_job import CompareJob
from core.services.reconciliation.read_reconciliations import ReadReconciliations
from core.services.reconciliation.send_missing import SendMissing
from core.services.reconciliation.start_reconciliation import StartReconciliation
from core.services.sending.acknowledge_restore import AcknowledgeRestore
from core.services.sending.annotations.unclear_annotations import UnclearAnnotations
from core.services.sending.batches import Batches
from core.services.sending.compare_intents import CompareIntents
from core.services.sending.declare_items import DeclareItems
from core.services.sending.drain_connection import DrainConnection
from core.services.sending.endpoint_gate import EndpointGate
from core.services.sending.execute_send import ExecuteSend, Steps
from core.services.sending.hold_restored import HoldItems, HoldRestored
from core.services.sending.lifecycle.commit_change import CommitChange
from core.services.sending.list_attempts import ListAttempts
from core.services.sending.list_sends import ListSends
from core.services.sending.notify_plugins import NotifyPlugins
from core.services.sending.post_lines import PostLines
from core.services.sending.read_sends import FollowSend, ShowSend, WaitForSend
from core.services.sending.request_send import RequestSend
from core.services.sending.retry_freed import RetryFreed
from core.services.sending.search import Search
from core.services.sending.send_actions import Doubts, SendActions
from core.services.sending.set_codes import SetCodes
from core.services.sending.show_code_forms import ShowCodeForms
from core.services.sending.steps.find_evidence import FindEvidence
from core.services.sending.steps.make_plan import MakePlan
from core.services.sending.steps.post_line import PostLine
from core.services.sending.steps.read_document import ReadDocument
from core.services.sending.steps.report_outcome import ReportOutcome
from core.services.sending.steps.write_annotation import WriteAnnotation
from core.services.sending.steps.write_header import WriteHeader, WriteNumber
from core.services.sending.store_answer import StoreAnswer
from core.services.sending.store_outcome import StoreOutcome
from core.services.sending.store_request import StoreRequest
from core.services.service import Dependencies
from core.services.tenants.export_tenant import ExportTenant
from core.services.tenants.manage_tenant import AddTenant, ChangeTenant, FindTenant
from core.services.tenants.poll_changes import PollChanges, WarnOfCompletions
from core.services.tenants.sync_completions import SyncCompletions
from core.services.webhooks.deliver_events import DeliverEvents
from core.services.webhooks.servicetrade_webhook import ReceiveEvent, ServiceTradeWebhook
from core.services.webhooks.webhook_endpoints import WebhookEndpoints


class UseCases:
    """What API, console and command line can make the core do."""

    def __init__(  # noqa: PLR0915 - one line for each use case
        self, d: Dependencies, plan_send: PlanSend, commit: CommitChange, renew_secret: RenewSecret
    ) -> None:
        self.clock = d.clock
        self.doubts = Doubts(d, commit)
        self.unclear_annotations = UnclearAnnotations(d)
        self.send_actions = SendActions(d, commit)
        store_request = StoreRequest(d, commit)
        self.show_send = ShowSend(d)
        self.find_job = FindJob(d)
        self.request_send = RequestSend(d, plan_send, store_request, self.show_send, self.find_job)
        self.servicetrade_webhook = ServiceTradeWebhook(d)
        self.manage_people = ManagePeople(d)
        self.sign_in = SignIn(d, self.manage_people)
        self.add_tenant = AddTenant(d)
        self.follow_send = FollowSend(d)
        self.find_tenant = FindTenant(d)
        self.add_connection = AddConnection(d)
        self.change_connection = ChangeConnection(d)
        self.remove_connection = RemoveConnection(d)
        self.export_tenant = ExportTenant(d)
        self.change_tenant = ChangeTenant(d, self.servicetrade_webhook, self.find_tenant)
        self.find_connection = FindConnection(d)
        self.pause_connection = PauseConnection(d)
        self.examine_connection = ExamineConnection(d)
        self.search = Search(d, self.find_job)
        self.describe_job = DescribeJob(d)
        self.send_menu = SendMenu(d)
        self.preview_send = PreviewSend(d, plan_send)
        self.declare_items = DeclareItems(d, plan_send)
        self.wait_for_send = WaitForSend(d)
        self.list_plugins = ListPlugins(d)
        self.rehearse_plugins = RehearsePlugins(d, plan_send)
        self.list_sends = ListSends(d)
        self.list_attempts = ListAttempts(d)
        self.check_readiness = CheckReadiness(d)
        self.aliases = Aliases(d)
        self.webhook_endpoints = WebhookEndpoints(d)
        self.list_codes = ListCodes(d)
        self.import_codes = ImportCodes(d)
        self.look_up_codes = LookUpCodes(d)
        self.set_code = SetCode(d, self.aliases)
        self.start_search = StartSearch(d)
        self.show_suggestions = ShowSuggestions(d)
        self.decide_suggestions = DecideSuggestions(d)
        self.recipients = Recipients(d)
        self.send_test_message = SendTestMessage(d, DeliverMessage(d))
        self.unsubscribe = Unsubscribe(d)
        self.show_home = ShowHome(d)
        self.preview_creation = PreviewCreation(d)
        self.request_creation = RequestCreation(d, self.preview_creation)
        self.manage_creations = ManageCreations(d)
        self.count_jobs = CountJobs(d)
        self.start_reconciliation = StartReconciliation(d)
        self.read_reconciliations = ReadReconciliations(d)
        self.show_first_steps = ShowFirstSteps(d)
        self.batches = Batches(d, store_request, self.send_actions)
        self.send_missing = SendMissing(d, self.read_reconciliations, self.batches)
        self.set_codes = SetCodes(d, self.aliases, plan_send, store_request, self.send_actions, self.batches)
        self.show_code_forms = ShowCodeForms(d)
        self.warnings = Warnings(d)
        self.acknowledge_restore = AcknowledgeRestore(d)
        self.hold_restored = HoldRestored(d.transactions, d.intent_mark, HoldItems(d.ids, d.line_timing.quiet))
        self.receive_event = ReceiveEvent(d)
        self.rotate_secret = RotateSecret(d, renew_secret)
        self.list_audit = ListAudit(d)
        self.api_keys = ApiKeys(d)
        self.answer_once = AnswerOnce(d)
        self.sign_in_by_identity = SignInByIdentity(d, self.sign_in)
        self.authenticate = Authenticate(d)
        self.collect_stats = CollectStats(d)


class Services:
    """All services, each made once: the use cases, and what a worker calls by itself."""

    def __init__(self, d: Dependencies) -> None:
        self.plan_send = PlanSend(d)
        commit = CommitChange(d)
        store = StoreOutcome(d, commit)
        steps = Steps(
            make_plan=MakePlan(d, self.plan_send),
            write_header=WriteHeader(d),
            write_number=WriteNumber(d),
            read_document=ReadDocument(d),
            write_annotation=WriteAnnotation(d),
            report_outcome=ReportOutcome(d),
            find_evidence=FindEvidence(d),
        )
        post_lines = PostLines(d, PostLine(d), store, StoreAnswer(d, commit))
        execute_send = ExecuteSend(d, steps, post_lines, store, NotifyPlugins(d))
        self.compare_intents = CompareIntents(d)
        self.endpoint_gate = EndpointGate(d.clock, d.spectrum_calls_at_once)
        actions = SendActions(d, commit)
        keep_code = KeepCode(d, Aliases(d), RetryFreed(d, Batches(d, StoreRequest(d, commit), actions)))
        creations = CarryOutCreations(d, keep_code, StoreCreationAnswer(d))
        self.drain_connection = DrainConnection(d, self.endpoint_gate, execute_send, self.compare_intents, creations)
        warn_of_completions = WarnOfCompletions(d)
        self.sync_completions = SyncCompletions(d, PollChanges(d, warn_of_completions), warn_of_completions)
        self.deliver_events = DeliverEvents(d)
        renew_secret = RenewSecret(d)
        self.renew_expiring_secret = RenewExpiringSecret(d, renew_secret)
        self.carry_out_reconciliation = CarryOutReconciliation(d, CompareJob(d, self.plan_send))
        self.carry_out_suggestions = CarryOutSuggestions(d, ReadRecords(d), MatchRecords(d), SetConfirmed(d))
        self.tell_recipient = TellRecipient(d, DeliverMessage(d), self.carry_out_reconciliation)
        self.refresh_lists = RefreshLists(d, LearnCodes(d))
        self.keep_retention = KeepRetention(d, WakeLateWork(d))
        self.use_cases = UseCases(d, self.plan_send, commit, renew_secret)
