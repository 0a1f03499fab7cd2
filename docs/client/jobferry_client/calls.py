"""Made from docs/openapi.json by docs/generate/client.py. Do not edit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from . import models
from .transport import Transport, Versioned, every


class Calls(Transport):
    """Every call of the API, by the name that the document gives it."""

    def check_alive(
        self,
    ) -> models.Health:
        """Check that the process runs. It does not ask the database. Needs no key."""
        found: models.Health = self.call("GET", "/livez")
        return found

    def check_ready(
        self,
    ) -> models.Health:
        """Check that the process can work. 503 if the database does not answer or has another schema. The answer
        is at most a second old. Needs no key.
        """
        found: models.Health = self.call("GET", "/readyz")
        return found

    def create_operator_key(
        self,
        body: models.OperatorKeyIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.NewKeyOut:
        """Make an operator key. Only this answer contains the key. Needs an operator key."""
        found: models.NewKeyOut = self.call("POST", "/v1/keys", body=body, key=idempotency_key or self.new_key())
        return found

    def list_operator_keys(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageKeyOut:
        """List all operator keys. Newest first, also those that have ended. Needs an operator key."""
        found: models.PageKeyOut = self.call("GET", "/v1/keys", query={"limit": limit, "cursor": cursor})
        return found

    def each_of_operator_keys(
        self,
    ) -> Iterator[models.KeyOut]:
        """Every item that `list_operator_keys` lists, page by page."""
        return every(lambda cursor: self.list_operator_keys(cursor=cursor))

    def list_operator_audit(
        self,
        *,
        actor: str | None = None,
        action: str | None = None,
        subject: str | None = None,
        since: str | None = None,
        until: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageAuditOut:
        """List what operators did to the installation. Also what was done to operators. Newest first. Needs an
        operator key.
        """
        found: models.PageAuditOut = self.call(
            "GET",
            "/v1/audit",
            query={
                "actor": actor,
                "action": action,
                "subject": subject,
                "since": since,
                "until": until,
                "limit": limit,
                "cursor": cursor,
            },
        )
        return found

    def each_of_operator_audit(
        self,
        *,
        actor: str | None = None,
        action: str | None = None,
        subject: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Iterator[models.AuditOut]:
        """Every item that `list_operator_audit` lists, page by page."""
        return every(
            lambda cursor: self.list_operator_audit(
                actor=actor, action=action, subject=subject, since=since, until=until, cursor=cursor
            )
        )

    def rotate_operator_key(
        self,
        key_id: str,
        body: models.RotateKeyIn | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> models.NewKeyOut:
        """Make a key that replaces another one. The old key still works until the overlap is over. Needs an
        operator key.
        """
        found: models.NewKeyOut = self.call(
            "POST", f"/v1/keys/{self.part(key_id)}/rotate", body=body, key=idempotency_key or self.new_key()
        )
        return found

    def revoke_operator_key(
        self,
        key_id: str,
    ) -> None:
        """Revoke an operator key. It stops working within seconds, on every machine. Needs an operator key."""
        self.call("DELETE", f"/v1/keys/{self.part(key_id)}")

    def list_plugins(
        self,
    ) -> models.PagePluginOut:
        """List all plugins. The rules that always run, and those that a connection may use. Needs the scope
        `read`.
        """
        found: models.PagePluginOut = self.call("GET", "/v1/plugins")
        return found

    def show_plugin_schema(
        self,
        plugin: str,
    ) -> models.PluginSchemaOut:
        """Show a plugin's settings as JSON Schema. Saving a connection checks its settings against the same
        schema. Needs the scope `read`.
        """
        found: models.PluginSchemaOut = self.call("GET", f"/v1/plugins/{self.part(plugin)}/schema")
        return found

    def add_tenant(
        self,
        body: models.TenantIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.TenantOut:
        """Add a ServiceTrade account. The credentials are tested first, so you learn of a wrong password at once.
        Needs an operator key.
        """
        found: models.TenantOut = self.call("POST", "/v1/tenants", body=body, key=idempotency_key or self.new_key())
        return found

    def list_tenants(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageTenantOut:
        """List all tenants. Oldest first. Needs an operator key."""
        found: models.PageTenantOut = self.call("GET", "/v1/tenants", query={"limit": limit, "cursor": cursor})
        return found

    def each_of_tenants(
        self,
    ) -> Iterator[models.TenantOut]:
        """Every item that `list_tenants` lists, page by page."""
        return every(lambda cursor: self.list_tenants(cursor=cursor))

    def find_tenant(
        self,
        tenant: str,
    ) -> models.TenantOut:
        """Show one tenant. Its settings and state, without its credentials. Needs the scope `read`."""
        found: models.TenantOut = self.call("GET", f"/v1/tenants/{self.part(tenant)}")
        return found

    def change_tenant(
        self,
        tenant: str,
        body: models.TenantPatch | None = None,
    ) -> models.TenantOut:
        """Change the settings or the login to ServiceTrade. A new address or login is tested first. Needs an
        operator key.
        """
        found: models.TenantOut = self.call("PATCH", f"/v1/tenants/{self.part(tenant)}", body=body)
        return found

    def remove_tenant(
        self,
        tenant: str,
    ) -> None:
        """Remove a tenant and all its data, for good. Connections, sends, keys, secrets and audit are removed.
        Refused while sends are under way. Hashes of what was posted remain, so that setting up again posts
        nothing twice. Needs an operator key.
        """
        self.call("DELETE", f"/v1/tenants/{self.part(tenant)}")

    def pause_tenant(
        self,
        tenant: str,
    ) -> models.TenantOut:
        """Pause a tenant: its sends wait. New sends are still accepted. Needs the scope `manage`."""
        found: models.TenantOut = self.call("POST", f"/v1/tenants/{self.part(tenant)}/pause")
        return found

    def resume_tenant(
        self,
        tenant: str,
    ) -> models.TenantOut:
        """End a tenant's pause. Its sends continue in their order. Needs the scope `manage`."""
        found: models.TenantOut = self.call("POST", f"/v1/tenants/{self.part(tenant)}/resume")
        return found

    def add_connection(
        self,
        tenant: str,
        body: models.ConnectionIn,
        *,
        idempotency_key: str | None = None,
    ) -> Versioned[models.ConnectionOut]:
        """Add a Spectrum company. Address and secrets are tested first; if a test fails, nothing is stored. Needs
        the scope `manage`.
        """
        found: Versioned[models.ConnectionOut] = self.versioned(
            "POST", f"/v1/tenants/{self.part(tenant)}/connections", body=body, key=idempotency_key or self.new_key()
        )
        return found

    def list_connections(
        self,
        tenant: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageConnectionOut:
        """List the tenant's connections. Oldest first, without their secrets. Needs the scope `read`."""
        found: models.PageConnectionOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/connections", query={"limit": limit, "cursor": cursor}
        )
        return found

    def each_of_connections(
        self,
        tenant: str,
    ) -> Iterator[models.ConnectionOut]:
        """Every item that `list_connections` lists, page by page."""
        return every(lambda cursor: self.list_connections(tenant=tenant, cursor=cursor))

    def find_connection(
        self,
        tenant: str,
        connection: str,
    ) -> Versioned[models.ConnectionOut]:
        """Show a connection's settings, without its secrets. A change must name its ETag. Needs the scope `read`."""
        found: Versioned[models.ConnectionOut] = self.versioned(
            "GET", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}"
        )
        return found

    def change_connection(
        self,
        tenant: str,
        connection: str,
        body: models.ConnectionPatch | None = None,
        *,
        if_match: str,
    ) -> Versioned[models.ConnectionOut]:
        """Change settings or secrets. Fields not given do not change; a new address or new secrets are tested
        first. A tenant's key that changes the address must give the secrets again. Needs the scope `manage`.
        """
        found: Versioned[models.ConnectionOut] = self.versioned(
            "PATCH",
            f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}",
            body=body,
            if_match=if_match,
        )
        return found

    def remove_connection(
        self,
        tenant: str,
        connection: str,
        *,
        if_match: str,
    ) -> None:
        """Remove a connection with its sends and secrets, for good. Jobferry remembers what it posted. Needs the
        scope `manage`.
        """
        self.call("DELETE", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}", if_match=if_match)

    def examine_connection(
        self,
        tenant: str,
        connection: str,
    ) -> models.ExaminationOut:
        """Test a connection step by step, without writing. Every failed step comes with its fix. Needs the scope
        `manage`.
        """
        found: models.ExaminationOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/test"
        )
        return found

    def rotate_secret(
        self,
        tenant: str,
        connection: str,
        *,
        idempotency_key: str | None = None,
    ) -> Versioned[models.ConnectionOut]:
        """Let Spectrum make a new client secret, if it can. The old secret stays until the new one has worked.
        Other programs that use the same client need the new secret too, and Jobferry does not show it. Needs
        the scope `manage`.
        """
        found: Versioned[models.ConnectionOut] = self.versioned(
            "POST",
            f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/rotate-secret",
            key=idempotency_key or self.new_key(),
        )
        return found

    def check_readiness(
        self,
        tenant: str,
        connection: str,
    ) -> models.ReadinessOut:
        """List the records without a Spectrum code. Each with the upcoming jobs that would fail now, the earliest
        job first. Reads each record without an alias from ServiceTrade, so it takes seconds. Needs the scope
        `read`.
        """
        found: models.ReadinessOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/readiness"
        )
        return found

    def set_code(
        self,
        tenant: str,
        connection: str,
        body: models.CodeIn,
    ) -> None:
        """Write a record's Spectrum code to ServiceTrade as its external id. If another record has the code, set
        an alias instead. Needs the scope `manage`.
        """
        self.call("POST", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/codes", body=body)

    def find_codes(
        self,
        tenant: str,
        connection: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        kind: models.AliasKind | None = None,
        search: str | None = None,
    ) -> models.PageListedCodeOut:
        """Search the codes that the Spectrum company has. Those whose code begins with the text come first, in
        order of the code, then those found by words of their names. Needs the scope `read`.
        """
        found: models.PageListedCodeOut = self.call(
            "GET",
            f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/codes",
            query={"limit": limit, "cursor": cursor, "kind": kind, "search": search},
        )
        return found

    def show_code_lists(
        self,
        tenant: str,
        connection: str,
    ) -> models.CodeListsOut:
        """Show what is known of each list. Lists of customers and items are read from Spectrum every night. No
        service lists sites and contracts: these are learned from work orders that Spectrum accepted, and
        imported. Needs the scope `read`.
        """
        found: models.CodeListsOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/code-lists"
        )
        return found

    def refresh_codes(
        self,
        tenant: str,
        connection: str,
    ) -> models.CodeListsOut:
        """Let a worker read the lists of customers and items now. A reading that goes on already is not begun
        again. Follow it by `reading_since` of the lists. Needs the scope `manage`.
        """
        found: models.CodeListsOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/codes/refresh"
        )
        return found

    def import_codes(
        self,
        tenant: str,
        connection: str,
        body: models.CodeImportIn,
    ) -> models.CodeImportOut:
        """Import a list of codes that Spectrum's administrator exported as CSV. First as a dry run, which answers
        what would change and a fingerprint; then with `dry_run` false and that fingerprint. A large file goes
        as text/csv, with the other fields in the query. Needs the scope `manage`.
        """
        found: models.CodeImportOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/codes/import", body=body
        )
        return found

    def list_suggestions(
        self,
        tenant: str,
        connection: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        kind: models.AliasKind | None = None,
        state: models.RecordState | None = None,
        grade: models.Grade | None = None,
        not_set: bool | None = None,
    ) -> models.PageSuggestedRecordOut:
        """List records without a code, each with its suggested codes. Customers first, then sites, contracts and
        items, each by name. Needs the scope `read`.
        """
        found: models.PageSuggestedRecordOut = self.call(
            "GET",
            f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/suggestions",
            query={"limit": limit, "cursor": cursor, "kind": kind, "state": state, "grade": grade, "not_set": not_set},
        )
        return found

    def each_of_suggestions(
        self,
        tenant: str,
        connection: str,
        *,
        kind: models.AliasKind | None = None,
        state: models.RecordState | None = None,
        grade: models.Grade | None = None,
        not_set: bool | None = None,
    ) -> Iterator[models.SuggestedRecordOut]:
        """Every item that `list_suggestions` lists, page by page."""
        return every(
            lambda cursor: self.list_suggestions(
                tenant=tenant,
                connection=connection,
                kind=kind,
                state=state,
                grade=grade,
                not_set=not_set,
                cursor=cursor,
            )
        )

    def show_search(
        self,
        tenant: str,
        connection: str,
    ) -> models.SearchOut:
        """Show how the search stands. With the number of records in each grade and state, which change while it
        runs and while confirmed codes are set. Needs the scope `read`.
        """
        found: models.SearchOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/suggestions/search"
        )
        return found

    def start_search(
        self,
        tenant: str,
        connection: str,
        *,
        idempotency_key: str | None = None,
    ) -> models.SearchOut:
        """Search for the codes of the records without one. A worker reads ServiceTrade's companies, locations,
        contracts and library items, and compares those without a code with the codes that Spectrum has. Nothing
        is set. A search that runs is not started again. Needs the scope `manage`.
        """
        found: models.SearchOut = self.call(
            "POST",
            f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/suggestions/search",
            key=idempotency_key or self.new_key(),
        )
        return found

    def confirm_suggestions(
        self,
        tenant: str,
        connection: str,
        body: models.ConfirmIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.ConfirmedOut:
        """Confirm codes, each pair for itself. A worker checks each pair once more: whether the record is as it
        was shown and still has no code, and whether the code is still listed. Then it sets the code. What could
        not be set is open again and tells why. The same request a second time changes nothing. Needs the scope
        `manage`.
        """
        found: models.ConfirmedOut = self.call(
            "POST",
            f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/suggestions/confirm",
            body=body,
            key=idempotency_key or self.new_key(),
        )
        return found

    def leave_records(
        self,
        tenant: str,
        connection: str,
        body: models.RecordsIn,
    ) -> models.MovedOut:
        """Leave records without a code. Nothing is suggested for them any more until somebody opens them again.
        Needs the scope `manage`.
        """
        found: models.MovedOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/suggestions/leave", body=body
        )
        return found

    def reopen_records(
        self,
        tenant: str,
        connection: str,
        body: models.RecordsIn,
    ) -> models.MovedOut:
        """Take decisions back. Of records that were left without a code, and of confirmed codes that are not set
        yet. They are compared again. Needs the scope `manage`.
        """
        found: models.MovedOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/suggestions/reopen", body=body
        )
        return found

    def rehearse_plugins(
        self,
        tenant: str,
        connection: str,
        body: models.RehearsalIn,
    ) -> models.RehearsalOut:
        """Compare other plugins with the present ones on the latest jobs. Nothing is sent. Items are planned as
        for a completed job of which nothing was posted yet. Needs the scope `manage`.
        """
        found: models.RehearsalOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/rehearsals", body=body
        )
        return found

    def pause_connection(
        self,
        tenant: str,
        connection: str,
    ) -> Versioned[models.ConnectionOut]:
        """Pause a connection: its sends wait. New sends are still accepted. Needs the scope `manage`."""
        found: Versioned[models.ConnectionOut] = self.versioned(
            "POST", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/pause"
        )
        return found

    def resume_connection(
        self,
        tenant: str,
        connection: str,
    ) -> Versioned[models.ConnectionOut]:
        """End a connection's pause or hold. End a hold once its cause is fixed. Every send that waited continues.
        Needs the scope `manage`.
        """
        found: Versioned[models.ConnectionOut] = self.versioned(
            "POST", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/resume"
        )
        return found

    def show_restore(
        self,
        tenant: str,
        connection: str,
    ) -> models.RestoreOut:
        """Show whether a restored backup holds this connection's items. Also the jobs completed since. Reads
        ServiceTrade if the connection is held. Needs the scope `read`.
        """
        found: models.RestoreOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/restore"
        )
        return found

    def acknowledge_restore(
        self,
        tenant: str,
        connection: str,
        body: models.AcknowledgeIn,
    ) -> Versioned[models.ConnectionOut]:
        """Confirm that the jobs completed since were compared with Spectrum. Items are posted again from then on.
        Needs the scope `settle`.
        """
        found: Versioned[models.ConnectionOut] = self.versioned(
            "POST",
            f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/restore/acknowledge",
            body=body,
        )
        return found

    def find_job(
        self,
        tenant: str,
        *,
        job_number: str,
    ) -> models.PageFoundJobOut:
        """Find a job by its number, with its newest sends. There are several only if ServiceTrade gave a number
        twice. An unknown number answers 404. `GET .../sends?job_number=` lists only sends, and asks nothing of
        ServiceTrade. Needs the scope `read`.
        """
        found: models.PageFoundJobOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/jobs", query={"job_number": job_number}
        )
        return found

    def show_send_menu(
        self,
        tenant: str,
        job_id: str,
    ) -> models.PageMenuEntryOut:
        """Show a job's Send menu, one entry for each connection. A tenant's only connection is preselected if
        usable. Needs the scope `read`.
        """
        found: models.PageMenuEntryOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/jobs/{self.part(job_id)}/send-menu"
        )
        return found

    def preview_send(
        self,
        tenant: str,
        job_id: str,
        body: models.PreviewIn,
    ) -> models.PreviewOut:
        """Preview a send. Every field that it would write now, where each comes from, and what blocks it. Nothing
        is written. Needs the scope `read`.
        """
        found: models.PreviewOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/jobs/{self.part(job_id)}/preview", body=body
        )
        return found

    def show_standing_items(
        self,
        tenant: str,
        job_id: str,
        *,
        connection: str,
    ) -> models.StandingItemsOut:
        """List the job's items that can be posted. Which are known to be in Spectrum, and which wait for an
        answer. Needs the scope `read`.
        """
        found: models.StandingItemsOut = self.call(
            "GET",
            f"/v1/tenants/{self.part(tenant)}/jobs/{self.part(job_id)}/standing-items",
            query={"connection": connection},
        )
        return found

    def declare_items(
        self,
        tenant: str,
        job_id: str,
        body: models.StandingItemsIn,
    ) -> models.ItemsDeclaredOut:
        """Say which items of a job are in Spectrum already. For a job that somebody else sent before: all, none,
        or a list. They count as posted, and the others may be posted. An answer adds to earlier answers and
        never removes one. Needs the scope `send`.
        """
        found: models.ItemsDeclaredOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/jobs/{self.part(job_id)}/standing-items", body=body
        )
        return found

    def complete_job(
        self,
        tenant: str,
        job_id: str,
        body: models.CompleteIn,
        *,
        idempotency_key: str | None = None,
        wait: int | None = None,
    ) -> models.SendOut:
        """Complete a job in ServiceTrade and send it, as one request. Answers like `request_send`. Needs the scope
        `send`.
        """
        found: models.SendOut = self.call(
            "POST",
            f"/v1/tenants/{self.part(tenant)}/jobs/{self.part(job_id)}/complete",
            body=body,
            key=idempotency_key or self.new_key(),
            wait=wait,
        )
        return found

    def request_send(
        self,
        tenant: str,
        body: models.SendIn,
        *,
        idempotency_key: str | None = None,
        wait: int | None = None,
    ) -> models.SendOut:
        """Request a send. Answers at once; with `Prefer: wait=N` when the send stops moving or the time is over.
        After waiting, 200 means that the send has ended, and 202 that it goes on by itself or waits for a
        person: `state` says which. If too many requests of the tenant wait already, it answers at once, without
        `Preference-Applied`. Needs the scope `send`.
        """
        found: models.SendOut = self.call(
            "POST",
            f"/v1/tenants/{self.part(tenant)}/sends",
            body=body,
            key=idempotency_key or self.new_key(),
            wait=wait,
        )
        return found

    def list_sends(
        self,
        tenant: str,
        *,
        state: Sequence[models.SendState] | None = None,
        job_id: str | None = None,
        job_number: str | None = None,
        connection: str | None = None,
        batch: str | None = None,
        cause: str | None = None,
        text: str | None = None,
        since: str | None = None,
        until: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageSendSummary:
        """List sends. Newest first, in pages. The filters add up. Needs the scope `read`."""
        found: models.PageSendSummary = self.call(
            "GET",
            f"/v1/tenants/{self.part(tenant)}/sends",
            query={
                "state": state,
                "job_id": job_id,
                "job_number": job_number,
                "connection": connection,
                "batch": batch,
                "cause": cause,
                "text": text,
                "since": since,
                "until": until,
                "limit": limit,
                "cursor": cursor,
            },
        )
        return found

    def each_of_sends(
        self,
        tenant: str,
        *,
        state: Sequence[models.SendState] | None = None,
        job_id: str | None = None,
        job_number: str | None = None,
        connection: str | None = None,
        batch: str | None = None,
        cause: str | None = None,
        text: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Iterator[models.SendSummary]:
        """Every item that `list_sends` lists, page by page."""
        return every(
            lambda cursor: self.list_sends(
                tenant=tenant,
                state=state,
                job_id=job_id,
                job_number=job_number,
                connection=connection,
                batch=batch,
                cause=cause,
                text=text,
                since=since,
                until=until,
                cursor=cursor,
            )
        )

    def request_batch(
        self,
        tenant: str,
        body: models.BatchIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.BatchOut:
        """Request one send for each of many jobs: all are stored, or none. The batch shows their progress. Needs
        the scope `send`.
        """
        found: models.BatchOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/sends/batch", body=body, key=idempotency_key or self.new_key()
        )
        return found

    def retry_batch(
        self,
        tenant: str,
        body: models.SendIdsIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.BatchOut:
        """Retry many failed or waiting sends now. Sends in another state are ignored and not part of the batch in
        the answer. Needs the scope `send`.
        """
        found: models.BatchOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/sends/retry", body=body, key=idempotency_key or self.new_key()
        )
        return found

    def cancel_batch(
        self,
        tenant: str,
        body: models.SendIdsIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.BatchOut:
        """Cancel many sends that have written nothing yet. Sends in another state are ignored and not part of the
        batch in the answer. Needs the scope `send`.
        """
        found: models.BatchOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/sends/cancel", body=body, key=idempotency_key or self.new_key()
        )
        return found

    def show_batch(
        self,
        tenant: str,
        batch_id: str,
    ) -> models.BatchOut:
        """Show the progress of a batch. `GET .../sends?batch=ID` lists its sends. Needs the scope `read`."""
        found: models.BatchOut = self.call("GET", f"/v1/tenants/{self.part(tenant)}/batches/{self.part(batch_id)}")
        return found

    def show_send(
        self,
        tenant: str,
        send_id: str,
        *,
        include: Sequence[models.Include] | None = None,
    ) -> models.SendOut:
        """Show one send. Its progress, its newest attempts, every line, and its plan; or of these only the large
        parts that `include` names. Needs the scope `read`.
        """
        found: models.SendOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/sends/{self.part(send_id)}", query={"include": include}
        )
        return found

    def list_attempts(
        self,
        tenant: str,
        send_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageAttemptOut:
        """List the attempts of a send, newest first, in pages. Those of an ended send are deleted after some time.
        Needs the scope `read`.
        """
        found: models.PageAttemptOut = self.call(
            "GET",
            f"/v1/tenants/{self.part(tenant)}/sends/{self.part(send_id)}/attempts",
            query={"limit": limit, "cursor": cursor},
        )
        return found

    def each_of_attempts(
        self,
        tenant: str,
        send_id: str,
    ) -> Iterator[models.AttemptOut]:
        """Every item that `list_attempts` lists, page by page."""
        return every(lambda cursor: self.list_attempts(tenant=tenant, send_id=send_id, cursor=cursor))

    def mark_done(
        self,
        tenant: str,
        send_id: str,
        body: models.MarkDoneIn,
    ) -> models.SendOut:
        """Mark a failed send as done by hand in Spectrum. Its lines count as posted, and nothing is sent. Needs
        the scope `settle`.
        """
        found: models.SendOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/sends/{self.part(send_id)}/mark-done", body=body
        )
        return found

    def retry_send(
        self,
        tenant: str,
        send_id: str,
    ) -> models.SendOut:
        """Retry a failed or waiting send now. Only the steps that are left are done. Needs the scope `send`."""
        found: models.SendOut = self.call("POST", f"/v1/tenants/{self.part(tenant)}/sends/{self.part(send_id)}/retry")
        return found

    def cancel_send(
        self,
        tenant: str,
        send_id: str,
    ) -> models.SendOut:
        """Cancel a send. Only a send that has written nothing yet. Needs the scope `send`."""
        found: models.SendOut = self.call("POST", f"/v1/tenants/{self.part(tenant)}/sends/{self.part(send_id)}/cancel")
        return found

    def list_doubts(
        self,
        tenant: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        connection: str | None = None,
    ) -> models.PageDoubtOut:
        """List the lines that may have been posted or not. Oldest first. Look in Spectrum, then settle each. Needs
        the scope `read`.
        """
        found: models.PageDoubtOut = self.call(
            "GET",
            f"/v1/tenants/{self.part(tenant)}/doubts",
            query={"limit": limit, "cursor": cursor, "connection": connection},
        )
        return found

    def each_of_doubts(
        self,
        tenant: str,
        *,
        connection: str | None = None,
    ) -> Iterator[models.DoubtOut]:
        """Every item that `list_doubts` lists, page by page."""
        return every(lambda cursor: self.list_doubts(tenant=tenant, connection=connection, cursor=cursor))

    def settle_doubt(
        self,
        tenant: str,
        line_id: str,
        body: models.VerdictIn,
    ) -> models.LedgerLineOut:
        """Say whether a line is in Spectrum. A `posted` line is never sent again; with `not_posted` the send posts
        it. Needs the scope `settle`.
        """
        found: models.LedgerLineOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/doubts/{self.part(line_id)}/settle", body=body
        )
        return found

    def list_unclear_annotations(
        self,
        tenant: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        connection: str | None = None,
    ) -> models.PageUnclearAnnotationOut:
        """List the notes and documents that may have been added or not. Oldest first. Look in Spectrum, then
        settle each. Their jobs are sent; they hold nothing back. Needs the scope `read`.
        """
        found: models.PageUnclearAnnotationOut = self.call(
            "GET",
            f"/v1/tenants/{self.part(tenant)}/unclear-annotations",
            query={"limit": limit, "cursor": cursor, "connection": connection},
        )
        return found

    def each_of_unclear_annotations(
        self,
        tenant: str,
        *,
        connection: str | None = None,
    ) -> Iterator[models.UnclearAnnotationOut]:
        """Every item that `list_unclear_annotations` lists, page by page."""
        return every(lambda cursor: self.list_unclear_annotations(tenant=tenant, connection=connection, cursor=cursor))

    def settle_annotation(
        self,
        tenant: str,
        annotation_id: str,
        body: models.AnnotationVerdictIn,
    ) -> models.UnclearAnnotationOut:
        """Say whether a note's text or a document is in Spectrum. What is there is never added again; what is not
        goes with the job's next send. Needs the scope `settle`.
        """
        found: models.UnclearAnnotationOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/unclear-annotations/{self.part(annotation_id)}/settle", body=body
        )
        return found

    def preview_creation(
        self,
        tenant: str,
        connection: str,
        body: models.CreationPreviewIn,
    ) -> models.CreationPreviewOut:
        """Preview a new record with every field. Nothing is written. Without `fields` it shows what Jobferry
        proposes from ServiceTrade's record. Needs the scope `read`.
        """
        found: models.CreationPreviewOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/creations/preview", body=body
        )
        return found

    def request_creation(
        self,
        tenant: str,
        connection: str,
        body: models.CreationIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.CreationOut:
        """Create a record in Spectrum, as it was confirmed. A worker calls Spectrum once. Whatever is unclear
        afterwards is in doubt until somebody settles it; nothing is created again by guess. The connection must
        allow it. Needs the scope `manage`.
        """
        found: models.CreationOut = self.call(
            "POST",
            f"/v1/tenants/{self.part(tenant)}/connections/{self.part(connection)}/creations",
            body=body,
            key=idempotency_key or self.new_key(),
        )
        return found

    def list_creations(
        self,
        tenant: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        connection: str | None = None,
        state: models.CreationState | None = None,
        needs_person: bool | None = None,
    ) -> models.PageCreationOut:
        """List the records that were confirmed. Newest first. Needs the scope `read`."""
        found: models.PageCreationOut = self.call(
            "GET",
            f"/v1/tenants/{self.part(tenant)}/creations",
            query={
                "limit": limit,
                "cursor": cursor,
                "connection": connection,
                "state": state,
                "needs_person": needs_person,
            },
        )
        return found

    def each_of_creations(
        self,
        tenant: str,
        *,
        connection: str | None = None,
        state: models.CreationState | None = None,
        needs_person: bool | None = None,
    ) -> Iterator[models.CreationOut]:
        """Every item that `list_creations` lists, page by page."""
        return every(
            lambda cursor: self.list_creations(
                tenant=tenant, connection=connection, state=state, needs_person=needs_person, cursor=cursor
            )
        )

    def show_creation(
        self,
        tenant: str,
        creation_id: str,
    ) -> models.CreationOut:
        """Show a creation. It has what was sent, what came back, and where in Spectrum to look. Needs the scope
        `read`.
        """
        found: models.CreationOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/creations/{self.part(creation_id)}"
        )
        return found

    def settle_creation(
        self,
        tenant: str,
        creation_id: str,
        body: models.CreationVerdictIn,
    ) -> models.CreationOut:
        """Say whether a record is in Spectrum. If it is there, its code is kept. If it is not, it can be confirmed
        anew. Needs the scope `settle`.
        """
        found: models.CreationOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/creations/{self.part(creation_id)}/settle", body=body
        )
        return found

    def cancel_creation(
        self,
        tenant: str,
        creation_id: str,
    ) -> models.CreationOut:
        """Cancel a creation. Only while its call has not left. Needs the scope `manage`."""
        found: models.CreationOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/creations/{self.part(creation_id)}/cancel"
        )
        return found

    def set_created_code(
        self,
        tenant: str,
        creation_id: str,
        body: models.KeepCodeIn | None = None,
    ) -> models.CreationOut:
        """Keep the code of a record that was created. For one whose code could not be kept: it is tried again, or
        left as it is. Needs the scope `manage`.
        """
        found: models.CreationOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/creations/{self.part(creation_id)}/keep-code", body=body
        )
        return found

    def show_webhook(
        self,
        tenant: str,
    ) -> models.WebhookOut:
        """Show whether ServiceTrade reports completed jobs at once. Otherwise Jobferry learns of them at its next
        poll. Needs the scope `read`.
        """
        found: models.WebhookOut = self.call("GET", f"/v1/tenants/{self.part(tenant)}/servicetrade-webhook")
        return found

    def switch_webhook_on(
        self,
        tenant: str,
    ) -> models.WebhookOut:
        """Learn of completed jobs at once. Registers Jobferry's address in ServiceTrade. Repeating it changes
        nothing. Needs the scope `manage`.
        """
        found: models.WebhookOut = self.call("PUT", f"/v1/tenants/{self.part(tenant)}/servicetrade-webhook")
        return found

    def switch_webhook_off(
        self,
        tenant: str,
    ) -> None:
        """Learn of completed jobs only at the next poll. Removes Jobferry's address from ServiceTrade. Needs the
        scope `manage`.
        """
        self.call("DELETE", f"/v1/tenants/{self.part(tenant)}/servicetrade-webhook")

    def list_aliases(
        self,
        tenant: str,
        *,
        connection: str,
        kind: models.AliasKind | None = None,
        search: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageAliasOut:
        """List the alias mappings of a connection. Newest first, in pages. With `Accept: text/csv` all of them, as
        a file. Needs the scope `read`.
        """
        found: models.PageAliasOut = self.call(
            "GET",
            f"/v1/tenants/{self.part(tenant)}/aliases",
            query={"connection": connection, "kind": kind, "search": search, "limit": limit, "cursor": cursor},
        )
        return found

    def each_of_aliases(
        self,
        tenant: str,
        *,
        connection: str,
        kind: models.AliasKind | None = None,
        search: str | None = None,
    ) -> Iterator[models.AliasOut]:
        """Every item that `list_aliases` lists, page by page."""
        return every(
            lambda cursor: self.list_aliases(
                tenant=tenant, connection=connection, kind=kind, search=search, cursor=cursor
            )
        )

    def set_aliases(
        self,
        tenant: str,
        body: models.AliasesIn,
    ) -> models.AliasesSetOut | models.AliasImportOut:
        """Set alias mappings, all or none. The history keeps former codes. Needs the scope `manage`."""
        found: models.AliasesSetOut | models.AliasImportOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/aliases", body=body
        )
        return found

    def remove_alias(
        self,
        tenant: str,
        alias_id: str,
    ) -> None:
        """Remove an alias mapping. The external id in ServiceTrade is used again. Needs the scope `manage`."""
        self.call("DELETE", f"/v1/tenants/{self.part(tenant)}/aliases/{self.part(alias_id)}")

    def list_former_codes(
        self,
        tenant: str,
        alias_id: str,
    ) -> models.PageFormerAliasOut:
        """List the former codes of an alias mapping. Newest first, with who set and who ended each. Needs the
        scope `read`.
        """
        found: models.PageFormerAliasOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/aliases/{self.part(alias_id)}/history"
        )
        return found

    def create_key(
        self,
        tenant: str,
        body: models.TenantKeyIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.NewKeyOut:
        """Make a key of this tenant. It cannot have scopes that the calling key lacks. Needs the scope `manage`."""
        found: models.NewKeyOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/keys", body=body, key=idempotency_key or self.new_key()
        )
        return found

    def list_keys(
        self,
        tenant: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageKeyOut:
        """List the tenant's keys. Newest first, also those that have ended. Needs the scope `manage`."""
        found: models.PageKeyOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/keys", query={"limit": limit, "cursor": cursor}
        )
        return found

    def each_of_keys(
        self,
        tenant: str,
    ) -> Iterator[models.KeyOut]:
        """Every item that `list_keys` lists, page by page."""
        return every(lambda cursor: self.list_keys(tenant=tenant, cursor=cursor))

    def rotate_key(
        self,
        tenant: str,
        key_id: str,
        body: models.RotateKeyIn | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> models.NewKeyOut:
        """Make a key that replaces another one. The old key still works until the overlap is over. Needs the scope
        `manage`.
        """
        found: models.NewKeyOut = self.call(
            "POST",
            f"/v1/tenants/{self.part(tenant)}/keys/{self.part(key_id)}/rotate",
            body=body,
            key=idempotency_key or self.new_key(),
        )
        return found

    def revoke_key(
        self,
        tenant: str,
        key_id: str,
    ) -> None:
        """Revoke a key of this tenant. It stops working within seconds, on every machine. Needs the scope
        `manage`.
        """
        self.call("DELETE", f"/v1/tenants/{self.part(tenant)}/keys/{self.part(key_id)}")

    def make_sign_in_link(
        self,
        tenant: str,
        body: models.SignInLinkIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.SignInLinkOut:
        """Make a link that signs a person in once, within ten minutes. Anybody who opens it is signed in as that
        person, so the key must be allowed all that the person's role may do. Needs the scope `manage`.
        """
        found: models.SignInLinkOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/sign-in-links", body=body, key=idempotency_key or self.new_key()
        )
        return found

    def add_webhook_endpoint(
        self,
        tenant: str,
        body: models.WebhookEndpointIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.WebhookEndpointWithSecret:
        """Add the address of a program that receives events. Only this answer contains the signing secret. Needs
        the scope `manage`.
        """
        found: models.WebhookEndpointWithSecret = self.call(
            "POST",
            f"/v1/tenants/{self.part(tenant)}/webhook-endpoints",
            body=body,
            key=idempotency_key or self.new_key(),
        )
        return found

    def list_webhook_endpoints(
        self,
        tenant: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageWebhookEndpointOut:
        """List the tenant's webhook endpoints. Oldest first, without their secrets. Needs the scope `read`."""
        found: models.PageWebhookEndpointOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/webhook-endpoints", query={"limit": limit, "cursor": cursor}
        )
        return found

    def each_of_webhook_endpoints(
        self,
        tenant: str,
    ) -> Iterator[models.WebhookEndpointOut]:
        """Every item that `list_webhook_endpoints` lists, page by page."""
        return every(lambda cursor: self.list_webhook_endpoints(tenant=tenant, cursor=cursor))

    def find_webhook_endpoint(
        self,
        tenant: str,
        endpoint_id: str,
    ) -> models.WebhookEndpointOut:
        """Show one webhook endpoint. Also since when it fails. Its secret is never shown. Needs the scope `read`."""
        found: models.WebhookEndpointOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/webhook-endpoints/{self.part(endpoint_id)}"
        )
        return found

    def change_webhook_endpoint(
        self,
        tenant: str,
        endpoint_id: str,
        body: models.WebhookEndpointPatch | None = None,
    ) -> models.WebhookEndpointOut:
        """Change an endpoint's address or events, or pause it. Fields not given do not change. In a pause events
        wait. Needs the scope `manage`.
        """
        found: models.WebhookEndpointOut = self.call(
            "PATCH", f"/v1/tenants/{self.part(tenant)}/webhook-endpoints/{self.part(endpoint_id)}", body=body
        )
        return found

    def remove_webhook_endpoint(
        self,
        tenant: str,
        endpoint_id: str,
    ) -> None:
        """Remove a webhook endpoint. Its waiting deliveries are removed too. Needs the scope `manage`."""
        self.call("DELETE", f"/v1/tenants/{self.part(tenant)}/webhook-endpoints/{self.part(endpoint_id)}")

    def rotate_webhook_secret(
        self,
        tenant: str,
        endpoint_id: str,
        *,
        idempotency_key: str | None = None,
    ) -> models.WebhookEndpointWithSecret:
        """Make a new signing secret, which only this answer contains. The old secret also signs for one day. Needs
        the scope `manage`.
        """
        found: models.WebhookEndpointWithSecret = self.call(
            "POST",
            f"/v1/tenants/{self.part(tenant)}/webhook-endpoints/{self.part(endpoint_id)}/rotate-secret",
            key=idempotency_key or self.new_key(),
        )
        return found

    def try_webhook_endpoint(
        self,
        tenant: str,
        endpoint_id: str,
    ) -> models.DeliveryOut:
        """Post a test event now. Answers when the receiver has answered, also with a refusal, or its time is over.
        Needs the scope `manage`.
        """
        found: models.DeliveryOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/webhook-endpoints/{self.part(endpoint_id)}/test"
        )
        return found

    def redeliver(
        self,
        tenant: str,
        endpoint_id: str,
        body: models.RedeliverIn | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> models.RedeliveryOut:
        """Post events again: one, or all since a moment. Each has its former id, a new signature, and the header
        `Jobferry-Redelivered: true`. They go to the endpoint's present address. Only events that the endpoint
        has, or had, a delivery of. Needs the scope `manage`.
        """
        found: models.RedeliveryOut = self.call(
            "POST",
            f"/v1/tenants/{self.part(tenant)}/webhook-endpoints/{self.part(endpoint_id)}/redeliveries",
            body=body,
            key=idempotency_key or self.new_key(),
        )
        return found

    def list_deliveries(
        self,
        tenant: str,
        endpoint_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageDeliveryOut:
        """List the deliveries to a webhook endpoint, newest first. The operator chooses how long they are kept.
        Needs the scope `read`.
        """
        found: models.PageDeliveryOut = self.call(
            "GET",
            f"/v1/tenants/{self.part(tenant)}/webhook-endpoints/{self.part(endpoint_id)}/deliveries",
            query={"limit": limit, "cursor": cursor},
        )
        return found

    def each_of_deliveries(
        self,
        tenant: str,
        endpoint_id: str,
    ) -> Iterator[models.DeliveryOut]:
        """Every item that `list_deliveries` lists, page by page."""
        return every(lambda cursor: self.list_deliveries(tenant=tenant, endpoint_id=endpoint_id, cursor=cursor))

    def add_recipient(
        self,
        tenant: str,
        body: models.RecipientIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.RecipientOut:
        """Add a mail address or a channel that is told of trouble. A channel's address is a secret and never
        shown. Needs the scope `manage`.
        """
        found: models.RecipientOut = self.call(
            "POST",
            f"/v1/tenants/{self.part(tenant)}/notification-recipients",
            body=body,
            key=idempotency_key or self.new_key(),
        )
        return found

    def list_recipients(
        self,
        tenant: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageRecipientOut:
        """List the tenant's recipients, oldest first. What people chose for themselves is not listed. Needs the
        scope `read`.
        """
        found: models.PageRecipientOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/notification-recipients", query={"limit": limit, "cursor": cursor}
        )
        return found

    def each_of_recipients(
        self,
        tenant: str,
    ) -> Iterator[models.RecipientOut]:
        """Every item that `list_recipients` lists, page by page."""
        return every(lambda cursor: self.list_recipients(tenant=tenant, cursor=cursor))

    def find_recipient(
        self,
        tenant: str,
        recipient_id: str,
    ) -> models.RecipientOut:
        """Show one recipient. Also why the last message did not arrive. Needs the scope `read`."""
        found: models.RecipientOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/notification-recipients/{self.part(recipient_id)}"
        )
        return found

    def change_recipient(
        self,
        tenant: str,
        recipient_id: str,
        body: models.RecipientPatch | None = None,
    ) -> models.RecipientOut:
        """Change what a recipient is told of, its address, or pause it. Fields not given do not change. Needs the
        scope `manage`.
        """
        found: models.RecipientOut = self.call(
            "PATCH", f"/v1/tenants/{self.part(tenant)}/notification-recipients/{self.part(recipient_id)}", body=body
        )
        return found

    def remove_recipient(
        self,
        tenant: str,
        recipient_id: str,
    ) -> None:
        """Remove a recipient. All that waits for it is removed too. Needs the scope `manage`."""
        self.call("DELETE", f"/v1/tenants/{self.part(tenant)}/notification-recipients/{self.part(recipient_id)}")

    def try_recipient(
        self,
        tenant: str,
        recipient_id: str,
    ) -> models.MessageOut:
        """Send a test now. Answers when the mail server or the channel has answered, also with a refusal. Needs
        the scope `manage`.
        """
        found: models.MessageOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/notification-recipients/{self.part(recipient_id)}/test"
        )
        return found

    def list_messages(
        self,
        tenant: str,
        recipient_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageMessageOut:
        """List the messages to a recipient, newest first. The operator chooses how long they are kept. Needs the
        scope `read`.
        """
        found: models.PageMessageOut = self.call(
            "GET",
            f"/v1/tenants/{self.part(tenant)}/notification-recipients/{self.part(recipient_id)}/messages",
            query={"limit": limit, "cursor": cursor},
        )
        return found

    def each_of_messages(
        self,
        tenant: str,
        recipient_id: str,
    ) -> Iterator[models.MessageOut]:
        """Every item that `list_messages` lists, page by page."""
        return every(lambda cursor: self.list_messages(tenant=tenant, recipient_id=recipient_id, cursor=cursor))

    def start_reconciliation(
        self,
        tenant: str,
        body: models.ReconciliationIn | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> models.ReconciliationOut:
        """Start a reconciliation of completed jobs. A worker compares every job completed on these days with what
        stands in Spectrum by our account. A running one of the same days is returned instead of starting
        another. Needs the scope `send`.
        """
        found: models.ReconciliationOut = self.call(
            "POST", f"/v1/tenants/{self.part(tenant)}/reconciliations", body=body, key=idempotency_key or self.new_key()
        )
        return found

    def list_reconciliations(
        self,
        tenant: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageReconciliationOut:
        """List reconciliations. Newest first. They are deleted when webhook deliveries of the same age are. Needs
        the scope `read`.
        """
        found: models.PageReconciliationOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/reconciliations", query={"limit": limit, "cursor": cursor}
        )
        return found

    def each_of_reconciliations(
        self,
        tenant: str,
    ) -> Iterator[models.ReconciliationOut]:
        """Every item that `list_reconciliations` lists, page by page."""
        return every(lambda cursor: self.list_reconciliations(tenant=tenant, cursor=cursor))

    def show_reconciliation(
        self,
        tenant: str,
        reconciliation_id: str,
    ) -> models.ReconciliationDetail:
        """Show a reconciliation with its counts. The result is final once the state is not `running`. Needs the
        scope `read`.
        """
        found: models.ReconciliationDetail = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/reconciliations/{self.part(reconciliation_id)}"
        )
        return found

    def list_reconciled_jobs(
        self,
        tenant: str,
        reconciliation_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        kind: models.Which | None = None,
        connection: str | None = None,
    ) -> models.PageReconciledJobOut:
        """List the jobs of a reconciliation. By the ids of the jobs; without a `kind` those with a difference. As
        text/csv all that match, a row for each difference. Needs the scope `read`.
        """
        found: models.PageReconciledJobOut = self.call(
            "GET",
            f"/v1/tenants/{self.part(tenant)}/reconciliations/{self.part(reconciliation_id)}/jobs",
            query={"limit": limit, "cursor": cursor, "kind": kind, "connection": connection},
        )
        return found

    def each_of_reconciled_jobs(
        self,
        tenant: str,
        reconciliation_id: str,
        *,
        kind: models.Which | None = None,
        connection: str | None = None,
    ) -> Iterator[models.ReconciledJobOut]:
        """Every item that `list_reconciled_jobs` lists, page by page."""
        return every(
            lambda cursor: self.list_reconciled_jobs(
                tenant=tenant, reconciliation_id=reconciliation_id, kind=kind, connection=connection, cursor=cursor
            )
        )

    def list_audit(
        self,
        tenant: str,
        *,
        actor: str | None = None,
        action: str | None = None,
        subject: str | None = None,
        since: str | None = None,
        until: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageAuditOut:
        """List the decisions of people. Newest first, with those of keys and of Jobferry itself. Needs the scope
        `read`.
        """
        found: models.PageAuditOut = self.call(
            "GET",
            f"/v1/tenants/{self.part(tenant)}/audit",
            query={
                "actor": actor,
                "action": action,
                "subject": subject,
                "since": since,
                "until": until,
                "limit": limit,
                "cursor": cursor,
            },
        )
        return found

    def each_of_audit(
        self,
        tenant: str,
        *,
        actor: str | None = None,
        action: str | None = None,
        subject: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Iterator[models.AuditOut]:
        """Every item that `list_audit` lists, page by page."""
        return every(
            lambda cursor: self.list_audit(
                tenant=tenant, actor=actor, action=action, subject=subject, since=since, until=until, cursor=cursor
            )
        )

    def show_counts(
        self,
        tenant: str,
    ) -> models.CountsOut:
        """Show how many jobs wait, by what they wait for and by cause. The same numbers as on the console's pages
        and, over all tenants, in the metrics. Needs the scope `read`.
        """
        found: models.CountsOut = self.call("GET", f"/v1/tenants/{self.part(tenant)}/counts")
        return found

    def list_warnings(
        self,
        tenant: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageWarningOut:
        """List what needs attention, newest first. The next success of a job ends its warning. Needs the scope
        `read`.
        """
        found: models.PageWarningOut = self.call(
            "GET", f"/v1/tenants/{self.part(tenant)}/warnings", query={"limit": limit, "cursor": cursor}
        )
        return found

    def each_of_warnings(
        self,
        tenant: str,
    ) -> Iterator[models.WarningOut]:
        """Every item that `list_warnings` lists, page by page."""
        return every(lambda cursor: self.list_warnings(tenant=tenant, cursor=cursor))

    def dismiss_warning(
        self,
        tenant: str,
        warning_id: str,
    ) -> None:
        """Dismiss a warning. The send itself does not change. Needs the scope `send`."""
        self.call("POST", f"/v1/tenants/{self.part(tenant)}/warnings/{self.part(warning_id)}/dismiss")
