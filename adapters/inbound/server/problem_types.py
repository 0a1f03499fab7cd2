"""Title and meaning of every problem that the API answers with. Each code has a page on this server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.model.catalogue import CATALOGUE
from core.model.shared.advice import Door, Outcome

PATH = "/problems/"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """What a code means, for people. `fix` are steps, empty if the answer itself says what to do."""

    code: str
    title: str
    meaning: str
    fix: Sequence[str] = ()


_OF_THE_API: Mapping[str, tuple[str, str]] = {
    "ALIAS_FILE_INVALID": ("Import not possible", "Rows are wrong; `errors` names each. Nothing was stored."),
    "ALIAS_INVALID": ("Alias not valid", "A field of the alias is wrong; `errors` points at each."),
    "ANNOTATION_NOT_FOUND": ("No such note or document", "None with this id waits for a check in Spectrum."),
    "SUGGESTION_NOT_FOUND": ("Not to be mapped", "This record is not among those that a search found without a code."),
    "ALIAS_NOT_FOUND": ("No such alias", "This tenant has no alias with this id."),
    "BAD_INPUT": ("Request not valid", "A field is missing, unknown or wrong; `errors` points at each."),
    "BAD_REQUEST": ("Request not understood", "The data received is not a valid HTTP request."),
    "BACKUP_FAILED": ("Backup or restore not complete", "A program of PostgreSQL failed; the message says why."),
    "BACKUP_UNREADABLE": ("Not a whole backup", "The file is not a backup of Jobferry, or a part of it is missing."),
    "BATCH_NOT_FOUND": ("No such batch", "This tenant has no batch with this id."),
    "BODY_TOO_SLOW": ("Body too slow", "The body did not arrive in time."),
    "BODY_TOO_LARGE": ("Body too large", "The body is larger than the API accepts."),
    "CANNOT_LISTEN": ("Address cannot be used", "The server cannot listen on the configured address."),
    "CODE_SET_MEANWHILE": ("Code set meanwhile", "Somebody else has set another code; nothing was saved."),
    "CODES_FILE_CHANGED": (
        "Not the file that was looked at",
        "The file or the choice of its columns differs from the dry run; nothing was stored.",
    ),
    "CODES_FILE_INVALID": (
        "List of codes not taken",
        "It cannot be read as a list of codes; nothing was stored.",
    ),
    "CODE_UNKNOWN": ("No such code in Spectrum", "The company's list of codes does not have it; nothing was saved."),
    "CONFIGURATION_INVALID": ("Configuration not valid", "A setting of this installation is wrong."),
    "CONFLICT": ("Not possible now", "The state of the record does not allow this."),
    "CONNECTION_BUSY": ("Connection in use", "Some sends of the connection have not ended yet."),
    "CONNECTION_CHECK_FAILED": (
        "Spectrum not reached with these settings",
        "The test of address and secrets failed; `errors` names the steps. Nothing was stored.",
    ),
    "CONNECTION_CHANGED": ("Changed meanwhile", "The connection was changed, paused or held since it was read."),
    "CONNECTION_EXISTS": ("Connection exists", "The short name, or the external system, is taken by another one."),
    "CONNECTION_INVALID": ("Settings of the connection not valid", "A setting has a wrong value; `errors` names each."),
    "CONNECTION_HAS_HISTORY": ("Company cannot change", "The connection has sent to its present company already."),
    "CONNECTION_NOT_FOUND": ("No such connection", "This tenant has no connection with this short name."),
    "CONTENT_ENCODING_NOT_SUPPORTED": ("Body compressed", "The API does not accept compressed bodies."),
    "CREATION_BLOCKED": ("Not to be created", "Something speaks against the new record; the message says what."),
    "CREATION_CHANGED": ("Changed meanwhile", "The creation is not waiting any more."),
    "CREATION_CODE_KEPT": ("No code to keep", "The code is kept already, or the record is not in Spectrum."),
    "CREATION_EXISTS": ("Being created already", "The same record is being created; the message says by whom."),
    "CREATION_INVALID": ("New record not valid", "A value is wrong; `errors` names each field. Nothing was sent."),
    "CREATION_NOT_CANCELLABLE": ("Too late to cancel", "The call to Spectrum may have left."),
    "CREATION_NOT_FOUND": ("No such creation", "This tenant has none with this id; old ones are deleted."),
    "CREATION_NOT_IN_DOUBT": ("Nothing to settle", "It is known what became of this creation."),
    "CREATION_TAKEN": ("Code or record taken", "Another creation in this Spectrum company has the code or the record."),
    "DATABASE_IN_USE": ("Database in use", "Other processes work with the database that would be replaced."),
    "DATABASE_NOT_EMPTY": ("Database not empty", "A backup is only loaded into an empty database."),
    "DATABASE_NOT_STARTED": ("Database not started", "The embedded database did not start."),
    "DATABASE_READ_ONLY": ("Database read-only", "The database accepts no writes; nothing was stored."),
    "DATABASE_ROLE_MISSING": ("Database role missing", "The database lacks the role that the service uses."),
    "DATABASE_UNREACHABLE": ("Database unreachable", "The database does not answer now; the request may be repeated."),
    "DATABASE_UNSUITABLE": ("Database not suitable", "The server, or its session, lacks what Jobferry relies on."),
    "DELIVERY_NOT_FOUND": ("No such delivery", "The endpoint never got the event, or the delivery is deleted."),
    "DOCUMENT_NOT_FOUND": ("No such document", "ServiceTrade has no content of this attachment any more."),
    "DOUBT_TOO_FRESH": ("Too early to say", "Until the quiet period is over, Spectrum may still add the line."),
    "ENCRYPTION_KEY_INVALID": ("Encryption key not valid", "The installation's key has the wrong format."),
    "ENCRYPTION_KEY_IN_SETTINGS": ("Encryption key in the settings", "Such a key can only be changed there."),
    "ENCRYPTION_KEY_MISSING": ("Encryption key missing", "Without it stored secrets cannot be decrypted."),
    "ERROR": ("Error", "Something went wrong; the answer says what."),
    "EXPECTATION_FAILED": (
        "Expectation not met",
        "The Expect header asks for something that the server does not know.",
    ),
    "HEAD_TOO_LARGE": ("Head too large", "The address or a header is too long, or there are too many headers."),
    "IDENTITY_NOT_FOUND": ("No such way to sign in", "Signing in with OpenID Connect is not set up here."),
    "IDENTITY_REFUSED": ("Sign-in refused", "The provider's answer does not allow the sign-in; the message says why."),
    "IDENTITY_SETUP": ("Sign-in set up wrongly", "The settings of OpenID Connect do not match the provider."),
    "TIME_ZONE_SET": ("Time zone already set", "Somebody has set the tenant's time zone meanwhile."),
    "IDENTITY_UNREACHABLE": ("Provider unreachable", "The OpenID Connect provider does not answer at the moment."),
    "IDEMPOTENCY_KEY_REUSED": ("Idempotency-Key used before", "The key was used for a request with another body."),
    "IDEMPOTENCY_KEY_IN_USE": ("Idempotency-Key in use", "The first request with this key is still being answered."),
    "IDEMPOTENCY_KEY_UNCLEAR": (
        "First answer is lost",
        "A request with this key began and its outcome is not known, or its answer is no longer kept.",
    ),
    "JOB_NUMBER_AMBIGUOUS": ("Several jobs with this number", "ServiceTrade has given the job number more than once."),
    "JOB_NUMBER_SEARCH_FAILED": (
        "Job number cannot be looked up",
        "ServiceTrade lists other jobs too, and too many of them to be sure which job has the number.",
    ),
    "KEY_ENDED": ("Key has ended", "A revoked or expired key cannot be rotated."),
    "INSTALLATION_MISSING": ("No installation", "Nothing was set up where the settings point to."),
    "INTENT_MARK_UNREADABLE": (
        "Mark of what was sent cannot be read",
        "Without the mark Jobferry cannot detect that the database is a restored backup.",
    ),
    "INTENT_MARK_UNWRITABLE": (
        "Mark of what was sent cannot be written",
        "Jobferry sends only what it could record outside the database first.",
    ),
    "KEY_FILE_UNWRITABLE": ("Key file cannot be written", "The encryption key could not be stored."),
    "KEY_INVALID": ("Key not valid", "Name, scopes or times of the new key are not valid."),
    "KEY_NOT_FOUND": ("No such key", "There is no key with this id here."),
    "LEASE_LOST": ("Taken over", "Another worker has taken over this connection."),
    "LINE_NOT_FOUND": ("No such line", "This tenant has no cost line with this id."),
    "LINE_NOT_IN_DOUBT": ("Line already checked", "The outcome of the line is known already."),
    "MALFORMED_JSON": ("Not JSON", "The body cannot be read as JSON."),
    "MALFORMED_REQUEST": ("Not HTTP", "What was received is not a valid request of HTTP/1.1."),
    "MEDIA_TYPE_NOT_SUPPORTED": ("Media type not supported", "The Content-Type is not one that this call accepts."),
    "METHOD_NOT_ALLOWED": ("Method not allowed", "The address does not support this method; Allow names the methods."),
    "NOT_FOUND": ("Not found", "There is no such record, or this key may not see it."),
    "NOTIFICATION_INVALID": ("Notification not valid", "A kind, hour or address is wrong; `errors` points at each."),
    "NOTIFICATION_OPERATOR": ("Not for operators", "An operator belongs to no tenant and has no notifications."),
    "NOTIFICATION_RECIPIENTS_FULL": ("Too many recipients", "A tenant may have 20. Remove one that is not needed."),
    "NOTIFICATION_RECIPIENT_EXISTS": ("Recipient exists", "This address is told already; change what it is told of."),
    "NOTIFICATION_RECIPIENT_NOT_FOUND": ("No such recipient", "This tenant has no recipient with this id."),
    "RECORD_NOT_FOUND": ("No such record in ServiceTrade", "ServiceTrade has no company or location with this id."),
    "RECONCILIATIONS_RUNNING": ("Too many at once", "Three reconciliations are running. Wait until one has ended."),
    "RECONCILIATION_DAYS": ("Days not valid", "A day is missing, in the future, or too many are asked for."),
    "RECONCILIATION_TOO_OLD": ("Comparison too old", "It still runs, or ended more than an hour ago."),
    "RECONCILIATION_NOT_FOUND": ("No such reconciliation", "This tenant has none with this id; old ones are deleted."),
    "NOTIFICATION_TEST_TOO_SOON": (
        "Test too soon",
        "A test was sent to this recipient less than a minute ago, or many in the last hour.",
    ),
    "UNSUBSCRIBE_LINK_UNKNOWN": ("Link not valid", "The link to unsubscribe is not one of this installation."),
    "OPERATOR_ONLY": ("Operator key needed", "Only the operator of this installation may do this."),
    "OVERLOADED": ("Too much to do", "The server has as much to do as it can take; nothing of the request was done."),
    "PLAN_BLOCKED": ("Job cannot be sent", "The job was not completed, because it cannot be sent; `plan` says why."),
    "PORT_TAKEN": ("Port taken", "Another program listens on the port."),
    "PRECONDITION_REQUIRED": ("If-Match needed", "A change must name the version that it is based on."),
    "PUBLIC_URL_MISSING": ("No public address", "ServiceTrade can only call an installation with a public address."),
    "PERSON_INVALID": ("Person not valid", "A name, address, role or page is wrong; `errors` points at each."),
    "PERSON_NOT_FOUND": ("No such person", "Nobody has this e-mail address here. Give a role to add the person."),
    "PERSON_EXISTS": ("Person exists", "Somebody has this e-mail address already."),
    "PASSWORD_WEAK": ("Password too weak", "It is too short, or too easy to guess."),
    "PASSWORD_WRONG": ("Password wrong", "To change the password, give the present one."),
    "REMOTE_SYSTEM_SLOW": (
        "Remote system slow",
        "As many requests of the account as may wait for ServiceTrade or Spectrum; nothing of the request was done.",
    ),
    "RESTORE_NOT_HELD": ("No restored backup to acknowledge", "No connection is held for a restored backup."),
    "RESTORE_TOO_FRESH": ("Too early after a restore", "Spectrum may still add what the database does not know."),
    "SIGN_IN_REFUSED": ("Sign-in refused", "The e-mail address or the password is wrong."),
    "LINK_USED": ("Link used", "The sign-in link was used already, or is older than ten minutes."),
    "AUTHORS_EXTRA_MISSING": ("Packages missing", "The packages for plugin authors are not installed."),
    "REHEARSAL_INVALID": ("Rehearsal too long", "A rehearsal accepts at most a hundred jobs."),
    "PLUGINS_INVALID": ("Plugins not valid", "Not installed, or with wrong settings; `errors` points at each."),
    "PLUGIN_NOT_FOUND": ("No such plugin", "This installation has no plugin with this name."),
    "QUEUE_FULL": (
        "Too many sends wait",
        "As many sends of the tenant wait as may; nothing was stored.",
    ),
    "RATE_LIMITED": ("Too many requests", "The quota of this minute is used up; see RateLimit and Retry-After."),
    "ROTATION_RUNNING": ("Rotation running", "The encryption key is being rotated at the moment."),
    "ROUTE_NOT_FOUND": ("No such address", "There is nothing at this address."),
    "SCHEMA_BEHIND": ("Database not up to date", "The database does not have the schema of this version."),
    "NO_CLIENT_SECRET": ("No client secret", "The connection does not use Enhanced Authentication."),
    "SCOPE_MISSING": ("Scope missing", "The key is valid, but lacks the scope that the call needs."),
    "SECRET_UNREADABLE": ("Stored secret cannot be decrypted", "It was encrypted with another encryption key."),
    "SEND_CHANGED": ("Send changed meanwhile", "Somebody else changed the send at the same time."),
    "SEND_IN_DOUBT": (
        "Items to check first",
        "Items of the send may or may not have been posted; check them first.",
    ),
    "SEND_NOT_CANCELLABLE": ("Too late to cancel", "A write of the send may have reached Spectrum."),
    "SEND_NOT_FAILED": ("Send has not failed", "Only a failed send can be marked as done by hand."),
    "SEND_NOT_FOUND": ("No such send", "This tenant has no send with this id."),
    "CAUSE_NOT_FOUND": ("No such cause", "No open warning of this tenant has this cause."),
    "SEVERAL_CONNECTIONS": ("Several connections", "All sends of a batch must go to one connection."),
    "NOTHING_TO_CANCEL": ("Nothing to cancel", "None of the named sends waits with nothing written yet."),
    "NOTHING_TO_RETRY": ("Nothing to retry", "None of the named sends has failed or waits."),
    "SEND_NOT_RETRYABLE": ("Nothing to retry", "The send has not failed and does not wait."),
    "ST_REFUSED": ("ServiceTrade refused", "ServiceTrade did not accept the call; the answer quotes it."),
    "TOO_MANY_CUSTOMERS": ("Text too short", "More than 50 customers have this text in their names; type more of it."),
    "TENANT_EXISTS": ("Tenant exists", "The short name is taken by another tenant."),
    "TENANT_INVALID": ("Tenant not valid", "A field of the tenant is wrong; `errors` points at each."),
    "TENANT_NOT_FOUND": ("No such tenant", "There is no tenant of this name, or none that this key may see."),
    "TENANT_SETUP": ("Set-up needed", "Somebody must change the tenant's settings or its systems."),
    "OPERATOR_SETUP": ("Set-up needed", "The operator must change something in this installation."),
    "TRY_LATER": ("Try later", "The cause passes by itself; Retry-After says when."),
    "UNAUTHORIZED": ("Key needed", "The request has no valid key."),
    "VERSION_CHANGED": ("Changed meanwhile", "The record has another version than If-Match names."),
    "SECRET_ROTATION_RUNNING": ("Secret rotation running", "A worker or somebody else is renewing this secret now."),
    "SERVICE_UNAVAILABLE": ("Not possible now", "What ServiceTrade reported could not be stored; it reports it again."),
    "TOO_MANY_CONNECTIONS": ("Too many connections", "More connections are open than the server accepts."),
    "TOO_MANY_STREAMS": (
        "Too many streams",
        "A tenant, an operator key or a person has as many streams or files under way as allowed.",
    ),
    "WARNING_NOT_FOUND": ("No such warning", "This tenant has no open warning with this id."),
    "WEBHOOK_ENDPOINTS_FULL": ("Too many webhook endpoints", "A tenant may have 20. Remove one that is not needed."),
    "WEBHOOK_ENDPOINT_INVALID": ("Webhook endpoint not valid", "A field is wrong; `errors` points at each."),
    "WEBHOOK_ENDPOINT_NOT_FOUND": ("No such webhook endpoint", "This tenant has no webhook endpoint with this id."),
    "WEBHOOK_UNKNOWN": ("No such webhook", "The address is not, or no longer, one of Jobferry's."),
    "WORK_ORDER_MOVED_ON": ("Posted by another send", "Another send has posted what this one had planned; retry it."),
    "WEBHOOK_URL_REFUSED": ("Address not allowed", "This installation does not post to addresses of this kind."),
}


def problem_type(code: str) -> ProblemType | None:
    """The type from the catalogue of failures or the API's own list; None for an unknown code."""
    if known := CATALOGUE.get(code):
        return ProblemType(code, known.title, known.cause, known.steps(Outcome.REFUSED, Door.API))
    if found := _OF_THE_API.get(code):
        return ProblemType(code, *found)
    return None


def all_codes() -> list[str]:
    return sorted({*CATALOGUE, *_OF_THE_API})
