"""Looks at a loaded plugin: what it says about itself, which hooks it has, and whether they are as specified."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import pluggy
from pydantic import BaseModel, ValidationError

from core.model.shared.errors import FieldError
from plugins.hookspecs import API, OLDEST_API, PROJECT, Hooks, PluginInfo

HOOKS = tuple(name for name in vars(Hooks) if not name.startswith("_"))
EVENTS = tuple(name for name in HOOKS if inspect.iscoroutinefunction(getattr(Hooks, name)))
ABOUT_ITSELF = ("plugin_info", "config_model")
"""Asked once, and never switched off."""
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_MARKED = f"{PROJECT}_impl"


@dataclass(frozen=True, slots=True)
class Described:
    """A plugin in its own words. `schema` is the JSON Schema of its configuration, None if it takes none; `notes` are
    for its author."""

    info: PluginInfo
    hooks: tuple[str, ...]
    schema: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()


class NotUsable(Exception):
    """Why a plugin cannot be used, and what its author can do."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


def manager_with(plugin: object) -> pluggy.PluginManager:
    """A manager of this plugin alone. Raises NotUsable unless all its hooks are as specified.

    A hook that is about to go (`hookspec(warn_on_impl=...)`) is a warning of Python's, which `describe` notes.
    """
    if not callable(getattr(plugin, "plugin_info", None)):
        raise NotUsable(
            "It has no plugin_info.",
            'Write: @hookimpl def plugin_info(): return PluginInfo("name", "1.0", "What it does.")',
        )
    for name in dir(plugin):
        _look_at(name, getattr(plugin, name, None))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            manager = _registered(plugin)
    except pluggy.PluginValidationError as error:
        raise NotUsable(
            f"A hook is not as specified: {' '.join(str(error).split())}", "Compare it with plugins/hookspecs.py."
        ) from error
    return manager


def _registered(plugin: object) -> pluggy.PluginManager:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    manager.register(plugin, PROJECT)
    manager.check_pending()
    return manager


def _deprecated(plugin: object) -> tuple[str, ...]:
    """What pluggy warns about: hooks and arguments that are about to go."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        _registered(plugin)
    return tuple(str(one.message) for one in said)


def describe(plugin: object, manager: pluggy.PluginManager) -> Described:
    """Raises NotUsable for words about itself that are none."""
    info = (manager.hook.plugin_info() or [None])[0]
    if not isinstance(info, PluginInfo) or not _NAME.fullmatch(str(info.name)) or not str(info.version).strip():
        raise NotUsable(
            "Its plugin_info does not answer a PluginInfo with a name and a version.",
            "The name: lower-case letters, digits, - and _, a letter first, at most 40.",
        )
    if not OLDEST_API <= info.api <= API:
        older = info.api < OLDEST_API
        raise NotUsable(
            f"It is written for version {info.api} of the hooks; this Jobferry understands {OLDEST_API} to {API}.",
            "Bring the plugin up to date." if older else "Bring Jobferry up to date, or use an older plugin.",
        )
    hooks = tuple(name for name in HOOKS if hasattr(plugin, name))
    model = config_model(manager)
    return Described(info, hooks, model.model_json_schema() if model else None, _deprecated(plugin))


def config_model(manager: pluggy.PluginManager) -> type[BaseModel] | None:
    """What the plugin's configuration is held against. Raises NotUsable."""
    model = (manager.hook.config_model() or [None])[0]
    if model is not None and not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise NotUsable("Its config_model does not answer a pydantic model.", "Answer a class derived from BaseModel.")
    return model


def config_errors(
    model: type[BaseModel] | None, config: Mapping[str, Any], *, partly: bool = False
) -> Sequence[FieldError]:
    """What is wrong with a configuration, pointers within it. `partly`: what is missing is not wrong."""
    if model is None:
        return [FieldError(f"/{name}", "this plugin takes no configuration") for name in config]
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
        raise NotUsable(f"There is no hook {name}.", hint)
    if marked and inspect.iscoroutinefunction(found) is not (name in EVENTS):
        how = "an event, so it must be async def" if name in EVENTS else "a rule, so it must not be async"
        raise NotUsable(f"{name} is {how}.", "Compare it with plugins/hookspecs.py.")
    if not marked and name in HOOKS and callable(found):
        raise NotUsable(
            f"{name} is not marked as a hook, so it would never be called.", f"Write @hookimpl above {name}."
        )
