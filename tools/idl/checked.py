# SPDX-License-Identifier: MIT
"""Reading TOML strictly, and writing files whole: what both compilers share.

Whatever is wrong becomes a Problem that names the file, the key and the reason. Nothing is written before everything
has been checked, and a file whose content would not change is left alone, so that make rebuilds nothing for it.
"""

import os
import sys
import tempfile
import tomllib


class Problem(Exception):
    """One thing that is wrong: where, at which key, and why."""

    def __init__(self, file, key, reason):
        super().__init__(f"{file}: {key}: {reason}" if key else f"{file}: {reason}")
        self.file, self.key, self.reason = str(file), key, reason


def load(path):
    """The TOML file as a Table; a Problem if it cannot be read, is not UTF-8 or is not TOML."""
    try:
        with open(path, "rb") as stream:
            raw = stream.read()
    except OSError as error:
        raise Problem(path, "", error.strerror) from None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Problem(path, f"line {line}", f"byte {raw[error.start]:#04x} is not UTF-8") from None
    try:
        return Table(path, "", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Problem(path, "", f"not TOML: {error}") from None


KINDS = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


class Table:
    """A TOML table that is asked for its keys one by one; close() refuses the keys that nobody asked for."""

    def __init__(self, file, path, values):
        self.file, self.path, self.values, self.asked = file, path, values, set()

    def at(self, key):
        return f"{self.path}.{key}" if self.path else str(key)

    def wrong(self, key, reason):
        return Problem(self.file, self.at(key) if key else self.path, reason)

    def get(self, key, kind, default=...):
        """The key's value, checked to be of the kind; the default if it is absent, a Problem if there is none."""
        self.asked.add(key)
        if key not in self.values:
            if default is ...:
                raise self.wrong(key, "is missing")
            return default
        value = self.values[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.wrong(key, f"must be {KINDS[kind]}")
        return value

    def number(self, key, low, high, default=...):
        value = self.get(key, int, default)
        if value is not None and not low <= value <= high:
            raise self.wrong(key, f"{value} is outside {low} to {high}")
        return value

    def text(self, key, default=..., limit=None):
        """A text of one line."""
        value = self.get(key, str, default)
        if value is not None and any(ord(c) < 32 or ord(c) == 127 for c in value):
            raise self.wrong(key, "must be one line without control characters")
        if value is not None and limit is not None and len(value.encode()) > limit:
            raise self.wrong(key, f"{len(value.encode())} bytes are more than {limit}")
        return value

    def choice(self, key, choices, default=...):
        value = self.get(key, str, default)
        if value not in choices:
            raise self.wrong(key, f'"{value}" is none of {", ".join(choices)}')
        return value

    def table(self, key, default=...):
        value = self.get(key, dict, default)
        return value if value is None else Table(self.file, self.at(key), value)

    def texts(self, key, default=...):
        """A list of texts, each at most once."""
        values = self.get(key, list, default)
        for i, value in enumerate(values):
            if not isinstance(value, str):
                raise self.wrong(f"{key}[{i}]", "must be a text")
            if value in values[:i]:
                raise self.wrong(f"{key}[{i}]", f'"{value}" is there twice')
        return values

    def numbers(self, key, low, high, default=...):
        """A list of numbers, each at most once."""
        values = self.get(key, list, default)
        for i, value in enumerate(values or []):
            if not isinstance(value, int) or isinstance(value, bool):
                raise self.wrong(f"{key}[{i}]", "must be a whole number")
            if not low <= value <= high:
                raise self.wrong(f"{key}[{i}]", f"{value} is outside {low} to {high}")
            if value in values[:i]:
                raise self.wrong(f"{key}[{i}]", f"{value} is there twice")
        return values

    def tables(self, key, default=...):
        """A list of tables."""
        values = self.get(key, list, default)
        for i, value in enumerate(values):
            if not isinstance(value, dict):
                raise self.wrong(f"{key}[{i}]", "must be a table")
        return [Table(self.file, f"{self.at(key)}[{i}]", value) for i, value in enumerate(values)]

    def close(self):
        for key in self.values:
            if key not in self.asked:
                raise self.wrong(key, f"unknown key; known here: {', '.join(sorted(self.asked))}")


def write_files(files):
    """Write {path: bytes or text}: all of them to temporary files first, then each by a rename."""
    pending = []
    try:
        for path, content in files.items():
            content = content.encode() if isinstance(content, str) else content
            if unchanged(path, content):
                continue
            folder = os.path.dirname(path) or "."
            os.makedirs(folder, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=folder, prefix=".writing-")
            pending.append((temporary, path))
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            os.chmod(temporary, 0o644)
        for temporary, path in pending:
            os.replace(temporary, path)
    except OSError as error:
        raise Problem(error.filename2 or error.filename or "", "", error.strerror) from None
    finally:
        for temporary, _ in pending:
            if os.path.exists(temporary):
                os.unlink(temporary)


def unchanged(path, content):
    try:
        with open(path, "rb") as stream:
            return stream.read() == content
    except OSError:
        return False


def run(main):
    """Run a compiler's main; a Problem becomes one line on standard error and exit code 1."""
    try:
        main()
    except Problem as problem:
        print(problem, file=sys.stderr)
        sys.exit(1)
