#!/usr/bin/env python3
"""Compares svh's pictures of block characters with chafa's: the same film in the same cells, by SSIM and by bytes.

    python3 build/blocks.py [--cells 80x40] [--svh target/release/svh] FILM...

Needs chafa, and numpy and pillow for Python. Both programs' output is drawn as an ideal font would draw it, 8 x 24 pixels a cell, and compared with the
film as svh sends it to kitty, which is also what chafa is given. SSIM is that of Wang et al. (2004): Gaussian window, sigma 1.5, 8-bit range.
"""

import argparse
import base64
import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios

import numpy as np
from PIL import Image

WIDE, HIGH = 8, 24


def in_terminal(command, columns, rows, environment):
    """Everything that a command writes to a terminal of this size."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, columns * 10, rows * 20))
    attributes = termios.tcgetattr(slave)
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, attributes)
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=subprocess.PIPE, env=environment)
    os.close(slave)
    out = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
    if process.wait() != 0:
        sys.exit(f"{' '.join(command)}: {process.stderr.read().decode()}")
    return out


def kitty_picture(out):
    # The first command is a question.
    data = b"".join(re.findall(rb"\x1b_G[^;]*;([^\x1b]*)\x1b\\", b"\x1b_G" + out[out.index(b"a=T"):]))
    return Image.open(io.BytesIO(base64.b64decode(data))).convert("L")


def octants():
    """Masks of eight pieces by character: those of Unicode 16, and those that existed before."""
    quadrants = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
    known = {0x01: "\U0001cea8", 0x02: "\U0001ceab", 0x03: "\U0001fb82", 0x14: "\U0001fbe6", 0x28: "\U0001fbe7", 0x3F: "\U0001fb85",
             0x40: "\U0001cea3", 0x80: "\U0001cea0", 0xC0: "▂", 0xFC: "▆"}
    for index, glyph in enumerate(quadrants):
        bits = [0x05, 0x0A, 0x50, 0xA0]
        known[sum(bits[i] for i in range(4) if index >> i & 1)] = glyph
    rest = [mask for mask in range(256) if mask not in known]
    assert len(rest) == 230
    return {**{glyph: mask for mask, glyph in known.items()}, **{chr(0x1CD00 + i): mask for i, mask in enumerate(rest)}}


def sextants():
    rest = [mask for mask in range(64) if mask not in (0, 21, 42, 63)]
    return {chr(0x1FB00 + i): mask for i, mask in enumerate(rest)}


def grid(mask, rows):
    return np.array([[mask >> (row * 2 + column) & 1 for column in range(2)] for row in range(rows)]).repeat(HIGH // rows, 0).repeat(WIDE // 2, 1)


def glyphs():
    shapes = {glyph: grid(mask, 4) for glyph, mask in octants().items()}
    shapes.update({glyph: grid(mask, 3) for glyph, mask in sextants().items()})
    for eighth in range(1, 8):
        lower = np.zeros((HIGH, WIDE), int)
        lower[HIGH - HIGH * eighth // 8:] = 1
        shapes[chr(0x2580 + eighth)] = lower
        left = np.zeros((HIGH, WIDE), int)
        left[:, :eighth] = 1
        shapes[chr(0x2590 - eighth)] = left
    shapes["▔"] = shapes["▇"] * -1 + 1
    shapes["▕"] = shapes["▉"] * -1 + 1
    return shapes


SHAPES = glyphs()


def palette(index):
    if index < 16:
        level = (0, 128)[index < 8] if index not in (7, 8, 15) else {7: 192, 8: 128, 15: 255}[index]
        return (level * (index & 1), level * (index >> 1 & 1), level * (index >> 2 & 1)) if index not in (7, 8, 15) else (level,) * 3
    if index < 232:
        step = [0, 95, 135, 175, 215, 255]
        index -= 16
        return step[index // 36], step[index // 6 % 6], step[index % 6]
    return (8 + 10 * (index - 232),) * 3


def drawn(out, columns, rows):
    """The picture that text with colours makes, in grays."""
    text = out.decode()
    canvas = np.zeros((rows * HIGH, columns * WIDE))
    gray = lambda rgb: 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]
    front, back, swapped = 255.0, 0.0, False
    row = column = 0
    for code, letter in re.findall(r"(\x1b\[[?0-9;]*[A-Za-z])|([\s\S])", text):
        if code:
            if code.endswith("m"):
                numbers = [int(n or 0) for n in code[2:-1].split(";")]
                while numbers:
                    n = numbers.pop(0)
                    if n == 0:
                        front, back, swapped = 255.0, 0.0, False
                    elif n == 7:
                        swapped = True
                    elif n == 27:
                        swapped = False
                    elif n in (38, 48):
                        kind = numbers.pop(0)
                        rgb = palette(numbers.pop(0)) if kind == 5 else tuple(numbers.pop(0) for _ in range(3))
                        front, back = (gray(rgb), back) if n == 38 else (front, gray(rgb))
                    elif n == 39:
                        front = 255.0
                    elif n == 49:
                        back = 0.0
            continue
        if letter == "\n":
            row, column = row + 1, 0
        elif letter == "\r":
            column = 0
        elif row < rows and column < columns:
            if letter not in SHAPES:
                sys.exit(f"no shape for {letter!r} (U+{ord(letter):04X})")
            ink, paper = (back, front) if swapped else (front, back)
            canvas[row * HIGH:(row + 1) * HIGH, column * WIDE:(column + 1) * WIDE] = np.where(SHAPES[letter], ink, paper)
            column += 1
    return canvas


def blurred(picture):
    kernel = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5 ** 2))
    kernel /= kernel.sum()
    for axis in (0, 1):
        picture = np.apply_along_axis(lambda line: np.convolve(line, kernel, "valid"), axis, picture)
    return picture


def ssim(a, b):
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    ma, mb = blurred(a), blurred(b)
    va, vb, cov = blurred(a * a) - ma * ma, blurred(b * b) - mb * mb, blurred(a * b) - ma * mb
    return float((((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2))).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("films", nargs="+", metavar="FILM")
    parser.add_argument("--cells", default="80x40", help="columns and rows of the window (two rows are the prompt's)")
    parser.add_argument("--svh", default="target/release/svh")
    parser.add_argument("--pictures", help="folder for what was drawn, as PNG")
    options = parser.parse_args()
    columns, rows = map(int, options.cells.split("x"))
    plain = {name: value for name, value in os.environ.items() if name not in ("COLORTERM", "NO_COLOR", "TMUX", "STY")}
    plain["TERM"] = "xterm-256color"
    true = {**plain, "COLORTERM": "truecolor"}
    results = {}
    for film in options.films:
        picture = kitty_picture(in_terminal([options.svh, "show", film, "--images", "kitty"], columns, rows, plain))
        wide, high = picture.width // 10, picture.height // 20
        reference = np.asarray(picture.resize((wide * WIDE, high * HIGH), Image.LANCZOS), float)
        with tempfile.TemporaryDirectory() as folder:
            given = os.path.join(folder, "film.png")
            picture.save(given)
            runs = {}
            for blocks in ("half", "quadrants", "sextants", "octants"):
                command = [options.svh, "show", film, "--images", "half", "--blocks", blocks]
                runs[f"svh {blocks}"] = in_terminal(command, columns, rows, true)
            for name, symbols in (("half", "half+space+solid"), ("quad", "quad+half+space+solid"), ("block", "block+space+solid"),
                                  ("sextant", "sextant+quad+half+space+solid"), ("all of these", "block+sextant+quad+half+space+solid")):
                for colours in ("full", "256"):
                    command = ["chafa", "-f", "symbols", "--symbols", symbols, "-c", colours, "--size", f"{wide}x{high}", "--stretch",
                               "--preprocess", "off", "--dither", "none", "-w", "9", given]
                    done = subprocess.run(command, capture_output=True, env=true)
                    if done.returncode != 0:
                        sys.exit(done.stderr.decode())
                    runs[f"chafa {name}, {colours}"] = done.stdout
        for name, out in runs.items():
            canvas = drawn(out, wide, high)
            if options.pictures:
                os.makedirs(options.pictures, exist_ok=True)
                file = f"{os.path.splitext(os.path.basename(film))[0]} {name}.png".replace(" ", "-").replace(",", "")
                Image.fromarray(canvas.astype(np.uint8)).save(os.path.join(options.pictures, file))
            results.setdefault(name, []).append((ssim(canvas, reference), len(out)))
    print(f"{len(options.films)} films in {columns} x {rows} cells; means")
    for name, pairs in results.items():
        print(f"{name:24} SSIM {np.mean([s for s, _ in pairs]):.3f}   {np.mean([b for _, b in pairs]) / 1000:6.1f} KB")


if __name__ == "__main__":
    main()
