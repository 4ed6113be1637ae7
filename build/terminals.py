#!/usr/bin/env python3
"""Shows the workbench in real terminals under Xvfb, with and without tmux, and takes pictures of them to look at.

    python3 build/terminals.py OUT [--svh target/release/svh] [--cohort datasets/demo] [--root CHROOT] [NAME...]

Needs Xvfb, xdotool, import (ImageMagick), xterm, kitty and tmux: on Debian `apt-get install xvfb xdotool imagemagick xterm kitty tmux`. Each NAME is a
case below; without any, all run. `--root` runs the terminals from another system's root (made by `debootstrap trixie`, with kitty, xterm and tmux in it), for a
kitty that knows placeholders (0.28 or newer) and a tmux that was built with sixel; svh, its cohort and the X server stay those of this system.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

KITTY = ["kitty", "--config", "NONE", "-o", "remember_window_size=no", "-o", "initial_window_width=120c", "-o", "initial_window_height=36c"]
XTERM = ["xterm", "-geometry", "120x36", "-fa", "DejaVu Sans Mono", "-fs", "9", "-u8"]
LIGHT = ["-bg", "#fdf6e3", "-fg", "#586e75"]
SIXEL = ["-ti", "vt340"]

# Name: terminal, line of tmux.conf (None: no tmux), options of svh.
CASES = {
    "kitty": (KITTY, None, []),
    "kitty-light": ([*KITTY, "-o", "background=#fdf6e3", "-o", "foreground=#586e75"], None, []),
    "kitty-tmux": (KITTY, "set -g allow-passthrough on", []),
    "kitty-tmux-off": (KITTY, "", []),
    "kitty-octants": (KITTY, None, ["--images", "half", "--blocks", "octants"]),
    "kitty-sextants": (KITTY, None, ["--images", "half", "--blocks", "sextants"]),
    "xterm-vt340": ([*XTERM, *SIXEL], None, []),
    "xterm-vt340-tmux": ([*XTERM, *SIXEL], "set -g allow-passthrough on", []),
    "xterm-light": ([*XTERM, *LIGHT], None, []),
    "xterm": (XTERM, None, []),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CASES))
    parser.add_argument("--svh", default="target/release/svh")
    parser.add_argument("--cohort", default="datasets/demo")
    parser.add_argument("--root")
    parser.add_argument("--keys", default="Return", help="keys after the table is there, as xdotool names them, separated by commas")
    options = parser.parse_intermixed_args()
    unknown = [name for name in options.names if name not in CASES]
    if unknown:
        sys.exit(f"no such case: {', '.join(unknown)}; there are {', '.join(CASES)}")
    needed = ["Xvfb", "xdotool", "import"] + ([] if options.root else ["xterm", "kitty", "tmux"])
    missing = [program for program in needed if shutil.which(program) is None]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}")
    os.makedirs(options.out, exist_ok=True)
    display = next(f":{n}" for n in range(90, 200) if not os.path.exists(f"/tmp/.X11-unix/X{n}"))
    server = subprocess.Popen(["Xvfb", display, "-screen", "0", "1400x900x24", "-ac"], stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        for name in options.names or CASES:
            show(name, options, display)
    finally:
        server.terminate()
        server.wait()


def show(name, options, display):
    terminal, line, words = CASES[name]
    folder = tempfile.mkdtemp(prefix="svh-terminals-", dir=os.path.join(options.root, "tmp") if options.root else None)
    inside = "/" + os.path.relpath(folder, options.root) if options.root else folder
    svh, cohort = os.path.abspath(options.svh), os.path.abspath(options.cohort)
    if options.root:
        # The chroot sees copies: svh needs nothing but the C library.
        shutil.copy(svh, os.path.join(folder, "svh"))
        shutil.copytree(cohort, os.path.join(folder, "cohort"))
        svh, cohort = f"{inside}/svh", f"{inside}/cohort"
    command = [svh, cohort, *words]
    if line is not None:
        with open(os.path.join(folder, "conf"), "w") as file:
            file.write(f"set -g default-terminal tmux-256color\n{line}\n")
        command = ["tmux", "-S", f"{inside}/socket", "-f", f"{inside}/conf", "new-session", " ".join(command)]
    whole = [*terminal, *(["-e"] if terminal[0] == "xterm" else []), *command]
    if options.root:
        whole = ["chroot", options.root, *whole]
    environment = {"PATH": "/usr/bin:/bin:/usr/sbin", "HOME": inside, "LANG": "C.UTF-8", "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1",
                   "COLORTERM": "truecolor", "SHELL": "/bin/sh", "XDG_RUNTIME_DIR": inside}
    log = open(os.path.join(options.out, f"{name}.log"), "w")
    process = subprocess.Popen(whole, env=environment, stdout=log, stderr=log)
    try:
        picture = lambda what: subprocess.run(["import", "-display", display, "-window", "root", os.path.join(options.out, f"{name}{what}.png")], check=True)
        time.sleep(5)
        picture("-patients")
        for key in options.keys.split(","):
            subprocess.run(["xdotool", "key", key], env=environment, check=True)
            time.sleep(0.5)
        time.sleep(3)
        picture("-film")
        if line is not None:
            tmux = ["tmux", "-S", f"{inside}/socket"]
            tmux = ["chroot", options.root, *tmux] if options.root else tmux
            told = subprocess.run([*tmux, "display-message", "-p", "#{version} around it: #{client_termtype} #{client_termfeatures}"], capture_output=True, text=True)
            print(f"{name}: tmux {told.stdout.strip()}")
            subprocess.run([*tmux, "split-window", "-h", "-b", "-l", "40", "cat"], check=False)
            time.sleep(3)
            picture("-split")
            subprocess.run([*tmux, "kill-pane", "-t", "{right}"], check=False)
            time.sleep(1)
            picture("-gone")
            subprocess.run([*tmux, "kill-server"], check=False)
        print(f"{name}: done")
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
