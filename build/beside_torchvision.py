"""Measures svh and torchvision on this machine: same weights, same films, same number of threads, in turn.

Used by bench.py. torchvision runs in a Python of its own: the one that TORCHVISION_PYTHON names (it needs torch, torchvision, numpy and pillow), or an
environment in svh's cache folder, made on the first call. TORCHVISION_PYTHON=off skips the comparison.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import libtorch

TOP = Path(__file__).resolve().parent.parent
SIDE = TOP / "build" / "torchvision_side.py"
DEMO = TOP / "datasets" / "demo"
WANTED = ("torch==2.11.0", "torchvision==0.26.0", "numpy", "pillow")
ROUNDS = {"film": 4, "crops 86": 3, "patient": 2}
NETWORKS = (("detector", "narrowing"), ("detector", "erosion"), ("scorer", "narrowing"), ("scorer", "erosion"))
# What torchvision_side.py imports, by the name that pip knows.
NEEDED = {"torch": "torch", "torchvision": "torchvision", "numpy": "numpy", "PIL": "pillow"}


class Failed(Exception):
    """Why nothing could be compared, in one sentence."""


def python():
    """A Python with torchvision, or None where it is not wanted."""
    named = os.environ.get("TORCHVISION_PYTHON")
    if named == "off":
        print("bench: TORCHVISION_PYTHON=off, skipping the comparison with torchvision", file=sys.stderr)
        return None
    if named:
        return checked(named)
    folder = libtorch.home() / "torchvision-0.26.0"
    program = folder / "bin" / "python"
    if (folder / "complete").is_file():
        return str(program)
    print(f"bench: making an environment with {' and '.join(WANTED[:2])} in {folder} (downloads 3 GB, once; set TORCHVISION_PYTHON to a Python that has "
          "them, or to `off`)", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", folder], stdout=sys.stderr).returncode == 0
    if made and subprocess.run([program, "-m", "pip", "install", "--quiet", *WANTED], stdout=sys.stderr).returncode == 0:
        (folder / "complete").touch()
        return str(program)
    raise Failed(f"the environment in {folder} could not be made (see above); name a Python that has {', '.join(NEEDED.values())} in TORCHVISION_PYTHON")


def checked(program):
    """The Python that TORCHVISION_PYTHON names, if it has what is needed."""
    ask = f"import importlib.util as u; print(*(name for name in {list(NEEDED)} if u.find_spec(name) is None))"
    try:
        ran = subprocess.run([program, "-c", ask], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError as error:
        raise Failed(f"TORCHVISION_PYTHON={program} cannot be started ({error.strerror})") from error
    if ran.returncode:
        raise Failed(f"TORCHVISION_PYTHON={program} is not a Python")
    missing = [NEEDED[name] for name in ran.stdout.split()]
    if missing:
        raise Failed(f"TORCHVISION_PYTHON={program} lacks {', '.join(missing)}; `{program} -m pip install {' '.join(missing)}` adds that")
    return program


class Server:
    """A process that answers questions, one JSON object a line."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        if not self.process.stdout.readline().startswith('{"ready"'):
            raise Failed(f"{command[0]} did not start")

    def ask(self, **question):
        """The answer."""
        print(json.dumps(question), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"no answer to {question}")
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(f"{question}: {answer['error']}")
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def set_up(folder, svh, program, environment):
    """A cohort of the demo's first patient, and the four networks for both sides."""
    cohort = folder / "cohort"
    patient = sorted((DEMO / "images").iterdir())[0].name.rsplit("-", 1)[0]
    for part in ("images", "narrowing_labels", "erosion_labels"):
        (cohort / part).mkdir(parents=True)
        for file in (DEMO / part).glob(f"{patient}-*"):
            (cohort / part / file.name).symlink_to(file)
    subprocess.run([program, SIDE, "prepare", folder], check=True, env=environment)
    for kind, task in NETWORKS:
        arch = "fasterrcnn_resnet50_fpn" if kind == "detector" else "efficientnet_b4"
        weights = folder / f"{kind}-{task}.safetensors"
        command = [svh, "model", "import", weights, "--arch", arch, "--task", task, "--out", folder / "models" / f"{kind}-{task}", "--quiet"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        weights.unlink()
    return cohort, patient


def in_turn(first, second, rounds):
    """Medians of two measurements that take turns, after one of each that does not count."""
    first(), second()
    times = []
    for number in range(rounds):
        times.append((first(), second()))
        print(f"bench: beside torchvision, round {number + 1} of {rounds}: {times[-1][0]:.2f} s and {times[-1][1]:.2f} s", file=sys.stderr)
    return [statistics.median(column) for column in zip(*times)]


def networks(folder, programs, program, engine, environment, films):
    """A film through Faster R-CNN and 86 crops through EfficientNet-B4, in processes that are warm."""
    models = folder / "models"
    ours = Server([programs / "svh-engine", "measure", "--device", "cpu"], engine)
    theirs = Server([program, SIDE, "serve", folder], environment)
    # A foot and a hand.
    film = {"ask": "detect", "model": str(models / "detector-narrowing"), "films": [str(film) for film in films[:2]], "batch": 1, "rounds": 1, "decode": True}
    crops = {"ask": "grade", "model": str(models / "scorer-narrowing"), "crops": 86, "batch": 128, "rounds": 1}
    for question, gist in ((film, lambda answer: len(answer["found"][0])), (crops, lambda answer: answer["logits"][0][0])):
        a, b = gist(ours.ask(**question)), gist(theirs.ask(**question))
        if abs(a - b) > 1e-3 * max(abs(b), 1):
            raise Failed(f"{question} gives {a} here and {b} in torchvision; the comparison would be of different work")
    answers = []
    for what, question, things in (("film", film, 2), ("crops 86", crops, 1)):
        seconds = lambda server: server.ask(**question)["seconds"][0] / things
        answers.append(in_turn(lambda: seconds(ours), lambda: seconds(theirs), ROUNDS[what]))
    ours.close(), theirs.close()
    return answers


def patient_seconds(folder, svh, program, environment, cohort, patient):
    """Four films to 86 grades from the command line, and the same by two Python processes with the crops on disk between them."""
    def ours():
        began = time.perf_counter()
        command = [svh, "score", cohort, "--patient", patient, "--json", "--quiet", "--device", "cpu", "--models", folder / "models"]
        ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment, text=True)
        took = time.perf_counter() - began
        if '"scored":86' not in ran.stdout.replace(" ", ""):
            raise Failed(f"not all of 86 joints were graded: {ran.stdout[-200:]}")
        return took

    def theirs():
        with tempfile.TemporaryDirectory(dir=folder) as crops:
            began = time.perf_counter()
            for command in ("detect", "score"):
                ran = subprocess.run([program, SIDE, command, folder, crops], check=True, stdout=subprocess.PIPE, env=environment, text=True)
            took = time.perf_counter() - began
        if ran.stdout.count(":") != 86:
            raise Failed(f"Python graded {ran.stdout.count(':')} of 86 joints")
        return took

    return in_turn(ours, theirs, ROUNDS["patient"])


