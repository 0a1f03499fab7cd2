"""Groups of commands, and what a command receives: the use cases, open while it runs."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Container, Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import typer
from pydantic import BaseModel
from rich.text import Text
from typer.core import TyperGroup

from adapters.inbound.cli.answers import answers_of
from adapters.inbound.cli.options import Json
from adapters.inbound.cli.views.output import data, document, document_list, say, table
from core.model.connections.connection import Connection
from core.model.shared.errors import BadInput, NotFound
from core.model.tenants.tenant import Tenant

if TYPE_CHECKING:
    from core.services.wiring import UseCases

_Result = TypeVar("_Result")
_Command = TypeVar("_Command", bound=Callable[..., Any])
_JSON = inspect.Parameter("as_json", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=False, annotation=Json)


@dataclass(frozen=True, slots=True)
class CommandContext:
    """The open use cases, and whether the answer is wanted as JSON. Inside `worker_at_hand()` this process carries out
    sends if no worker is alive. `console_address` is where people open the console, without a path."""

    use_cases: UseCases
    worker_alive: Callable[[], Awaitable[bool]]
    worker_at_hand: Callable[[], AbstractAsyncContextManager[None]]
    console_address: str = ""
    as_json: bool = False

    async def tenant(self, slug: str | None) -> Tenant:
        """The named tenant, or the only one. Raises NotFound or BadInput."""
        if slug:
            return await self.use_cases.find_tenant(slug)
        return _only_one(await self.use_cases.find_tenant.all(), "tenant")

    async def connection(self, tenant: Tenant, slug: str | None) -> Connection:
        """The named connection, or the tenant's only one. Raises NotFound or BadInput."""
        if slug:
            return await self.use_cases.find_connection(tenant.id, slug)
        return _only_one(await self.use_cases.find_connection.all(tenant.id), "connection")

    async def both(self, tenant: str | None, connection: str | None) -> tuple[Tenant, Connection]:
        """The named tenant and connection, or the only ones. Raises NotFound or BadInput."""
        owner = await self.tenant(tenant)
        return owner, await self.connection(owner, connection)

    def answer(self, content: BaseModel, words: str | Callable[[], object]) -> None:
        """Print the JSON document if it is wanted, else the same in words: on stderr, or as the function prints it."""
        if self.as_json:
            document(content)
        elif isinstance(words, str):
            say(words)
        else:
            words()

    def answer_list(
        self,
        items: Iterable[BaseModel],
        columns: Iterable[str],
        rows: Iterable[Iterable[str | Text]],
        *,
        nothing: str,
        whole: Container[str] = (),
        next_before: int | str | None = None,
        next_after: str | None = None,
    ) -> None:
        """Print a list: the items as JSON if that is wanted, else the rows as a table, or that there is nothing.

        `next_before` is what `--before` needs for the next page, if there is one; in a list that begins with the oldest
        it is `next_after` for `--after`.
        """
        if self.as_json:
            document_list(items, next_after if next_before is None else next_before)
        elif shown := list(rows):
            data.print(table(columns, shown, whole=whole))
            if next_before is not None:
                say(f"There are more: --before {next_before}")
            if next_after is not None:
                say(f"There are more: --after {next_after}")
        else:
            say(nothing)


class Installation(Protocol):
    """The context object of every command (`ctx.obj`)."""

    def open_context(self) -> AbstractAsyncContextManager[CommandContext]: ...


def carry_out(ctx: typer.Context, work: Callable[[CommandContext], Awaitable[_Result]]) -> _Result:
    """Open the context, run the work, and close the context."""
    installation: Installation = ctx.obj

    async def opened() -> _Result:
        async with installation.open_context() as context:
            return await work(context)

    return asyncio.run(opened())


class Group(typer.Typer):
    """A group of commands. A command that is a coroutine gets the open context as its first argument, `context`, and
    has the option `--json` for the document that it declares (`answers`).

    A command that asks or reads something first is a plain function and opens the context with `carry_out`.
    """

    def command(self, name: str | None = None, **settings: Any) -> Callable[[_Command], _Command]:
        register = super().command(name, **settings)

        def add(command: _Command) -> _Command:
            register(_opening(command) if inspect.iscoroutinefunction(command) else command)
            return command

        return add


def group(name: str, help: str, cls: type[TyperGroup] | None = None) -> Group:
    """A group of commands with plain-text help: the framed help cuts off long option names at 80 columns."""
    return Group(name=name, cls=cls, no_args_is_help=True, rich_markup_mode=None, help=help)


def _opening(command: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """The command as typer calls it: with typer's own context in the place of ours, and its options."""
    signature = inspect.signature(command, eval_str=True)
    first, *options = signature.parameters.values()
    parameters = [first.replace(annotation=typer.Context), *options, *([_JSON] if answers_of(command) else [])]

    @wraps(command)
    def called(context: typer.Context, *, as_json: bool = False, **given: Any) -> None:
        carry_out(context, lambda opened: command(replace(opened, as_json=as_json), **given))

    called.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    return called


_Named = TypeVar("_Named", Tenant, Connection)


def _only_one(found: Sequence[_Named], kind: str) -> _Named:
    if len(found) == 1:
        return found[0]
    if not found:
        fix = f"Add one: jobferry {kind}s add --help"
        raise NotFound(f"There is no {kind} yet.", code=f"{kind.upper()}_NOT_FOUND", fix=fix)
    names = ", ".join(one.slug for one in found)
    raise BadInput(f"There are {len(found)} {kind}s: {names}.", fix=f"Say which one: --{kind} {found[0].slug}")
