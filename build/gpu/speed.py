"""How fast: single networks beside torchvision's, patients, the workbench while it is looked at, training steps."""

import json
import os
import shutil
import threading
import time

from machine import DEMO, lines_of, median

GOAL_WARM, GOAL_COHORT = 0.25, 25


def in_turn(servers, question, things, turns):
    """Things a second, each server in turn; the answers of the last turn beside them."""
    rates, answers = {name: [] for name in servers}, {}
    for _ in range(turns):
        for name, server in servers.items():
            answers[name] = server.ask(**question)
            seconds = answers[name].get("seconds")
            if seconds:
                # The first round of a shape chooses kernels and takes memory.
                rates[name].append(things / median(seconds[1:] or seconds))
    return {name: max(of) if of else None for name, of in rates.items()}, answers


def networks(machine):
    """R50-FPN by films at once, B4 by crops, TF32 and half; both programs warm on one card."""
    session, models = machine.session, machine.scratch / "models"
    films = [str(path) for path in sorted((machine.scratch / "cohort" / "images").iterdir())]
    servers = {name: machine.server(name, exact=False) for name in ("svh", "torchvision")}
    rounds, turns = (1, 1) if machine.rehearse else (5, 1)
    table = []

    def row(what, question, things):
        rates, answers = in_turn(servers, question, things, turns)
        errors = {name: answer["error"] for name, answer in answers.items() if "error" in answer}
        table.append({"what": what, **rates, "svh_batch": answers["svh"].get("batch"), "errors": errors})
        session.keep("table", table)
        ours, theirs = (f"{rates[name]:.1f}" if rates[name] else "-" for name in ("svh", "torchvision"))
        session.say(f"speed, {what}: svh {ours}, torchvision {theirs} a second{' ' + str(errors) if errors else ''}")

    for half in (False,) if machine.rehearse else (False, True):
        kind = "half" if half else "TF32"
        for batch in (2,) if machine.rehearse else (1, 8):
            # One film again and again: films of one shape go together.
            chosen = [films[0]] * max(batch, 2 if machine.rehearse else 8)
            question = {"ask": "detect", "model": str(models / "detector-narrowing"), "films": chosen, "batch": batch, "rounds": rounds, "half": half}
            row(f"R50-FPN films, {kind}, {batch} at once", question, len(chosen))
        for crops in (4,) if machine.rehearse else (86, 344):
            question = {"ask": "grade", "model": str(models / "scorer-narrowing"), "crops": crops, "batch": min(crops, 344), "rounds": rounds, "half": half}
            row(f"B4 crops, {kind}, {crops}", question, crops)
    for server in servers.values():
        server.close()


def largest(machine):
    """The biggest batch that fits, found by asking for too much."""
    session, models = machine.session, machine.scratch / "models"
    film = str(sorted((machine.scratch / "cohort" / "images").iterdir())[0])
    server, rehearse = machine.server("svh"), machine.rehearse
    of_films = lambda many: {"ask": "detect", "model": str(models / "detector-narrowing"), "films": [film] * many, "batch": many, "rounds": 1}
    of_crops = lambda many: {"ask": "grade", "model": str(models / "scorer-narrowing"), "crops": many, "batch": many, "rounds": 1}
    for name, sizes, question in (("R50-FPN films", (2,) if rehearse else (32, 64, 128, 256, 512), of_films),
                                  ("B4 crops", (8,) if rehearse else (1376, 2752, 5504), of_crops)):
        for size in sizes:
            answer = server.ask(**question(size))
            answer.pop("found", None), answer.pop("logits", None)
            session.keep(f"{size} {name}", answer)
            memory = f", {answer['gpu_bytes'] / 2**30:.1f} GiB in use" if "gpu_bytes" in answer else ""
            session.say(f"asked for {size} {name} at once: {answer.get('error') or str(answer['batch']) + ' fit'}{memory}")
            if answer.get("batch") != size:
                break
    server.close()


