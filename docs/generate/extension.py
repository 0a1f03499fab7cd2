"""Copies the browser extension to docs/extension, as it is before an account is filled in.

Run: python -m docs.generate.extension
"""

from __future__ import annotations

from pathlib import Path

from adapters.inbound.console.extension_zip import FILES, FOLDER

TARGET = Path(__file__).parents[1] / "extension"


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    for name in FILES:
        (TARGET / name).write_text((FOLDER / name).read_text())


if __name__ == "__main__":
    main()
