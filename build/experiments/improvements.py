"""Measures each improvement over the paper's detectors and scorers against the paper's protocol, on the same patients.

    python3 build/experiments/improvements.py PROTOCOL --svh target/release/svh [--only detectors|scorers] [--detectors MODELS]

PROTOCOL is the folder of a finished `svh protocol` (small networks). From its split, starting weights, number of steps and films or crops a step,
networks are trained that differ from the paper's by one more thing in each row; then the held-out patients are scored from their films and evaluated by
`svh evaluate`. Trained networks are not trained again. The tables go to stdout, the figures to PROTOCOL/improvements.json.
"""

import argparse
import json
import pathlib
import subprocess

SCALES = {"narrowing": ["narrowing"], "erosion": ["hand_erosion", "foot_erosion"]}
ROWS = [
    ("paper", "as the paper"),
    ("heads", "+ a head for each scale"),
    ("ordinal", "+ ordinal head"),
    ("calibrated", "+ probabilities calibrated on patients"),
    ("severity", "+ each joint in view of the patient's others (`svh model severity`)"),
    ("favoured", "+ rare grades favoured until totals are right (`--favour-rare`)"),
    ("recipe", "+ room around the box, exposure and polarity evened out, cosine from 0.006"),
]
# Rows that refit a network's last stage: which one, and with which commands, each on the result of the one before.
CALIBRATE, FAVOUR = ["calibrate", "--sharpen"], ["calibrate", "--sharpen", "--favour-rare"]
REFITTED = {
    "calibrated": ("ordinal", [CALIBRATE]),
    "severity": ("ordinal", [CALIBRATE, ["severity"]]),
    "favoured": ("ordinal", [FAVOUR, ["severity"]]),
    "recipe": ("plain-recipe", [FAVOUR, ["severity"]]),
}
DETECTORS = [
    ("paper", "paper", ["--no-shape"], "as the paper, two detectors"),
    ("shape", "paper", [], "+ shape of limbs"),
    ("recipe", "recipe", [], "+ windows of films, exposure varied, cosine from 0.01, boxes averaged"),
    ("shared", "shared", [], "+ one backbone for both tasks"),
]


def main():
    args = arguments()
    plan = json.loads((args.protocol / "plan.json").read_text())
    path = args.protocol / "improvements.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    if args.only != "scorers":
        kept["detectors"] = {name: detected(args, plan, kind, options, name) for name, kind, options, _ in DETECTORS}
        print(detector_table(kept["detectors"]), flush=True)
        path.write_text(json.dumps(kept, indent=1) + "\n")
    if args.only != "detectors":
        kept["scorers"] = scorers(args, plan)
        print(table(kept["scorers"]))
        path.write_text(json.dumps(kept, indent=1) + "\n")


def scorers(args, plan):
    return {name: evaluated(args, models(args, plan, name), name) for name, _ in ROWS}


