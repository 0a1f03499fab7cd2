"""Asks one plugin in this very process, and looks whether it changed what it was given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pluggy
from pydantic import BaseModel

from plugins.ipc import copied
from plugins.plugin import Broke

_CARRY_CONFIG = ("draft", "news")


def answer_of(manager: pluggy.PluginManager, model: type[BaseModel] | None, hook: str, **given: Any) -> Any:
    """What the plugin of `manager` answers, unchecked; what an event answers is to be awaited. Raises what the plugin
    raises, and Broke where it changed what it was given."""
    arguments = _with_config(given, model)
    before = _with_config(copied(given), model)
    answers = getattr(manager.hook, hook)(**arguments)
    answer = answers[0] if answers else None
    if arguments != before:
        raise Broke("changed what it was given to look at")
    return answer


def _with_config(given: dict[str, Any], model: type[BaseModel] | None) -> dict[str, Any]:
    """A plugin finds its configuration as its own model. A draft is typed for what is stored, hence the back door."""
    if model is None:
        return given
    arguments = dict(given)
    for name in _CARRY_CONFIG:
        if name in given:
            arguments[name] = replace(given[name])
            object.__setattr__(arguments[name], "config", model.model_validate(dict(given[name].config)))
    return arguments
