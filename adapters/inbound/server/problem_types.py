"""Every problem that the API answers with, in words: one address a code, each a page of this very server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.model.catalogue import CATALOGUE

PATH = "/problems/"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """What a code means, for people: `fix` are steps, empty where the answer itself says what to do."""

    code: str
    title: str
    meaning: str
    fix: Sequence[str] = ()


_OF_THE_API: Mapping[str, tuple[str, str]] = {
    "ALIAS_FILE_INVALID": ("Import not possible", "Rows are wrong; `errors` names each. Nothing was stored."),
    "ALIAS_INVALID": ("Alias not valid", "A field of the alias is wrong; `errors` points at each."),
    "ALIAS_NOT_FOUND": ("No such alias", "This tenant has no alias of this id."),
    "BAD_INPUT": ("Request not valid", "A field is missing, unknown or wrong; `errors` points at each."),
    "BAD_REQUEST": ("Request not understood", "What came in is no HTTP request that can be read."),
    "BATCH_NOT_FOUND": ("No such batch", "This tenant has no batch of this id."),
    "BODY_TOO_SLOW": ("Body too slow", "The body did not arrive in time."),
    "BODY_TOO_LARGE": ("Body too large", "The body is larger than the API takes at once."),
    "CANNOT_LISTEN": ("Address cannot be used", "The server could not listen on the address it was given."),
    "CONFIGURATION_INVALID": ("Configuration not valid", "A setting of this installation is wrong."),
    "CONFLICT": ("Not possible as things stand", "The record is in a state that does not allow this."),
    "CONNECTION_BUSY": ("Connection in use", "Sends of the connection are not at their end yet."),
    "CONNECTION_CHECK_FAILED": (
        "Spectrum not reached with these settings",
        "Address or secrets were tried before they "
        "were stored, and failed; `errors` names the steps. Nothing was stored.",
    ),
    "CONNECTION_EXISTS": ("Connection exists", "The short name, or the external system, is taken by another one."),
    "CONNECTION_HAS_HISTORY": ("Company cannot change", "What the connection has posted stands in the former company."),
    "CONNECTION_NOT_FOUND": ("No such connection", "This tenant has no connection of this name."),
    "CONTENT_ENCODING_NOT_SUPPORTED": ("Body encoded", "Compressed bodies are not taken; send it as it is."),
    "DATABASE_NOT_STARTED": ("Database not started", "The embedded database did not start."),
    "DATABASE_READ_ONLY": ("Database read-only", "The database takes no writes; nothing was stored."),
    "DATABASE_ROLE_MISSING": ("Database role missing", "The database lacks the role that the service runs as."),
    "DATABASE_UNREACHABLE": (
        "Database away",
        "The database does not answer at the moment; what was asked may be asked again.",
    ),
    "DOUBT_TOO_FRESH": ("Too early to say", "Until the quiet period is over, Spectrum may still add the line."),
    "ENCRYPTION_KEY_INVALID": ("Encryption key not valid", "The installation's key is not of the right form."),
    "ENCRYPTION_KEY_IN_SETTINGS": ("Encryption key in the settings", "It can only be changed where it stands."),
    "ENCRYPTION_KEY_MISSING": ("Encryption key missing", "Without it no stored secret can be opened."),
    "ERROR": ("Error", "Something went wrong; the answer says what."),
    "IDENTITY_NOT_FOUND": ("No such way to sign in", "Signing in with OpenID Connect is not set up here."),
    "IDENTITY_REFUSED": ("Sign-in refused", "The provider's answer does not let anybody in; the answer says why."),
    "IDENTITY_SETUP": ("Sign-in not set up rightly", "Provider and settings of OpenID Connect do not fit together."),
    "IDENTITY_UNREACHABLE": ("Provider away", "The provider of OpenID Connect does not answer at the moment."),
    "IDEMPOTENCY_KEY_REUSED": ("Idempotency-Key used before", "The key was used for a request with another body."),
    "KEY_ENDED": ("Key has ended", "A key that is revoked or expired cannot be rotated."),
    "INTENT_MARK_UNREADABLE": (
        "Mark of what was sent cannot be read",
        "Whether the database is a restored backup cannot be told without it.",
    ),
    "INTENT_MARK_UNWRITABLE": (
        "Mark of what was sent cannot be written",
        "Nothing is sent that could not be noted outside the database first.",
    ),
    "KEY_FILE_UNWRITABLE": ("Key file cannot be written", "The encryption key could not be stored."),
    "KEY_INVALID": ("Key not possible like this", "Name, scopes or times of the wanted key are not valid."),
    "KEY_NOT_FOUND": ("No such key", "There is no key of this id here."),
    "LEASE_LOST": ("Taken over", "Another worker has taken over this connection."),
    "LINE_NOT_FOUND": ("No such line", "This tenant has no cost line of this id."),
    "LINE_NOT_IN_DOUBT": ("No doubt to settle", "What became of the line is known already."),
    "MALFORMED_JSON": ("Not JSON", "The body cannot be read as JSON."),
    "MEDIA_TYPE_NOT_SUPPORTED": ("Media type not supported", "The body is not marked as what this call takes."),
    "METHOD_NOT_ALLOWED": ("Method not allowed", "The address does not take this method; Allow names those it takes."),
    "NOT_FOUND": ("Not there", "There is no such record, or none that this key may see."),
    "OPERATOR_ONLY": ("Operator key needed", "Only the operator of this installation may do this."),
    "PLAN_BLOCKED": ("Job cannot be sent", "The job was not completed, since it could not be sent; `plan` says why."),
    "PORT_TAKEN": ("Port taken", "Another program listens on the port."),
    "PRECONDITION_REQUIRED": ("If-Match needed", "A change names the version that it is based on."),
    "PUBLIC_URL_MISSING": ("No public address", "ServiceTrade can only call an installation that has one."),
    "PERSON_INVALID": ("Person not valid", "A name, address, role or page is wrong; `errors` points at each."),
    "PERSON_NOT_FOUND": ("No such person", "Nobody has this e-mail address here; say which role they are to have."),
    "PERSON_EXISTS": ("Person exists", "Somebody has this e-mail address already."),
    "PASSWORD_WEAK": ("Password too weak", "It is too short, or too easy to guess."),
    "PASSWORD_WRONG": ("Password wrong", "To change it, the present one has to be given."),
    "RESTORE_NOT_HELD": ("No restored backup to acknowledge", "No connection waits for that."),
    "RESTORE_TOO_FRESH": ("Too early after a restore", "Spectrum may still add lines that the database has lost."),
    "SIGN_IN_REFUSED": ("Sign-in refused", "The e-mail address or the password is not right."),
    "LINK_USED": ("Link used", "The sign-in link was used already, or is older than ten minutes."),
    "AUTHORS_EXTRA_MISSING": ("Packages missing", "The packages for plugin authors are not installed."),
    "REHEARSAL_INVALID": ("Rehearsal too long", "It takes at most a hundred jobs."),
    "PLUGINS_INVALID": ("Plugins not as needed", "Not installed, or not set as it wants; `errors` points at each."),
    "PLUGIN_NOT_FOUND": ("No such plugin", "This installation has no plugin of this name."),
    "RATE_LIMITED": ("Too many requests", "The quota of this minute is used up; RateLimit and Retry-After tell more."),
    "ROTATION_RUNNING": ("Rotation running", "The encryption key is being changed at this moment."),
    "ROUTE_NOT_FOUND": ("Nothing here", "There is nothing at this address."),
    "SCHEMA_BEHIND": ("Database not up to date", "The database has not the schema of this version."),
    "NO_CLIENT_SECRET": ("No client secret", "The connection has no enhanced authentication."),
    "SCOPE_MISSING": ("Key may not do this", "The key is valid, but lacks the scope that the call asks for."),
    "SECRET_UNREADABLE": ("Stored secret cannot be opened", "It was sealed with another encryption key."),
    "SEND_CHANGED": ("Send changed meanwhile", "Somebody else changed the send at the same moment."),
    "SEND_IN_DOUBT": ("Send in doubt", "Lines of the send may or may not have been posted; settle them first."),
    "SEND_NOT_CANCELLABLE": ("Too late to cancel", "A write of the send may have reached Spectrum."),
    "SEND_NOT_FAILED": ("Send has not failed", "Only a failed send can have been done by hand."),
    "SEND_NOT_FOUND": ("No such send", "This tenant has no send of this id."),
    "CAUSE_NOT_FOUND": ("Nothing of this cause", "No open warning of this tenant has this cause."),
    "SEVERAL_CONNECTIONS": ("Several connections", "What goes along in one batch goes to one connection."),
    "NOTHING_TO_RETRY": ("Nothing to retry", "None of the named sends is failed or waiting."),
    "SEND_NOT_RETRYABLE": ("Nothing to retry", "The send is neither failed nor waiting."),
    "ST_REFUSED": ("ServiceTrade refused", "ServiceTrade did not accept the call; the answer quotes it."),
    "TENANT_EXISTS": ("Tenant exists", "The short name is taken by another tenant."),
    "TENANT_INVALID": ("Tenant not valid", "A field of the tenant is wrong; `errors` points at each."),
    "TENANT_NOT_FOUND": ("No such tenant", "There is no tenant of this name, or none that this key may see."),
    "TENANT_SETUP": ("Set-up needed", "Something at the tenant has to be set up differently."),
    "OPERATOR_SETUP": ("Set-up needed", "Something in this installation has to be set up differently."),
    "TRY_LATER": ("Try later", "It passes by itself; Retry-After says when."),
    "UNAUTHORIZED": ("Key needed", "The request carries no key, or none that is valid."),
    "VERSION_CHANGED": ("Changed meanwhile", "The record is no longer of the version that If-Match names."),
    "SECRET_ROTATION_RUNNING": ("Secret in other hands", "A worker or somebody else is renewing it just now."),
    "TOO_MANY_STREAMS": ("Too many event streams", "A tenant may have 50 open at once, and so may an operator key."),
    "WARNING_NOT_FOUND": ("No such warning", "This tenant has no open warning of this id."),
    "WEBHOOK_ENDPOINTS_FULL": ("Too many webhook endpoints", "A tenant may have 20; remove one that is not needed."),
    "WEBHOOK_ENDPOINT_INVALID": ("Webhook endpoint not valid", "A field is wrong; `errors` points at each."),
    "WEBHOOK_ENDPOINT_NOT_FOUND": ("No such webhook endpoint", "This tenant has no webhook endpoint of this id."),
    "WEBHOOK_UNKNOWN": ("No such webhook", "The address is none of ours, or not any more."),
    "WORK_ORDER_MOVED_ON": ("Posted otherwise since", "Another send has posted what this one had planned; retry it."),
    "WEBHOOK_URL_REFUSED": ("Address not called", "This installation posts to no address of this kind."),
}


def problem_type(code: str) -> ProblemType | None:
    """From the catalogue of failures, or from the API's own; None for a code that is none."""
    if known := CATALOGUE.get(code):
        return ProblemType(code, known.title, known.cause, known.fix)
    if found := _OF_THE_API.get(code):
        return ProblemType(code, *found)
    return None


def all_codes() -> list[str]:
    return sorted({*CATALOGUE, *_OF_THE_API})
