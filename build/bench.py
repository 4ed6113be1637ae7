#!/usr/bin/env python3
"""Measures the speeds that src/workbench/README.md lists, on this machine. The one argument is the folder of the programs.

Each figure is printed as soon as it is measured. A part that fails costs one sentence on stderr and its own figures; the other parts are still measured, and
the exit status is 1.

The workbench runs in a pty of 100 x 40 cells (10 x 20 pixels each) that answers as a kitty terminal would, or not at all for the first frame,
which must not wait for an answer. Only stdout is written.
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
import traceback
from pathlib import Path

import beside_torchvision

TOP = Path(__file__).resolve().parent.parent
DEMO = TOP / "datasets" / "demo"
COLUMNS, ROWS = 100, 40
ANSWERS = {b"a=q": b"\x1b_Gi=31;OK\x1b\\", b"\x1b[>q": b"\x1bP>|kitty(0.42.1)\x1b\\", b"\x1b[16t": b"\x1b[6;20;10t", b"\x1b[c": b"\x1b[?62;22c"}
WIDTH = 72


class Failed(Exception):
    """Why a part could not be measured, in one sentence."""


def row(what, value, unit, aim=None):
    """Prints a figure: what it is, value, unit, aim."""
    value = f"{value:.1f}" if isinstance(value, float) else f"{value}"
    print(f"{what:<{WIDTH}}  {value:>8} {unit:<8} {'' if aim is None else f'< {aim}'}".rstrip(), flush=True)


class Terminal:
    """A program in a pty."""

    def __init__(self, command, answers=True, environment=()):
        self.bytes = b""
        self.answers = answers
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            env = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
            env.update(environment)
            # The window has its size before the program looks.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, COLUMNS * 10, ROWS * 20))
            os.execve(command[0], command, env)

    def read(self, seconds):
        """Takes what comes within this time; whether anything came."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            piece = os.read(self.fd, 1 << 20)
        except OSError:
            return False
        self.bytes += piece
        if self.answers:
            for question, answer in ANSWERS.items():
                if question in piece:
                    os.write(self.fd, answer)
        return bool(piece)

    def wait_for(self, words, seconds=20):
        """Seconds from the start until these bytes have come."""
        end = time.perf_counter() + seconds
        while words not in self.bytes:
            if time.perf_counter() > end:
                raise Failed(f"svh did not show {words.decode(errors='replace')!r} within {seconds} s")
            self.read(0.05)
        return time.perf_counter() - self.started

    def rest(self, quiet=0.4):
        while self.read(quiet):
            pass

    def key(self, keys):
        """Milliseconds until the first and until the last byte that a key causes, and their number."""
        before, pressed, first, last = len(self.bytes), time.perf_counter(), None, None
        os.write(self.fd, keys)
        while self.read(1.0 if first is None else 0.02):
            last = time.perf_counter()
            first = first or last
        if first is None:
            return None, None, 0
        return (first - pressed) * 1e3, (last - pressed) * 1e3, len(self.bytes) - before

    def close(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def start(svh):
    """Starting without doing anything."""
    times = []
    for _ in range(25):
        began = time.perf_counter()
        subprocess.run([svh, "--version"], stdout=subprocess.DEVNULL, check=True)
        times.append((time.perf_counter() - began) * 1e3)
    row("svh --version, median of 25", statistics.median(times), "ms", 30)
    libraries = subprocess.run(["ldd", svh], stdout=subprocess.PIPE, text=True).stdout
    row("libraries of torch that svh is linked to", len(re.findall("torch", libraries)), "", 1)


def frames(svh, patient):
    """First frame, a key, and a frame in which nothing has changed."""
    times = []
    for _ in range(5):
        terminal = Terminal([svh, str(DEMO)], answers=False)
        times.append(terminal.wait_for(patient) * 1e3)
        terminal.close()
    row("first frame of the demo, terminal never answers, median of 5", statistics.median(times), "ms", 100)
    terminal = Terminal([svh, str(DEMO)])
    terminal.wait_for(patient)
    terminal.rest()
    keys = [terminal.key(key)[0] for key in [b"\x1b[B", b"\x1b[A"] * 8]
    row("key to frame in the table, after idle, median of 16", statistics.median(keys), "ms", 16)
    row("the same, slowest", max(keys), "ms", 16)
    terminal.key(b"\r")
    terminal.rest(1.0)
    keys = []
    for key in [b"\x1b[B", b"\x1b[A"] * 8:
        keys.append(terminal.key(key)[0])
        terminal.rest(0.5)
    row("key to frame on a film (kitty), after idle, median of 16", statistics.median(keys), "ms", 16)
    row("a key that changes nothing on a film (kitty)", terminal.key(b"\x1b[A")[2], "bytes", 100)
    terminal.close()


def painters(svh, patient):
    """Bytes of a film: what opening the film's screen costs beyond the same screen without pictures."""
    def opened(*options, **settings):
        terminal = Terminal([svh, str(DEMO), "--images", *options], **settings)
        terminal.wait_for(patient)
        terminal.rest()
        before = len(terminal.bytes)
        terminal.key(b"\r")
        terminal.rest(1.0)
        terminal.close()
        return len(terminal.bytes) - before

    without = opened("off")
    for how, aim in (("kitty", 200), ("iterm", 100), ("sixel", None), ("half", 100)):
        row(f"a film by {how}, {COLUMNS} x {ROWS} cells", (opened(how) - without) / 1e3, "KB", aim)
    row("a film by half in 256 colours", (opened("half", environment={"COLORTERM": ""}) - without) / 1e3, "KB", 100)


def scoring(svh, patients):
    """One patient from nothing, and the next one in the same engine."""
    if not any((TOP / "models").glob("*/card.json")):
        raise Failed("models/ holds no model")
    command = [svh, "score", str(DEMO), "--json", "--quiet", "--device", "cpu", "--patient"]
    began = time.perf_counter()
    subprocess.run([*command, patients[0]], stdout=subprocess.DEVNULL, check=True)
    row("svh score, one patient from the command line", time.perf_counter() - began, "s", 10)
    run = subprocess.Popen([*command, *patients[:2]], stdout=subprocess.PIPE, text=True)
    times = []
    for line in run.stdout:
        json.loads(line)
        times.append(time.perf_counter())
    if run.wait() or len(times) < 2:
        raise Failed(f"`svh score` of two patients ended with status {run.returncode} and {len(times)} results")
    row("svh score, the second patient in one engine", times[1] - times[0], "s", 4)


def tables(programs):
    """Large cohorts, the figures of runs over them, and the screens that show them; needs some 2 GB for a temporary folder with half a million empty files.

    The lines of the screens have two figures each: median and slowest.
    """
    with tempfile.TemporaryDirectory() as folder:
        # The index of a cohort that is gone afterwards goes with it.
        environment = {**os.environ, "XDG_CACHE_HOME": f"{folder}/cache"}
        ran = subprocess.run([programs / "examples" / "bench_tables", f"{folder}/cohorts"], stdout=subprocess.PIPE, text=True, check=True, env=environment)
        for line in ran.stdout.splitlines():
            what, value, unit, aim = line.split("\t")
            row(what, float(value), unit, aim or None)
        screens = [programs / "examples" / "bench_tui", "metrics", f"{folder}/cohorts/graded"]
        shown = subprocess.run(screens, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    print(f"\nScreens of a run of 210,000 boxes and 1,000,000 grades, from key to frame\n{shown.stdout}", end="", flush=True)


def phantoms(svh):
    """Making films."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        subprocess.run([svh, "phantom", f"{folder}/cohort", "--patients", "4", "--seed", "1", "--max-side", "1000", "--quiet"], stdout=subprocess.DEVNULL, check=True)
        row("svh phantom, 367 patients of 1000 pixels (from 4)", (time.perf_counter() - began) * 367 / 4 / 60, "minutes", 15)


def main():
    if not DEMO.is_dir():
        sys.exit("bench: datasets/demo is missing; make bench runs in a checkout")
    programs = Path(sys.argv[1]).resolve()
    svh = str(programs / "svh")
    patients = [line.split(",")[0] for line in (DEMO / "training.csv").read_text().splitlines()[1:]]
    parts = (
        ("start-up", lambda: start(svh)),
        ("frames", lambda: frames(svh, patients[0].encode())),
        ("bytes of a film", lambda: painters(svh, patients[0].encode())),
        ("scoring", lambda: scoring(svh, patients)),
        ("phantoms", lambda: phantoms(svh)),
        ("large cohorts", lambda: tables(programs)),
        ("the comparison with torchvision", lambda: beside_torchvision.show(beside_torchvision.measure(programs))),
    )
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start", flush=True)
    failed = 0
    for name, measure in parts:
        try:
            measure()
        except subprocess.CalledProcessError as error:
            command = " ".join(str(word) for word in error.cmd[:3])
            reason = f"`{command} ...` ended with status {error.returncode}"
        except (Failed, beside_torchvision.Failed, OSError, SystemExit) as error:
            reason = str(error)
        except Exception as error:  # a fault of this script must not cost the other figures either
            traceback.print_exc()
            reason = f"{type(error).__name__}: {error}"
        else:
            continue
        failed += 1
        print(f"bench: {name} could not be measured: {reason}", file=sys.stderr, flush=True)
    print(f"load {os.getloadavg()[0]:.1f} at the end")
    if failed:
        sys.exit(f"bench: {failed} of {len(parts)} parts could not be measured, see above; the other figures stand")


if __name__ == "__main__":
    main()
