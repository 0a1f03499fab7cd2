"""Reads a plugin's source: its imports, the files beside it, and uses that are forbidden in a rule."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from plugins.examine import HOOKS

_OURS = ("core", "ports", "adapters", "plugins", "jobferry")
_PUBLIC = ("jobferry.plugins", "jobferry.testkit", "plugins.hookspecs", "plugins.testkit")
_FILES = "files"
_OUTSIDE: Mapping[str, str] = {
    "datetime.now": "the clock",
    "datetime.today": "the clock",
    "datetime.utcnow": "the clock",
    "date.today": "the clock",
    "time.time": "the clock",
    "time.monotonic": "the clock",
    "time.localtime": "the clock",
    "time.sleep": "waiting",
    "open": _FILES,
    "os.environ": "the environment",
    "os.getenv": "the environment",
    "input": "the keyboard",
}
_OUTSIDE_MODULES: Mapping[str, str] = {
    "random": "chance",
    "secrets": "chance",
    "uuid": "chance",
    "socket": "the network",
    "urllib.request": "the network",
    "http.client": "the network",
    "requests": "the network",
    "httpx": "the network",
    "aiohttp": "the network",
    "subprocess": "other programs",
    "sqlite3": "a database",
    "psycopg": "a database",
}


def shadows(file: Path) -> Iterator[str]:
    """Yield the folders and files beside a plugin that have the name of a package of Jobferry."""
    for name in _OURS:
        for path in (file.parent / name, file.parent / f"{name}.py"):
            if path.exists():
                yield str(path)


def private_imports(tree: ast.Module) -> Iterator[str]:
    """Yield imports of Jobferry's modules that may change with any release, as `line 3: adapters.outbound`."""
    for line, name in _imports(tree):
        if name.split(".")[0] in _OURS and not any(name == one or name.startswith(f"{one}.") for one in _PUBLIC):
            yield f"line {line}: {name}"


def reaches_out(tree: ast.Module) -> Iterator[str]:
    """Yield what a rule, a function that it calls, or the module itself uses besides its arguments, as
    `line 9: time.time (the clock)`. The module may read files when it is imported."""
    modules, told = _modules_under(tree), set()
    for part, at_import in (*((one, False) for one in _rules(tree)), *((one, True) for one in _at_import(tree))):
        for node in ast.walk(part):
            dotted, line = _dotted(node), getattr(node, "lineno", 0)
            why = _why(dotted, modules) if dotted else None
            if why and (line, why) not in told and not (at_import and why == _FILES):
                told.add((line, why))  # of `random.randint` the part `random` alone says no more
                yield f"line {line}: {dotted} ({why})"


def uses_float(tree: ast.Module) -> Iterator[str]:
    """Yield where a rule, or a function that it calls, makes a float, as `line 9`."""
    for function in _rules(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
                yield f"line {node.lineno}"


def _rules(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """The rules, and the functions of the module that they call. Events are async, so they are not among these."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    seen: set[str] = set()
    waiting = [name for name in functions if name in HOOKS]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield functions[name]
            waiting += [dotted for node in ast.walk(functions[name]) if (dotted := _dotted(node)) in functions]


def _at_import(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements that run when the module is imported, but not the imports themselves."""
    for one in tree.body:
        for inner in one.body if isinstance(one, ast.ClassDef) else [one]:
            if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.Import | ast.ImportFrom):
                yield inner


def _why(dotted: str, modules: Mapping[str, str]) -> str | None:
    first, _, rest = dotted.partition(".")
    full = f"{modules[first]}.{rest}".rstrip(".") if first in modules else dotted
    for name, what in _OUTSIDE.items():
        if full == name or full.endswith(f".{name}"):
            return what
    return next((what for name, what in _OUTSIDE_MODULES.items() if full == name or full.startswith(f"{name}.")), None)


def _modules_under(tree: ast.Module) -> Mapping[str, str]:
    """Return the names that imports bind, with their full names."""
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                bound[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                bound[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return bound


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def _dotted(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner, attr=name):
            before = _dotted(inner)
            return f"{before}.{name}" if before else None
    return None
