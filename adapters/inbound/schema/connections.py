"""Connections in requests and answers. The Authorization ID and the client secret go in and never come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, SecretStr, StringConstraints, create_model

from adapters.inbound.schema.findings import FindingOut, HoldOut, ItemsHoldOut
from adapters.inbound.schema.schema_base import Input, Moment, MomentIn, Output, Text
from adapters.inbound.schema.setting_fields import (
    changes_of,
    new_fields,
    patch_fields,
    settings_of,
    shown_fields,
    shown_settings,
)
from adapters.inbound.schema.terms import By, Code, ConnectionName, Url, eg
from core.model.access.caller import Caller
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.connection_state import ConnectionState, failed_steps
from core.model.connections.settings import CONNECTION_SETTINGS
from core.model.shared.check_step import CheckState, CheckStep
from core.model.shared.errors import FieldError, Forbidden
from core.model.shared.finding import Finding
from core.model.shared.secret import Secret
from core.model.work_orders.item import DEFAULT_KINDS
from core.services.connections.manage_connection import Edit

_CLIENT_SECRET_END = "client_secret_expires_at"  # noqa: S105 - a field's name

if TYPE_CHECKING:
    NewSettings = Input
    SettingsPatch = Input
    ShownSettings = Output
else:
    # The end of a client secret is given together with the secret.
    _NEW = [one for one in CONNECTION_SETTINGS if one.name != _CLIENT_SECRET_END]
    NewSettings = create_model("NewSettings", __base__=Input, **new_fields(_NEW))
    SettingsPatch = create_model("SettingsPatch", __base__=Input, **patch_fields(CONNECTION_SETTINGS))
    ShownSettings = create_model("ShownSettings", __base__=Output, **shown_fields(CONNECTION_SETTINGS))


class EnhancedAuthIn(Input):
    """A client of Spectrum's Enhanced Authentication."""

    client_id: Annotated[Text, StringConstraints(min_length=1), eg("jobferry-client")]
    """Client id, as Spectrum's administrator made it."""
    client_secret: Annotated[SecretStr, Field(min_length=1, examples=["the client's secret"])]
    """Client secret. Stored encrypted and never shown again."""
    expires_at: Annotated[MomentIn, eg("2026-06-30T00:00:00Z")] | None = None
    """When the client secret ends, as Spectrum says. Null: not known, so nobody is warned."""


class ConnectionIn(NewSettings):
    """A new connection: one Spectrum company that the tenant sends to."""

    check: bool = True
    """Test address and secrets before anything is stored. False stores them untested."""
    slug: Annotated[Text, eg("main")]
    """Short name for addresses and programs: lower-case letters, digits and hyphens. It cannot be changed later."""
    authorization_id: Annotated[SecretStr, eg("AUTH-7711-XYZ")]
    """Authorization ID that Spectrum's administrator made for Jobferry. Stored encrypted and never shown again."""
    enhanced_auth: EnhancedAuthIn | None = None
    """Client id and secret, if this Spectrum uses Enhanced Authentication. Null: it does not."""

    def connection(self) -> Connection:
        """Without id and tenant, which the use case gives. Raises BadInput, naming every wrong field."""
        ends = self.enhanced_auth.expires_at if self.enhanced_auth else None
        settings = settings_of(CONNECTION_SETTINGS, self) | {_CLIENT_SECRET_END: ends}
        return Connection(id="", tenant_id="", slug=self.slug, **settings)

    def secrets(self) -> ConnectionSecrets:
        """Raises BadInput for an Authorization ID that Spectrum could not have issued."""
        auth = self.enhanced_auth
        return ConnectionSecrets(
            Secret(self.authorization_id.get_secret_value()),
            auth.client_id if auth else None,
            Secret(auth.client_secret.get_secret_value()) if auth else None,
        )


