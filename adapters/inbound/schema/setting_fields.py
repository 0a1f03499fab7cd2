"""Settings as fields of messages: made from their descriptions, so a new one is in all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    WithJsonSchema,
)

from adapters.inbound.schema.schema_base import Input, Items, Moment, MomentIn, Text
from adapters.inbound.schema.terms import eg
from core.model.connections.endpoint import Endpoint
from core.model.connections.maintenance_window import MaintenanceWindow
from core.model.connections.settings import ExternalSync, PluginUse
from core.model.connections.task_settings import MOST_TASK_CODES
from core.model.shared.errors import BadInput, FieldError
from core.model.shared.setting import DescribedSetting
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.item import ItemKind, item_type


class PluginModel(Input):
    """One plugin of a connection."""

    model_config = ConfigDict(from_attributes=True)

    name: Annotated[Text, StringConstraints(min_length=1), eg("po_required")]
    """Name of the plugin, as the list of plugins shows it."""
    config: Annotated[dict[str, JsonValue], eg({"job_types": ["repair"]})] = Field(default_factory=dict)
    """Its settings, as its schema describes them. What is left out comes from the tenant's plugin defaults."""
    hooks: Annotated[dict[str, bool], eg({})] = Field(default_factory=dict)
    """False switches one of its hooks off, by the hook's name. Hooks that are not named are on."""

    def use(self) -> PluginUse:
        return PluginUse(self.name, dict(self.config), dict(self.hooks))


class ExternalSyncModel(Input):
    """How to post to ServiceTrade's ExternalSync."""

    model_config = ConfigDict(from_attributes=True)

    path: Annotated[Text, eg("/externalsync")] = "/externalsync"
    """Path of the resource, after ServiceTrade's address."""
    body: Annotated[dict[str, JsonValue], eg({"jobId": "{job_id}", "status": "{status}", "message": "{message}"})] = (
        Field(default_factory=dict)
    )
    """The object to post. Its texts may hold {job_id}, {system}, {status} and {message}."""


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


DAY_OR_MOMENT = WithJsonSchema(
    {
        "anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}],
        "examples": ["2026-03-01"],
    }
)
"""The form of a field that takes both; see `start_of_day`."""
_GIVEN: Mapping[Any, Any] = {
    str: Text,
    str | None: Annotated[Text, StringConstraints(min_length=1)] | None,
    datetime | None: Annotated[MomentIn, BeforeValidator(start_of_day), DAY_OR_MOMENT] | None,
    Endpoint: Text,
    tuple[MaintenanceWindow, ...]: Annotated[list[Text], Field(max_length=50)],
    ItemsMode: Items,
    Mapping[str, ItemKind]: Annotated[
        dict[Annotated[Text, AfterValidator(item_type)], ItemKind], Field(max_length=100)
    ],
    Mapping[str, str]: Annotated[dict[Text, Text], Field(max_length=MOST_TASK_CODES)],
    ExternalSync | None: ExternalSyncModel | None,
    tuple[PluginUse, ...]: Annotated[list[PluginModel], Field(max_length=50)],
    Mapping[str, Mapping[str, Any]]: dict[str, dict[str, JsonValue]],
}
_SHOWN: Mapping[Any, Any] = {
    datetime | None: Moment | None,
    Endpoint: Annotated[str, BeforeValidator(str)],
    tuple[MaintenanceWindow, ...]: list[Annotated[str, BeforeValidator(str)]],
    Mapping[str, ItemKind]: dict[str, ItemKind],
    Mapping[str, str]: dict[str, str],
    ExternalSync | None: ExternalSyncModel | None,
    tuple[PluginUse, ...]: list[PluginModel],
    Mapping[str, Mapping[str, Any]]: dict[str, dict[str, JsonValue]],
}
"""By the type of a setting: the type of its field in a message, where the two differ."""
_LONG_TEXT = Annotated[str, StringConstraints(max_length=100_000)] | None


