"""Planning: reads the job, asks the rules in order and folds the answers. Preview and execution share this one path."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.model.connection import Connection
from core.model.draft import Draft
from core.model.finding import Finding
from core.model.fold import fold_plan, start_draft
from core.model.number_choice import choose_number, claim_key, claim_owner
from core.model.plan import SendPlan
from core.model.work_order import WorkOrderRecord
from ports.rules import Rule, Rules
from ports.service_trade import ServiceTrade
from ports.transactions import Transactions

_HOOKS = ("work_order_number", "map_work_order", "validate_work_order")


@dataclass(frozen=True, slots=True)
class PlannedSend:
    """A plan with what executing it needs: the claim on its number and the record it was compared with."""

    plan: SendPlan
    claim_key: bytes
    claim_owner: bytes
    record: WorkOrderRecord | None


class PlanSend:
    def __init__(self, transactions: Transactions, service_trade: ServiceTrade, rules: Rules) -> None:
        self._transactions = transactions
        self._service_trade = service_trade
        self._rules = rules

    async def __call__(self, connection: Connection, job_id: str, *, adopt: bool = False) -> PlannedSend:
        """Plan one job for one connection; nothing is written anywhere.

        What stands in the way is a blocker in the plan. Raises what the ServiceTrade port raises (unknown job, no
        access, unreachable): without the job there is no plan.
        """
        async with self._transactions.begin(connection.tenant_id) as t:
            account = await t.account()
            record = await t.work_orders.find(connection.id, job_id)
        job = await self._service_trade.read_job(account, job_id, connection.external_system)
        draft, asked = await self._ask_rules(start_draft(job, connection), connection)
        choice = choose_number(draft, record, adopt=adopt)
        key, owner = claim_key(connection, choice.number), claim_owner(account.base_url, job_id)
        async with self._transactions.begin(connection.tenant_id) as t:
            taken = bool(choice.number) and await t.claims.taken(key, owner)
        names = tuple(f"{rule.name} {rule.version}".strip() for rule in asked)
        plan = fold_plan(draft, connection, record, choice, taken=taken, adopt=adopt, rules=names)
        return PlannedSend(plan, key, owner, record)

    async def _ask_rules(self, draft: Draft, connection: Connection) -> tuple[Draft, list[Rule]]:
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
        return draft, list(asked.values())
