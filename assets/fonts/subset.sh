#!/bin/sh
# Makes the fonts of the window from their originals: only the characters that the window itself and most European
# file names need, so that the program stays small and starts fast. Other scripts come from the system's fonts.
#
# Needs python3 with fonttools, and:
#   fonts-inter and fonts-jetbrains-mono of Debian 12 (apt-get download, dpkg-deb -x)   → first argument: the folder usr/share/fonts
#   the crate egui_material_icons 0.9.0 (cargo fetch, or crates.io), which carries Google's Material Symbols Rounded → second argument: its folder
set -eu
fonts=$1
symbols=$2
here=$(dirname "$0")

# Latin, Greek, Cyrillic, punctuation, currency, letter-like signs, arrows, some mathematics and geometric shapes.
text=U+0020-024F,U+0259,U+02B0-036F,U+0370-03FF,U+0400-052F,U+1E00-1EFF,U+2000-206F,U+2070-209F,U+20A0-20C0,U+2100-214F,U+2150-215F,U+2190-21FF,U+2200-22FF,U+2300-23FF,U+25A0-25FF,U+2713,U+2717,U+FFFD

# Without ligatures and contextual forms: a file called a->b must not show an arrow.
for weight in Regular SemiBold; do
    pyftsubset "$fonts/opentype/inter/Inter-$weight.otf" --unicodes=$text --layout-features=kern,mark,mkmk,ccmp,locl \
        --no-hinting --name-IDs='*' --output-file="$here/Inter-$weight.otf"
done
for weight in Regular; do
    pyftsubset "$fonts/truetype/jetbrains-mono/JetBrainsMono-$weight.ttf" --unicodes=$text,U+2500-259F \
        --layout-features=mark,mkmk,ccmp,locl --no-hinting --notdef-outline --name-IDs='*' \
        --output-file="$here/JetBrainsMono-$weight.ttf"
done

# Tabular figures: the digits of Inter with one width (feature tnum) in the places of the ordinary ones, so that
# columns of numbers line up. Everything else falls back to Inter itself.
python3 - "$fonts/opentype/inter/Inter-Regular.otf" "$here/InterTabular-Regular.otf" <<'PYTHON'
import sys
from fontTools.ttLib import TTFont
from fontTools.subset import Options, Subsetter

source, target = sys.argv[1:]
font = TTFont(source)
gsub = font["GSUB"].table
alternates = {}
for record in gsub.FeatureList.FeatureRecord:
    if record.FeatureTag == "tnum":
        for index in record.Feature.LookupListIndex:
            for table in gsub.LookupList.Lookup[index].SubTable:
                alternates.update(getattr(table, "ExtSubTable", table).mapping)
for table in font["cmap"].tables:
    for code in list(table.cmap):
        table.cmap[code] = alternates.get(table.cmap[code], table.cmap[code])
options = Options(layout_features=[], hinting=False, name_IDs=["*"])
subsetter = Subsetter(options)
subsetter.populate(unicodes=[ord(c) for c in "0123456789-:., "])
subsetter.subset(font)
font.save(target)
PYTHON

# What stands for a character that no font has: a box. Inter's own is a stack of bars, and subsetting leaves a blank.
python3 - "$here"/Inter*.otf <<'PYTHON'
import sys
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTFont

for path in sys.argv[1:]:
    font = TTFont(path)
    top = font["CFF "].cff.topDictIndex[0]
    left, right, height, stroke, width = 240, 1424, 1900, 150, 1664
    private = top.Private if hasattr(top, "Private") else top.FDArray[top.FDSelect[0]].Private
    pen = T2CharStringPen(width - private.nominalWidthX, font.getGlyphSet())
    outer = [(left, 0), (right, 0), (right, height), (left, height)]
    low, high = stroke, height - stroke
    inner = [(left + stroke, low), (left + stroke, high), (right - stroke, high), (right - stroke, low)]
    for corners in (outer, inner):
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
    top.CharStrings[".notdef"] = pen.getCharString(private, top.GlobalSubrs)
    font["hmtx"][".notdef"] = (width, left)
    font.save(path)
PYTHON

# The icons: those that src/ui/icons.rs names.
codes=$(grep -o 'u{[0-9a-f]*}' "$here/../../src/ui/icons.rs" | sed 's/u{\(.*\)}/U+\1/' | sort -u | paste -sd,)
pyftsubset "$symbols/MaterialSymbolsRounded-Regular.ttf" --unicodes="$codes" --layout-features= --no-hinting \
    --glyph-names --name-IDs='*' --output-file="$here/MaterialSymbolsRounded.ttf"
