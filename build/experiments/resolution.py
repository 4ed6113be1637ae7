#!/usr/bin/env python3
"""What svh does with coarse films: `build/experiments/resolution.py [--patients 40] [--seed 41] [--real FILMS] [--svh PATH] [--json OUT]`.

Synthetic patients are scored at full size and with their films reduced 2 to 12 times (means of squares of pixels, as a coarse detector takes them): recall of
the labelled boxes at IoU 0.5, joints left open as unfamiliar or for too few pixels, and quadratic kappa by scale and by the side of a joint's box in pixels,
which is what svh measures a film by. Kappa counts open joints too, as the scorer would grade them. What svh draws from it stands in src/core/src/coarse.rs.
With --real the healthy real films (laid out as for real_films.py) are reduced the same way and reported apart: false units a limb, joints found. No number
is to be fitted on them. Needs Pillow.
"""

import argparse
import csv
import dataclasses
import json
import math
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from PIL import Image

CHECKOUT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(CHECKOUT / "build"))
from judge import engine, films as real, measures  # noqa: E402

FACTORS = (1, 2, 3, 4, 5, 6, 8, 10, 12)
# Sides of a joint's box in pixels; a bin holds those from one to the next.
SIDES = (0, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 24, 28, 34, 40, 48, 56, 68, 80, 96, 113, 1e9)
JOINTS = {(row["limb"], row["joint"], task): row for task in ("narrowing", "erosion")
          for row in json.loads((CHECKOUT / "src/core/data/joints.json").read_text())[task]}
SCALES = ("narrowing", "erosion of hands", "erosion of feet")


def reduced(source, to, factor):
    """A film as a detector with so many times coarser pixels would have it."""
    film = Image.open(source)
    size = (max(1, round(film.width / factor)), max(1, round(film.height / factor)))
    film = film.convert("I;16" if film.mode.startswith("I") else "L") if film.mode not in ("L", "I;16") else film
    film.resize(size, Image.Resampling.BOX).save(to) if factor != 1 else film.save(to)
    return size


def cohort(source, to, factor):
    (to / "images").mkdir(parents=True)
    for film in sorted((source / "images").iterdir()):
        reduced(film, to / "images" / f"{film.stem}.png", factor)
    (to / "training.csv").write_bytes((source / "training.csv").read_bytes())


def labels(source, factor):
    """(film, task, joint) -> box, in pixels of the reduced film."""
    found = {}
    for task in ("narrowing", "erosion"):
        for path in (source / f"{task}_labels").glob("*.xml"):
            for item in ElementTree.parse(path).iter("object"):
                corners = [float(item.find(f"bndbox/{name}").text) / factor for name in ("xmin", "ymin", "xmax", "ymax")]
                found[path.stem, task, item.findtext("name")] = corners
    return found


def iou(a, b):
    width, height = (max(0, min(a[i + 2], b[i + 2]) - max(a[i], b[i])) for i in (0, 1))
    area = lambda box: (box[2] - box[0]) * (box[3] - box[1])
    both = width * height
    return both / (area(a) + area(b) - both)


def kappa(pairs):
    """Cohen's, with quadratic weights; None where one side has one grade only."""
    if not pairs:
        return None
    n = len(pairs)
    observed = sum((a - b) ** 2 for a, b in pairs) / n
    expected = sum((a - b) ** 2 for a, _ in pairs for _, b in pairs) / n ** 2 if n <= 2000 else by_counts(pairs)
    return 1 - observed / expected if expected else None


def by_counts(pairs):
    count = lambda side: {grade: sum(pair[side] == grade for pair in pairs) for grade in {pair[side] for pair in pairs}}
    return sum(m * n * (a - b) ** 2 for a, m in count(0).items() for b, n in count(1).items()) / len(pairs) ** 2


def scale(row, task):
    return "narrowing" if task == "narrowing" else "erosion of hands" if row["limb"][1] == "H" else "erosion of feet"


def score(svh, cohort, run):
    done = subprocess.run([str(svh), "--device", "cpu", "--quiet", "score", str(cohort), "--json", "--out", str(run)], stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 2):
        sys.exit(f"svh ended with status {done.returncode}")
    return [json.loads(line) for line in (run / "results.jsonl").read_text().splitlines()]


def side_of(box):
    return ((box[2] - box[0]) * (box[3] - box[1])) ** 0.5


def most_probable(found):
    return max(range(len(found["probabilities"])), key=found["probabilities"].__getitem__)


