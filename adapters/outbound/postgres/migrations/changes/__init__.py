"""The parts of the migration that is not released yet, one subject a module."""
