# SPDX-License-Identifier: MIT
"""tools/call, as a person uses it: on a test system that tools/run.py has started."""

import os
import signal
import subprocess
import sys
import time

import pytest
import session
from harness.images import ROOT, build_folder, make


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The folder of a build whose test system runs, as `make run-tests` starts it, with no display."""
    session.test_system()
    made = make("test-iso")
    assert made.returncode == 0, made.stderr
    build = tmp_path_factory.mktemp("run")  # a socket of its own, or two runs at a time would meet
    for name in ("gen", "tests/annulet.iso"):
        (build / name).parent.mkdir(exist_ok=True)
        (build / name).symlink_to(build_folder() / name)
    with open(build / "output", "wb") as output:
        process = subprocess.Popen([sys.executable, ROOT / "tools" / "run.py", "--build", build, "--system", "tests",
                                    "--display", "none"], stdout=output, stderr=output, start_new_session=True)
    limit = time.monotonic() + 60
    while not (build / "tests" / "com2.sock").exists() and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.05)
    yield build
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(10)


def call(build, *words, stdin=""):
    return subprocess.run([sys.executable, ROOT / "tools" / "call", "--build", build, "--timeout", "60", *words], input=stdin,
                          capture_output=True, text=True, timeout=90, check=False)


def test_a_call_from_the_command_line(running):
    done = call(running, "echo.say", "hello")
    assert (done.returncode, done.stdout) == (0, "text = 'hello'\n"), done.stderr


def test_numbers_on_the_command_line(running):
    assert call(running, "vga.move", "0", "0x0").returncode == 0
    assert call(running, "vga.write", "hello").returncode == 0
    assert call(running, "vga.read_cells", "0", "0", "5").stdout == f"cells = {bytes('h e l l o ', 'ascii').replace(b' ', bytes([7]))!r}\n"


def test_arguments_of_a_program_on_the_command_line(running):
    done = call(running, "init.spawn", "say", "from", "outside")
    assert done.stdout.startswith("id = ")


def test_without_arguments_it_lists_what_there_is(running):
    listed = call(running).stdout
    assert "vga.write(text)" in listed and "init.spawn(name, arguments=b'', ended=None)" in listed


def test_an_error_is_one_line_and_an_exit_code(running):
    done = call(running, "init.spawn", "nobody")
    assert done.returncode == 1 and done.stderr == "ServerError: spawn: ERR_NOT_FOUND, nothing has that name or number\n"


def test_a_method_that_does_not_exist_is_an_error_too(running):
    assert call(running, "vga.shine").returncode == 1


def test_the_prompt_has_the_system(running):
    done = call(running, "-i", stdin='print(system.echo.say("typed").text)\n')
    assert done.returncode == 0 and "typed" in done.stdout


def test_without_a_running_system_it_says_how_to_start_one(tmp_path):
    done = call(tmp_path, "vga.write", "hello")
    assert done.returncode == 1 and "make run-tests" in done.stderr
