"""Errors in words for office staff."""

from __future__ import annotations

from core.model.shared.errors import JobferryError


def words(error: Exception) -> str:
    """What went wrong. An error of ours says it itself; of another one the log holds the details."""
    if isinstance(error, JobferryError):
        return error.message
    return f"Jobferry met an unexpected error ({type(error).__name__}); the log holds the details."
