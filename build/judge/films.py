"""The real films: where they lie, what is known of each, and which are set aside."""

import csv
import fnmatch
import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMBS = ("LH", "RH", "LF", "RF")
PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"}

# Set aside, chosen once: the last two of dha/ and the last three of rsna/ by name, and one of the two healthy feet. Run them three times at most, at the
# very end, and report them apart: a film that was looked at while models were chosen no longer tells how they do on new films.
HELD_OUT = {"DHA7081-LH", "DHA7232-LH", "RSNA068-LH", "RSNA087-RH", "RSNA095-LH", "CF4-RF"}

# What is known of the films of adult/: patterns of the joints that are damaged, none for a healthy film. `adult/conditions.csv` (columns film, damaged)
# adds films and takes precedence. A film in neither is graded and belongs to no group.
CONDITIONS = {
    "CH2-RH": "",  # a boxer's fracture, metacarpal 5; no arthritis
    "CF2-LF": "",
    "CF4-RF": "",
    "CF3-LF": "mtp_1",  # gout
    "CR2-RH": "mcp_[2-5] wrist_*",  # severe rheumatoid arthritis: MCP 2-5 luxated, carpal bones fused
}


@dataclass(frozen=True)
class Joint:
    """A joint of one limb for one task, as `src/core/data/joints.json` has it."""

    limb: str
    name: str
    task: str
    column: str


def _joints():
    table = json.loads((ROOT / "src/core/data/joints.json").read_text())
    return [Joint(row["limb"], row["joint"], task, row["ra2_column"]) for task in ("narrowing", "erosion") for row in table[task]]


JOINTS = _joints()


@dataclass(frozen=True, eq=False)
class Film:
    """A film and what is known of it."""

    path: Path
    group: str  # children, adults (healthy hands), feet (healthy), damaged, wrists, not ours, odd, other
    landmarks: dict = field(default_factory=dict)  # joint -> (x, y) in pixels
    damaged: tuple = ()  # joints, where the group is damaged
    erosive: bool = False  # where the group is wrists
    given_as: str = ""  # the limb that svh is told, where the name has none

    @property
    def name(self):
        return f"{self.path.stem} as {self.given_as}" if self.given_as else self.path.stem

    @property
    def limb(self):
        """As the name says, or as svh is told; empty where it has to recognise it."""
        stem = self.path.stem
        return stem[-2:] if stem[-3:-2] == "-" and stem[-2:] in LIMBS else self.given_as


def films(folder, held_out):
    """The films of a folder laid out as films/README.md says: those set aside, or all others."""
    every = [*_of_children(folder), *_of_adults(folder), *_of_wrists(folder)]
    # A knee gets no total, neither by itself nor where its name says that it is a foot.
    for film in (Film(path, "not ours") for path in _pictures(folder / "adult/not-ours")):
        every += [film] if film.limb else [Film(film.path, film.group, given_as=limb) for limb in ("", "LH", "LF")]
    every += [Film(path, "odd") for path in _pictures(folder / "odd")]
    return [film for film in every if (film.name in HELD_OUT) == held_out]


def _of_children(folder):
    for part in ("dha", "rsna"):
        landmarks = _landmarks(folder / part / "landmarks.csv")
        for path in _listed(folder / part / "images", landmarks):
            yield Film(path, "children", landmarks.get(path.name, {}))


def _of_adults(folder):
    landmarks = _landmarks(folder / "adult/landmarks.csv")
    conditions = {Path(row["film"]).stem: row["damaged"] or "" for row in _rows(folder / "adult/conditions.csv")}
    for path in _listed(folder / "adult/images", landmarks):
        film = Film(path, "other", landmarks.get(path.name, {}))
        patterns = conditions.get(film.name, CONDITIONS.get(film.name))
        if patterns is None:
            print(f"{path.name}: nothing says whether it is healthy; add it to adult/conditions.csv", file=sys.stderr)
            yield film
        elif not patterns:
            yield Film(path, "feet" if film.limb.endswith("F") else "adults", film.landmarks)
        else:
            damaged = [j for j in JOINTS if j.limb == film.limb and any(fnmatch.fnmatch(j.name, p) for p in patterns.split())]
            yield Film(path, "damaged", film.landmarks, tuple(damaged))


def _of_wrists(folder):
    for row in sorted(_rows(folder / "ra-wrists/labels.csv"), key=lambda row: row["film"]):
        path = folder / "ra-wrists" / row["film"]
        if path.is_file():
            yield Film(path, "wrists", erosive=row["erosive"] == "1")


def _rows(path):
    if not path.is_file():
        return []
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def _landmarks(path):
    """film -> joint -> (x, y)"""
    found = defaultdict(dict)
    for row in _rows(path):
        x, y = (row.get(f"{axis}_px") or row.get(axis) for axis in "xy")
        found[row["film"]][row["joint"]] = (float(x), float(y))
    return found


def _pictures(folder):
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in PICTURES) if folder.is_dir() else []


def _listed(folder, table):
    """The films of a folder's own table that are there; all of the folder where it has no table."""
    return [folder / name for name in sorted(table) if (folder / name).is_file()] if table else _pictures(folder)
