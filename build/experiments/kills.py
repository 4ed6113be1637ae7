#!/usr/bin/env python3
"""Kills svh at random moments and resumes it: `build/experiments/kills.py [--svh PATH] [--kills 200] [--seed N] [--only KIND,...] [--out FIGURES.json]`.

Each trial starts a command over a small synthetic cohort, kills svh, its engine, or both (SIGKILL) at a moment drawn from the time that the command takes,
looks at what was left behind, and repeats that until the command succeeds. Three things must hold:
  nothing finished is lost        results, checkpoints and reviews that were on the disk are still there after the resume
  nothing half is read as whole   an output is absent, as it was before, or complete; a run that is not complete does not say that it is finished
  the result is the same          what the resumed command makes equals what an uninterrupted one made, byte for byte where that can be
The figures go to stdout, and to a file with --out. Only the standard library is needed.
"""

import argparse
import hashlib
import json
import os
import pty
import random
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from fcntl import ioctl
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent


class Fault(Exception):
    """Something that must hold did not."""


def check(holds, what):
    if not holds:
        raise Fault(what)


def children(pid):
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def tree(folder, leave=lambda name: False):
    """The files below a folder with the hashes of their bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    named = ((str(path.relative_to(folder)), path) for path in files)
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in named if not leave(name)}


def lines(path):
    """The whole lines of a file of JSON objects; a torn last one is none."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1] if line.strip()]


class Kind:
    """A command that is killed. `folder` holds one trial, from the first start to its success."""

    name = ""
    #: Kills of 200.
    share = 0
    #: Who is killed. A training outlives svh on purpose, so there the engine always dies.
    victims = ("svh", "engine", "both")

    def __init__(self, work):
        self.work = work
        self.reference = None
        self.seconds = 0.0

    def begin(self, folder):
        """Prepares a trial."""

    def command(self, folder):
        """What to run now: to begin, or to resume."""
        raise NotImplementedError

    def left(self, folder):
        """Looks at what a kill left behind, and gives what must not be lost from here on."""
        return None

    def keeps(self, folder, before):
        """That nothing of `before` is lost."""

    def result(self, folder):
        """What is compared with the uninterrupted command's."""
        raise NotImplementedError

    def measure(self):
        folder = self.work.folder()
        self.begin(folder)
        start = time.time()
        done = self.work.run(self.command(folder))
        check(done.returncode == 0, f"uninterrupted: status {done.returncode}: {done.stderr.decode(errors='replace')[-400:]}")
        self.seconds = time.time() - start
        self.reference = self.result(folder)
        shutil.rmtree(folder)


def by_key(results):
    """Results by patient and film; of two the later one counts. Films lie in another folder in each trial."""
    found = {}
    for line in results:
        if "film" in line:
            line["film"] = os.path.basename(line["film"])
        if "failed" not in line:
            found[("patient", line["patient"]) if "patient" in line else ("film", line["film"])] = line
    return found


class Score(Kind):
    name, share, words = "score", 45, ("score",)

    def begin(self, folder):
        self.work.copy(folder / "c")
        (folder / "table.csv").write_text("as it was before\n")

    def command(self, folder):
        return [*self.words, folder / "c", "--out", folder / "run", "--csv", folder / "table.csv"]

    def state(self, folder):
        listed = self.work.run(["runs", folder / "listed", "--json"]).stdout.decode()
        return [json.loads(line)["state"] for line in listed.splitlines()]

    def left(self, folder):
        results = by_key(lines(folder / "run/results.jsonl"))
        # `svh runs` lists the runs of a cohort.
        (folder / "listed/runs").mkdir(parents=True, exist_ok=True)
        link = folder / "listed/runs/run"
        if (folder / "run").is_dir() and not link.is_symlink():
            link.symlink_to("../../run")
        if results != self.reference[0]:
            check("finished" not in self.state(folder), "a run that is not complete says that it is finished")
        self.table(folder)
        return results

    def table(self, folder):
        text = (folder / "table.csv").read_text()
        check(text in ("as it was before\n", self.reference[1]), "the table is neither the old one nor complete")

    def keeps(self, folder, before):
        now = by_key(lines(folder / "run/results.jsonl"))
        check(all(now.get(key) == value for key, value in before.items()), "a result that was on the disk is gone or another one")

    def result(self, folder):
        table = folder / "table.csv"
        return by_key(lines(folder / "run/results.jsonl")), table.read_text() if table.exists() else ""


