"""The console: web pages for the office and for operators."""
