"""The nouns. Standard library only, frozen, checked at construction."""