def measure(programs):
    """Lines of (words, ours, torchvision's, unit, most that ours may be of theirs), each as soon as it is measured; none with TORCHVISION_PYTHON=off."""
    program = python()
    if program is None:
        return
    # Threads that spin while they wait slow a busy machine down many times; both sides are spared it.
    plain = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "PYTHONDONTWRITEBYTECODE": "1"}
    # As svh starts its engine.
    engine = {**plain, "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", "LD_LIBRARY_PATH": str(libtorch.folder() / "lib")}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        svh = programs / "svh"
        cohort, patient = set_up(folder, svh, program, plain)
        films = sorted((cohort / "images").iterdir())
        film, crops = networks(folder, programs, program, engine, plain, films)
        yield "Faster R-CNN ResNet-50-FPN, a film of the demo at 800 px, warm", *film, "s", 1.0
        yield "EfficientNet-B4, 86 crops of 224 px, warm", *crops, "s", 1.1
        whole = patient_seconds(folder, svh, program, plain, cohort, patient)
        yield "a patient from the command line, 4 films to 86 grades", *whole, "s", 1 / 1.5


def show(lines):
    """Prints the table line by line."""
    for number, (words, ours, theirs, unit, most) in enumerate(lines):
        if number == 0:
            print(f"\nBeside torchvision 0.26.0 (torch 2.11.0), same weights and films, in turn, medians{'':10}svh  torchvision   ratio  aim")
        print(f"{words:<74} {ours:>8.2f} {unit} {theirs:>8.2f} {unit} {ours / theirs:>8.2f}  <= {most:.2f}", flush=True)


if __name__ == "__main__":
    try:
        show(measure(Path(sys.argv[1]).resolve()))
    except Failed as error:
        sys.exit(f"bench: {error}")