def cohort(machine, patients, source=DEMO):
    """The demo's patients, or those of another cohort, under new names as often as it takes."""
    folder = machine.scratch / f"{source.name}-{patients}"
    if folder.exists():
        return folder
    ids = sorted({film.name.rsplit("-", 1)[0] for film in (source / "images").iterdir()})
    (folder / "images").mkdir(parents=True)
    for number in range(patients):
        for film in (source / "images").glob(f"{ids[number % len(ids)]}-*"):
            (folder / "images" / f"Q{number:04}-{film.name.rsplit('-', 1)[1]}").symlink_to(film)
    return folder


def patients(machine):
    """`svh score` over a cohort: time to the first patient, the next ones, and where the time goes."""
    session = machine.session
    many = 3 if machine.rehearse else 120
    folder = cohort(machine, many)
    runs = [("shipped models", (), {})]
    if not machine.rehearse:
        runs += [("shipped models, half", ("--half",), {}), ("the paper's networks", ("--models", machine.scratch / "models"), {})]
    for name, options, environment in runs:
        # The paper's networks of drawn weights find the joints of one patient only.
        of = cohort(machine, 30, machine.scratch / "cohort") if "paper" in name else folder
        found, times, status, _ = machine.score(of, *options, environment=environment)
        gaps = [b - a for a, b in zip(times, times[1:])]
        figures = {"patients": len(found), "status": status, "first": times[0] if times else None, "next": median(gaps) if gaps else None,
                   "a_second": len(gaps) / (times[-1] - times[0]) if gaps else None}
        session.keep(name, figures)
        session.say(f"patients, {name}: the first after {figures['first'] or 0:.2f} s, the next {figures['next'] or 0:.3f} s each (goal {GOAL_WARM}), "
                    f"{figures['a_second'] or 0:.1f} a second (goal {GOAL_COHORT})")
    shares(machine, folder)


def shards(machine):
    """A cohort in several shards at once, each with an engine of its own, on one card: patients a second while all of them are at work."""
    session = machine.session
    folder = cohort(machine, 12 if machine.rehearse else 320)
    for number in (1, 2) if machine.rehearse else (1, 2, 4, 8):
        run = machine.scratch / f"shards-{number}"
        commands = [[machine.svh, "score", folder, "--out", run, "--shard", f"{part}/{number}", "--json", "--quiet", "--device", machine.device]
                    for part in range(1, number + 1)]
        answers = [None] * number

        def one(part):
            answers[part] = lines_of(session, commands[part], {**machine.plain, "OMP_NUM_THREADS": "1"}, 90)

        threads = [threading.Thread(target=one, args=(part,)) for part in range(number)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        whole = time.perf_counter() - began
        times = [times for _, times, _, _ in answers]
        # From the time at which every shard has given its first patient to that at which the first has given its last.
        start, end = max((of[0] for of in times if of), default=0), min((of[-1] for of in times if of), default=0)
        within = sum(start < at <= end for of in times for at in of)
        figures = {"patients": sum(map(len, times)), "status": [status for _, _, status, _ in answers], "seconds": whole,
                   "a_second": within / (end - start) if end > start else None}
        session.keep(f"{number} at once", figures)
        session.say(f"shards, {number} at once: {figures['patients']} patients in {whole:.1f} s, programs' start included; "
                    f"{figures['a_second'] or 0:.1f} a second while all are at work (goal {GOAL_COHORT})")


def shares(machine, folder):
    """The parts of the time; measuring waits for the device after each part."""
    times = machine.scratch / "times.jsonl"
    times.unlink(missing_ok=True)
    few = [f"Q{number:04}" for number in range(3 if machine.rehearse else 40)]
    machine.score(folder, "--patient", *few, environment={"SVH_TIMES": str(times)})
    lines = [json.loads(line) for line in times.read_text().splitlines()][1:]
    parts = [name for name in lines[0] if name not in ("request", "seconds", "gpu_bytes")]
    whole = sum(line["seconds"] for line in lines)
    share = {name: sum(line[name] for line in lines) / whole for name in parts}
    share["rest"] = 1 - sum(value for name, value in share.items() if name != "decode")
    most = max(line.get("gpu_bytes", 0) for line in lines)
    machine.session.keep("shares", {"seconds_a_patient": whole / len(lines), "share": share, "gpu_bytes": most})
    machine.session.say(f"time of a warm patient ({whole / len(lines):.3f} s, measured part by part): "
                        + ", ".join(f"{name} {value:.0%}" for name, value in share.items()) + f"; {most / 2**30:.2f} GiB of the GPU in use")


def workbench(machine):
    """The workbench with a film on the screen: `s` grades the patient; keys are answered meanwhile."""
    import bench
    session, folder = machine.session, machine.scratch / "looked-at"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DEMO, folder, ignore=shutil.ignore_patterns("runs", "reviews"))
    ids = sorted({film.name.rsplit("-", 1)[0] for film in (folder / "images").iterdir()})
    terminal = bench.Terminal([str(machine.svh), str(folder), "--device", machine.device], environment={**machine.plain, "TERM": "xterm-256color"})
    try:
        terminal.wait_for(ids[0].encode())
        terminal.rest()
        terminal.key(b"\r")
        terminal.rest(1.0)
        figures = {}
        for name in ("cold", "warm"):
            done = results(folder)
            began = time.perf_counter()
            os.write(terminal.fd, b"s")
            keys = []
            while results(folder) == done:
                if time.perf_counter() - began > 60:
                    raise RuntimeError("`s` gave no grades within 60 s")
                pressed = terminal.key(b"\x1b[B" if len(keys) % 2 == 0 else b"\x1b[A")[0]
                keys.append(pressed)
            figures[name] = {"seconds": time.perf_counter() - began, "keys_ms": [round(key, 1) for key in keys if key is not None]}
            terminal.rest(1.0)
        session.keep("s", figures)
        session.say("workbench, `s` on a patient: " + ", ".join(
            f"{name} {of['seconds']:.2f} s, the slowest key meanwhile {max(of['keys_ms'], default=0):.0f} ms" for name, of in figures.items()))
    finally:
        terminal.close()


