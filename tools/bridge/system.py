# SPDX-License-Identifier: MIT
"""The system on the other side of the bridge: system.vga.write("hello").

A line has two functions: send(bytes), and receive(seconds), which returns bytes, b"" when none came in time, and None
when there will never be any more. A thread reads it and hands each answer to whoever asked.
"""

import importlib
import itertools
import pathlib
import struct
import sys
import threading
import time

from . import frames

NO_NOTIFICATION = 0xFF
RESULT = struct.Struct("<II6Q")
CALL = struct.Struct("<24sHB5x6Q")
WELCOME = struct.Struct("<IHH")
ORIGIN_SERVER, ORIGIN_KERNEL = 0, 1
NO_SERVICE, BUSY, ENDED, NO_SUCH_NOTIFICATION = 1, 2, 3, 4
BODY_MAX = 4016


class BridgeError(Exception):
    """What went wrong on the way, not in the server."""


class NoAnswer(BridgeError):
    """Nothing came in time; the call may still be under way. `cancel` ends it."""


class BridgeDied(BridgeError):
    """The bridge came back as a new process: calls under way are lost."""


class NoService(BridgeError):
    """The test system's hands hold no service of that name."""


class Busy(BridgeError):
    """Every hand waits for an answer already."""


class CallEnded(BridgeError):
    """The process that made the call was ended: by `cancel`, or killed."""


class KernelRefused(BridgeError):
    """The kernel's own error: no server can forge it. `name` and `code` as in abi/errors.h."""

    def __init__(self, what, name, code, text):
        self.name, self.code = name, code
        super().__init__(f"{what}: {name}, {text}")


class ServerDied(KernelRefused):
    """The server died before it answered."""


class Notification:
    """What a call takes along as a capability: system.init.spawn("hello", ended=n), then n.wait(5)."""

    def __init__(self, system, number):
        self.system, self.number, self.count = system, number, 0

    def wait(self, timeout=10):
        """Until it has been set; False if it was not in time. Takes it back."""
        with self.system.changed:
            came = self.system.changed.wait_for(lambda: self.count > 0 or self.system.closed, timeout) and self.count > 0
            self.count = 0
        return came


class Background(threading.Thread):
    """A call under way: .result(timeout) returns what the call returns, or raises what it raises."""

    def __init__(self, function, arguments, options):
        super().__init__(daemon=True)
        self.function, self.arguments, self.options = function, arguments, options
        self.value = self.error = None
        self.start()

    def run(self):
        try:
            self.value = self.function(*self.arguments, **self.options)
        except Exception as error:  # handed on by result
            self.error = error

    def result(self, timeout=10):
        self.join(timeout)
        if self.is_alive():
            raise NoAnswer(f"no answer within {timeout:g} s")
        if self.error is not None:
            raise self.error
        return self.value


class Transport:
    """What a generated client talks to (tools/idl/wire.py)."""

    def __init__(self, system, service):
        self.system, self.service = system, service

    def call(self, method, words, body, caps):
        return self.system.call(self.service, method, words, body, caps)


