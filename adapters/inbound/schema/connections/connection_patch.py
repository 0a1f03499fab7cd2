"""A change of a connection, as a merge patch."""

from __future__ import annotations

from dataclasses import replace

from pydantic import SecretStr

from adapters.inbound.schema.connections.connection_in import EnhancedAuthIn
from adapters.inbound.schema.connections.connection_settings import CLIENT_SECRET_END, SettingsPatch
from adapters.inbound.schema.setting_fields import changes_of
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.settings import CONNECTION_SETTINGS
from core.model.shared.secret import Secret


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
                changes[CLIENT_SECRET_END] = auth.expires_at
        given = self.authorization_id
        authorization_id = Secret(given.get_secret_value()) if given else secrets.authorization_id
        return replace(before, **changes), ConnectionSecrets(authorization_id, *client)