class Detect(Score):
    name, share = "detect", 25

    def begin(self, folder):
        self.work.copy(folder / "c")

    def command(self, folder):
        return ["detect", folder / "c/images", "--out", folder / "run"]

    def table(self, folder):
        pass


class Label(Kind):
    name, share = "label", 25

    def begin(self, folder):
        self.work.copy(folder / "c", films_only=True)

    def command(self, folder):
        return ["label", folder / "c"]

    def labels(self, folder):
        # A temporary file, hidden, may stay where svh was killed while it wrote one; nothing reads it.
        found = tree(folder / "c", lambda name: os.path.basename(name).startswith("."))
        return {name: hash for name, hash in found.items() if "_labels/" in name}

    def left(self, folder):
        found = self.labels(folder)
        check(all(self.reference.get(name) == hash for name, hash in found.items()), "a label file is not what it should become")
        return found

    def keeps(self, folder, before):
        now = self.labels(folder)
        check(all(now.get(name) == hash for name, hash in before.items()), "a label file is gone or another one")

    def result(self, folder):
        return self.labels(folder)


class Import(Kind):
    """A folder that appears whole or not at all."""

    name, share = "import", 20

    def command(self, folder):
        return ["import", "voc", self.work.cohort, folder / "out", "--films", "copy"]

    def left(self, folder):
        if (folder / "out").exists():
            check(self.result(folder) == self.reference, "a folder that is not complete is in its place")

    def result(self, folder):
        return tree(folder / "out")


class Export(Import):
    name, share, formats = "export", 25, ("voc", "coco", "parquet", "challenge")

    def begin(self, folder):
        (folder / "format").write_text(random.choice(self.formats))

    def command(self, folder):
        kind = (folder / "format").read_text()
        return ["export", kind, self.work.cohort, folder / "out", *(["--films", "copy"] if kind in ("voc", "coco") else [])]

    def measure(self):
        references = {}
        for kind in self.formats:
            folder = self.work.folder()
            (folder / "format").write_text(kind)
            start = time.time()
            check(self.work.run(self.command(folder)).returncode == 0, f"export {kind} failed")
            self.seconds = max(self.seconds, time.time() - start)
            references[kind] = self.made(folder)
        self.reference = references

    def made(self, folder):
        out = folder / "out"
        return tree(out) if out.is_dir() else hashlib.sha256(out.read_bytes()).hexdigest()

    def left(self, folder):
        if (folder / "out").exists():
            check(self.result(folder) == self.reference, "an export that is not complete is in its place")

    def result(self, folder):
        # Compared as a whole: the other formats are as they are.
        return {**self.reference, (folder / "format").read_text(): self.made(folder)}


class Training(Kind):
    name, share, victims = "training", 30, ("engine", "both")

    def begin(self, folder):
        self.work.copy(folder / "c")

    def command(self, folder):
        if (folder / "run/run.json").exists():
            return ["resume", folder / "run"]
        words = ["train", "scorer", "--task", "narrowing", "--cohort", folder / "c", "--out", folder / "m", "--run", folder / "run"]
        small = ["--arch", "svh_convnet", "--epochs", "2", "--batch", "8", "--epoch-samples", "48", "--checkpoint-every", "2", "--threads", "1"]
        return words + small

    def left(self, folder):
        if (folder / "m/card.json").exists() and (folder / "m/model.safetensors").exists():
            check(self.model(folder) == self.reference, "a model that is not the finished one has a card")
        return (folder / "m/checkpoint.safetensors").exists()

    def keeps(self, folder, before):
        if before:
            there = (folder / "m/checkpoint.safetensors").exists() or (folder / "m/card.json").exists()
            check(there, "a checkpoint is gone and no model is there")

    def model(self, folder):
        return hashlib.sha256((folder / "m/model.safetensors").read_bytes()).hexdigest()

    def result(self, folder):
        return self.model(folder)


