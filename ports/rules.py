"""The rules of a connection: built-in ones and plugins, asked one at a time so that every value has an origin."""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.model.connections.connection import Connection
from core.model.planning.draft import Draft, Patch
from core.model.planning.line_draft import LeaveOut, LineDraft, LinePatch
from core.model.planning.plan import RuleUsed
from core.model.plugins.notification import Notification
from core.model.plugins.plugin import PluginCard, PluginProblem
from core.model.sending.answer import AnswerRow
from core.model.shared.errors import FieldError
from core.model.shared.finding import Finding


@dataclass(frozen=True, slots=True)
class Rule:
    """One plugin of a connection's chain."""

    name: str
    version: str
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def used(self) -> RuleUsed:
        """What a plan keeps of it; the hash is a SHA-256 of the configuration, cut short, whatever its order."""
        if not self.config:
            return RuleUsed(self.name, self.version)
        text = json.dumps(self.config, sort_keys=True, default=str, separators=(",", ":"))
        return RuleUsed(self.name, self.version, hashlib.sha256(text.encode()).hexdigest()[:16])


class Rules(Protocol):
    @abstractmethod
    def installed(self) -> Sequence[PluginCard]:
        """Built-in ones first, then by name."""
        ...

    @abstractmethod
    def problems(self) -> Sequence[PluginProblem]:
        """What could not be loaded."""
        ...

    @abstractmethod
    async def check_config(self, name: str, config: Mapping[str, Any], *, partly: bool = False) -> Sequence[FieldError]:
        """What is wrong with a plugin's configuration, over the instance's defaults; pointers within it, empty if
        nothing is. `partly`: what is missing is not wrong."""
        ...

    @abstractmethod
    def chain(self, connection: Connection, hook: str) -> Sequence[Rule]:
        """Who is asked for `hook`, in order: number and mapping, the connection's plugins, length policy.

        Without those whose hook is switched off. A plugin that the connection names but that is not installed is in
        the chain; asking it yields a finding.
        """
        ...

    @abstractmethod
    async def ask(self, hook: str, rule: Rule, draft: Draft) -> Patch | Finding | None:
        """One rule's answer; a Finding (PLUGIN_ERROR, PLUGIN_TIMEOUT) if it failed; None if it has nothing to say."""
        ...

    @abstractmethod
    async def ask_line(self, hook: str, rule: Rule, draft: LineDraft) -> LinePatch | LeaveOut | Finding | None:
        """The same about one item: `include_item` or `map_line`."""
        ...

    @abstractmethod
    async def tell(self, hook: str, rule: Rule, news: Notification) -> None:
        """Tell one plugin of an event. Never raises: what goes wrong there stands in the log."""
        ...

    @abstractmethod
    async def classify(self, rule: Rule, row: AnswerRow) -> Finding | None:
        """A plugin's own reading of a Spectrum answer row, before the catalogue's."""
        ...
