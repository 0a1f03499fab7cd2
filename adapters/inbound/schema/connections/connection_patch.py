"""A change of a connection, as a merge patch."""

from __future__ import annotations

from dataclasses import replace

from pydantic import SecretStr

from adapters.inbound.schema.connections.connection_in import EnhancedAuthIn
from adapters.inbound.schema.connections.setting_fields import (
    CLIENT_SECRET_END,
    NEVER_NULL,
    SettingsPatch,
    settings_of,
)
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.shared.errors import BadInput, FieldError
from core.model.shared.secret import Secret


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