class Protocol(Kind):
    name, share, victims = "protocol", 10, ("engine", "both")

    def command(self, folder):
        words = ["protocol", self.work.larger, "--out", folder / "out", "--small", "--held-out", "0.34", "--seed", "3"]
        words += ["--coco", CHECKOUT / "models/detector", "--detector-epochs", "1", "--scorer-epochs", "1", "--epoch-films", "4"]
        words += ["--epoch-crops", "16", "--crops", "labelled", "--detector-options=--min-size 160 --max-size 200 --validation-films 1 --threads 1"]
        words += ["--scorer-options=--size 32 --stages 2 --batch 8 --threads 1", "--convnet-options=--batch 8 --threads 1"]
        return words + (["--resume"] if (folder / "out/plan.json").exists() else [])

    def made(self, folder):
        made = {name: hash for name, hash in tree(folder / "out").items() if name.startswith(("predictions", "split.json"))}
        figures = folder / "out/protocol.json"
        # It names the folders of its runs, which lie elsewhere in each trial.
        return {**made, "protocol.json": figures.read_text().replace(str(folder), "")} if figures.exists() else made

    def left(self, folder):
        found = self.made(folder) if (folder / "out").exists() else {}
        check(all(self.reference.get(name) == hash for name, hash in found.items()), "a file of the protocol is not what it should become")
        return found

    def keeps(self, folder, before):
        now = self.made(folder)
        check(all(now.get(name) == hash for name, hash in before.items()), "a file of the protocol is gone or another one")

    def result(self, folder):
        return self.made(folder)


class Reviews(Kind):
    """The workbench in a terminal, in which a reader grades joint after joint."""

    name, share = "reviews", 20

    def measure(self):
        self.seconds = 4.0

    def trial(self, folder):
        """Three sessions of one cohort; all but the last are killed. Returns the number of kills."""
        self.work.copy(folder / "c")
        saved = []
        for session in range(3):
            self.session(folder, random.uniform(1.0, self.seconds) if session < 2 else None)
            files = sorted((folder / "c/reviews").glob("*.jsonl")) if (folder / "c/reviews").exists() else []
            now = [line for file in files for line in lines(file)]
            check(all(line in now for line in saved), "a review that was on the disk is gone")
            listed = self.work.run(["reviews", folder / "c", "--log", "--json"])
            told = [json.loads(line) for line in listed.stdout.decode().splitlines()]
            check({line["id"] for line in told} == {line["id"] for line in now}, "the log is not what the files hold")
            saved = now
        check(len(saved) > 0, "no review was written at all")
        table = folder / "table.csv"
        check(self.work.run(["export", "challenge", folder / "c", table]).returncode == 0, "the reviews cannot be exported")
        return 2

    def session(self, folder, until):
        environment = {**os.environ, "TERM": "xterm-256color", "XDG_CACHE_HOME": str(folder / "cache")}
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(self.work.svh, [str(self.work.svh), str(folder / "c"), "--images", "off", "--reader", "anna"], environment)
        ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        seen, start = b"", time.time()

        def wait(word, seconds=30):
            nonlocal seen
            end = time.time() + seconds
            while word not in seen and time.time() < end:
                if select.select([terminal], [], [], 0.05)[0]:
                    try:
                        seen += os.read(terminal, 1 << 16)
                    except OSError:
                        return
            check(word in seen, f"the screen never showed {word.decode()}")

        try:
            wait(b"PHA001")
            os.write(terminal, b"\r")
            wait(b"hand")
            os.write(terminal, b"V")
            time.sleep(0.8)
            start = time.time()
            for count in range(400):
                if until is not None and time.time() - start > until:
                    break
                if until is None and count > 12:
                    break
                os.write(terminal, random.choice([b"1", b"2", b"3", b"0"]))
                time.sleep(random.uniform(0.01, 0.06))
                os.write(terminal, b"\x1b[B")
                while select.select([terminal], [], [], 0.02)[0]:
                    os.read(terminal, 1 << 16)
            if until is None:
                time.sleep(0.5)
                os.write(terminal, b"q")
                end = time.time() + 10
                while is_alive(pid) and time.time() < end:
                    if select.select([terminal], [], [], 0.1)[0]:
                        os.read(terminal, 1 << 16)
        except OSError:
            pass
        finally:
            kill(children(pid) + [pid])
            os.waitpid(pid, 0)
            os.close(terminal)


