"""Planning: ask the rules about what was read, and fold their answers. Used by preview, execution and rehearsal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.model.catalogue import finding
from core.model.connections.connection import Connection
from core.model.planning.account import (
    Account,
    AccountEntry,
    account_keys,
    addition_accounts,
    items_among,
    strays_among,
)
from core.model.planning.draft import Draft
from core.model.planning.earlier_additions import additions_unknown
from core.model.planning.fold import fold_plan, start_draft
from core.model.planning.items_held import items_held
from core.model.planning.job import JobSnapshot
from core.model.planning.line_fold import FoldedItem
from core.model.planning.line_plan import LinePlan
from core.model.planning.listed_codes import header_findings, planned_codes, with_item_findings
from core.model.planning.number_choice import choose_number, claim_keys, claim_owner, known_claim_keys
from core.model.planning.plan import SendPlan
from core.model.planning.printed import Printed
from core.model.planning.task_plan import fold_services, plan_lines_and_tasks
from core.model.shared.finding import Finding
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.job_service import TasksMode
from core.model.work_orders.work_order import WorkOrderRecord
from core.services.planning.plan_items import plan_items
from core.services.planning.read_for_plan import ReadForPlan, Reading
from core.services.service import Dependencies, Service
from ports.rules import Rule, Rules
from ports.storage.send_changes import PlanInput, Standing, StandingQuery

_HOOKS = ("work_order_number", "map_work_order", "should_send", "validate_work_order")


@dataclass(frozen=True, slots=True)
class PlannedSend:
    """A plan with what its execution needs: the claim on its number and the record that it was compared with.

    Its lines were chosen from `items`, which are the job's items and services, and `account`; `tasks` is NONE if the
    services were not read. What the rules `printed` is for their authors and is not kept.
    """

    plan: SendPlan
    claim_keys: tuple[bytes, ...]
    claim_owner: bytes
    record: WorkOrderRecord | None
    account: Account
    items: Sequence[FoldedItem] = ()
    tasks: TasksMode = TasksMode.NONE
    job_completed: bool = False
    printed: Sequence[Printed] = ()


@dataclass(frozen=True, slots=True)
class _Standing:
    claim_keys: tuple[bytes, ...]
    claim_owner: bytes
    taken: bool
    strange: bool
    account: Account
    additions: Sequence[AccountEntry]


class PlanSend(Service):
    def __init__(self, d: Dependencies) -> None:
        super().__init__(d)
        self.read = ReadForPlan(d)

    async def __call__(
        self,
        connection: Connection,
        job_id: str,
        *,
        adopt: bool = False,
        items: ItemsMode = ItemsMode.NONE,
        tasks: TasksMode = TasksMode.NEW_ONLY,
        send_id: str | None = None,
        completing: bool = False,
        known: PlanInput | None = None,
        checked_again: bool = False,
    ) -> PlannedSend:
        """Plan one job for one connection. Nothing is written.

        Each obstacle is a blocker in the plan. Items need a completed job, or one that this send completes
        (`completing`). `send_id` is the planned send, which may have posted lines already. `checked_again`: whoever
        stores the plan finds out itself whether another job has the number. Raises as `read` does.
        """
        reading = await self.read(connection, job_id, items=items, tasks=tasks, completing=completing, known=known)
        return await self.plan(reading, adopt=adopt, send_id=send_id, checked_again=checked_again)

    async def plan(
        self, reading: Reading, *, adopt: bool = False, send_id: str | None = None, checked_again: bool = False
    ) -> PlannedSend:
        """The plan that the connection's rules make from the reading."""
        connection, job, record = reading.connection, reading.job, reading.record
        rules = self._rules.for_plan()
        draft, asked = await _ask_rules(rules, start_draft(job, connection), connection)
        folded: Sequence[FoldedItem] = ()
        if reading.items is not None:
            folded = await plan_items(rules, connection, job, reading.items, asked)
            folded = [*folded, *fold_services(reading.services or (), connection.task_codes)]
        if reading.lists and (codes := planned_codes(draft, folded)):
            listed, now = await self._transactions.listed(connection.tenant_id, connection.id, codes), self._clock.now()
            listed = listed.heeded(strictly=connection.unlisted_codes_stop)
            draft = replace(draft, findings=(*draft.findings, *header_findings(draft, listed, now)))
            folded = with_item_findings(folded, listed, now)
        choice = choose_number(draft, record, adopt=adopt)
        stands = await self._what_stands(reading, choice.number, folded, checked_again=checked_again)
        lines = LinePlan()
        tasks = TasksMode.NONE if reading.services is None else reading.tasks
        if reading.items is not None:
            lines = plan_lines_and_tasks(folded, stands.account, reading.mode, tasks, send_id)
        elif reading.mode is not ItemsMode.NONE:
            lines.findings.append(_not_completed(job))
        if (lines.lines or lines.blocked) and (why := items_held(connection, job, record, strange=stands.strange)):
            lines = lines.held(why)
        lines.findings += _about_tasks(reading)
        plan = fold_plan(
            draft,
            connection,
            record,
            choice,
            taken=stands.taken,
            adopt=adopt,
            rules=tuple(rule.used for rule in asked.values()),
            items=reading.mode,
            tasks=reading.tasks,
            line_plan=lines,
            strange=stands.strange,
            completes=reading.completing,
            paperwork=reading.paperwork,
            job_items=reading.items or (),
            additions_unknown=additions_unknown(connection, job, record, strange=stands.strange),
            additions=stands.additions,
        )
        return PlannedSend(
            plan,
            stands.claim_keys,
            stands.claim_owner,
            record,
            stands.account,
            folded,
            tasks,
            job.completed,
            rules.printed(),
        )

    async def _what_stands(
        self, reading: Reading, number: str, items: Sequence[FoldedItem], *, checked_again: bool
    ) -> _Standing:
        """The number's owner, and what is on the work order's account."""
        connection, job, record = reading.connection, reading.job, reading.record
        # The recorded owner stays valid, even if ServiceTrade's address has changed since.
        owner = (record.claim_owner if record else None) or claim_owner(reading.account.base_url, job.id)
        unknown = bool((job.external_id or "").strip()) and (record is None or record.number is None)
        compared = reading.mode is not ItemsMode.NONE and not reading.afresh
        keys, known_keys = claim_keys(connection, number), known_claim_keys(connection, number)
        standing = Standing()
        adds = reading.paperwork is not None or (bool(connection.note_topic) and connection.note_mode == "append")
        adds = adds and bool(number)
        if unknown or compared or adds or not checked_again or known_keys != keys:
            query = StandingQuery(
                connection_id=connection.id,
                job_id=job.id,
                number=number,
                claim_keys=known_keys,
                owner=owner,
                accounts=account_keys(connection, number) if compared else (),
                additions=addition_accounts(connection, number) if adds else (),
            )
            standing = await self._transactions.standing(connection.tenant_id, query)
        account = _account(job.id, standing, items) if compared else Account(job.id)
        taken = bool(number) and standing.taken
        strange = unknown and not standing.accepted
        return _Standing(keys, owner, taken, strange, account, standing.additions)


