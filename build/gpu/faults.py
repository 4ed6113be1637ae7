"""What goes wrong on GPU servers: a killed engine, memory that is short, cards that are hidden, two engines on one card."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import parity
from machine import DEMO, lines_of
from speed import cohort


def engine_of(process):
    """The engine that svh has started, as soon as it is there."""
    for _ in range(400):
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
                if lines["Name"].strip() == "svh-engine" and int(lines["PPid"]) == process.pid:
                    return int(lines["Pid"])
            except (OSError, KeyError):
                continue
        time.sleep(0.02)
    raise RuntimeError("svh started no engine")


def killed(machine):
    """The engine is killed between two patients: that patient is named, the others are scored by a new engine."""
    session = machine.session
    many = 3 if machine.rehearse else 12
    command = [machine.svh, "score", cohort(machine, many), "--json", "--device", machine.device]
    child = session.start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=machine.plain)
    errors = []
    drain = threading.Thread(target=lambda: errors.append(child.stderr.read()))
    drain.start()
    engine, patients = engine_of(child), 0
    for line in child.stdout:
        patients += 1
        if patients == 1:
            os.kill(engine, signal.SIGKILL)
    status = child.wait()
    drain.join()
    words = "".join(errors).strip().splitlines()
    session.keep("killed", {"patients": patients, "of": many, "status": status, "words": words[-6:]})
    session.say(f"engine killed after the first patient: {patients} of {many} scored, status {status}, it said: {words[-2:] if words else None}")


def short_memory(machine):
    """Nearly all memory is taken by another process, then by the engine's own, and a big batch is asked for."""
    session, models = machine.session, machine.scratch / "models"
    taker = machine.server("svh")
    # The first answer makes its context on the card, which takes some memory of its own.
    taker.ask(ask="fill", gib=0)
    free = free_gib(machine)
    for left in ((0.5,) if machine.rehearse else (3.0, 0.7, 0.2)):
        filled = taker.ask(ask="fill", gib=0.01 if machine.rehearse else max(0, free - left))
        found, _, status, words = machine.score(DEMO, "--patient", "PHA001", seconds=40)
        session.keep(f"{left} GiB left by another", {"filled": filled, "patients": len(found), "status": status, "words": words[-400:]})
        session.say(f"{left} GiB of the card left by another program: {len(found)} patient scored, status {status}{', it said: ' + words[-200:] if words else ''}")
    taker.ask(ask="fill", gib=0)
    films = [str(next((machine.scratch / "cohort" / "images").iterdir()))] * (2 if machine.rehearse else 64)
    taker.ask(ask="fill", gib=0.01 if machine.rehearse else max(0, free - 6))
    answer = taker.ask(ask="detect", model=str(models / "detector-narrowing"), films=films, batch=len(films), rounds=1)
    answer = {"films": len(answer.pop("found", [])), **answer}
    session.keep("6 GiB left to itself", answer)
    session.say(f"6 GiB left, {len(films)} films of R50-FPN at once: {answer.get('error') or str(answer['films']) + ' films done, ' + str(answer['batch']) + ' at once'}")
    train = taker.ask(ask="train", network="scorer", arch="efficientnet_b4", batch=2 if machine.rehearse else 512, rounds=1, side=64 if machine.rehearse else 224)
    session.keep("training with 6 GiB", train)
    session.say(f"a training step of B4 that needs more than there is: {train.get('error', 'it fitted')}")
    taker.close()


def free_gib(machine):
    if machine.rehearse:
        return 1.0
    status, output, _ = machine.session.run(["nvidia-smi", "--query-gpu=memory.free", "--format=csv,noheader,nounits"], 20)
    return float(output.split()[0]) / 1024 if status == 0 else 20.0


def hidden(machine):
    """CUDA_VISIBLE_DEVICES that shows no card, or one that is not there."""
    for value, device in (("", "auto"), ("", "cuda"), ("1", "auto"), ("1", "cuda:0")):
        found, _, status, words = machine.score(DEMO, "--patient", "PHA001", device=device, environment={"CUDA_VISIBLE_DEVICES": value}, seconds=40)
        machine.session.keep(f"CUDA_VISIBLE_DEVICES={value!r}, --device {device}", {"patients": len(found), "status": status, "words": words[-400:]})
        machine.session.say(f"CUDA_VISIBLE_DEVICES={value!r}, --device {device}: {len(found)} patient, status {status}{', ' + words[-200:] if words else ''}")


def two(machine):
    """Two engines on one card at once give the same as one alone."""
    session = machine.session
    many = 2 if machine.rehearse else 40
    folder = cohort(machine, many)
    command = [machine.svh, "score", folder, "--json", "--quiet", "--device", machine.device]
    began = time.perf_counter()
    alone = lines_of(session, command, machine.plain)[0]
    one = time.perf_counter() - began
    both = {}
    threads = [threading.Thread(target=lambda at=at: both.update({at: lines_of(session, command, machine.plain)[0]})) for at in range(2)]
    began = time.perf_counter()
    [thread.start() for thread in threads], [thread.join() for thread in threads]
    seconds = time.perf_counter() - began
    worst = [parity.patients_apart(both[at], alone) for at in range(2)]
    right = [len(both[at]) == many and not of["missing"] for at, of in enumerate(worst)]
    session.keep("two", {"patients": many, "seconds_alone": one, "seconds_of_both": seconds, "apart": worst})
    session.say(f"two engines on one card, {many} patients each: {'both right' if all(right) else 'NOT right'}, {seconds:.1f} s (one alone {one:.1f} s), "
                f"apart by {max(of['probability'] for of in worst):.1e}")
