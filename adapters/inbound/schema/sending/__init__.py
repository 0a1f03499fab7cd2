"""Messages about sends: plans, progress, cost lines, doubts, warnings."""