class Work:
    """The folder of everything, and the program."""

    def __init__(self, svh, folder):
        self.svh = svh
        self.root = folder
        self.cohort = folder / "cohort"
        self.larger = folder / "larger"
        self.count = 0
        for out, patients in ((self.cohort, 3), (self.larger, 6)):
            made = self.run(["phantom", out, "--patients", str(patients), "--seed", "5", "--max-side", "400"])
            check(made.returncode == 0, made.stderr.decode())
            # One side of each patient is enough, and takes half the time.
            for film in [*out.rglob("*-RH.*"), *out.rglob("*-RF.*")]:
                film.unlink()

    def words(self, words):
        return [str(word) for word in [self.svh, "--device", "cpu", "--quiet", *words]]

    def run(self, words):
        return subprocess.run(self.words(words), stdin=subprocess.DEVNULL, capture_output=True, timeout=1200)

    def folder(self):
        self.count += 1
        folder = self.root / f"trial-{self.count}"
        folder.mkdir()
        return folder

    def copy(self, to, films_only=False):
        leave = shutil.ignore_patterns("*_labels") if films_only else None
        shutil.copytree(self.cohort, to, ignore=leave)

    def killed(self, words, after, whom):
        """Runs a command and kills it after some seconds; False where it ended before that."""
        process = subprocess.Popen(self.words(words), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.time() + after
        while time.time() < end and process.poll() is None:
            time.sleep(0.005)
        if process.poll() is not None:
            return False
        engines = children(process.pid)
        kill({"svh": [process.pid], "engine": engines, "both": [process.pid, *engines]}[whom])
        process.wait(600)
        limit = time.time() + 60
        while any(is_alive(pid) for pid in engines):
            check(time.time() < limit, "the engine outlives svh")
            time.sleep(0.02)
        return True


def trial(kind, work, most):
    """One trial; returns how many kills it took."""
    folder = work.folder()
    if isinstance(kind, Reviews):
        kills = kind.trial(folder)
        shutil.rmtree(folder)
        return kills
    kind.begin(folder)
    kills = 0
    while kills < min(most, random.randint(1, 3)):
        if not work.killed(kind.command(folder), random.uniform(0.0, kind.seconds * 1.1), random.choice(kind.victims)):
            break
        kills += 1
        before = kind.left(folder)
        if kills < most and random.random() < 0.5:
            continue
        done = work.run(kind.command(folder)) if needs_more(kind, folder) else None
        if done is not None and done.returncode != 0:
            raise Fault(f"the resume ends with status {done.returncode}: {done.stderr.decode(errors='replace').strip()[-300:]}")
        kind.keeps(folder, before)
        break
    if needs_more(kind, folder):
        done = work.run(kind.command(folder))
        check(done.returncode == 0, f"the resume ends with status {done.returncode}: {done.stderr.decode(errors='replace').strip()[-300:]}")
    check(kind.result(folder) == kind.reference, "the resumed result is not the uninterrupted one's")
    shutil.rmtree(folder)
    return kills


def needs_more(kind, folder):
    """Whether the command was killed before its output was in place: one that ended needs no second start, and refuses it."""
    if isinstance(kind, Import):
        return not (folder / "out").exists()
    if isinstance(kind, Training):
        info = folder / "run/run.json"
        return not (info.exists() and json.loads(info.read_text())["status"] == "finished")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svh", type=Path, default=CHECKOUT / "target/release/svh")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--work", type=Path, help="folder for the trials, which stays [default: a temporary one]")
    options = parser.parse_args()
    random.seed(options.seed)
    kinds = [Score, Detect, Label, Import, Export, Training, Protocol, Reviews]
    kinds = [kind for kind in kinds if not options.only or kind.name in options.only.split(",")]
    total = sum(kind.share for kind in kinds)
    figures = {}
    with tempfile.TemporaryDirectory(prefix="svh-kills-") as temporary:
        root = options.work or Path(temporary)
        root.mkdir(parents=True, exist_ok=True)
        work = Work(options.svh.resolve(), root)
        for make in kinds:
            kind, wanted = make(work), max(1, round(options.kills * make.share / total))
            row = figures[kind.name] = {"kills": 0, "trials": 0, "faults": []}
            try:
                kind.measure()
            except (Fault, subprocess.TimeoutExpired) as fault:
                row["faults"].append(f"before any kill: {fault}")
                continue
            while row["kills"] < wanted and row["trials"] < 4 * wanted:
                row["trials"] += 1
                try:
                    row["kills"] += trial(kind, work, wanted - row["kills"])
                except (Fault, subprocess.TimeoutExpired) as fault:
                    row["kills"] += 1
                    row["faults"].append(f"trial {work.count}: {fault}")
                    print(f"{kind.name}: {row['faults'][-1]}", file=sys.stderr, flush=True)
            print(f"{kind.name:<10} {row['kills']:>4} kills in {row['trials']} trials, {len(row['faults'])} faults", flush=True)
    if options.out:
        options.out.write_text(json.dumps(figures, indent=1) + "\n")
    faults = sum(len(row["faults"]) for row in figures.values())
    print(f"{'all':<10} {sum(row['kills'] for row in figures.values()):>4} kills, {faults} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
