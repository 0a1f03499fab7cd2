"""A new connection, and a change of one. Authorization ID and client secret go in and never come back."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import AwareDatetime, Field, SecretStr, StringConstraints

from adapters.inbound.schema.connections.setting_fields import (
    CLIENT_SECRET_END,
    NEVER_NULL,
    NewSettings,
    SettingsPatch,
    settings_of,
)
from adapters.inbound.schema.schema_base import Input, Text
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.shared.errors import BadInput, FieldError
from core.model.shared.secret import Secret


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
        return Connection(id="", tenant_id="", slug=self.slug, **settings_of(self) | {CLIENT_SECRET_END: ends})

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
        named = self.model_fields_set
        needed = named & {*NEVER_NULL, "authorization_id"}
        if missing := sorted(name for name in needed if getattr(self, name) is None):
            raise BadInput(
                f"{', '.join(missing)} cannot be null.",
                fix="Leave out what should stay as it is.",
                errors=[FieldError(f"/{name}", "a value; it has no default to go back to") for name in missing],
            )
        changes = settings_of(self, named)
        auth = self.enhanced_auth
        client = (secrets.client_id, secrets.client_secret)
        if "enhanced_auth" in named:
            client = (auth.client_id, Secret(auth.client_secret.get_secret_value())) if auth else (None, None)
            if auth and auth.expires_at:
                changes[CLIENT_SECRET_END] = auth.expires_at
        given = self.authorization_id
        authorization_id = Secret(given.get_secret_value()) if given else secrets.authorization_id
        return replace(before, **changes), ConnectionSecrets(authorization_id, *client)
