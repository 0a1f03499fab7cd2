"""Mails by the mail server that the operator chose."""
