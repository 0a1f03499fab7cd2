"""The parts list: every use case with what it is made of. Live things come in from outside and are owned there."""

from __future__ import annotations

from dependency_injector import containers, providers

from adapters.inbound.use_cases import UseCases
from core.model.retry_delays import RetryDelays
from core.services.add_connection import AddConnection
from core.services.add_tenant import AddTenant
from core.services.cancel_send import CancelSend
from core.services.dismiss_warning import DismissWarning
from core.services.drain_connection import DrainConnection
from core.services.examine_connection import ExamineConnection
from core.services.execute_send import ExecuteSend
from core.services.find_connection import FindConnection
from core.services.find_job import FindJob
from core.services.find_tenant import FindTenant
from core.services.list_sends import ListSends
from core.services.list_warnings import ListWarnings
from core.services.operator_key import OperatorKey
from core.services.pause_connection import PauseConnection
from core.services.plan_send import PlanSend
from core.services.preview_send import PreviewSend
from core.services.record_outcome import RecordOutcome
from core.services.report_outcome import ReportOutcome
from core.services.request_send import RequestSend
from core.services.retry_send import RetrySend
from core.services.send_menu import SendMenu
from core.services.show_send import ShowSend
from core.services.wait_for_send import WaitForSend
from ports.clock import Clock
from ports.ids import Ids
from ports.random import Random
from ports.rules import Rules
from ports.service_trade import ServiceTrade
from ports.spectrum import Spectrum
from ports.transactions import Transactions


class Container(containers.DeclarativeContainer):
    transactions: providers.Dependency[Transactions] = providers.Dependency()
    service_trade: providers.Dependency[ServiceTrade] = providers.Dependency()
    spectrum: providers.Dependency[Spectrum] = providers.Dependency()
    rules: providers.Dependency[Rules] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()
    ids: providers.Dependency[Ids] = providers.Dependency()
    random: providers.Dependency[Random] = providers.Dependency()
    delays: providers.Dependency[RetryDelays] = providers.Dependency(instance_of=RetryDelays)

    plan_send = providers.Singleton(PlanSend, transactions, service_trade, rules)
    record_outcome = providers.Singleton(RecordOutcome, transactions, clock, ids, delays)
    report_outcome = providers.Singleton(ReportOutcome, transactions, service_trade, record_outcome)
    execute_send = providers.Singleton(
        ExecuteSend, transactions, service_trade, spectrum, rules, plan_send, record_outcome, report_outcome, clock
    )
    drain_connection = providers.Singleton(DrainConnection, transactions, execute_send, clock)

    use_cases = providers.Singleton(
        UseCases,
        add_tenant=providers.Singleton(AddTenant, transactions, service_trade, clock, ids),
        find_tenant=providers.Singleton(FindTenant, transactions),
        add_connection=providers.Singleton(AddConnection, transactions, ids),
        find_connection=providers.Singleton(FindConnection, transactions),
        pause_connection=providers.Singleton(PauseConnection, transactions, clock),
        examine_connection=providers.Singleton(ExamineConnection, transactions, service_trade, spectrum),
        find_job=providers.Singleton(FindJob, transactions, service_trade),
        send_menu=providers.Singleton(SendMenu, transactions),
        preview_send=providers.Singleton(PreviewSend, transactions, plan_send),
        request_send=providers.Singleton(RequestSend, transactions, plan_send, clock, ids),
        wait_for_send=providers.Singleton(WaitForSend, transactions, clock),
        list_sends=providers.Singleton(ListSends, transactions),
        show_send=providers.Singleton(ShowSend, transactions),
        retry_send=providers.Singleton(RetrySend, transactions, clock),
        cancel_send=providers.Singleton(CancelSend, transactions, clock, ids),
        list_warnings=providers.Singleton(ListWarnings, transactions),
        dismiss_warning=providers.Singleton(DismissWarning, transactions),
        operator_key=providers.Singleton(OperatorKey, transactions, ids, random),
    )
