#!/usr/bin/env python3
"""Makes .gpu/, the folder that travels with the checkout to a machine with a GPU: both programs, packed, and films that were named.

    archive.py TARGET [FILM...]     TARGET is cargo's build folder; films are tried on both devices, and are never added to the project
"""

import io
import shutil
import sys
import tarfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "build"))
import dist  # noqa: E402

FOLDER = TOP / ".gpu"
MOST = 30e6


def main():
    out, films = Path(sys.argv[1]).resolve(), [Path(film) for film in sys.argv[2:]]
    missing = [str(film) for film in films if not film.is_file()]
    if missing:
        sys.exit(f"gpu: there is no {', '.join(missing)}")
    programs = dist.build(out)
    FOLDER.mkdir(exist_ok=True)
    archive = FOLDER / "programs.tar.xz"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz", preset=9) as tar:
        for program in programs:
            dist.check(program)
            tar.add(program, arcname=program.name)
    if packed.tell() > MOST:
        sys.exit(f"gpu: the programs take {packed.tell() / 1e6:.0f} MB packed, and {MOST / 1e6:.0f} MB may travel")
    archive.write_bytes(packed.getvalue())
    shutil.rmtree(FOLDER / "films", ignore_errors=True)
    (FOLDER / "films").mkdir()
    for film in films:
        shutil.copy(film, FOLDER / "films")
    size = sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file())
    print(f".gpu: {size / 1e6:.0f} MB, the programs {archive.stat().st_size / 1e6:.0f} MB of it, for glibc {dist.GLIBC} or later")


if __name__ == "__main__":
    main()
