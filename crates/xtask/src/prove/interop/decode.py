"""Decodes frames with cbor2, json and decimal, and by the layouts that sundew-codec documents.

Each line of the input is a format, what the format needs to know, and the frame in hexadecimal;
each line of the output is what was in it, value by value, or `!` and what is wrong.
"""

import decimal
import io
import json
import struct
import sys
import zlib

import cbor2

LABELS = {"bs": -6, "bv": -5, "bu": -4, "bt": -3, "bn": -2, "bver": -1}
LABELS |= {"n": 0, "u": 1, "v": 2, "vs": 3, "vb": 4, "s": 5, "t": 6, "ut": 7, "vd": 8}
FIRST_ABSOLUTE = 1 << 28
INDEFINITE = 31


class Wrong(Exception):
    """Says that a frame breaks a rule."""


def number(value):
    """Writes a number without loss: the bits of a float, else mantissa and exponent."""
    if isinstance(value, bool):
        raise Wrong("a boolean is no number")
    if isinstance(value, float):
        return "f" + struct.pack(">d", value).hex()
    sign, digits, exponent = decimal.Decimal(value).as_tuple()
    mantissa = int("".join(map(str, digits)))
    return "%de%d" % (-mantissa if sign else mantissa, exponent)


def shortest(value):
    """Writes a decimal without the zeros at its end."""
    sign, digits, exponent = decimal.Decimal(value).as_tuple()
    mantissa = int("".join(map(str, digits)))
    while mantissa and mantissa % 10 == 0:
        mantissa, exponent = mantissa // 10, exponent + 1
    return "%de%d" % (-mantissa if sign else mantissa, exponent if mantissa else 0)


def resolved(records, write):
    """Resolves a pack (RFC 8428 section 4.6), with our own labels (README of the codec)."""
    base_name = base_unit = ""
    base_time, boot = 0, None
    rows = []
    for record in records:
        base_name = record.pop(LABELS["bn"], base_name)
        base_unit = record.pop(LABELS["bu"], base_unit)
        base_time = record.pop(LABELS["bt"], base_time)
        boot = record.pop("boot", boot)
        if record.pop(LABELS["bver"], 10) > 10:
            raise Wrong("a pack of a later version")
        if not record:
            continue
        time = base_time + record.pop(LABELS["t"], 0)
        if "up" in record:
            when = "b%d" % record.pop("up")
        else:
            when = "%s%d" % ("u" if time >= FIRST_ABSOLUTE else "n", time)
        value = record.pop(LABELS["v"], None)
        sequence = record.pop("seq", None)
        rows.append(
            "|".join(
                [
                    base_name + record.pop(LABELS["n"], ""),
                    record.pop(LABELS["u"], base_unit),
                    "-" if value is None else write(value),
                    when,
                    "-" if sequence is None else "%d.%d" % (boot, sequence),
                    str(record.pop("q", 0)),
                ]
            )
        )
        if record:
            raise Wrong("labels of which nothing is known: %s" % list(record))
    return rows


def whole(frame):
    """Reads the one item that a frame is, in its shortest form."""
    stream = io.BytesIO(frame)
    item = cbor2.load(stream)
    if stream.read(1):
        raise Wrong("bytes behind the end")
    return item


def senml(_, frame):
    if frame[0] & 31 == INDEFINITE:
        raise Wrong("indefinite length")
    return resolved(whole(frame), number)


def senml_json(_, frame):
    records = json.loads(frame, parse_float=decimal.Decimal)
    numbered = [{LABELS.get(label, label): value for label, value in r.items()} for r in records]
    return resolved(numbered, shortest)


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 0x80:
            return value, at


def unfolded(value):
    """Undoes the zig-zag."""
    return (value >> 1) ^ -(value & 1)


def wrapped(value):
    """Brings a number into 32 bits with sign."""
    return (value + (1 << 31)) % (1 << 32) - (1 << 31)


