"""The settings of a connection, one field each: see `core.model.shared.setting`. A new setting is one field here, or in
the file of its theme: items, lists, tasks, new records, and what else Spectrum is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.model.connections.ca_certificate import is_certificate
from core.model.connections.client_secret import LONGEST_LIFE, SHORTEST_LIFE, SecretRotation
from core.model.connections.creation_settings import NEW_RECORDS
from core.model.connections.endpoint import Endpoint
from core.model.connections.item_settings import ITEMS, ItemSettings
from core.model.connections.list_settings import LISTS
from core.model.connections.maintenance_window import EXAMPLES, MaintenanceWindow, leave_time_to_call
from core.model.connections.optional_settings import MORE_IN_SPECTRUM
from core.model.connections.task_settings import TASKS
from core.model.shared.setting import described, in_groups, is_code, setting
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.work_order import COMPANY_CODE, LEAD_SOURCE, LENGTHS, WORK_ORDER_TYPE

_EXTERNAL_SYSTEM = re.compile(r"^[a-z][A-Za-z0-9_]{0,63}$")
_LEADING = re.compile(r"^[A-Za-z0-9]?$", re.ASCII)
_COMPANY, _TYPE, _LEAD_SOURCE = LENGTHS[COMPANY_CODE], LENGTHS[WORK_ORDER_TYPE], LENGTHS[LEAD_SOURCE]
NAME_RULE = "give a name of 1 to 80 characters"
NAME, SPECTRUM, ENHANCED_AUTHENTICATION, WORK_ORDERS = "Name", "Spectrum", "Enhanced Authentication", "Work orders"
COMPLETED_JOBS, BACK_TO_SERVICETRADE, RULES = "Completed jobs", "Back to ServiceTrade", "Rules"
_GROUPS = (
    NAME,
    SPECTRUM,
    ENHANCED_AUTHENTICATION,
    WORK_ORDERS,
    COMPLETED_JOBS,
    ITEMS,
    TASKS,
    MORE_IN_SPECTRUM,
    NEW_RECORDS,
    LISTS,
    BACK_TO_SERVICETRADE,
    RULES,
)


class LongText(StrEnum):
    """What to do with a description or customer PO that is longer than Spectrum's field."""

    CUT = "cut"
    """Cut it to the length of the field, with a warning"""
    REFUSE = "refuse"
    """Do not send the job"""


class Overwrite(StrEnum):
    """Which fields a repeated send writes."""

    ALL = "all"
    """Every mapped field, each time"""
    CHANGED_FIELDS = "changed_fields"
    """Only fields that changed since the last send"""


class OnCompletion(StrEnum):
    """What Jobferry does by itself when a job is completed in ServiceTrade."""

    OFF = "off"
    """Nothing"""
    SEND = "send"
    """Send the work order"""
    SEND_WITH_ITEMS = "send_with_items"
    """Send the work order and the items"""


@dataclass(frozen=True, slots=True)
class PluginUse:
    """One plugin that a connection uses. A False in `hooks` switches that hook off."""

    name: str
    config: dict[str, Any] = field(default_factory=dict)
    hooks: dict[str, bool] = field(default_factory=dict)

    def over(self, defaults: Mapping[str, Mapping[str, Any]]) -> PluginUse:
        """This use with its plugin's defaults for every field that its own configuration does not set."""
        return replace(self, config={**defaults.get(self.name, {}), **self.config})


@dataclass(frozen=True, slots=True)
class ExternalSync:
    """How to post to ServiceTrade's ExternalSync resource. Its shape is not public, so path and body are settings.

    `body` values may hold the placeholders {job_id}, {system}, {status} and {message}.
    """

    path: str = "/externalsync"
    body: dict[str, Any] = field(default_factory=dict)


