"""The services of Spectrum that a connection's settings switch on, beside those that every send needs."""

from __future__ import annotations

from core.model.connections.settings import ConnectionSettings
from core.model.work_orders.optional_fields import (
    ADD_CUSTOMER,
    ADD_SITE,
    ADD_TASK,
    UPDATE_CUSTOMER,
    WRITE_NOTES,
    WRITE_USER_FIELDS,
)


def optional_services(settings: ConnectionSettings) -> tuple[str, ...]:
    """The names of the optional services that write, in the order of Jobferry's own tables."""
    wanted = {
        ADD_SITE: settings.create_sites,
        ADD_CUSTOMER: settings.create_customers,
        UPDATE_CUSTOMER: settings.create_customers,
        ADD_TASK: settings.sends_tasks,
        WRITE_NOTES: bool(settings.note_topic),
        WRITE_USER_FIELDS: bool(settings.marker_field),
    }
    return tuple(name for name, is_wanted in wanted.items() if is_wanted)