def along(first, column, count):
    """Reads `count` numbers, of which the first is known."""
    if isinstance(column, int):
        return [first + column * i for i in range(count)]
    smallest, at = varint(column, 0)
    packed, steps = column[at:], count - 1
    width = min(len(packed) * 8 // steps, 32)
    if (width * steps + 7) // 8 != len(packed):
        raise Wrong("a column of another length")
    bits = int.from_bytes(packed, "little")
    numbers = [first]
    for _ in range(steps):
        step = unfolded(smallest) + (bits & ((1 << width) - 1))
        numbers.append(numbers[-1] + step)
        bits >>= width
    if bits:
        raise Wrong("bits behind the last step")
    return numbers


def column_of_values(item, count):
    if isinstance(item, int):
        return [item] * count
    first, at = varint(item, 0)
    return [wrapped(value) for value in along(unfolded(first), item[at:], count)]


def compact(_, frame):
    schema, time, values, *rest = whole(frame)
    origin = rest[0] if rest else None
    quality = rest[1] if len(rest) > 1 else {}
    first, count, steps = time if isinstance(time, list) and len(time) == 3 else (time, 1, 0)
    (seconds,) = first if isinstance(first, list) else (first,)
    times = along(seconds, steps, count)
    if isinstance(first, list):
        times = ["b%d" % (t % (1 << 32)) for t in times]
    elif seconds >= FIRST_ABSOLUTE:
        times = ["u%d" % (t % (1 << 32)) for t in times]
    else:
        times = ["n%d" % wrapped(t) for t in times]
    origins = ["-"] * count
    if origin is not None:
        boot, sequence, *steps = origin
        sequences = along(sequence, steps[0] if steps else 1, count)
        origins = ["%d.%d" % (boot, sequence % (1 << 32)) for sequence in sequences]
    rows = ["schema %d" % schema]
    for channel, column in values.items():
        present = range(count)
        if isinstance(column, list):
            bitmap, column = column
            if len(bitmap) != (count + 7) // 8:
                raise Wrong("a bitmap of another length")
            present = [i for i in range(count) if bitmap[i // 8] >> i % 8 & 1]
        marks = quality.get(channel, 0)
        # From the row of each pair on.
        marks = [0, marks] if isinstance(marks, int) else marks
        changes = list(zip(marks[::2], marks[1::2]))
        for i, value in zip(present, column_of_values(column, len(present))):
            mark = ([0] + [mark for row, mark in changes if row <= i])[-1]
            rows.append("%d|%d|%s|%s|%d" % (channel, value, times[i], origins[i], mark))
    return rows


def command(_, frame):
    fields = whole(frame)
    ((channel, mantissa),) = fields[2].items()
    return ["%d|%d|%d|%s" % (fields[1], channel, mantissa, fields.get(3, "-"))]


def answer(_, frame):
    fields = whole(frame)
    value = "-"
    if 2 in fields:
        ((channel, mantissa),) = fields[2].items()
        value = "%d=%d" % (channel, mantissa)
    return ["%d|%s|%d" % (fields[1], value, fields[4])]


def channels(descriptor):
    """Completes what a descriptor leaves out."""
    for fields in descriptor[3]:
        kind = fields.get(8, 0)
        low, high = fields.get(5), fields.get(6)
        if kind in (1, 2):
            low = 0 if low is None else low
            high = fields[9] - 1 if high is None else high
        low = -(1 << 31) if low is None else low
        high = (1 << 31) - 1 if high is None else high
        yield {
            "id": fields[0],
            "name": fields[1],
            "quantity": fields[2],
            "unit": fields[3],
            "exponent": fields.get(4, 0),
            "low": low,
            "high": high,
            "bits": fields.get(7, (high - low).bit_length()),
            "kind": kind,
            "modulus": fields.get(9, "-"),
            "access": fields.get(10, 0),
        }


def descriptor(_, frame):
    fields = whole(frame)
    if cbor2.dumps(fields, canonical=True) != frame:
        raise Wrong("not the deterministic form")
    rows = ["%d|%s|%d|%08x" % (fields[0], fields[1], fields[2], zlib.crc32(frame))]
    if 4 in fields:
        rows.append(",".join(map(str, fields[4])))
    return rows + ["|".join(map(str, channel.values())) for channel in channels(fields)]


def tiny(context, frame):
    """Decodes a frame of values; the context is the kind, or `-`, and a descriptor."""
    kind, described = context.split(":")
    fields = cbor2.loads(bytes.fromhex(described))
    known = {channel["id"]: channel for channel in channels(fields)}
    at = 0
    if kind == "-":
        kind, at = frame[0], 1
    kind = int(kind)
    if kind // 2 != fields[2]:
        raise Wrong("the frame of schema %d" % (kind // 2))
    when, origin, has_quality = "n0", "-", False
    if kind & 1:
        flags, at = frame[at], at + 1
        if flags & 0xF0:
            raise Wrong("flags of a later version")
        has_quality = flags & 8
        if flags & 3 == 1:
            age, at = varint(frame, at)
            when = "n%d" % -age
        elif flags & 3 == 2:
            when, at = "u%d" % int.from_bytes(frame[at : at + 4], "big"), at + 4
        elif flags & 3 == 3:
            seconds, at = varint(frame, at)
            when = "b%d" % seconds
        if flags & 4:
            boot, at = varint(frame, at)
            sequence, at = varint(frame, at)
            origin = "%d.%d" % (boot, sequence)
    present, group = [], 0
    while True:
        present += [group * 7 + i + 1 for i in range(7) if frame[at] >> i & 1]
        group, at = group + 1, at + 1
        if frame[at - 1] < 0x80:
            break
    rest, size = int.from_bytes(frame[at:], "little"), 8 * (len(frame) - at)
    rows, taken = [], 0
    for number_of in present:
        channel = known[number_of]
        value = channel["low"] + (rest & ((1 << channel["bits"]) - 1))
        rest, taken = rest >> channel["bits"], taken + channel["bits"]
        quality = 0
        if has_quality:
            quality, rest, taken = rest & 7, rest >> 3, taken + 3
        rows.append("%d|%d|%s|%s|%d" % (number_of, value, when, origin, quality))
    if rest or not 0 <= size - taken < 8:
        raise Wrong("%d bits are left over" % (size - taken))
    return rows


def tiny_command(carrier, frame):
    at = 0
    if carrier == "-":
        if frame[0] != 222:
            raise Wrong("no command")
        at = 1
    channel, at = frame[at], at + 1
    number_of, at = varint(frame, at)
    mantissa, at = varint(frame, at)
    expires = int.from_bytes(frame[at : at + 4], "big") if at < len(frame) else "-"
    return ["%d|%d|%d|%s" % (number_of, channel, unfolded(mantissa), expires)]


def tiny_answer(carrier, frame):
    at = 0
    if carrier == "-":
        if frame[0] != 222:
            raise Wrong("no answer")
        at = 1
    number_of, at = varint(frame, at)
    result, at = varint(frame, at)
    value = "-"
    if at < len(frame):
        channel, (mantissa, at) = frame[at], varint(frame, at + 1)
        value = "%d=%d" % (channel, unfolded(mantissa))
    if at != len(frame):
        raise Wrong("bytes behind the end")
    return ["%d|%s|%d" % (number_of, value, result)]


def tiny_birth(_, frame):
    if frame[0] != 1:
        raise Wrong("no birth")
    schema, at = varint(frame, 5)
    if at != len(frame):
        raise Wrong("bytes behind the end")
    return ["%d|%s" % (schema, frame[1:5].hex())]


def micropython(_, frame):
    """Lets micropython-senml decode: it knows names and values."""
    import senml as peer

    pack = peer.SenmlPack("")
    pack.from_cbor(frame)
    rows = []
    for child in pack:
        rows += [
            "%s|%s" % (child.name + record.name, number(record.value))
            for record in (child if isinstance(child, peer.SenmlPack) else [])
        ]
    return rows


FORMATS = {
    "senml": senml,
    "json": senml_json,
    "compact": compact,
    "command": command,
    "answer": answer,
    "descriptor": descriptor,
    "tiny": tiny,
    "tiny-command": tiny_command,
    "tiny-answer": tiny_answer,
    "tiny-birth": tiny_birth,
    "micropython-senml": micropython,
}

for line in sys.stdin:
    form, context, frame = line.rstrip("\n").split(" ")
    try:
        print(";".join(FORMATS[form](context, bytes.fromhex(frame))))
    except Exception as error:  # whatever a decoder raises, it refuses the frame
        print("! %s: %s" % (type(error).__name__, str(error).replace("\n", " ")))
