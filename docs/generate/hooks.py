"""Writes docs/hooks/ from plugins/hookspecs.py, a page a hook: `python -m docs.generate.hooks`, from the root."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from itertools import pairwise
from pathlib import Path
from types import FunctionType
from typing import Any, get_type_hints

from pydantic import BaseModel

from plugins import hookspecs
from plugins.examine import ABOUT_ITSELF, ASYNCHRONOUS, EVENTS, HOOKS, READERS

FOLDER = Path(__file__).parents[1] / "hooks"
_SHOWN: Mapping[str, Any] = {
    name: getattr(hookspecs, name) for name in hookspecs.__all__ if is_dataclass(getattr(hookspecs, name))
}
"""Types that a page explains where its hook has to do with them."""
_CHOICES: Mapping[str, type[Enum]] = {
    name: found
    for name in hookspecs.__all__
    if inspect.isclass(found := getattr(hookspecs, name)) and issubclass(found, Enum)
}
TYPES = (
    "JobSnapshot",
    "Party",
    "JobItem",
    "Unreadable",
    "Draft",
    "LineDraft",
    "ConnectionView",
    "DraftValue",
    "Origin",
)
"""Types with a page of their own, which says of each field what it means and when it is empty."""
_KINDS = (
    ("What a plugin says of itself", ABOUT_ITSELF),
    ("Rules, in the order of their calls", tuple(hook for hook in HOOKS if hook not in (*ABOUT_ITSELF, *ASYNCHRONOUS))),
    ("What Spectrum holds", READERS),
    ("Events", EVENTS),
)


@dataclass(frozen=True, slots=True)
class HookText:
    """The parts of a hook's docstring. `example` is Python."""

    summary: str
    called: str
    answers: str
    example: str


def hook_text(hook: str) -> HookText:
    """Raises ValueError for a docstring that lacks one of its parts."""
    text = inspect.getdoc(getattr(hookspecs.Hooks, hook)) or ""
    found = re.fullmatch(r"(.+?)\n\nCalled: (.+?)\nAnswers: (.+?)\n\nExample:\n(.+)", text, re.DOTALL)
    if found is None:
        raise ValueError(f"{hook}: say what it is, then 'Called:', 'Answers:' and 'Example:'")
    summary, called, answers, example = found.groups()
    return HookText(_line(summary), _line(called), _line(answers), textwrap.dedent(example).strip())


def pages() -> Mapping[str, str]:
    """File name to content."""
    made = {"README.md": _index(), "types.md": _types_page(), **{f"{hook}.md": _page(hook) for hook in HOOKS}}
    return {name: "\n".join(lines) for name, lines in made.items()}


def _index() -> Iterator[str]:
    yield "# The hooks\n"
    yield f"Version {hookspecs.API}. A page a hook, generated from `plugins/hookspecs.py` by"
    yield "`python -m docs.generate.hooks`; edit it there.\n"
    yield "What rules read, field by field: [the job, its items and the drafts](types.md).\n"
    for title, hooks in _KINDS:
        yield f"## {title}\n"
        yield "| hook | what it is |\n|---|---|"
        yield from (f"| [`{hook}`]({hook}.md) | {hook_text(hook).summary} |" for hook in hooks)
        yield ""


def _page(hook: str) -> Iterator[str]:
    text, function = hook_text(hook), getattr(hookspecs.Hooks, hook)
    signature = str(inspect.signature(function)).replace("self, ", "").replace("self", "").replace("'", "")
    yield f"# `{hook}`\n"
    yield f"{text.summary}\n"
    yield f"```python\n{'async def' if hook in ASYNCHRONOUS else 'def'} {hook}{signature}\n```\n"
    yield f"- **Called:** {text.called}"
    yield f"- **Answers:** {text.answers}\n"
    yield f"## Example\n\n```python\n{text.example}\n```\n"
    found = list(_types_of(hook))
    if read := [f"[`{name}`](types.md#{name.lower()})" for name in found if name in TYPES]:
        yield f"What it reads: {', '.join(read)}.\n"
    for name in found:
        if name not in TYPES:
            yield from _type(name)
    yield from _choices([*found, *_names_in(signature)])
    yield "[All hooks](README.md) · [Rules and plugins](../plugins.md)\n"


