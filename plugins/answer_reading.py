"""Reads what a hook answered, which its process sent as plain data, as the types that the hook may return.

Apart from `ipc`, since no plugin's process reads answers: pydantic would take half of its start and a third of its
memory.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.model.planning.draft import FindingsPatch
from plugins.answer_limits import WrongAnswer, bounded, bounded_lines
from plugins.ipc import LISTS, TYPES

_ANSWERS: dict[str, TypeAdapter[Any]] = {
    **{hook: TypeAdapter(kind) for hook, kind in TYPES.items()},
    **{hook: TypeAdapter(tuple[kind, ...]) for hook, kind in LISTS.items()},  # type: ignore[valid-type]
}


def read(hook: str, answer: Any) -> Any:
    """Return plain data as the answer's type, its texts no longer than allowed. Raises WrongAnswer."""
    if answer is None:
        return None
    if hook not in _ANSWERS:
        raise WrongAnswer("returned an answer, but an event must return None")
    try:
        made = _ANSWERS[hook].validate_python(_tuples(answer))
    except (ValidationError, ValueError, TypeError, RecursionError) as error:
        raise WrongAnswer(f"returned an answer that {hook} does not take{_where(error)}") from error
    if hook == "posted_lines":
        return bounded_lines(made)
    kept = bounded(made)
    return FindingsPatch(kept) if hook == "validate_work_order" else kept


def _where(error: Exception) -> str:
    """The first field that is wrong, without its value."""
    if not isinstance(error, ValidationError):
        return ""
    one = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f": {'/'.join(map(str, one['loc']))}: {one['msg']}"


def _tuples(value: Any) -> Any:
    match value:
        case list():
            return tuple(_tuples(inner) for inner in value)
        case dict():
            return {name: _tuples(inner) for name, inner in value.items()}
    return value
