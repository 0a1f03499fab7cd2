"""What can happen in a job's life. Each act is plain data, so a life is a list that can be printed, shortened and
played again.

Numbers such as `job`, `item` or `which` point into what there is at that moment, counted round, newest first for
`which`; an act that finds nothing to act on changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

SEATS = ("north", "south", "west")
"""The connections, all to one Spectrum company: two of one tenant, and one of a second tenant with the same
ServiceTrade account."""


@dataclass(frozen=True)
class AddItem:
    """`kind` as in ServiceTrade; `service`: a service, which becomes a task; `codeless`: a part whose code nobody has
    set, so that it cannot be sent."""

    job: int
    kind: str
    quantity: int


@dataclass(frozen=True)
class EditItem:
    """`what`: quantity, cost or code."""

    item: int
    what: str
    value: int


@dataclass(frozen=True)
class RemoveItem:
    item: int


@dataclass(frozen=True)
class MoveItem:
    """To another job of the account, with its id."""

    item: int
    job: int


@dataclass(frozen=True)
class SecondJob:
    """A second job that carries the number of the first."""


@dataclass(frozen=True)
class Describe:
    """Another description: the header changes."""

    job: int
    text: int


@dataclass(frozen=True)
class Complete:
    job: int


@dataclass(frozen=True)
class Reopen:
    job: int


@dataclass(frozen=True)
class Redate:
    """The completion date is corrected in ServiceTrade; the job stays completed."""

    job: int
    minutes: int


@dataclass(frozen=True)
class Ask:
    """Somebody asks for a send. `completes`: the same call completes the job."""

    job: int
    seat: int
    items: str
    adopt: bool = False
    completes: bool = False
    tasks: str = "new_only"


@dataclass(frozen=True)
class Work:
    """Every connection's worker, until nothing is due."""


@dataclass(frozen=True)
class Wait:
    minutes: int


@dataclass(frozen=True)
class Answer:
    """What becomes of a call to Spectrum (`call`: header or line) after `after` that go well. `fate`: see fates."""

    call: str
    fate: str
    after: int = 0


@dataclass(frozen=True)
class Trouble:
    """The next call `call` to ServiceTrade fails: `how` is time (it passes), tenant (somebody must mend it) or lost
    (it has happened, only the answer is lost)."""

    call: str
    how: str


@dataclass(frozen=True)
class Cancel:
    which: int


@dataclass(frozen=True)
class Retry:
    which: int


@dataclass(frozen=True)
class MarkDone:
    """A person enters in Spectrum what a failed send could not, then says so."""

    which: int


@dataclass(frozen=True)
class Dismiss:
    which: int


@dataclass(frozen=True)
class Settle:
    """A person looks in the books and says what stands there, at whatever moment."""

    which: int


@dataclass(frozen=True)
class Declare:
    """A person looks in the books and says which of a held send's items stand there."""

    which: int


@dataclass(frozen=True)
class Acknowledge:
    """A restored backup is acknowledged on each connection that is held for it."""


@dataclass(frozen=True)
class Trigger:
    """What a completion sets off: off, send or send_with_items, with `items_on_resend`."""

    seat: int
    mode: str
    resend: str = "new_only"


@dataclass(frozen=True)
class StartDate:
    """The completion start date is moved to so many minutes ago."""

    seat: int
    minutes: int


@dataclass(frozen=True)
class Hint:
    """ServiceTrade's webhook tells of a job."""

    job: int


@dataclass(frozen=True)
class Poll:
    """Five minutes later the completions are looked for, and their sends worked off."""


@dataclass(frozen=True)
class Leading:
    """Another leading character, for all connections."""

    sign: str


@dataclass(frozen=True)
class ServiceTradeAddress:
    """The tenant's ServiceTrade address in another spelling of the same thing."""

    tenant: int
    spelling: int


@dataclass(frozen=True)
class SpectrumAddress:
    """The connection's address in another spelling, or another name of the same server."""

    seat: int
    spelling: int


@dataclass(frozen=True)
class Rules:
    """Other rules for a connection: none, phase (sets a field of every line) or no_fees (leaves fees out)."""

    seat: int
    rule: str


@dataclass(frozen=True)
class SwitchTasks:
    """Whether the connection sends services as tasks. All do at first."""

    seat: int
    on: bool


@dataclass(frozen=True)
class Remake:
    """The connection is removed and set up anew."""

    seat: int


@dataclass(frozen=True)
class RenameServer:
    """Spectrum's server gets another name, and every connection follows."""


@dataclass(frozen=True)
class Crash:
    """The process dies at the nth moment from now on: before or after a call or a commit."""

    at: int


@dataclass(frozen=True)
class Freeze:
    """The worker stops before the nth call to the outside from now on, for as long as nobody thaws it."""

    at: int


@dataclass(frozen=True)
class Thaw:
    pass


@dataclass(frozen=True)
class LoseCommit:
    """While the next line's call is under way the database falls back before the last `count` commits: the worker
    lives."""

    count: int = 1


@dataclass(frozen=True)
class Backup:
    pass


@dataclass(frozen=True)
class RestoreBackup:
    """All processes stop, the database becomes what it was at the backup, and all start again."""


@dataclass(frozen=True)
class Forget:
    """All that may ever be deleted by its age is deleted at once."""


@dataclass(frozen=True)
class Skew:
    """This machine's clock is so many minutes ahead of the database's."""

    minutes: int


Act = (
    AddItem
    | EditItem
    | RemoveItem
    | MoveItem
    | SecondJob
    | Describe
    | Complete
    | Reopen
    | Redate
    | Ask
    | Work
    | Wait
    | Answer
    | Trouble
    | Cancel
    | Retry
    | MarkDone
    | Dismiss
    | Settle
    | Trigger
    | StartDate
    | Hint
    | Poll
    | Leading
    | ServiceTradeAddress
    | SpectrumAddress
    | Rules
    | Remake
    | Crash
    | Freeze
    | Thaw
    | LoseCommit
    | Backup
    | RestoreBackup
    | Forget
    | Skew
    | Declare
    | Acknowledge
    | RenameServer
    | SwitchTasks
)
KINDS: tuple[type[Act], ...] = (
    AddItem,
    EditItem,
    RemoveItem,
    MoveItem,
    SecondJob,
    Describe,
    Complete,
    Reopen,
    Redate,
    Ask,
    Work,
    Wait,
    Answer,
    Trouble,
    Cancel,
    Retry,
    MarkDone,
    Dismiss,
    Settle,
    Trigger,
    StartDate,
    Hint,
    Poll,
    Leading,
    ServiceTradeAddress,
    SpectrumAddress,
    Rules,
    Remake,
    Crash,
    Freeze,
    Thaw,
    LoseCommit,
    Backup,
    RestoreBackup,
    Forget,
    Skew,
    Declare,
    Acknowledge,
    RenameServer,
    SwitchTasks,
)
