"""Reads the rows of a long answer from its XML while it arrives, without a tree of it.

Source: `Envelope/Body/<Service>Response/returnArray/returnData/<service>/response*` as documented, each row with its
columns and, of an error or a warning, Error_Code, Error_Description and Error_Column. Names are compared without regard
to case. Seen: large answers whose closing tags are cut off; their rows are read, and `end` says that they are not all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

Cells = Mapping[str, str]
"""A row: the trimmed text of each column by its name in lower case."""

_SOAP = ("{http://schemas.xmlsoap.org/soap/envelope/}", "{http://www.w3.org/2003/05/soap-envelope}")
_MOST_LEVELS = 40
_MOST_CELLS = 300
_MOST_NAMES, _LONGEST_NAME = 500, 300
"""Different names of elements, attributes and namespaces: libxml2 keeps each for as long as the process lives."""
_LONGEST_TAG = 262_144
"""Characters without the end of a tag. The parser keeps a tag with all its attributes in memory until it ends."""
LONGEST_CELL = 4_000
"""Characters of a cell that are kept. The longest documented column has 250."""
_ELSEWHERE = frozenset({"href", "ref"})
_IN_SOAP_11 = {"value": "faultcode", "text": "faultstring"}
"""Where a fault of SOAP 1.2 has what SOAP 1.1 calls so."""
_OF_A_FAULT = frozenset(_IN_SOAP_11.values())
_ROW = "response"
_ROW_LEVEL = 4
"""A row is below Envelope, Body and the answer, and at least one element inside that."""


class NotAList(Exception):
    """The answer is not one of this service. `cut`: its end is missing."""

    def __init__(self, message: str, *, cut: bool = False) -> None:
        super().__init__(message)
        self.cut = cut


class RowReader:
    """Takes text and gives rows. `fault` is the code and text of a SOAP fault, None for none."""

    def __init__(self, answer: str) -> None:
        self._target = _Target(answer.lower())
        self._unended = 0
        # lxml gives names and texts of UTF-8 as str.
        self._parser = etree.XMLParser(
            target=self._target,  # type: ignore[arg-type]
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
        )

    @property
    def fault(self) -> tuple[str, str] | None:
        told = self._target.fault
        return None if told is None else (told.get("faultcode", ""), told.get("faultstring", ""))

    def feed(self, text: str) -> Iterator[Cells]:
        """The rows that end in this text. Raises NotAList."""
        if text:
            self._unended = len(text) - text.rindex(">") if ">" in text else self._unended + len(text)
            if self._unended > _LONGEST_TAG:
                raise NotAList("The answer has a tag or a text that is longer than any list has.")
            try:
                self._parser.feed(text.encode())
            except etree.LxmlError as error:
                raise self._broken() from error
        rows, self._target.rows = self._target.rows, []
        yield from rows

    def end(self) -> None:
        """Raises NotAList if this is not the end of one complete answer."""
        if not self._target.begun:
            raise NotAList("The answer was empty.")
        try:
            self._parser.close()
        except (etree.LxmlError, ValueError) as error:
            raise self._broken() from error
        if self._target.path or not self._target.answered:
            raise NotAList("The end of the answer is missing.", cut=True)

    def _broken(self) -> NotAList:
        if not self._target.begun:
            return NotAList("The server answered with something that is not XML.")
        return NotAList("The answer is cut off or not well-formed XML.", cut=True)


class _Target:
    """What lxml calls while it reads. It keeps the rows that were not taken yet, and nothing else."""

    def __init__(self, answer: str) -> None:
        self._answer = answer
        self.path: list[str] = []
        self.rows: list[Cells] = []
        self.begun = False
        self.answered = False
        self.fault: dict[str, str] | None = None
        self._row: dict[str, str] | None = None
        self._row_level = 0
        self._text: list[str] = []
        self._length = 0
        self._names = set[str]()

    def start(self, tag: str, attributes: Mapping[str, str], namespaces: Mapping[str | None, str]) -> None:
        if tag not in self._names or attributes or namespaces:
            self._know(tag, *attributes, *(name for pair in namespaces.items() for name in pair if name))
        name = tag.rpartition("}")[2].lower()
        level = len(self.path)
        self.begun = True
        if level == 0 and (name != "envelope" or not tag.startswith(_SOAP)):
            raise NotAList(f"The server answered with {'a web page' if name == 'html' else 'XML'}, not with SOAP.")
        if level >= _MOST_LEVELS or self.answered:
            raise NotAList("The answer has more inside than a list.")
        if attributes and _ELSEWHERE & {key.rpartition("}")[2].lower() for key in attributes}:
            raise NotAList(f"The content of {name} is not in its place.")
        if level == 1 and name not in ("header", "body"):
            raise NotAList("There is something beside header and body in the SOAP envelope.")
        if level == 2 and self.path[1] == "body":
            self._begin_answer(name)
        elif self._in_answer and name == _ROW:
            self._begin_row(level)
        elif self._row is not None and level > self._row_level + 1:
            raise NotAList(f"There is an unexpected element {name} inside a cell.")
        self.path.append(name)
        self._text, self._length = [], 0

    def data(self, text: str) -> None:
        if self._length < LONGEST_CELL:
            self._text.append(text[: LONGEST_CELL - self._length])
            self._length += len(text)

    def end(self, _: str) -> None:
        name = self.path.pop()
        level = len(self.path)
        if self._row is not None:
            if level == self._row_level:
                self.rows.append(self._row)
                self._row = None
            else:
                self._keep(self._row, name)
        elif self.fault is not None and level >= 3:
            if (told := _IN_SOAP_11.get(name, name)) in _OF_A_FAULT:
                self.fault.setdefault(told, self._said)
        elif level == 2 and self._is_answer(name):
            self.answered = True
        self._text, self._length = [], 0

    def pi(self, name: str, _: object = None) -> None:
        self._know(name)

    def doctype(self, *_: object) -> None:
        raise NotAList("The document has a DTD.")

    def close(self) -> None:
        return

    def _know(self, *names: str) -> None:
        self._names.update(names)
        if len(self._names) > _MOST_NAMES or max(map(len, names)) > _LONGEST_NAME:
            raise NotAList("The answer has more or longer names of elements than any list.")

    def _begin_answer(self, name: str) -> None:
        if name == "fault":
            self.fault = {}
        elif name != self._answer:
            raise NotAList(f"The answer is not a {self._answer}.")

    def _begin_row(self, level: int) -> None:
        if self._row is not None or level < _ROW_LEVEL:
            raise NotAList("A row of the answer is not in its place.")
        self._row, self._row_level = {}, level

    def _keep(self, row: dict[str, str], name: str) -> None:
        if name in row:
            raise NotAList(f"A row of the answer has {name} twice.")
        if len(row) >= _MOST_CELLS:
            raise NotAList("A row of the answer has more columns than any list.")
        row[name] = self._said

    @property
    def _said(self) -> str:
        return "".join(self._text).strip()

    @property
    def _in_answer(self) -> bool:
        return len(self.path) > 2 and self.path[1:3] == ["body", self._answer]

    def _is_answer(self, name: str) -> bool:
        return self.path == ["envelope", "body"] and name in (self._answer, "fault")
