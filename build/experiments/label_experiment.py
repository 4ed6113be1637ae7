#!/usr/bin/env python3
"""How much labelling a model's proposals save: `build/experiments/label_experiment.py WORK --init WEIGHTS [--svh PATH] [options]`.

Three narrowing detectors of the same network, recipe and number of steps learn from synthetic patients:
  all        every label
  tenth      the labels of a tenth of the patients
  corrected  these, and for the other patients the `tenth` detector's proposals (`svh label`), reviewed by a simulated reader who corrects no more than
             necessary: a box whose IoU with the hidden truth is below --iou is moved onto it, a missing joint is drawn, a false box is deleted; everything
             else is accepted. The reader's lines lie in the cohort's reviews, and `svh export voc` applies them, as for a person.
All three are measured on patients that none has seen (`svh score`, `svh evaluate`). The table goes to stdout, everything to WORK/figures.json.

Finished parts in WORK are not repeated: rerun the same command to resume. Only the standard library is needed.
"""

import argparse
import csv
import json
import os
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

FOLDERS = ("images", "narrowing_labels", "erosion_labels")
CHECKOUT = Path(__file__).resolve().parent.parent.parent


def run(command, allowed=(0,), **more):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, **more)
    if done.returncode not in allowed:
        sys.exit(f"{' '.join(str(word) for word in command)} ended with status {done.returncode}")
    return done.stdout


def split(whole, out, patients, labelled):
    """A cohort of some patients, films as hard links, with the label files of `labelled` alone."""
    if out.exists():
        return
    for folder in FOLDERS:
        (out / folder).mkdir(parents=True)
        for path in sorted((whole / folder).iterdir()):
            patient = path.name.rsplit("-", 1)[0]
            if patient in patients and (folder == "images" or patient in labelled):
                os.link(path, out / folder / path.name)
    with open(whole / "training.csv", newline="") as source, open(out / "training.csv", "w", newline="") as target:
        rows = csv.reader(source)
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(next(rows))
        writer.writerows(row for row in rows if row[0] in patients)


def train(args, cohort, model, log):
    """Trains a detector, or resumes an interrupted training."""
    out = model / "detector-narrowing"
    if (out / "card.json").exists():
        return
    command = [args.svh, "train", "detector", "--task", "narrowing", "--cohort", cohort, "--out", out, "--init", args.init, "--seed", args.seed]
    command += ["--resume"] if (out / "checkpoint.safetensors").exists() else []
    with open(log, "a") as file:
        run([*command, "--", "--steps", args.steps, *shlex.split(args.engine)], stderr=file)


def boxes(path):
    """label -> (x0, y0, x1, y1), and the size of the film."""
    root = ET.parse(path).getroot()
    side = lambda box, name: float(box.find(name).text)
    found = {o.find("name").text: tuple(side(o.find("bndbox"), n) for n in ("xmin", "ymin", "xmax", "ymax")) for o in root.iter("object")}
    size = root.find("size")
    return found, [int(size.find("width").text), int(size.find("height").text)]


