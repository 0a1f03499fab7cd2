"""The console: pages for people, in the words of an office."""
