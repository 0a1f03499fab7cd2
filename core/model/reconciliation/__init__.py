"""Reconciliation: every completed job of some days in ServiceTrade, compared with our account of its work order."""
