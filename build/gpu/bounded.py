"""Steps that each end in time, whose results are on disk as soon as they are there."""

import json
import os
import signal
import subprocess
import time
import traceback
from pathlib import Path


class TooLong(Exception):
    pass


class Session:
    """What was found, step by step: results.json and log.txt in the folder `out`."""

    def __init__(self, out, seconds):
        self.out, self.began, self.end = Path(out), time.monotonic(), time.monotonic() + seconds
        self.out.mkdir(parents=True, exist_ok=True)
        self.results, self.summary, self.children, self.lasting = {"steps": {}}, [], [], []
        self.log_file = (self.out / "log.txt").open("a")
        signal.signal(signal.SIGALRM, self._alarm)
        signal.signal(signal.SIGTERM, self._terminated)

    @staticmethod
    def _alarm(*_):
        raise TooLong

    def _terminated(self, *_):
        """Somebody ends the whole: what is known is kept."""
        self.results["error"] = "terminated"
        self.close()
        os._exit(1)

    def left(self):
        return self.end - time.monotonic()

    def log(self, text):
        line = f"[{time.monotonic() - self.began:6.1f}] {text}"
        print(line, flush=True)
        print(line, file=self.log_file, flush=True)

    def keep(self, name, value):
        """Keeps a result of the step at work; a step that fails later leaves it behind."""
        self.results["steps"].setdefault(self.at, {})[name] = value
        self.save()

    def say(self, text):
        """A line of the summary, which comes last."""
        self.summary.append(text)
        self.results["summary"] = self.summary
        self.log(f"    {text}")

    def save(self):
        self.results["seconds"] = round(time.monotonic() - self.began, 1)
        part = self.out / "results.json.part"
        part.write_text(json.dumps(self.results, indent=1))
        part.rename(self.out / "results.json")

    def start(self, command, lasting=False, **options):
        """A process that ends with the step at the latest, or a `lasting` one with the whole, with everything that it starts."""
        child = subprocess.Popen([str(word) for word in command], start_new_session=True, **options)
        (self.lasting if lasting else self.children).append(child)
        return child

    def run(self, command, seconds=60, **options):
        """Runs a command to its end; status, stdout and stderr. One that takes too long is ended, with status None."""
        child = self.start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
        try:
            output, errors = child.communicate(timeout=max(1, min(seconds, self.left())))
            status = child.returncode
        except subprocess.TimeoutExpired:
            self.kill(child)
            output, errors = child.communicate()
            status = None
        words = " ".join(Path(str(word)).name if "/" in str(word) else str(word) for word in command)
        self.log(f"    {words}: status {status}")
        for line in errors.strip().splitlines()[-12:]:
            self.log(f"      | {line}")
        return status, output, errors

    @staticmethod
    def kill(child):
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass

    def step(self, name, seconds, work, reserve=10):
        """Does a step within so many seconds and within what is left of the whole but for a reserve. It may fail: the next one is tried all the same."""
        seconds = min(seconds, self.left() - reserve)
        self.at = name
        if seconds < 5:
            self.keep("error", "no time was left")
            return self.log(f"{name}: no time was left")
        self.log(f"{name} (at most {seconds:.0f} s)")
        began, before = time.monotonic(), list(self.children)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            work()
        except TooLong:
            self.keep("error", f"took longer than {seconds:.0f} s")
            self.log(f"{name}: TOOK TOO LONG")
        except (Exception, SystemExit) as error:  # whatever it is, the other steps are worth trying
            self.keep("error", f"{type(error).__name__}: {error}")
            self.log(f"{name}: FAILED: {type(error).__name__}: {error}")
            print(traceback.format_exc(), file=self.log_file, flush=True)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            for child in self.children:
                if child not in before and child.poll() is None:
                    self.kill(child)
                    child.wait()
            self.children = before
        self.keep("took", round(time.monotonic() - began, 1))

    def close(self):
        for child in self.children + self.lasting:
            # The number of one that has ended may be another's by now.
            if child.poll() is None:
                self.kill(child)
        failed = [f"{name}: {step['error']}" for name, step in self.results["steps"].items() if "error" in step]
        self.log(f"{len(self.results['steps'])} steps, {len(failed)} failed, {time.monotonic() - self.began:.0f} s")
        for line in ["", *self.summary, *(f"FAILED {line}" for line in failed)]:
            print(line, flush=True)
        self.save()