def median(values):
    return sorted(values)[len(values) // 2] if values else None


def measure(source, results, factor, places):
    """Recall, joints left open, and by scale the pairs of grades (reader, model); `places` gathers them with the side of the joint's box."""
    truth = labels(source, factor)
    table = {row["Patient_ID"]: row for row in csv.DictReader(open(source / "training.csv"))}
    boxes = {(Path(line["film"]).stem, found["task"], found["joint"]): found["box"]
             for line in results if "detections" in line for found in line["detections"] if found["kept"]}
    hits = sum(key in boxes and iou(boxes[key], box) >= 0.5 for key, box in truth.items())
    pairs, sides, wanted, unfamiliar, small = {name: [] for name in SCALES}, {name: [] for name in SCALES}, 0, 0, 0
    for line in (line for line in results if "joints" in line):
        for (limb, name, task), row in JOINTS.items():
            reader = table[line["patient"]].get(row["ra2_column"], "")
            key = (f"{line['patient']}-{limb}", task, f"{limb}_{name}")
            # A foot's erosion box is narrowing's.
            box = truth.get(key) or truth.get((key[0], "narrowing", key[2]))
            if not box or reader in ("", "NA"):
                continue
            wanted += 1
            of, side = scale(row, task), side_of(box)
            sides[of].append(side)
            left_open = line.get("open", {}).get(row["ra2_column"])
            if left_open:
                few = left_open["reason"] == "too few pixels to grade"
                small, unfamiliar = small + few, unfamiliar + (not few)
            # What the scorer would say counts for open joints too: this is what is to be found out.
            found = line["joints"].get(row["ra2_column"]) or left_open
            if found:
                pairs[of].append((int(float(reader)), most_probable(found)))
                places.setdefault(of, []).append((side, *pairs[of][-1]))
    return {
        "factor": factor, "recall": hits / len(truth), "graded": sum(map(len, pairs.values())) / wanted, "unfamiliar": unfamiliar / wanted, "few": small / wanted,
        "scales": {name: {"side": median(sides[name]), "kappa": kappa(pairs[name]), "n": len(pairs[name])} for name in SCALES},
    }


def half(rows, name):
    """The side at which kappa falls under half of the full film's: between two reductions by the logarithm of the side, at the last crossing."""
    whole = rows[0]["scales"][name]["kappa"]
    for coarser, finer in zip(rows[:0:-1], rows[-2::-1]):
        a, b = coarser["scales"][name], finer["scales"][name]
        low, high = a["kappa"] or 0.0, b["kappa"] or 0.0
        if low < whole / 2 <= high:
            return math.exp(math.log(a["side"]) + (math.log(b["side"]) - math.log(a["side"])) * (whole / 2 - low) / (high - low))
    return None


def real_rows(svh, folder, scratch):
    """The healthy real films, reduced: false units a limb and joints found."""
    chosen = [film for film in real.films(folder, False) if film.group in ("children", "adults", "feet", "damaged")]
    for factor in FACTORS:
        small = []
        for film in chosen:
            path = scratch / f"real-{factor}" / film.group / f"{film.path.stem}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            reduced(film.path, path, factor)
            small.append(dataclasses.replace(film, path=path, landmarks={name: (x / factor, y / factor) for name, (x, y) in film.landmarks.items()}))
        yield factor, measures.measure(small, engine.run(svh, None, small))


def show(value, width=9):
    return f"{'-':>{width}}" if value is None else f"{value:>{width}.2f}" if isinstance(value, float) else f"{value:>{width}}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svh", type=Path, default=CHECKOUT / "target/release/svh")
    parser.add_argument("--patients", type=int, default=40)
    parser.add_argument("--seed", type=int, default=41)
    parser.add_argument("--real", type=Path, help="the folder of real films")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    svh, figures, places = options.svh.resolve(), {"phantoms": [], "sides": [], "real": []}, {}
    with tempfile.TemporaryDirectory(prefix="svh-resolution-") as scratch:
        scratch = Path(scratch)
        source = scratch / "full"
        subprocess.run([str(svh), "--quiet", "phantom", str(source), "--patients", str(options.patients), "--seed", str(options.seed), "--grades", "even"], check=True)
        print(f"{options.patients} synthetic patients with all grades; by scale: kappa, median side of the joints' boxes in pixels, joints")
        print(f"{'reduced':>8}{'recall':>9}{'found':>9}{'unfamiliar':>12}{'few px':>9}" + "".join(f"{name:>26}" for name in SCALES))
        for factor in FACTORS:
            cohort(source, scratch / f"c{factor}", factor)
            row = measure(source, score(svh, scratch / f"c{factor}", scratch / f"run{factor}"), factor, places)
            figures["phantoms"].append(row)
            of = "".join(f"{show(part['kappa'], 12)}{part['side']:>7.1f}{part['n']:>7}" for part in row["scales"].values())
            print(f"{factor:>7}x{row['recall']:>9.3f}{row['graded']:>9.3f}{row['unfamiliar']:>12.3f}{row['few']:>9.3f}{of}", flush=True)
        figures["half"] = {name: half(figures["phantoms"], name) for name in SCALES}
        print("kappa falls under half at a side of " + ", ".join(f"{name} {show(value, 0)}" for name, value in figures["half"].items()))
        print(f"\nkappa by the side of the joint's own box, all reductions together\n{'pixels':>12}" + "".join(f"{name:>18}{'n':>7}" for name in SCALES))
        for low, high in zip(SIDES, SIDES[1:]):
            of = {name: [(a, b) for side, a, b in places.get(name, []) if low <= side < high] for name in SCALES}
            row = {"from": low, "to": high, **{name: kappa(pairs) if len(pairs) >= 100 else None for name, pairs in of.items()}, "n": {name: len(pairs) for name, pairs in of.items()}}
            figures["sides"].append(row)
            print(f"{low:>5} to {high if high < 1e9 else '':>4}" + "".join(show(row[name], 18) + f"{row['n'][name]:>7}" for name in SCALES), flush=True)
        if options.real:
            print("\nreal films (nothing is fitted on them)")
            for factor, measured in real_rows(svh, options.real, scratch):
                figures["real"].append({"factor": factor, **measured})
                print(f"{factor:>7}x {json.dumps(measured)[:600]}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
