#!/usr/bin/env python3
"""Measures svh on real films with known landmarks or labels: `build/real_films.py FILMS [--svh PATH] [--models DIR]`.

FILMS holds `dha/images` with `dha/landmarks.csv` (hand-placed joint centres) and `ra-wrists` with `labels.csv` (erosive 1 or 0).
- Finger-joint recall: of the ten finger joints that SvH scores, how many have their best box's centre within 0.15 palm
  widths of the landmark (palm width: landmarks of mcp_2 to mcp_5); a joint that only the shape model placed counts only in the last column.
- Wrists: area under the ROC curve of the sum of the six expected wrist erosion grades against the label.
Only the standard library is needed. Nothing is written.
"""

import argparse
import csv
import json
import math
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

FINGERS = [f"mcp_{n}" for n in range(1, 6)] + [f"pip_{n}" for n in range(2, 6)] + ["mcp_ip"]
REACH = 0.15  # palm widths


def lines(command):
    """The JSON lines that a command prints; its messages go through to stderr."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 2):
        sys.exit(f"{command[0]} ended with status {done.returncode}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def landmarks(path):
    """film name -> joint -> (x, y)"""
    found = defaultdict(dict)
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            found[row["film"]][row["joint"]] = (float(row["x_px"]), float(row["y_px"]))
    return found


def recall(svh, films):
    truth = landmarks(films / "dha" / "landmarks.csv")
    paths = [str(films / "dha" / "images" / name) for name in sorted(truth)]
    present = defaultdict(int)
    found = defaultdict(int)
    placed = defaultdict(int)
    errors = defaultdict(list)
    for film in lines(svh + ["detect", *paths, "--json"]):
        points = truth[Path(film["film"]).name]
        palm = math.dist(points["mcp_2"], points["mcp_5"])
        for task in ("narrowing", "erosion"):
            boxes = {d["joint"].split("_", 1)[1]: d for d in film["detections"] if d["task"] == task and (d["kept"] or d["from"] == "inferred")}
            for joint in FINGERS:
                if joint not in points or (task == "narrowing" and joint == "mcp_ip"):
                    continue
                present[task] += 1
                box = boxes.get(joint)
                if box is None:
                    print(f"  {film['film']}: no {task} box for {joint}")
                    continue
                x0, y0, x1, y1 = box["box"]
                error = math.dist(((x0 + x1) / 2, (y0 + y1) / 2), points[joint]) / palm
                hit = error <= REACH
                inferred = box["from"] == "inferred"
                found[task] += hit and not inferred
                placed[task] += hit
                errors[task].append(error)
                if not hit or inferred:
                    print(f"  {film['film']}: {task} {joint} {error:.2f} palm widths off, score {box['score']:.2f}, {box['from']}")
    print(f"{'task':<10} {'joints':>6} {'found':>6} {'recall':>7} {'median error':>13} {'with inferred':>14}")
    for task in present:
        print(f"{task:<10} {present[task]:>6} {found[task]:>6} {found[task] / present[task]:>7.3f} "
              f"{statistics.median(errors[task] or [math.nan]):>10.3f} pw {placed[task] / present[task]:>14.3f}")


def area_under_curve(positive, negative):
    wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    return wins / (len(positive) * len(negative))


def wrists(svh, films):
    with open(films / "ra-wrists" / "labels.csv", newline="") as file:
        labels = {row["film"]: int(row["erosive"]) for row in csv.DictReader(file)}
    sums = {0: [], 1: []}
    for name, label in sorted(labels.items()):
        for patient in lines(svh + ["score", str(films / "ra-wrists" / name), "--json"]):
            grades = [j["expected"] for column, j in patient["joints"].items() if "_wrist_E__" in column]
            print(f"  {name}: erosive {label}, {len(grades)} wrist joints graded, sum of expected grades {sum(grades):.2f}")
            sums[label].append(sum(grades))
    if sums[0] and sums[1]:
        print(f"wrists: {len(sums[1])} eroded, {len(sums[0])} whole, AUC {area_under_curve(sums[1], sums[0]):.3f}")
    else:
        print("wrists: no AUC, one of the groups has no graded film")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("films", type=Path)
    parser.add_argument("--svh", default="target/release/svh")
    parser.add_argument("--models")
    given = parser.parse_args()
    if not given.films.is_dir():
        sys.exit(f"{given.films} is no folder; name the one that holds dha/ and ra-wrists/")
    svh = [given.svh, "--quiet"] + (["--models", given.models] if given.models else [])
    recall(svh, given.films)
    wrists(svh, given.films)


if __name__ == "__main__":
    main()