def iou(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    area = lambda box: (box[2] - box[0]) * (box[3] - box[1])
    return both / (area(a) + area(b) - both)


def review(cohort, truth, least):
    """Writes a simulated reader's lines for every film with proposals; returns what had to be done."""
    counts = {"films": 0, "boxes": 0, "accepted": 0, "moved": 0, "drawn": 0, "deleted": 0, "doubtful": 0, "doubtful_touched": 0}
    lines = []

    def line(film, patient, size, joint, what, box, before):
        moment = len(lines)
        stamp = f"2026-01-01T{moment // 3600000:02}:{moment // 60000 % 60:02}:{moment // 1000 % 60:02}.{moment % 1000:03}Z"
        entry = {"id": f"simulated/{moment + 1}", "time": stamp, "reader": "simulated", "patient": patient, "film": film, "size": size,
                 "task": "narrowing", "joint": joint, "do": what}
        if box is not None:
            entry["box"] = box
        entry["before"] = {} if before is None else {"box": before}
        lines.append(json.dumps(entry))
        counts[{"accept": "accepted", "move": "moved", "draw": "drawn", "delete": "deleted"}[what]] += 1

    for path in sorted((cohort / "narrowing_labels").iterdir()):
        text = path.read_text()
        if "<database>svh proposal" not in text:
            continue
        proposed, size = boxes(path)
        doubtful = {o.find("name").text for o in ET.fromstring(text).iter("object") if o.find("difficult").text == "1"}
        true, _ = boxes(truth / "narrowing_labels" / path.name)
        film, patient = next((cohort / "images").glob(path.stem + ".*")).name, path.stem.rsplit("-", 1)[0]
        counts["films"] += 1
        counts["boxes"] += len(true)
        counts["doubtful"] += len(doubtful)
        for joint in sorted(set(proposed) | set(true)):
            before, right = proposed.get(joint), true.get(joint)
            if before is None:
                line(film, patient, size, joint, "draw", right, None)
            elif right is None:
                line(film, patient, size, joint, "delete", None, before)
            elif iou(before, right) < least:
                line(film, patient, size, joint, "move", right, before)
            else:
                line(film, patient, size, joint, "accept", before, before)
                continue
            counts["doubtful_touched"] += joint in doubtful
    (cohort / "reviews").mkdir()
    (cohort / "reviews" / "simulated.jsonl").write_text("".join(entry + "\n" for entry in lines))
    return counts


def measured(args, heldout, model, name):
    """The detector's figures on the patients held out."""
    # `svh score` wants a scorer as well; which one does not matter to boxes.
    scorer = model / "scorer-narrowing"
    if not scorer.exists():
        scorer.symlink_to(CHECKOUT / "models" / "scorer-narrowing")
    out = heldout / "runs" / name
    # Status 2: films that were refused; their joints count as missed.
    run([args.svh, "score", heldout, "--models", model, "--out", out, "--quiet"], allowed=(0, 2))
    found = json.loads(run([args.svh, "evaluate", heldout, "--run", out, "--json"]))["detection"]["narrowing"]
    ap, ap50, ap75 = found["stats"][:3]
    return {"AP": ap, "AP50": ap50, "AP75": ap75, "true_boxes": found["true_boxes"], "missed": found["missed"],
            "false_positives": found["false_positives"], "recall_by_grade": found["recall_by_grade"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, help="the folder for cohorts, models and figures")
    parser.add_argument("--init", required=True, type=Path, help="weights to start from: a MobileNetV2's, or a detector's")
    parser.add_argument("--svh", type=Path, default=CHECKOUT / "target/release/svh")
    parser.add_argument("--patients", type=int, default=100, help="patients to learn from")
    parser.add_argument("--held-out", type=int, default=40, help="patients to measure on")
    parser.add_argument("--share", type=float, default=0.1, help="the share of patients whose labels `tenth` has")
    parser.add_argument("--iou", type=float, default=0.7, help="boxes below this IoU are corrected")
    parser.add_argument("--steps", type=int, default=1800)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--phantom-seed", type=int, default=91)
    parser.add_argument("--max-side", type=int, default=900, help="longest side of a film")
    parser.add_argument("--engine", default="--min-size 320 --max-size 416 --fpn-channels 64 --set box_batch=128 --learning-rate 0.01",
                        help="further options for `svh-engine train detector`, in one word: --engine='--batch 4' [default: %(default)s]")
    args = parser.parse_args()
    args.init = args.init.resolve()
    work = args.work
    work.mkdir(parents=True, exist_ok=True)

    whole = work / "cohort"
    if not whole.exists():
        run([args.svh, "phantom", whole, "--patients", args.patients + args.held_out, "--seed", args.phantom_seed, "--max-side", args.max_side, "--quiet"])
    patients = sorted({path.name.rsplit("-", 1)[0] for path in (whole / "images").iterdir()})
    learned, held_out = patients[: args.patients], patients[args.patients :]
    few = learned[: max(1, round(args.share * len(learned)))]
    split(whole, work / "heldout", held_out, held_out)
    split(whole, work / "all", learned, learned)
    split(whole, work / "tenth", few, few)
    split(whole, work / "mixed", learned, few)

    for name in ("all", "tenth"):
        train(args, work / name, work / "m" / name, work / f"{name}.log")
    corrected = work / "corrected"
    if not corrected.exists():
        # Status 2: some films were refused (too little seen to tell one limb from two); they get no labels and are not learned from.
        told = run([args.svh, "label", work / "mixed", "--models", work / "m" / "tenth", "--quiet"], allowed=(0, 2))
        print(told, file=sys.stderr)
        (work / "touched.json").write_text(json.dumps(review(work / "mixed", work / "all", args.iou)))
        run([args.svh, "export", "voc", work / "mixed", corrected])
    touched = json.loads((work / "touched.json").read_text())
    touched["share"] = (touched["moved"] + touched["drawn"] + touched["deleted"]) / touched["boxes"]
    train(args, corrected, work / "m" / "corrected", work / "corrected.log")

    figures = {name: measured(args, work / "heldout", work / "m" / name, name) for name in ("all", "tenth", "corrected")}
    report = {"options": {key: str(value) for key, value in vars(args).items() if key not in ("work", "svh", "init")}, "weights": args.init.name,
              "labels": {"all": len(learned), "tenth": len(few)}, "touched": touched, "figures": figures}
    (work / "figures.json").write_text(json.dumps(report, indent=1) + "\n")
    print(f"{'':<12}{'AP50':>8}{'AP75':>8}{'AP':>8}{'missed':>8}{'false':>8}")
    for name, found in figures.items():
        print(f"{name:<12}{found['AP50']:>8.4f}{found['AP75']:>8.4f}{found['AP']:>8.4f}{found['missed']:>8}{found['false_positives']:>8}")
    hand = touched["moved"] + touched["drawn"] + touched["deleted"]
    print(f"touched: {hand} of {touched['boxes']} boxes on {touched['films']} films ({100 * touched['share']:.1f} %): {touched['moved']} moved, "
          f"{touched['drawn']} drawn, {touched['deleted']} deleted; of {touched['doubtful']} doubtful proposals {touched['doubtful_touched']} were touched")


if __name__ == "__main__":
    main()