def detectors(args, plan, kind):
    """A folder of detectors of this kind; as many steps and films as the protocol's two had together."""
    if kind == "paper":
        return args.protocol / "models"
    folder = args.protocol / "improvements" / f"detectors-{kind}"
    films, epochs = plan["epoch_films"], plan["detector_epochs"]
    # The protocol's erosion detector has half the films of the other, since feet have no boxes of their own.
    half = films and -(-films // 2)
    if kind == "shared":
        # After the same steps of narrowing, both tasks go on together for as long as erosion alone does elsewhere.
        trainings = [("both", detectors(args, plan, "recipe") / "detector-narrowing", half, epochs)]
    else:
        trainings = [("narrowing", plan["body"], films, epochs), ("erosion", folder / "detector-narrowing", half, epochs)]
    for task, init, films, epochs in trainings:
        out = folder / f"detector-{task}"
        if (out / "card.json").exists():
            continue
        words = ["--validation", args.protocol / "held-out", "--validation-films", "20", "--epochs", epochs, "--learning-rate", "0.01"]
        words += ["--set", "box_vote=0.5", "--seed", plan["seed"], "--batch", "2"]
        words += ["--epoch-films", films] if films else []
        words += ["--init", init] if init else []
        run(args, "train", "detector", "--task", task, "--cohort", args.protocol / "training", "--out", out, "--", *words)
    return folder


def detected(args, plan, kind, options, name):
    models, cohort = detectors(args, plan, kind), args.protocol / "held-out"
    out = cohort / "runs" / f"improvements-detectors-{name}"
    # Weak detectors leave films on which they recognise nothing, which counts as joints missed.
    run(args, "detect", cohort / "images", "--models", models, "--out", out, *options, allowed=(0, 2))
    found = json.loads(run(args, "evaluate", cohort, "--run", out, "--json"))["detection"]
    return {
        task: {"AP": v["stats"][0], "AP50": v["stats"][1], "AP75": v["stats"][2], "missed": v["missed"], "false": v["false_positives"]}
        for task, v in found.items()
    }


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("protocol", type=pathlib.Path)
    parser.add_argument("--svh", required=True, type=pathlib.Path)
    parser.add_argument("--only", choices=("detectors", "scorers"))
    parser.add_argument("--detectors", type=pathlib.Path, help="a folder of model folders whose detectors find the joints that are scored [default: the protocol's]")
    args = parser.parse_args()
    args.detectors = args.detectors or args.protocol / "models"
    return args


def words(plan, task, name):
    """The engine's words for a scorer of this row; see src/workbench/src/cli/protocol/plan.rs for the paper's."""
    epochs = plan["scorer_epochs"]
    shared = ["--arch", "efficientnet_b0", "--size", "112", "--stages", "5", "--batch", "32", "--epochs", str(epochs)]
    shared += ["--seed", str(plan["seed"])]
    if plan["epoch_crops"]:
        shared += ["--epoch-samples", str(plan["epoch_crops"])]
    if plan["imagenet"]:
        shared += ["--init", plan["imagenet"]]
    heads = "5" if task == "narrowing" else "17"
    decay = "0.001" if task == "narrowing" else "0.005"
    paper = ["--variation", "paper", "--paper-crops", "--learning-rate", "0.001", "--momentum", "0.9", "--weight-decay", decay]
    paper += ["--warm-up", "0", "--decay-epochs", str(epochs + 1), "--balance", "1", "--soft", "0", "--uncorrected"]
    recipe = ["--learning-rate", "0.006", "--warm-up", "30", "--balance", "0.7"]
    ordinal = ["--classes", heads, "--head", "ordinal"]
    return {
        "heads": shared + paper + ["--classes", heads],
        "ordinal": shared + paper + ordinal,
        "plain-recipe": shared + recipe + ordinal,
    }[name]


def models(args, plan, name):
    """A folder of model folders: the detectors and this row's scorers, trained where they are not there yet."""
    folder = args.protocol / "improvements" / name
    folder.mkdir(parents=True, exist_ok=True)
    for detector in args.detectors.glob("detector*"):
        link = folder / detector.name
        if not link.exists():
            link.symlink_to(detector.resolve())
    for task in SCALES:
        scorer(args, plan, task, name, folder / f"scorer-{task}")
    return folder


def scorer(args, plan, task, name, out):
    if (out / "card.json").exists():
        return
    training = args.protocol / "training"
    # Narrowing has one scale: a head for each is what the paper has.
    if name == "paper" or (name, task) == ("heads", "narrowing"):
        out.symlink_to((args.protocol / "models" / f"scorer-{task}").resolve())
    elif name in REFITTED:
        before, commands = REFITTED[name]
        before = args.protocol / "improvements" / before / f"scorer-{task}"
        scorer(args, plan, task, before.parent.name, before)
        for command, *options in commands:
            run(args, "model", command, before, "--cohort", training, "--out", out, *options)
            before = out
    else:
        options = ["--held-out", "0", *words(plan, task, name)]
        run(args, "train", "scorer", "--task", task, "--cohort", training, "--out", out, "--", *options)


def evaluated(args, folder, name):
    cohort = args.protocol / "held-out"
    out = cohort / "runs" / f"improvements-{name}"
    run(args, "score", cohort, "--models", folder, "--out", out, "--quiet", allowed=(0, 2))
    grading = json.loads(run(args, "evaluate", cohort, "--run", out, "--json"))["grading"]
    return {scale: {key: grading[scale][key] for key in ("n", "accuracy", "balanced_accuracy", "qwk", "mae")} for scale in sum(SCALES.values(), [])}


def run(args, *command, allowed=(0,)):
    done = subprocess.run([args.svh, *map(str, command)], stdout=subprocess.PIPE, text=True)
    if done.returncode not in allowed:
        raise SystemExit(f"`svh {' '.join(map(str, command))}` ended with {done.returncode}")
    return done.stdout


def detector_table(figures):
    lines = ["| detectors | narrowing | erosion |", "|---|---|---|"]
    for name, _, _, label in DETECTORS:
        cells = [figures[name][task] for task in SCALES]
        cells = [f"{c['AP50']:.3f} / {c['AP75']:.3f} / {c['missed']}" for c in cells]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n\nAP50 / AP75 / joints without a box.\n"


def table(figures):
    lines = ["| scorer | narrowing | hand erosion | foot erosion |", "|---|---|---|---|"]
    for name, label in ROWS:
        cells = [figures[name][scale] for scale in sum(SCALES.values(), [])]
        cells = [f"{c['qwk']:.2f} / {c['balanced_accuracy']:.2f} / {c['mae']:.2f}" for c in cells]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n\nQuadratic weighted kappa / balanced accuracy / mean absolute error."


if __name__ == "__main__":
    main()
