"""Failures of work order tasks. None of them keeps the work order or its items from being sent."""

from __future__ import annotations

from core.model.catalogue.entry import DONE, SEND_AGAIN, Entry
from core.model.shared.advice import Right, Step
from core.model.shared.finding import Owner, Retry

TASKS = (
    Entry(
        code="TASKS_OFF",
        title="No tasks go with this send",
        cause=(
            "Tasks were asked for again, but this connection sends none, or the send has no items: tasks go only "
            "with the items of a job."
        ),
        advice=(
            Step("send the job without asking for tasks", Right.SEND),
            Step("switch tasks on in the connection's settings", Right.MANAGE, "Or", named="send_tasks"),
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="TASK_CODE_UNKNOWN",
        title="Task not set up in Spectrum",
        cause="Spectrum has no work order task with this code, and Jobferry never creates one.",
        advice=(
            "Add the task in Spectrum.",
            Step(
                "or correct the code in the connection's table of tasks",
                Right.MANAGE,
                named="task_codes",
            ),
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="TASK_NOT_ALLOWED",
        title="Spectrum does not let Jobferry add tasks",
        cause=(
            "The Authorization ID does not list the service AddWOTask, or this Spectrum does not offer it, which only "
            "tasks need."
        ),
        advice=(
            "Let the Authorization ID use AddWOTask in Spectrum: System Administration > Installation > Data Exchange.",
            Step("switch tasks off in the connection's settings", Right.MANAGE, "Or", named="send_tasks"),
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="TASK_NOT_CORRECTED",
        title="A task in Spectrum is out of date",
        cause=(
            "The service was changed or removed in ServiceTrade, or its task code in the connection's settings, after "
            "its task was added, and Spectrum's web service can only add tasks."
        ),
        advice=(
            "Open the work order in Spectrum, look at its tasks, and change or remove the task there.",
            "If it is right as it is, do nothing.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
    Entry(
        code="SERVICES_NOT_READ",
        title="The job's services could not be read",
        cause="ServiceTrade did not let Jobferry read the job's services, or sent them in an unknown form.",
        advice=(
            "Let the integration user see services in ServiceTrade, or correct the service that the message names.",
            Step("send the job with only new items, which adds the missing tasks", Right.SEND, "Then", DONE),
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.NO,
    ),
)
