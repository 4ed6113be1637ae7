#!/usr/bin/env python3
"""Finds dependencies that no source names: `build/unused.py` in the checkout. Exit status 1 if there are any.

A dependency must occur in the code that its table is for: [dependencies] in src/ outside of tests, [dev-dependencies] in tests, examples or the test modules
of src/, [build-dependencies] in build.rs; every entry of [workspace.dependencies] in some crate. Comments do not count.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
COMMENT = re.compile(r"//[^\n]*")
TEST_MODULE = re.compile(r"#\[cfg\(test\)\]\s*(?:#\[path = \"[^\"]*\"\]\s*)?mod (\w+)(;| \{)")


INCLUDED = re.compile(r'#\[path = "([^"]*)"\]')


def code(path):
    """The text of a file without comments, with those of files that it takes from elsewhere by `#[path]`."""
    text = COMMENT.sub("", path.read_text())
    elsewhere = [path.parent / name for name in INCLUDED.findall(text)]
    return "\n".join([text, *(code(other) for other in elsewhere if other.is_file())])


def sources(package):
    """The texts of a crate: what ships, its build script, and what only tests and examples see."""
    root = Path(package["manifest_path"]).parent
    shipped, tests = [], []
    only_tests = set()
    files = sorted((root / "src").rglob("*.rs"))
    for path in files:
        for name, ending in TEST_MODULE.findall(code(path)):
            if ending == ";":
                # `mod tests;` lies beside mod.rs, lib.rs and main.rs, or in the folder named after the file.
                folder = path.parent if path.stem in ("mod", "lib", "main") else path.parent / path.stem
                only_tests |= {folder / f"{name}.rs", folder / name / "mod.rs"}
    for path in files:
        text = code(path)
        if path in only_tests or any(folder / "mod.rs" in only_tests for folder in path.parents):
            tests.append(text)
            continue
        # A test module in the file itself is its last item.
        inline = next((found for found in TEST_MODULE.finditer(text) if found[2] != ";"), None)
        shipped.append(text[:inline.start()] if inline else text)
        tests.append(text[inline.start():] if inline else "")
    for target in package["targets"]:
        path = Path(target["src_path"])
        if {"test", "example", "bench"} & set(target["kind"]):
            tests += [code(file) for file in sorted(path.parent.rglob("*.rs"))]
    script = root / "build.rs"
    return "\n".join(shipped), code(script) if script.is_file() else "", "\n".join(tests)


def main():
    command = [os.environ.get("CARGO", "cargo"), "metadata", "--format-version", "1", "--no-deps", "--offline"]
    packages = json.loads(subprocess.run(command, cwd=TOP, check=True, stdout=subprocess.PIPE).stdout)["packages"]
    unused, named = [], set()
    for package in packages:
        shipped, script, tests = sources(package)
        for dependency in package["dependencies"]:
            name = dependency["rename"] or dependency["name"]
            named.add(name)
            word = re.compile(rf"\b{name.replace('-', '_')}\b")
            place = {None: shipped, "build": script, "dev": tests}[dependency["kind"]]
            if not word.search(place):
                only = "; only its tests do, so it belongs in [dev-dependencies]" if dependency["kind"] is None and word.search(tests) else ""
                unused.append(f"{package['name']} does not use {name}{only}")
    table = re.search(r"^\[workspace\.dependencies\]\n(.*?)^\[", (TOP / "Cargo.toml").read_text(), re.M | re.S)[1]
    unused += [f"no crate depends on {name} of [workspace.dependencies]" for name in re.findall(r"^([\w-]+) *=", table, re.M) if name not in named]
    for line in unused:
        print(f"unused: {line}", file=sys.stderr)
    sys.exit(bool(unused))


if __name__ == "__main__":
    main()
