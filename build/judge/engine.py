"""Runs svh once over all films for a set of models, and keeps what it gave of each."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Result:
    """What svh gave of one film."""

    limb: str = ""
    notes: list = field(default_factory=list)
    detections: list = field(default_factory=list)
    joints: dict = field(default_factory=dict)  # column -> grade, expected
    open: dict = field(default_factory=dict)  # column -> reason, expected
    expected_joints: int = 0
    refusal: str = ""  # why there are no grades


def run(svh, models, films):
    """One `Result` a film, from one run of `svh score`: grades from its lines, boxes from the run that it keeps."""
    with tempfile.TemporaryDirectory() as folder:
        # Every film is a patient of its own, so that none is graded in the context of another; only the ending that names the limb is kept.
        stems = [f"film{index:03}-{film.limb}" if film.limb else f"film{index:03}" for index, film in enumerate(films)]
        links = [Path(folder) / f"{stem}{film.path.suffix}" for stem, film in zip(stems, films)]
        for link, film in zip(links, films):
            link.symlink_to(film.path.resolve())
        kept = Path(folder) / "run"
        command = [svh, "--quiet", *(["--models", models] if models else []), "score", *links, "--json", "--out", kept]
        try:
            done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        except OSError as error:
            sys.exit(f"{svh} could not be started ({error.strerror}); build it with `make build` or name another with --svh")
        if done.returncode not in (0, 2) or not done.stdout.strip():
            sys.exit(f"{svh} ended with status {done.returncode}:\n{done.stderr.strip()}")
        results = [Result() for _ in films]
        at = {key: results[index] for index, link in enumerate(links) for key in (link.name, link.stem[:7])}
        for line in (kept / "results.jsonl").read_text().splitlines():
            _of_film(json.loads(line), at)
        for line in done.stdout.splitlines():
            _of_patient(json.loads(line), at)
        _messages(done.stderr, links, films, results)
    return results


def _of_film(line, at):
    if "film" in line and "detections" in line:
        result = at[Path(line["film"]).name]
        result.limb, result.notes, result.detections = line["limb"], line.get("notes", []), line["detections"]


def _of_patient(line, at):
    result = at[line["patient"]]
    result.joints, result.open = line["joints"], line.get("open", {})
    result.expected_joints = line["expected_joints"]


def _messages(text, links, films, results):
    """Gives each message to the film that it names; one that names none goes to stderr."""
    for line in filter(None, map(str.strip, text.splitlines())):
        named = [index for index, link in enumerate(links) if link.stem[:7] in line]
        if not named and not line.endswith("each with its reason above"):
            print(line, file=sys.stderr)
        for index in named:
            # Without the film's name, so that the same reason reads the same for every film.
            message = line.removeprefix("svh: ").replace(str(links[index]), "").removeprefix(": ")
            results[index].refusal = results[index].refusal or message.replace(links[index].stem[:7], films[index].name)
    for result in results:
        if result.joints or result.open:
            result.refusal = ""
        else:
            result.refusal = result.refusal or "no joint was graded"
