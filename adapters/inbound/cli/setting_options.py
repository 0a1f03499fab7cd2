"""Settings as options of a command: made from their descriptions, so a new one is an option, too."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from adapters.inbound.cli.options import in_utc
from adapters.inbound.schema.setting_fields import ExternalSyncModel
from core.model.connections.endpoint import Endpoint
from core.model.connections.maintenance_window import MaintenanceWindow
from core.model.connections.settings import ExternalSync
from core.model.shared.errors import BadInput, FieldError
from core.model.shared.setting import DescribedSetting
from core.model.work_orders.item import ItemKind, item_type

Command = Callable[..., None]
_ITEM_KINDS = Mapping[str, ItemKind]
_PAIRS = Mapping[str, str]
_WINDOWS = tuple[MaintenanceWindow, ...]


def with_setting_options(
    settings: Sequence[DescribedSetting], *, changes: bool = False
) -> Callable[[Command], Command]:
    """Puts an option for each setting in the place of the command's `**given`; see `settings_from`. For a command that
    `changes` a record every option may be left out; see `changes_from`."""

    def added(command: Command) -> Command:
        signature = inspect.signature(command, eval_str=True)
        own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
        parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
        parameters += [_option(one, changes) for one in settings if one.setting.in_forms]
        command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {one.name: one.annotation for one in parameters}
        return command

    return added


def settings_from(settings: Sequence[DescribedSetting], given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings by their names in the model, from the options' values. Raises BadInput."""
    return {one.name: _value(one, given[one.public_name]) for one in settings if one.setting.in_forms}


def changes_from(settings: Sequence[DescribedSetting], given: Mapping[str, Any]) -> dict[str, Any]:
    """As `settings_from`, without the settings whose options are not given; '' is the default. Raises BadInput."""
    return settings_from([one for one in settings if given.get(one.public_name) is not None], given)


def _option(one: DescribedSetting, changes: bool) -> inspect.Parameter:
    kind, name, more = _form(one)
    dashed = name.replace("_", "-")
    flag = f"--{dashed}/--no-{dashed}" if one.type is bool else f"--{dashed}"
    option = typer.Option(flag, help=_help(one), **more)
    default = inspect.Parameter.empty if one.required else None if kind != one.type else one.initial()
    if changes:
        kind, default = kind | None, None
    return inspect.Parameter(
        one.public_name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option]
    )


def _form(one: DescribedSetting) -> tuple[Any, str, dict[str, Any]]:
    """The option's type, its name, and what else typer is to know."""
    if one.setting.long:
        return Path | None, one.public_name, {"metavar": "FILE"}
    if one.type == Endpoint:
        return str, one.public_name, {}
    if one.type == datetime | None:
        return datetime | None, one.public_name, {"metavar": "DATE", "formats": ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]}
    if one.type == ExternalSync | None:
        return str | None, one.public_name, {"metavar": "JSON"}
    if one.type == _ITEM_KINDS:
        return list[str] | None, "item_kind", {"metavar": "TYPE=KIND"}
    if one.type == _PAIRS:
        return list[str] | None, one.public_name.removesuffix("s"), {"metavar": "SERVICE=CODE"}
    if one.type == _WINDOWS:
        return list[str] | None, "maintenance_window", {"metavar": "WINDOW"}
    more = {"metavar": one.setting.unit.upper()} if one.setting.unit else {}
    return one.type, one.public_name, more


def _help(one: DescribedSetting) -> str:
    if one.type == ExternalSync | None:
        return f'{one.setting.help} {{"path": ..., "body": {{...}}}}'
    words = [f"{value}: {word}" for value, word in one.setting.words.items()]
    return ". ".join(filter(None, (one.setting.title, one.setting.help.rstrip("."), "; ".join(words)))) + "."


def _value(one: DescribedSetting, given: Any) -> Any:
    if one.type == _ITEM_KINDS:
        return dict(_item_kind(text) for text in given or ())
    if one.type == _PAIRS:
        return {name.strip(): code.strip() for name, _, code in (text.rpartition("=") for text in given or ())}
    if one.type == _WINDOWS:
        return tuple(map(MaintenanceWindow.parse, given or ()))
    match given:
        case None | "" if not one.required:
            return one.initial()
        case Path():
            return _pem(given)
        case datetime():
            return in_utc(given)
        case str() if one.type == Endpoint:
            return Endpoint.parse(given)
        case str() if one.type == ExternalSync | None:
            return _external_sync(given)
    return given


def _item_kind(text: str) -> tuple[str, ItemKind]:
    kind, sign, becomes = text.partition("=")
    try:
        return item_type(kind), ItemKind(becomes if sign else "")
    except ValueError as error:
        raise BadInput(
            f"{text} does not say what a type of item becomes.",
            fix="Write it like --item-kind equipment=other_charge, with material, other_charge or skip.",
            errors=[FieldError("--item-kind", "TYPE=KIND")],
        ) from error


def _external_sync(text: str) -> ExternalSync:
    try:
        given = ExternalSyncModel.model_validate_json(text)
    except ValidationError as error:
        raise BadInput(
            "The value of --external-sync is not as needed.",
            fix='Give JSON such as {"path": "/externalsync", "body": {"entityId": "{job_id}", "status": "{status}"}}.',
            errors=[FieldError("--external-sync", one["msg"]) for one in error.errors()],
        ) from error
    return ExternalSync(given.path, dict(given.body))


def _pem(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not PEM text"
        raise BadInput(
            f"The certificate file {file} cannot be read: {reason}.",
            fix="Give the file of the certificate authority in PEM form (-----BEGIN CERTIFICATE-----).",
        ) from error
