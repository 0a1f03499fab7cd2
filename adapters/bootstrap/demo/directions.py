"""What the running demo offers: its addresses and credentials, and commands to copy, all of which work."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from adapters.bootstrap.demo.world import CARDINAL, NORTH, DemoWorld
from adapters.sandbox.ready_made import Sandbox, commands, credentials
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID


@dataclass(frozen=True, slots=True)
class Demo:
    """What runs: `link` signs `person` in once, `opened` says that a browser was told to open it."""

    folder: Path
    world: DemoWorld
    address: str
    operator_key: str
    person: str
    password: str
    link: str
    opened: bool


def tell(demo: Demo, console: Console) -> None:
    """Print everything, in the order in which a newcomer needs it."""
    _begin(console, "Look for yourself")
    console.print("The console, as the office uses it: look at a job, send it, fix what failed.")
    console.print("Your browser opens it now:" if demo.opened else "Open this link:")
    console.print(Text(f"  {demo.link}", "bold cyan underline"), soft_wrap=True)
    later = f"It works once, for ten minutes. Later sign in at {demo.address} as {demo.person} with {demo.password}."
    console.print(later, soft_wrap=True)
    console.print("Codes that the demo found and that wait for somebody to confirm them, once you are signed in:")
    suggested = f"{demo.address}/t/{CARDINAL}/connections/{NORTH}/suggestions"
    console.print(Text(f"  {suggested}", "bold cyan underline"), soft_wrap=True)
    for title, lines in (
        ("The command line, in another terminal:", [f"cd {shlex.quote(str(demo.folder))}", *_looks(demo)]),
        ("The HTTP API, with the operator key of this demo:", _calls(demo)),
        ("Make a send fail, and mend it (Spectrum answers 503 in between):", _story(demo)),
    ):
        console.print(f"\n{title}", style="bold")
        for line in lines:
            console.print(f"  {line}", soft_wrap=True)
    _begin(console, "The simulated systems")
    for name, system in (("ServiceTrade", demo.world.cardinal), ("Spectrum", demo.world.own_spectrum)):
        _system(console, name, system)
    console.print("\nCtrl-C ends it.", style="bold")


def _looks(demo: Demo) -> Iterator[str]:
    jobferry = _jobferry()
    yield f"{jobferry} warnings list --tenant {CARDINAL}"
    yield f"{jobferry} jobs preview 104484 --by-number --tenant {CARDINAL} --connection {NORTH}"
    yield f"{jobferry} suggestions list --grade clear --tenant {CARDINAL} --connection {NORTH}"
    yield f"{jobferry} doctor"


def _calls(demo: Demo) -> Iterator[str]:
    key = f"-H 'Authorization: Bearer {demo.operator_key}'"
    sends = f"{demo.address}/v1/tenants/{CARDINAL}/sends"
    body = json.dumps({"job_id": FIRST_JOB_ID, "connection": NORTH})
    yield f"curl -s {key} '{sends}?limit=3'"
    yield (
        f"curl -s {key} -H 'Content-Type: application/json' -H 'Idempotency-Key: my-first-send' "
        f"-H 'Prefer: wait=10' {sends} -d '{body}'"
    )


def _story(demo: Demo) -> Iterator[str]:
    told = dict(commands(demo.world.own_spectrum))
    yield told["Make it fail until you mend it"]
    yield f"{_jobferry()} jobs send {FIRST_JOB_ID} --tenant {CARDINAL} --connection {NORTH}"
    yield f"{_jobferry()} sends list --tenant {CARDINAL} --connection {NORTH} --limit 1"
    yield told["Mend it"]


def _system(console: Console, name: str, system: Sandbox) -> None:
    console.print(f"\n{name} at {system.url}, its control port at {system.control_url}", style="bold", soft_wrap=True)
    for what, value in credentials(system).items():
        console.print(f"  {what}: {value}", soft_wrap=True)
    for what, command in commands(system):
        console.print(f"  # {what}", style="dim")
        console.print(f"  {command}", soft_wrap=True)


def _begin(console: Console, title: str) -> None:
    console.print()
    console.print(Rule(Text(f" {title} ", "bold"), align="left", style="cyan"))


def _jobferry() -> str:
    """The command as it is typed in another terminal."""
    beside = Path(sys.executable).with_name("jobferry")
    return shlex.quote(str(beside)) if shutil.which("jobferry") is None and beside.exists() else "jobferry"