def results(folder):
    """How many lines of grades the workbench has kept."""
    return sum(file.read_text(errors="replace").count('"joints"') for file in (folder / "runs").rglob("*.jsonl"))


def training(machine):
    """Steps a second of the paper's networks, and whether the loss falls; beside the same loop in torchvision, one program after the other."""
    session, rehearse = machine.session, machine.rehearse
    plans = [("detector", "fasterrcnn_resnet50_fpn", 64 if rehearse else 800, batch, bf16) for batch in ((1,) if rehearse else (8,)) for bf16 in (False, True)]
    plans += [("scorer", "efficientnet_b4", 64 if rehearse else 224, batch, bf16) for batch in ((2,) if rehearse else (128,)) for bf16 in (False, True)]
    rounds = 3 if rehearse else 12
    table = {}
    for whose in ("svh", "torchvision"):
        server = machine.server(whose, exact=False)
        for network, arch, side, batch, bf16 in plans:
            what = f"{'R50-FPN' if network == 'detector' else 'B4'} at {side} px, batch {batch}, {'bf16' if bf16 else 'TF32'}"
            answer = server.ask(ask="train", network=network, arch=arch, batch=batch, rounds=rounds, side=side, bf16=bf16)
            seconds = answer.get("seconds", [])[2:] or answer.get("seconds")
            table.setdefault(what, {})[whose] = {"steps_a_second": 1 / median(seconds) if seconds else None, **answer}
            session.keep("table", table)
        server.close()
    for what, row in table.items():
        words = []
        for whose, answer in row.items():
            losses, used = answer.get("losses", [0]), answer.get("gpu_bytes") or answer.get("peak_bytes") or 0
            rate = answer["steps_a_second"]
            words.append(f"{whose} {answer.get('error') or f'{rate:.2f} a second, loss {losses[0]:.2f} to {losses[-1]:.2f}, {used / 2**30:.1f} GiB'}")
        session.say(f"training steps, {what}: {'; '.join(words)}")
