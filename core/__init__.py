"""The hexagon: the nouns (`core.model`) and the verbs (`core.services`) of carrying a job across."""