async def _ask_rules(rules: Rules, draft: Draft, connection: Connection) -> tuple[Draft, dict[str, Rule]]:
    """Ask each hook along the whole chain; a later rule sees the answers of earlier ones."""
    asked: dict[str, Rule] = {}
    for hook in _HOOKS:
        for rule in rules.chain(connection, hook):
            asked[rule.name] = rule
            answer = await rules.ask(hook, rule, draft)
            if isinstance(answer, Finding):
                draft = replace(draft, findings=(*draft.findings, answer))
            elif answer is not None:
                draft = draft.with_patch(answer, rule.name, rule.version, tidies=rule.tidies)
    return draft, asked


def _account(job_id: str, standing: Standing, items: Sequence[FoldedItem]) -> Account:
    """The account of the work order, with what other connections have on it."""
    ours = [*(folded.item.id for folded in items), *(line.item_id for line in standing.lines)]
    elsewhere = items_among(set(ours), standing.entries)
    return Account(job_id, standing.lines, elsewhere, standing.entries, strays_among(ours, standing.entries))


def _about_tasks(reading: Reading) -> Iterator[Finding]:
    """What keeps the send from adding tasks that were asked for."""
    if reading.services_problem:
        yield reading.services_problem
    if reading.tasks is TasksMode.AGAIN and not (reading.connection.sends_tasks and reading.mode is not ItemsMode.NONE):
        why = "the send has no items" if reading.connection.sends_tasks else "the connection sends no tasks"
        yield finding("TASKS_OFF", f"Tasks were asked for again, but {why}.")


def _not_completed(job: JobSnapshot) -> Finding:
    message = f"Items are sent only for a completed job, and this job is {job.status or 'not completed'}."
    return finding("ITEMS_NEED_COMPLETION", message)
