#!/usr/bin/env python3
"""Finds files of a crate that use each other in a circle of more than three. A folder's `mod.rs` and its children may know each other; a circle that
spans more files means that none of them can be read or moved alone. Reads `use` items and paths that begin with `crate`, `self` or `super`; tests do not
count. Prints each circle that is too large and exits with 1 if there is one.
"""

import re
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
LARGEST = 3

Module = tuple[str, ...]


def modules(crate: Path) -> dict[Module, Path]:
    """The files of a crate by the path of their module."""
    found = {}
    for file in crate.rglob("*.rs"):
        parts = file.relative_to(crate).with_suffix("").parts
        if "tests" not in parts:
            found[parts[:-1] if parts[-1] in ("mod", "lib", "main") else parts] = file
    return found


def flat(before: list[str], items: str):
    """The paths of a `use` item, its braces resolved."""
    depth, start = 0, 0
    for place, sign in enumerate(items + ","):
        depth += (sign == "{") - (sign == "}")
        if sign == "," and depth == 0:
            item, start = items[start:place].strip(), place + 1
            head, brace, rest = item.partition("{")
            names = before + [name.strip() for name in head.split(" as ")[0].split("::") if name.strip()]
            if brace:
                yield from flat(names, rest.rpartition("}")[0])
            elif item:
                yield names


def paths(source: str):
    """Every path that a file names, tests and re-exports left out."""
    source = re.sub(r"//.*", "", source).partition("#[cfg(test)]\nmod tests {")[0]
    for shared, items in re.findall(r"\b(pub(?:\([^)]*\))? )?use ([^;]+);", source):
        if not shared:
            yield from flat([], items)
    for path in re.findall(r"\b(?:crate|self|super)(?:::\w+)+", re.sub(r"\buse [^;]+;", "", source)):
        yield path.split("::")


def used(module: Module, names: list[str], all_modules: dict[Module, Path]) -> Module | None:
    """The module of the crate that a path in `module` leads to."""
    whole = list(names[1:] if names[0] == "crate" else [*module, *names])
    if names[0] == "self":
        whole = [*module, *names[1:]]
    while "super" in whole:
        place = whole.index("super")
        whole[max(place - 1, 0) : place + 1] = []
    if names[0] not in ("crate", "self", "super") and (*module, names[0]) not in all_modules:
        return None
    while whole and tuple(whole) not in all_modules:
        whole.pop()
    return tuple(whole) if tuple(whole) != module and tuple(whole) in all_modules else None


def circles(arrows: dict[Module, set[Module]]) -> list[set[Module]]:
    """The strongly connected parts with more than one file."""

    def reached(start: Module, along: dict[Module, set[Module]]) -> set[Module]:
        seen, waiting = set(), [start]
        while waiting:
            for then in along[waiting.pop()] - seen:
                seen.add(then)
                waiting.append(then)
        return seen

    back = {module: {other for other in arrows if module in arrows[other]} for module in arrows}
    left, found = set(arrows), []
    while left:
        start = left.pop()
        circle = reached(start, arrows) & reached(start, back)
        left -= circle
        if len(circle) > 1:
            found.append(circle)
    return found


def main() -> int:
    too_large = 0
    for crate in sorted(path.parent / "src" for path in TOP.glob("src/*/Cargo.toml")):
        files = modules(crate)
        arrows = {}
        for module, file in files.items():
            leads = (used(module, names, files) for names in paths(file.read_text(encoding="utf-8")))
            arrows[module] = {to for to in leads if to}
        for circle in circles(arrows):
            if len(circle) > LARGEST:
                too_large += 1
                names = ", ".join(sorted(str(files[module].relative_to(TOP)) for module in circle))
                print(f"{len(circle)} files use each other in a circle: {names}", file=sys.stderr)
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
