"""What authors of plugins import from Jobferry. The names here stay."""
