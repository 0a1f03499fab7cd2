"""What waits, as a table."""

from __future__ import annotations

from rich.table import Table

from adapters.inbound.cli.views.output import table
from core.model.operations.job_counts import Waiting
from core.services.operations.count_jobs import Attention

_WORDS = {
    Waiting.NEEDS_ATTENTION: "Failed: a person has to fix the cause",
    Waiting.IN_DOUBT: "Check in Spectrum",
    Waiting.RETRYING: "Jobferry tries again by itself",
    Waiting.STOPPED: "Stopped: the connection or the account is paused or held",
}


def counts_table(found: Attention) -> Table:
    groups = found.jobs.groups
    rows = [
        (words, str(groups[one].jobs), str(groups[one].sends), str(groups[one].items)) for one, words in _WORDS.items()
    ]
    rows.append(("Jobs that wait for a person, together", str(found.jobs.attention), "", ""))
    rows.append(("New sites and customers that wait for a person", str(found.jobs.new_records), "", ""))
    rows.append(("Notes and documents to check in Spectrum", str(found.jobs.unclear_annotations), "", ""))
    rows.append(("Connections that are held until a person acts", str(found.held), "", ""))
    rows.append(("Other things that need attention", str(found.notices), "", ""))
    return table(("What", "Number", "Sends", "Items"), rows)
