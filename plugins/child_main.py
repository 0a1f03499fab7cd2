"""The process of one plugin: loads it, then answers one call after the other until its input ends.

First it gives up what a plugin must not have, and says what the system cannot take from it. What the plugin
prints in a call goes with its answer. Its description and the answers of its hooks are sent as plain data.
"""

from __future__ import annotations

import inspect
import os
import struct
import sys
from collections.abc import Awaitable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict
from io import BufferedReader, BufferedWriter
from typing import Any

from core.model.shared.text import composed
from plugins import discovery
from plugins.answer_limits import WrongAnswer
from plugins.examine import Examined, Unusable, config_errors, examined
from plugins.failure_words import fix_of_loading, home_of_source, raised
from plugins.ipc import CHECK_CONFIG, LONGEST_ANSWER, answer_bytes, read_request, written
from plugins.plugin import Broke, answer_of
from plugins.printing import Kept
from plugins.walls.shut_in import shut_in

_LENGTH = struct.Struct("!I")


def main(how: str, *hidden: str) -> None:
    """`how` is a source's `load`. Files and folders in `hidden` cannot be opened by the plugin."""
    questions, answers = _private_pipes()
    try:
        _say(answers, {"missing": shut_in(hidden, needed=[*sys.path, how.removeprefix("file:")])})
    except OSError as error:
        _say(answers, {"unusable": f"Its process could not be shut in: {error}", "fix": "Ask the operator."})
        return
    home = home_of_source(how)
    try:
        plugin = examined(discovery.load(how))
    except Unusable as error:
        _say(answers, {"unusable": error.message, "fix": error.fix})
        return
    except BaseException as error:
        _say(answers, {"unusable": f"It cannot be loaded: {raised(error, home)}.", "fix": fix_of_loading(error)})
        return
    _say(answers, asdict(plugin.described))
    while question := _next(questions):
        with redirect_stdout(printed := Kept()), redirect_stderr(printed):
            answer = _answer(plugin, read_request(question), home)
        _say(answers, answer | {"printed": composed(printed.text)} if printed.text else answer)


def _answer(plugin: Examined, question: dict[str, Any], home: str) -> dict[str, Any]:
    hook, arguments = question["hook"], question["arguments"]
    try:
        if hook == CHECK_CONFIG:
            return {"errors": [asdict(one) for one in config_errors(plugin.model, **arguments)]}
        answer = answer_of(plugin, hook, **arguments)
        if inspect.isawaitable(answer):
            import asyncio  # noqa: PLC0415 - no rule needs it, and a process starts sooner without it

            answer = asyncio.run(_awaited(answer))
        return {"answer": written(hook, answer)}
    except (Broke, WrongAnswer) as error:
        return {"failed": str(error)}
    except BaseException as error:
        return {"failed": f"raised {raised(error, home)}"}


async def _awaited(answer: Awaitable[Any]) -> Any:
    return await answer


def _private_pipes() -> tuple[BufferedReader, BufferedWriter]:
    """Return Jobferry's pipes, and connect the plugin's standard streams to /dev/null."""
    questions, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    return os.fdopen(questions, "rb"), os.fdopen(answers, "wb")


def _next(questions: BufferedReader) -> bytes | None:
    head = questions.read(_LENGTH.size)
    return questions.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else None


def _say(answers: BufferedWriter, content: dict[str, Any]) -> None:
    data = answer_bytes(content)
    if len(data) > LONGEST_ANSWER:
        data = answer_bytes({"failed": f"returned {len(data)} bytes, which is more than any work order holds"})
    answers.write(_LENGTH.pack(len(data)) + data)
    answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
