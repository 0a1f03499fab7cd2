"""What a rule does wrong in a check, and what its author can do about it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

from plugins.failure_words import fix_of_loading, raised

MEND = "Mend the hook, and use this case as a test."
UNCHANGED = "A rule changes nothing that it gets: put what it decides into the patch that it returns."
_EMPTY = "Fields of a job may be None or empty: docs/hooks/types.md says which. Return None if one that you need is."


class Fault(Exception):
    """`name` is the name of the check."""

    def __init__(self, name: str, words: str, fix: str = MEND) -> None:
        super().__init__(words)
        self.name = name
        self.words = words
        self.fix = fix


def fault_of(error: BaseException, home: str, about: str) -> Fault:
    """The fault of a rule that raised this, for the job or item that `about` describes."""
    words = f"it raised {raised(error, home)} for {about}"
    match error:
        case FrozenInstanceError():
            return Fault("mutation", words, UNCHANGED)
        case TypeError() if "does not support item assignment" in str(error):
            return Fault("mutation", words, UNCHANGED)
        case ModuleNotFoundError():
            return Fault("failure", words, fix_of_loading(error))
        case AttributeError() | TypeError() if "NoneType" in str(error):
            return Fault("failure", words, _EMPTY)
        case TypeError() if "'float'" in str(error) and "Decimal" in str(error):
            return Fault("figures", words, "Compute with Decimal alone: item.cost * Decimal('1.1').")
    return Fault("failure", words)
