"""Failures of Jobferry itself: its plugins, pauses and settings."""

from __future__ import annotations

from core.model.catalogue.entry import BY_ITSELF, SEND_AGAIN, Entry
from core.model.shared.finding import Owner, Retry

ENTRIES = (
    Entry(
        code="PLUGIN_ERROR",
        title="Plugin failed",
        cause="A rule of this connection stopped with an error, so nothing was sent.",
        fix=(
            "Give the plugin's author the message above and the number of this job.",
            "Until the plugin is fixed, remove it from the connection, if the job may be sent without it.",
            SEND_AGAIN,
        ),
        owner=Owner.PLUGIN_AUTHOR,
        pre=True,
    ),
    Entry(
        code="PLUGIN_TIMEOUT",
        title="Plugin took too long",
        cause="A rule of this connection took longer than it may for one answer or for one plan, so nothing was sent.",
        fix=(
            "Tell the plugin's author which plugin and which job it was.",
            "Until the plugin is fixed, remove it from the connection, if the job may be sent without it.",
            SEND_AGAIN,
        ),
        owner=Owner.PLUGIN_AUTHOR,
        pre=True,
    ),
    Entry(
        code="PLUGIN_MISSING",
        title="Plugin not installed",
        cause="The connection uses a plugin that this installation of Jobferry does not have.",
        fix=("Have the Jobferry operator install the plugin, or remove it from the connection.", SEND_AGAIN),
        owner=Owner.SERVICE,
        pre=True,
    ),
    Entry(
        code="PLUGINS_FAILING",
        title="Connection stopped: its plugin keeps failing",
        cause="Several sends of this connection in a row failed in one of its plugins, so no more are tried.",
        fix=(
            "Have the plugin's author fix it, or remove it from the connection, if jobs may be sent without it.",
            "Resume the connection in Jobferry. Waiting sends then run in order.",
            "Send the failed jobs again.",
        ),
        owner=Owner.PLUGIN_AUTHOR,
    ),
    Entry(
        code="NOT_SENT_HERE",
        title="A rule excludes the job from this connection",
        cause="A rule of this connection decides which jobs are sent on it, and it excludes this job.",
        fix=(
            "Read the rule's reason above. Send the job on the connection that it belongs to.",
            "If the rule is wrong, have the person who set it up change it. Then send the job again.",
        ),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="CONNECTION_PAUSED",
        title="Connection is paused",
        cause="Somebody paused this connection, so its sends wait.",
        fix=("Ask why it was paused.", "Resume the connection in Jobferry. Waiting sends then run in order."),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="TENANT_PAUSED",
        title="Tenant is paused",
        cause="All sends of this tenant wait, because the tenant was paused.",
        fix=("Ask the Jobferry operator why it was paused.", "Have it resumed. Waiting sends then run in order."),
        owner=Owner.SERVICE,
    ),
    Entry(
        code="DATABASE_RESTORED",
        title="The database lacks lines that were sent",
        cause="Jobferry's database went back to an earlier state, for instance to a backup, so it no longer knows all "
        "posted lines; this connection still sends work orders, but posts no items until a person has checked.",
        fix=(
            "Ask the Jobferry operator for the date and time of the restored backup.",
            "Wait until a quarter of an hour after the loss was noticed.",
            "See which jobs were completed since the backup. Compare the costs of their work orders in Spectrum with "
            "the jobs' items.",
            "Confirm the check. Items are then sent again.",
            "Send the waiting jobs again, each with only the items that are missing in Spectrum.",
        ),
        owner=Owner.SERVICE,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="SEND_TOO_LATE",
        title="Time ran out before sending",
        cause="The call to Spectrum was so late that Jobferry stopped it before anything was sent.",
        fix=(BY_ITSELF, "If it happens often, the machine that Jobferry runs on is too busy or goes to sleep."),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="TRY_LATER",
        title="Not possible at the moment",
        cause="Something that Jobferry needs is not available at present.",
        fix=(BY_ITSELF,),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="TENANT_SETUP",
        title="A setting needs attention",
        cause="A setting in ServiceTrade, or of the tenant in Jobferry, is wrong or missing.",
        fix=("Change what the message names.", SEND_AGAIN),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="OPERATOR_SETUP",
        title="The installation needs attention",
        cause="The database, a key or the configuration of this Jobferry installation has a problem.",
        fix=("Have the Jobferry operator run 'jobferry doctor' and follow its advice.", SEND_AGAIN),
        owner=Owner.SERVICE,
    ),
    Entry(
        code="INTERNAL_ERROR",
        title="Jobferry itself failed",
        cause="Jobferry met an unexpected error; the log holds the details.",
        fix=(BY_ITSELF, "If it happens again, give the Jobferry operator the id of this send to find it in the log."),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
)