class System:
    """python: the build's folder with generated clients (build/gen/python). timeout: seconds for each call."""

    def __init__(self, line, python, timeout=10):
        python = str(pathlib.Path(python).resolve())
        if python not in sys.path:
            sys.path.insert(0, python)
        self.errors = importlib.import_module("interfaces.errors").ERRORS
        self.line, self.timeout, self.closed = line, timeout, False
        self.services, self.generation, self.hands = [], None, 0
        self.refusals = []  # (sequence, reason) of frames that the bridge refused
        self.changed = threading.Condition()
        self.answers, self.pending = {}, set()
        self.numbers = itertools.count(1)
        self.notifications = {}
        self.decoder = frames.Decoder()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def close(self):
        self.closed = True
        with self.changed:
            self.changed.notify_all()
        self.reader.join(2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # --- the line ---

    def read(self):
        while not self.closed:
            data = self.line.receive(0.2)
            if data is None:
                self.closed = True
            with self.changed:
                for kind, sequence, content in self.decoder.take(data or b""):
                    self.take(kind, sequence, content)
                self.changed.notify_all()

    def take(self, kind, sequence, content):
        if kind == frames.NOTIFIED:
            bits = int.from_bytes(content, "little")
            for number, notification in self.notifications.items():
                notification.count += bits >> number & 1
        elif kind == frames.REFUSED:
            self.refusals.append((sequence, int.from_bytes(content, "little")))
        if kind == frames.WELCOME:
            generation, self.hands, _ = WELCOME.unpack_from(content)
            self.services = [name.decode() for name in content[WELCOME.size:].split(b"\0") if name]
            if self.generation not in (None, generation):
                for lost in self.pending - set(self.answers):
                    self.answers[lost] = (None, b"")
            self.generation = generation
        if sequence in self.pending:
            self.answers[sequence] = (kind, content)

    def send(self, data):
        """Bytes as they are: noise, too."""
        self.line.send(data)

    def ask(self, kind, content=b"", timeout=None):
        """Sends a request; (kind, content) of its answer."""
        with self.changed:
            sequence = next(self.numbers)
            self.pending.add(sequence)
        self.send(frames.encode(kind, sequence, content))
        try:
            with self.changed:
                self.changed.wait_for(lambda: sequence in self.answers or self.closed, timeout or self.timeout)
                if sequence not in self.answers:
                    raise NoAnswer("the line is closed" if self.closed else f"no answer within {timeout or self.timeout:g} s")
                return self.answers.pop(sequence)
        finally:
            with self.changed:
                self.pending.discard(sequence)
                self.answers.pop(sequence, None)

    def connect(self, timeout=30):
        """Until the bridge says who can be called."""
        limit = time.monotonic() + timeout
        while True:
            try:
                self.ask(frames.HELLO, timeout=0.5)
            except NoAnswer:
                pass
            if self.services:
                return self
            if time.monotonic() > limit or self.closed:
                raise NoAnswer(f"no bridge within {timeout:g} s: is this a test system?")
            time.sleep(0.05)

    # --- calls ---

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            module = importlib.import_module(f"interfaces.{name}")
        except ModuleNotFoundError:
            raise AttributeError(f"no interface is called {name!r}") from None
        return getattr(module, "".join(part.capitalize() for part in name.split("_")))(Transport(self, name))

    def call(self, service, method, words, body, caps):
        """A raw message: (error of the server, words, body, capabilities)."""
        if len(body) > BODY_MAX:
            raise ValueError(f"{len(body)} bytes are more than the {BODY_MAX} that go over the bridge")
        given = [cap for cap in caps if cap is not None]
        number = given[0].number if given else NO_NOTIFICATION
        kind, content = self.ask(frames.CALL, CALL.pack(service.encode(), method, number, *words) + bytes(body))
        if kind is None:
            raise BridgeDied("the bridge died while the call was under way")
        if kind != frames.RESULT:
            raise BridgeError(f"the bridge refused the request: reason {int.from_bytes(content, 'little')}")
        origin, error, *words = RESULT.unpack_from(content)
        if origin != ORIGIN_SERVER:
            raise self.trouble(origin, error, service)
        return error, words, content[RESULT.size:], ()

    def trouble(self, origin, error, service):
        if origin == ORIGIN_KERNEL:
            name, text = self.errors.get(error, (str(error), "unknown error"))
            return (ServerDied if name == "ERR_SERVER_DIED" else KernelRefused)(service, name, error, text)
        return {
            NO_SERVICE: NoService(f"no service {service!r}; there are {', '.join(self.services)}"),
            BUSY: Busy(f"all {self.hands} hands wait for an answer"),
            ENDED: CallEnded(f"the call of {service} was ended"),
            NO_SUCH_NOTIFICATION: BridgeError("the system has no such notification"),
        }.get(error, BridgeError(f"error {error}"))

    def background(self, function, *arguments, **options):
        """system.background(system.echo.later, 5000, "x").result()"""
        return Background(function, arguments, options)

    def cancel_all(self):
        """Ends the calls that are under way."""
        with self.changed:
            under_way = sorted(self.pending)
        for sequence in under_way:
            self.send(frames.encode(frames.CANCEL, sequence))

    def notification(self):
        """One that nothing else uses; there are 16."""
        with self.changed:
            number = next(n for n in range(16) if n not in self.notifications)
            self.notifications[number] = Notification(self, number)
            return self.notifications[number]
