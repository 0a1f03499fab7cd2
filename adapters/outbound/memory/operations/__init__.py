"""What is read and compared beside the sends, in memory."""
