"""An entry of the catalogue: a failure's title, its cause, its advice and who can apply it."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.shared.advice import Advice, Door, Outcome, Right, Step, told
from core.model.shared.finding import Owner, Retry

FAILED = frozenset({Outcome.STOPPED, Outcome.GAVE_UP})
BEFORE = frozenset({Outcome.BLOCKED, Outcome.NOTED, Outcome.REFUSED})
"""Nothing was sent yet."""
DONE = frozenset({Outcome.WARNED})
MILD = frozenset({Outcome.WARNED, Outcome.NOTED})
"""It stops nothing."""
SERIOUS = frozenset(Outcome) - MILD
TRIED = frozenset({Outcome.RETRIES})

_RESUME = Step(
    "resume it: the sends that wait then continue",
    Right.MANAGE,
    "If the connection is held or paused,",
    frozenset({Outcome.HELD}),
)
AS_THE_MESSAGE_SAYS = "Correct what the message says."
SEND_AGAIN = (
    Step("send the job", Right.SEND, only=frozenset({Outcome.BLOCKED})),
    Step("send the job again", Right.SEND, only=FAILED),
    Step("The next try takes over what you corrected", only=TRIED),
    _RESUME,
    Step("send the job again, so that Spectrum gets what you corrected", Right.SEND, only=DONE),
    Step("try again", only=frozenset({Outcome.REFUSED})),
)
"""The last step after a correction."""
READ_THE_LIST = Step(
    "read Spectrum's lists again in Jobferry: Codes, then Spectrum's lists of codes",
    Right.MANAGE,
    "If it is in Spectrum, perhaps since a moment ago,",
    named="codes refresh",
    named_at=frozenset({Door.COMMAND_LINE}),
)
"""Of a code that a stored list lacks: the send is compared with the list again."""
IMPORT_ITS_LINE = Step(
    "import a file with its line in Jobferry: Codes, then Spectrum's lists of codes",
    Right.MANAGE,
    "If it is active in Spectrum, but Jobferry's imported list lacks it or has it as inactive,",
    named="codes import",
    named_at=frozenset({Door.COMMAND_LINE}),
)
"""The same of sites and contracts, whose lists nobody can read from Spectrum."""
BY_ITSELF = (
    Step("Jobferry tries again by itself, each time after a longer pause", only=TRIED),
    Step("Jobferry has stopped trying", only=FAILED),
    Step("send the job again in a few minutes", Right.SEND, only=FAILED),
    _RESUME,
    Step("try again in a few minutes: Jobferry does not do that by itself", only=BEFORE),
    Step("The job itself was sent", only=DONE),
)
"""For causes that usually end by themselves."""

GAVE_UP = "Jobferry has used up its tries. Send the job again."
"""Instead of BY_ITSELF, once a send has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`cause` is one sentence; `advice` holds the steps in order. `pre`: the preview shows it as a blocker.

    `retry` is about the work order header. A cost line with an unclear answer is never retried automatically.
    """

    code: str
    title: str
    cause: str
    advice: Advice
    owner: Owner
    retry: Retry = Retry.AFTER_FIX
    pre: bool = False

    @property
    def usual(self) -> Outcome:
        """What usually becomes of a send with this failure."""
        return Outcome.RETRIES if self.retry is Retry.BACKOFF else Outcome.STOPPED

    @property
    def fix(self) -> tuple[str, ...]:
        """The steps in the usual case, for a reader who may do everything."""
        return self.steps(self.usual, Door.COMMAND_LINE)

    def steps(self, outcome: Outcome, door: Door) -> tuple[str, ...]:
        """The steps that are true at this moment, in words for this reader."""
        return told(self.advice, outcome, door)
