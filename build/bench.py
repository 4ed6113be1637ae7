#!/usr/bin/env python3
"""Measures what the README states of svh's speed, on this machine, and prints a table. The one argument is the folder of the programs.

The workbench runs in a pty of 100 x 40 cells (10 x 20 pixels each) that answers as a kitty terminal would, or not at all for the first frame,
which must not wait for an answer. Nothing is written but stdout.
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
from pathlib import Path

import beside_torchvision

TOP = Path(__file__).resolve().parent.parent
DEMO = TOP / "datasets" / "demo"
COLUMNS, ROWS = 100, 40
ANSWERS = {b"a=q": b"\x1b_Gi=31;OK\x1b\\", b"\x1b[>q": b"\x1bP>|kitty(0.42.1)\x1b\\", b"\x1b[16t": b"\x1b[6;20;10t", b"\x1b[c": b"\x1b[?62;22c"}
# What was measured: words, value, unit, aim.
rows = []


def row(what, value, unit, aim=None):
    rows.append((what, f"{value:.1f}" if isinstance(value, float) else f"{value}", unit, "" if aim is None else f"< {aim}"))


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
                sys.exit(f"bench: {words!r} never came")
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
        print("bench: no models, scoring is not measured", file=sys.stderr)
        return
    command = [svh, "score", str(DEMO), "--json", "--quiet", "--device", "cpu", "--patient"]
    began = time.perf_counter()
    subprocess.run([*command, patients[0]], stdout=subprocess.DEVNULL, check=True)
    row("svh score, one patient from the command line", time.perf_counter() - began, "s", 10)
    run = subprocess.Popen([*command, *patients[:2]], stdout=subprocess.PIPE, text=True)
    times = []
    for line in run.stdout:
        json.loads(line)
        times.append(time.perf_counter())
    run.wait()
    row("svh score, the second patient in one engine", times[1] - times[0], "s", 4)


def tables(programs):
    """Large cohorts, the figures of runs over them, and the screens that show them; works in a folder of some 2 GB, half a million empty files among it.

    Gives the lines of the screens, which have two figures each: median and slowest.
    """
    with tempfile.TemporaryDirectory() as folder:
        # The index of a cohort that is gone afterwards goes with it.
        environment = {**os.environ, "XDG_CACHE_HOME": f"{folder}/cache"}
        ran = subprocess.run([programs / "examples" / "bench_tables", f"{folder}/cohorts"], stdout=subprocess.PIPE, text=True, check=True, env=environment)
        screens = [programs / "examples" / "bench_tui", "figures", f"{folder}/cohorts/graded"]
        shown = subprocess.run(screens, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    for line in ran.stdout.splitlines():
        what, value, unit, aim = line.split("\t")
        row(what, float(value), unit, aim or None)
    return shown.stdout


def phantoms(svh):
    """Making films."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        subprocess.run([svh, "phantom", f"{folder}/cohort", "--patients", "4", "--seed", "1", "--quiet"], stdout=subprocess.DEVNULL, check=True)
        row("svh phantom, 367 patients (from 4)", (time.perf_counter() - began) * 367 / 4 / 60, "minutes", 10)


def main():
    svh = str(Path(sys.argv[1]).resolve() / "svh")
    if not DEMO.is_dir():
        sys.exit("bench: datasets/demo is not there")
    patients = [line.split(",")[0] for line in (DEMO / "training.csv").read_text().splitlines()[1:]]
    start(svh)
    frames(svh, patients[0].encode())
    painters(svh, patients[0].encode())
    scoring(svh, patients)
    phantoms(svh)
    screens = tables(Path(sys.argv[1]).resolve())
    compared = beside_torchvision.measure(Path(sys.argv[1]).resolve())
    width = max(len(what) for what, *_ in rows)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end")
    for what, value, unit, aim in rows:
        print(f"{what:<{width}}  {value:>8} {unit:<8} {aim}".rstrip())
    print(f"\nScreens of a run of 210,000 boxes and 1,000,000 grades, from key to frame\n{screens}", end="")
    beside_torchvision.show(compared)


if __name__ == "__main__":
    main()
