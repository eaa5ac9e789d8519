"""The pictures of the sample disc: computed, then packed into the formats by ImageMagick."""
import colorsys
import math
import struct
import subprocess
import zlib


def png(path, width, height, pixel):
    """Writes 8-bit RGBA; `pixel(x, y)` gives four numbers from 0 to 1."""
    rows = []
    for y in range(height):
        row = bytearray([1])
        before = (0, 0, 0, 0)
        for x in range(width):
            now = tuple(max(0, min(255, round(255 * part))) for part in pixel(x, y))
            row += bytes((a - b) & 255 for a, b in zip(now, before))
            before = now
        rows.append(bytes(row))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"".join(rows), 9)) + chunk(b"IEND", b""))


def smooth(edge, value):
    """0 below `edge`, 1 above, with one unit between."""
    return max(0.0, min(1.0, value - edge + 0.5))


def disc(size, turn=0.0):
    """A disc as a function from a pixel to its colour, transparent around it and in its hole."""
    middle = (size - 1) / 2

    def pixel(x, y):
        dx, dy = x - middle, y - middle
        radius = math.hypot(dx, dy) / middle
        step = 1 / middle
        alpha = (1 - smooth(0.97 / step, radius / step)) * smooth(0.13 / step, radius / step)
        if alpha <= 0:
            return 0, 0, 0, 0
        angle = math.atan2(dy, dx) / (2 * math.pi) + turn
        shine = (0.5 + 0.5 * math.cos(4 * math.pi * angle)) ** 3
        red, green, blue = colorsys.hsv_to_rgb((angle * 4 + radius * 0.6) % 1, 0.55 * shine, 0.80 + 0.18 * shine)
        if radius < 0.36:
            grey = 0.30 if radius < 0.33 else 0.55
            red, green, blue = grey * 0.9, grey, grey * 1.15
        return red, green, blue, alpha
    return pixel


def aurora(width, height):
    """A night sky with northern lights behind three ridges of hills."""
    stars = {((i * 7919) % width, (i * i * 104729) % (height // 2)) for i in range(90)}

    def ridge(x, base, swing, pace, shift):
        return base + swing * (math.sin(x * pace + shift) + 0.5 * math.sin(x * pace * 2.3 + 2 * shift))

    def pixel(x, y):
        for level, (base, colour) in enumerate(((0.70, (0.10, 0.16, 0.25)), (0.79, (0.06, 0.11, 0.18)), (0.89, (0.03, 0.06, 0.10)))):
            if y > height * ridge(x, base, 0.035, 0.011 + 0.004 * level, 1.7 * level) and level == max(
                at for at, b in enumerate((0.70, 0.79, 0.89)) if y > height * ridge(x, b, 0.035, 0.011 + 0.004 * at, 1.7 * at)
            ):
                return *colour, 1
        sky = y / height
        red, green, blue = 0.02 + 0.05 * sky, 0.03 + 0.10 * sky, 0.12 + 0.16 * sky
        for band, (place, tint) in enumerate(((0.26, (0.15, 0.95, 0.55)), (0.38, (0.25, 0.60, 0.95)), (0.20, (0.70, 0.35, 0.85)))):
            centre = place + 0.06 * math.sin(x * 0.009 + band * 2.1) + 0.02 * math.sin(x * 0.031 + band)
            light = math.exp(-(((sky - centre) / (0.05 if sky > centre else 0.16)) ** 2)) * (0.55 + 0.25 * math.sin(x * 0.05 + band))
            red, green, blue = red + 0.5 * light * tint[0], green + 0.5 * light * tint[1], blue + 0.5 * light * tint[2]
        if (x, y) in stars:
            red, green, blue = red + 0.6, green + 0.6, blue + 0.6
        return red, green, blue, 1
    return pixel


def rings(size):
    """Two crossing systems of circles."""
    def pixel(x, y):
        one = math.hypot(x - size * 0.3, y - size * 0.5)
        two = math.hypot(x - size * 0.7, y - size * 0.5)
        value = 0.5 + 0.25 * math.sin(one / 3) + 0.25 * math.sin(two / 3)
        return 0.12 + 0.75 * value, 0.20 + 0.55 * value, 0.45 + 0.45 * value, 1
    return pixel


def write(folder, work, stamp):
    folder.mkdir(parents=True)
    png(folder / "disc with transparency.png", 320, 320, disc(320))
    png(work / "aurora.png", 800, 500, aurora(800, 500))
    png(work / "rings.png", 128, 128, rings(128))
    png(work / "small.png", 64, 64, disc(64))
    frames = []
    for frame in range(12):
        frames.append(work / f"turn{frame:02}.png")
        png(frames[-1], 96, 96, disc(96, frame / 24))

    def convert(*arguments):
        subprocess.run(["convert", *[str(part) for part in arguments]], check=True, stdin=subprocess.DEVNULL)

    convert(work / "aurora.png", "-strip", "-quality", "88", folder / "northern lights.jpg")
    convert(work / "aurora.png", "-strip", "-resize", "400x250", "-quality", "80", folder / "northern lights.webp")
    convert("-delay", "8", "-dispose", "background", *frames, "-loop", "0", "-strip", folder / "turning disc.gif")
    convert(work / "rings.png", "-strip", "-type", "TrueColor", "BMP3:" + str(folder / "rings.bmp"))
    convert(work / "rings.png", "-strip", "-compress", "LZW", folder / "rings.tiff")
    convert(work / "rings.png", "-strip", "-colors", "32", "-depth", "8", folder / "rings.ppm")
    convert(work / "small.png", "-strip", folder / "disc.ico")
    (folder / "not really a picture.png").write_bytes(b"The name says PNG, the content does not: Isoscope goes by the content.\n")
    # The first half of a picture, as an interrupted copy leaves it.
    whole = (folder / "northern lights.jpg").read_bytes()
    (folder / "cut off in the middle.jpg").write_bytes(whole[: len(whole) // 2])
    for path in folder.iterdir():
        stamp(path)
