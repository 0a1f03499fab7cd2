"""The pages of the console, one line each: the required access, the address, and the handler."""

from __future__ import annotations

from adapters.inbound.console.handlers.audit import export_audit, list_audit
from adapters.inbound.console.handlers.bulk import again, show_batch
from adapters.inbound.console.handlers.connection_form import (
    add_connection,
    new_connection,
    remove_connection,
    save_settings,
    show_settings,
)
from adapters.inbound.console.handlers.connections import (
    acknowledge_restore,
    examine_connection,
    list_connections,
    pause_connection,
    resume_connection,
    rotate_secret,
    show_connection,
    show_restore,
)
from adapters.inbound.console.handlers.doubts import list_doubts, settle
from adapters.inbound.console.handlers.home import home, send_cause_again, show_cause
from adapters.inbound.console.handlers.job import declare_items, find_job, send_job, show_job
from adapters.inbound.console.handlers.keys import create_key, list_keys, revoke_key
from adapters.inbound.console.handlers.mappings import (
    export_aliases,
    import_aliases,
    remove_alias,
    set_code,
    show_mappings,
)
from adapters.inbound.console.handlers.operator import operator_home
from adapters.inbound.console.handlers.people import (
    add_person,
    change_password,
    list_people,
    make_link,
    remove_person,
    set_role,
    show_password,
)
from adapters.inbound.console.handlers.plugins import move_plugin, save_plugin, show_plugin
from adapters.inbound.console.handlers.sends import cancel, follow_send, list_sends, mark_done, retry, show_send
from adapters.inbound.console.handlers.tenants import (
    add_tenant,
    list_tenants,
    pause_tenant,
    remove_tenant,
    resume_tenant,
)
from adapters.inbound.console.page_request import InstancePage, Page, TenantRequest
from adapters.inbound.server.access import Access
from adapters.inbound.server.limits import BODY_LIMIT

_T = "/t/{tenant}"
_C = f"{_T}/connections/{{connection}}"
_J = f"{_T}/jobs/{{job_id}}"
_S = f"{_T}/sends/{{send_id}}"
_P = "/people/{person}"
_O = "/operator"
_OT = f"{_O}/tenants/{{slug}}"

