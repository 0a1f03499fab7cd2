"""The plugin host: calls one plugin at a time and turns failures into findings."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import Any

import structlog

from core.model.catalogue import finding
from core.model.connections.connection import Connection
from core.model.planning.draft import Draft, LeaveOut, LineDraft, LinePatch, Patch
from core.model.planning.printed import Printed
from core.model.plugins.notification import Notification, WorkOrderQuery
from core.model.plugins.plugin import PluginCard, PluginProblem
from core.model.sending.answer import AnswerRow
from core.model.shared.errors import FieldError
from core.model.shared.finding import Finding
from core.model.work_orders.stored_line import StoredLine
from plugins.answer_limits import WrongAnswer, shortened
from plugins.built_in import ALWAYS_FIRST, ALWAYS_LAST, NAMES, OFFERED
from plugins.catalog import Catalog
from plugins.examine import Unusable
from plugins.in_process import InProcess
from plugins.plugin import PLAN_SECONDS, Broke, Budget, Plugin, TookTooLong
from ports.rules import Rule, Rules

_log = structlog.get_logger()
_OURS = "Jobferry"


class PluginHost(Rules):
    """The plugin host. Four built-in rules always run: number, mapping and item kinds before the connection's own
    plugins, the length policy after them."""

    def __init__(
        self,
        more: Sequence[ModuleType | object] = (),
        catalog: Catalog | None = None,
        defaults: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        plan_seconds: float = PLAN_SECONDS,
    ) -> None:
        """`more` are plugins that run in this process like built-in ones. `defaults` holds the instance's configuration
        by plugin; the connection's configuration overrides it. `plan_seconds` is what a plugin may work for one plan.
        Raises Unusable if one of `more` does not match the specification."""
        self._catalog = catalog or Catalog()
        self._defaults = defaults or {}
        self._plan_seconds = plan_seconds
        self._of_this_plan: dict[str, Budget] | None = None
        self._first, self._last = _built_in(ALWAYS_FIRST), _built_in(ALWAYS_LAST)
        others = (*_ours(more), *self._catalog.available)
        ordered = (*self._first, *self._last, *_built_in(OFFERED), *sorted(others, key=lambda one: one.name))
        self._plugins: dict[str, Plugin] = {one.name: one for one in ordered}

    def installed(self) -> Sequence[PluginCard]:
        always = (*self._first, *self._last)
        return [_card(one, always_runs=one in always) for one in self._plugins.values()]

    def problems(self) -> Sequence[PluginProblem]:
        unused = [
            PluginProblem("plugin_defaults", f"There is no plugin {name} here.", "Correct the name or remove it.")
            for name in self._defaults
            if name not in self._plugins
        ]
        return (*self._catalog.problems, *unused)

    async def check_config(self, name: str, config: Mapping[str, Any], *, partly: bool = False) -> Sequence[FieldError]:
        try:
            effective = {**self._defaults.get(name, {}), **config}
            errors = await self._plugins[name].check_config(effective, partly=partly)
            return [FieldError(shortened(one.pointer), shortened(one.detail)) for one in errors]
        except (TookTooLong, Broke, WrongAnswer, Unusable) as error:
            return [FieldError("", f"the plugin {name} could not be asked: {error or type(error).__name__}")]

    def for_plan(self) -> PluginHost:
        same = copy.copy(self)
        same._of_this_plan = {}
        return same

    def printed(self) -> Sequence[Printed]:
        of_this_plan = self._of_this_plan or {}
        return [Printed(name, one.printed) for name, one in of_this_plan.items() if one.printed]

    def chain(self, connection: Connection, hook: str) -> Sequence[Rule]:
        rules = [_rule(one) for one in self._first]
        for use in connection.plugins:
            if use.hooks.get(hook, True):
                found = self._plugins.get(use.name)
                version = found.described.info.version if found else ""
                rules.append(Rule(use.name, version, {**self._defaults.get(use.name, {}), **use.config}))
        rules += [_rule(one, tidies=True) for one in self._last]
        return [rule for rule in rules if self._answers(rule.name, hook)]

    async def ask(self, hook: str, rule: Rule, draft: Draft) -> Patch | Finding | None:
        answer: Patch | Finding | None = await self._asked(hook, rule, draft=replace(draft, config=rule.config))
        return answer

    async def ask_line(self, hook: str, rule: Rule, draft: LineDraft) -> LinePatch | LeaveOut | Finding | None:
        answer: LinePatch | LeaveOut | Finding | None = await self._asked(
            hook, rule, draft=replace(draft, config=rule.config)
        )
        return answer

    async def classify(self, rule: Rule, row: AnswerRow) -> Finding | None:
        answer: Finding | None = await self._asked("classify_error", rule, row=row)
        return answer

    async def tell(self, hook: str, rule: Rule, news: Notification) -> None:
        failed = await self._asked(hook, rule, news=replace(news, config=rule.config))
        if isinstance(failed, Finding):
            _log.warning("plugin.event_failed", plugin=rule.name, version=rule.version, hook=hook, why=failed.message)

    async def posted_lines(self, rule: Rule, query: WorkOrderQuery) -> Sequence[StoredLine] | Finding | None:
        answer: Sequence[StoredLine] | Finding | None = await self._asked(
            "posted_lines", rule, query=replace(query, config=rule.config)
        )
        return answer

    async def _asked(self, hook: str, rule: Rule, **arguments: object) -> Any:
        """Return the answer of a plugin, or a finding that names the plugin and its failure."""
        plugin, who = self._plugins.get(rule.name), f"The plugin {rule.name} {rule.version}".strip()
        if plugin is None:
            message = f"The connection uses the plugin {rule.name}, which is not installed here."
            return finding("PLUGIN_MISSING", message, origin=rule.name)
        budget = self._budget(rule.name)
        if budget.left <= 0:
            spent = f"it took more than {self._plan_seconds:g} seconds for this plan"
            return finding("PLUGIN_TIMEOUT", f"{who} was not asked in {hook}: {spent}.", origin=rule.name)
        try:
            return await plugin.ask(hook, budget, **arguments)
        except TookTooLong:
            return finding("PLUGIN_TIMEOUT", f"{who} took too long in {hook} and was stopped.", origin=rule.name)
        except Unusable as error:
            message = f"{who} can no longer be started for {hook}: {error.message}"
            return finding("PLUGIN_ERROR", message, origin=rule.name)
        except (Broke, WrongAnswer) as error:
            return finding("PLUGIN_ERROR", f"{who} failed in {hook}: it {error}.", origin=rule.name)

    def _budget(self, name: str) -> Budget:
        one = Budget(self._plan_seconds)
        return one if self._of_this_plan is None else self._of_this_plan.setdefault(name, one)

    def _answers(self, name: str, hook: str) -> bool:
        """Whether this plugin has the hook. True for a plugin that is not installed: the call then reports that."""
        plugin = self._plugins.get(name)
        return plugin is None or hook in plugin.described.hooks


def _ours(plugins: Sequence[ModuleType | object]) -> list[InProcess]:
    return [InProcess(plugin, _OURS, ours=True) for plugin in plugins]


@cache
def _built_in(plugins: tuple[ModuleType, ...]) -> Sequence[InProcess]:
    """They keep nothing between calls, so all hosts of a process share them."""
    return _ours(plugins)


def _rule(plugin: Plugin, *, tidies: bool = False) -> Rule:
    return Rule(plugin.described.info.name, plugin.described.info.version, tidies=tidies)


def _card(plugin: Plugin, *, always_runs: bool) -> PluginCard:
    told = plugin.described
    return PluginCard(
        name=told.info.name,
        version=told.info.version,
        summary=told.info.summary,
        source=plugin.source,
        hooks=told.hooks,
        schema=told.schema,
        built_in=told.info.name in NAMES,
        always_runs=always_runs,
        notes=(*told.notes, *told.missing),
    )
