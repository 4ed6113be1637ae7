#!/usr/bin/env python3
"""Makes the paper's networks of drawn weights for both programs, and the patient whose joints they find: prepare.py FOLDER SVH.

A process of its own, so that it can go on beside the first steps and be ended.
"""

import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "build"))
import beside_torchvision  # noqa: E402


def main():
    folder, svh = Path(sys.argv[1]), sys.argv[2]
    subprocess.run([sys.executable, beside_torchvision.SIDE, "draw", folder], check=True)
    command = [svh, "model", "import", folder / "detector-drawn.safetensors", "--arch", "fasterrcnn_resnet50_fpn", "--task", "narrowing"]
    subprocess.run([*command, "--out", folder / "drawn" / "detector-drawn", "--quiet"], check=True)
    beside_torchvision.set_up(folder, svh, sys.executable, dict(os.environ))


if __name__ == "__main__":
    main()
