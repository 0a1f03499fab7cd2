"""Failures of new sites and customers in Spectrum."""

from __future__ import annotations

from core.model.catalogue.entry import Entry
from core.model.shared.advice import Right, Step
from core.model.shared.finding import Owner, Retry

_AGAIN = Step("look at every field again and confirm it again", Right.SEND)
_LOOK = "Look in Spectrum whether a record with this code is there, and whether it is this one."

CREATIONS = (
    Entry(
        code="CREATE_SWITCHED_OFF",
        title="New records are not switched on",
        cause="A connection lets records of this kind be created in Spectrum only after somebody switched that on.",
        advice=(
            "Create the record in Spectrum by hand and enter its code here.",
            Step("switch it on in the settings of the connection", Right.MANAGE, "Or"),
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="CREATE_CONNECTION_CHANGED",
        title="Connection changed after a new record was confirmed",
        cause="What was confirmed was for another address or another company of Spectrum.",
        advice=(_AGAIN,),
        owner=Owner.DISPATCHER,
    ),
    Entry(
        code="CREATE_MAPPED_MEANWHILE",
        title="The record has a code already",
        cause="A record of ServiceTrade that has a code in this Spectrum needs no second one there.",
        advice=(
            "Send the job: the code that is there now is used.",
            Step("remove the code on the page Codes and confirm the new record again", Right.SEND, "If it is wrong,"),
        ),
        owner=Owner.DISPATCHER,
    ),
    Entry(
        code="CREATE_NOT_MAPPED",
        title="The company has no customer code",
        cause="Only a customer that is in Spectrum can be changed there, and Jobferry knows it by its code.",
        advice=("Enter the company's customer code, or create the customer.",),
        owner=Owner.DISPATCHER,
    ),
    Entry(
        code="CREATE_CODE_TAKEN",
        title="The code of a new record is in use",
        cause="Spectrum, a list of its codes or another new record has this code already, and a code can be used once.",
        advice=(
            _LOOK,
            Step("enter the code for it instead of creating it", Right.SEND, "If it is this one,"),
            Step("choose another code and confirm the new record again", Right.SEND, "If it is another one,"),
        ),
        owner=Owner.DISPATCHER,
    ),
    Entry(
        code="CREATE_CODE_DIFFERS",
        title="Spectrum returned another code than was sent",
        cause="Spectrum accepted the new record, but names another code for it.",
        advice=(_LOOK, Step("say what you found in the list of new records", Right.SEND)),
        owner=Owner.DISPATCHER,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="CREATE_IN_DOUBT",
        title="It is not known whether a new record was made",
        cause="The call to Spectrum left, and no clear answer came back.",
        advice=(_LOOK, Step("say what you found in the list of new records", Right.SEND)),
        owner=Owner.DISPATCHER,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="CREATE_LOCKED",
        title="Somebody has a record open that a new record needs",
        cause="Spectrum locks a record while a person has its screen open, and it was locked at every try.",
        advice=(
            "Ask colleagues to close the screen of the site, or of its customer, in Spectrum.",
            "If nobody has it open, find and release the lock in Spectrum under View Locked Database Tables.",
            _AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="CREATE_NOT_MADE",
        title="A new record was not made in Spectrum",
        cause="Spectrum refused a new site or customer, or it was stopped before the call, so nothing was made.",
        advice=(
            "Look at the new record: it says why.",
            _AGAIN,
            Step("give it up there", Right.MANAGE, "If it is not needed any more,"),
        ),
        owner=Owner.DISPATCHER,
    ),
    Entry(
        code="CREATE_SERVICE_MISSING",
        title="Spectrum does not offer the service for new records",
        cause="The web service is not part of this version of Spectrum, or was not built in its Data Exchange.",
        advice=(
            "In Spectrum, build the service under System Administration > Installation > Data Exchange, and allow it"
            " for the Authorization ID.",
            "Until then, enter the record in Spectrum by hand and its code here.",
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="CREATE_APPROVAL",
        title="Spectrum may ask for an approval",
        cause="Spectrum can be set up so that a new or changed customer waits for somebody's approval there.",
        advice=("Look in Spectrum's workflow whether the customer waits for an approval.",),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.NO,
    ),
)
