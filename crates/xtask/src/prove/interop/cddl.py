"""Validates frames by the CDDL that `sundew describe` writes, with zcbor.

Each line of the input is `cddl` or `cddl-wrong`, the file with the rules and the frame in
hexadecimal; each line of the output says `ok`, or for a frame that must not be `refused`, else `!`.
"""

import os
import pathlib
import sys

import zcbor

prelude = pathlib.Path(next(pathlib.Path(zcbor.__file__).parent.rglob("prelude.cddl"))).read_text()
rules = {}
# The library prints what it thinks of a frame.
answers, sys.stdout = sys.stdout, open(os.devnull, "w", encoding="utf-8")


def message(path):
    if path not in rules:
        text = prelude + pathlib.Path(path).read_text(encoding="utf-8")
        # The count of what may be repeated without an end is the longest batch, twice.
        rules[path] = zcbor.DataTranslator.from_cddl(text, default_max_qty=2048).my_types
    return rules[path]["message"]


for line in sys.stdin:
    form, path, frame = line.rstrip("\n").split(" ")
    try:
        root = message(path)
    except Exception as error:
        text = "! the rules: %s: %s" % (type(error).__name__, str(error).replace("\n", " "))
        print(text, file=answers)
        continue
    try:
        root.validate_str(bytes.fromhex(frame))
        print("ok" if form == "cddl" else "! passed", file=answers)
    except Exception as error:
        text = "! %s: %s" % (type(error).__name__, str(error).replace("\n", " ")[:200])
        print("refused" if form == "cddl-wrong" else text, file=answers)
