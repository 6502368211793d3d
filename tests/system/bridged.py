# SPDX-License-Identifier: MIT
"""A test system and typed calls of its servers (docs/testing.md, "Test your server"):

    @pytest.fixture(scope="module")
    def system():
        with bridged.connected("my-server") as system:
            yield system

    def test_it_answers(system):
        assert system.echo.say("hello").text == "hello"
"""

import contextlib
import sys

import session
from harness import Machine
from harness.images import ROOT, BootList, build_folder

sys.path.insert(0, str(ROOT / "tools"))
from bridge import System  # noqa: E402
from bridge.line import MachineLine  # noqa: E402


@contextlib.contextmanager
def connected(name, without=(), **options):
    """Boots the test system and connects; system.machine is the machine. without: modules to leave out."""
    options.setdefault("budget", 180.0)
    kind = session.test_system()
    if without:
        options["modules"] = [module for module in BootList(build_folder(), kind).modules if module[1] not in without]
    with Machine(name=name, system=kind, **options) as machine:
        if "shell" not in without:
            session.Session(machine).wait_prompt(60)
        with System(MachineLine(machine), build_folder() / "gen" / "python", timeout=20).connect(60) as system:
            system.machine = machine
            yield system


def refusal(error, function, *arguments):
    """Asserts that a call ends with this error of the server."""
    from interfaces.wire import ServerError  # generated: on the path from System on
    try:
        result = function(*arguments)
    except ServerError as refused:
        assert refused.name == error, refused
    else:
        raise AssertionError(f"wanted {error}, got {result}")


def processes(system):
    """{name: the newest living process} as init lists them."""
    from interfaces.wire import ServerError
    found = {}
    for index in range(100):
        try:
            process = system.init.process(index)
        except ServerError:
            return found
        if process.state == 1 and (process.name not in found or found[process.name].id < process.id):
            found[process.name] = process
    return found
