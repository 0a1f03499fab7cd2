"""`jobferry connections add`: every setting of a connection as an option, secrets from the environment or stdin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from adapters.inbound.cli.command_context import CommandContext, carry_out
from adapters.inbound.cli.options import Json, TenantOption, me, read_secret
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import document, messages, say
from adapters.inbound.schema.connections.connections import ConnectionOut
from adapters.inbound.schema.connections.setting_fields import ExternalSyncModel
from core.model.connections.client_secret import SecretRotation
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.connections.settings import ExternalSync, LongText, NonStock, OnCompletion, Overwrite
from core.model.shared.errors import BadInput, FieldError
from core.model.shared.finding import Finding
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.item import ItemKind, item_type


def add(
    ctx: typer.Context,
    slug: Annotated[str, typer.Argument(help="Short name: lower-case letters, digits and dashes.")],
    name: Annotated[str, typer.Option(help="What people see: Send Job to NAME.")],
    external_system: Annotated[str, typer.Option(help="The external system's name in ServiceTrade.")],
    endpoint_url: Annotated[str, typer.Option(help="Spectrum's address, such as https://spectrum.example.com:8482/ws")],
    company_code: Annotated[str, typer.Option(help="Spectrum company, 1 to 3 characters.")],
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
    client_secret_expires_at: Annotated[
        datetime | None,
        typer.Option("--client-secret-expires-at", metavar="DATE", help="When the client secret ends (UTC)."),
    ] = None,
    secret_days: Annotated[
        int | None, typer.Option("--secret-days", metavar="DAYS", help="How long client secrets live there: 7 to 120.")
    ] = None,
    secret_rotation: Annotated[
        SecretRotation, typer.Option(help="Who renews the client secret: a person, or Jobferry by itself.")
    ] = SecretRotation.MANUAL,
    leading_character: Annotated[str, typer.Option(help="One letter or digit before the job number.")] = "",
    default_work_order_type: Annotated[str, typer.Option(help="Where a site has no type of its own.")] = "",
    lead_source: Annotated[str, typer.Option(help="Lead source for every work order.")] = "",
    long_text: Annotated[LongText, typer.Option(help="What to do with text longer than its field.")] = LongText.CUT,
    overwrite: Annotated[
        Overwrite, typer.Option(help="What sending again writes: every field, or what changed.")
    ] = Overwrite.ALL,
    ca_certificate: Annotated[
        Path | None,
        typer.Option("--ca-certificate", metavar="FILE", help="PEM file of a private certificate authority."),
    ] = None,
    failure_tag: Annotated[
        str | None, typer.Option(help="Tag that a failed job gets in ServiceTrade, until a send succeeds.")
    ] = None,
    external_sync: Annotated[
        str | None,
        typer.Option(
            "--external-sync", metavar="JSON", help='Post outcomes to ServiceTrade: {"path": ..., "body": {...}}'
        ),
    ] = None,
    item_kind: Annotated[
        list[str] | None,
        typer.Option(
            "--item-kind", metavar="TYPE=KIND", help="What items of a type become: material, other_charge or skip."
        ),
    ] = None,
    default_warehouse: Annotated[str, typer.Option(help="Warehouse that stock items leave from.")] = "",
    non_stock_fallback: Annotated[NonStock, typer.Option(help="Which materials go as non-stock items.")] = NonStock.OFF,
    on_completion: Annotated[
        OnCompletion, typer.Option(help="What a job's completion in ServiceTrade sets off.")
    ] = OnCompletion.OFF,
    completion_start_date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Jobs completed before are left alone; else: now.")
    ] = None,
    items_on_resend: Annotated[
        ItemsMode, typer.Option(help="Which items go along when a job is completed again.")
    ] = ItemsMode.NEW_ONLY,
    check: Annotated[bool, typer.Option(help="Try address and secrets before anything is stored.")] = True,
    as_json: Json = False,
) -> None:
    """Add a connection. The Authorization ID is asked for, or comes from a variable or stdin."""
    connection = Connection(
        id="",
        tenant_id="",
        slug=slug,
        name=name,
        external_system=external_system,
        endpoint=Endpoint.parse(endpoint_url),
        company_code=company_code,
        leading_character=leading_character,
        default_work_order_type=default_work_order_type,
        lead_source=lead_source,
        long_text=long_text,
        overwrite=overwrite,
        ca_certificate=_pem(ca_certificate) if ca_certificate else None,
        failure_tag=failure_tag,
        external_sync=_external_sync(external_sync) if external_sync else None,
        item_kinds=dict(_item_kind(text) for text in item_kind or ()),
        default_warehouse=default_warehouse,
        non_stock_fallback=non_stock_fallback,
        on_completion=on_completion,
        completion_start_date=completion_start_date.replace(tzinfo=UTC) if completion_start_date else None,
        items_on_resend=items_on_resend,
        secret_days=secret_days,
        secret_rotation=secret_rotation,
        client_secret_expires_at=client_secret_expires_at.replace(tzinfo=UTC) if client_secret_expires_at else None,
    )
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


def _item_kind(text: str) -> tuple[str, ItemKind]:
    kind, sign, becomes = text.partition("=")
    try:
        return item_type(kind), ItemKind(becomes if sign else "")
    except ValueError as error:
        raise BadInput(
            f"{text} does not say what a type of item becomes.",
            fix="Write it like --item-kind equipment=other_charge, with material, other_charge or skip.",
            errors=[FieldError("--item-kind", "TYPE=KIND")],
        ) from error


def _external_sync(text: str) -> ExternalSync:
    try:
        given = ExternalSyncModel.model_validate_json(text)
    except ValidationError as error:
        raise BadInput(
            "The value of --external-sync is not as needed.",
            fix='Give JSON such as {"path": "/externalsync", "body": {"entityId": "{job_id}", "status": "{status}"}}.',
            errors=[FieldError("--external-sync", one["msg"]) for one in error.errors()],
        ) from error
    return ExternalSync(given.path, dict(given.body))


def _pem(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not PEM text"
        raise BadInput(
            f"The certificate file {file} cannot be read: {reason}.",
            fix="Give the file of the certificate authority in PEM form (-----BEGIN CERTIFICATE-----).",
        ) from error
