"""Which errors a call may answer with. Tests compare every error that they see with this table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adapters.inbound.api.path_variables import variables_in
from adapters.inbound.api.routes import Mark, Route
from adapters.inbound.server.access import Access

Codes = Mapping[int, str]
"""By status: the codes, with spaces between."""
_OF_ALL: Codes = {
    400: "MALFORMED_REQUEST",
    422: "BAD_INPUT",
    431: "HEAD_TOO_LARGE",
    500: "INTERNAL_ERROR",
    503: "DATABASE_UNREACHABLE DATABASE_UNSUITABLE SCHEMA_BEHIND TOO_MANY_CONNECTIONS TRY_LATER OPERATOR_SETUP",
}
_WITH_KEY: Codes = {401: "UNAUTHORIZED", 429: "RATE_LIMITED", 503: "OVERLOADED"}
_SCOPED: Codes = {403: "SCOPE_MISSING"}
_OPERATORS_ONLY: Codes = {403: "OPERATOR_ONLY"}
_WRITES: Codes = {
    400: "MALFORMED_JSON",
    408: "BODY_TOO_SLOW",
    413: "BODY_TOO_LARGE",
    415: "MEDIA_TYPE_NOT_SUPPORTED CONTENT_ENCODING_NOT_SUPPORTED",
    417: "EXPECTATION_FAILED",
    503: "DATABASE_READ_ONLY",
}
_OF_MARKS: Mapping[Mark, Codes] = {
    Mark.IDEMPOTENT: {422: "IDEMPOTENCY_KEY_REUSED"},
    Mark.KEPT: {409: "IDEMPOTENCY_KEY_IN_USE IDEMPOTENCY_KEY_UNCLEAR", 422: "IDEMPOTENCY_KEY_REUSED"},
    Mark.REMOTE: {503: "REMOTE_SYSTEM_SLOW"},
    Mark.IF_MATCH: {412: "VERSION_CHANGED", 428: "PRECONDITION_REQUIRED"},
}
_OF_VARIABLES: Mapping[str, Codes] = {
    "tenant": {404: "TENANT_NOT_FOUND"},
    "connection": {404: "CONNECTION_NOT_FOUND"},
    "job_id": {404: "JOB_NOT_FOUND"},
    "send_id": {404: "SEND_NOT_FOUND CONNECTION_NOT_FOUND"},
    "batch_id": {404: "BATCH_NOT_FOUND"},
    "annotation_id": {404: "ANNOTATION_NOT_FOUND"},
    "line_id": {404: "LINE_NOT_FOUND"},
    "alias_id": {404: "ALIAS_NOT_FOUND"},
    "key_id": {404: "KEY_NOT_FOUND"},
    "endpoint_id": {404: "WEBHOOK_ENDPOINT_NOT_FOUND"},
    "recipient_id": {404: "NOTIFICATION_RECIPIENT_NOT_FOUND"},
    "creation_id": {404: "CREATION_NOT_FOUND"},
    "reconciliation_id": {404: "RECONCILIATION_NOT_FOUND"},
    "warning_id": {404: "WARNING_NOT_FOUND"},
    "plugin": {404: "PLUGIN_NOT_FOUND"},
}
_ADDRESS: Codes = {422: "ENDPOINT_URL_INVALID", 503: "ADDRESS_NOT_ALLOWED"}
_SERVICETRADE: Codes = {
    422: "ST_LOGIN_REFUSED ST_PERMISSION ST_REFUSED ST_BASE_URL_WRONG ST_RECORD_UNREADABLE ST_EXTERNAL_SYSTEM_UNKNOWN",
    503: "ST_UNREACHABLE ST_RATE_LIMIT ST_SESSION_LOST ADDRESS_NOT_ALLOWED SECRET_UNREADABLE",
}
_PLANS: tuple[Codes, ...] = (
    _SERVICETRADE,
    {409: "CONNECTION_CHANGED", 503: "PLUGIN_ERROR PLUGIN_TIMEOUT PLUGIN_MISSING PLUGINS_FAILING"},
)
_SENDS: tuple[Codes, ...] = (
    *_PLANS,
    {409: "JOB_CHANGED_WHILE_SENDING", 422: "ITEMS_NEED_COMPLETION"},
    {404: "CONNECTION_NOT_FOUND JOB_NOT_FOUND SEND_NOT_FOUND"},  # the last for a repeated request, once it is removed
)
_QUEUES: Codes = {429: "QUEUE_FULL"}
_ENDPOINT: Codes = {422: "WEBHOOK_ENDPOINT_INVALID WEBHOOK_URL_REFUSED"}
_NAMES_CONNECTION: Codes = {404: "CONNECTION_NOT_FOUND"}
_SEND_ACTS: Codes = {409: "SEND_CHANGED CONNECTION_CHANGED"}
OF_CALLS: Mapping[str, tuple[Codes, ...]] = {
    "check_ready": ({503: "DATABASE_ROLE_MISSING DATABASE_NOT_STARTED SECRET_UNREADABLE"},),
    "create_operator_key": ({422: "KEY_INVALID"},),
    "rotate_operator_key": ({409: "KEY_ENDED", 422: "KEY_INVALID"},),
    "create_key": ({422: "KEY_INVALID"},),
    "rotate_key": ({409: "KEY_ENDED", 422: "KEY_INVALID"},),
    "add_tenant": ({409: "TENANT_EXISTS", 422: "TENANT_INVALID PLUGINS_INVALID"}, _SERVICETRADE),
    "change_tenant": ({422: "TENANT_INVALID PLUGINS_INVALID"}, _SERVICETRADE),
    "remove_tenant": ({409: "CONNECTION_BUSY"},),
    "add_connection": (
        {409: "CONNECTION_EXISTS", 422: "CONNECTION_INVALID CONNECTION_CHECK_FAILED PLUGINS_INVALID"},
        _ADDRESS,
    ),
    "change_connection": (
        {
            409: "CONNECTION_EXISTS CONNECTION_HAS_HISTORY CONNECTION_CHANGED CONNECTION_BUSY",
            422: "CONNECTION_INVALID CONNECTION_CHECK_FAILED PLUGINS_INVALID",
            503: "SECRET_UNREADABLE",
        },
        _ADDRESS,
    ),
    "start_reconciliation": ({409: "RECONCILIATIONS_RUNNING", 422: "RECONCILIATION_DAYS"},),
    "remove_connection": ({409: "CONNECTION_BUSY"},),
    "examine_connection": ({503: "SECRET_UNREADABLE"},),
    "rotate_secret": (
        {409: "SECRET_ROTATION_RUNNING", 422: "NO_CLIENT_SECRET SECRET_ROTATION_FAILED", 503: "SECRET_UNREADABLE"},
    ),
    "check_readiness": (_SERVICETRADE,),
    "set_code": (
        {409: "CODE_SET_MEANWHILE", 422: "ALIAS_INVALID CODE_UNKNOWN MAP_DUPLICATE_EXTERNAL_ID"},
        _SERVICETRADE,
    ),
    "refresh_codes": ({409: "CONNECTION_PAUSED TENANT_PAUSED"},),
    "import_codes": ({409: "CODES_FILE_CHANGED", 422: "CODES_FILE_INVALID"},),
    "confirm_suggestions": ({422: "ALIAS_INVALID"},),
    "leave_records": ({422: "ALIAS_INVALID"},),
    "reopen_records": ({422: "ALIAS_INVALID"},),
    "rehearse_plugins": ({422: "PLUGINS_INVALID REHEARSAL_INVALID"}, *_PLANS),
    "show_restore": (_SERVICETRADE,),
    "acknowledge_restore": ({409: "RESTORE_NOT_HELD RESTORE_TOO_FRESH"},),
    "show_send_menu": (_SERVICETRADE,),
    "preview_send": (_NAMES_CONNECTION, *_PLANS),
    "show_standing_items": (_NAMES_CONNECTION, *_PLANS),
    "declare_items": (_NAMES_CONNECTION, {409: "WORK_ORDER_BUSY RESTORE_TOO_FRESH"}, *_PLANS),
    "complete_job": (_QUEUES, {422: "PLAN_BLOCKED ST_COMPLETION_REFUSED"}, *_SENDS),
    "request_send": (_QUEUES, *_SENDS, {409: "JOB_NUMBER_AMBIGUOUS", 422: "JOB_NUMBER_SEARCH_FAILED"}),
    "find_job": ({404: "JOB_NOT_FOUND", 422: "JOB_NUMBER_SEARCH_FAILED"}, _SERVICETRADE),
    "redeliver": ({404: "DELIVERY_NOT_FOUND"},),
    "list_sends": (_NAMES_CONNECTION, {422: "TOO_MANY_CUSTOMERS"}),
    "request_batch": (_QUEUES, _NAMES_CONNECTION, {404: "BATCH_NOT_FOUND"}),
    "retry_batch": ({409: "NOTHING_TO_RETRY", 422: "SEVERAL_CONNECTIONS"},),
    "cancel_batch": ({409: "NOTHING_TO_CANCEL", 422: "SEVERAL_CONNECTIONS"},),
    "mark_done": ({409: "SEND_NOT_FAILED SEND_IN_DOUBT WORK_ORDER_BUSY WORK_ORDER_MOVED_ON"}, _SEND_ACTS),
    "follow_send": ({429: "TOO_MANY_STREAMS"},),
    "export_tenant": ({429: "TOO_MANY_STREAMS"},),
    "list_reconciled_jobs": ({429: "TOO_MANY_STREAMS"},),
    "retry_send": ({409: "SEND_NOT_RETRYABLE SEND_IN_DOUBT WORK_ORDER_BUSY"}, _SEND_ACTS),
    "cancel_send": ({409: "SEND_NOT_CANCELLABLE"}, _SEND_ACTS),
    "list_doubts": (_NAMES_CONNECTION,),
    "list_unclear_annotations": (_NAMES_CONNECTION,),
    "settle_annotation": ({409: "DOUBT_TOO_FRESH"},),
    "settle_doubt": ({409: "LINE_NOT_IN_DOUBT DOUBT_TOO_FRESH RESTORE_TOO_FRESH"}, _SEND_ACTS),
    "preview_creation": ({404: "RECORD_NOT_FOUND"}, _SERVICETRADE),
    "request_creation": (
        {
            404: "RECORD_NOT_FOUND",
            409: "CREATION_BLOCKED CREATION_EXISTS CREATION_TAKEN",
            422: "CREATION_INVALID",
        },
        _SERVICETRADE,
    ),
    "list_creations": (_NAMES_CONNECTION,),
    "settle_creation": ({409: "CREATION_NOT_IN_DOUBT CREATION_TAKEN DOUBT_TOO_FRESH"},),
    "cancel_creation": ({409: "CREATION_NOT_CANCELLABLE"},),
    "set_created_code": ({409: "CREATION_CODE_KEPT"},),
    "switch_webhook_on": ({503: "PUBLIC_URL_MISSING"}, _SERVICETRADE),
    "switch_webhook_off": (_SERVICETRADE,),
    "list_aliases": (_NAMES_CONNECTION, {429: "TOO_MANY_STREAMS"}),
    "set_aliases": (_NAMES_CONNECTION, {422: "ALIAS_INVALID ALIAS_FILE_INVALID CODE_UNKNOWN"}),
    "make_sign_in_link": ({404: "PERSON_NOT_FOUND", 422: "PERSON_INVALID"},),
    "add_webhook_endpoint": ({409: "WEBHOOK_ENDPOINTS_FULL"}, _ENDPOINT),
    "change_webhook_endpoint": (_ENDPOINT,),
    "add_recipient": (
        {
            409: "NOTIFICATION_RECIPIENTS_FULL NOTIFICATION_RECIPIENT_EXISTS",
            422: "NOTIFICATION_INVALID WEBHOOK_URL_REFUSED",
        },
    ),
    "change_recipient": ({409: "NOTIFICATION_RECIPIENT_EXISTS", 422: "NOTIFICATION_INVALID WEBHOOK_URL_REFUSED"},),
    "try_recipient": ({409: "NOTIFICATION_TEST_TOO_SOON"},),
}
"""What one call may answer beside what all of its kind may."""


def codes_of(route: Route) -> dict[int, list[str]]:
    """Every status that an error of this call may have, with its codes."""
    found: dict[int, set[str]] = {}
    for codes in _all_of(route):
        for status, names in codes.items():
            found.setdefault(status, set()).update(names.split())
    return {status: sorted(found[status]) for status in sorted(found)}


def _all_of(route: Route) -> Iterator[Codes]:
    yield _OF_ALL
    if route.access is not Access.PUBLIC:
        yield _WITH_KEY
        yield _OPERATORS_ONLY if route.access is Access.OPERATOR else _SCOPED
    if route.method != "GET":
        yield _WRITES
    for variable in variables_in(route.path):
        yield _OF_VARIABLES[variable]
    for mark, codes in _OF_MARKS.items():
        if mark in route.marks:
            yield codes
    yield from OF_CALLS.get(route.name, ())
