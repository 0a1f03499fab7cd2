"""Failures of cost lines."""

from __future__ import annotations

from core.model.catalogue.entry import BEFORE, DONE, READ_THE_LIST, SEND_AGAIN, SERIOUS, Entry
from core.model.catalogue.job import CODE_FIELDS
from core.model.shared.advice import Right, Step
from core.model.shared.finding import Owner, Retry

COST_LINES = (
    Entry(
        code="ITEMS_NEED_COMPLETION",
        title="Items are sent only for a completed job",
        cause="The send includes materials and other charges, but the job is not completed in ServiceTrade.",
        advice=(
            "Complete the job in ServiceTrade.",
            Step("send its items", Right.SEND, "Then"),
            Step("send the job without items now", Right.SEND, "Or"),
        ),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="ITEM_CODE_MISSING",
        title="Item without a code",
        cause="The library item has neither an alias, nor an External ID for this Spectrum, nor a code of its own.",
        advice=(
            "Find the item's code in Spectrum.",
            Step(f"enter it in Jobferry, {CODE_FIELDS}", Right.MANAGE),
            "Or enter it in ServiceTrade as the library item's External ID.",
            "An item that is not from the library, or whose library item stands for anything, needs one of its own.",
            Step(
                "set the connection to send such materials as non-stock items",
                Right.MANAGE,
                "Or",
                named="non_stock_fallback",
            ),
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="ITEM_COST_MISSING",
        title="Item without a cost",
        cause="An other charge or a non-stock item needs a cost, and this item has no cost in ServiceTrade.",
        advice=("Enter the item's cost on the job in ServiceTrade. Zero is allowed.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="ITEM_QUANTITY_MISSING",
        title="Item without a quantity",
        cause="This item has no quantity in ServiceTrade.",
        advice=("Enter the item's quantity on the job in ServiceTrade.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="ITEM_VALUE_UNREADABLE",
        title="A value of the item cannot be read",
        cause="ServiceTrade sends a value of this item, which the line needs, in a form that Jobferry cannot read.",
        advice=(
            "Enter the value that the message names again in ServiceTrade: quantity and cost on the job's item, "
            "everything else on its library item.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="ITEM_TYPE_UNKNOWN",
        title="No setting for this type of item",
        cause="No setting says whether an item of this type is a material, an other charge, or not sent.",
        advice=(
            Step(
                "choose in the connection's settings what items of this type become",
                Right.MANAGE,
                named="item_kinds",
            ),
            SEND_AGAIN,
        ),
        owner=Owner.SERVICE,
        pre=True,
    ),
    Entry(
        code="ITEM_CODE_UNKNOWN",
        title="Item not in Spectrum's inventory",
        cause="Spectrum has no inventory item with this code, and Jobferry never creates one.",
        advice=(
            Step(f"enter the right code in Jobferry, {CODE_FIELDS}", Right.MANAGE),
            "Or add the item to Spectrum's inventory, or give the library item the right code as its External ID.",
            READ_THE_LIST,
            Step(
                "set the connection to send such materials as non-stock items",
                Right.MANAGE,
                "Or",
                named="non_stock_fallback",
            ),
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="CHARGE_CODE_UNKNOWN",
        title="Other charge not set up in Spectrum",
        cause="Spectrum has no other charge with this code.",
        advice=(
            "Add the code in Spectrum's Work Order Other Charges Maintenance.",
            Step(f"enter an existing code in Jobferry, {CODE_FIELDS}", Right.MANAGE, "Or"),
            "Or enter it in ServiceTrade as the library item's External ID.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="WAREHOUSE_INVALID",
        title="Warehouse missing or unknown",
        cause="A stock item needs a warehouse, and Jobferry sent none, or one that Spectrum does not know.",
        advice=(
            Step("enter a warehouse that exists in Spectrum as the connection's default warehouse", Right.MANAGE),
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="UOM_INVALID",
        title="Unit of measure not allowed",
        cause="Spectrum does not allow this unit for the item.",
        advice=(
            "Clear the unit in ServiceTrade, so that Spectrum uses the item's own unit, or enter a unit of the item.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="SITE_EQUIPMENT_REQUIRED",
        title="Site equipment missing",
        cause="Spectrum's Work Order Installation requires a piece of site equipment or a component for each cost.",
        advice=(
            Step("use a rule that sets a default piece of equipment", Right.MANAGE),
            "Or switch this requirement off in Spectrum's Work Order Installation.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="PHASE_COST_TYPE",
        title="Phase or cost type missing, unknown or complete",
        cause="A job work order needs a phase and a cost type that exist together on the job and are still open.",
        advice=(
            Step("let the connection's rules make it a site work order, which needs neither", Right.MANAGE),
            Step("set an open phase and cost type of the job in a rule", Right.MANAGE, "Or"),
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="GL_ACCOUNT_UNRESOLVED",
        title="No GL account found",
        cause="Spectrum found no account to post to, because the cost type or the vendor has no default account.",
        advice=("Set the default GL account of the cost type or of the vendor in Spectrum.", SEND_AGAIN),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="WO_NOT_FOUND_FOR_ITEMS",
        title="Work order not found",
        cause="Spectrum cannot find the work order to add the costs to: "
        "it was never made, was deleted, or has another number now.",
        advice=(
            "Look up the number under Work Order > Data Entry > Work Order Entry in Spectrum.",
            Step("send the job without its items first, so that the work order exists", Right.SEND),
            Step("send the items", Right.SEND, "Then"),
        ),
        owner=Owner.SERVICE,
    ),
    Entry(
        code="DUPLICATE_ITEMS_RISK",
        title="Items were posted before",
        cause="The job's items were posted to Spectrum before, and posting them again adds the same lines again.",
        advice=(
            Step("look in the preview which items are in Spectrum already", only=SERIOUS | BEFORE),
            Step("choose only the new items, or the difference, unless you want duplicates", only=SERIOUS | BEFORE),
            Step("Nothing needs to be done if the duplicates were wanted", only=DONE),
            Step("send the difference, which takes them back", Right.SEND, "If not,", DONE),
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="IN_DOUBT_POST",
        title="Item to check in Spectrum",
        cause="Jobferry sent the item to Spectrum and got no clear answer, so Spectrum may or may not have it.",
        advice=(
            "Open the work order in Spectrum under Work Order > Data Entry > Work Order Entry and look at its costs.",
            "Compare them with the item as it was sent, which Check in Spectrum shows.",
            Step("enter in Jobferry what you found, and how you saw it", Right.SEND),
            "If the item is not there, the send continues and posts it. If it is there, it is not sent again.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.VERIFY_FIRST,
    ),
)
