"""`jobferry people`: who may use the console, for a tenant or as an operator."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

import typer

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, carry_out, group
from adapters.inbound.cli.options import Json, Limit, TenantOption, me, read_secret
from adapters.inbound.cli.views.output import document, say
from adapters.inbound.schema.schema_base import Moment, Nothing, Output, Page
from adapters.inbound.schema.sign_in_links import SignInLinkOut
from core.model.access.caller import Caller
from core.model.access.person import Person, Role

people = group("people", "People who use the console.")

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="Their e-mail address.")]
AfterEmail = Annotated[
    str | None, typer.Option("--after", help="For the next page: the address that the last page printed.")
]
Operator = Annotated[bool, typer.Option("--operator", help="For the whole installation, not for a tenant.")]
PasswordEnv = Annotated[
    str | None, typer.Option("--password-env", metavar="NAME", help="Environment variable with the password.")
]
TenantRole = Literal["viewer", "sender", "administrator"]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")]


class PersonOut(Output):
    """`has_password`: without a password they sign in by a link."""

    id: str
    email: str
    name: str
    role: Role
    has_password: bool
    created_at: Moment


@people.command()
@answers(PersonOut)
async def add(
    context: CommandContext,
    email: Email,
    name: Annotated[str, typer.Option("--name", help="Their name.")],
    role: Annotated[TenantRole, typer.Option("--role", help="What they may do.")] = "sender",
    operator: Operator = False,
    tenant: TenantOption = None,
) -> None:
    """Add somebody; then give them a password or a link.

    \b
    Example:
      jobferry people add dana@example.com --name Dana --role administrator
    """
    wanted = Role.OPERATOR if operator else Role(role)
    owner = await _owner(context, tenant, operator)
    added = await context.use_cases.manage_people.add(owner, email, name, wanted, by=_me())
    if context.as_json:
        document(PersonOut.of(added))
        return
    say(f"{added.email} is added as {added.role.value}.")
    where = "--operator" if operator else f"--tenant {tenant}" if tenant else ""
    say(f"jobferry people link {added.email} {where}".rstrip(), label="Next:", style="bold")


@people.command("list")
@answers(Page[PersonOut])
async def list_(
    context: CommandContext,
    operator: Operator = False,
    tenant: TenantOption = None,
    limit: Limit = 50,
    after: AfterEmail = None,
) -> None:
    """List people, by e-mail address.

    \b
    Example:
      jobferry people list --tenant cardinal
    """
    owner = await _owner(context, tenant, operator)
    page = await context.use_cases.manage_people.page(owner, limit=limit, after=after)
    context.answer_list(
        map(PersonOut.of, page.people),
        ("E-mail", "Name", "Role", "Password"),
        (
            (person.email, person.name, person.role.value, "set" if person.has_password else "links only")
            for person in page.people
        ),
        nothing="There is nobody yet. Add somebody: jobferry people add --help",
        whole=("E-mail",),
        next_after=page.next_after,
    )


@people.command()
@answers(SignInLinkOut)
async def link(
    context: CommandContext,
    email: Email,
    page: Annotated[str, typer.Option("--page", help="The page it opens, such as /t/cardinal/jobs/ID.")] = "",
    operator: Operator = False,
    tenant: TenantOption = None,
) -> None:
    """Print a link that signs somebody in once. It is valid for ten minutes.

    \b
    Example:
      jobferry people link dana@example.com --tenant cardinal
    """
    owner = await _owner(context, tenant, operator)
    made = await context.use_cases.sign_in.make_link(owner, email, page=page, by=_me())
    if made.url.startswith("/"):
        made = replace(made, url=context.console_address + made.url)
    context.answer(SignInLinkOut.of(made), lambda: typer.echo(made.url))


@people.command()
@answers(PersonOut)
def password(
    ctx: typer.Context,
    email: Email,
    password_env: PasswordEnv = None,
    password_stdin: PasswordStdin = False,
    operator: Operator = False,
    tenant: TenantOption = None,
    as_json: Json = False,
) -> None:
    """Set somebody's password; it ends their sessions.

    \b
    Example:
      jobferry people password dana@example.com --password-stdin < password.txt
    """
    secret = read_secret("password", variable=password_env, from_stdin=password_stdin)

    async def work(context: CommandContext) -> Person:
        owner = await _owner(context, tenant, operator)
        return await context.use_cases.manage_people.set_password(owner, email, secret.reveal(), by=_me())

    changed = carry_out(ctx, work)
    if as_json:
        document(PersonOut.of(changed))
    else:
        say(f"{changed.email} has a password.")


@people.command()
@answers(PersonOut)
async def role(
    context: CommandContext,
    email: Email,
    role: Annotated[TenantRole, typer.Argument(metavar="ROLE", help="viewer, sender or administrator.")],
    tenant: TenantOption = None,
) -> None:
    """Change somebody's role; it ends their sessions.

    \b
    Example:
      jobferry people role dana@example.com viewer
    """
    owner = await context.tenant(tenant)
    changed = await context.use_cases.manage_people.set_role(owner.id, email, Role(role), by=_me())
    context.answer(PersonOut.of(changed), f"{changed.email} now has the role {changed.role.value}.")


@people.command()
@answers(Nothing)
async def remove(
    context: CommandContext, email: Email, operator: Operator = False, tenant: TenantOption = None
) -> None:
    """Remove somebody, with their sessions and links.

    \b
    Example:
      jobferry people remove dana@example.com --tenant cardinal
    """
    await context.use_cases.manage_people.remove(await _owner(context, tenant, operator), email, by=_me())
    context.answer(Nothing(), f"{email} is removed.")


async def _owner(context: CommandContext, tenant: str | None, operator: bool) -> str | None:
    return None if operator else (await context.tenant(tenant)).id


def _me() -> Caller:
    return Caller(who=me())
