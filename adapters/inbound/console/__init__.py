"""Pages for people. So far one: a plain overview that only reads."""
