"""Whether the GPU says what the CPU says, and svh what torchvision says."""

import math

from machine import CARRIED, DEMO

# Pixels, scores, probabilities.
FULL = {"box": 0.5, "score": 1e-3, "probability": 1e-4}
HALF = {"box": None, "score": 2e-2, "probability": 2e-2}


def boxes_apart(ours, theirs, least=0.06):
    """Detections [class, score, x0, y0, x1, y1] of films, compared with their twins: of the same class, and nearest.

    Those near the score under which they are dropped have a twin on one side only; they are counted by their scores.
    """
    worst = {"boxes": 0, "without_twin": 0, "beyond_half_a_pixel": 0, "box": 0.0, "score": 0.0}
    for a, b in zip(ours, theirs):
        for one, others in ((x, b) for x in a):
            if one[1] < least:
                continue
            worst["boxes"] += 1
            twins = [other for other in others if other[0] == one[0]]
            twin = min(twins, key=lambda other: max(abs(p - q) for p, q in zip(one[2:], other[2:])), default=None)
            apart = max(abs(p - q) for p, q in zip(one[2:], twin[2:])) if twin else math.inf
            if apart > 8:
                worst["without_twin"] += 1
                continue
            worst["beyond_half_a_pixel"] += apart > 0.5
            worst["box"] = max(worst["box"], apart)
            worst["score"] = max(worst["score"], abs(one[1] - twin[1]))
    return worst


def probabilities(rows):
    return [[math.exp(v - max(row)) / sum(math.exp(w - max(row)) for w in row) for v in row] for row in rows]


def rows_apart(ours, theirs):
    """The greatest difference of probabilities, and of logits relative to their size."""
    apart = lambda a, b: max(abs(x - y) for p, q in zip(a, b) for x, y in zip(p, q))
    size = max(abs(v) for row in theirs for v in row)
    return {"crops": len(theirs), "probability": apart(probabilities(ours), probabilities(theirs)), "logit": apart(ours, theirs) / size}


def patients_apart(ours, theirs):
    """Grades of patients as `svh score --json` prints them."""
    others, worst = {patient["patient"]: patient for patient in theirs}, {"joints": 0, "missing": 0, "grades": 0, "probability": 0.0}
    for patient in ours:
        joints = others[patient["patient"]]["joints"]
        worst["missing"] += len(set(joints) ^ set(patient["joints"]))
        for column, joint in patient["joints"].items():
            if column in joints:
                worst["joints"] += 1
                worst["grades"] += joint["grade"] != joints[column]["grade"]
                worst["probability"] = max([worst["probability"], *(abs(p - q) for p, q in zip(joint["probabilities"], joints[column]["probabilities"]))])
    return worst


def detections(films):
    """As `svh detect --json` prints them, in the form of `boxes_apart`."""
    of_film = lambda film: [[(found["task"], found["joint"]), found["score"], *found["box"]] for found in film["detections"]]
    return [of_film(film) for film in films]


def verdict(worst, limits):
    over = [name for name, limit in limits.items() if limit is not None and worst.get(name, 0) > limit]
    lost = worst.get("without_twin", 0) + worst.get("missing", 0)
    return "ok" if not over and not lost else f"NOT ok: {', '.join([*over, *([f'{lost} without a twin'] if lost else [])])}"


def tell(session, what, worst, limits):
    session.keep(what, {**worst, "verdict": verdict(worst, limits)})
    figures = ", ".join(f"{name} {value:.2g}" if isinstance(value, float) else f"{value} {name}" for name, value in worst.items())
    session.say(f"parity, {what}: {verdict(worst, limits)} ({figures})")


def shipped(machine):
    """The models that ship: the demo's patients, and films that were carried, on the CPU and on the device; one engine for each way of computing."""
    session = machine.session
    films = sorted(path for path in (CARRIED / "films").glob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    demo = sorted((DEMO / "images").iterdir())[:4 if machine.rehearse else None]
    patients = {}
    for film in demo:
        patients.setdefault(film.name.rsplit("-", 1)[0], []).append({"path": str(film)})
    requests = [{"request": "detect", "films": [{"path": str(film)} for film in films + demo]}]
    requests += [{"request": "score", "patient": patient, "films": of} for patient, of in patients.items()]

    def answers(device, exact=True, half=False):
        events = machine.serve(requests, device, exact, half)
        found = {event["result"]["film"]: event["result"] for event in events if event["event"] == "film" and event["id"] == 1}
        refused = [event.get("message") for event in events if event["event"] in ("film_failed", "failed")]
        return found, [event["result"] for event in events if event["event"] == "patient"], refused

    found, grades, refused = answers("cpu")
    session.keep("refused", refused)
    runs = [("32 bit", {}, FULL), ("TF32", {"exact": False}, HALF)]
    for name, how, limits in runs + ([] if machine.rehearse else [("half", {"half": True}, HALF)]):
        here, scores, also_refused = answers(machine.device, **how)
        tell(session, f"shipped scorers, {name}", patients_apart(scores, grades), limits)
        both = [film for film in found if film in here]
        worst = boxes_apart(detections([here[film] for film in both]), detections([found[film] for film in both]), least=0.25)
        tell(session, f"shipped detector, {name}", {"films": len(both), "refused_on_one": len(set(found) ^ set(here)), **worst}, limits)
        if also_refused != refused:
            session.say(f"{name}: refused {also_refused} where the CPU refused {refused}")


def networks(machine):
    """R50-FPN and B4 of drawn weights: the device against the CPU, and against torchvision on the same device."""
    session, models = machine.session, machine.scratch / "models"
    # Random layers see what they see on any film; on its own one, scores lie apart.
    films = sorted((machine.scratch / "cohort" / "images").iterdir())[:0 if machine.rehearse else None]
    paths = [str(path) for path in [machine.scratch / "drawn.png", *films]]
    crops = 4 if machine.rehearse else 86
    film = {"ask": "detect", "model": str(machine.scratch / "drawn" / "detector-drawn"), "films": paths, "batch": 1, "rounds": 1}
    crop = {"ask": "grade", "model": str(models / "scorer-narrowing"), "crops": crops, "batch": 128, "rounds": 1}

    def answers(whose, device=None, exact=True, half=False):
        server = machine.server(whose, device, exact)
        both = server.asked(**film, half=half)["found"], server.asked(**crop, half=half)["logits"]
        server.close()
        return both

    def compare(name, ours, theirs, limits):
        tell(session, f"R50-FPN, {name}", boxes_apart(ours[0], theirs[0]), limits)
        tell(session, f"B4, {name}", rows_apart(ours[1], theirs[1]), limits)

    here, theirs = answers("svh"), answers("torchvision")
    compare("32 bit, beside torchvision", here, theirs, FULL)
    compare("32 bit, beside the CPU", here, answers("svh", "cpu"), FULL)
    compare("TF32, beside 32 bit", answers("svh", exact=False), here, HALF)
    if not machine.rehearse:
        half = answers("svh", half=True)
        compare("half, beside 32 bit", half, here, HALF)
        compare("half, beside torchvision's autocast", half, answers("torchvision", half=True), HALF)
