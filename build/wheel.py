#!/usr/bin/env python3
"""Makes dist/svh-<version>-py3-none-manylinux_*.whl out of what `make dist` made: `pip install svh-*.whl && svh`, on a machine with Python and no Rust.

A wheel of programs: pip puts `svh` and `svh-engine` into the folder of scripts, and models, demo, manual and completions under `share/`. It has no module to
import. It depends on PyTorch, of any build (CPU or CUDA). The platform tag follows from the symbols that the programs ask for. The one argument is cargo's
build folder, whose archive in dist/ must be there.
"""

import base64
import csv
import hashlib
import io
import re
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import dist
import libtorch

TOP = dist.TOP
# What manylinux_2_28 allows beside glibc 2.28 (AlmaLinux 8, GCC 8): a program that asks for more gets a later tag.
GLIBCXX_OF = {(2, 28): (3, 4, 25), (2, 31): (3, 4, 28), (2, 34): (3, 4, 29), (2, 35): (3, 4, 30), (2, 39): (3, 4, 33)}
# What shells and `man` read, and where they look for it below a prefix.
SHARED = {
    "completions/svh.bash": "share/bash-completion/completions/svh",
    "completions/_svh": "share/zsh/site-functions/_svh",
    "completions/svh.fish": "share/fish/vendor_completions.d/svh.fish",
}

METADATA = """Metadata-Version: 2.1
Name: svh
Version: {version}
Summary: Terminal workbench for Sharp/van der Heijde scoring of rheumatoid arthritis radiographs
Requires-Python: >=3.9
Requires-Dist: torch=={torch}.*
Classifier: Environment :: Console
Classifier: Operating System :: POSIX :: Linux
Classifier: License :: OSI Approved :: MIT License
Classifier: License :: OSI Approved :: Apache Software License
Description-Content-Type: text/markdown

`svh` opens the workbench on a synthetic demo cohort, `svh COHORT` on yours, `svh doctor` checks the machine and says how to fix what is missing.

svh is a research tool, not a medical device: do not base any decision about a patient on it.
"""


def tag(programs):
    """The platform tag: the oldest manylinux whose glibc and libstdc++ have all symbols that the programs ask for."""
    asked = {library: max((dist.newest(program, library) for program in programs), default=(0,)) for library in ("GLIBC", "GLIBCXX")}
    for glibc, glibcxx in sorted(GLIBCXX_OF.items()):
        if asked["GLIBC"] <= glibc and asked["GLIBCXX"] <= glibcxx:
            return f"manylinux_{glibc[0]}_{glibc[1]}_x86_64"
    dist.stop(f"no platform tag fits programs that ask for {asked}")


class Wheel:
    """A zip with a record of hashes, in which times are those of the archive, so that the same programs give the same wheel."""

    def __init__(self, path, name, time):
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self.name, self.time, self.record = name, time, []

    def add(self, place, data, executable=False):
        info = zipfile.ZipInfo(place, self.time)
        info.external_attr = (0o100755 if executable else 0o100644) << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        self.zip.writestr(info, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.record.append((place, f"sha256={digest}", len(data)))

    def close(self):
        place = f"{self.name}.dist-info/RECORD"
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([*self.record, (place, "", "")])
        self.zip.writestr(zipfile.ZipInfo(place, self.time), text.getvalue())
        self.zip.close()


def place_of(name):
    """Where a file of the archive goes below the prefix; None for what only an unpacked archive needs."""
    if name in SHARED:
        return SHARED[name]
    if name.startswith("man/"):
        return f"share/{name}"
    return f"share/svh/{name}" if name.startswith(("models/", "datasets/")) else None


def main():
    out = Path(sys.argv[1]).resolve()
    version = dist.version()
    archive = dist.make(out)
    torch = ".".join(libtorch.VERSION.split(".")[:2])
    with tempfile.TemporaryDirectory(dir=TOP / "dist") as scratch:
        with tarfile.open(archive) as tar:
            tar.extractall(scratch, filter="data")
        [folder] = Path(scratch).iterdir()
        programs = [folder / "svh", folder / "svh-engine"]
        platform = tag(programs)
        name = f"svh-{version}"
        file = f"{name}-py3-none-{platform}.whl"
        unfinished = Path(scratch) / file
        wheel = Wheel(unfinished, name, (2026, 1, 1, 0, 0, 0))
        for program in programs:
            wheel.add(f"{name}.data/scripts/{program.name}", program.read_bytes(), executable=True)
        for path in sorted(folder.rglob("*")):
            place = place_of(str(path.relative_to(folder))) if path.is_file() else None
            if place:
                wheel.add(f"{name}.data/data/{place}", path.read_bytes())
        for licence in sorted(folder.glob("LICENSE-*")):
            wheel.add(f"{name}.dist-info/licenses/{licence.name}", licence.read_bytes())
        wheel.add(f"{name}.dist-info/METADATA", METADATA.format(version=version, torch=torch).encode())
        wheel.add(f"{name}.dist-info/WHEEL", f"Wheel-Version: 1.0\nGenerator: svh\nRoot-Is-Purelib: false\nTag: py3-none-{platform}\n".encode())
        wheel.close()
        unfinished.rename(TOP / "dist" / file)
    size = (TOP / "dist" / file).stat().st_size
    print(f"dist/{file}: {size / 1e6:.0f} MB, for PyTorch {torch}")


if __name__ == "__main__":
    main()
