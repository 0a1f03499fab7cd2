#!/bin/sh
# What a CI job runs in a fresh checkout, in the environment where Jobferry is installed.
set -eu
python -m pip install '.[test]'
python -m mypy
python -m pytest
jobferry plugins check west --sample tests/west_job.json
python -m pip wheel --no-deps --wheel-dir dist .
