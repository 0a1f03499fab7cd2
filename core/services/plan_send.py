"""Planning: reads the job, asks the rules in order and folds the answers. Preview, execution and rehearsal share it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.model.catalogue import finding
from core.model.connection import Connection
from core.model.cost_line import ItemsMode, LedgerLine
from core.model.draft import Draft
from core.model.finding import Finding
from core.model.fold import fold_plan, start_draft
from core.model.item import JobItem
from core.model.job import JobSnapshot
from core.model.line_fold import FoldedItem
from core.model.line_plan import LinePlan, plan_lines
from core.model.number_choice import choose_number, claim_key, claim_owner
from core.model.plan import SendPlan
from core.model.posted_before import posted_key
from core.model.tenant import ServiceTradeAccount
from core.model.work_order import WorkOrderRecord
from core.services.plan_items import PlanItems
from ports.rules import Rule, Rules
from ports.service_trade import ServiceTrade
from ports.transactions import Transactions

_HOOKS = ("work_order_number", "map_work_order", "should_send", "validate_work_order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that a plan is made from, read once: the same reading and the same rules give the same plan.

    `items` are None where none were asked for, or the job's completion is still to come. `record` and `ledger` are what
    was sent before.
    """

    account: ServiceTradeAccount
    connection: Connection
    job: JobSnapshot
    record: WorkOrderRecord | None
    mode: ItemsMode = ItemsMode.NONE
    items: Sequence[JobItem] | None = None
    ledger: Sequence[LedgerLine] = ()


@dataclass(frozen=True, slots=True)
class PlannedSend:
    """A plan with what executing it needs: the claim on its number and the record it was compared with.

    `items` and `ledger` are what its lines were chosen from.
    """

    plan: SendPlan
    claim_key: bytes
    claim_owner: bytes
    record: WorkOrderRecord | None
    items: Sequence[FoldedItem] = ()
    ledger: Sequence[LedgerLine] = ()
    job_completed: bool = False
    posted_before: frozenset[str] = frozenset()


class PlanSend:
    def __init__(
        self, transactions: Transactions, service_trade: ServiceTrade, rules: Rules, plan_items: PlanItems
    ) -> None:
        self._transactions = transactions
        self._service_trade = service_trade
        self._rules = rules
        self._plan_items = plan_items

    async def __call__(
        self,
        connection: Connection,
        job_id: str,
        *,
        adopt: bool = False,
        items: ItemsMode = ItemsMode.NONE,
        send_id: str | None = None,
        completing: bool = False,
    ) -> PlannedSend:
        """Plan one job for one connection; nothing is written anywhere.

        What stands in the way is a blocker in the plan. Items need a completed job, or one that is `completing` with
        this send. `send_id` names the send that is planned, for what it may have posted already. Raises as `read` does.
        """
        reading = await self.read(connection, job_id, items=items, completing=completing)
        return await self.plan(reading, adopt=adopt, send_id=send_id)

    async def read(
        self,
        connection: Connection,
        job_id: str,
        *,
        items: ItemsMode = ItemsMode.NONE,
        completing: bool = False,
    ) -> Reading:
        """Raises what the ServiceTrade port raises (unknown job, no access, unreachable): without the job there is no
        plan."""
        async with self._transactions.begin(connection.tenant_id) as t:
            account = await t.account()
            defaults = (await t.tenant()).plugin_defaults if connection.plugins else {}
            record = await t.work_orders.find(connection.id, job_id)
            ledger = await t.ledger.of_job(connection.id, job_id) if items is not ItemsMode.NONE else ()
        job = await self._service_trade.read_job(account, job_id, connection.external_system)
        job = await self._with_aliases(job, connection)
        found: Sequence[JobItem] | None = None
        if items is not ItemsMode.NONE and (job.completed or completing):
            found = await self._service_trade.read_items(account, job.id, connection.external_system)
        return Reading(
            account=account, connection=connection.over(defaults), job=job, record=record, mode=items, items=found,
            ledger=ledger,
        )  # fmt: skip

    async def plan(self, reading: Reading, *, adopt: bool = False, send_id: str | None = None) -> PlannedSend:
        """The plan that the connection's rules make of what was read."""
        connection, job, record = reading.connection, reading.job, reading.record
        draft, asked = await self._ask_rules(start_draft(job, connection), connection)
        folded: Sequence[FoldedItem] = ()
        lines, posted_before = LinePlan(), frozenset[str]()
        if reading.items is not None:
            folded = await self._plan_items(connection, job, reading.items, asked)
            posted_before = await self._posted_before(connection, job.id, folded)
            lines = plan_lines(folded, reading.ledger, reading.mode, send_id, posted_before)
        elif reading.mode is not ItemsMode.NONE:
            lines.findings.append(_not_completed(job))
        choice = choose_number(draft, record, adopt=adopt)
        key, owner = claim_key(connection, choice.number), claim_owner(reading.account.base_url, job.id)
        async with self._transactions.begin(connection.tenant_id) as t:
            taken = bool(choice.number) and await t.claims.taken(key, owner)
        plan = fold_plan(
            draft, connection, record, choice,
            taken=taken, adopt=adopt, rules=tuple(rule.used for rule in asked.values()), items=reading.mode,
            line_plan=lines,
        )  # fmt: skip
        return PlannedSend(plan, key, owner, record, folded, reading.ledger, job.completed, posted_before)

    async def _posted_before(
        self, connection: Connection, job_id: str, items: Sequence[FoldedItem]
    ) -> frozenset[str]:
        """The items that a connection to the same company posted before it was removed."""
        keys = {posted_key(connection, job_id, folded.item.id): folded.item.id for folded in items}
        async with self._transactions.begin(connection.tenant_id) as t:
            found = await t.posted_before.among(keys)
        return frozenset(keys[key] for key in found)

    async def _with_aliases(self, job: JobSnapshot, connection: Connection) -> JobSnapshot:
        """Which records the job names is known only now, so this is asked apart from the rest, and all at once."""
        if not job.parties:
            return job
        async with self._transactions.begin(connection.tenant_id) as t:
            return job.with_aliases(await t.aliases.of(connection.id, list(job.parties)))

    async def _ask_rules(self, draft: Draft, connection: Connection) -> tuple[Draft, dict[str, Rule]]:
        """Every hook through the whole chain, so that a later rule sees what earlier ones answered."""
        asked: dict[str, Rule] = {}
        for hook in _HOOKS:
            for rule in self._rules.chain(connection, hook):
                asked[rule.name] = rule
                answer = await self._rules.ask(hook, rule, draft)
                if isinstance(answer, Finding):
                    draft = replace(draft, findings=(*draft.findings, answer))
                elif answer is not None:
                    draft = draft.with_patch(answer, rule.name, rule.version)
        return draft, asked


def _not_completed(job: JobSnapshot) -> Finding:
    message = f"Items go along only with a completed job, and this one is {job.status or 'not completed'}."
    return finding("ITEMS_NEED_COMPLETION", message)
