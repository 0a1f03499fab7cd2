"""`jobferry connections add`: every setting of a connection as an option, secrets from the environment or stdin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from adapters.inbound.cli.command_context import CommandContext, carry_out
from adapters.inbound.cli.options import Json, TenantOption, me, read_secret
from adapters.inbound.cli.setting_options import settings_from, with_setting_options
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import document, messages, say
from adapters.inbound.schema.connections.connections import ConnectionOut
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.shared.finding import Finding


@with_setting_options
def add(
    ctx: typer.Context,
    slug: Annotated[str, typer.Argument(help="Short name: lower-case letters, digits and dashes.")],
    tenant: TenantOption = None,
    authorization_id_env: Annotated[
        str | None,
        typer.Option("--authorization-id-env", metavar="NAME", help="Environment variable with the Authorization ID."),
    ] = None,
    authorization_id_stdin: Annotated[
        bool, typer.Option("--authorization-id-stdin", help="Read the Authorization ID from stdin.")
    ] = False,
    client_id: Annotated[str | None, typer.Option(help="Enhanced authentication: the client id.")] = None,
    client_secret_env: Annotated[
        str | None,
        typer.Option("--client-secret-env", metavar="NAME", help="Environment variable with the client secret."),
    ] = None,
    check: Annotated[bool, typer.Option(help="Try address and secrets before anything is stored.")] = True,
    as_json: Json = False,
    **given: Any,
) -> None:
    """Add a connection. The Authorization ID is asked for, or comes from a variable or stdin."""
    connection = Connection(id="", tenant_id="", slug=slug, **settings_from(given))
    authorization = read_secret("Authorization ID", variable=authorization_id_env, from_stdin=authorization_id_stdin)
    secret = read_secret("client secret", variable=client_secret_env) if client_id else None
    secrets = ConnectionSecrets(authorization, client_id, secret)

    async def work(context: CommandContext) -> tuple[str, Connection, Sequence[Finding]]:
        owner = await context.tenant(tenant)
        added = await context.use_cases.add_connection(owner.id, connection, secrets, check=check, by=me())
        warnings = await context.use_cases.find_connection.warnings(owner.id)
        return owner.slug, added, warnings.get(added.id, ())

    owner, added, warnings = carry_out(ctx, work)
    if as_json:
        document(ConnectionOut.of(added, warnings))
        return
    say(f"Connection {added.slug} of {owner} is added: Send Job to {added.name}.")
    for found in warnings:
        messages.print(words.finding(found))
    say(f"jobferry connections test {added.slug} --tenant {owner}", label="Next:", style="bold")
