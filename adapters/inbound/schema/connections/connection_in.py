"""A new connection. The Authorization ID and the client secret go in and never come back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, JsonValue, SecretStr, StringConstraints

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
    PluginUse,
    ReadBackSetting,
)
from core.model.connections.endpoint import Endpoint
from core.model.shared.secret import Secret
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.item import ItemKind, item_type


class EnhancedAuthIn(Input):
    """`expires_at` is when the client secret ends, as its issuer says."""

    client_id: Annotated[Text, StringConstraints(min_length=1)]
    client_secret: Annotated[SecretStr, Field(min_length=1)]
    expires_at: AwareDatetime | None = None


class PluginModel(Input):
    """One plugin of a connection, in the order of its list. `hooks` switches single hooks of it off, with false."""

    name: Annotated[Text, StringConstraints(min_length=1)]
    config: dict[str, JsonValue] = Field(default_factory=dict)
    hooks: dict[str, bool] = Field(default_factory=dict)

    def use(self) -> PluginUse:
        return PluginUse(self.name, dict(self.config), dict(self.hooks))


class ExternalSyncModel(Input):
    """How to post to ServiceTrade's ExternalSync; texts may hold {job_id}, {system}, {status} and {message}."""

    path: Text = "/externalsync"
    body: dict[str, JsonValue] = Field(default_factory=dict)


class ReadBackModel(Input):
    """A way to read cost lines back: which reader, and where it asks."""

    kind: Literal["sandbox"]
    url: Annotated[Text, StringConstraints(min_length=1)]


def start_of_day(value: object) -> object:
    """A date is the midnight it begins with, in UTC; a moment names its time zone."""
    if not isinstance(value, str):
        return value
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return _moment(value)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _moment(text: str) -> object:
    """Read here: a text that has been through our hands is no longer taken for a moment of JSON."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


class ItemsIn(Input):
    """What becomes of a completed job's items, and whether its completion sends it."""

    item_kinds: dict[Annotated[Text, AfterValidator(item_type)], ItemKind] = Field(default_factory=dict, max_length=100)
    default_warehouse: Text = ""
    non_stock_fallback: NonStock = NonStock.OFF
    on_completion: OnCompletion = OnCompletion.OFF
    completion_start_date: Annotated[AwareDatetime, BeforeValidator(start_of_day)] | None = None
    items_on_resend: Items = ItemsMode.NEW_ONLY
    read_back: ReadBackModel | None = None


class ConnectionIn(ItemsIn):
    """A new connection. With `check` (as it is unless told otherwise) address and secrets are tried before anything is
    stored."""

    check: bool = True
    slug: Text
    name: Text
    external_system: Text
    endpoint_url: Text
    company_code: Text
    authorization_id: SecretStr
    enhanced_auth: EnhancedAuthIn | None = None
    secret_rotation: SecretRotation = SecretRotation.MANUAL
    secret_days: int | None = None
    ca_certificate: Annotated[str, StringConstraints(max_length=100_000)] | None = None
    leading_character: Text = ""
    default_work_order_type: Text = ""
    lead_source: Text = ""
    long_text: LongText = LongText.CUT
    overwrite: Overwrite = Overwrite.ALL
    failure_tag: Annotated[Text, StringConstraints(min_length=1)] | None = None
    external_sync: ExternalSyncModel | None = None
    plugins: list[PluginModel] = Field(default_factory=list, max_length=50)

    def connection(self) -> Connection:
        """Without id and tenant, which the use case gives. Raises BadInput, naming every wrong field."""
        sync = self.external_sync
        return Connection(
            id="",
            tenant_id="",
            slug=self.slug,
            name=self.name,
            external_system=self.external_system,
            endpoint=Endpoint.parse(self.endpoint_url),
            company_code=self.company_code,
            leading_character=self.leading_character,
            default_work_order_type=self.default_work_order_type,
            lead_source=self.lead_source,
            long_text=self.long_text,
            overwrite=self.overwrite,
            ca_certificate=self.ca_certificate or None,
            failure_tag=self.failure_tag,
            external_sync=ExternalSync(sync.path, dict(sync.body)) if sync else None,
            plugins=tuple(one.use() for one in self.plugins),
            item_kinds=dict(self.item_kinds),
            default_warehouse=self.default_warehouse,
            non_stock_fallback=self.non_stock_fallback,
            on_completion=self.on_completion,
            completion_start_date=self.completion_start_date,
            items_on_resend=self.items_on_resend,
            read_back=ReadBackSetting(self.read_back.kind, self.read_back.url) if self.read_back else None,
            secret_rotation=self.secret_rotation,
            secret_days=self.secret_days,
            client_secret_expires_at=self.enhanced_auth.expires_at if self.enhanced_auth else None,
        )

    def secrets(self) -> ConnectionSecrets:
        """Raises BadInput for an Authorization ID that Spectrum could not have issued."""
        auth = self.enhanced_auth
        return ConnectionSecrets(
            Secret(self.authorization_id.get_secret_value()),
            auth.client_id if auth else None,
            Secret(auth.client_secret.get_secret_value()) if auth else None,
        )
