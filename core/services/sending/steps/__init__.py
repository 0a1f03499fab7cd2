"""The steps of a send. They call the outside and return an outcome; they store nothing about the send."""
