"""Planning: from a job and its rules to what a send would write, and where each value comes from."""