def new_fields(settings: Sequence[DescribedSetting]) -> dict[str, Any]:
    """The fields of a message that makes something with these settings, for `create_model`."""
    return {one.public_name: _new(one) for one in settings}


def patch_fields(settings: Sequence[DescribedSetting]) -> dict[str, Any]:
    """The same for a merge patch; null stands for the default."""
    return {one.public_name: (_given(one) | None, may_be_left_out(**_said(one))) for one in settings}


def may_be_left_out(description: str, **said: Any) -> Any:
    """A field of a merge patch. Its schema names no default: a client that sent null for it would change the value."""
    more = said.pop("json_schema_extra", {})

    def without_default(schema: dict[str, Any]) -> None:
        schema.pop("default", None)
        schema.update(more)

    return Field(default=None, description=description, json_schema_extra=without_default, **said)


def shown_fields(settings: Sequence[DescribedSetting]) -> dict[str, Any]:
    """The same for an answer."""
    return {one.public_name: (_SHOWN.get(one.type, one.type), Field(**_said(one))) for one in settings}


def settings_of(
    settings: Sequence[DescribedSetting], message: BaseModel, names: Collection[str] | None = None
) -> dict[str, Any]:
    """The settings that a message gives, by the names of the model; `names` are those of the message's fields.

    Raises BadInput for an address or a window that cannot be one.
    """
    given = type(message).model_fields if names is None else names
    return {one.name: _value(one, getattr(message, one.public_name)) for one in settings if one.public_name in given}


def changes_of(settings: Sequence[DescribedSetting], patch: BaseModel, *never_null: str) -> dict[str, Any]:
    """The settings that a merge patch names. `never_null` are fields besides them that have no default.

    Raises BadInput, naming every field that is null and has no default to go back to.
    """
    named = patch.model_fields_set
    pointers = {one.public_name: one.pointer for one in settings if one.required}
    pointers |= {name: f"/{name}" for name in never_null}
    if missing := sorted(name for name in named & pointers.keys() if getattr(patch, name) is None):
        raise BadInput(
            f"{', '.join(missing)} cannot be null.",
            fix="Leave out what should stay as it is.",
            errors=[FieldError(pointers[name], "a value; it has no default to go back to") for name in missing],
        )
    return settings_of(settings, patch, named)


def shown_settings(settings: Sequence[DescribedSetting], owner: Any) -> dict[str, Any]:
    """The settings of `owner` as values of a message."""
    return {one.public_name: getattr(owner, one.name) for one in settings}


def _given(one: DescribedSetting) -> Any:
    return _LONG_TEXT if one.setting.long else _GIVEN.get(one.type, one.type)


def _new(one: DescribedSetting) -> tuple[Any, Any]:
    if one.required:
        return _given(one), Field(**_said(one))
    initial = one.initial()
    empty = {(): list, None: None}.get(initial) if not isinstance(initial, dict) else dict
    if empty:
        return _given(one), Field(default_factory=empty, **_said(one))
    return _given(one), Field(default=initial, **_said(one))


def _said(one: DescribedSetting) -> dict[str, Any]:
    """Description and example of its field, from what people read about it."""
    setting = one.setting
    words = "; ".join(f"`{value}`: {said}" for value, said in setting.words.items())
    parts = (f"{setting.title}.", setting.help, words and f"{words}.", setting.rule and f"Allowed: {setting.rule}.")
    said: dict[str, Any] = {"description": " ".join(filter(None, parts))}
    if setting.example is not None:
        said["examples"] = [setting.example]
    if setting.format:
        said["json_schema_extra"] = {"format": setting.format}
    return said


def _value(one: DescribedSetting, value: Any) -> Any:
    match value:
        case None | "" if not one.required:
            return one.initial()
        case str() if one.type == Endpoint:
            return Endpoint.parse(value)
        case ExternalSyncModel():
            return ExternalSync(value.path, dict(value.body))
        case list() if one.type == tuple[MaintenanceWindow, ...]:
            return tuple(map(MaintenanceWindow.parse, value))
        case list():
            return tuple(use.use() for use in value)
    return value
