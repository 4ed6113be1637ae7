#!/usr/bin/env python3
"""Makes dist/svh-<version>-linux-x86_64.tar.gz: both programs, models and demo, for a server that has PyTorch and no Rust.

The programs are linked for glibc 2.28, the oldest that PyTorch's own libraries run on, and for the libstdc++ of GCC 9; the archive's README says how
to start. The one argument is cargo's build folder.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import libtorch

TOP = Path(__file__).resolve().parent.parent
# The newest symbols that the programs may ask for: of glibc, and of libstdc++ as GCC 9 has it.
GLIBC = "2.28"
GLIBCXX = "3.4.26"
ZIG = "0.15.2"
ZIG_WHEEL = {f"ziglang=={ZIG}": "806316453d1ede7174ed3fefb8e5348154629089c3bb5fe812dfd0e172fac130"}

README = """svh {version}, built for Linux on x86_64 with glibc {glibc} and libstdc++ 9 or later: Ubuntu 20.04, Debian 11, RHEL 9 and newer.

It needs PyTorch {torch}, any build (CPU or CUDA): `pip install torch=={torch}`.

    ./start                 open the workbench on the demo; `./start COHORT` on your cohort
    ./svh doctor            check this machine and say how to fix what is missing
    ./svh --help            list all commands
    man -M man svh          the manual; completions/ holds those of bash, zsh and fish

svh looks for the PyTorch of python3. If yours is elsewhere (another Python, a conda environment), name its folder:
    export SVH_TORCH=$(/path/to/python -c 'import torch; print(torch.__path__[0])')
"""

START = """#!/bin/sh
# Opens the workbench, on the demo unless a cohort is named.
here=$(cd "$(dirname "$0")" && pwd) || exit 1
if [ $# -eq 0 ]; then set -- "$here/datasets/demo"; fi
exec "$here/svh" "$@"
"""


def stop(message):
    sys.exit(f"dist: {message}")


def zig():
    """The zig program, fetched once into the cache; pip checks its hash."""
    home = libtorch.home()
    target = home / f"zig-{ZIG}"
    if not (target / "zig").is_file():
        home.mkdir(parents=True, exist_ok=True)
        print(f"dist: fetching zig {ZIG} (94 MB, once), whose linker makes programs for older systems", file=sys.stderr)
        with tempfile.TemporaryDirectory(dir=home) as scratch:
            scratch = Path(scratch)
            if not libtorch.pip_download(ZIG_WHEEL, scratch):
                stop("pip could not fetch zig; see its message above")
            for wheel in scratch.glob("*.whl"):
                zipfile.ZipFile(wheel).extractall(scratch)
            (scratch / "ziglang" / "zig").chmod(0o755)
            shutil.rmtree(target, ignore_errors=True)
            (scratch / "ziglang").rename(target)
    return target / "zig"


def build(out):
    """Both programs, linked for the older glibc; the paths of the two files."""
    env = dict(os.environ, LIBTORCH=str(libtorch.folder()), SVH_ZIG=str(zig()), SVH_GLIBC=GLIBC)
    # Only what the workspace itself holds is compiled again, and kept apart from what `make build` makes of it.
    env["RUSTC_WORKSPACE_WRAPPER"] = str(TOP / "build" / "oldrustc.py")
    command = [os.environ.get("CARGO", "cargo"), "build", "--release", "--workspace", "--bins"]
    if subprocess.run(command, env=env, cwd=TOP).returncode:
        stop("the programs could not be built; see the messages above")
    return [out / "release" / "svh", out / "release" / "svh-engine"]


def newest(program, library):
    """The newest version of a library's symbols that a program asks for, as a tuple; () for none."""
    table = subprocess.run(["objdump", "-T", str(program)], stdout=subprocess.PIPE, text=True, check=True).stdout
    return max((tuple(map(int, found.split("."))) for found in re.findall(rf"\b{library}_([0-9.]+)", table)), default=())


def check(program):
    """Stops if a program asks for newer symbols than it should."""
    for library, limit in (("GLIBC", GLIBC), ("GLIBCXX", GLIBCXX)):
        asked = newest(program, library)
        if asked > tuple(map(int, limit.split("."))):
            stop(f"{program.name} needs {library} {'.'.join(map(str, asked))}, newer than {limit}")


def manual(folder):
    """What the shells and `man` read, written by the program itself."""
    svh = str(folder / "svh")
    completions = folder / "completions"
    completions.mkdir()
    for shell, name in (("bash", "svh.bash"), ("zsh", "_svh"), ("fish", "svh.fish")):
        (completions / name).write_bytes(subprocess.run([svh, "completions", shell], stdout=subprocess.PIPE, check=True).stdout)
    subprocess.run([svh, "man", "--out", str(folder / "man" / "man1")], check=True)


def version():
    """The version of the programs."""
    return re.search(r'^version = "(.*)"', (TOP / "Cargo.toml").read_text(), re.M).group(1)


def make(out):
    """Builds the programs and the archive; its path."""
    name = f"svh-{version()}-linux-x86_64"
    programs = build(out)
    for program in programs:
        check(program)
    (TOP / "dist").mkdir(exist_ok=True)
    archive = TOP / "dist" / f"{name}.tar.gz"
    with tempfile.TemporaryDirectory(dir=TOP / "dist") as scratch:
        folder = Path(scratch) / name
        folder.mkdir()
        for program in programs:
            shutil.copy2(program, folder)
        (folder / "start").write_text(START)
        (folder / "start").chmod(0o755)
        (folder / "README").write_text(README.format(version=version(), glibc=GLIBC, torch=libtorch.VERSION))
        for licence in TOP.glob("LICENSE-*"):
            shutil.copy(licence, folder)
        manual(folder)
        shutil.copytree(TOP / "models", folder / "models")
        shutil.copytree(TOP / "datasets" / "demo", folder / "datasets" / "demo", ignore=shutil.ignore_patterns("*.parquet", "tables.json", "????????-??????-*", "reviews"))
        whole = Path(scratch) / "whole.tar.gz"
        with tarfile.open(whole, "w:gz") as tar:
            tar.add(folder, arcname=name)
        whole.rename(archive)
    return archive


def main():
    archive = make(Path(sys.argv[1]).resolve())
    print(f"{archive.relative_to(TOP)}: {archive.stat().st_size / 1e6:.0f} MB, for glibc {GLIBC} or later and PyTorch {libtorch.VERSION}")


if __name__ == "__main__":
    main()
