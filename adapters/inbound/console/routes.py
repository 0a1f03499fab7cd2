"""The routes of the console; its pages in a table, one line each: the required access, the address, and the handler."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiohttp import web

from adapters.inbound.console.assets import asset_routes
from adapters.inbound.console.error_pages import ErrorPages
from adapters.inbound.console.handlers import (
    audit,
    connection_form,
    connections,
    doubts,
    first_steps,
    home,
    keys,
    notifications,
    operator,
    people,
    plugins,
    reconciliation_sends,
    reconciliations,
    send_list,
    sends,
    tenants,
    time_zone,
)
from adapters.inbound.console.handlers.account import settings, webhooks
from adapters.inbound.console.handlers.codes import (
    code_lists,
    mappings,
    new_records,
    record_codes,
    set_codes,
    suggestions,
)
from adapters.inbound.console.handlers.jobs import from_servicetrade, job, search
from adapters.inbound.console.handlers.oidc import oidc_routes
from adapters.inbound.console.handlers.sign_in import sign_in_routes, signed_in_person
from adapters.inbound.console.handlers.unsubscribe import unsubscribe_routes
from adapters.inbound.console.page_handler import serve
from adapters.inbound.console.page_request import InstancePage, Page, TenantRequest
from adapters.inbound.console.rendering import go_to
from adapters.inbound.console.sign_in_tries import SignInTries
from adapters.inbound.server.access import Access
from adapters.inbound.server.event_stream import Streams
from adapters.inbound.server.limits import BODY_LIMIT
from core.services.wiring import UseCases

_T = "/t/{tenant}"
_C = f"{_T}/connections/{{connection}}"
_L = f"{_T}/new-records/{{creation}}"
_R = f"{_C}/codes/{{kind}}/{{record}}"
_G = f"{_C}/suggestions"
_I = f"{_C}/code-lists"
_J = f"{_T}/jobs/{{job_id}}"
_S = f"{_T}/sends/{{send_id}}"
_W = f"{_T}/webhooks/{{endpoint_id}}"
_N = f"{_T}/notifications"
_X = f"{_T}/reconciliations/{{reconciliation}}"
_NR = f"{_N}/{{recipient}}"
_P = "/people/{person}"
_O = "/operator"
_OT = f"{_O}/tenants/{{slug}}"

PAGES: tuple[Page[TenantRequest], ...] = (
    Page(Access.READ, "GET", _T, home.home),
    Page(Access.READ, "GET", f"{_T}/events", home.follow_home),
    Page(Access.READ, "GET", f"{_T}/first-steps", first_steps.count_codes),
    Page(Access.MANAGE, "POST", f"{_T}/first-steps/hide", first_steps.hide_first_steps),
    Page(Access.MANAGE, "POST", f"{_T}/first-steps/show", first_steps.show_first_steps_again),
    Page(Access.READ, "GET", f"{_T}/causes/{{code}}", home.show_cause),
    Page(Access.SEND, "POST", f"{_T}/causes/{{code}}/retry", home.send_cause_again),
    Page(Access.READ, "GET", f"{_T}/doubts", doubts.list_doubts),
    Page(Access.READ, "GET", f"{_T}/find", search.search),
    Page(Access.READ, "GET", f"{_T}/from-servicetrade", from_servicetrade.from_servicetrade),
    Page(Access.READ, "GET", f"{_T}/from-servicetrade/extension.zip", from_servicetrade.extension),
    Page(Access.READ, "GET", f"{_T}/jobs", job.find_job),
    Page(Access.READ, "GET", _J, job.show_job),
    Page(Access.SEND, "POST", f"{_J}/choice", job.choose_items),
    Page(Access.SEND, "POST", f"{_J}/send", job.send_job),
    Page(Access.MANAGE, "POST", f"{_J}/codes", job.set_codes_of_job),
    Page(Access.SEND, "POST", f"{_J}/standing-items", job.declare_items, longest_form=100_000),
    Page(Access.READ, "GET", f"{_T}/connections", connections.list_connections),
    Page(Access.MANAGE, "GET", f"{_T}/new-connection", connection_form.new_connection),
    Page(Access.MANAGE, "POST", f"{_T}/new-connection", connection_form.add_connection),
    Page(Access.READ, "GET", _C, connections.show_connection),
    Page(Access.MANAGE, "GET", f"{_C}/settings", connection_form.show_settings),
    Page(Access.MANAGE, "POST", f"{_C}/settings", connection_form.save_settings),
    Page(Access.MANAGE, "POST", f"{_C}/remove", connection_form.remove_connection),
    Page(Access.MANAGE, "POST", f"{_C}/rotate-secret", connections.rotate_secret),
    Page(Access.MANAGE, "POST", f"{_C}/test", connections.examine_connection),
    Page(Access.MANAGE, "POST", f"{_C}/pause", connections.pause_connection),
    Page(Access.MANAGE, "POST", f"{_C}/resume", connections.resume_connection),
    Page(Access.READ, "GET", f"{_C}/restore", connections.show_restore),
    Page(Access.SETTLE, "POST", f"{_C}/restore/acknowledge", connections.acknowledge_restore),
    Page(Access.MANAGE, "GET", f"{_C}/plugins/{{plugin}}", plugins.show_plugin),
    Page(Access.MANAGE, "POST", f"{_C}/plugins/{{plugin}}", plugins.save_plugin),
    Page(Access.MANAGE, "POST", f"{_C}/plugins/{{plugin}}/earlier", plugins.move_plugin),
    Page(Access.READ, "GET", f"{_T}/mappings", mappings.show_mappings),
    Page(Access.MANAGE, "POST", f"{_C}/codes", mappings.set_code),
    Page(Access.READ, "GET", _I, code_lists.show_lists),
    Page(Access.MANAGE, "POST", f"{_I}/refresh", code_lists.refresh_lists),
    Page(Access.READ, "GET", f"{_I}/offer", code_lists.offer_codes),
    Page(Access.MANAGE, "POST", f"{_I}/import", code_lists.import_list, longest_form=code_lists.LONGEST_FILE_FORM),
    Page(Access.READ, "GET", _R, record_codes.show_record_codes),
    Page(Access.MANAGE, "POST", _R, record_codes.change_record_code),
    Page(Access.READ, "GET", _G, suggestions.show_suggestions),
    Page(Access.MANAGE, "POST", _G, suggestions.decide, longest_form=100_000),
    Page(Access.READ, "GET", f"{_G}/{{kind}}/{{record}}", suggestions.show_suggested_record),
    Page(Access.MANAGE, "POST", f"{_G}/{{kind}}/{{record}}", suggestions.decide_record),
    Page(Access.READ, "GET", f"{_C}/new/{{kind}}/{{record}}", new_records.preview_new_record),
    Page(Access.MANAGE, "POST", f"{_C}/new/{{kind}}/{{record}}", new_records.create_record),
    Page(Access.READ, "GET", f"{_T}/new-records", new_records.list_new_records),
    Page(Access.READ, "GET", _L, new_records.show_new_record),
    Page(Access.SETTLE, "POST", f"{_L}/settle", new_records.settle_new_record),
    Page(Access.MANAGE, "POST", f"{_L}/cancel", new_records.cancel_new_record),
    Page(Access.MANAGE, "POST", f"{_L}/keep-code", new_records.keep_new_code),
    Page(Access.READ, "GET", f"{_C}/aliases.csv", mappings.export_aliases),
    Page(Access.MANAGE, "POST", f"{_C}/aliases", mappings.import_aliases, longest_form=BODY_LIMIT),
    Page(Access.MANAGE, "POST", f"{_T}/time-zone", time_zone.set_time_zone),
    Page(Access.READ, "GET", f"{_T}/reconciliations", reconciliations.list_reconciliations),
    Page(Access.SEND, "POST", f"{_T}/reconciliations", reconciliations.start_reconciliation),
    Page(Access.READ, "GET", _X, reconciliations.show_reconciliation),
    Page(Access.READ, "GET", f"{_X}/jobs.csv", reconciliations.export_reconciliation),
    Page(Access.SEND, "GET", f"{_X}/missing/{{connection}}", reconciliation_sends.show_missing),
    Page(Access.SEND, "POST", f"{_X}/missing/{{connection}}", reconciliation_sends.send_missing, longest_form=100_000),
    Page(Access.READ, "GET", f"{_T}/audit", audit.list_audit),
    Page(Access.READ, "GET", f"{_T}/audit.csv", audit.export_audit),
    Page(Access.MANAGE, "GET", f"{_T}/keys", keys.list_keys),
    Page(Access.MANAGE, "POST", f"{_T}/keys", keys.create_key),
    Page(Access.MANAGE, "POST", f"{_T}/keys/{{key}}/revoke", keys.revoke_key),
    Page(Access.READ, "GET", f"{_T}/webhooks", webhooks.list_endpoints),
    Page(Access.MANAGE, "POST", f"{_T}/webhooks", webhooks.add_endpoint),
    Page(Access.READ, "GET", _W, webhooks.show_endpoint),
    Page(Access.MANAGE, "POST", _W, webhooks.save_endpoint),
    Page(Access.MANAGE, "POST", f"{_W}/pause", webhooks.pause_endpoint),
    Page(Access.MANAGE, "POST", f"{_W}/resume", webhooks.resume_endpoint),
    Page(Access.MANAGE, "POST", f"{_W}/test", webhooks.try_endpoint),
    Page(Access.MANAGE, "POST", f"{_W}/redeliver", webhooks.redeliver_events),
    Page(Access.MANAGE, "POST", f"{_W}/rotate-secret", webhooks.rotate_endpoint_secret),
    Page(Access.MANAGE, "POST", f"{_W}/remove", webhooks.remove_endpoint),
    Page(Access.MANAGE, "GET", f"{_T}/settings", settings.show_account_settings),
    Page(Access.MANAGE, "POST", f"{_T}/settings", settings.save_account_settings),
    Page(Access.MANAGE, "POST", f"{_T}/settings/sign-in", settings.save_sign_in),
    Page(Access.MANAGE, "POST", f"{_T}/settings/test-sign-in", settings.try_sign_in),
    Page(Access.MANAGE, "POST", f"{_T}/settings/export", settings.export_account),
    Page(Access.MANAGE, "POST", f"{_T}/settings/pause", settings.pause_account),
    Page(Access.MANAGE, "POST", f"{_T}/settings/resume", settings.resume_account),
    Page(Access.MANAGE, "GET", f"{_T}/people", people.list_people),
    Page(Access.MANAGE, "POST", f"{_T}/people", people.add_person),
    Page(Access.MANAGE, "POST", f"{_T}{_P}/role", people.set_role),
    Page(Access.MANAGE, "POST", f"{_T}{_P}/link", people.make_link),
    Page(Access.MANAGE, "POST", f"{_T}{_P}/remove", people.remove_person),
    Page(Access.READ, "GET", _N, notifications.show_notifications),
    Page(Access.READ, "POST", f"{_N}/own", notifications.choose),
    Page(Access.READ, "POST", f"{_N}/own/test", notifications.test_own),
    Page(Access.MANAGE, "POST", _N, notifications.add_recipient),
    Page(Access.MANAGE, "GET", _NR, notifications.show_recipient),
    Page(Access.MANAGE, "POST", _NR, notifications.change_recipient),
    Page(Access.MANAGE, "POST", f"{_NR}/test", notifications.test_recipient),
    Page(Access.MANAGE, "POST", f"{_NR}/pause", notifications.pause_recipient),
    Page(Access.MANAGE, "POST", f"{_NR}/start", notifications.start_recipient),
    Page(Access.MANAGE, "POST", f"{_NR}/remove", notifications.remove_recipient),
    Page(Access.READ, "GET", f"{_T}/sends", send_list.list_sends),
    Page(Access.READ, "GET", f"{_T}/sends.csv", send_list.export_sends),
    Page(Access.SEND, "POST", f"{_T}/sends/many", send_list.change_many, longest_form=100_000),
    Page(Access.READ, "GET", f"{_T}/batches/{{batch_id}}", send_list.show_batch),
    Page(Access.READ, "GET", _S, sends.show_send),
    Page(Access.READ, "GET", f"{_S}/events", sends.follow_send),
    Page(Access.SEND, "POST", f"{_S}/retry", sends.retry),
    Page(Access.MANAGE, "POST", f"{_S}/codes", set_codes.set_codes_of_send),
    Page(Access.SEND, "POST", f"{_S}/cancel", sends.cancel),
    Page(Access.SETTLE, "POST", f"{_S}/mark-done", sends.mark_done),
    Page(Access.SETTLE, "POST", f"{_T}/doubts/{{line_id}}/settle", doubts.settle),
    Page(Access.SETTLE, "POST", f"{_T}/unclear-annotations/{{annotation_id}}/settle", doubts.settle_annotation),
)

INSTANCE_PAGES: tuple[InstancePage, ...] = (
    InstancePage(Access.OPERATOR, "GET", _O, operator.operator_home),
    InstancePage(Access.OPERATOR, "GET", f"{_O}/switch", operator.switch_tenant),
    InstancePage(Access.OPERATOR, "GET", f"{_O}/tenants", tenants.list_tenants),
    InstancePage(Access.OPERATOR, "POST", f"{_O}/tenants", tenants.add_tenant),
    InstancePage(Access.OPERATOR, "POST", f"{_OT}/pause", tenants.pause_tenant),
    InstancePage(Access.OPERATOR, "POST", f"{_OT}/resume", tenants.resume_tenant),
    InstancePage(Access.OPERATOR, "POST", f"{_OT}/remove", tenants.remove_tenant),
    InstancePage(Access.OPERATOR, "GET", f"{_O}/keys", keys.list_keys),
    InstancePage(Access.OPERATOR, "POST", f"{_O}/keys", keys.create_key),
    InstancePage(Access.OPERATOR, "POST", f"{_O}/keys/{{key}}/revoke", keys.revoke_key),
    InstancePage(Access.OPERATOR, "GET", f"{_O}/audit", audit.list_audit),
    InstancePage(Access.OPERATOR, "GET", f"{_O}/audit.csv", audit.export_audit),
    InstancePage(Access.OPERATOR, "GET", f"{_O}/people", people.list_people),
    InstancePage(Access.OPERATOR, "POST", f"{_O}/people", people.add_person),
    InstancePage(Access.OPERATOR, "POST", f"{_O}{_P}/link", people.make_link),
    InstancePage(Access.OPERATOR, "POST", f"{_O}{_P}/remove", people.remove_person),
    InstancePage(Access.PUBLIC, "GET", "/find", search.search_own),
    InstancePage(Access.OPERATOR, "GET", f"{_O}/mail", notifications.show_mail_server),
    InstancePage(Access.PUBLIC, "GET", "/password", people.show_password),
    InstancePage(Access.PUBLIC, "POST", "/password", people.change_password),
)
"""Pages without a tenant: the operators' pages, and a person's own password."""


def console_routes(
    use_cases: UseCases,
    *,
    tries: SignInTries,
    peer_of: Callable[[web.Request], str],
    streams: Streams,
    errors: ErrorPages,
) -> Sequence[web.RouteDef]:
    """`/` redirects to the person's start page. `tries` slows down guesses of passwords. `streams` answers with
    events."""

    async def start(request: web.Request) -> web.Response:
        person = await signed_in_person(use_cases, request)
        if person is None:
            return go_to("/sign-in")
        if person.tenant_id is None:
            return go_to("/operator")
        tenant = await use_cases.find_tenant.by_id(person.tenant_id)
        return go_to(f"/t/{tenant.slug}")

    table: Sequence[Page[TenantRequest] | InstancePage] = (*PAGES, *INSTANCE_PAGES)
    pages = [web.route(one.method, one.path, serve(one, use_cases, streams, errors)) for one in table]
    return [
        web.get("/", start),
        *asset_routes(),
        *oidc_routes(use_cases, tries, peer_of),  # first: the route of sign-in links also matches theirs
        *unsubscribe_routes(use_cases),
        *sign_in_routes(use_cases, tries, peer_of),
        *pages,
    ]
