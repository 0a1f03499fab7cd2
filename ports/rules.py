"""The rules of a connection (built-in ones and plugins), asked one at a time so that every value has an origin."""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.model.connections.connection import Connection
from core.model.planning.draft import Draft, LeaveOut, LineDraft, LinePatch, Patch
from core.model.planning.plan import RuleUsed
from core.model.planning.printed import Printed
from core.model.plugins.notification import Notification, WorkOrderQuery
from core.model.plugins.plugin import PluginCard, PluginProblem
from core.model.sending.answer import AnswerRow
from core.model.shared.errors import FieldError
from core.model.shared.finding import Finding
from core.model.work_orders.stored_line import StoredLine


@dataclass(frozen=True, slots=True)
class Rule:
    """One plugin of a connection's chain. `tidies`: it only tidies what others decided, so their rules stay the origin
    of the values."""

    name: str
    version: str
    config: Mapping[str, Any] = field(default_factory=dict)
    tidies: bool = False

    @property
    def used(self) -> RuleUsed:
        """The rule as stored in a plan. The hash is a shortened SHA-256 of the configuration, independent of order."""
        if not self.config:
            return RuleUsed(self.name, self.version)
        text = json.dumps(self.config, sort_keys=True, default=str, separators=(",", ":"))
        return RuleUsed(self.name, self.version, hashlib.sha256(text.encode()).hexdigest()[:16])


class Rules(Protocol):
    @abstractmethod
    def installed(self) -> Sequence[PluginCard]:
        """All plugins: built-in ones first, then by name."""
        ...

    @abstractmethod
    def problems(self) -> Sequence[PluginProblem]:
        """The plugins that could not be loaded."""
        ...

    @abstractmethod
    async def check_config(self, name: str, config: Mapping[str, Any], *, partly: bool = False) -> Sequence[FieldError]:
        """The errors of a plugin's configuration over the instance's defaults, with pointers within it; empty if it is
        valid. `partly`: missing values are no errors."""
        ...

    @abstractmethod
    def for_plan(self) -> Rules:
        """The same rules for one plan: a plugin that works too long for it, all items together, is not asked any more;
        a Finding (PLUGIN_TIMEOUT) says so."""
        ...

    @abstractmethod
    def printed(self) -> Sequence[Printed]:
        """What the plugins printed for this plan, for their authors to read; see `for_plan`."""
        ...

    @abstractmethod
    def chain(self, connection: Connection, hook: str) -> Sequence[Rule]:
        """The rules to ask for `hook`, in order: number and mapping, the connection's plugins, length policy.

        Plugins with this hook switched off are left out. A plugin that the connection uses and that is not installed is
        in the chain; asking it returns a finding.
        """
        ...

    @abstractmethod
    async def ask(self, hook: str, rule: Rule, draft: Draft) -> Patch | Finding | None:
        """One rule's answer; a Finding (PLUGIN_ERROR, PLUGIN_TIMEOUT) if it failed; None if it gives no answer."""
        ...

    @abstractmethod
    async def ask_line(self, hook: str, rule: Rule, draft: LineDraft) -> LinePatch | LeaveOut | Finding | None:
        """The same for one item: `include_item` or `map_line`."""
        ...

    @abstractmethod
    async def tell(self, hook: str, rule: Rule, news: Notification) -> None:
        """Notify one plugin of an event. Never raises: failures go into the log."""
        ...

    @abstractmethod
    async def posted_lines(self, rule: Rule, query: WorkOrderQuery) -> Sequence[StoredLine] | Finding | None:
        """All cost lines of a work order as one plugin reads them in Spectrum, never only a part; None if it cannot
        tell. A Finding (PLUGIN_ERROR, PLUGIN_TIMEOUT, PLUGIN_MISSING) if it failed. Never raises."""
        ...

    @abstractmethod
    async def classify(self, rule: Rule, row: AnswerRow) -> Finding | None:
        """A plugin's own finding for a Spectrum answer row, which comes before the catalogue's; None if it has none."""
        ...
