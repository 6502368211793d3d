# SPDX-License-Identifier: MIT
"""`make screenshot`: boots the ISO as a user would, types a little, and keeps the picture for README.md."""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))
from harness import Machine, Verdict  # noqa: E402

PROMPT = "annulet> "
COMMANDS = ["help", "run hello", "ps", "echo every key and every character is a message"]


def last_line(machine):
    lines = [line for line in machine.screen_text().splitlines() if line.strip()]
    return lines[-1] if lines else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("commands", nargs="*", default=COMMANDS)
    options = parser.parse_args()
    try:
        with Machine(name="screenshot", boot="iso", build=options.build.resolve(), budget=90) as machine:
            machine.wait_screen(PROMPT)
            for command in options.commands:
                machine.type_text(command + "\n")
                machine.wait(lambda: last_line(machine).rstrip() == PROMPT.rstrip(), f"the prompt after `{command}`")
            machine.screendump(options.output.resolve())
    except Verdict as verdict:
        sys.exit(str(verdict))
    print(f"  PNG     {options.output}")


main()
