"""What a send's change needs and stores: each in one call, because every send makes several of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.planning.account import AccountEntry, EntryState
from core.model.planning.plan import SendPlan
from core.model.sending.lifecycle.event import NumberClaim
from core.model.sending.send import Attempt, Send, Step
from core.model.tenants.tenant import ServiceTradeAccount, Tenant
from core.model.work_orders.cost_line import LedgerLine
from core.model.work_orders.work_order import WorkOrderRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsQuery:
    """What to read about a send. `number` is its work order number, for `unclear` lines of any send and for `accounts`,
    which are read with what other sends have on them. `claim` asks whether another job has the number. `epoch` is the
    reader's lease, None if none is needed. `read_send`: the reader does not have the send yet.
    `additions` are the accounts of documents and added texts; they are locked as `lock_accounts` locks.
    """

    send_id: str
    job_id: str
    connection_id: str
    epoch: int | None = None
    number: str = ""
    read_send: bool = False
    own_lines: bool = False
    unclear: bool = False
    claim: NumberClaim | None = None
    accounts: Sequence[bytes] = ()
    lock_accounts: bool = False
    additions: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFacts:
    """The answer; what was not asked for is empty. `now` is the database's time.

    `told` are other sends of the job that need a person, oldest first. `holder` is another send that owes lines to the
    work order. `endpoints`: the tenant has webhook endpoints. `warned`: the job has an open warning about a send.
    `additions` are the entries of others on those accounts. `awaited`: other sends wait for this one.
    `paused`: the tenant is paused.
    """

    now: datetime
    connection: Connection
    send: Send | None = None
    record: WorkOrderRecord | None = None
    told: Sequence[Send] = ()
    lines: Sequence[LedgerLine] = ()
    unclear: Sequence[LedgerLine] = ()
    number_taken: bool = False
    holder: Send | None = None
    account_lines: Sequence[LedgerLine] = ()
    entries: Sequence[AccountEntry] = ()
    additions: Sequence[AccountEntry] = ()
    endpoints: bool = False
    warned: bool = False
    awaited: bool = False
    paused: bool = False


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A line's entry on one account. `item` is the hash of its item there; `state` None removes the line from all."""

    line_id: str
    account: bytes = b""
    item: bytes = b""
    state: EntryState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """The intent to post a line: until when its call may leave, and when Spectrum can no longer add the line, both
    counted from the database's time."""

    line_id: str
    attempt_id: str
    epoch: int
    payload_hash: str
    send_by: timedelta
    quiet: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChange:
    """A send with what is stored together with it. `send` and `superseded` have the versions that were read.

    `take`, `accept` and `give_back` are what happens to claims on the number. There is one claim for each work order
    number of a Spectrum company, over all tenants, keyed by a hash; it does not show the owner. It is taken before the
    header leaves, with `adopt` also from another owner. It is permanent once Spectrum has accepted a write with this
    number. Until then giving it back frees the number, or returns it to the former owner whose write was accepted.

    `proves_target`: Spectrum accepted a write with the connection's present address, company and secrets, now. `adds`:
    a document, or a text for a note, is about to be added, which is counted as the intent to post a line is.
    """

    send: Send
    superseded: Sequence[Send] = ()
    attempts: Sequence[Attempt] = ()
    plan: SendPlan | None = None
    lines: Sequence[LedgerLine] = ()
    intent: Intent | None = None
    entries: Sequence[AccountLine] = ()
    record: WorkOrderRecord | None = None
    take: NumberClaim | None = None
    accept: NumberClaim | None = None
    give_back: NumberClaim | None = None
    proves_target: bool = False
    adds: bool = False


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """`send` as stored. `begun` is the line of the intent, and `intent` the number of that, or of the addition, on the
    connection. `following`: the connection's next due send, if it was asked for."""

    send: Send
    begun: LedgerLine | None = None
    intent: int = 0
    following: DueSend | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSend:
    """A connection's next due send, None if none is due, with what its execution needs. `aliases` and `lists`: the
    connection has some. `creation_due`: one of its new records is due (`core.model.creations`)."""

    now: datetime
    tenant: Tenant
    account: ServiceTradeAccount
    connection: Connection
    secrets: ConnectionSecrets
    epoch: int
    aliases: bool
    lists: bool = False
    creation_due: bool = False
    send: Send | None = None
    record: WorkOrderRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """What a plan needs of our own rows. `record` is the job's, None before its first send. `aliases` and
    `lists` (of Spectrum's codes, read at least once): the connection has some, which can be asked for once the job's
    records and its codes are known."""

    tenant: Tenant
    account: ServiceTradeAccount
    connection: Connection
    aliases: bool
    lists: bool = False
    record: WorkOrderRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingQuery:
    """A work order number that a send of `owner` (see `claim_owner`) is planned for. Lines and entries are read only
    for the given `accounts`, entries of documents and added texts only for those of `additions`."""

    connection_id: str
    job_id: str
    number: str
    claim_keys: Sequence[bytes]
    owner: bytes
    accounts: Sequence[bytes] = ()
    additions: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known about the number: whether another job has one of its claim keys, whether Spectrum has accepted a
    write of this job under one, the lines and the entries of others on its account, and those of its additions."""

    taken: bool = False
    accepted: bool = False
    lines: Sequence[LedgerLine] = ()
    entries: Sequence[AccountEntry] = ()
    additions: Sequence[AccountEntry] = ()


class NumberTaken(Exception):
    """Another job has claimed the number since the facts were read."""


class SendChanges(Protocol):
    """Part of a tenant's transaction."""

    @abstractmethod
    async def facts(self, query: FactsQuery) -> StoredFacts:
        """Lock the connection, then read. Until the transaction ends, nobody else changes a send of the connection.

        With `lock_accounts`, nobody else can enter anything on these accounts either; they are locked in the given
        order. Raises LeaseLost if the epoch was raised since `query.epoch`, NotFound.
        """
        ...

    @abstractmethod
    async def store(self, change: StoredChange) -> StoredOutcome:
        """Store all of it. If it raises, the transaction has failed.

        Raises NumberTaken if another job has the number of `take`; SendChanged if a send has another version than the
        stored one, if another row has a line's place on the work order, or if the intent's line must not be posted.
        """
        ...

    @abstractmethod
    async def conclude(self, change: StoredChange, take: Collection[Step] | None = None) -> StoredOutcome:
        """As `store`, and commit: the transaction must not be used any more. With `take`, also return the next due send
        in these steps."""
        ...

    @abstractmethod
    async def next_due(self, connection_id: str, steps: Collection[Step]) -> DueSend:
        """The due send in one of `steps` with the lowest `seq` whose job has no earlier unfinished send.

        Due: `due_at` is set and not in the future. Unfinished: queued, sending or retrying, without `waits_for`.
        Raises NotFound.
        """
        ...

    @abstractmethod
    async def rest(
        self, connection_id: str, steps: Collection[Step], waits_until: datetime | None = None
    ) -> datetime | None:
        """The end of a drain: the connection is due when its earliest send in one of `steps` is, but at `waits_until`
        at the latest; never by itself without both. Return that moment; a past one means now. Then commit: the
        transaction must not be used any more.

        Only in a transaction of `Transactions.resting`.
        """
        ...
