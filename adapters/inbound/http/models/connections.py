"""Connections in and out. The Authorization ID and the client secret go in and never come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, asdict, fields, replace
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, JsonValue, SecretStr, StringConstraints

from adapters.inbound.http.models.findings import HoldOut
from adapters.inbound.http.models.wire import Input, Items, Moment, Output, Text
from core.model.answer import CheckState, CheckStep
from core.model.connection import (
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
from core.model.cost_line import ItemsMode
from core.model.endpoint import Endpoint
from core.model.errors import BadInput, FieldError
from core.model.item import DEFAULT_KINDS, ItemKind, item_type
from core.model.secret import Secret


class EnhancedAuthIn(Input):
    client_id: Annotated[Text, StringConstraints(min_length=1)]
    client_secret: Annotated[SecretStr, Field(min_length=1)]


class PluginModel(Input):
    """One plugin of a connection, in the order of its list."""

    name: Annotated[Text, StringConstraints(min_length=1)]
    config: dict[str, JsonValue] = Field(default_factory=dict)


class ExternalSyncModel(Input):
    """How to post to ServiceTrade's ExternalSync; texts may hold {job_id}, {system}, {status} and {message}."""

    path: Text = "/externalsync"
    body: dict[str, JsonValue] = Field(default_factory=dict)


class ReadBackModel(Input):
    """A way to read cost lines back: which reader, and where it asks."""

    kind: Literal["sandbox"]
    url: Annotated[Text, StringConstraints(min_length=1)]


def _start(value: object) -> object:
    """A date is the midnight it begins with, in UTC; a moment names its time zone."""
    if not isinstance(value, str):
        return value
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


class ItemsIn(Input):
    """What becomes of a completed job's items, and whether its completion sends it."""

    item_kinds: dict[Annotated[Text, AfterValidator(item_type)], ItemKind] = Field(default_factory=dict, max_length=100)
    default_warehouse: Text = ""
    non_stock_fallback: NonStock = NonStock.OFF
    on_completion: OnCompletion = OnCompletion.OFF
    completion_start_date: Annotated[AwareDatetime, BeforeValidator(_start)] | None = None
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
            plugins=tuple(PluginUse(use.name, dict(use.config)) for use in self.plugins),
            item_kinds=dict(self.item_kinds),
            default_warehouse=self.default_warehouse,
            non_stock_fallback=self.non_stock_fallback,
            on_completion=self.on_completion,
            completion_start_date=self.completion_start_date,
            items_on_resend=self.items_on_resend,
            read_back=ReadBackSetting(self.read_back.kind, self.read_back.url) if self.read_back else None,
        )

    def secrets(self) -> ConnectionSecrets:
        """Raises BadInput for an Authorization ID that Spectrum could not have issued."""
        auth = self.enhanced_auth
        return ConnectionSecrets(
            Secret(self.authorization_id.get_secret_value()),
            auth.client_id if auth else None,
            Secret(auth.client_secret.get_secret_value()) if auth else None,
        )


class ConnectionPatch(Input):
    """A merge patch: what is not named stays, null goes back to the default. Secrets are replaced, never shown."""

    check: bool = True
    name: Text | None = None
    external_system: Text | None = None
    endpoint_url: Text | None = None
    company_code: Text | None = None
    authorization_id: SecretStr | None = None
    enhanced_auth: EnhancedAuthIn | None = None
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
    completion_start_date: Annotated[AwareDatetime, BeforeValidator(_start)] | None = None
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
                return tuple(PluginUse(use.name, dict(use.config)) for use in value)
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


class ConnectionOut(Output):
    """`enhanced_auth` says whether a client id and secret are stored."""

    id: str
    slug: str
    name: str
    external_system: str
    endpoint_url: str
    company_code: str
    enhanced_auth: bool
    ca_certificate: str | None
    leading_character: str
    default_work_order_type: str
    lead_source: str
    long_text: LongText
    overwrite: Overwrite
    failure_tag: str | None
    external_sync: ExternalSyncModel | None
    plugins: list[PluginModel]
    item_kinds: dict[str, ItemKind]
    default_warehouse: str
    non_stock_fallback: NonStock
    on_completion: OnCompletion
    completion_start_date: Moment | None
    items_on_resend: ItemsMode
    read_back: ReadBackModel | None
    paused: bool
    hold: HoldOut | None

    @classmethod
    def of(cls, shown: Connection) -> ConnectionOut:
        sync = shown.external_sync
        return cls(
            id=shown.id,
            slug=shown.slug,
            name=shown.name,
            external_system=shown.external_system,
            endpoint_url=str(shown.endpoint),
            company_code=shown.company_code,
            enhanced_auth=shown.enhanced_auth,
            ca_certificate=shown.ca_certificate,
            leading_character=shown.leading_character,
            default_work_order_type=shown.default_work_order_type,
            lead_source=shown.lead_source,
            long_text=shown.long_text,
            overwrite=shown.overwrite,
            failure_tag=shown.failure_tag,
            external_sync=ExternalSyncModel(path=sync.path, body=sync.body) if sync else None,
            plugins=[PluginModel(name=use.name, config=use.config) for use in shown.plugins],
            item_kinds={**DEFAULT_KINDS, **shown.item_kinds},
            default_warehouse=shown.default_warehouse,
            non_stock_fallback=shown.non_stock_fallback,
            on_completion=shown.on_completion,
            completion_start_date=shown.completion_start_date,
            items_on_resend=shown.items_on_resend,
            read_back=_read_back(shown),
            paused=shown.paused,
            hold=HoldOut.of(shown.hold) if shown.hold else None,
        )


def _read_back(shown: Connection) -> ReadBackModel | None:
    return ReadBackModel.model_validate(asdict(shown.read_back)) if shown.read_back else None


class CheckStepOut(Output):
    name: str
    state: CheckState
    detail: str
    code: str | None
    fix: list[str]


class ExaminationOut(Output):
    """`ok` unless a step failed; what cannot be known without writing is `unknown`."""

    connection: str
    ok: bool
    steps: list[CheckStepOut]

    @classmethod
    def of(cls, slug: str, steps: Sequence[CheckStep]) -> ExaminationOut:
        return cls(
            connection=slug,
            ok=all(step.state is not CheckState.FAILED for step in steps),
            steps=[
                CheckStepOut(name=s.name, state=s.state, detail=s.detail, code=s.code, fix=list(s.fix)) for s in steps
            ],
        )
