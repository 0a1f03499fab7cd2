"""From a job and its rules to a plan: what a send would write, and where each value comes from."""
