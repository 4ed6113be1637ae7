#!/usr/bin/env python3
"""Finds or makes the libtorch that svh-engine is built against, and prints its folder on stdout.

With SVH_TORCH set, the installed PyTorch it names is used: a folder `.../torch` (what `python3 -c "import torch;
print(torch.__path__[0])"` prints) or an unpacked libtorch. Otherwise the CPU part of the PyPI wheel is unpacked once into
`$XDG_CACHE_HOME/svh` (default `~/.cache/svh`), after pip has checked every download against the hashes below.
The version is pinned because the crate tch is built for exactly one (see Cargo.toml).
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

VERSION = "2.11.0"
WHEELS = {
    f"torch=={VERSION}": "0f68f4ac6d95d12e896c3b7a912b5871619542ec54d3649cf48cc1edd4dd2756",
    "nvidia-cuda-runtime==13.0.96": "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
    "nvidia-cuda-cupti==13.0.85": "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
}
# libtorch_cpu.so of the CUDA wheel names libcudart and libcupti, so those two travel along; nothing else of CUDA does.
LIBRARIES = ("libtorch_cpu.so", "libc10.so", "libgomp.so.1", "libshm.so", "libcudart.so.13", "libcupti.so.13")


def stop(message):
    sys.exit(f"libtorch: {message}")


def installed(folder):
    """The folder of an installed PyTorch, if it is one of the right version."""
    folder = Path(folder).resolve()
    if not (folder / "lib" / "libtorch_cpu.so").is_file():
        stop(f"SVH_TORCH={folder} has no lib/libtorch_cpu.so; name the folder that `import torch` comes from")
    for name in ("build-version", "version.py"):
        if (folder / name).is_file():
            if VERSION not in (folder / name).read_text():
                stop(f"{folder} is not PyTorch {VERSION}, the version that the crate tch is built for; install that one or unset SVH_TORCH")
            return folder
    stop(f"{folder} does not say its version (no build-version, no version.py); SVH_TORCH must name PyTorch {VERSION}")


def pip_download(wheels, folder, *options):
    """Lets pip fetch `wheels` (requirement to sha256) into `folder`; pip checks the hashes."""
    wanted = folder / "requirements.txt"
    wanted.write_text("".join(f"{name} --hash=sha256:{digest}\n" for name, digest in wheels.items()))
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes",
               "--only-binary=:all:", "--dest", str(folder), "-r", str(wanted), *options]
    return subprocess.run(command, stdout=sys.stderr).returncode == 0


def download(folder):
    """Fetches the wheels of PyTorch for the CPU."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        stop(f"wheels are pinned for Linux on x86_64 only; install PyTorch {VERSION} and name its folder in SVH_TORCH")
    options = ["--python-version", "3.12", "--implementation", "cp"]
    for name in [f"manylinux_2_{n}_x86_64" for n in (17, 25, 28)] + ["manylinux2014_x86_64"]:
        options += ["--platform", name]
    print(f"libtorch: fetching PyTorch {VERSION} for the CPU (544 MB, once)", file=sys.stderr)
    if not pip_download(WHEELS, folder, *options):
        stop("pip could not fetch the wheels; see its message above, or name an installed PyTorch in SVH_TORCH")


def unpack(wheels, folder):
    """Takes the headers, the CMake files and the CPU libraries out of the wheels."""
    (folder / "lib").mkdir(parents=True)
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                name = Path(entry.filename)
                if name.name in LIBRARIES:
                    target = folder / "lib" / name.name
                elif name.parts[:2] in (("torch", "include"), ("torch", "share")) and not entry.is_dir():
                    target = folder.joinpath(*name.parts[1:])
                else:
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as source, open(target, "wb") as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)
    (folder / "lib" / "libtorch.so").symlink_to("libtorch_cpu.so")
    (folder / "build-version").write_text(f"{VERSION}\n")


def home():
    """Where everything that is fetched is kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "svh"


def cached():
    """The folder in the cache, made in one rename so that a broken download never looks whole."""
    target = home() / f"libtorch-{VERSION}-cpu"
    if (target / "build-version").is_file():
        return target
    home().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home()) as scratch:
        scratch = Path(scratch)
        download(scratch)
        unpack(sorted(scratch.glob("*.whl")), scratch / "libtorch")
        shutil.rmtree(target, ignore_errors=True)
        (scratch / "libtorch").rename(target)
    return target


def folder():
    """The libtorch to build against: the one that SVH_TORCH names, or the cached one."""
    named = os.environ.get("SVH_TORCH")
    return installed(named) if named else cached()


if __name__ == "__main__":
    print(folder())
