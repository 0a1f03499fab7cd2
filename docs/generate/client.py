"""Writes the typed Python client in docs/client from docs/openapi.json: `python -m docs.generate.client`.

Two modules are made: `models.py`, a type for every schema, and `calls.py`, a method for every call. What they stand on
is written by hand: `transport.py`, `problems.py`, `webhooks.py`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docs.generate.client_types import Types

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "client" / "jobferry_client"
Part = Mapping[str, Any]
_HEADERS = {"Idempotency-Key": "idempotency_key", "Prefer": "wait", "If-Match": "if_match"}
_LEFT_OUT = ("follow_send", "export_tenant")
"""Server-sent events: `request_send` with `wait` and `show_send` tell the same."""
_PREAMBLE = (
    '"""Made from docs/openapi.json by docs/generate/client.py. Do not edit."""\n\nfrom __future__ import annotations\n'
)
_ARGUMENT = """
    {name}: {type}{default},"""


def written() -> dict[Path, str]:
    """The made modules with their text."""
    document = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))
    types = Types(document["components"]["schemas"])
    texts = {"models.py": types.module(_PREAMBLE), "calls.py": _calls(document, types)}
    return {FOLDER / name: _formatted(text) for name, text in texts.items()}


def _calls(document: Part, types: Types) -> str:
    methods = [
        text
        for path, item in document["paths"].items()
        for verb, operation in item.items()
        if operation["operationId"] not in _LEFT_OUT
        for text in _methods(path, verb.upper(), operation, types)
    ]
    body = textwrap.indent("\n\n".join(methods), "    ")
    return (
        f"{_PREAMBLE}\nfrom collections.abc import Iterator, Sequence\n\nfrom . import models\n"
        "from .transport import Transport, Versioned, every\n\n\n"
        f'class Calls(Transport):\n    """Every call of the API, by the name that the document gives it."""\n\n{body}\n'
    )


def _methods(path: str, verb: str, operation: Part, types: Types) -> Iterator[str]:
    name, given = operation["operationId"], _answer(operation)
    answer = types.of(given["schema"]) if given is not None else "None"
    versioned = "ETag" in _success(operation).get("headers", {}) and given is not None
    result = f"Versioned[{answer}]" if versioned else answer
    arguments = list(_arguments(operation, types))
    yield _method(name, arguments, result, _said(operation), _made(path, verb, operation, result))
    if any(one["name"] == "cursor" for one in operation["parameters"]) and name.startswith("list_"):
        item = types.of_items(given["schema"]) if given else "Any"
        kept = [one for one in arguments if one[0] not in ("limit", "cursor")]
        passed = "".join(f", {one[0]}={one[0]}" for one in kept if one[0] != "*")
        words = f"Every item that `{name}` lists, page by page."
        body = (
            f"return every(lambda cursor: self.{name}({passed.removeprefix(', ')}{', ' * bool(passed)}cursor=cursor))"
        )
        yield _method(f"each_of_{name.removeprefix('list_')}", kept, f"Iterator[{item}]", words, body)


def _method(name: str, arguments: list[tuple[str, str, str]], result: str, words: str, body: str) -> str:
    if arguments and arguments[-1][0] == "*":
        arguments = arguments[:-1]
    shown = "".join(
        _ARGUMENT.format(name=one, type=kind, default=default) if kind else "\n    *,"
        for one, kind, default in arguments
    )
    return f"def {name}(\n    self,{shown}\n) -> {result}:\n{_docstring(words)}\n    {body}\n"


def _arguments(operation: Part, types: Types) -> Iterator[tuple[str, str, str]]:
    """Name, type and default of each argument: the path and the body by place, all others by name."""
    for one in operation["parameters"]:
        if one["in"] == "path":
            yield one["name"], "str", ""
    if taken := operation.get("requestBody"):
        kind = types.of(taken["content"]["application/json"]["schema"])
        yield ("body", kind, "") if taken["required"] else ("body", f"{kind} | None", " = None")
    yield "*", "", ""
    for one in operation["parameters"]:
        if one["in"] == "query" and not one["description"].startswith("Only with a text/csv body"):
            kind = types.of(one["schema"]).replace("list[", "Sequence[")
            yield (one["name"], kind, "") if one["required"] else (one["name"], f"{kind} | None", " = None")
    for one in operation["parameters"]:
        match _HEADERS.get(one["name"]):
            case "wait":
                yield "wait", "int | None", " = None"
            case "if_match":
                yield "if_match", "str", ""
            case "idempotency_key":
                yield "idempotency_key", "str | None", " = None"


def _made(path: str, verb: str, operation: Part, result: str) -> str:
    """The body of a method: one call of the transport."""
    parts: list[str] = []
    for one in operation["parameters"]:
        if one["in"] == "path":
            path = path.replace("{" + one["name"] + "}", "{self.part(" + one["name"] + ")}")
    query = [
        f'"{one["name"]}": {one["name"]}'
        for one in operation["parameters"]
        if one["in"] == "query" and not one["description"].startswith("Only with a text/csv body")
    ]
    if query:
        parts.append(f"query={{{', '.join(query)}}}")
    if operation.get("requestBody"):
        parts.append("body=body")
    names = {_HEADERS[one["name"]] for one in operation["parameters"] if one["name"] in _HEADERS}
    if "idempotency_key" in names:
        parts.append("key=idempotency_key or self.new_key()")
    parts += [f"{name}={name}" for name in ("wait", "if_match") if name in names]
    address = f'f"{path}"' if "{" in path else f'"{path}"'
    carry = "versioned" if result.startswith("Versioned") else "call"
    made = f"self.{carry}({', '.join([repr(verb), address, *parts])})"
    return made if result == "None" else f"found: {result} = {made}\n    return found"


def _success(operation: Part) -> Part:
    found: Part = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    return found


def _answer(operation: Part) -> Part | None:
    """The JSON of a success, None if it has no body."""
    content: Part | None = _success(operation).get("content", {}).get("application/json")
    return content


def _said(operation: Part) -> str:
    return f"{operation['summary']}. {operation['description']}".strip()


def _docstring(words: str) -> str:
    text = textwrap.fill(words.replace("\\", "\\\\").replace('"""', "'''"), 104)
    first, _, more = text.partition("\n")
    return textwrap.indent(f'"""{first}' + (f"\n{more}\n" if more else "") + '"""', "    ")


def _formatted(text: str) -> str:
    """As `ruff format` writes it, so that the style of the made modules is checked like any other."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--line-length", "120", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def main() -> None:
    for file, text in written().items():
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
