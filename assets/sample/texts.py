"""The texts of the sample disc."""

README = """\
Welcome to the Isoscope sample disc
===================================

It holds a bit of everything that can be found on discs, so that you can try what Isoscope does.

  Texts         The same kind of text in several encodings. Look at the preview: the encoding is recognised, and
                you can choose another one.
  Code          Configuration files, scripts and markup, with coloured syntax.
  Pictures      A picture in many formats, one with transparency, one that is cut off, one that is none at all.
  Names         Names that are long, foreign, or meant to deceive. Look how they are shown, then extract the folder.
  Deep          Nine folders inside each other. ISO 9660 allows seven; Rock Ridge moves the rest and puts it back.
  Data          A table, all 256 bytes (look at them as hex), and a file that the disc keeps compressed.
  Empty folder  Empty.
  boot, EFI     This disc starts computers, with a BIOS and with UEFI, to say hello.

Things to try
-------------

  * Type "txt" into the search box: it searches the whole disc.
  * Switch between Rock Ridge, Joliet and ISO 9660 in the status bar. One file is only in Rock Ridge, another
    only in Joliet. On the command line:  isoscope compare sample.iso
  * Select a file and look at its details: every field of the disc with its meaning and its place.
  * Extract the folder "Names". Some names cannot be written as they are; the plan says so before anything happens.
"""

ONLY_ROCK_RIDGE = "This file is in the Rock Ridge tree and in the ISO 9660 tree, but Joliet does not show it.\n"
ONLY_JOLIET = "This file is in the Joliet tree only: Windows shows it, other systems may not.\n"
TREASURE = "You have come to the bottom of the disc. There is no treasure, but well done.\n"

PLANETS = """\
planet,radius in km,moons,day in hours
Mercury,2439.7,0,4222.6
Venus,6051.8,0,2802.0
Earth,6371.0,1,24.0
Mars,3389.5,2,24.7
Jupiter,69911,95,9.9
Saturn,58232,146,10.7
Uranus,25362,28,17.2
Neptune,24622,16,16.1
"""

PANGRAMS = """\
English     The quick brown fox jumps over the lazy dog.
Deutsch     Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.
Français    Portez ce vieux whisky au juge blond qui fume sur son île intérieure, à côté de l'alcôve ovoïde.
Español     El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia y frío, añoraba a su querido cachorro.
Íslenska    Kæmi ný öxi hér, ykist þjófum nú bæði víl og ádrepa.
"""

MORE_PANGRAMS = """\
Ελληνικά    Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.
Русский     Съешь ещё этих мягких французских булок, да выпей же чаю.
עברית       דג סקרן שט בים מאוכזב ולפתע מצא חברה.
日本語      いろはにほへと ちりぬるを わかよたれそ つねならむ
中文        视野无限广，窗外有蓝天。
한국어      키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다.
Symbols     ← ↑ → ↓  ½ ⅓ ¼  € £ ¥  ♠ ♥ ♦ ♣  😀 💿 🚀
"""

JAPANESE = """\
いろは歌

いろはにほへと　ちりぬるを
わかよたれそ　　つねならむ
うゐのおくやま　けふこえて
あさきゆめみし　ゑひもせす

このファイルは Shift-JIS で書かれています。
"""

RUSSIAN = """\
Этот файл записан в кодировке Windows-1251.
Съешь ещё этих мягких французских булок, да выпей же чаю.
"""

TEXTS = {
    "utf-8.txt": PANGRAMS + MORE_PANGRAMS,
    "utf-8 with byte order mark.txt": ("\ufeff" + PANGRAMS).encode(),
    "utf-16 little endian.txt": ("\ufeff" + PANGRAMS + MORE_PANGRAMS).encode("utf-16-le"),
    "utf-16 big endian.txt": ("\ufeff" + PANGRAMS + MORE_PANGRAMS).encode("utf-16-be"),
    "latin-1.txt": PANGRAMS.encode("latin-1"),
    "shift-jis.txt": JAPANESE.encode("shift_jis"),
    "windows-1251.txt": RUSSIAN.encode("cp1251"),
    "lines of Windows.txt": "Each line ends\r\nwith two bytes,\r\ncarriage return and line feed.\r\n",
    "one very long line.txt": "round and " * 2000 + "round\n",
    "empty.txt": "",
}

