#!/usr/bin/env python3
"""A linker for rustc that makes a program for an older glibc than this machine's: zig's, which knows the symbols of every glibc.

SVH_ZIG names the zig program and SVH_GLIBC the version, such as 2.28. libstdc++ and libgomp stay GNU's, because libtorch is built with them (zig
would put LLVM's in their place), and paths of this machine are left out of the program.
"""

import os
import subprocess
import sys


GNU = ("stdc++", "gomp")


def gnu(name):
    """The path of one of GCC's own libraries."""
    return subprocess.run(["g++", f"-print-file-name=lib{name}.so"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def main():
    arguments = []
    for argument in sys.argv[1:]:
        if argument[:2] == "-l" and argument[2:] in GNU:
            arguments.append(gnu(argument[2:]))
        elif not argument.startswith("-Wl,-rpath,/"):
            arguments.append(argument)
    zig = os.environ["SVH_ZIG"]
    # This machine's GNU libraries want its newer glibc; the other machine has GNU libraries of its own, fit for its older one.
    arguments += ["-Wl,--allow-shlib-undefined", os.path.join(os.path.dirname(os.path.abspath(__file__)), "single_threaded.c")]
    os.execv(zig, [zig, "cc", "-target", f"x86_64-linux-gnu.{os.environ['SVH_GLIBC']}", *arguments])


if __name__ == "__main__":
    main()
