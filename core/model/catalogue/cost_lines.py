"""Failures of material and other charges, which stand as lines on a work order."""

from __future__ import annotations

from core.model.catalogue.entry import SEND_AGAIN, Entry
from core.model.shared.finding import Owner, Retry

ENTRIES = (
    Entry(
        code="ITEMS_NEED_COMPLETION",
        title="Items go only with a completed job",
        cause="Material and other charges were asked for, and the job is not completed in ServiceTrade.",
        fix=(
            "Complete the job in ServiceTrade, or with `jobferry jobs complete`, and send its items then.",
            "Or send the job without items now.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="ITEM_CODE_MISSING",
        title="Item without a code",
        cause="The library item has neither an External ID for this Spectrum nor a code of its own.",
        fix=(
            "Find the item's code in Spectrum and enter it in ServiceTrade as the library item's External ID.",
            "Or let items without a code go as non-stock items: the connection's non_stock_fallback.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="ITEM_COST_MISSING",
        title="Item without a cost",
        cause="An other charge and a non-stock item carry their cost, and ServiceTrade holds none for this item.",
        fix=("Enter the item's cost on the job in ServiceTrade; zero is a cost too.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="ITEM_QUANTITY_MISSING",
        title="Item without a quantity",
        cause="ServiceTrade holds no quantity for this item.",
        fix=("Enter the item's quantity on the job in ServiceTrade.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="ITEM_TYPE_UNKNOWN",
        title="Type of item not decided about",
        cause="Nothing says whether items of this type are material, an other charge, or stay behind.",
        fix=(
            "Set what the type becomes in the connection's item_kinds: material, other_charge or skip.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICE,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="ITEM_CODE_UNKNOWN",
        title="Item not in Spectrum's inventory",
        cause="Spectrum has no inventory item with this code, and sending never creates one.",
        fix=(
            "Add the item to Spectrum's inventory, or give the library item the right code as its External ID.",
            "Or let materials go as non-stock items: the connection's non_stock_fallback.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="CHARGE_CODE_UNKNOWN",
        title="Other charge not set up in Spectrum",
        cause="Spectrum has no other charge with this code.",
        fix=(
            "Add the code in Spectrum's Work Order Other Charges Maintenance.",
            "Or put an existing code on the library item in ServiceTrade as its External ID.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="WAREHOUSE_INVALID",
        title="Warehouse missing or unknown",
        cause="A stock item leaves from a warehouse, and Spectrum got none or one that it does not know.",
        fix=("Enter a warehouse that exists in Spectrum as the connection's default in Jobferry.", SEND_AGAIN),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="UOM_INVALID",
        title="Unit of measure not allowed",
        cause="Spectrum does not allow this unit for the item.",
        fix=(
            "Leave the unit empty, so that Spectrum takes the item's own, or map it to one of the item's units.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="SITE_EQUIPMENT_REQUIRED",
        title="Site equipment missing",
        cause="Spectrum's Work Order Installation demands that costs name a piece of site equipment or a component.",
        fix=(
            "Use a rule that gives a default piece of equipment.",
            "Or switch the demand off in Spectrum's Work Order Installation.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="PHASE_COST_TYPE",
        title="Phase or cost type missing, unknown or complete",
        cause="A job work order wants a phase and a cost type that exist together on the job and are still open.",
        fix=(
            "Send the job as a site work order, which needs neither.",
            "Or name an open phase and cost type of the job in a rule.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="GL_ACCOUNT_UNRESOLVED",
        title="No GL account found",
        cause="Spectrum found no account to post to, because the cost type or the vendor has no default account.",
        fix=("Set the default GL account of the cost type or of the vendor in Spectrum.", SEND_AGAIN),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="WO_NOT_FOUND_FOR_ITEMS",
        title="Work order not there",
        cause="Spectrum does not find the work order that costs were to be added to: "
        "it was never made, was deleted, or has another number now.",
        fix=(
            "Look up the number under Work Order > Data Entry > Work Order Entry in Spectrum.",
            "Send the job without its items first, so that the work order stands.",
            "Then send the items.",
        ),
        owner=Owner.SERVICE,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="DUPLICATE_ITEMS_RISK",
        title="Items were posted before",
        cause="The job was completed once already and its items stand in Spectrum, where each posting adds new lines.",
        fix=(
            "Look in the preview which lines stand in Spectrum already.",
            "Choose to send only new items, or the difference; choose 'again' only if a second set is really wanted.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="IN_DOUBT_POST",
        title="Not known whether the line was posted",
        cause="The line left for Spectrum and no clear answer came back, so it may or may not stand there.",
        fix=(
            "Open the work order in Spectrum under Work Order > Data Entry > Work Order Entry and look at its costs.",
            "Compare them with the line as it was sent: jobferry doubts list.",
            "Say what you found: jobferry doubts settle, with 'posted' or 'not_posted' and a reason.",
            "If it is not there, the send goes on and posts it; if it is there, nothing is sent again.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.VERIFY_FIRST,
    ),
)