CODE = {
    "grub.cfg": """\
# A menu of the kind that installer discs carry.
set timeout=10
set default=0
search --no-floppy --set=root --file /boot/bios.img

menuentry "Look around" --class disc {
    linux  /live/vmlinuz quiet splash
    initrd /live/initrd.img
}

menuentry "Start from the hard disk" {
    set root=(hd0)
    chainloader +1
}
""",
    "settings.ini": """\
; Made-up settings
[display]
theme = dark
scale = 1.25

[paths]
recent = C:\\Discs\\sample.iso
""",
    "server.conf": """\
# Serves the folder of images, read-only.
listen 8080;
root /srv/images;

location /iso/ {
    autoindex on;       # a list of files
    limit_rate 10m;
}
""",
    "autorun.inf": "[autorun]\r\nlabel=Isoscope sample disc\r\n",
    "backup.sh": """\
#!/bin/sh
# Copies a folder onto a new image, with the date in its name.
set -eu
folder=${1:?Which folder?}
name="backup-$(date +%Y-%m-%d).iso"

if [ -e "$name" ]; then
    echo "There is a $name already." >&2
    exit 1
fi
xorriso -as mkisofs -r -J -o "$name" "$folder" && echo "Wrote $name"
""",
    "sectors.py": '''\
"""Counts the sectors of files."""
import pathlib
import sys

SECTOR = 2048


def sectors(path: pathlib.Path) -> int:
    """Whole sectors that `path` takes on a disc."""
    return -(-path.stat().st_size // SECTOR)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(f"{sectors(pathlib.Path(name)):8}  {name}")
''',
    "sectors.rs": """\
//! Counts the sectors of files.

const SECTOR: u64 = 2048;

fn main() -> std::io::Result<()> {
    for name in std::env::args_os().skip(1) {
        let sectors = std::fs::metadata(&name)?.len().div_ceil(SECTOR);
        println!("{sectors:8}  {}", name.display());
    }
    Ok(())
}
""",
    "catalogue.xml": """\
<?xml version="1.0" encoding="UTF-8"?>
<catalogue xmlns="urn:example:catalogue">
  <!-- Three discs of a shelf -->
  <disc id="1" kind="cd"><title>Letters &amp; photographs</title><year>1999</year></disc>
  <disc id="2" kind="dvd"><title>Holidays</title><year>2006</year></disc>
  <disc id="3" kind="bd"><title>Everything else</title><year>2019</year></disc>
</catalogue>
""",
    "disc.json": """\
{
  "title": "Isoscope sample disc",
  "trees": ["Rock Ridge", "Joliet", "ISO 9660"],
  "boot": { "bios": true, "uefi": true },
  "deepest": 10,
  "comment": null
}
""",
    "NOTES.md": """\
# Notes

Isoscope shows *Markdown* as text with colours.

1. A list
2. with `code` in it

> And a quotation.

| format | year |
|--------|-----:|
| ISO 9660 | 1988 |
| Rock Ridge | 1994 |
| Joliet | 1995 |

```sh
isoscope ls -R sample.iso
```
""",
    "page.html": """\
<!DOCTYPE html>
<html lang="en">
  <head><meta charset="utf-8"><title>Hello</title><style>body { font: 16px sans-serif; color: #333 }</style></head>
  <body><h1>Hello</h1><p>Isoscope shows the source; it never runs anything from a disc.</p></body>
</html>
""",
}

LONG = "A name of two hundred letters, which Rock Ridge keeps whole, Joliet cuts, and ISO 9660 shortens to a few capitals, "
NAMES = {
    (LONG * 2)[:196] + ".txt": "A very long name.\n",
    "Ünïcödé – Grüße aus Köln.txt": "Latin letters with marks.\n",
    "日本語のファイル.txt": "Japanese.\n",
    "Документ.txt": "Russian.\n",
    "مرحبا.txt": "Arabic, written from right to left.\n",
    "Disc 💿.txt": "A character outside the basic plane.\n",
    "case.txt": "This name is in small letters.\n",
    "CASE.txt": "This name is in capitals. Windows and macOS take both for the same.\n",
    "CON.txt": "Windows keeps this name for a device.\n",
    "What? A *strange* name: \"quoted\" <here> | there.txt": "Windows cannot write this name.\n",
    "a name that ends with a dot.": "Windows drops the dot.\n",
    " a name that begins with a space.txt": "Easily overlooked.\n",
    "-rf": "This name looks like an option.\n",
    "backslash\\inside.txt": "A backslash is a letter on Unix and a separator on Windows.\n",
    "escape \x1b[31mred\x1b[0m.txt": "Would colour a careless terminal.\n",
    "two\nlines.txt": "This name has two lines.\n",
    "holiday \u202egpj.exe": "Shown carelessly, this looks like a picture: the direction of writing is turned inside.\n",
    ".hidden like on Unix": "Names with a dot in front are not special on a disc.\n",
}
