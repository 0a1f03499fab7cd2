"""The note and the marker of a work order: what is written beside the header and the items, and does not stop them."""

from __future__ import annotations

from core.model.catalogue.entry import DONE, SEND_AGAIN, Entry
from core.model.shared.advice import Right, Step
from core.model.shared.finding import Owner, Retry

_SERVICES = (
    "In Spectrum open System Administration > Installation > Data Exchange and the Authorization ID; press Build"
)
_NEXT = Step("send the job again, if its note or marker is to be there now", Right.SEND, "Then", DONE)

ANNOTATIONS = (
    Entry(
        code="NOTE_HOLDS_TEXT",
        title="The rest of the description is in a note",
        cause="Spectrum's description of a work order takes 250 characters, and the connection names a note topic.",
        advice=("Nothing needs to be done: the notes of the work order in Spectrum have the whole text.",),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
    Entry(
        code="NOTE_TOO_LONG",
        title="Description too long for the note",
        cause="A topic of work order notes in Spectrum takes 1,000 characters in all.",
        advice=(
            "Nothing needs to be done if the first part is enough.",
            "If not, shorten the description on the job in ServiceTrade.",
            Step("let it be replaced instead", Right.MANAGE, "If the connection adds to the note,", named="note_mode"),
            SEND_AGAIN,
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
    Entry(
        code="NOTE_NOT_WRITTEN",
        title="Note not written",
        cause="The work order is in Spectrum, but Spectrum did not take the note with its whole description.",
        advice=(
            f"{_SERVICES}, choose WorkOrder and add WOHeaderNotes.",
            "Make sure that the note topic exists in Spectrum, spelled as on the connection.",
            Step("empty the note topic on the connection, if there is none", Right.MANAGE, "Or", named="note_topic"),
            _NEXT,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="NOTE_UNCLEAR",
        title="Text perhaps added to the note",
        cause="The answer to the call that adds the description to the note was lost, and a repeat could add it twice.",
        advice=(
            "Look at the notes of the work order in Spectrum.",
            Step("say under Check in Spectrum whether the text is there", Right.SEND, "Then"),
            "If it is not, the job's next send adds it.",
            Step("let the note be replaced, which may be repeated", Right.MANAGE, "Or", named="note_mode: replace"),
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="DOCUMENTS_LEFT_OUT",
        title="Attachments that are not sent",
        cause="Jobferry sends PDF files and pictures of at most 5 MB as documents, and ten of a job at most.",
        advice=("Nothing needs to be done if Spectrum does not need them.", "If it does, add them there by hand."),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
    Entry(
        code="DOCUMENT_NOT_SENT",
        title="Document not sent",
        cause="The work order is in Spectrum, but a document of the job could not be read or was not taken.",
        advice=(
            "If Spectrum refused it, give the Authorization ID the service Work Order Image in Data Exchange.",
            Step("switch off the job's paperwork on the connection", Right.MANAGE, "Or", named="send_paperwork"),
            Step("send the job again, which sends what is missing", Right.SEND, "Then", DONE),
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="DOCUMENT_UNCLEAR",
        title="Document perhaps added",
        cause="The answer to the call that adds a document was lost, and a repeat could add it twice.",
        advice=(
            "Look at the documents of the work order in Spectrum.",
            Step("say under Check in Spectrum whether it is there", Right.SEND, "Then"),
            "If it is not, the job's next send adds it.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="PAPERWORK_HELD",
        title="No documents are added for now",
        cause="The server refused a call that adds a document without saying whether Spectrum took it, as a server or a"
        " proxy does that does not know the service, does not let it through, or takes no large files.",
        advice=(
            f"{_SERVICES}, choose WorkOrder and add Work Order Image; make sure that nothing before Spectrum stops"
            " workOrders/images.",
            "Look at the documents of the first work order in Spectrum.",
            Step("say under Check in Spectrum whether it is there, which lets documents go again", Right.SEND, "Then"),
            Step("switch off the job's paperwork on the connection", Right.MANAGE, "Or", named="send_paperwork"),
            Step("send the jobs again whose documents were left out", Right.SEND, "Then", DONE),
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="NOTES_HELD",
        title="No texts are added to notes for now",
        cause="The server refused a call that adds a text to a note without saying whether Spectrum took it, as a"
        " server or a proxy does that does not know the service or does not let it through.",
        advice=(
            f"{_SERVICES}, choose WorkOrder and add WOHeaderNotes; make sure that nothing before Spectrum stops it.",
            "Look at the notes of the first work order in Spectrum.",
            Step(
                "say under Check in Spectrum whether the text is there, which lets texts go again", Right.SEND, "Then"
            ),
            Step("empty the note topic on the connection", Right.MANAGE, "Or", named="note_topic"),
            Step("send the jobs again whose texts were left out", Right.SEND, "Then", DONE),
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="MARKER_NOT_WRITTEN",
        title="Marker not written",
        cause="The work order is in Spectrum, but Spectrum did not take the marker of the send.",
        advice=(
            f"{_SERVICES}, choose WorkOrder and add UpdateWorkOrderHeader_UDF.",
            "Map the user-defined field for this service at the Authorization ID; it must be a text of 20 characters.",
            Step("empty the marker's field on the connection", Right.MANAGE, "Or", named="marker_field"),
            _NEXT,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
)
