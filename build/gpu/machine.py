"""The programs and how they are started here."""

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tarfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "build"))

DEMO = TOP / "datasets" / "demo"
CARRIED = TOP / ".gpu"
ARCHIVE = CARRIED / "programs.tar.xz"
SIDE = TOP / "build" / "torchvision_side.py"
# 32 bit without and with the shorter products (TF32) of NVIDIA's libraries. svh takes them when it is told to, PyTorch does for convolutions.
EXACT, TF32 = {"NVIDIA_TF32_OVERRIDE": "0"}, {"NVIDIA_TF32_OVERRIDE": "1"}


class Machine:
    """Paths, the device, and the environments of both sides."""

    def __init__(self, session, scratch, rehearse, programs=None):
        self.session, self.scratch, self.rehearse = session, Path(scratch), rehearse
        self.device = "cpu" if rehearse else "cuda"
        self.programs = Path(programs) if programs else self.unpack()
        self.svh, self.engine = self.programs / "svh", self.programs / "svh-engine"
        spec = importlib.util.find_spec("torch")
        self.torch = Path(spec.submodule_search_locations[0]) if spec else None
        self.plain = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", "HOME": str(self.scratch)}
        # `svh` asks python3 where torch is: the one that runs this.
        self.plain["PATH"] = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
        self.plain["SVH_MODELS"] = str(TOP / "models")

    def unpack(self):
        with tarfile.open(ARCHIVE) as tar:
            tar.extractall(self.scratch / "programs", filter="data")
        return self.scratch / "programs"

    def beside_torch(self):
        """The engine's environment where it is started without svh: as svh sets it."""
        folders = [self.torch / "lib", *sorted((self.torch.parent / "nvidia").glob("*/lib"))]
        before = os.environ.get("LD_LIBRARY_PATH")
        path = ":".join([*map(str, folders), *([before] if before else [])])
        return {**self.plain, "LD_LIBRARY_PATH": path, "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}

    def server(self, whose, device=None, exact=True):
        """A process that answers the questions of `svh-engine measure`: ours or torchvision's."""
        device = device or self.device
        extra = EXACT if exact else TF32
        if whose == "svh":
            return Server(self.session, [self.engine, "measure", "--device", device], {**self.beside_torch(), **extra})
        return Server(self.session, [sys.executable, SIDE, "serve", self.scratch, device], {**self.plain, **extra})

    def serve(self, requests, device, exact=True, half=False):
        """What `svh-engine serve` answers: the events of all requests, numbered from 1."""
        command = [self.engine, "serve", "--device", device, "--models", TOP / "models", *(["--half"] if half else [])]
        environment = {**self.beside_torch(), **(EXACT if exact else TF32)}
        child = self.session.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.session.log_file, text=True, env=environment)
        # Few and short: they fit the pipe.
        child.stdin.write("".join(json.dumps({**request, "id": number}) + "\n" for number, request in enumerate(requests, 1)))
        child.stdin.close()
        events = [json.loads(line) for line in child.stdout]
        status = child.wait()
        self.session.log(f"    svh-engine serve on {device}{'' if exact else ', TF32'}{', half' if half else ''}: {len(events)} events, status {status}")
        return events

    def score(self, cohort, *options, device=None, environment=(), seconds=90):
        """`svh score --json`: the patients by their ids, the seconds at which each line came, and stderr."""
        command = [self.svh, "score", cohort, "--json", "--quiet", "--device", device or self.device, *options]
        return lines_of(self.session, command, {**self.plain, **dict(environment)}, seconds)


class Server:
    def __init__(self, session, command, environment):
        self.session, self.name = session, Path(str(command[0])).name
        self.process = session.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=session.log_file, text=True, env=environment)
        ready = self.process.stdout.readline()
        if not ready.startswith('{"ready"'):
            raise RuntimeError(f"{self.name} did not get ready (its words are in the log)")

    def ask(self, **question):
        """The answer, whatever it is."""
        print(json.dumps(question), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended over {question} (its words are in the log)")
        return json.loads(line)

    def asked(self, **question):
        """The answer; an error is one here."""
        answer = self.ask(**question)
        if "error" in answer:
            raise RuntimeError(f"{self.name}: {answer['error']}")
        return answer

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.session.kill(self.process)


def lines_of(session, command, environment, seconds=90):
    """Runs a command that prints a JSON object a line: (objects, seconds of each line, status, stderr)."""
    import threading
    import time
    began = time.perf_counter()
    child = session.start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    watch = threading.Timer(max(1, min(seconds, session.left())), lambda: session.kill(child))
    errors = []
    drain = threading.Thread(target=lambda: errors.append(child.stderr.read()))
    watch.start(), drain.start()
    found, times = [], []
    for line in child.stdout:
        times.append(time.perf_counter() - began)
        found.append(json.loads(line))
    status = child.wait()
    watch.cancel(), drain.join()
    words = "".join(errors).strip()
    session.log(f"    {' '.join(str(word) for word in command[1:4])} ...: {len(found)} lines, status {status}")
    for line in words.splitlines()[-8:]:
        session.log(f"      | {line}")
    return found, times, status, words


def median(values):
    return statistics.median(values)
