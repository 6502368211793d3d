# SPDX-License-Identifier: MIT
"""What a machine says on a serial line, gathered by a thread of its own."""

import threading
import time

POLL = 0.01


class Capture:
    def __init__(self):
        self._data = bytearray()
        self._changed = threading.Condition()
        self._thread = None

    def _add(self, data):
        with self._changed:
            self._data += data
            self._changed.notify_all()

    def _pump(self, line, path):
        with open(path, "wb") as file:
            while True:
                try:
                    data = line.recv(65536)
                except OSError:
                    data = b""
                self._add(data)
                if not data:
                    return
                file.write(data)
                file.flush()

    def _follow(self, path, process):
        while not path.exists() and process.poll() is None:
            time.sleep(POLL)
        with open(path, "rb") as file:
            while True:
                is_over = process.poll() is not None
                self._add(file.read())
                if is_over:
                    return
                time.sleep(POLL)

    def _start(self, function, *arguments):
        self._thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._thread.start()

    def from_socket(self, line, path):
        """Until the other end closes it; all of it goes to the file too."""
        self._start(self._pump, line, path)

    def from_file(self, path, process):
        """What the process writes to the file, until it has ended."""
        self._start(self._follow, path, process)

    def join(self):
        if self._thread:
            self._thread.join(5)

    def bytes(self, position=0):
        with self._changed:
            return bytes(self._data[position:])

    def wait(self, position, seconds):
        """What came behind a position; waits until there is something, b"" if there was nothing in time."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._data) > position, seconds)
            return bytes(self._data[position:])
