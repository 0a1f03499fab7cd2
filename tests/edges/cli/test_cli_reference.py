"""Every command tells a newcomer what they need: each option in words, an example that runs, a document for scripts."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from adapters.inbound.cli.answers import answers_of
from docs.generate.command_tree import ROOT, every_command, example_of, parsed
from docs.generate.commands import PAGE, commands_page
from tests.support.each import for_each

COMMANDS = dict(every_command())
FOR_PEOPLE_ONLY = {("demo",), ("openapi",)}
"""The one is a show, the other prints a document in any case."""
DOCS = Path(__file__).parents[3]
PAGES = sorted([*DOCS.glob("docs/*.md"), *DOCS.glob("docs/deploy/**/*.md"), *DOCS.glob("*.md")])
"""Decisions keep the words of their time."""


@for_each(COMMANDS, " ".join)
def test_every_option_and_argument_has_a_help(path: tuple[str, ...]) -> None:
    assert [one.name for one in (*COMMANDS[path].params, *ROOT.params) if not one.help] == []


@for_each(COMMANDS, " ".join)
def test_every_command_has_an_example_of_itself_that_parses(path: tuple[str, ...]) -> None:
    example = example_of(COMMANDS[path])
    name, *words = [word for word in shlex.split(example) if word not in (">", "<")]
    assert name == "jobferry"
    assert tuple(words[: len(path)]) == path or path == ("restore", "file"), example
    arguments = shlex.split(re.split(r" [<>] ", example)[0])[1:]
    assert parsed(arguments).command.name == path[-1]


@for_each(COMMANDS, " ".join)
def test_every_command_that_tells_something_tells_it_to_programs_too(path: tuple[str, ...]) -> None:
    options = {one.name for one in COMMANDS[path].params}
    declared = answers_of(COMMANDS[path].callback)
    if path in FOR_PEOPLE_ONLY:
        assert not declared
    else:
        assert declared, "it declares its document with @answers"
        assert "as_json" in options


def test_the_page_of_commands_says_what_they_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == commands_page(), "run: python -m docs.generate.commands"


def in_the_docs() -> list[Any]:
    found = []
    for page in PAGES:
        for block in re.findall(r"^```(?:bash|sh|console)?\n(.*?)^```", page.read_text(), re.S | re.M):
            text = re.sub(r"\\\n\s*", "", block)
            for line in re.findall(r"^(?:\$ )?(?:\.venv/bin/)?(jobferry [^|#;&<>\n]*)", text, re.M):
                found.append(pytest.param(line, id=f"{page.name}: {line.strip()[:60]}"))
    return found


@pytest.mark.parametrize("line", in_the_docs())
def test_a_command_of_the_docs_can_be_typed(line: str) -> None:
    if "..." in line:
        pytest.skip("it is shortened")
    parsed(shlex.split(line)[1:])
