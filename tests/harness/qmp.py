# SPDX-License-Identifier: MIT
"""QEMU's monitor protocol over a socket: one JSON object a line, answers in order, events in between (QMP 1.0)."""

import json
import time


class QmpClosed(Exception):
    """QEMU went away before it answered."""


class QmpError(Exception):
    """QEMU refused the command."""


class Qmp:
    def __init__(self, socket):
        self.socket = socket
        self.buffer = b""
        self.events = []

    def _line(self, deadline):
        while b"\n" not in self.buffer:
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                data = self.socket.recv(65536)
            except (ConnectionError, TimeoutError) as error:
                raise QmpClosed(str(error) or type(error).__name__) from error
            if not data:
                raise QmpClosed("end of file")
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def greet(self, deadline):
        self._line(deadline)
        self.command("qmp_capabilities", deadline=deadline)

    def command(self, name, arguments=None, deadline=None):
        """Executes a command and returns what it returns. deadline: time.monotonic(), default in 20 s."""
        deadline = deadline or time.monotonic() + 20
        request = {"execute": name}
        if arguments is not None:
            request["arguments"] = arguments
        try:
            self.socket.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise QmpClosed(str(error)) from error
        while True:
            answer = self._line(deadline)
            if "event" in answer:
                self.events.append(answer)
                if self.shut_down():
                    # QEMU 7.2 can stick in its own monitor_cleanup() when a command arrives while it goes down.
                    deadline = min(deadline, time.monotonic() + 1)
            elif "error" in answer:
                raise QmpError(answer["error"]["desc"])
            else:
                return answer["return"]

    def shut_down(self):
        """The reason of QEMU's SHUTDOWN event, or None while there was none."""
        return next((event["data"].get("reason") for event in self.events if event["event"] == "SHUTDOWN"), None)

    def drain(self, seconds=1.0):
        """Takes the events that have arrived, and those of the next moment."""
        try:
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                answer = self._line(deadline)
                if "event" in answer:
                    self.events.append(answer)
        except (QmpClosed, ValueError):
            pass
