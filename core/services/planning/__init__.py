"""Use cases for planning: the plan of a send, its items, the preview, the Send menu."""
