"""How to make a call, ready to run: with curl, with the typed Python client, and in Python with requests.

`JF` is the server's address, such as `http://127.0.0.1:8480`, and `JF_KEY` a key.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from pprint import pformat
from typing import Any
from urllib.parse import urlencode

from adapters.inbound.api.path_variables import VARIABLES, example_path, variables_in

Part = dict[str, Any]
_JSON = "application/json"
_SHOWN = ("Idempotency-Key", "Prefer", "If-Match")
_STREAMS = ("text/event-stream", "application/x-ndjson")
_OF_CLIENT: Mapping[str, Callable[[str], str]] = {
    "Idempotency-Key": lambda value: f"idempotency_key={value!r}",
    "Prefer": lambda value: f"wait={value.removeprefix('wait=')}",
    "If-Match": lambda value: f"if_match={value!r}",
}
"""The client's arguments for headers."""
_SECONDS = 70
"""Longer than the longest wait that a call can ask for."""


def samples(method: str, path: str, operation: Part) -> list[Part]:
    """The call in each way, for `x-codeSamples`."""
    address = example_path(path) + _query(operation)
    headers = dict(_headers(operation))
    body = operation.get("requestBody", {}).get("content", {}).get(_JSON, {}).get("example")
    return [
        {"lang": "Shell", "label": "curl", "source": _curl(method, address, headers, body)},
        *_with_client(path, operation, headers, body),
        {"lang": "Python", "label": "Python", "source": _python(method, address, headers, body)},
    ]


def _query(operation: Part) -> str:
    """Only what a call needs: what may be left out is described, and left out."""
    needed = [one for one in operation["parameters"] if _needed(one, "query")]
    return "?" + urlencode({one["name"]: one["example"] for one in needed}) if needed else ""


def _headers(operation: Part) -> Iterator[tuple[str, str]]:
    for one in operation["parameters"]:
        if one["in"] == "header" and one["name"] in _SHOWN:
            yield one["name"], str(one["example"])


def _curl(method: str, address: str, headers: Mapping[str, str], body: object) -> str:
    sent = [f'"$JF{address}"', '-H "Authorization: Bearer $JF_KEY"']
    sent += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items()]
    if body is not None:
        sent += [f"-H 'Content-Type: {_JSON}'", f"-d {shlex.quote(json.dumps(body, indent=2))}"]
    verb = "" if method == ("GET" if body is None else "POST") else f"-X {method} "
    return f"curl -sS {verb}" + " \\\n  ".join(sent)


def _python(method: str, address: str, headers: Mapping[str, str], body: object) -> str:
    lines = ['        "Authorization": f"Bearer {os.environ[\'JF_KEY\']}",']
    lines += [f"        {name!r}: {value!r}," for name, value in headers.items()]
    sent = "" if body is None else f"    json={_indented(body)},\n"
    return (
        "import os\n\nimport requests\n\n"
        f"answer = requests.{method.lower()}(\n"
        f'    os.environ["JF"] + {address!r},\n'
        "    headers={\n" + "\n".join(lines) + "\n    },\n"
        f"{sent}    timeout={_SECONDS},\n)\n"
        "print(answer.status_code, answer.text)\nanswer.raise_for_status()"
    )


def _with_client(path: str, operation: Part, headers: Mapping[str, str], body: object) -> Iterator[Part]:
    """With the client that is made from this document. It has no streams."""
    if any(one in answer.get("content", ()) for answer in operation["responses"].values() for one in _STREAMS):
        return
    given = [repr(VARIABLES[name][1]) for name in variables_in(path)]
    given += [] if body is None else [_indented(body)]
    given += [f"{one['name']}={one['example']!r}" for one in operation["parameters"] if _needed(one, "query")]
    given += [f"{_OF_CLIENT[name](value)}" for name, value in headers.items()]
    made = ",\n    ".join(given)
    arguments = f"\n    {made},\n" if given else ""
    source = (
        "import os\n\nfrom jobferry_client import Jobferry\n\n"
        'jobferry = Jobferry(os.environ["JF"], os.environ["JF_KEY"])\n'
        f"print(jobferry.{operation['operationId']}({arguments}))"
    )
    yield {"lang": "Python", "label": "Python client", "source": source}


def _needed(parameter: Part, place: str) -> bool:
    return bool(parameter["in"] == place and parameter["required"])


def _indented(body: object) -> str:
    return pformat(body, width=100, sort_dicts=False).replace("\n", "\n    ")
