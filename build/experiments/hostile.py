#!/usr/bin/env python3
"""Peak memory of svh and svh-engine on hostile films of at most 1 MB: `build/experiments/hostile.py [--svh PATH] [--keep DIR]`.

Every film says that it is as large as a film may be, or larger, and takes next to nothing on the disk: pictures of one colour in every format and
compression, headers that lie, lengths of gigabytes, sequences within sequences, deflated data sets and metadata that grow a thousandfold. For each it prints
the peak of resident memory of `svh show`, of `svh summary` of a cohort that holds it, and of `svh-engine` asked for its joints, with the sentence that was
given; it ends with status 1 where one of them took more than 2 GB, more than 60 seconds, or ended otherwise than with 0 or 2. Only the standard library is
needed; with imagecodecs there are films in JPEG 2000 as well.
"""

import argparse
import json
import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
MOST = 2_000_000_000
SIDE = 10_000  # 100 megapixels, the most that is read


class Many:
    """Bytes that are a short piece, many times over, and are never in memory as a whole."""

    def __init__(self, piece, count):
        self.piece, self.count = piece, count

    def __len__(self):
        return len(self.piece) * self.count


def deflated(*parts):
    """Parts, each bytes or `Many`, as one raw deflate stream. A block that was flushed can be repeated as it is."""
    out = b""
    for part in parts:
        piece, count = (part.piece, part.count) if isinstance(part, Many) else (part, 1)
        block = max(1, (1 << 20) // len(piece)) if piece else 1
        for times, repeats in ((min(block, count), count // block if count >= block else 1), (count % block if count >= block else 0, 1)):
            if times and repeats:
                packer = zlib.compressobj(9, zlib.DEFLATED, -15)
                out += (packer.compress(piece * times) + packer.flush(zlib.Z_FULL_FLUSH)) * repeats
    return out + zlib.compressobj(9, zlib.DEFLATED, -15).flush()


def zeros(count):
    """So many zero bytes in zlib's format, whose checksum is known."""
    return b"\x78\xda" + deflated(Many(b"\0", count)) + struct.pack(">HH", count % 65521, 1)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(colour, depth, samples, before=b"", interlaced=0, width=SIDE, height=SIDE):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    pixels = zeros(height * (1 + (width * depth * samples + 7) // 8) + 8 * height * interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def tiff(bits, samples, compression=8, data=None, sample_format=1, predictor=1, planar=1, tile=None, width=SIDE, height=SIDE, strips=1, photometric=None):
    """A classic little-endian TIFF of one strip, plane by plane, or of one tile."""
    size = height * ((width * bits * (1 if planar == 2 else samples) + 7) // 8)
    if tile:
        size = tile * tile * bits * samples // 8
    data = zeros(size) if data is None else data
    planes = samples if planar == 2 else 1
    entries, extra, base = [], b"", 8

    def entry(tag, kind, values):
        nonlocal extra
        letter, width_of = {3: ("H", 2), 4: ("I", 4)}[kind]
        packed = struct.pack(f"<{len(values)}{letter}", *values)
        if len(packed) > 4:
            place, extra = base + len(data) + len(extra), extra + packed
            packed = struct.pack("<I", place)
        entries.append(struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0"))

    photometric = photometric if photometric is not None else (2 if samples >= 3 else 1)
    entry(256, 4, [width]), entry(257, 4, [height]), entry(258, 3, [bits] * samples), entry(259, 3, [compression])
    entry(262, 3, [photometric])
    if not tile:
        entry(273, 4, [base] * planes * strips)
    entry(277, 3, [samples])
    if not tile:
        entry(278, 4, [height]), entry(279, 4, [len(data)] * planes * strips)
    entry(284, 3, [planar]), entry(317, 3, [predictor])
    if tile:
        entry(322, 4, [tile]), entry(323, 4, [tile]), entry(324, 4, [base]), entry(325, 4, [len(data)])
    if samples == 4:
        entry(338, 3, [2])
    entry(339, 3, [sample_format] * samples)
    at = base + len(data) + len(extra)
    return b"II*\0" + struct.pack("<I", at) + data + extra + struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)


def jpeg(width, height, components, progressive=False):
    """A JPEG whose every code is a zero bit: one colour, one bit a block and scan."""
    ids = bytes(range(1, components + 1))
    frame = struct.pack(">BHHB", 8, height, width, components) + b"".join(bytes([i, 0x11, 0]) for i in ids)
    table = lambda kind: bytes([kind, 1]) + bytes(15) + b"\0"
    out = b"\xff\xd8\xff\xdb" + struct.pack(">H", 67) + b"\0" + b"\1" * 64
    out += (b"\xff\xc2" if progressive else b"\xff\xc0") + struct.pack(">H", 2 + len(frame)) + frame
    out += b"\xff\xc4" + struct.pack(">H", 2 + 36) + table(0x00) + table(0x10)
    end = (0, 0, 0) if progressive else (0, 63, 0)
    scan = bytes([components]) + b"".join(bytes([i, 0]) for i in ids) + bytes(end)
    out += b"\xff\xda" + struct.pack(">H", 2 + len(scan)) + scan
    blocks = ((width + 7) // 8) * ((height + 7) // 8) * components
    return out + bytes((blocks * (1 if progressive else 2) + 7) // 8) + b"\xff\xd9"


def bmp_rle(width, height):
    line = b"".join(bytes([min(255, width - x), 0]) for x in range(0, width, 255)) + b"\0\0"
    data = line * height + b"\0\1"
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(data), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 1024 + len(data), 0, 0, 54 + 1024) + header + bytes(1024) + data


EXPLICIT, IMPLICIT, BIG, DEFLATED = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
RLE, J2K, JPEG8 = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.50"
LONG = (b"OB", b"OW", b"SQ", b"UN", b"UT", b"UC", b"OF", b"OD", b"OL")


def element(group, number, vr, value=b"", length=None, explicit=True):
    length = len(value) if length is None else length
    head = struct.pack("<HH", group, number)
    if not explicit or group == 0xFFFE:
        return head + struct.pack("<I", length) + value
    return head + vr + (b"\0\0" + struct.pack("<I", length) if vr in LONG else struct.pack("<H", length)) + value


def dicom(syntax, rows, columns, pixels, before=b"", bits=16, samples=1, after=b""):
    """A file with this pixel element, and elements before the picture's own."""
    uid = syntax.encode() + b"\0" * (len(syntax) % 2)
    meta = element(2, 1, b"OB", b"\0\1") + element(2, 2, b"UI", b"1.2.840.10008.5.1.4.1.1.1.1\0") + element(2, 3, b"UI", b"1.2.3.4\0") + element(2, 0x10, b"UI", uid)
    meta = element(2, 0, b"UL", struct.pack("<I", len(meta))) + meta
    explicit = syntax != IMPLICIT
    short = lambda number, value: element(0x28, number, b"US", struct.pack("<H", value), explicit=explicit)
    photometric = element(0x28, 4, b"CS", b"MONOCHROME2 " if samples == 1 else b"RGB ", explicit=explicit)
    picture = short(2, samples) + photometric + short(0x10, rows) + short(0x11, columns) + short(0x100, bits) + short(0x101, bits) + short(0x102, bits - 1) + short(0x103, 0)
    parts = [part for group in (before, [picture], pixels, after) for part in (group if isinstance(group, list) else [group])]
    return bytes(128) + b"DICM" + meta + (deflated(*parts) if syntax == DEFLATED else b"".join(parts))


def large(group, number, vr, piece, count):
    """An element whose value is never in memory."""
    return [element(group, number, vr, b"", len(piece) * count), Many(piece, count)]


def fragments(frame, vr=b"OB"):
    frame += b"\0" * (len(frame) % 2)
    return element(0x7FE0, 0x10, vr, b"", 0xFFFFFFFF) + element(0xFFFE, 0xE000, b"", b"") + element(0xFFFE, 0xE000, b"", frame) + element(0xFFFE, 0xE0DD, b"", b"")


def rle(rows, columns, planes):
    """RLE Lossless: 128 equal bytes in two."""
    packed = b"\x81\0" * -(-rows * columns // 128)
    places = [64 + i * len(packed) for i in range(planes)]
    return struct.pack("<16I", planes, *places, *[0] * (15 - planes)) + packed * planes


def nested(depth, explicit, defined):
    """Sequences within sequences, the innermost empty."""
    if not defined:
        return (element(8, 0x1140, b"SQ", b"", 0xFFFFFFFF, explicit) + element(0xFFFE, 0xE000, b"", b"", 0xFFFFFFFF)) * depth
    parts, length = [], 0
    for _ in range(depth):
        item = element(0xFFFE, 0xE000, b"", b"", length)
        parts.append(element(8, 0x1140, b"SQ", b"", length + 8, explicit) + item)
        length += len(parts[-1])
    return b"".join(reversed(parts))


def lying(inner, explicit):
    """An element of three gigabytes within something that a quick look steps over."""
    huge = element(8, 0x1030, b"UT", b"", 3_000_000_000, explicit)
    if inner == "UN":
        return element(9, 0x1001, b"UN", b"", 0xFFFFFFFF) + element(0xFFFE, 0xE000, b"", b"", 0xFFFFFFFF) + huge
    value = element(0xFFFE, 0xE000, b"", huge + bytes(8))
    return element(8, 0x1140, b"SQ", value, explicit=explicit)


def films():
    """Name and bytes of every film."""
    whole = element(0x7FE0, 0x10, b"OW", bytes(2000))
    yield "png-gray8.png", png(0, 8, 1)
    yield "png-gray16.png", png(0, 16, 1)
    yield "png-rgba16.png", png(6, 16, 4)
    yield "png-rgba8-interlaced.png", png(6, 8, 4, interlaced=1)
    yield "png-rgb16-interlaced.png", png(2, 16, 3, interlaced=1)
    yield "png-1-bit.png", png(0, 1, 1)
    for kind, head in ((b"zTXt", b"Comment\0\0"), (b"iCCP", b"icc\0\0"), (b"iTXt", b"Comment\0\1\0\0\0")):
        yield f"png-{kind.decode()}.png", png(0, 8, 1, chunk(kind, head + zeros(900_000_000)), width=64, height=64)
    yield "png-huge.png", png(0, 16, 1, width=65_000, height=1)[:33] + chunk(b"IDAT", zeros(10))
    for bits, samples in ((8, 1), (16, 1), (16, 3), (16, 4), (8, 4), (12, 1), (1, 1)):
        yield f"tiff-{bits}x{samples}.tif", tiff(bits, samples)
    yield "tiff-16x3-planes.tif", tiff(16, 3, planar=2)
    yield "tiff-16x3-predictor.tif", tiff(16, 3, predictor=2)
    yield "tiff-float.tif", tiff(32, 1, sample_format=3, predictor=3)
    yield "tiff-double.tif", tiff(64, 1, sample_format=3)
    yield "tiff-32.tif", tiff(32, 1)
    yield "tiff-tile.tif", tiff(16, 1, tile=10_000)
    yield "tiff-huge-tile.tif", tiff(16, 1, tile=60_000, data=zeros(400_000_000), width=600, height=600)
    yield "tiff-strips.tif", tiff(8, 1, strips=20_000, data=zeros(1000))
    yield "tiff-packbits.tif", tiff(8, 1, compression=32773, data=b"\x81\0" * 390_000)
    yield "jpeg-gray.jpg", jpeg(65_500, 1526, 1)
    yield "jpeg-gray-square.jpg", jpeg(9_996, 9_996, 1)
    yield "jpeg-colour.jpg", jpeg(9_200, 9_200, 3)
    yield "jpeg-progressive.jpg", jpeg(9_996, 9_996, 1, progressive=True)
    yield "jpeg-colour-progressive.jpg", jpeg(9_996, 9_996, 3, progressive=True)
    yield "jpeg-four-progressive.jpg", jpeg(9_996, 9_996, 4, progressive=True)
    yield "bmp-rle.bmp", bmp_rle(9_990, 9_990)
    yield "dicom-65535.dcm", dicom(EXPLICIT, 65_535, 65_535, whole)
    yield "dicom-rle-65535.dcm", dicom(RLE, 65_535, 65_535, fragments(rle(100, 100, 2)))
    yield "dicom-rle.dcm", dicom(RLE, 5_500, 5_500, fragments(rle(5_500, 5_500, 2)))
    yield "dicom-rle-short.dcm", dicom(RLE, 10_000, 10_000, fragments(rle(100, 100, 2)))
    yield "dicom-jpeg.dcm", dicom(JPEG8, 9_996, 9_996, fragments(jpeg(9_996, 9_996, 1)), bits=8)
    yield "dicom-jpeg-colour.dcm", dicom(JPEG8, 9_200, 9_200, fragments(jpeg(9_200, 9_200, 3)), bits=8, samples=3)
    for explicit in (True, False):
        name, syntax = ("explicit", EXPLICIT) if explicit else ("implicit", IMPLICIT)
        for defined in (True, False):
            yield f"dicom-nested-{name}-{'lengths' if defined else 'marks'}.dcm", dicom(syntax, 40, 40, whole, nested(40_000, explicit, defined))
        yield f"dicom-lying-{name}.dcm", dicom(syntax, 40, 40, whole, lying("SQ", explicit))
    yield "dicom-lying-unknown.dcm", dicom(EXPLICIT, 40, 40, whole, lying("UN", True))
    yield "dicom-lying-fragment.dcm", dicom(J2K, 40, 40, element(0x7FE0, 0x10, b"OB", b"", 0xFFFFFFFF) + element(0xFFFE, 0xE000, b"", b"", 3_000_000_000))
    yield "dicom-elements.dcm", dicom(EXPLICIT, 40, 40, whole, element(9, 0x1001, b"LO") * 120_000)
    yield "dicom-texts.dcm", dicom(EXPLICIT, 40, 40, whole, element(8, 0x1030, b"UC", b"\\" * 990_000))
    yield "dicom-deflated-pixels.dcm", dicom(DEFLATED, 10_000, 10_000, large(0x7FE0, 0x10, b"OW", b"\0", 200_000_000))
    yield "dicom-deflated-colour.dcm", dicom(DEFLATED, 10_000, 10_000, large(0x7FE0, 0x10, b"OB", b"\0", 300_000_000), bits=8, samples=3)
    yield "dicom-deflated-header.dcm", dicom(DEFLATED, 40, 40, whole, large(8, 0x1030, b"UT", b"\0", 900_000_000))
    yield "dicom-deflated-texts.dcm", dicom(DEFLATED, 40, 40, whole, large(8, 0x1030, b"UC", b"\\", 900_000_000))
    yield "dicom-deflated-elements.dcm", dicom(DEFLATED, 40, 40, whole, [Many(element(9, 0x1001, b"LO"), 30_000_000)])
    yield "dicom-deflated-tail.dcm", dicom(DEFLATED, 40, 40, whole, after=large(0xFFFC, 0xFFFC, b"OB", b"\0", 900_000_000))
    yield "dicom-deflated-nested.dcm", dicom(DEFLATED, 40, 40, whole, [Many(nested(1, True, False), 1_000_000)])
    try:
        import imagecodecs
        import numpy
    except ImportError:
        print("no films in JPEG 2000: imagecodecs is not installed", file=sys.stderr)
        return
    for name, values in (("16", numpy.zeros((SIDE, SIDE), "uint16")), ("8", numpy.zeros((SIDE, SIDE), "uint8"))):
        for codec, options in (("one-level", {"resolutions": 1}), ("levels", {})):
            frame = imagecodecs.jpeg2k_encode(values, codecformat="j2k", reversible=True, level=0, **options)
            yield f"dicom-j2k-{name}-{codec}.dcm", dicom(J2K, SIDE, SIDE, fragments(frame), bits=int(name))
    frame = imagecodecs.jpeg2k_encode(numpy.zeros((SIDE, SIDE, 3), "uint8"), codecformat="j2k", reversible=True, level=0)
    yield "dicom-j2k-colour.dcm", dicom(J2K, SIDE, SIDE, fragments(frame), bits=8, samples=3)


def peak(words, stdin=b"", environment=None):
    """Runs a program in a process of its own; its peak of resident memory in bytes, its status, its words, its CPU seconds (whatever else the machine does)."""
    script = "import resource, subprocess, sys, json\n" \
             "done = subprocess.run(sys.argv[1:], stdin=sys.stdin, capture_output=True)\n" \
             "usage = resource.getrusage(resource.RUSAGE_CHILDREN)\n" \
             "print(json.dumps([usage.ru_maxrss * 1024, done.returncode, (done.stdout + done.stderr).decode(errors='replace')[-2000:], usage.ru_utime + usage.ru_stime]))"
    done = subprocess.run([sys.executable, "-c", script, *map(str, words)], input=stdin, stdout=subprocess.PIPE, env=environment, timeout=1800)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svh", type=Path, default=CHECKOUT / "target/release/svh")
    parser.add_argument("--keep", type=Path, help="leave the films in this folder")
    parser.add_argument("--programs", default="show,summary,engine", help="which of show, summary and engine [default: all]")
    parser.add_argument("--only", default="", help="films whose name contains this")
    options = parser.parse_args()
    svh = options.svh.resolve()
    engine = svh.parent / "svh-engine"
    bad, count, most = 0, 0, {}
    with tempfile.TemporaryDirectory(prefix="svh-hostile-") as temporary:
        for name, data in films():
            if options.only not in name:
                continue
            count += 1
            folder = Path(temporary) / "cohort"
            (folder / "images").mkdir(parents=True)
            film = folder / "images" / f"P1-LH{Path(name).suffix}"
            film.write_bytes(data)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                (options.keep / name).write_bytes(data)
            request = json.dumps({"request": "detect", "id": 1, "films": [{"path": str(film)}]}) + "\n"
            programs = {
                "show": ([svh, "show", "--images", "half", film], b""),
                "summary": ([svh, "summary", folder], b""),
                "engine": ([engine, "--device", "cpu", "--models", CHECKOUT / "models", "serve"], request.encode()),
            }
            for program in options.programs.split(","):
                memory, status, said, seconds = peak(*programs[program])
                wrong = memory > MOST or seconds > 60 or status not in (0, 2) or "panicked" in said or "internal error" in said
                bad += wrong
                most[program] = max(most.get(program, 0), memory)
                words = next((line for line in said.splitlines() if name.split("-")[0] in line or "P1-LH" in line), "")[:150]
                print(f"{'WRONG ' if wrong else ''}{name:<34} {len(data) / 1e6:4.2f} MB  {program:<8}{memory / 1e6:6.0f} MB {seconds:5.1f} s  status {status}  {words}", flush=True)
            shutil.rmtree(folder)
    print(f"{count} films; most memory: " + ", ".join(f"{name} {value / 1e6:.0f} MB" for name, value in most.items()) + f"; {bad} wrong")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
