"""The installed command in this process, against simulated systems that run in a thread of their own."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import structlog
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from typer.testing import CliRunner

from adapters.bootstrap.app import jobferry
from adapters.bootstrap.demo.world import DemoWorld, demo_world
from adapters.inbound.cli.answers import answers_of
from adapters.sandbox.spectrum.seed import AUTHORIZATION_IDS
from docs.generate.command_tree import parsed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    told: str

    def document(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs `jobferry ARGUMENTS` on one data folder. Without a `database_url` the folder has a server of its own, which
    each command starts and stops."""

    folder: Path
    world: DemoWorld
    database_url: str = ""

    def __call__(self, *arguments: str, networks: str = '["127.0.0.0/8"]', stdin: str | None = None) -> Ended:
        environment = {
            "JOBFERRY_ALLOWED_NETWORKS": networks,
            "JOBFERRY_DATABASE_URL": self.database_url,
            "JOBFERRY_RETRY_DELAYS": "[30]",
            "PASSWORD": self.world.cardinal.state.login.password,
            "AUTHORIZATION_ID": AUTHORIZATION_IDS["101"],
            "COLUMNS": "200",
        }
        handlers = logging.getLogger().handlers[:]
        try:
            ended = CliRunner().invoke(
                jobferry(), ["--data-dir", str(self.folder), *arguments], env=environment, input=stdin
            )
        finally:
            logging.getLogger().handlers[:] = handlers
            structlog.reset_defaults()
        if "--json" in arguments and ended.stdout:
            _assert_declared(arguments, json.loads(ended.stdout))
        return Ended(ended.exit_code, ended.stdout, ended.stderr)

    def furnish(self) -> None:
        """Initialise the installation, with one tenant and one connection."""
        for ended in (self("init"), self.add_tenant(), self.add_connection()):
            assert ended.code == 0, ended.told

    def add_tenant(self) -> Ended:
        login = ("--username", self.world.cardinal.state.login.username, "--password-env", "PASSWORD")
        return self("tenants", "add", "cardinal", "--name", "Cardinal", "--base-url", self.world.cardinal.url, *login)

    def add_connection(self, *more: str, slug: str = "north", system: str = "spectrum") -> Ended:
        named = ("--name", f"Spectrum {slug.capitalize()}", "--external-system", system, "--company-code", "101")
        where = ("--endpoint-url", self.world.own_spectrum.url, "--authorization-id-env", "AUTHORIZATION_ID")
        return self("connections", "add", slug, *named, *where, "--leading-character", "T", *more)


def _assert_declared(arguments: Sequence[str], printed: object) -> None:
    """A document that is printed is the one that the command declares, and that docs/commands.md describes."""
    declared = answers_of(parsed([*arguments]).command.callback)
    checks = [Draft202012Validator(one.model_json_schema(mode="serialization")) for one in declared]
    wrong = [error.message for one in checks for error in one.iter_errors(printed)]
    assert any(one.is_valid(printed) for one in checks), (arguments, wrong)


@contextmanager
def beside(manager: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """What runs on a loop, in another thread, so that commands may block this one."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(manager.__aenter__(), loop).result(20)
    finally:
        asyncio.run_coroutine_threadsafe(manager.__aexit__(None, None, None), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


def world_beside() -> AbstractContextManager[DemoWorld]:
    """The simulated systems."""
    return beside(demo_world())
