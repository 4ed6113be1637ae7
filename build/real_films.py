#!/usr/bin/env python3
"""Judges models on real films, all measures side by side: `build/real_films.py FILMS [--models [NAME=]DIR ...] [--held-out] [--json]`.

FILMS is laid out as `../shared/films`: `dha/` and `rsna/` (hands of healthy children), `adult/` (healthy and damaged hands and feet), `ra-wrists/`
(eroded or whole), `adult/not-ours/` and `odd/`. What is missing there is left out. Each --models is a column.

- Healthy films: every unit is false. Units a hand and foot, children and adults apart; share of joints graded 0, left open, without a box.
- Wrists: pairs of an eroded and a whole wrist in which the eroded one has the greater sum of expected wrist erosion, with a bootstrap interval.
- Joints found: the box's centre within 0.15 of the distance mcp_2 to mcp_5 of the landmark (feet: 0.10 of mtp_1 to mtp_5).
- Damaged joints: the grades they were given. A joint left open counts for no unit, and with its expected grade for the wrists.

Films that are set aside (`build/judge/films.py`) run with --held-out only, and then nothing else. Only the standard library is needed; nothing is
written. Models may be chosen by these figures among finished ones; no number is to be fitted on them.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from judge.engine import run
from judge.films import ROOT, films
from judge.measures import measure
from judge.table import table


def named(text):
    """`NAME=DIR`, or a folder with its own name."""
    name, _, folder = text.rpartition("=")
    if not Path(folder).is_dir():
        raise argparse.ArgumentTypeError(f"{folder} is not a folder; name one that holds model folders")
    return name or Path(folder).resolve().name, folder


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("films", type=Path, help="the folder of films")
    parser.add_argument("--models", type=named, action="append", metavar="[NAME=]DIR", help="a folder of model folders [default: the shipped ones]")
    parser.add_argument("--held-out", action="store_true", help="use the films that are set aside instead of the others: at most three times, at the end")
    parser.add_argument("--svh", default="target/release/svh", help="the program [default: %(default)s]")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    given = parser.parse_args()
    if not given.films.is_dir():
        sys.exit(f"{given.films} is not a folder; name the one that holds dha/, rsna/, adult/ and ra-wrists/")
    chosen = films(given.films, given.held_out)
    if not chosen:
        sys.exit(f"{given.films} has no film to judge on; it should hold dha/, rsna/, adult/ and ra-wrists/")
    models = given.models or [("models", str(ROOT / "models"))]
    if twice := [name for name, count in Counter(name for name, _ in models).items() if count > 1]:
        sys.exit(f"two sets of models are called {twice[0]}; give each a name, as in --models {twice[0]}=DIR")
    measured = {name: measure(chosen, run(given.svh, folder, chosen)) for name, folder in models}
    which = "held out" if given.held_out else "dev"
    if given.json:
        print(json.dumps({"films": len(chosen), "set": which, "models": measured}))
    else:
        print(f"{len(chosen)} real films ({which})\n{table(chosen, measured)}")


if __name__ == "__main__":
    main()
