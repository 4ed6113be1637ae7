"""Each improvement over the paper's scorers, measured against the paper's protocol on the same patients.

    python3 build/improvements.py PROTOCOL --svh target/release/svh [--detectors MODELS]

PROTOCOL is the folder of a finished `svh protocol` (small networks). From its split, starting weights, number of steps and crops a step, scorers
are trained that differ from the paper's by one thing more at each row; then the patients held out are scored from their films with the same
detectors and evaluated by `svh evaluate`. What is trained already is not trained again. The table goes to stdout, the figures to
PROTOCOL/improvements.json.
"""

import argparse
import json
import pathlib
import subprocess

TASKS = {"narrowing": ["narrowing"], "erosion": ["hand_erosion", "foot_erosion"]}
ROWS = [
    ("paper", "as the paper"),
    ("heads", "+ a head for each scale"),
    ("recipe", "+ room around the box, exposure and polarity evened out, cosine from 0.006"),
    ("ordinal", "+ ordinal head"),
    ("calibrated", "+ probabilities calibrated to patients"),
    ("context", "+ limb, patient and neighbours as context"),
]


def main():
    args = arguments()
    plan = json.loads((args.protocol / "plan.json").read_text())
    figures = {name: {} for name, _ in ROWS}
    for task, scales in TASKS.items():
        for name, _ in ROWS:
            # Narrowing has one scale: a head for each is what the paper has.
            if task == "narrowing" and name == "heads":
                figures[name].update({scale: figures["paper"][scale] for scale in scales})
                continue
            models = model(args, plan, task, name)
            figures[name].update(evaluated(args, models, f"{name}-{task}", scales))
    (args.protocol / "improvements.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(table(figures))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("protocol", type=pathlib.Path)
    parser.add_argument("--svh", required=True, type=pathlib.Path)
    parser.add_argument("--detectors", type=pathlib.Path, help="a folder of model folders whose detectors find the joints [default: the protocol's]")
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
    pooled = "5" if task == "narrowing" else "11"
    heads = "5" if task == "narrowing" else "17"
    decay = "0.001" if task == "narrowing" else "0.005"
    paper = ["--variation", "paper", "--paper-crops", "--learning-rate", "0.001", "--momentum", "0.9", "--weight-decay", decay]
    paper += ["--warm-up", "0", "--decay-epochs", str(epochs + 1), "--balance", "1", "--soft", "0", "--uncorrected"]
    recipe = ["--classes", heads, "--learning-rate", "0.006", "--warm-up", "30", "--balance", "0.7"]
    return {
        "paper": shared + paper + ["--classes", pooled],
        "heads": shared + paper + ["--classes", heads],
        "recipe": shared + recipe,
        "ordinal": shared + recipe + ["--head", "ordinal"],
    }[name]


def model(args, plan, task, name):
    """A folder of model folders: the detectors and this row's scorer, trained where it is not there yet."""
    folder = args.protocol / "improvements" / f"{name}-{task}"
    scorer = folder / f"scorer-{task}"
    folder.mkdir(parents=True, exist_ok=True)
    for detector in args.detectors.glob("detector-*"):
        link = folder / detector.name
        if not link.exists():
            link.symlink_to(detector.resolve())
    if (scorer / "card.json").exists():
        return folder
    training, held_out = args.protocol / "training", args.protocol / "held-out"
    if name == "paper":
        scorer.symlink_to((args.protocol / "models" / f"scorer-{task}").resolve())
    elif name in ("calibrated", "context"):
        before = args.protocol / "improvements" / f"ordinal-{task}" / f"scorer-{task}"
        extra = ["--no-context"] if name == "calibrated" else []
        run(args, "model", "calibrate", before, "--cohort", training, "--out", scorer, *extra)
    else:
        run(args, "train", "scorer", "--task", task, "--cohort", training, "--out", scorer, "--", "--validation", held_out, *words(plan, task, name))
    return folder


def evaluated(args, models, name, scales):
    cohort = args.protocol / "held-out"
    out = cohort / "runs" / f"improvements-{name}"
    run(args, "score", cohort, "--models", models, "--out", out, "--quiet")
    text = run(args, "evaluate", cohort, "--run", out, "--json")
    grading = json.loads(text)["grading"]
    return {scale: {key: grading[scale][key] for key in ("n", "accuracy", "balanced_accuracy", "qwk", "mae")} for scale in scales}


def run(args, *command):
    done = subprocess.run([args.svh, *map(str, command)], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"`svh {' '.join(map(str, command))}` ended with {done.returncode}")
    return done.stdout


def table(figures):
    lines = ["| scorer | narrowing | hand erosion | foot erosion |", "|---|---|---|---|"]
    for name, label in ROWS:
        cells = [figures[name][scale] for scale in ("narrowing", "hand_erosion", "foot_erosion")]
        cells = [f"{c['qwk']:.2f} / {c['balanced_accuracy']:.2f} / {c['mae']:.2f}" for c in cells]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n\nQuadratic weighted kappa / balanced accuracy / mean absolute error."


if __name__ == "__main__":
    main()
