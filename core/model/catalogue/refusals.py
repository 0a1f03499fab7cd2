"""Spectrum read the work order and refused a value: an unknown code, or a missing one."""

from __future__ import annotations

from core.model.catalogue.entry import SEND_AGAIN, Entry
from core.model.shared.finding import Owner

ENTRIES = (
    Entry(
        code="ERP_CUSTOMER_UNKNOWN",
        title="Spectrum does not know the customer",
        cause="The customer code was deleted or renamed in Spectrum, or it belongs to another Spectrum company.",
        fix=(
            "Look for the customer in Spectrum's Customer Maintenance, in the company this connection sends to.",
            "Correct the External ID on the company in ServiceTrade, or the connection's company code.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="ERP_SITE_UNKNOWN_OR_INACTIVE",
        title="Site unknown or inactive in Spectrum",
        cause="The site does not exist in this Spectrum company, or it is set to inactive there.",
        fix=(
            "Look for the site in Spectrum under Work Order > Maintenance.",
            "Create it or set it to active. If its code is different, correct the External ID on the location.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="ERP_CONTRACT_INVALID",
        title="Contract not valid for the site",
        cause="Spectrum has no such service contract for the work order's site.",
        fix=(
            "Compare the contract number with the site's service contracts in Spectrum.",
            "Correct the contract's External ID in ServiceTrade, or remove it to send without a contract.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="WO_TYPE_REQUIRED",
        title="Work order type missing",
        cause="A new work order needs a type, and neither the connection nor the site in Spectrum has a default type.",
        fix=(
            "Enter a default work order type on the connection in Jobferry, or a default on the site in Spectrum.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="WO_TYPE_WRONG_KIND",
        title="Work order type cannot be used",
        cause="The type does not exist in Spectrum, or it is a direct-cost type, which site work orders cannot have.",
        fix=(
            "Look up the work order types in Spectrum under Work Order > Maintenance.",
            "On the connection in Jobferry, enter one that is not marked as direct cost.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="LEAD_SOURCE_REQUIRED",
        title="Lead source missing",
        cause="Spectrum's Work Order Installation requires a lead source, and neither site nor connection has one.",
        fix=(
            "Give the site a lead source in Spectrum, or enter one on the connection in Jobferry.",
            "Or switch this requirement off in Spectrum's Work Order Installation.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="GL_DEPARTMENT_REQUIRED",
        title="GL department missing",
        cause="The work order has no GL department, because it has no work order type with a GL department.",
        fix=(
            "In Spectrum give the work order type a GL department.",
            "Make sure that the connection or the site uses that type.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="COST_CENTER_MISMATCH",
        title="Cost centers do not agree",
        cause="The site, the customer and the GL department have different cost centers in Spectrum.",
        fix=(
            "Compare the cost center of the site, of the customer and of the GL department in Spectrum.",
            "Change the one that is wrong.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="MULTI_ERROR",
        title="Several problems at once",
        cause="Spectrum checks the whole work order and can report more than one problem in one answer.",
        fix=("Correct every problem in the list, not only the first.", SEND_AGAIN),
        owner=Owner.SERVICE,
    ),
    Entry(
        code="SPECTRUM_REFUSED",
        title="Spectrum refused for another reason",
        cause="Spectrum gave a reason that Jobferry does not know; the message quotes Spectrum's own words.",
        fix=(
            "Read Spectrum's words above and check the field that they name.",
            "Correct the value at its origin, which the preview shows.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
)
