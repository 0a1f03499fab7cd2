"""The settings of a connection as fields of messages: made from their descriptions, so a new one is in all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Field,
    JsonValue,
    StringConstraints,
    create_model,
)

from adapters.inbound.schema.schema_base import Input, Items, Moment, Output, Text
from core.model.connections.connection import Connection
from core.model.connections.endpoint import Endpoint
from core.model.connections.settings import CONNECTION_SETTINGS, ExternalSync, PluginUse, ReadBackSetting
from core.model.shared.setting import DescribedSetting
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.item import DEFAULT_KINDS, ItemKind, item_type


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
    """Strict models read text as a moment only from JSON itself, so it is read here."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


_GIVEN: Mapping[Any, Any] = {
    str: Text,
    str | None: Annotated[Text, StringConstraints(min_length=1)] | None,
    datetime | None: Annotated[AwareDatetime, BeforeValidator(start_of_day)] | None,
    Endpoint: Text,
    ItemsMode: Items,
    Mapping[str, ItemKind]: Annotated[
        dict[Annotated[Text, AfterValidator(item_type)], ItemKind], Field(max_length=100)
    ],
    ExternalSync | None: ExternalSyncModel | None,
    tuple[PluginUse, ...]: Annotated[list[PluginModel], Field(max_length=50)],
    ReadBackSetting | None: ReadBackModel | None,
}
_SHOWN: Mapping[Any, Any] = {
    datetime | None: Moment | None,
    Endpoint: str,
    Mapping[str, ItemKind]: dict[str, ItemKind],
    ExternalSync | None: ExternalSyncModel | None,
    tuple[PluginUse, ...]: list[PluginModel],
    ReadBackSetting | None: ReadBackModel | None,
}
"""By the type of a setting: the type of its field in a message, where the two differ."""
_LONG_TEXT = Annotated[str, StringConstraints(max_length=100_000)] | None


CLIENT_SECRET_END = "client_secret_expires_at"  # noqa: S105 - a field's name
_NAMES = {one.public_name: one.name for one in CONNECTION_SETTINGS}
_DEFAULTS = {one.name: one.initial() for one in CONNECTION_SETTINGS if not one.required}
NEVER_NULL = frozenset(one.public_name for one in CONNECTION_SETTINGS if one.required)


def _given(one: DescribedSetting) -> Any:
    return _LONG_TEXT if one.setting.long else _GIVEN.get(one.type, one.type)


def _new(one: DescribedSetting) -> tuple[Any, Any]:
    if one.required:
        return _given(one), Field(description=_words(one))
    initial = one.initial()
    empty = {(): list, None: None}.get(initial) if not isinstance(initial, dict) else dict
    if empty:
        return _given(one), Field(default_factory=empty, description=_words(one))
    return _given(one), Field(default=initial, description=_words(one))


def _words(one: DescribedSetting) -> str:
    return f"{one.setting.title}. {one.setting.help}".rstrip()


if TYPE_CHECKING:
    NewSettings = Input
    SettingsPatch = Input
    ShownSettings = Output
else:
    NewSettings = create_model(
        "NewSettings",
        __base__=Input,
        # The end of a client secret is given together with the secret.
        **{one.public_name: _new(one) for one in CONNECTION_SETTINGS if one.name != CLIENT_SECRET_END},
    )
    SettingsPatch = create_model(
        "SettingsPatch",
        __base__=Input,
        **{
            one.public_name: (_given(one) | None, Field(default=None, description=_words(one)))
            for one in CONNECTION_SETTINGS
        },
    )
    ShownSettings = create_model(
        "ShownSettings",
        __base__=Output,
        **{
            one.public_name: (_SHOWN.get(one.type, one.type), Field(description=_words(one)))
            for one in CONNECTION_SETTINGS
        },
    )
"""Every setting as a field: of a new connection, of a merge patch (null stands for the default), of an answer."""


def settings_of(message: BaseModel, names: set[str] | None = None) -> dict[str, Any]:
    """The settings that a message gives, by the names of `ConnectionSettings`; `names` are those of the message.

    Raises BadInput for an address that cannot be one.
    """
    given = _NAMES.keys() & (type(message).model_fields if names is None else names)
    return {_NAMES[name]: _value(_NAMES[name], getattr(message, name)) for name in given}


def shown_settings(connection: Connection) -> dict[str, Any]:
    """All settings as values of a message."""
    return {one.public_name: _shown(getattr(connection, one.name)) for one in CONNECTION_SETTINGS} | {
        "item_kinds": {**DEFAULT_KINDS, **connection.item_kinds}
    }


def _value(name: str, value: Any) -> Any:
    match value:
        case None | "" if name in _DEFAULTS:
            return _DEFAULTS[name]
        case str() if name == "endpoint":
            return Endpoint.parse(value)
        case ExternalSyncModel():
            return ExternalSync(value.path, dict(value.body))
        case ReadBackModel():
            return ReadBackSetting(value.kind, value.url)
        case list():
            return tuple(one.use() for one in value)
    return value


def _shown(value: Any) -> Any:
    match value:
        case Endpoint():
            return str(value)
        case ExternalSync():
            return ExternalSyncModel(path=value.path, body=value.body)
        case ReadBackSetting():
            return ReadBackModel.model_validate(asdict(value))
        case tuple():
            return [PluginModel(name=use.name, config=use.config, hooks=use.hooks) for use in value]
    return value
