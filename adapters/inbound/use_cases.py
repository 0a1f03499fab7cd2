"""The use cases that the API, the page and the command line are handed: everything they can make the core do."""

from __future__ import annotations

from dataclasses import dataclass

from core.services.acknowledge_restore import AcknowledgeRestore
from core.services.add_connection import AddConnection
from core.services.add_tenant import AddTenant
from core.services.add_webhook_endpoint import AddWebhookEndpoint
from core.services.alias_history import AliasHistory
from core.services.api_keys import ApiKeys
from core.services.authenticate import Authenticate
from core.services.cancel_send import CancelSend
from core.services.change_connection import ChangeConnection
from core.services.change_tenant import ChangeTenant
from core.services.change_webhook_endpoint import ChangeWebhookEndpoint
from core.services.check_readiness import CheckReadiness
from core.services.complete_job import CompleteJob
from core.services.declare_items import DeclareItems
from core.services.dismiss_warning import DismissWarning
from core.services.examine_connection import ExamineConnection
from core.services.export_aliases import ExportAliases
from core.services.find_connection import FindConnection
from core.services.find_job import FindJob
from core.services.find_tenant import FindTenant
from core.services.find_webhook_endpoint import FindWebhookEndpoint
from core.services.follow_send import FollowSend
from core.services.import_aliases import ImportAliases
from core.services.list_aliases import ListAliases
from core.services.list_audit import ListAudit
from core.services.list_deliveries import ListDeliveries
from core.services.list_doubts import ListDoubts
from core.services.list_plugins import ListPlugins
from core.services.list_sends import ListSends
from core.services.list_warnings import ListWarnings
from core.services.manage_people import ManagePeople
from core.services.mark_done import MarkDone
from core.services.pause_connection import PauseConnection
from core.services.preview_send import PreviewSend
from core.services.receive_event import ReceiveEvent
from core.services.rehearse_plugins import RehearsePlugins
from core.services.remove_alias import RemoveAlias
from core.services.remove_connection import RemoveConnection
from core.services.remove_webhook_endpoint import RemoveWebhookEndpoint
from core.services.request_batch import RequestBatch
from core.services.request_send import RequestSend
from core.services.retry_batch import RetryBatch
from core.services.retry_send import RetrySend
from core.services.rotate_secret import RotateSecret
from core.services.rotate_webhook_secret import RotateWebhookSecret
from core.services.send_menu import SendMenu
from core.services.servicetrade_webhook import ServiceTradeWebhook
from core.services.set_aliases import SetAliases
from core.services.set_code import SetCode
from core.services.settle_doubt import SettleDoubt
from core.services.show_cause import ShowCause
from core.services.show_home import ShowHome
from core.services.show_send import ShowSend
from core.services.sign_in import SignIn
from core.services.sign_in_by_identity import SignInByIdentity
from core.services.take_census import TakeCensus
from core.services.try_webhook_endpoint import TryWebhookEndpoint
from core.services.wait_for_send import WaitForSend


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
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
    take_census: TakeCensus
