#!/usr/bin/env python3
"""Shows svh on a machine with an NVIDIA card and PyTorch; see README.md beside this.

    run.py show  OUT [--minutes M]     what it finds, parity, speed, faults
    run.py phantoms DIR                the recipe's cohorts, made beforehand or beside `show`: they take processor time, not the card's
    run.py train OUT [--minutes M] [--cohorts DIR]     the networks that ship, trained longer
    --rehearse                         the same on the CPU with tiny sizes
    --programs DIR                     svh and svh-engine lie there instead of in .gpu/programs.tar.xz
    --only WORD,...                    only steps whose name has one of these words (and what they need)
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import faults  # noqa: E402
import parity  # noqa: E402
import speed  # noqa: E402
import trainings  # noqa: E402
from bounded import Session  # noqa: E402
from machine import Machine  # noqa: E402


def about(machine):
    """The machine, its programs and its torch."""
    session = machine.session
    for name, command in {
        "card": ["nvidia-smi", "--query-gpu=name,memory.total,memory.used,driver_version", "--format=csv,noheader"],
        "kernel": ["uname", "-r"],
        "glibc": ["ldd", "--version"],
        "cores": ["nproc"],
        "python": [sys.executable, "-c", "import sys, torch, torchvision; print(sys.version.split()[0], torch.__version__, torchvision.__version__, torch.cuda.is_available())"],
        "svh": [machine.svh, "--version"],
    }.items():
        try:
            status, output, errors = session.run(command, 60, env=machine.plain)
            session.keep(name, (output or errors).strip().splitlines()[:1])
        except OSError as error:
            session.keep(name, [str(error)])
    session.say(f"machine: {', '.join(str(value[0] if value else '') for key, value in session.results['steps']['machine'].items() if key != 'error')}")


def doctor(machine):
    """`svh doctor` with nothing said: it must find the installed torch and through it the card."""
    session = machine.session
    status, output, errors = session.run([machine.svh, "doctor", "--json"], 60, env=machine.plain)
    report = json.loads(output)
    session.keep("report", report)
    checks = {check["name"]: f"{check['found']} {check.get('advice', '')}".strip() for check in report["checks"]}
    session.say(f"doctor: {checks.get('libtorch')}; {checks.get('devices')}")
    machine.found_card = "cuda:" in checks.get("devices", "")


class Preparation:
    """The paper's networks are made beside the first steps, which measure no time."""

    def __init__(self, machine):
        session = machine.session
        command = [sys.executable, Path(__file__).parent / "prepare.py", machine.scratch, machine.svh]
        log = session.log_file
        self.process = session.start(command, lasting=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=machine.plain)

    def wait(self):
        if self.process.wait():
            raise RuntimeError(f"prepare.py ended with status {self.process.returncode}; its words are in the log")


def show(machine):
    session, only = machine.session, machine.only
    preparation = Preparation(machine)
    tiny = machine.rehearse
    plan = [
        ("machine", 45, lambda: about(machine)),
        ("doctor", 45, lambda: doctor(machine)),
        ("parity of the models that ship", 60, lambda: parity.shipped(machine)),
        ("the paper's networks are made", 120, preparation.wait),
        ("parity of the paper's networks", 60, lambda: parity.networks(machine)),
        ("patients", 60, lambda: speed.patients(machine)),
        ("shards on one card", 75, lambda: speed.shards(machine)),
        ("speed of the paper's networks", 60, lambda: speed.networks(machine)),
        ("training steps", 70, lambda: speed.training(machine)),
        ("workbench", 30, lambda: speed.workbench(machine)),
        ("fault: engine killed", 25, lambda: faults.killed(machine)),
        ("fault: memory short", 40, lambda: faults.short_memory(machine)),
        ("fault: cards hidden", 30, lambda: faults.hidden(machine)),
        ("fault: two engines", 35, lambda: faults.two(machine)),
        ("largest batch", 30, lambda: speed.largest(machine)),
    ]
    for name, seconds, work in plan:
        if not only or any(word in name for word in only.split(",")) or name == "the paper's networks are made":
            session.step(name, seconds * (6 if tiny else 1), work)
        if name == "doctor" and not (tiny or only or machine.found_card):
            # Nothing else can succeed, and the machine's time is better spent after that is mended.
            session.say("no card was found: the other steps are left out")
            return


def train(machine):
    session, tiny = machine.session, machine.rehearse
    session.step("machine", 45, lambda: about(machine))
    session.step("phantoms", 200 if not tiny else 600, lambda: trainings.phantoms(machine, machine.cohorts))
    # Evaluating takes a minute and can be done elsewhere; a short session trains instead.
    evaluate = session.left() > 300
    reserve = 60 if evaluate else 0
    session.step("trainings", session.left() - reserve, lambda: trainings.train(machine, session.left() - reserve - 15), reserve=3)
    if evaluate:
        session.step("evaluation", 120, lambda: trainings.measured(machine), reserve=3)


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("what", choices=["show", "phantoms", "train"])
    words.add_argument("out", type=Path)
    words.add_argument("--minutes", type=float, default=7.5)
    words.add_argument("--rehearse", action="store_true")
    words.add_argument("--programs", type=Path)
    words.add_argument("--only")
    words.add_argument("--cohorts", type=Path)
    options = words.parse_args()
    session = Session(options.out, options.minutes * 60)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        try:
            session.at = "start"
            machine = Machine(session, scratch, options.rehearse, options.programs)
            machine.only, machine.cohorts = options.only, options.cohorts
            {"show": show, "phantoms": lambda machine: trainings.phantoms(machine, options.out), "train": train}[options.what](machine)
        finally:
            session.close()


if __name__ == "__main__":
    main()
