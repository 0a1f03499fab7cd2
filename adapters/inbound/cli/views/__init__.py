"""How commands show things on a terminal."""
