"""The networks that ship, trained for as long as there is time, by the recipe in recipe.json, and what became of them."""

import json
import os
import shutil
import signal
import subprocess
import tarfile
import time
from pathlib import Path

from machine import TOP, lines_of

RECIPE = json.loads((Path(__file__).parent / "recipe.json").read_text())
# Steps that measure a training's speed; the first ones are not timed.
TRIAL = 60


def phantoms(machine, folder=None):
    """The cohorts that are learned from, made all at once in a folder; where another process is making them there, its end is waited for."""
    session, rehearse, folder = machine.session, machine.rehearse, folder or machine.scratch
    began, making = time.perf_counter(), {}
    if folder == machine.cohorts:
        while not (folder / "made").exists():
            time.sleep(0.5)
    else:
        for name, words in RECIPE["cohorts"].items():
            if rehearse:
                words = ["4" if before == "--patients" else word for before, word in zip(["", *words], words)]
            log = (machine.scratch / f"phantom-{name}.log").open("w")
            command = ["nice", machine.svh, "phantom", folder / name, *words, "--quiet"]
            making[name] = session.start(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=machine.plain)
        for name, child in making.items():
            if child.wait():
                raise RuntimeError(f"svh phantom {name}: status {child.returncode}: {(machine.scratch / f'phantom-{name}.log').read_text()[-300:]}")
        for training in RECIPE["trainings"].values():
            joined(folder, training["cohort"])
        (folder / "made").touch()
    machine.learned = folder
    session.say(f"phantoms made in {time.perf_counter() - began:.0f} s")


def joined(top, names):
    """One cohort of several: films and labels under their names, the tables of grades one after the other."""
    folder = top / "-".join(names)
    if len(names) == 1 or folder.exists():
        return folder
    tables = []
    for number, name in enumerate(names):
        for part in ("images", "narrowing_labels", "erosion_labels"):
            (folder / part).mkdir(parents=True, exist_ok=True)
            for file in (top / name / part).iterdir():
                # Phantoms of any seed have the same ids.
                (folder / part / f"{chr(65 + number)}{file.name}").hardlink_to(file)
        lines = (top / name / "training.csv").read_text().splitlines()
        tables += lines[:1] if not tables else []
        tables += [f"{chr(65 + number)}{line}" for line in lines[1:]]
    (folder / "training.csv").write_text("\n".join(tables) + "\n")
    return folder


class Training:
    def __init__(self, machine, name):
        self.machine, self.name, self.plan = machine, name, RECIPE["trainings"][name]
        # `{name}` is the folder of one of the cohorts.
        words = [str(machine.learned / word[1:-1]) if word.startswith("{") else word for word in self.plan["words"]]
        words[words.index("--init") + 1] = str(TOP / words[words.index("--init") + 1])
        if machine.rehearse:
            words[words.index("--batch") + 1] = "2"
            words += ["--min-size", "128", "--max-size", "160"] if words[1] == "detector" else []
        self.words, self.batch = words, int(words[words.index("--batch") + 1])
        self.cohort = machine.learned / "-".join(self.plan["cohort"])
        self.out = machine.scratch / "trained" / name

    def start(self, steps, out, cohort=None):
        """Through the engine, for it has options that svh does not."""
        # A scorer's steps are told as crops.
        told = steps if self.plan["steps"] == ["--steps"] else steps * self.batch
        engine = [self.machine.engine, *self.words, "--cohort", cohort or self.cohort, "--out", out, "--run", f"{out}-run", *self.plan["steps"], told,
                  "--device", self.machine.device, "--checkpoint-every", 1_000_000]
        if self.machine.rehearse:
            engine += ["--threads", "1"]
        log = Path(f"{out}.log").open("w")
        return self.machine.session.start(engine, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log, env=self.machine.beside_torch())

    def steps(self, out):
        """The steps of a run: (seconds since its start, loss)."""
        events = Path(f"{out}-run") / "events.jsonl"
        lines = [json.loads(line) for line in events.read_text().splitlines()] if events.is_file() else []
        return [(line["seconds"], line["losses"]["total"]) for line in lines if line.get("event") == "step" or "total_steps" in line]