class ConnectionPatch(SettingsPatch):
    """A merge patch: what is not named stays, null goes back to the default. Secrets are replaced, never shown."""

    check: bool = True
    """Test a new address or new secrets before they are stored. False stores them untested."""
    authorization_id: Annotated[SecretStr, eg("AUTH-7711-XYZ")] | None = None
    """A new Authorization ID. Left out: the stored one stays."""
    enhanced_auth: EnhancedAuthIn | None = None
    """A new client id and secret. Null: the connection uses no Enhanced Authentication any more. Left out: no change.
    """

    def edit(self, before: Connection, secrets: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
        """The settings and secrets that are wanted. Raises BadInput, naming every wrong field."""
        changes = changes_of(CONNECTION_SETTINGS, self, "authorization_id")
        auth = self.enhanced_auth
        client = (secrets.client_id, secrets.client_secret)
        if "enhanced_auth" in self.model_fields_set:
            client = (auth.client_id, Secret(auth.client_secret.get_secret_value())) if auth else (None, None)
            if auth and auth.expires_at:
                changes[_CLIENT_SECRET_END] = auth.expires_at
        given = self.authorization_id
        authorization_id = Secret(given.get_secret_value()) if given else secrets.authorization_id
        return replace(before, **changes), ConnectionSecrets(authorization_id, *client)

    def edit_by(self, caller: Caller) -> Edit:
        """The edit of this caller. Keys and people of a tenant cannot read the stored secrets. So they cannot have them
        sent to an address of their own choice either: a new address needs the secrets again. Their edit also raises
        Forbidden (SCOPE_MISSING)."""
        return self.edit if caller.tenant_id is None else self._edit_without_knowing_the_secrets

    def _edit_without_knowing_the_secrets(
        self, before: Connection, secrets: ConnectionSecrets
    ) -> tuple[Connection, ConnectionSecrets]:
        wanted, new = self.edit(before, secrets)
        given = self.authorization_id and (secrets.client_id is None or "enhanced_auth" in self.model_fields_set)
        if wanted.endpoint.base != before.endpoint.base and not given:
            raise Forbidden(
                "The stored secrets are not sent to another address for somebody who cannot read them.",
                fix="Give the Authorization ID (and the client id and secret, if there are any) together with the new "
                "address, or let the operator change it.",
                errors=[FieldError("/endpoint_url", "needs authorization_id, and enhanced_auth if one is stored")],
            )
        return wanted, new


class CheckStepOut(Output):
    """One step of a test."""

    name: Annotated[str, eg("authorization")]
    """What was tested, such as `dns`, `tls`, `connection`, `authorization`, `read_customers`, `read_items` or
    `permission`, or a service by its name."""
    state: CheckState
    detail: Annotated[str, eg("Spectrum accepts the Authorization ID.")]
    """The result in words."""
    code: Code | None
    """Code of the failure. Null unless the step failed."""
    fix: Annotated[list[str], eg([])]
    """What to do if the step failed, step by step."""


class ConnectionTestOut(Output):
    """The result of the last test of a connection."""

    at: Moment
    """When it was tested."""
    by: By
    ok: Annotated[bool, eg(True)]
    """Whether no step failed."""
    stale: bool
    """Whether address, company or secrets have changed since: then it says nothing about the present ones."""
    steps: list[CheckStepOut]
    """The steps in their order."""


class ConnectionOut(ShownSettings):
    """A Spectrum company that the tenant sends to: its settings and its state, without its secrets."""

    id: Annotated[str, eg("con_01KJPV4V00EXAMPLE0000000C1")]
    """Id of the connection, given by Jobferry. Calls name it by its `slug`."""
    slug: ConnectionName
    state: ConnectionState
    proven: Annotated[bool, eg(True)]
    """Whether Spectrum has accepted a write with the present address, company and secrets."""
    last_write_at: Moment | None
    """When Spectrum last accepted a write with them. Null: never."""
    last_test: ConnectionTestOut | None
    """The result of the last test. Null before the first one."""
    enhanced_auth: Annotated[bool, eg(True)]
    """Whether a client id and secret are stored."""
    former_endpoint_urls: Annotated[list[Url], eg(["https://old.example.com:8482/ws"])]
    """Addresses that it had before. What was posted there counts as posted to the same Spectrum."""
    paused: bool
    """Whether somebody has paused it: its sends wait."""
    hold: Annotated[HoldOut, eg(None)] | None
    """Why it waits although it is not paused. Null: it does not wait."""
    warnings: Annotated[list[FindingOut], eg([])] | None
    """What to know about its settings, such as another connection to the same company. They stop nothing. Null where
    they were not looked for."""
    items_hold: Annotated[ItemsHoldOut, eg(None)] | None
    """Why it posts no items, while work orders go on. Null: items are posted."""
    restored_at: Annotated[Moment, eg(None)] | None
    """When somebody last acknowledged a restored backup. Null: never."""

    @classmethod
    def of(cls, shown: Connection, warnings: Sequence[Finding] | None = None) -> Self:
        return super().of(
            shown,
            former_endpoint_urls=[str(former.endpoint) for former in shown.former_endpoints],
            warnings=warnings,
            last_test=shown.last_test and ConnectionTestOut.of(shown.last_test, stale=shown.test_is_stale),
            **shown_settings(CONNECTION_SETTINGS, shown) | {"item_kinds": {**DEFAULT_KINDS, **shown.item_kinds}},
        )


class ExaminationOut(Output):
    """The result of testing a connection."""

    connection: ConnectionName
    ok: Annotated[bool, eg(True)]
    """Whether no step failed. What cannot be known without writing is `unknown`, and no failure."""
    steps: list[CheckStepOut]
    """The steps in their order."""

    @classmethod
    def of(cls, slug: str, steps: Sequence[CheckStep]) -> Self:
        return super().of(connection=slug, ok=not failed_steps(steps), steps=steps)
