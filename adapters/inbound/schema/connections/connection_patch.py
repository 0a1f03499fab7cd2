"""A change of a connection, as a merge patch."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, SecretStr, StringConstraints

from adapters.inbound.schema.connections.connection_in import (
    EnhancedAuthIn,
    ExternalSyncModel,
    PluginModel,
    ReadBackModel,
    start_of_day,
)
from adapters.inbound.schema.schema_base import Input, Items, Text
from core.model.connections.client_secret import SecretRotation
from core.model.connections.connection import (
    Connection,
    ConnectionSecrets,
    ExternalSync,
    LongText,
    NonStock,
    OnCompletion,
    Overwrite,
    ReadBackSetting,
)
from core.model.connections.endpoint import Endpoint
from core.model.shared.errors import BadInput, FieldError
from core.model.shared.secret import Secret
from core.model.work_orders.item import ItemKind, item_type


class ConnectionPatch(Input):
    """A merge patch: what is not named stays, null goes back to the default. Secrets are replaced, never shown."""

    check: bool = True
    name: Text | None = None
    external_system: Text | None = None
    endpoint_url: Text | None = None
    company_code: Text | None = None
    authorization_id: SecretStr | None = None
    enhanced_auth: EnhancedAuthIn | None = None
    secret_rotation: SecretRotation | None = None
    secret_days: int | None = None
    client_secret_expires_at: AwareDatetime | None = None
    ca_certificate: Annotated[str, StringConstraints(max_length=100_000)] | None = None
    leading_character: Text | None = None
    default_work_order_type: Text | None = None
    lead_source: Text | None = None
    long_text: LongText | None = None
    overwrite: Overwrite | None = None
    failure_tag: Annotated[Text, StringConstraints(min_length=1)] | None = None
    external_sync: ExternalSyncModel | None = None
    plugins: list[PluginModel] | None = Field(default=None, max_length=50)
    item_kinds: dict[Annotated[Text, AfterValidator(item_type)], ItemKind] | None = Field(default=None, max_length=100)
    default_warehouse: Text | None = None
    non_stock_fallback: NonStock | None = None
    on_completion: OnCompletion | None = None
    completion_start_date: Annotated[AwareDatetime, BeforeValidator(start_of_day)] | None = None
    items_on_resend: Items | None = None
    read_back: ReadBackModel | None = None

    def edit(self, before: Connection, secrets: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
        """The settings and secrets that are wanted. Raises BadInput, naming every wrong field."""
        named = self.model_fields_set - {"check"}
        if missing := sorted(named & _NEVER_NULL & {name for name in named if getattr(self, name) is None}):
            raise BadInput(
                f"{', '.join(missing)} cannot be null.",
                fix="Leave out what should stay as it is.",
                errors=[FieldError(f"/{name}", "a value; it has no default to go back to") for name in missing],
            )
        changes = {_FIELD_OF.get(name, name): self._setting(name) for name in named - _SECRETS}
        auth = self.enhanced_auth
        client = (secrets.client_id, secrets.client_secret)
        if "enhanced_auth" in named:
            client = (auth.client_id, Secret(auth.client_secret.get_secret_value())) if auth else (None, None)
            if auth and auth.expires_at:
                changes["client_secret_expires_at"] = auth.expires_at
        given = self.authorization_id
        authorization_id = Secret(given.get_secret_value()) if given else secrets.authorization_id
        return replace(before, **changes), ConnectionSecrets(authorization_id, *client)

    def _setting(self, name: str) -> Any:
        value = getattr(self, name)
        match name, value:
            case _, None:
                return _DEFAULTS[_FIELD_OF.get(name, name)]
            case "endpoint_url", str():
                return Endpoint.parse(value)
            case "external_sync", ExternalSyncModel():
                return ExternalSync(value.path, dict(value.body))
            case "plugins", list():
                return tuple(one.use() for one in value)
            case "read_back", ReadBackModel():
                return ReadBackSetting(value.kind, value.url)
        return value


_SECRETS = frozenset({"authorization_id", "enhanced_auth"})
_FIELD_OF = {"endpoint_url": "endpoint"}
_NEVER_NULL = frozenset({"name", "external_system", "endpoint_url", "company_code", "authorization_id"})
_DEFAULTS = {
    field.name: field.default_factory() if field.default_factory is not MISSING else field.default
    for field in fields(Connection)
    if field.default is not MISSING or field.default_factory is not MISSING
}
