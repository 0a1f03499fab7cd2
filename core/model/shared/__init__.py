"""What every room uses: errors, findings, secrets, exact figures, positions in lists."""
