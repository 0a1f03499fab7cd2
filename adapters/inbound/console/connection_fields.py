"""What a connection's form asks for, in the words of Spectrum's menus and ServiceTrade's settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.inbound.console.forms import Field
from core.model.work_orders.item import DEFAULT_KINDS, LABOR, ItemKind

_DATA_EXCHANGE = "In Spectrum: System Administration > Installation > Data Exchange"
FOLDED = ("Enhanced Authentication", "Completed jobs", "Items", "Back to ServiceTrade")
"""Groups that most connections leave alone."""
_KINDS = {ItemKind.MATERIAL: "Material cost", ItemKind.OTHER_CHARGE: "Other charge", ItemKind.SKIP: "Leave it out"}


def _choice(group: str, name: str, label: str, options: Mapping[str, str], help: str = "") -> Field:
    """One of them always holds."""
    return Field(group=group, name=name, label=label, kind="choice", required=True, options=options, help=help)


_SLUG = Field(
    group="Name",
    name="slug",
    label="Short name",
    required=True,
    help="Lower-case letters, digits and dashes. It stands in addresses and stays as it is.",
)
_SETTINGS: Sequence[Field] = (
    Field(
        group="Name",
        name="name",
        label="Name",
        required=True,
        help="What the office reads in the Send menu: Send Job to NAME.",
    ),
    Field(
        group="Name",
        name="external_system",
        label="External system in ServiceTrade",
        required=True,
        help="The name under which ServiceTrade keeps this Spectrum's codes and numbers, as its external ids show it.",
    ),
    Field(
        group="Spectrum",
        name="endpoint_url",
        label="Web Services URL",
        required=True,
        help="Where Spectrum's web services answer, such as https://spectrum.example.com:8482/ws. Whoever runs your"
        " Spectrum server knows it. Another address is taken for another name of the same Spectrum; a different system"
        " gets a connection of its own.",
    ),
    Field(
        group="Spectrum",
        name="company_code",
        label="Company code",
        required=True,
        help="1 to 3 letters or digits, as in Spectrum's own company list.",
    ),
    Field(
        group="Spectrum",
        name="authorization_id",
        label="Authorization ID",
        kind="secret",
        help=f"{_DATA_EXCHANGE}. It must list this company and the services WorkOrderHeader, AddWOMaterialCost and"
        " AddWOOtherCharges. It is a password: it is stored encrypted and never shown again.",
    ),
    Field(
        group="Spectrum",
        name="ca_certificate",
        label="Certificate authority",
        kind="long",
        help="Only for a Spectrum server with a private certificate: the authority's certificate in PEM form.",
    ),
    Field(
        group="Enhanced Authentication",
        name="enhanced_auth.client_id",
        label="Client ID",
        help="Only where this is switched on in Spectrum: the Client ID made there.",
    ),
    Field(
        group="Enhanced Authentication",
        name="enhanced_auth.client_secret",
        label="Client secret",
        kind="secret",
        help="The secret made with it. Stored encrypted, never shown again.",
    ),
    Field(
        group="Enhanced Authentication",
        name="client_secret_expires_at",
        label="The client secret ends on",
        help="A day, such as 2026-12-01. Home speaks of it 14 days before.",
    ),
    _choice(
        group="Enhanced Authentication",
        name="secret_rotation",
        label="Who renews the client secret",
        options={"manual": "A person", "automatic": "Jobferry, before it ends"},
        help="Jobferry can, where Spectrum's administrator allowed the client to rotate its own secret.",
    ),
    Field(
        group="Enhanced Authentication",
        name="secret_days",
        label="Days that a client secret lives",
        kind="number",
        help="7 to 120, as set in Spectrum. Empty: nobody knows.",
    ),
    Field(
        group="Work orders",
        name="leading_character",
        label="Leading character",
        help="One letter or digit before the job number: job 104482 with T becomes work order T104482. Empty: none.",
    ),
    Field(
        group="Work orders",
        name="default_work_order_type",
        label="Default Work Order Type Code",
        help="For sites without a type of their own. Empty if Spectrum has a default division for site work orders.",
    ),
    Field(
        group="Work orders",
        name="lead_source",
        label="Lead source",
        help="Only where this Spectrum asks for one on each work order.",
    ),
    _choice(
        group="Work orders",
        name="long_text",
        label="Text that is too long for its field",
        options={"cut": "Cut it, with a warning", "refuse": "Stop the send"},
    ),
    _choice(
        group="Work orders",
        name="overwrite",
        label="What sending again writes",
        options={"all": "Every field, over what was typed in Spectrum", "changed_fields": "Only what changed"},
    ),
    _choice(
        group="Completed jobs",
        name="on_completion",
        label="When a job is completed in ServiceTrade",
        options={"off": "Nothing happens", "send": "It is sent", "send_with_items": "It is sent with its items"},
    ),
    Field(
        group="Completed jobs",
        name="completion_start_date",
        label="Only jobs completed since",
        help="A day, such as 2026-03-01, or a moment with its time zone. Empty: since this is switched on.",
    ),
    _choice(
        group="Completed jobs",
        name="items_on_resend",
        label="Items of a job that is sent again",
        options={
            "new_only": "Only what was not posted yet",
            "difference": "The difference to what was posted",
            "again": "All once more: a second set",
        },
    ),
    Field(
        group="Items",
        name="default_warehouse",
        label="Default warehouse",
        help="Spectrum's code of the warehouse that stock items are taken from. Empty: none is sent.",
    ),
    _choice(
        group="Items",
        name="non_stock_fallback",
        label="Materials that go as non-stock items",
        options={"off": "None", "without_code": "Those without a code", "all": "All"},
    ),
    Field(
        group="Back to ServiceTrade",
        name="failure_tag",
        label="Tag on a job whose send failed",
        help="Taken off when a later send succeeds. Empty: none.",
    ),
    Field(
        group="Back to ServiceTrade",
        name="external_sync.path",
        label="ExternalSync path",
        help="Only if ServiceTrade told you to post outcomes there, such as /externalsync.",
    ),
    Field(
        group="Back to ServiceTrade",
        name="external_sync.body",
        label="ExternalSync body",
        kind="json",
        help="As JSON; its texts may hold {job_id}, {system}, {status} and {message}.",
    ),
)


def connection_fields(shown: Mapping[str, Any] | None) -> Sequence[Field]:
    """Every input: of a connection as the API shows it, or of a new one."""
    return (*_settings(shown), *_item_kinds(shown["item_kinds"] if shown else DEFAULT_KINDS))


def _settings(shown: Mapping[str, Any] | None) -> Iterator[Field]:
    if shown is None:
        yield _SLUG
    yield from _SETTINGS


def _item_kinds(kinds: Mapping[str, str]) -> Iterator[Field]:
    for item_type in sorted({*DEFAULT_KINDS, *kinds} - {LABOR}):
        yield _choice(
            group="Items",
            name=f"item_kinds.{item_type}",
            label=f"Items of the type {item_type}",
            options={kind.value: words for kind, words in _KINDS.items()},
        )
