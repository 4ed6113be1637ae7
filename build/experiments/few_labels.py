#!/usr/bin/env python3
"""What 20, 50 or 200 labelled patients of other films are worth: `build/experiments/few_labels.py LABELLED TEST WORK [--counts 20,50,200] [--task narrowing]`.

LABELLED and TEST are cohorts of one kind that the shipped scorer does not know (another rendering, another hospital). For each count, the scorer is
trained on (`svh train scorer --init`) from the shipped one on the first so many patients of LABELLED, always for the same number of steps, and TEST is
scored and evaluated, as with the shipped scorer untouched (count 0). Boxes are the detector's. The table goes to stdout, everything to WORK/figures.json.

Finished parts in WORK are not repeated: rerun the same command to resume. Only the standard library is needed.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDERS = ("images", "narrowing_labels", "erosion_labels")
CHECKOUT = Path(__file__).resolve().parent.parent.parent


def run(command, also=(), **more):
    """What the command prints; it has to end with 0 or a status of `also`."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, **more)
    if done.returncode not in (0, *also):
        sys.exit(f"{' '.join(str(word) for word in command)} ended with status {done.returncode}")
    return done.stdout


def part(whole, out, count):
    """The first `count` patients of a cohort, films and label files as hard links."""
    if (out / "training.csv").exists():
        return
    shutil.rmtree(out, ignore_errors=True)
    with open(whole / "training.csv", newline="") as source:
        head, *rows = csv.reader(source)
    if count > len(rows):
        sys.exit(f"{whole} has {len(rows)} patients; ask for at most as many, not {count}")
    patients = {row[0] for row in rows[:count]}
    for folder in FOLDERS:
        (out / folder).mkdir(parents=True)
        for path in sorted((whole / folder).iterdir()):
            if path.name.rsplit("-", 1)[0] in patients:
                os.link(path, out / folder / path.name)
    with open(out / "training.csv", "w", newline="") as target:
        csv.writer(target, lineterminator="\n").writerows([head, *rows[:count]])


def train(args, count):
    """A folder of models whose scorer has learned from `count` patients."""
    name = f"scorer-{args.task}"
    models = args.work / f"models-{count}"
    if not models.exists():
        shutil.copytree(args.models, args.work / "copying", dirs_exist_ok=True)
        if count:
            shutil.rmtree(args.work / "copying" / name)
        (args.work / "copying").rename(models)
    if count and not (models / name / "card.json").exists():
        cohort = args.work / f"labelled-{count}"
        part(args.labelled, cohort, count)
        started = (models / name / "checkpoint.safetensors").exists()
        command = [args.svh, "--quiet", "train", "scorer", "--task", args.task, "--cohort", cohort, "--out", models / name, "--init", args.models / name, "--seed", args.seed]
        command += ["--epochs", 1, "--learning-rate", args.rate] + (["--resume"] if started else [])
        run([*command, "--", "--epoch-samples", args.steps * args.batch, "--batch", args.batch, "--head", "ordinal", "--soft", 0.3, "--held-out", 0.05,
             "--frequencies", args.labelled, "--threads", args.threads])
    return models


def evaluate(args, models, count):
    """scale -> kappa and accuracy on the test cohort; a film that is refused (status 2) is left out, the same one for every model."""
    kept = args.work / f"run-{count}"
    if not (kept / "tables.json").exists():
        run([args.svh, "--quiet", "--models", models, "score", args.test, "--out", kept, "--csv", args.work / f"grades-{count}.csv"], also=[2])
    graded = json.loads(run([args.svh, "--quiet", "evaluate", args.test, "--run", kept, "--json"]))["grading"]
    return {scale: {key: round(one[key], 3) for key in ("n", "qwk", "accuracy")} for scale, one in graded.items() if args.task in scale}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labelled", type=Path, help="cohort whose first patients are learned from")
    parser.add_argument("test", type=Path, help="cohort of the same kind, other patients")
    parser.add_argument("work", type=Path, help="folder for everything that is made")
    parser.add_argument("--counts", default="20,50,200", help="numbers of labelled patients [default: %(default)s]")
    parser.add_argument("--task", default="narrowing", choices=("narrowing", "erosion"))
    parser.add_argument("--models", type=Path, default=CHECKOUT / "models", help="the models to begin with [default: the shipped ones]")
    parser.add_argument("--svh", default=CHECKOUT / "target/release/svh", help="the program [default: %(default)s]")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", default="0.002")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--threads", default="1")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    figures = {}
    for count in [0, *map(int, args.counts.split(","))]:
        figures[count] = evaluate(args, train(args, count), count)
        print(f"{count:4} patients: " + json.dumps(figures[count]), flush=True)
        (args.work / "figures.json").write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
