"""The composition root: settings, log, container, and the commands that start programs."""