def train(machine, seconds):
    """All networks at once on one card: first each shows its speed, then it gets as many steps as fit."""
    session, began = machine.session, time.monotonic()
    (machine.scratch / "trained").mkdir(exist_ok=True)
    trainings = [Training(machine, name) for name in RECIPE["trainings"]]
    trial = 4 if machine.rehearse else TRIAL
    # On the smallest cohort, which is read in no time.
    running = [(training, training.start(trial, Path(f"{training.out}-trial"), machine.learned / "wrists")) for training in trainings]
    plans = []
    for training, child in running:
        out = Path(f"{training.out}-trial")
        try:
            child.wait(max(5, 0.3 * seconds - (time.monotonic() - began)))
        except subprocess.TimeoutExpired:
            # Its first steps tell its pace too.
            session.kill(child)
            child.wait()
        steps = training.steps(out)
        if len(steps) < 3:
            session.say(f"training {training.name}: its trial failed: {Path(f'{out}.log').read_text()[-300:]}")
            continue
        skipped = min(20, len(steps) // 3)
        pace = (steps[-1][0] - steps[skipped][0]) / (len(steps) - 1 - skipped)
        plans.append((training, pace, steps[0][0]))
    # What is left, less what starting costs, less a quarter for what goes slower than the trial did: a training that is stopped early brings nothing back.
    left = seconds - (time.monotonic() - began)
    running = []
    for training, pace, start in plans:
        steps = 6 if machine.rehearse else max(50, int((left - start - 15) * 3 / 4 / pace * training.plan["share"]))
        session.keep(training.name, {"seconds_a_step": pace, "steps": steps, "batch": training.batch})
        running.append((training, steps, training.start(steps, training.out)))
    for training, steps, child in running:
        try:
            child.wait(max(5, seconds - (time.monotonic() - began)))
        except subprocess.TimeoutExpired:
            # Cleanly: it leaves a checkpoint, too big to be brought back, and its curve.
            os.kill(child.pid, signal.SIGINT)
            child.wait(20)
        done = training.steps(training.out)
        mean = lambda part: sum(loss for _, loss in part) / max(1, len(part))
        tenth = max(1, len(done) // 10)
        figures = {"status": child.returncode, "done": len(done), "of": steps, "first_tenth": mean(done[:tenth]), "last_tenth": mean(done[-tenth:])}
        session.keep(f"{training.name} trained", figures)
        session.say(f"training {training.name}: {len(done)} of {steps} steps of {training.batch}, loss {figures['first_tenth']:.3f} to {figures['last_tenth']:.3f}, "
                    f"status {child.returncode}")
        session.log(Path(f"{training.out}.log").read_text()[-1500:])
        bring(machine, training)


def bring(machine, training):
    """The detector's weights by themselves; those of all scorers and all cards, small, together in an archive."""
    weights, card = training.out / "model.safetensors", training.out / "card.json"
    if not weights.is_file():
        return
    if training.words[1] == "detector":
        shutil.copy(weights, machine.session.out / f"{training.name}.safetensors")
    with tarfile.open(machine.session.out / "trained.tar", "a") as archive:
        for file in (card, *([weights] if training.words[1] == "scorer" else [])):
            archive.add(file, arcname=f"{training.name}/{file.name}")


def measured(machine):
    """The models that ship and those trained here on patients that nobody learned from. Variants have names that go on after a shipped model's
    with a `+`: `scorer-erosion+160`; those with the same end are measured together."""
    session = machine.session
    cohorts = {"inside": ["--max-side", "1000", "--seed", "6001"], "outside": ["--setting", "outside", "--max-side", "1000", "--seed", "2028"]}
    for name, words in cohorts.items():
        session.run([machine.svh, "phantom", machine.scratch / name, "--patients", "2" if machine.rehearse else "40", *words, "--quiet"], 120, env=machine.plain)
    trained = [name for name in RECIPE["trainings"] if (machine.scratch / "trained" / name / "card.json").is_file()]
    sets = {"as shipped": TOP / "models"}
    for end in sorted({name.partition("+")[2] for name in trained}):
        folder = sets[f"trained here {end}".strip()] = machine.scratch / f"models-{end}"
        for model in ("detector", "scorer-narrowing", "scorer-erosion"):
            of = next((name for name in (f"{model}+{end}".strip("+"), model) if name in trained), None)
            shutil.copytree(machine.scratch / "trained" / of if of else TOP / "models" / model, folder / model)
    figures = {}
    for name, folder in sets.items():
        for cohort in cohorts:
            run = machine.scratch / f"run-{name.replace(' ', '-')}-{cohort}"
            lines_of(session, [machine.svh, "score", machine.scratch / cohort, "--json", "--quiet", "--device", machine.device, "--models", folder, "--out", run], machine.plain)
            status, output, _ = session.run([machine.svh, "evaluate", machine.scratch / cohort, "--run", run, "--json", "--quiet"], 60, env=machine.plain)
            if status == 0:
                figures[f"{name}, {cohort}"] = json.loads(output)
                (session.out / "evaluation.json").write_text(json.dumps(figures))
                session.say(f"evaluation of the models {name}, {cohort} the ranges: kept")
