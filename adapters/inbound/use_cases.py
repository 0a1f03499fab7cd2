"""The use cases that the API, the page and the command line are handed: everything they can make the core do."""

from __future__ import annotations

from dataclasses import dataclass

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
from core.services.planning.preview_send import PreviewSend
from core.services.planning.send_menu import SendMenu
from core.services.plugins.list_plugins import ListPlugins
from core.services.plugins.rehearse_plugins import RehearsePlugins
from core.services.sending.acknowledge_restore import AcknowledgeRestore
from core.services.sending.cancel_send import CancelSend
from core.services.sending.complete_job import CompleteJob
from core.services.sending.declare_items import DeclareItems
from core.services.sending.follow_send import FollowSend
from core.services.sending.list_doubts import ListDoubts
from core.services.sending.list_sends import ListSends
from core.services.sending.mark_done import MarkDone
from core.services.sending.request_batch import RequestBatch
from core.services.sending.request_send import RequestSend
from core.services.sending.retry_batch import RetryBatch
from core.services.sending.retry_send import RetrySend
from core.services.sending.settle_doubt import SettleDoubt
from core.services.sending.show_send import ShowSend
from core.services.sending.wait_for_send import WaitForSend
from core.services.tenants.add_tenant import AddTenant
from core.services.tenants.change_tenant import ChangeTenant
from core.services.tenants.find_tenant import FindTenant
from core.services.webhooks.add_webhook_endpoint import AddWebhookEndpoint
from core.services.webhooks.change_webhook_endpoint import ChangeWebhookEndpoint
from core.services.webhooks.find_webhook_endpoint import FindWebhookEndpoint
from core.services.webhooks.list_deliveries import ListDeliveries
from core.services.webhooks.receive_event import ReceiveEvent
from core.services.webhooks.remove_webhook_endpoint import RemoveWebhookEndpoint
from core.services.webhooks.rotate_webhook_secret import RotateWebhookSecret
from core.services.webhooks.servicetrade_webhook import ServiceTradeWebhook
from core.services.webhooks.try_webhook_endpoint import TryWebhookEndpoint


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
    collect_stats: CollectStats
