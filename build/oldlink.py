#!/usr/bin/env python3
"""A linker for rustc that makes a program for an older glibc than this machine's: zig's, which knows the symbols of every glibc.

SVH_ZIG names the zig program and SVH_GLIBC the version, such as 2.28. libstdc++ stays GNU's, because libtorch is built with it (zig would
put LLVM's in its place), and paths of this machine are left out of the program.
"""

import os
import subprocess
import sys


def main():
    stdcxx = subprocess.run(["g++", "-print-file-name=libstdc++.so"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    arguments = []
    for argument in sys.argv[1:]:
        if argument == "-lstdc++":
            arguments.append(stdcxx)
        elif not argument.startswith("-Wl,-rpath,/"):
            arguments.append(argument)
    zig = os.environ["SVH_ZIG"]
    os.execv(zig, [zig, "cc", "-target", f"x86_64-linux-gnu.{os.environ['SVH_GLIBC']}", *arguments])


if __name__ == "__main__":
    main()
