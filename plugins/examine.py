"""Examines a loaded plugin: its description of itself, its hooks, and whether they match the specification."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import pluggy

from core.model.shared.errors import FieldError
from plugins.answer_limits import LONGEST_TEXT
from plugins.hookspecs import API, OLDEST_API, PROJECT, Hooks, PluginInfo

if TYPE_CHECKING:
    from pydantic import BaseModel

HOOKS = tuple(name for name in vars(Hooks) if not name.startswith("_"))
ASYNCHRONOUS = tuple(name for name in HOOKS if inspect.iscoroutinefunction(getattr(Hooks, name)))
READERS = ("posted_lines",)
"""Asynchronous hooks that return an answer. The others are events."""
EVENTS = tuple(name for name in ASYNCHRONOUS if name not in READERS)
ABOUT_ITSELF = ("plugin_info", "config_model")
"""Hooks that are called once. A connection cannot switch them off."""
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
LONGEST_VERSION = 60
_MARKED = f"{PROJECT}_impl"


@dataclass(frozen=True, slots=True)
class Described:
    """A description by the plugin. `schema`: JSON Schema of its configuration, or None; `notes`: for the author.

    `missing` is not by the plugin: what this system cannot keep it from, in sentences."""

    info: PluginInfo
    hooks: tuple[str, ...]
    schema: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class Unusable(Exception):
    """The plugin cannot be used: the reason, and what its author can do."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Examined:
    """A plugin whose hooks match the specification, alone in its manager. `model` checks its configuration, if any."""

    manager: pluggy.PluginManager
    model: type[BaseModel] | None
    described: Described


def examined(plugin: object) -> Examined:
    """Raises Unusable unless all hooks match the specification and the description is valid.

    For a deprecated hook (`hookspec(warn_on_impl=...)`) or argument pluggy issues a warning; it becomes a note.
    """
    if not callable(getattr(plugin, "plugin_info", None)):
        raise Unusable(
            "It has no plugin_info.",
            'Write: @hookimpl def plugin_info(): return PluginInfo("name", "1.0", "What it does.")',
        )
    for name in dir(plugin):
        _look_at(name, getattr(plugin, name, None))
    manager = pluggy.PluginManager(PROJECT)
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            manager.add_hookspecs(Hooks)
            manager.register(plugin, PROJECT)
            manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise Unusable(
            f"A hook does not match its specification: {' '.join(str(error).split())}",
            "Compare it with its page in docs/hooks.",
        ) from error
    info, model = _info(manager), _config_model(manager)
    hooks = tuple(name for name in HOOKS if hasattr(plugin, name))
    notes = tuple(str(one.message) for one in said)
    return Examined(manager, model, Described(info, hooks, model.model_json_schema() if model else None, notes))


def _info(manager: pluggy.PluginManager) -> PluginInfo:
    return usable_info((manager.hook.plugin_info() or [None])[0])


def usable_info(info: object) -> PluginInfo:
    """Raises Unusable unless these are a name, a version, a summary of a sensible length, and hooks that Jobferry has.
    Each value that the plugin sets is stored with the version."""
    if not isinstance(info, PluginInfo) or not _NAME.fullmatch(str(info.name)) or not str(info.version).strip():
        raise Unusable(
            "Its plugin_info does not return a PluginInfo with a name and a version.",
            "The name has at most 40 lower-case letters, digits, - and _, a letter first.",
        )
    if len(str(info.version)) > LONGEST_VERSION or len(str(info.summary)) > LONGEST_TEXT:
        raise Unusable(
            "The version or the summary in its plugin_info is too long.",
            f"A version has at most {LONGEST_VERSION} characters, a summary {LONGEST_TEXT}.",
        )
    if not OLDEST_API <= info.api <= API:
        older = info.api < OLDEST_API
        raise Unusable(
            f"It is written for version {info.api} of the hooks; this Jobferry understands {OLDEST_API} to {API}.",
            "Update the plugin." if older else "Update Jobferry, or use an older plugin.",
        )
    return info


def _config_model(manager: pluggy.PluginManager) -> type[BaseModel] | None:
    model = (manager.hook.config_model() or [None])[0]
    if model is None:
        return None
    from pydantic import BaseModel  # noqa: PLC0415 - a process starts sooner without it, and few plugins need it

    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise Unusable("Its config_model does not return a pydantic model.", "Return a class derived from BaseModel.")
    return model


def config_errors(
    model: type[BaseModel] | None, config: Mapping[str, Any], *, partly: bool = False
) -> Sequence[FieldError]:
    """Return the errors of a configuration, with JSON pointers. `partly`: a missing field is no error."""
    if model is None:
        return [FieldError(f"/{name}", "this plugin takes no configuration") for name in config]
    from pydantic import ValidationError  # noqa: PLC0415 - whoever has a model has imported it

    try:
        model.model_validate(dict(config))
    except ValidationError as error:
        return [
            FieldError("".join(f"/{part}" for part in one["loc"]), one["msg"])
            for one in error.errors(include_url=False, include_input=False, include_context=False)
            if not (partly and one["type"] == "missing")
        ]
    return []


def _look_at(name: str, found: object) -> None:
    marked = hasattr(found, _MARKED)
    if marked and name not in HOOKS:
        close = get_close_matches(name, HOOKS, 1)
        hint = f"Did you mean {close[0]}?" if close else f"Hooks are: {', '.join(HOOKS)}."
        raise Unusable(f"There is no hook {name}{_line(found)}.", hint)
    if marked and inspect.iscoroutinefunction(found) is not (name in ASYNCHRONOUS):
        how = "is a rule, so it must not be async"
        if name in ASYNCHRONOUS:
            how = f"{'is an event' if name in EVENTS else 'may use the network'}, so it must be async def"
        raise Unusable(f"{name}{_line(found)} {how}.", f"Write: {_head(name)}")
    if marked and (odd := _arguments(found) - _arguments(getattr(Hooks, name))):
        said = f"{name}{_line(found)} takes {', '.join(sorted(odd))}, which Jobferry does not give it."
        raise Unusable(said, f"Write: {_head(name)}")
    if not marked and name in HOOKS and callable(found):
        raise Unusable(
            f"{name}{_line(found)} is not marked as a hook, so it would never be called.",
            f"Write @hookimpl above {name}.",
        )


def _line(function: object) -> str:
    code = getattr(function, "__code__", None)
    return f" (line {code.co_firstlineno})" if code else ""


def _arguments(function: object) -> set[str]:
    code = getattr(function, "__code__", None)
    return set(code.co_varnames[: code.co_argcount]) - {"self"} if code else set()


def _head(name: str) -> str:
    """The first line of a hook as an author writes it."""
    arguments = [one for one in inspect.signature(getattr(Hooks, name)).parameters if one != "self"]
    return f"{'async def' if name in ASYNCHRONOUS else 'def'} {name}({', '.join(arguments)}):"
