"""Reads what a node sends, one message per line (topic, hexadecimal), and prints it as CSV.

SenML packs by RFC 8428; compact frames by the descriptor that the node announced.
"""

import decimal
import sys

import cbor2

BASE_TIME, BASE_NAME, NAME, UNIT, VALUE, TIME = -3, -2, 0, 1, 2, 6
BASE_UNIT, BASE_VALUE = -4, -5
FIRST_ABSOLUTE = 1 << 28
CHANNELS, ID, CHANNEL_NAME, CHANNEL_UNIT, EXPONENT = 3, 0, 1, 3, 4


def senml(records):
    base_time, base_unit, base_value, boot = 0, "", 0, None
    for record in records:
        base_time = record.get(BASE_TIME, base_time)
        base_unit = record.get(BASE_UNIT, base_unit)
        base_value = record.get(BASE_VALUE, base_value)
        boot = record.get("boot", boot)  # stays in force for the records after it
        time = base_time + record.get(TIME, 0)
        if "up" in record:
            time = "+%d" % record["up"]
        elif time < FIRST_ABSOLUTE:  # relative to now, RFC 8428 section 4.5.3
            time = ""
        value = format(decimal.Decimal(base_value + record[VALUE]), "f")
        unit = record.get(UNIT, base_unit)
        yield boot, record["seq"], record[NAME], value, unit, time


def varint(data):
    """Returns the zig-zag number at the start of `data`, and what follows it."""
    number = 0
    for index, byte in enumerate(data):
        number |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1), data[index + 1 :]
    raise ValueError("a number without an end")


def walk(first, steps, count):
    """Returns `count` numbers from `first` on, one step apart or each by its own step."""
    numbers = [first]
    if isinstance(steps, int):
        return [first + row * steps for row in range(count)]
    smallest, packed = varint(steps)
    bits = int.from_bytes(packed, "little")
    width = min(8 * len(packed) // (count - 1), 32)
    for row in range(count - 1):
        above = bits >> width * row & (1 << width) - 1
        numbers.append(numbers[-1] + smallest + above)
    return numbers


def column(item, rows):
    """Returns the mantissas of a channel by their rows."""
    present = list(range(rows))
    if isinstance(item, list):
        bitmap, item = item
        present = [row for row in present if bitmap[row // 8] >> row % 8 & 1]
    first, steps = (item, 0) if isinstance(item, int) else varint(item)
    numbers = walk(first, steps, len(present))
    wrapped = [(number + 2**31) % 2**32 - 2**31 for number in numbers]
    return zip(present, wrapped)


def compact(frame, descriptor):
    _schema, time, values, (boot, *sequences) = frame[:4]
    rows, step = 1, 0
    if isinstance(time, list) and len(time) == 3:
        time, rows, step = time
    form = "%d"
    if isinstance(time, list):  # since the boot of the records
        (time,) = time
        form = "+%d"
    elif time < FIRST_ABSOLUTE:  # relative to now
        form = ""
    times = walk(time, step, rows)
    first, *steps = sequences
    sequences = walk(first, steps[0] if steps else 1, rows)
    channels = {channel[ID]: channel for channel in descriptor[CHANNELS]}
    for channel, item in values.items():
        channel = channels[channel]
        for row, mantissa in column(item, rows):
            value = decimal.Decimal(mantissa).scaleb(channel.get(EXPONENT, 0))
            when = form and form % (times[row] % (1 << 32))
            name, unit = channel[CHANNEL_NAME], channel[CHANNEL_UNIT]
            yield boot, sequences[row] % (1 << 32), name, format(value, "f"), unit, when


def main():
    print("boot,sequence,channel,value,unit,time", flush=True)
    descriptor, waiting = None, []
    for line in sys.stdin:
        topic, payload = line.split()
        item = cbor2.loads(bytes.fromhex(payload))
        if topic.endswith("/birth"):
            descriptor = item
        elif not isinstance(item[0], dict):
            waiting.append(item)  # a broker orders the messages of one topic only
        else:
            for row in senml(item):
                print(*row, sep=",", flush=True)
        while descriptor and waiting:
            for row in compact(waiting.pop(0), descriptor):
                print(*row, sep=",", flush=True)


main()
