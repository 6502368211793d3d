# SPDX-License-Identifier: MIT
"""Lines to a running system: a socket that QEMU made of COM2, and the machine of a test."""

import select
import socket
import threading


class Socket:
    """COM2 as `make run-tests` offers it: a socket in the build folder."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.lock = threading.Lock()

    def send(self, data):
        with self.lock:
            self.socket.sendall(data)

    def receive(self, seconds):
        ready, _, _ = select.select([self.socket], [], [], seconds)
        if not ready:
            return b""
        return self.socket.recv(65536) or None

    def close(self):
        self.socket.close()


class MachineLine:
    """COM2 of a tests/harness Machine, which collects what comes."""

    def __init__(self, machine):
        self.machine, self.position, self.lock = machine, 0, threading.Lock()

    def send(self, data):
        with self.lock:
            self.machine.com2_send(data)

    def receive(self, seconds):
        data = self.machine.com2_wait(self.position, seconds)
        if data:
            self.position += len(data)
        elif self.machine.process is None or self.machine.process.poll() is not None:
            return None
        return data