def _choices(types: Sequence[str]) -> Iterator[str]:
    """The members of each enumeration that a hook or a field of these types names."""
    named = {
        inner for name in types if name in _SHOWN for one in fields(_SHOWN[name]) for inner in _names_in(str(one.type))
    }
    for name in sorted(_CHOICES.keys() & {*named, *types}):
        members = ", ".join(f"`{name}.{member.name}`" for member in _CHOICES[name])
        yield f"## {name}\n"
        yield f"{_line(inspect.getdoc(_CHOICES[name]) or '')}\n"
        yield f"`from jobferry.plugins import {name}`: {members}.\n"


def _type(name: str) -> Iterator[str]:
    found = _SHOWN[name]
    yield f"## {name}\n"
    if said := inspect.getdoc(found):
        yield f"{said}\n"
    yield f"`from jobferry.plugins import {name}`\n"
    yield "| field | type | default |\n|---|---|---|"
    for one in fields(found):
        yield f"| `{one.name}` | `{str(one.type).replace('|', chr(92) + '|')}` | {_default(one)} |"
    yield ""


def _types_page() -> Iterator[str]:
    yield "# The job, its items and the drafts\n"
    yield "What a rule reads. All of it is frozen: a rule answers with a patch. Generated from the code.\n"
    yield ", ".join(f"[{name}](#{name.lower()})" for name in TYPES) + "\n"
    for name in TYPES:
        found, said = getattr(hookspecs, name), meanings(getattr(hookspecs, name))
        yield f"## {name}\n"
        yield f"{_line(inspect.getdoc(found) or '')}\n"
        yield "| field | type | meaning, and when it is empty |\n|---|---|---|"
        for one in fields(found):
            yield f"| `{one.name}` | {_code(str(one.type))} | {said[one.name].replace('|', chr(92) + '|')} |"
        for name_of, member in vars(found).items():
            text = inspect.getdoc(member.fget if isinstance(member, property) else member)
            if text and not name_of.startswith(("_", "with_")) and isinstance(member, property | FunctionType):
                shown = name_of if isinstance(member, property) else f"{name_of}(...)"
                yield f"| `{shown}` | | {_line(text)} |"
        yield ""
    yield "[All hooks](README.md) · [Rules and plugins](../plugins.md)\n"


def meanings(found: type) -> Mapping[str, str]:
    """What each field of a dataclass means: the text below it in the source. Raises ValueError for one without."""
    [made] = ast.parse(textwrap.dedent(inspect.getsource(found))).body
    body = made.body if isinstance(made, ast.ClassDef) else []
    said: dict[str, str] = {}
    for one, after in pairwise(body):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            text = after.value if isinstance(after, ast.Expr) else None
            said[one.target.id] = _line(str(text.value)) if isinstance(text, ast.Constant) else ""
    if missing := [one.name for one in fields(found) if not said.get(one.name)]:
        raise ValueError(f"{found.__name__}: say below {', '.join(missing)} what it means and when it is empty")
    return said


def _code(hint: str) -> str:
    return f"`{hint.replace('|', chr(92) + '|')}`"


def _default(one: Field[Any]) -> str:
    if one.default_factory is not MISSING:
        return "*(empty)*"
    if one.default is MISSING:
        return ""
    default = one.default
    return f"`{type(default).__name__}.{default.name}`" if isinstance(default, Enum) else f"`{default!r}`"


def _types_of(hook: str) -> Iterator[str]:
    """The dataclasses that a hook's signature names, then those that their fields name, each once."""
    hints = get_type_hints(getattr(hookspecs.Hooks, hook), localns={"BaseModel": BaseModel})
    seen: dict[str, None] = {}
    waiting = [name for hint in hints.values() for name in _names_in(str(hint))]
    while waiting:
        name = waiting.pop(0)
        if name in _SHOWN and name not in seen:
            seen[name] = None
            waiting += [inner for one in fields(_SHOWN[name]) for inner in _names_in(str(one.type))]
    yield from seen


def _names_in(hint: str) -> list[str]:
    return re.findall(r"\b[A-Z]\w+", hint)


def _line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.md"):
        old.unlink()
    for name, content in pages().items():
        (FOLDER / name).write_text(content, encoding="utf-8")
