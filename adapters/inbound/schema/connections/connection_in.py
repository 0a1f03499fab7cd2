"""A new connection. The Authorization ID and the client secret go in and never come back."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field, SecretStr, StringConstraints

from adapters.inbound.schema.connections.connection_settings import CLIENT_SECRET_END, NewSettings
from adapters.inbound.schema.schema_base import Input, Text
from adapters.inbound.schema.setting_fields import settings_of
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.settings import CONNECTION_SETTINGS
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
        settings = settings_of(CONNECTION_SETTINGS, self) | {CLIENT_SECRET_END: ends}
        return Connection(id="", tenant_id="", slug=self.slug, **settings)

    def secrets(self) -> ConnectionSecrets:
        """Raises BadInput for an Authorization ID that Spectrum could not have issued."""
        auth = self.enhanced_auth
        return ConnectionSecrets(
            Secret(self.authorization_id.get_secret_value()),
            auth.client_id if auth else None,
            Secret(auth.client_secret.get_secret_value()) if auth else None,
        )