PAGES: tuple[Page[TenantRequest], ...] = (
    Page(Access.READ, "GET", _T, home),
    Page(Access.READ, "GET", f"{_T}/causes/{{code}}", show_cause),
    Page(Access.SEND, "POST", f"{_T}/causes/{{code}}/retry", send_cause_again),
    Page(Access.READ, "GET", f"{_T}/doubts", list_doubts),
    Page(Access.READ, "GET", f"{_T}/jobs", find_job),
    Page(Access.READ, "GET", _J, show_job),
    Page(Access.SEND, "POST", f"{_J}/send", send_job),
    Page(Access.SEND, "POST", f"{_J}/standing-items", declare_items, longest_form=100_000),
    Page(Access.READ, "GET", f"{_T}/connections", list_connections),
    Page(Access.MANAGE, "GET", f"{_T}/new-connection", new_connection),
    Page(Access.MANAGE, "POST", f"{_T}/new-connection", add_connection),
    Page(Access.READ, "GET", _C, show_connection),
    Page(Access.MANAGE, "GET", f"{_C}/settings", show_settings),
    Page(Access.MANAGE, "POST", f"{_C}/settings", save_settings),
    Page(Access.MANAGE, "POST", f"{_C}/remove", remove_connection),
    Page(Access.MANAGE, "POST", f"{_C}/rotate-secret", rotate_secret),
    Page(Access.MANAGE, "POST", f"{_C}/test", examine_connection),
    Page(Access.MANAGE, "POST", f"{_C}/pause", pause_connection),
    Page(Access.MANAGE, "POST", f"{_C}/resume", resume_connection),
    Page(Access.READ, "GET", f"{_C}/restore", show_restore),
    Page(Access.SETTLE, "POST", f"{_C}/restore/acknowledge", acknowledge_restore),
    Page(Access.MANAGE, "GET", f"{_C}/plugins/{{plugin}}", show_plugin),
    Page(Access.MANAGE, "POST", f"{_C}/plugins/{{plugin}}", save_plugin),
    Page(Access.MANAGE, "POST", f"{_C}/plugins/{{plugin}}/earlier", move_plugin),
    Page(Access.READ, "GET", f"{_T}/mappings", show_mappings),
    Page(Access.MANAGE, "POST", f"{_C}/codes", set_code),
    Page(Access.READ, "GET", f"{_C}/aliases.csv", export_aliases),
    Page(Access.MANAGE, "POST", f"{_C}/aliases", import_aliases, longest_form=BODY_LIMIT),
    Page(Access.MANAGE, "POST", f"{_T}/aliases/{{alias_id}}/remove", remove_alias),
    Page(Access.READ, "GET", f"{_T}/audit", list_audit),
    Page(Access.READ, "GET", f"{_T}/audit.csv", export_audit),
    Page(Access.MANAGE, "GET", f"{_T}/keys", list_keys),
    Page(Access.MANAGE, "POST", f"{_T}/keys", create_key),
    Page(Access.MANAGE, "POST", f"{_T}/keys/{{key}}/revoke", revoke_key),
    Page(Access.MANAGE, "GET", f"{_T}/people", list_people),
    Page(Access.MANAGE, "POST", f"{_T}/people", add_person),
    Page(Access.MANAGE, "POST", f"{_T}{_P}/role", set_role),
    Page(Access.MANAGE, "POST", f"{_T}{_P}/link", make_link),
    Page(Access.MANAGE, "POST", f"{_T}{_P}/remove", remove_person),
    Page(Access.READ, "GET", f"{_T}/sends", list_sends),
    Page(Access.SEND, "POST", f"{_T}/sends/again", again),
    Page(Access.READ, "GET", f"{_T}/batches/{{batch_id}}", show_batch),
    Page(Access.READ, "GET", _S, show_send),
    Page(Access.READ, "GET", f"{_S}/events", follow_send),
    Page(Access.SEND, "POST", f"{_S}/retry", retry),
    Page(Access.SEND, "POST", f"{_S}/cancel", cancel),
    Page(Access.SETTLE, "POST", f"{_S}/mark-done", mark_done),
    Page(Access.SETTLE, "POST", f"{_T}/doubts/{{line_id}}/settle", settle),
)

INSTANCE_PAGES: tuple[InstancePage, ...] = (
    InstancePage(Access.OPERATOR, "GET", _O, operator_home),
    InstancePage(Access.OPERATOR, "GET", f"{_O}/tenants", list_tenants),
    InstancePage(Access.OPERATOR, "POST", f"{_O}/tenants", add_tenant),
    InstancePage(Access.OPERATOR, "POST", f"{_OT}/pause", pause_tenant),
    InstancePage(Access.OPERATOR, "POST", f"{_OT}/resume", resume_tenant),
    InstancePage(Access.OPERATOR, "POST", f"{_OT}/remove", remove_tenant),
    InstancePage(Access.OPERATOR, "GET", f"{_O}/keys", list_keys),
    InstancePage(Access.OPERATOR, "POST", f"{_O}/keys", create_key),
    InstancePage(Access.OPERATOR, "POST", f"{_O}/keys/{{key}}/revoke", revoke_key),
    InstancePage(Access.OPERATOR, "GET", f"{_O}/people", list_people),
    InstancePage(Access.OPERATOR, "POST", f"{_O}/people", add_person),
    InstancePage(Access.OPERATOR, "POST", f"{_O}{_P}/link", make_link),
    InstancePage(Access.OPERATOR, "POST", f"{_O}{_P}/remove", remove_person),
    InstancePage(Access.PUBLIC, "GET", "/password", show_password),
    InstancePage(Access.PUBLIC, "POST", "/password", change_password),
)
"""Pages without a tenant: the operators' pages, and a person's own password."""
