"""Scores 200 film sets on a real Slurm of two nodes on loopback, kills a task, then a node's daemon with all tasks, in the middle, and compares with one machine's run.

    python3 build/slurm_trial.py START BIN [--sets 200] [--tasks 8] [--films COHORT]

START is a script that starts Slurm on loopback (`START DIR` prints the line that sets SLURM_CONF, `START DIR stop` ends it; Debian's slurm-wlm and munge, root). BIN is the
folder of svh and svh-engine; SVH_ENGINE may name another engine. Not part of `make test`: it takes minutes of CPU time. The results of both runs must be equal line for line after sorting.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **more)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def cohort(svh, folder, sets, films):
    """Film sets of one hand each: ten small phantoms, or the left hands of another cohort, under many names."""
    if films is None:
        films = folder / "phantoms"
        run(svh, "phantom", films, "--patients", 10, "--seed", 15, "--max-side", 500, "--quiet")
    hands = sorted((films / "images").glob("*-LH.*"))
    images = folder / "cohort/images"
    images.mkdir(parents=True)
    for number in range(sets):
        hand = hands[number % len(hands)]
        shutil.copy(hand, images / f"S{number:04}-LH{hand.suffix}")
    return folder / "cohort"


def lines(run_folder):
    found = []
    for path in [*run_folder.glob("results.jsonl"), *run_folder.glob("shards/*/results.jsonl")]:
        for line in path.read_text().splitlines():
            value = json.loads(line)
            if "film" in value:
                value["film"] = Path(value["film"]).name
            found.append(json.dumps(value, sort_keys=True))
    return sorted(found)


def scorers(out):
    """The processes of the run's tasks."""
    found = subprocess.run(["pgrep", "-f", "--", f"--out {out} --shard"], capture_output=True, text=True)
    return [int(pid) for pid in found.stdout.split()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("start", type=Path)
    parser.add_argument("bin", type=Path)
    parser.add_argument("--sets", type=int, default=200)
    parser.add_argument("--tasks", type=int, default=8)
    parser.add_argument("--films", type=Path)
    asked = parser.parse_args()
    svh = asked.bin.resolve() / "svh"
    folder = Path(tempfile.mkdtemp(prefix="svh-slurm-"))
    films = cohort(svh, folder, asked.sets, asked.films)
    begin = time.monotonic()
    run(svh, "score", films, "--out", folder / "alone", "--quiet", "--device", "cpu")
    print(f"one machine: {asked.sets} film sets in {time.monotonic() - begin:.0f} s")
    slurm = folder / "slurm"
    os.environ["SLURM_CONF"] = run(asked.start, slurm).strip().split("=", 1)[1]
    try:
        begin = time.monotonic()
        out = folder / "array"
        print(run(svh, "slurm", films, "--out", out, "--tasks", asked.tasks, "--cpus-per-task", 2, "--submit", "--device", "cpu"), end="")
        done = lambda: sum(1 for line in lines(out) if '"patient"' in line) if out.exists() else 0
        while done() < asked.sets // 8 or not scorers(out):
            time.sleep(0.2)
        # One task alone: its job fails, nobody requeues it, and `--resubmit` finds it missing.
        task = scorers(out)[0]
        os.kill(task, signal.SIGKILL)
        print(f"killed a task (kill -9) after {done()} film sets")
        while done() < asked.sets // 4:
            time.sleep(0.2)
        # The daemon of one node, and whatever runs on it, without a word.
        daemon = int((slurm / "run/n1.pid").read_text())
        tasks = scorers(out)
        os.kill(daemon, signal.SIGKILL)
        for pid in tasks:
            # Tasks that have ended meanwhile lose nothing.
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        at = done()
        print(f"killed the daemon of node n1 and {len(tasks)} tasks after {at} film sets")
        subprocess.run(["slurmd", "-N", "n1"], check=True)
        last = time.monotonic()
        while True:
            time.sleep(3)
            status = json.loads(run(svh, "slurm", "--out", out, "--status", "--json"))
            if status["finished"] == asked.tasks:
                break
            alive = [task["task"] for task in status["tasks"] if task["task"] and task["task"]["state"] in ("RUNNING", "PENDING", "CONFIGURING", "COMPLETING")]
            if not alive:
                print(run(svh, "slurm", "--out", out, "--resubmit"), end="")
            if time.monotonic() - last > 1800:
                sys.exit("the array did not finish in 30 minutes")
        while json.loads((out / "run.json").read_text())["status"] != "finished":
            if time.monotonic() - last > 1800:
                sys.exit("the last job did not finish the run")
            time.sleep(1)
        print(f"array of {asked.tasks} tasks: {time.monotonic() - begin:.0f} s")
    finally:
        run(asked.start, slurm, "stop")
    one, many = lines(folder / "alone"), lines(out)
    repeated = len(many) - len(set(many))
    print(f"lines: {len(one)} of one machine, {len(many)} of the array, {repeated} of them twice; equal after sorting: {one == sorted(set(many)) and not repeated}")
    print(f"tables: {sorted(path.name for path in out.glob('*.parquet'))}")
    if one != many:
        sys.exit(f"the runs differ; see {folder}")
    shutil.rmtree(folder)


main()
