"""Handlers of the pages that lead to a job."""
