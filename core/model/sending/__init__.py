"""A send: its states, the answers of Spectrum, and how a send lives."""
