"""Failures of Jobferry itself: its plugins, its pauses, its own set-up."""

from __future__ import annotations

from core.model.catalogue.entry import BY_ITSELF, SEND_AGAIN, Entry
from core.model.shared.finding import Owner, Retry

ENTRIES = (
    Entry(
        code="PLUGIN_ERROR",
        title="Plugin failed",
        cause="A rule of this connection broke off with an error, so nothing was sent.",
        fix=(
            "Give the plugin's author the message above and the number of this job.",
            "Until it is mended, take the plugin off the connection, if the job may go without it.",
            SEND_AGAIN,
        ),
        owner=Owner.PLUGIN_AUTHOR,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="PLUGIN_TIMEOUT",
        title="Plugin took too long",
        cause="A rule of this connection did not answer within its time, so nothing was sent.",
        fix=(
            "Tell the plugin's author which plugin and which job it was.",
            "Until it is mended, take the plugin off the connection, if the job may go without it.",
            SEND_AGAIN,
        ),
        owner=Owner.PLUGIN_AUTHOR,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="PLUGIN_MISSING",
        title="Plugin not installed",
        cause="The connection names a plugin that this installation of Jobferry does not have.",
        fix=(
            "Have whoever runs Jobferry install the plugin, or take it off the connection.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICE,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="PLUGINS_FAILING",
        title="Connection stopped: its plugin keeps failing",
        cause="Several sends of this connection in a row failed in one of its plugins, so no more are tried.",
        fix=(
            "Have the plugin's author mend it, or take it off the connection, if jobs may go without it.",
            "Resume the connection in Jobferry; what waited is then sent in order.",
            "Send the failed jobs again.",
        ),
        owner=Owner.PLUGIN_AUTHOR,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="NOT_SENT_HERE",
        title="A rule keeps the job from this connection",
        cause="A rule of this connection decides which jobs go there, and this one does not.",
        fix=(
            "Read the rule's reason above; send the job on the connection that it belongs to.",
            "If the rule is wrong, have whoever set it up change it, then send the job again.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="CONNECTION_PAUSED",
        title="Connection is paused",
        cause="Somebody paused this connection, so its sends wait.",
        fix=("Ask why it was paused.", "Resume the connection in Jobferry; what waits is then sent in order."),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="TENANT_PAUSED",
        title="Tenant is paused",
        cause="All sends of this tenant wait, because the tenant was paused.",
        fix=("Ask whoever runs Jobferry why it was paused.", "Have it resumed; what waits is then sent in order."),
        owner=Owner.SERVICE,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="DATABASE_RESTORED",
        title="The database is older than what was sent",
        cause="Jobferry's database was taken back to an earlier state, so it no longer knows all lines that it has "
        "posted; no items are posted on this connection until a person has looked, while work orders go on.",
        fix=(
            "Find out from whoever runs Jobferry from when the restored backup is.",
            "Look at what was completed since, with 'jobferry restore show' or on the connection's page, and compare "
            "those work orders' costs in Spectrum with the items of their jobs, a quarter of an hour after the loss "
            "was noticed or later.",
            "Say that you have looked, with 'jobferry restore acknowledge' or on the connection's page; then items go "
            "on.",
            "Send the jobs that wait again, each with what is missing in Spectrum only.",
        ),
        owner=Owner.SERVICE,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="SEND_TOO_LATE",
        title="Time ran out before sending",
        cause="The call to Spectrum came so late that Jobferry stopped it; nothing left.",
        fix=(BY_ITSELF, "If it happens often, the machine that Jobferry runs on is too busy or goes to sleep."),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="TRY_LATER",
        title="Not possible at the moment",
        cause="Something that Jobferry needs is not available for now.",
        fix=(BY_ITSELF,),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="TENANT_SETUP",
        title="A setting needs attention",
        cause="Something in ServiceTrade, or in the tenant's settings, is not as Jobferry needs it.",
        fix=("Change what the message names.", SEND_AGAIN),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="OPERATOR_SETUP",
        title="The installation needs attention",
        cause="The database, a key or the configuration of this Jobferry installation is not as it should be.",
        fix=("Have whoever runs Jobferry run 'jobferry doctor' and follow what it says.", SEND_AGAIN),
        owner=Owner.SERVICE,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="INTERNAL_ERROR",
        title="Jobferry itself failed",
        cause="Jobferry met something that it was not built for; the log holds the details.",
        fix=(BY_ITSELF, "If it goes on, give whoever runs Jobferry the id of this send, to look it up in the log."),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
)
