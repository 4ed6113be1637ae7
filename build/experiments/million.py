"""What a million films cost beside the networks: index, listing, run, Parquet, first opening, evaluation, time and memory each.

    python3 build/experiments/million.py BIN FOLDER [--films 100000] [--list 1000000]

Makes two cohorts in FOLDER and leaves them there. `list` has --list films that are empty files: what opening and listing costs. `run` has --films films, readers' grades and boxes of the demo under
many names, and is scored by a stand-in for svh-engine that answers with the demo's results (some 11 KB a film): what svh itself costs a run, its tables and its evaluation. BIN is the
folder of svh. Multiply the rows of `run` by 1,000,000 / films; each row says whether it is proportional.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
DEMO = TOP / "datasets/demo"
LIMBS = ["LH", "RH", "LF", "RF"]
sys.path.insert(0, str(TOP / "build"))

ENGINE = '''#!/usr/bin/env python3
import json, sys
results = [json.loads(line) for line in open({results!r})]
films, patients = {{}}, {{}}
for line in results:
    if "film" in line:
        name = line["film"].rsplit("/", 1)[-1].rsplit(".", 1)[0]
        films[name] = line
    elif "patient" in line:
        patients[line["patient"]] = line
names = sorted(patients)
say = lambda **event: sys.stdout.write(json.dumps(event, separators=(",", ":")) + "\\n")
say(event="ready", version="0.1.0", libtorch="2.11.0", device="cpu", devices=[["cpu", "CPU"]],
    models=[dict(name="demo", arch="stand_in", task=task, sha256="0" * 64) for task in ("narrowing", "erosion")])
sys.stdout.flush()
for line in sys.stdin:
    request = json.loads(line)
    id = request["id"]
    if request["request"] == "score":
        name = names[int(request["patient"][1:]) % len(names)]
        for film in request["films"]:
            limb = film["path"].rsplit("-", 1)[-1].split(".")[0]
            if name + "-" + limb in films:
                say(event="film", id=id, result=dict(films[name + "-" + limb], film=film["path"]))
        say(event="patient", id=id, result=dict(patients[name], patient=request["patient"]))
    say(event="done", id=id)
    sys.stdout.flush()
'''


def row(what, value, unit, scale):
    print(f"{what:<58} {value:>10.1f} {unit:<9} {scale}", flush=True)


def measured(what, words, scale, env=None):
    """Seconds and megabytes of a program; its stdout."""
    begin = time.perf_counter()
    process = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    out, error = process.stdout.read(), process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(map(str, words))} ended with {status}: {error.decode()[-500:]}")
    row(what, time.perf_counter() - begin, "s", scale)
    row("  its CPU time", used.ru_utime + used.ru_stime, "s", scale)
    row("  its memory at most", used.ru_maxrss / 1024, "MB", scale)
    return out


def first_frame(svh, cohort, words, what):
    """From the start to a table with this patient, in a pty."""
    import bench

    terminal = bench.Terminal([str(svh), str(cohort)], environment={"XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]})
    row(what, terminal.wait_for(words, 300), "s", "proportional")
    terminal.rest(1.0)
    kilobytes = next(int(line.split()[1]) for line in Path(f"/proc/{terminal.pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    ticks = Path(f"/proc/{terminal.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    row("  its CPU time, a second at rest included", sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"), "s", "proportional")
    row("  its memory at most", kilobytes / 1024, "MB", "proportional")
    terminal.close()


def listing(svh, folder, films):
    cohort = folder / "list"
    if not cohort.exists():
        (cohort / "images").mkdir(parents=True)
        for patient in range(films // 4):
            for limb in LIMBS:
                open(cohort / f"images/L{patient:07}-{limb}.png", "w").close()
    # What changed a moment ago is not trusted to an index.
    time.sleep(3)
    cache = folder / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    os.environ["XDG_CACHE_HOME"] = str(cache)
    row("films, empty files", films, "", "")
    first_frame(svh, cohort, b"L0000000", "workbench, first opening until the table is there")
    row("  the index", sum(path.stat().st_size for path in cache.rglob("*") if path.is_file()) / 1e6, "MB", "proportional")
    first_frame(svh, cohort, b"L0000000", "workbench, opened again")
    measured("svh summary", [svh, "summary", cohort, "--json"], "proportional")


def scored(svh, folder, films):
    cohort, demo_run = folder / "run", next((DEMO / "runs").iterdir())
    patients = films // 4
    if not cohort.exists():
        (cohort / "images").mkdir(parents=True)
        table = (DEMO / "training.csv").read_text().splitlines()
        rows = {line.split(",", 1)[0]: line.split(",", 1)[1] for line in table[1:]}
        names = sorted(rows)
        with open(cohort / "training.csv", "w") as out:
            out.write(table[0] + "\n")
            for patient in range(patients):
                out.write(f"R{patient:07},{rows[names[patient % len(names)]]}\n")
        for task in ("narrowing_labels", "erosion_labels"):
            (cohort / task).mkdir()
        for patient in range(patients):
            name = names[patient % len(names)]
            for limb in LIMBS:
                open(cohort / f"images/R{patient:07}-{limb}.png", "w").close()
                for task in ("narrowing_labels", "erosion_labels"):
                    labels = DEMO / task / f"{name}-{limb}.xml"
                    if labels.exists():
                        link(labels, cohort / task / f"R{patient:07}-{limb}.xml", patient)
    engine = folder / "svh-engine"
    engine.write_text(ENGINE.format(results=str(demo_run / "results.jsonl")))
    engine.chmod(0o755)
    env = {**os.environ, "SVH_ENGINE": str(engine)}
    run = cohort / "runs/r"
    shutil.rmtree(run, ignore_errors=True)
    row("films, with readers' boxes and grades", films, "", "")
    time.sleep(3)
    measured("svh score by the stand-in, with its Parquet", [svh, "score", cohort, "--out", run, "--quiet"], "proportional", env)
    row("  results.jsonl", (run / "results.jsonl").stat().st_size / 1e6, "MB", "proportional")
    row("  all Parquet of the run", sum(path.stat().st_size for path in run.glob("*.parquet")) / 1e6, "MB", "proportional")
    measured("svh export parquet of the run", [svh, "export", "parquet", cohort, folder / "exported", "--run", "r", "--quiet"], "proportional")
    shutil.rmtree(folder / "exported")
    measured("svh runs", [svh, "runs", cohort, "--json"], "proportional")
    measured("svh evaluate, with intervals", [svh, "evaluate", cohort, "--run", "r", "--json", "--quiet"], "proportional")
    first_frame(svh, cohort, b"R0000000", "workbench, first opening until the table is there")


def link(source, target, number):
    """A hard link, or a copy where a file has as many links as it can have."""
    cache = link.copies.setdefault((source, number // 30000), target)
    if cache == target:
        shutil.copy(source, target)
    else:
        os.link(cache, target)


link.copies = {}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bin", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--films", type=int, default=100_000)
    parser.add_argument("--list", type=int, default=1_000_000)
    asked = parser.parse_args()
    svh = asked.bin.resolve() / "svh"
    folder = asked.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    listing(svh, folder, asked.list)
    scored(svh, folder, asked.films)


main()