def is_name(text: str) -> object:
    """Whether it can name a tenant or a connection; see NAME_RULE."""
    return text.strip() and len(text) <= 80


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings(ItemSettings):
    """What people set. A job completed before
    `completion_start_date` triggers no send. `items_on_resend` is the mode of items that are requested without one."""

    name: str = setting(
        title="Name",
        group=NAME,
        help="What the office reads in the Send menu: Send Job to NAME.",
        valid=is_name,
        rule=NAME_RULE,
        example="Spectrum",
    )
    external_system: str = setting(
        title="External system in ServiceTrade",
        group=NAME,
        help="The name under which ServiceTrade keeps this Spectrum's codes and numbers, as its external ids show it.",
        valid=_EXTERNAL_SYSTEM.match,
        rule="a lower-case letter first, then letters, digits and underscores, as set up in ServiceTrade",
        example="spectrum",
    )
    endpoint: Endpoint = setting(
        public_name="endpoint_url",
        title="Web Services URL",
        group=SPECTRUM,
        help="Where Spectrum's web services answer, such as https://spectrum.example.com:8482/ws. Your Spectrum"
        " administrator knows it. If you change it, Jobferry takes it for another name of the same Spectrum; add a"
        " connection for a different one.",
        example="https://spectrum.example.com:8482/ws",
        format="uri",
    )
    company_code: str = setting(
        title="Company code",
        group=SPECTRUM,
        help=f"1 to {_COMPANY} letters or digits, as in Spectrum's own company list.",
        valid=is_code(_COMPANY, required=True),
        rule=f"1 to {_COMPANY} letters or digits",
        example="101",
    )
    ca_certificate: str | None = setting(
        None,
        title="Certificate authority",
        example="-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----\n",
        group=SPECTRUM,
        help="Only for a Spectrum server with a private certificate: the authority's certificate in PEM form.",
        long=True,
        valid=is_certificate,
        rule="one or more certificates in PEM form",
    )
    maintenance_windows: tuple[MaintenanceWindow, ...] = setting(
        (),
        title="Maintenance windows",
        group=SPECTRUM,
        help="When this Spectrum restarts or is backed up. Jobferry does not call it then; sends wait and continue by"
        f" themselves afterwards. Such as {EXAMPLES}.",
        valid=leave_time_to_call,
        rule="days, times and a time zone, such as daily 02:00-04:30 America/Chicago; some time outside all of them",
        example=["Sat,Sun 22:00-01:00 America/Chicago"],
    )
    client_secret_expires_at: datetime | None = setting(
        None,
        title="The client secret ends on",
        group=ENHANCED_AUTHENTICATION,
        help="A day, such as 2026-12-01. Home warns of it 14 days before.",
        example="2026-06-30T00:00:00Z",
    )
    secret_rotation: SecretRotation = setting(
        SecretRotation.MANUAL,
        title="Who renews the client secret",
        group=ENHANCED_AUTHENTICATION,
        help="Jobferry can, if Spectrum's administrator allowed the client to rotate its own secret.",
        words={"manual": "A person", "automatic": "Jobferry, before it ends"},
    )
    secret_days: int | None = setting(
        None,
        title="How long a client secret lives",
        group=ENHANCED_AUTHENTICATION,
        help=f"{SHORTEST_LIFE} to {LONGEST_LIFE} days, as set in Spectrum. Empty: not known.",
        unit="days",
        valid=lambda days: days is None or SHORTEST_LIFE <= days <= LONGEST_LIFE,
        rule=f"{SHORTEST_LIFE} to {LONGEST_LIFE} days",
        example=90,
    )
    leading_character: str = setting(
        "",
        title="Leading character",
        group=WORK_ORDERS,
        help="One letter or digit before the job number: job 104482 with T becomes work order T104482. Empty: none.",
        valid=_LEADING.match,
        rule="exactly one letter or digit, or empty",
        example="T",
    )
    default_work_order_type: str = setting(
        "",
        title="Default Work Order Type Code",
        group=WORK_ORDERS,
        help="For sites without a type of their own. Empty if Spectrum has a default division for site work orders.",
        valid=is_code(_TYPE),
        rule=f"at most {_TYPE} characters",
        example="SVC",
    )
    lead_source: str = setting(
        "",
        title="Lead source",
        group=WORK_ORDERS,
        help="Only if this Spectrum asks for one on each work order.",
        valid=is_code(_LEAD_SOURCE),
        rule=f"at most {_LEAD_SOURCE} characters",
        example="WEB",
    )
    long_text: LongText = setting(
        LongText.CUT,
        title="Text that is too long for its field",
        group=WORK_ORDERS,
        words={"cut": "Cut it, with a warning", "refuse": "Stop the send"},
    )
    overwrite: Overwrite = setting(
        Overwrite.ALL,
        title="What sending again writes",
        group=WORK_ORDERS,
        words={"all": "Every field, replacing edits made in Spectrum", "changed_fields": "Only what changed"},
    )
    on_completion: OnCompletion = setting(
        OnCompletion.OFF,
        title="When a job is completed in ServiceTrade",
        group=COMPLETED_JOBS,
        words={"off": "Nothing happens", "send": "It is sent", "send_with_items": "It is sent with its items"},
    )
    completion_start_date: datetime | None = setting(
        None,
        title="Only jobs completed since",
        group=COMPLETED_JOBS,
        help="A day, such as 2026-03-01, or a moment with its time zone. Empty: since this is switched on.",
        valid=lambda start: start is None or start.tzinfo,
        rule="a moment with its time zone",
        example="2026-03-01T00:00:00Z",
    )
    items_on_resend: ItemsMode = setting(
        ItemsMode.NEW_ONLY,
        title="Items of a job that is sent again",
        group=COMPLETED_JOBS,
        words={
            "new_only": "Only what was not posted yet",
            "difference": "The difference to what was posted",
            "again": "Post everything again (creates duplicates)",
        },
        valid=lambda mode: mode is not ItemsMode.NONE,
        rule="new_only, difference or again",
    )
    failure_tag: str | None = setting(
        None,
        title="Tag on a job whose send failed",
        group=BACK_TO_SERVICETRADE,
        help="Removed when a later send succeeds. Empty: none.",
        example="not in Spectrum",
    )
    external_sync: ExternalSync | None = setting(
        None,
        title="ExternalSync",
        group=BACK_TO_SERVICETRADE,
        help="Only if ServiceTrade told you to post outcomes there.",
    )
    plugins: tuple[PluginUse, ...] = setting(
        (), title="Plugins", group=RULES, help="Its plugins in the order of their calls.", in_forms=False
    )


CONNECTION_SETTINGS = in_groups(described(ConnectionSettings), _GROUPS)
