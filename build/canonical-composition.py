#!/usr/bin/env python3
"""Writes the table by which text is brought into Unicode's composed form (NFC), from Python's own copy of the Unicode data.

Usage: build/canonical-composition.py > src/Microsoft.ML.Diffusion/Vocabularies/CanonicalComposition.txt

Unicode never changes the normal forms of characters that it has, so a newer version only adds lines. Hangul syllables follow a rule and are not listed.
A line is  character;combining class;full decomposition;C  in hexadecimal, with C where the last step of the decomposition is composed again.
"""
import sys
import unicodedata


def hexadecimal(text):
    return " ".join(f"{ord(c):X}" for c in text)


print(f"# Unicode {unicodedata.unidata_version}, by build/canonical-composition.py")
for code in range(0x110000):
    if 0xD800 <= code < 0xE000 or 0xAC00 <= code < 0xD7A4:
        continue
    character = chr(code)
    combining = unicodedata.combining(character)
    full = unicodedata.normalize("NFD", character)
    if not combining and full == character:
        continue
    step = unicodedata.decomposition(character)
    pair = full != character and not step.startswith("<") and len(step.split()) == 2
    composed = pair and unicodedata.normalize("NFC", character) == character
    line = f"{code:X};{combining};{hexadecimal(full) if full != character else ''};{step if composed else ''}"
    print(line.rstrip(";"))
sys.stdout.flush()
