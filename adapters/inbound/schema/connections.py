"""Connections in requests and answers. The Authorization ID and the client secret go in and never come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import AwareDatetime, Field, SecretStr, StringConstraints, create_model

from adapters.inbound.schema.findings import FindingOut, HoldOut, ItemsHoldOut
from adapters.inbound.schema.schema_base import Input, Moment, Output, Text
from adapters.inbound.schema.setting_fields import (
    changes_of,
    new_fields,
    patch_fields,
    settings_of,
    shown_fields,
    shown_settings,
)
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
    """`expires_at` is when the client secret ends, as its issuer says."""

    client_id: Annotated[Text, StringConstraints(min_length=1)]
    client_secret: Annotated[SecretStr, Field(min_length=1)]
    expires_at: AwareDatetime | None = None


class ConnectionIn(NewSettings):
    """A new connection. With `check` (the default) address and secrets are tried before anything is stored."""

    check: bool = True
    slug: Text
    authorization_id: SecretStr
    enhanced_auth: EnhancedAuthIn | None = None

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
    authorization_id: SecretStr | None = None
    enhanced_auth: EnhancedAuthIn | None = None

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
    name: str
    state: CheckState
    detail: str
    code: str | None
    fix: list[str]


class ConnectionTestOut(Output):
    """`stale`: address, company or secrets have changed since, so it says nothing about the present ones."""

    at: Moment
    by: str
    ok: bool
    stale: bool
    steps: list[CheckStepOut]


class ConnectionOut(ShownSettings):
    """`enhanced_auth` says whether a client id and secret are stored; `client_secret_expires_at` is null where nobody
    said when that ends. `former_endpoint_urls` are the addresses that it had before: what was posted there counts as
    posted to the same Spectrum. `items_hold` holds items only, while work orders go on; `restored_at` is when somebody
    last acknowledged a restored backup. `warnings` stop nothing, such as another connection to the same company; null
    where they were not looked for.

    `state` is `working` only if Spectrum has accepted a write with the present address, company and secrets (`proven`),
    the last one at `last_write_at`. `not_proven`: none yet, or none since one of these changed. `waiting`: Jobferry
    tries again by itself. `held`: a person has to resume it. `no_items`: see `items_hold`. `last_test` is null before
    the first test."""

    id: str
    slug: str
    state: ConnectionState
    proven: bool
    last_write_at: Moment | None
    last_test: ConnectionTestOut | None
    enhanced_auth: bool
    former_endpoint_urls: list[str]
    paused: bool
    hold: HoldOut | None
    warnings: list[FindingOut] | None
    items_hold: ItemsHoldOut | None
    restored_at: Moment | None

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
    """`ok` unless a step failed; what cannot be known without writing is `unknown`."""

    connection: str
    ok: bool
    steps: list[CheckStepOut]

    @classmethod
    def of(cls, slug: str, steps: Sequence[CheckStep]) -> Self:
        return super().of(connection=slug, ok=not failed_steps(steps), steps=steps)
