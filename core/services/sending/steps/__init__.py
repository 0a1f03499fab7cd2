"""The steps of a send. They call remote systems and return an outcome; they store nothing about the send."""
