"""The test kit for authors of plugins: sample jobs and items, previews and sends, all without an account.

    from pathlib import Path

    RULE = Path(__file__).with_name("west.py")

    def test_jobs_of_the_west_office_start_with_w(make_job, preview):
        assert preview(RULE, make_job(office="West")).number == "W104482"

`make_job`, `make_item`, `make_connection`, `load_job`, `preview`, `send`, `posted_lines` and `sandbox_systems` are also
pytest fixtures wherever Jobferry is installed.
"""

from __future__ import annotations

from plugins.testkit.by_item import ByItem
from plugins.testkit.kit import RuleFailed, posted_lines, preview, send
from plugins.testkit.results import Preview, Sent
from plugins.testkit.samples import Sample, load_job, make_connection, make_item, make_job
from plugins.testkit.systems import SandboxSystems, sandbox_systems

__all__ = [
    "ByItem",
    "Preview",
    "RuleFailed",
    "Sample",
    "SandboxSystems",
    "Sent",
    "load_job",
    "make_connection",
    "make_item",
    "make_job",
    "posted_lines",
    "preview",
    "sandbox_systems",
    "send",
]
