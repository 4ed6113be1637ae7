"""The measures of one set of models."""

import math
import random
import statistics

HAND = [f"mcp_{n}" for n in range(1, 6)] + [f"pip_{n}" for n in range(2, 6)] + ["mcp_ip"]
FOOT = [f"mtp_{n}" for n in range(1, 6)] + ["mtp_ip"]
TASKS = ("narrowing", "erosion")
HEALTHY = ("children", "adults", "feet")
DRAWS = 2000


def measure(films, results):
    """Everything about one set of models, ready for JSON."""
    graded = list(zip(films, results))
    return {
        "healthy": {group: healthy([r for f, r in graded if f.group == group]) for group in HEALTHY if any(f.group == group for f in films)},
        "wrists": wrists([(f, r) for f, r in graded if f.group == "wrists"]),
        "found": found(graded),
        "damaged": {f.name: damaged(f, r) for f, r in graded if f.group == "damaged"},
        "not_ours": {f.name: fate(r) for f, r in graded if f.group == "not ours"},
        "odd": {f.name: fate(r) for f, r in graded if f.group == "odd"},
        "films": {f.name: {"group": f.group, **fate(r)} for f, r in graded if f.group not in ("not ours", "odd", "wrists")},
    }


def units(result, task=None):
    """The sum of the grades of a film; open joints give nothing."""
    return sum(joint["grade"] for column, joint in result.joints.items() if task in (None, task_of(column)))


def task_of(column):
    """`LH_mcp_J__2` is narrowing."""
    return "narrowing" if "_J__" in column else "erosion"


def expected(result):
    """column -> expected grade, of graded and of open joints."""
    return {column: joint["expected"] for column, joint in {**result.joints, **result.open}.items() if joint.get("expected") is not None}


def healthy(results):
    """False units a limb, and what became of the joints."""
    joints = sum(r.expected_joints for r in results)
    graded = sum(len(r.joints) for r in results)
    left_open = sum(len(r.open) for r in results)
    zero = sum(joint["grade"] == 0 for r in results for joint in r.joints.values())
    mean = lambda of: statistics.fmean(map(of, results))
    return {
        "limbs": len(results),
        "refused": sum(bool(r.refusal) for r in results),
        "units": mean(units),
        **{task: mean(lambda r: units(r, task)) for task in TASKS},
        "expected_units": mean(lambda r: sum(expected(r).values())),
        "graded_zero": share(zero, graded),
        "left_open": share(left_open, joints),
        "without_box": share(joints - graded - left_open, joints),
    }


def share(part, whole):
    return part / whole if whole else None


def wrists(labelled):
    """Do eroded wrists rank above whole ones, by the sum of the six expected wrist erosion grades? A wrist that was refused wins half of its pairs."""
    sums = {film: wrist_erosion(result) for film, result in labelled}
    eroded, whole = ([total for film, total in sums.items() if film.erosive == wanted] for wanted in (True, False))
    if not eroded or not whole:
        return None
    rng = random.Random(1)
    draws = sorted(won(rng.choices(eroded, k=len(eroded)), rng.choices(whole, k=len(whole))) for _ in range(DRAWS))
    pairs = len(eroded) * len(whole)
    at = lambda q: draws[round(q * (DRAWS - 1))] / pairs
    mean = lambda sums: statistics.fmean(known) if (known := [s for s in sums if s is not None]) else None
    return {
        "pairs_won": won(eroded, whole), "pairs": pairs, "auc": won(eroded, whole) / pairs, "ci95": [at(0.025), at(0.975)],
        "ungraded": (eroded + whole).count(None), "mean_eroded": mean(eroded), "mean_whole": mean(whole),
        "films": {film.name: {"eroded": film.erosive, "sum": total} for film, total in sums.items()},
    }


def wrist_erosion(result):
    grades = [grade for column, grade in expected(result).items() if "_wrist_E__" in column]
    return sum(grades) if grades else None


def won(eroded, whole):
    """Pairs in which the eroded wrist has the greater sum; of equals half."""
    return sum(0.5 if None in (e, w) or e == w else float(e > w) for e in eroded for w in whole)


def found(graded):
    """Of the joints with a landmark: how many boxes lie within reach, found by the detector or placed by the shape model."""
    tables = {}
    for film, result in graded:
        foot = film.limb.endswith("F")
        ends = ("mtp_1", "mtp_5") if foot else ("mcp_2", "mcp_5")
        if not all(end in film.landmarks for end in ends):
            continue
        width = math.dist(*(film.landmarks[end] for end in ends))
        group = film.name if film.group in ("damaged", "other") else film.group
        # A foot's erosion boxes are those of narrowing.
        for task in TASKS[:1] if foot else TASKS:
            names = [j for j in (FOOT if foot else HAND) if j in film.landmarks and not (task == "narrowing" and j == "mcp_ip")]
            table = tables.setdefault(f"{group}, {task}", {"joints": 0, "detected": 0, "placed": 0, "errors": []})
            table["joints"] += len(names)
            for name in names:
                of_joint(table, name, film.landmarks[name], width, 0.10 if foot else 0.15, boxes(film, result, task))
    for table in tables.values():
        errors = table.pop("errors")
        table["median_error"] = statistics.median(errors) if errors else None
    return tables


def boxes(film, result, task):
    """joint -> the box used for grading; none of a film that was taken for another limb."""
    if result.limb != film.limb:
        return {}
    used = (d for d in result.detections if d["task"] == task and (d["kept"] or d["from"] == "inferred"))
    return {d["joint"].split("_", 1)[1]: d for d in used}


def of_joint(table, name, point, width, reach, found_boxes):
    box = found_boxes.get(name)
    if box is None:
        return
    x0, y0, x1, y1 = box["box"]
    error = math.dist(((x0 + x1) / 2, (y0 + y1) / 2), point) / width
    table["errors"].append(error)
    if error <= reach:
        table["placed" if box["from"] == "inferred" else "detected"] += 1


def damaged(film, result):
    """joint -> task -> what it was given: the grade (None of an open joint) and the expected grade; nothing where it has no box."""
    given = {}
    for joint in film.damaged:
        for column, one in (c for part in (result.joints, result.open) for c in part.items()):
            if column == joint.column:
                given.setdefault(joint.name, {})[joint.task] = {"grade": one.get("grade"), "expected": one.get("expected")}
        given.setdefault(joint.name, {}).setdefault(joint.task, None)
    return given


def fate(result):
    """What happened to a film."""
    return {
        "limb": result.limb, "units": units(result) if result.joints else None, **{task: units(result, task) for task in TASKS},
        "expected_units": sum(expected(result).values()),
        "graded": len(result.joints), "open": len(result.open), "expected_joints": result.expected_joints, "notes": result.notes,
        "refusal": result.refusal,
    }
