#!/usr/bin/env python3
"""Stands before rustc for the workspace's own crates (RUSTC_WORKSPACE_WRAPPER): its programs are linked by oldlink.py, without their symbols."""

import os
import sys

arguments = sys.argv[1:]
if dict(zip(arguments, arguments[1:])).get("--crate-type") == "bin":
    linker = os.path.join(os.path.dirname(os.path.abspath(__file__)), "oldlink.py")
    arguments += ["-C", f"linker={linker}", "-C", "strip=symbols"]
os.execvp(arguments[0], arguments)
