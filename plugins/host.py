"""The host of rules, and the only caller of pluggy: asks one plugin at a time and turns its failures into findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import pluggy

from core.model.answer import AnswerRow
from core.model.catalogue import finding
from core.model.connection import Connection
from core.model.draft import Draft, FindingsPatch, HeaderPatch, NumberPatch, Patch
from core.model.errors import FieldError
from core.model.finding import Finding
from core.model.line_draft import LeaveOut, LineDraft, LinePatch
from core.model.plugin import PluginCard, PluginProblem
from plugins import field_mapping, item_kinds, leading_character, length_policy
from plugins.catalog import Available, Catalog
from plugins.child import Broke, TookTooLong, Unusable
from plugins.examine import HOOKS, config_errors
from plugins.hookspecs import PROJECT, Hooks, PluginInfo
from plugins.wire import WrongAnswer, read
from ports.rules import Rule, Rules

FIRST = (leading_character, field_mapping, item_kinds)
LAST = (length_policy,)


class PluginHost(Rules):
    """Built-in rules always run: number, mapping and item kinds first, then the connection's own plugins, length policy
    last."""

    def __init__(self, available: Sequence[ModuleType | object] = (), catalog: Catalog | None = None) -> None:
        """`available` run in this process, beside the built-in ones; those of `catalog` each in its own."""
        self._catalog = catalog or Catalog()
        self._others = {one.name: one for one in self._catalog.available}
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(Hooks)
        self._infos: dict[str, PluginInfo] = {}
        for plugin in (*FIRST, *LAST, *available):
            self._register(plugin)
        self._manager.check_pending()

    def installed(self) -> Sequence[PluginCard]:
        own = [self._card(name, built_in=name in BUILT_IN) for name in self._infos]
        ours = sorted((card for card in own if not card.built_in), key=lambda card: card.name)
        others = sorted((*ours, *(one.card for one in self._catalog.available)), key=lambda card: card.name)
        return (*(card for card in own if card.built_in), *others)

    def problems(self) -> Sequence[PluginProblem]:
        return self._catalog.problems

    async def check_config(self, name: str, config: Mapping[str, Any]) -> Sequence[FieldError]:
        if other := self._others.get(name):
            try:
                told = await other.process.ask("check_config", config=dict(config))
                return [FieldError(str(one["pointer"]), str(one["detail"])) for one in told["errors"]]
            except (TookTooLong, Broke, WrongAnswer, Unusable, KeyError, TypeError) as error:
                return [FieldError("", f"the plugin {name} could not be asked: {error}")]
        return config_errors(self._call("config_model", name), config)

    def chain(self, connection: Connection, hook: str) -> Sequence[Rule]:
        first = [self._rule(_name(plugin)) for plugin in FIRST]
        own = [Rule(use.name, self._version(use.name), use.config) for use in connection.plugins]
        last = [self._rule(_name(plugin)) for plugin in LAST]
        return [rule for rule in (*first, *own, *last) if self._answers(rule.name, hook)]

    async def ask(self, hook: str, rule: Rule, draft: Draft) -> Patch | Finding | None:
        if other := self._others.get(rule.name):
            answer: Patch | Finding | None = await _asked(other, hook, rule, draft=replace(draft, config=rule.config))
            return answer
        if rule.name not in self._infos:
            return _missing(rule)
        try:
            answer = self._call(hook, rule.name, draft=replace(draft, config=rule.config))
        except Exception as error:
            return _plugin_error(hook, rule, f"raised {type(error).__name__}: {error}")
        match answer:
            case None | NumberPatch() | HeaderPatch():
                return answer
            case list() if all(isinstance(item, Finding) for item in answer):
                return FindingsPatch(tuple(answer))
        return _plugin_error(hook, rule, f"answered {type(answer).__name__}, which this hook does not take")

    async def ask_line(self, hook: str, rule: Rule, draft: LineDraft) -> LinePatch | LeaveOut | Finding | None:
        if other := self._others.get(rule.name):
            answer: LinePatch | LeaveOut | Finding | None = await _asked(
                other, hook, rule, draft=replace(draft, config=rule.config)
            )
            return answer
        if rule.name not in self._infos:
            return _missing(rule)
        try:
            answer = self._call(hook, rule.name, draft=replace(draft, config=rule.config))
        except Exception as error:
            return _plugin_error(hook, rule, f"raised {type(error).__name__}: {error}")
        match answer:
            case None:
                return None
            case LeaveOut() if hook == "include_item":
                return answer
            case LinePatch() if hook == "map_line":
                return answer
        return _plugin_error(hook, rule, f"answered {type(answer).__name__}, which this hook does not take")

    async def classify(self, rule: Rule, row: AnswerRow) -> Finding | None:
        if other := self._others.get(rule.name):
            said = await _asked(other, "classify_error", rule, row=row)
            return said if isinstance(said, Finding) else None
        try:
            answer = self._call("classify_error", rule.name, row=row)
        except Exception as error:
            return _plugin_error("classify_error", rule, f"raised {type(error).__name__}: {error}")
        return answer if isinstance(answer, Finding) else None

    def _register(self, plugin: object) -> None:
        name = _name(plugin)
        if name in self._infos:
            raise ValueError(f"two plugins are named {name}")
        self._manager.register(plugin, name)
        self._infos[name] = self._call("plugin_info", name)

    def _call(self, hook: str, name: str, **arguments: object) -> Any:
        others = [plugin for other, plugin in self._manager.list_name_plugin() if other != name]
        answers = self._manager.subset_hook_caller(hook, others)(**arguments)
        return answers[0] if answers else None

    def _answers(self, name: str, hook: str) -> bool:
        """Whether this plugin has the hook; one that is not installed is asked everything, so that it is missed."""
        if other := self._others.get(name):
            return hook in other.described.hooks
        plugin = self._manager.get_plugin(name)
        return plugin is None or hasattr(plugin, hook)

    def _card(self, name: str, *, built_in: bool) -> PluginCard:
        info, plugin = self._infos[name], self._manager.get_plugin(name)
        hooks = tuple(hook for hook in HOOKS if hasattr(plugin, hook))
        model = self._call("config_model", name)
        schema = model.model_json_schema() if model else None
        return PluginCard(name, info.version, info.summary, "this process", hooks, schema, built_in)

    def _rule(self, name: str) -> Rule:
        return Rule(name, self._version(name))

    def _version(self, name: str) -> str:
        other = self._others.get(name)
        info = other.described.info if other else self._infos.get(name)
        return info.version if info else ""


async def _asked(other: Available, hook: str, rule: Rule, **arguments: object) -> Any:
    """The answer of a plugin in a process of its own, or a finding that names it and what it did."""
    try:
        return read(hook, (await other.process.ask(hook, **arguments)).get("answer"))
    except TookTooLong:
        message = f"The plugin {rule.name} {rule.version} took too long in {hook} and was stopped, so nothing was sent."
        return finding("PLUGIN_TIMEOUT", message, origin=rule.name)
    except (Broke, WrongAnswer) as error:
        return _plugin_error(hook, rule, str(error))
    except Unusable as error:
        return _plugin_error(hook, rule, f"cannot be started any more ({error.message})")


def _name(plugin: object) -> str:
    info: PluginInfo = plugin.plugin_info()  # type: ignore[attr-defined]
    return info.name


def _missing(rule: Rule) -> Finding:
    message = f"The connection uses the plugin {rule.name}, which is not installed here."
    return finding("PLUGIN_MISSING", message, origin=rule.name)


def _plugin_error(hook: str, rule: Rule, what: str) -> Finding:
    message = f"The plugin {rule.name} {rule.version} {what} in {hook}, so nothing was sent."
    return finding("PLUGIN_ERROR", message, origin=rule.name)


BUILT_IN = tuple(_name(plugin) for plugin in (*FIRST, *LAST))
"""Names that no other plugin may have."""
