"""Failures of cost lines, and of several sends, people or connections that work on the same work order."""

from __future__ import annotations

from core.model.catalogue.entry import BY_ITSELF, SEND_AGAIN, Entry
from core.model.shared.finding import Owner, Retry

COST_LINES = (
    Entry(
        code="ITEMS_NEED_COMPLETION",
        title="Items are sent only for a completed job",
        cause="The send includes materials and other charges, but the job is not completed in ServiceTrade.",
        fix=(
            "Complete the job. Then send its items.",
            "Or send the job without items now.",
        ),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="ITEM_CODE_MISSING",
        title="Item without a code",
        cause="The library item has neither an External ID for this Spectrum nor a code of its own.",
        fix=(
            "Find the item's code in Spectrum and enter it in ServiceTrade as the library item's External ID.",
            "Or send items without a code as non-stock items: use the connection's setting non_stock_fallback.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="ITEM_COST_MISSING",
        title="Item without a cost",
        cause="An other charge or a non-stock item needs a cost, and this item has no cost in ServiceTrade.",
        fix=("Enter the item's cost on the job in ServiceTrade. Zero is allowed.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="ITEM_QUANTITY_MISSING",
        title="Item without a quantity",
        cause="This item has no quantity in ServiceTrade.",
        fix=("Enter the item's quantity on the job in ServiceTrade.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="ITEM_VALUE_UNREADABLE",
        title="A value of the item cannot be read",
        cause="ServiceTrade sends a value of this item, which the line needs, in a form that Jobferry cannot read.",
        fix=(
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
        fix=(
            "Set the type in the connection's item_kinds to material, other_charge or skip.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICE,
        pre=True,
    ),
    Entry(
        code="ITEM_CODE_UNKNOWN",
        title="Item not in Spectrum's inventory",
        cause="Spectrum has no inventory item with this code, and Jobferry never creates one.",
        fix=(
            "Add the item to Spectrum's inventory, or give the library item the right code as its External ID.",
            "Or send such materials as non-stock items: use the connection's setting non_stock_fallback.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="CHARGE_CODE_UNKNOWN",
        title="Other charge not set up in Spectrum",
        cause="Spectrum has no other charge with this code.",
        fix=(
            "Add the code in Spectrum's Work Order Other Charges Maintenance.",
            "Or enter an existing code in ServiceTrade as the library item's External ID.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="WAREHOUSE_INVALID",
        title="Warehouse missing or unknown",
        cause="A stock item needs a warehouse, and Jobferry sent none, or one that Spectrum does not know.",
        fix=("Enter a warehouse that exists in Spectrum as the connection's default in Jobferry.", SEND_AGAIN),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="UOM_INVALID",
        title="Unit of measure not allowed",
        cause="Spectrum does not allow this unit for the item.",
        fix=(
            "Leave the unit empty, so that Spectrum uses the item's own unit, or map it to one of the item's units.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="SITE_EQUIPMENT_REQUIRED",
        title="Site equipment missing",
        cause="Spectrum's Work Order Installation requires a piece of site equipment or a component for each cost.",
        fix=(
            "Use a rule that sets a default piece of equipment.",
            "Or switch this requirement off in Spectrum's Work Order Installation.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="PHASE_COST_TYPE",
        title="Phase or cost type missing, unknown or complete",
        cause="A job work order needs a phase and a cost type that exist together on the job and are still open.",
        fix=(
            "Send the job as a site work order, which needs neither.",
            "Or set an open phase and cost type of the job in a rule.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="GL_ACCOUNT_UNRESOLVED",
        title="No GL account found",
        cause="Spectrum found no account to post to, because the cost type or the vendor has no default account.",
        fix=("Set the default GL account of the cost type or of the vendor in Spectrum.", SEND_AGAIN),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="WO_NOT_FOUND_FOR_ITEMS",
        title="Work order not found",
        cause="Spectrum cannot find the work order to add the costs to: "
        "it was never made, was deleted, or has another number now.",
        fix=(
            "Look up the number under Work Order > Data Entry > Work Order Entry in Spectrum.",
            "Send the job without its items first, so that the work order exists.",
            "Then send the items.",
        ),
        owner=Owner.SERVICE,
    ),
    Entry(
        code="DUPLICATE_ITEMS_RISK",
        title="Items were posted before",
        cause="The job's items were posted to Spectrum before, and posting them again adds the same lines again.",
        fix=(
            "See in the preview which lines are in Spectrum already.",
            "Send only new items, or the difference. Choose 'again' only if you really want a second set.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="IN_DOUBT_POST",
        title="Item to check in Spectrum",
        cause="Jobferry sent the item to Spectrum and got no clear answer, so Spectrum may or may not have it.",
        fix=(
            "Open the work order in Spectrum under Work Order > Data Entry > Work Order Entry and look at its costs.",
            "Compare them with the line as it was sent; the list of doubts shows it.",
            "Enter what you found, posted or not posted, and a reason.",
            "If the line is not there, the send continues and posts it. If it is there, nothing is sent again.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.VERIFY_FIRST,
    ),
)

_LOOK = "Open the work order in Spectrum and look at its material and other charges."

SEVERAL_SENDS = (
    Entry(
        code="WAITS_FOR_SEND",
        title="Another send posts to this work order",
        cause="Only one send at a time posts items to a work order, so that no item is posted twice.",
        fix=(
            "If the other send is running, do nothing: this one continues by itself.",
            "If the other send waits for a person (a line in doubt), settle that line first.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="WORK_ORDER_BUSY",
        title="Another connection posts to this work order",
        cause="Two connections lead to the same Spectrum company, and the other one is posting items to this number.",
        fix=(BY_ITSELF, "If the other connection waits for a person to settle a line, settle that line."),
        owner=Owner.DISPATCHER,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="PLAN_KEEPS_CHANGING",
        title="The work order's lines kept changing during planning",
        cause="Each time Jobferry planned the send, another send or a person changed the lines of the same work order.",
        fix=("Wait until nobody else sends this job or settles its lines.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
    ),
    Entry(
        code="SENT_NOT_PROVED",
        title="Not every item is known to be posted",
        cause="The send ended with a line that was neither posted nor settled as posted, so it does not count as sent.",
        fix=(_LOOK, "Send the job's items again: posted items are left out.", "Tell the Jobferry operator."),
        owner=Owner.SERVICE,
    ),
    Entry(
        code="ANSWER_AFTER_VERDICT",
        title="Spectrum's answer contradicts a person's decision",
        cause="A person settled a line, and Spectrum's answer for this line came later and says something else.",
        fix=(
            _LOOK,
            "If a line is there twice, delete one of them, or send the job's difference.",
            "If a line is missing, send the job's items again.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="ITEMS_BEFORE_UNKNOWN",
        title="Items may be in Spectrum already",
        cause=(
            "The job was sent before by another system, or by Jobferry before its database was restored, so Jobferry "
            "does not know which of its items were posted."
        ),
        fix=(
            _LOOK,
            "Enter which of the job's items are there: all, none or some.",
            "Then send the items again.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="ITEMS_OF_ANOTHER_JOB",
        title="An item of another job is on the work order",
        cause="The work order was taken over from another job, and it still has items that the other job posted.",
        fix=(_LOOK, "If the item does not belong there, reverse it in Spectrum by hand."),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
    Entry(
        code="SAME_COMPANY",
        title="Another connection leads to the same company",
        cause=(
            "Two connections write to one Spectrum company, so both write the header of a job that is sent on both; "
            "an item that one has posted is left out by the other, and only one at a time posts to a work order."
        ),
        fix=(
            "If you want this, do nothing.",
            "If not, keep one connection and remove the other. Jobferry still knows what was posted.",
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.NO,
    ),
    Entry(
        code="ITEMS_POSTED_ELSEWHERE",
        title="An item was posted by another connection",
        cause=(
            "Another connection to the same Spectrum company, or one that was removed, posted this item, and this "
            "connection does not know the quantity."
        ),
        fix=(_LOOK, "If the quantity there is wrong, correct it in Spectrum by hand."),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
    Entry(
        code="ITEMS_ENTERED_BY_HAND",
        title="An item was entered by hand",
        cause="Somebody entered this item in Spectrum, and Jobferry does not know under which code.",
        fix=(_LOOK, "If the item changed since then, change it in Spectrum by hand too."),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
)
