"""Where the tests of faults fork their processes from: one server for all, which has loaded what they need. Else each
would load it anew, which takes longer than the rest of its life."""

from __future__ import annotations

import multiprocessing

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.faults.support.before_the_fork"])
