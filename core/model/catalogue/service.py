"""Failures of Jobferry itself: its plugins, pauses and settings."""

from __future__ import annotations

from core.model.catalogue.entry import BY_ITSELF, SEND_AGAIN, Entry
from core.model.shared.advice import AT_THE_MACHINE, Right, Step
from core.model.shared.finding import Owner, Retry

ENTRIES = (
    Entry(
        code="PLUGIN_ERROR",
        title="Plugin failed",
        cause="A rule of this connection stopped with an error, so nothing was sent.",
        advice=(
            "Give the plugin's author the message above and the number of this job.",
            Step(
                "remove the plugin from the connection until it is fixed",
                Right.MANAGE,
                "If the job may be sent without it,",
            ),
            SEND_AGAIN,
        ),
        owner=Owner.PLUGIN_AUTHOR,
        pre=True,
    ),
    Entry(
        code="PLUGIN_TIMEOUT",
        title="Plugin took too long",
        cause="A rule of this connection took longer than it may for one answer or for one plan, so nothing was sent.",
        advice=(
            "Tell the plugin's author which plugin and which job it was.",
            Step(
                "remove the plugin from the connection until it is fixed",
                Right.MANAGE,
                "If the job may be sent without it,",
            ),
            SEND_AGAIN,
        ),
        owner=Owner.PLUGIN_AUTHOR,
        pre=True,
    ),
    Entry(
        code="PLUGIN_MISSING",
        title="Plugin not installed",
        cause="The connection uses a plugin that this installation of Jobferry does not have.",
        advice=(
            Step("install the plugin", Right.OPERATE),
            Step("remove it from the connection", Right.MANAGE, "Or"),
            SEND_AGAIN,
        ),
        owner=Owner.SERVICE,
        pre=True,
    ),
    Entry(
        code="PLUGINS_FAILING",
        title="Connection stopped: its plugin keeps failing",
        cause="Several sends of this connection in a row failed in one of its plugins, so no more are tried.",
        advice=(
            "Have the plugin's author correct it.",
            Step("remove it from the connection", Right.MANAGE, "If jobs may be sent without it,"),
            Step("resume the connection in Jobferry: the sends that wait then continue", Right.MANAGE, "Then"),
            Step("send the failed jobs again", Right.SEND),
        ),
        owner=Owner.PLUGIN_AUTHOR,
    ),
    Entry(
        code="NOT_SENT_HERE",
        title="A rule excludes the job from this connection",
        cause="A rule of this connection decides which jobs are sent on it, and it excludes this job.",
        advice=(
            "Read the rule's reason above.",
            Step("send the job on the connection that it belongs to", Right.SEND),
            Step("correct the rule, then send the job on this connection", Right.MANAGE, "If the rule is wrong,"),
        ),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="CONNECTION_PAUSED",
        title="Connection is paused",
        cause="Somebody paused this connection, so its sends wait.",
        advice=(
            "Ask why it was paused.",
            Step("resume the connection in Jobferry: the sends that wait then continue", Right.MANAGE),
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="TENANT_PAUSED",
        title="Account is paused",
        cause="All sends of this account wait, because somebody paused it.",
        advice=(
            "Ask why it was paused.",
            Step("resume the account: the sends that wait then continue", Right.OPERATE),
        ),
        owner=Owner.SERVICE,
    ),
    Entry(
        code="DATABASE_RESTORED",
        title="The database lacks a part of what was sent",
        cause="Jobferry's database went back to an earlier state, for instance to a backup, so it no longer knows all "
        "that was added to Spectrum: items, tasks, documents, texts in notes, new sites and customers; this connection "
        "still sends work orders, but adds none of these until a person has checked.",
        advice=(
            Step("find out date and time of the restored backup", Right.OPERATE),
            "Wait until a quarter of an hour after the loss was noticed.",
            "See which jobs were completed since the backup. Compare the costs, tasks, documents and notes of their "
            "work orders in Spectrum with the jobs.",
            "Look in Spectrum for sites and customers that were made since the backup, if Jobferry may create them.",
            Step("confirm the check in Jobferry: then it adds to Spectrum again", Right.SEND),
            Step("send the waiting jobs again, each with only the items that are missing in Spectrum", Right.SEND),
        ),
        owner=Owner.SERVICE,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="SEND_TOO_LATE",
        title="Time ran out before sending",
        cause="The call to Spectrum was so late that Jobferry stopped it before anything was sent.",
        advice=(
            BY_ITSELF,
            Step(
                "check whether Jobferry's machine is too busy or goes to sleep", Right.OPERATE, "If it happens often,"
            ),
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="TRY_LATER",
        title="Not possible at the moment",
        cause="Something that Jobferry needs is not available at present.",
        advice=(BY_ITSELF,),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="TENANT_SETUP",
        title="A setting needs attention",
        cause="A setting in ServiceTrade, or of this account in Jobferry, is wrong or missing.",
        advice=("Change what the message names.", SEND_AGAIN),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="OPERATOR_SETUP",
        title="The installation needs attention",
        cause="The database, a key or the configuration of this Jobferry installation has a problem.",
        advice=(
            Step(
                "check the installation and correct what is wrong",
                Right.OPERATE,
                named="jobferry doctor",
                named_at=AT_THE_MACHINE,
            ),
            SEND_AGAIN,
        ),
        owner=Owner.SERVICE,
    ),
    Entry(
        code="INTERNAL_ERROR",
        title="Jobferry itself failed",
        cause="Jobferry met an unexpected error; the log holds the details.",
        advice=(
            BY_ITSELF,
            Step("look into the log: the time and the job find it there", Right.OPERATE, "If it happens again,"),
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
)
