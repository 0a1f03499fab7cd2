"""Calls one plugin in the current process, and checks that it did not change its arguments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pluggy
from pydantic import BaseModel

from plugins.ipc import copied
from plugins.plugin import Broke

_CARRY_CONFIG = ("draft", "news", "query")


def answer_of(manager: pluggy.PluginManager, model: type[BaseModel] | None, hook: str, **given: Any) -> Any:
    """Return the unchecked answer of the plugin in `manager`; the answer of an asynchronous hook must be awaited.

    Raises what the plugin raises, and Broke if the plugin changed its arguments."""
    arguments = _with_config(given, model)
    before = _with_config(copied(given), model)
    answers = getattr(manager.hook, hook)(**arguments)
    answer = answers[0] if answers else None
    if arguments != before:
        raise Broke("changed its arguments")
    return answer


def _with_config(given: dict[str, Any], model: type[BaseModel] | None) -> dict[str, Any]:
    """Replace each stored configuration by an instance of the plugin's model. Drafts are frozen, so use __setattr__."""
    if model is None:
        return given
    arguments = dict(given)
    for name in _CARRY_CONFIG:
        if name in given:
            arguments[name] = replace(given[name])
            object.__setattr__(arguments[name], "config", model.model_validate(dict(given[name].config)))
    return arguments
