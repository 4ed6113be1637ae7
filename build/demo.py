#!/usr/bin/env python3
"""Makes the demo cohort (datasets/demo) again: its films, the recorded run, the pictures in the READMEs.

    python3 build/demo.py films OUT       the cohort without its run, by the phantom of this checkout, into the new folder OUT
    python3 build/demo.py score           the recorded run, by the models of this checkout; then what `errors` prints
    python3 build/demo.py errors          the errors of boxes in the recorded run that change a total
    python3 build/demo.py pictures OUT    the pictures of src/workbench/screenshots that show the demo, into OUT; --take puts them in their place (needs Pillow)

`make build` first; CARGO_TARGET_DIR is looked at as by make, and `--bin FOLDER` names the folder of programs instead. datasets/demo/README.md says when to run what.
"""

import argparse
import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent
DEMO = pathlib.Path("datasets/demo")
RUN = DEMO / "runs" / "shipped"
SCREENSHOTS = TOP / "src" / "workbench" / "screenshots"

# The patients: what the phantom is asked for, and the new ids of those that are taken.
PARTS = [
    (["--patients", "8", "--seed", "2026"], {f"PHA00{n}": f"PHA00{n}" for n in range(1, 9)}),
    # The twelfth of the severe patients outside the ranges of the training films: the detector misses some of its joints.
    (["--patients", "12", "--seed", "2029", "--setting", "outside", "--grades", "even"], {"PHA012": "PHO001"}),
]
# The picture of a cohort with visits is not of the demo.
ELSEWHERE = {"progression"}


def call(command, cwd=TOP, **options):
    done = subprocess.run([str(word) for word in command], cwd=cwd, stdin=subprocess.DEVNULL, **options)
    if done.returncode != 0:
        sys.exit(f"demo: {command[0]} {command[1]} ended with {done.returncode}")
    return done


def films(svh, out):
    out = pathlib.Path(out).resolve()
    if out.exists():
        sys.exit(f"demo: {out} exists; name a new folder")
    rows, parts = [], []
    for words, ids in PARTS:
        with tempfile.TemporaryDirectory() as scratch:
            made = pathlib.Path(scratch) / "cohort"
            command = ["phantom", made, *words, "--max-side", "1000", "--quiet"]
            call([svh, *command])
            for part in ["images", "narrowing_labels", "erosion_labels"]:
                (out / part).mkdir(parents=True, exist_ok=True)
                for file in sorted((made / part).iterdir()):
                    old, rest = file.name.split("-", 1)
                    if old not in ids:
                        continue
                    target = out / part / f"{ids[old]}-{rest}"
                    if part == "images":
                        shutil.copyfile(file, target)
                    else:
                        # A label file names its film.
                        target.write_text(file.read_text().replace(f"{old}-", f"{ids[old]}-"))
            with open(made / "training.csv", newline="") as table:
                header, *lines = csv.reader(table)
            rows += [[ids[line[0]], *line[1:]] for line in lines if line[0] in ids]
            recipe = json.loads((made / "phantom.json").read_text())
            parts.append({"ids": ids, **recipe} if any(old != new for old, new in ids.items()) else recipe)
    with open(out / "training.csv", "w", newline="") as table:
        csv.writer(table, lineterminator="\n").writerows([header, *rows])
    (out / "phantom.json").write_text(json.dumps(parts, indent=2) + "\n")
    print(f"{out}: {len(rows)} patients")


def score(svh):
    shutil.rmtree(TOP / RUN, ignore_errors=True)
    call([svh, "score", DEMO, "--out", RUN, "--device", "cpu", "--quiet"], stdout=subprocess.DEVNULL)
    sanitise(TOP / RUN)
    errors(svh)


def sanitise(folder):
    """Takes out of a run where and by which process it was written, what only a resumed run needs, and the tables that svh makes again."""
    shutil.rmtree(folder / "attempts", ignore_errors=True)
    for table in [*folder.glob("*.parquet"), folder / "tables.json"]:
        table.unlink(missing_ok=True)
    info = json.loads((folder / "run.json").read_text())
    info["command"] = ["svh", "score", str(DEMO), "--out", str(RUN)]
    info["cohort"]["path"] = str(DEMO)
    info["process"] = {"id": 0, "host": ""}
    for name in ["attempt", "cwd", "folder", "options"]:
        info.pop(name, None)
    (folder / "run.json").write_text(json.dumps(info, indent=2))
    told = [file.name for file in folder.iterdir() if str(TOP) in file.read_text()]
    if told:
        sys.exit(f"demo: {', '.join(told)} in {folder} name{'s' if len(told) == 1 else ''} folders of this machine")


def errors(svh):
    """The errors of boxes that cost points of a total, costliest first."""
    with tempfile.TemporaryDirectory() as scratch:
        table = pathlib.Path(scratch) / "errors.csv"
        call([svh, "evaluate", DEMO, "--run", RUN.name, "--csv", table, "--table", "errors"], stdout=subprocess.DEVNULL)
        with open(table, newline="") as lines:
            boxes = [line for line in csv.DictReader(lines) if line["effect"] not in ("", "0")]
    print(f"boxes that change a total at the default threshold: {len(boxes)}")
    for line in sorted(boxes, key=lambda line: -abs(int(line["effect"])))[:10]:
        print(f"  {line['effect']:>3}  {line['kind']:<13} {line['patient']} {line['joint']} {line['task']}, score {line['score']}, IoU {line['iou']}")


def pictures(example, out, take):
    names = sorted({file.stem for file in SCREENSHOTS.glob("*.png")} - ELSEWHERE)
    with tempfile.TemporaryDirectory() as scratch:
        # The cohort's path is on the screens; what is reviewed and compared there is written into the copy.
        shutil.copytree(TOP / DEMO, pathlib.Path(scratch) / "demo")
        call([example, "demo", pathlib.Path(out).resolve(), "120x40", *names], cwd=scratch)
    if take:
        for name in names:
            put(pathlib.Path(out) / f"{name}.png", SCREENSHOTS / f"{name}.png")


def put(picture, place):
    """A picture of 256 colours takes a third, and no eye sees the difference."""
    try:
        from PIL import Image
    except ImportError:
        sys.exit("demo: pictures are made small with Pillow before they are put in their place; pip install pillow")
    colours = Image.open(picture).convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    colours.save(place, optimize=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["films", "score", "errors", "pictures"])
    parser.add_argument("out", nargs="?", help="folder for films or pictures")
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or TOP / "target") / "release")
    parser.add_argument("--take", action="store_true", help="put the pictures in their place")
    options = parser.parse_args()
    if (options.out is None) == (options.what in ("films", "pictures")):
        parser.error(f"{options.what} takes {'a folder' if options.out is None else 'no folder'}")
    programs = options.bin.resolve()
    # Programs find models from where they lie; those of this checkout are meant.
    os.environ |= {"SVH_ENGINE": str(programs / "svh-engine"), "SVH_MODELS": str(TOP / "models")}
    svh = programs / "svh"
    if options.what == "films":
        films(svh, options.out)
    elif options.what == "score":
        score(svh)
    elif options.what == "errors":
        errors(svh)
    else:
        pictures(programs / "examples" / "screenshot", options.out, options.take)


if __name__ == "__main__":
    main()
