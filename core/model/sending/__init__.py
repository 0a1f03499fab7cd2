"""A send: its states, the answers of Spectrum, and its life cycle."""
