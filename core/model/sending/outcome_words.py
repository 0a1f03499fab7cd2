"""The outcome of a send in words: what was done, and what follows. Everything that tells an outcome uses them."""

from __future__ import annotations

from core.model.sending.progress import ItemsProgress, Mark, Progress
from core.model.sending.send import Send, SendState
from core.model.work_orders.cost_line import ItemsMode


def outcome_words(send: Send, progress: Progress, connection_name: str) -> str:
    """What is in Spectrum and on the job, in one sentence; then what follows, if anything."""
    return f"{_done(send, progress, connection_name)} {_next(send, progress, connection_name)}".strip()


def waiting_words(send: Send) -> str | None:
    """Which send of the same work order a send waits for; None if it waits for none."""
    if send.waits_for is None:
        return None
    return f"Waits for the send {send.waits_for}, which posts items to the same work order."


def items_words(items: ItemsProgress, what: str = "item") -> str:
    """Such as `2 of 3 items posted, 1 to check in Spectrum`."""
    words = f"{items.posted} of {items.total} {what}{'' if items.total == 1 else 's'} posted"
    return f"{words}, {items.to_check} to check in Spectrum" if items.to_check else words


def _done(send: Send, progress: Progress, connection_name: str) -> str:
    match progress.work_order:
        case Mark.DONE:
            return _sentence(f"{_number(send)} is in {connection_name}{_beside(progress)}.")
        case Mark.UNKNOWN:
            return f"It is not known whether {_number(send)} is in {connection_name}."
        case Mark.BY_HAND:
            return ""
    if send.state in (SendState.CANCELLED, SendState.SUPERSEDED):
        return f"This send wrote nothing to {connection_name}."
    sent = "sent again" if send.plan is not None and not send.plan.creates else "sent"
    what = "" if send.items is ItemsMode.NONE else " with its items"
    job = f"Job {send.job_number or send.job_id}"
    if progress.work_order is Mark.PENDING:
        return f"{job} is not {sent} to {connection_name}{what} yet."
    return f"{job} was not {sent} to {connection_name}{what}."


def _number(send: Send) -> str:
    return f"work order {send.work_order_number}" if send.work_order_number else "the work order"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _beside(progress: Progress) -> str:
    """The rest of the sentence about a work order that is in Spectrum: what else is done, then what is not."""
    done, left = [], []
    match progress.number:
        case Mark.DONE:
            done.append("its number is on the job in ServiceTrade")
        case Mark.PENDING:
            left.append("its number is not written to the job in ServiceTrade yet")
        case _:
            left.append("its number was not written to the job in ServiceTrade")
    for counted, what in ((progress.items, "item"), (progress.tasks, "task")):
        if counted is not None and counted.mark is Mark.DONE:
            done.append(f"its {what} is posted" if counted.total == 1 else f"all {counted.total} {what}s are posted")
        elif counted is not None:
            verb = "is" if 1 in (counted.posted, counted.total) else "are"
            left.append(f"{counted.posted} of {counted.total} {what}{'' if counted.total == 1 else 's'} {verb} posted")
    if progress.to_check:
        left.append(f"{progress.to_check} {'is' if progress.to_check == 1 else 'are'} to check in Spectrum")
    good = "".join(f", {part}" for part in done[:-1]) + "".join(f", and {part}" for part in done[-1:])
    return f"{good}, but {_listed(left)}" if left else good


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _next(send: Send, progress: Progress, connection_name: str) -> str:
    match send.state:
        case SendState.NEEDS_ATTENTION:
            return "Somebody must check it."
        case SendState.IN_DOUBT:
            return "" if progress.to_check else "Somebody must check it in Spectrum."
        case SendState.RETRYING:
            return "Jobferry tries again by itself."
        case SendState.QUEUED | SendState.SENDING:
            return waiting_words(send) or "The send is under way."
        case SendState.SENT_WITH_WARNINGS:
            return "There is a warning."
        case SendState.SUPERSEDED:
            return "A newer send of the same job replaced it."
        case SendState.CANCELLED:
            return "The send was cancelled."
        case SendState.DONE_BY_HAND:
            return f"Somebody marked it as done by hand in {connection_name}."
        case SendState.SENT:
            return ""
