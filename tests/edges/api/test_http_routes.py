"""The table of routes: complete, named after the use cases, and safe by its headers."""

from __future__ import annotations

from unittest.mock import Mock

from adapters.inbound.api.routes import ROUTES
from core.services.wiring import Services
from tests.support.http_scene import api

_SAME_USE_CASE = {
    "complete_job": "request_send",
    "show_send_menu": "send_menu",
    "list_tenants": "find_tenant",
    "list_connections": "find_connection",
    "resume_connection": "pause_connection",
    "show_restore": "acknowledge_restore",
    **{f"{verb}_webhook_endpoint": "webhook_endpoints" for verb in ("add", "find", "change", "remove", "try")},
    "list_webhook_endpoints": "webhook_endpoints",
    "rotate_webhook_secret": "webhook_endpoints",
    "list_deliveries": "webhook_endpoints",
    "redeliver": "webhook_endpoints",
    **{f"{verb}_recipient": "recipients" for verb in ("add", "find", "change", "remove")},
    "try_recipient": "send_test_message",
    "list_recipients": "recipients",
    "list_messages": "recipients",
    **{f"{verb}_aliases": "aliases" for verb in ("list", "set", "import", "export")},
    "remove_alias": "aliases",
    **dict.fromkeys(("show_code_lists", "find_codes", "refresh_codes"), "look_up_codes"),
    "import_codes_file": "import_codes",
    **{f"{verb}_creation": "manage_creations" for verb in ("show", "settle", "cancel")},
    "list_creations": "manage_creations",
    "set_created_code": "manage_creations",
    "list_doubts": "doubts",
    "settle_doubt": "doubts",
    "cancel_send": "send_actions",
    "retry_send": "send_actions",
    "mark_done": "send_actions",
    "list_unclear_annotations": "unclear_annotations",
    "settle_annotation": "unclear_annotations",
    "list_warnings": "warnings",
    "dismiss_warning": "warnings",
    "list_former_codes": "aliases",
    "show_webhook": "servicetrade_webhook",
    "switch_webhook_on": "servicetrade_webhook",
    "switch_webhook_off": "servicetrade_webhook",
    **{f"{verb}_operator_key": "api_keys" for verb in ("create", "rotate", "revoke")},
    **{f"{verb}_key": "api_keys" for verb in ("create", "rotate", "revoke")},
    "list_operator_keys": "api_keys",
    "list_keys": "api_keys",
    "pause_tenant": "change_tenant",
    "resume_tenant": "change_tenant",
    "remove_tenant": "change_tenant",
    "list_operator_audit": "list_audit",
    "show_standing_items": "declare_items",
    **{f"{verb}_batch": "batches" for verb in ("request", "show", "retry", "cancel")},
    "show_plugin_schema": "list_plugins",
    "make_sign_in_link": "sign_in",
    "show_counts": "count_jobs",
    "list_suggestions": "show_suggestions",
    "show_search": "show_suggestions",
    **{f"{verb}_records": "decide_suggestions" for verb in ("leave", "reopen")},
    "confirm_suggestions": "decide_suggestions",
    **{f"{verb}_reconciliation{s}": "read_reconciliations" for verb, s in (("list", "s"), ("show", ""))},
    "list_reconciled_jobs": "read_reconciliations",
    "export_reconciled_jobs": "read_reconciliations",
}
_OPERATIONS = {"check_alive", "check_ready"}
_NOT_OVER_HTTP = {
    "clock",
    "describe_job",
    "show_first_steps",
    "answer_once",
    "search",
    "hold_restored",
    "list_codes",
    "set_codes",
    "show_code_forms",
    "wait_for_send",
    "authenticate",
    "receive_event",
    "collect_stats",
    "manage_people",
    "show_home",
    "sign_in_by_identity",
    "unsubscribe",
    "send_missing",
}
"""`answer_once` serves many calls. `receive_event` has an address of its own,
outside the table: no key opens it, and its errors are for a machine. `collect_stats` is at /metrics, as text;
`manage_people` belongs to the console and the command line, `show_home`, `list_codes` and the code forms gather for
pages what the API lists and sets one by one, `hold_restored` belongs to a restore on the machine,
`sign_in_by_identity` and `unsubscribe` belong to browsers. What `send_missing` looks through and sends for a page, a
program lists (`list_reconciled_jobs`) and sends (`request_batch`)."""


def test_routes_are_named_after_use_cases_and_none_is_forgotten() -> None:
    names = [route.name for route in ROUTES] + [route.csv.handler.__name__ for route in ROUTES if route.csv]
    served = {_SAME_USE_CASE.get(name, name) for name in names} - _OPERATIONS
    assert served == vars(Services(Mock()).use_cases).keys() - _NOT_OVER_HTTP


def test_each_name_and_each_address_stands_once() -> None:
    assert len({route.name for route in ROUTES}) == len(ROUTES)
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)


def test_every_model_can_be_described() -> None:
    for route in ROUTES:
        assert route.takes.model_json_schema(mode="validation")
        assert route.gives.model_json_schema(mode="serialization")


async def test_answers_are_neither_stored_nor_guessed_at() -> None:
    async with api() as scene:
        for path in ("/v1/tenants", "/v1/none", "/livez", "/"):
            answer = await scene.call("GET", path)
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
