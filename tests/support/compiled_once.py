"""SQLAlchemy compiles a statement once for each engine. Nearly every test has an engine of its own, and compiling the
same statements again takes longer than running them: so all engines of a run share what was compiled."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

_MOST_STATEMENTS = 5000


def compile_once() -> None:
    """From now on. What is compiled is found by its dialect, of which each engine has one with the same settings."""
    compiled: LRUCache[Any, Any] = LRUCache(_MOST_STATEMENTS)
    make = Engine.__init__

    def make_with_shared(self: Engine, *arguments: Any, **named: Any) -> None:
        make(self, *arguments, **named)
        if type(self.dialect) is PGDialectAsync_psycopg:
            self._compiled_cache = compiled

    Engine.__init__ = make_with_shared  # type: ignore[method-assign]
    PGDialectAsync_psycopg.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
    PGDialectAsync_psycopg.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
