"""Reads SenML packs in CBOR (RFC 8428), one per line in hexadecimal, and prints them as CSV."""

import decimal
import sys

import cbor2

BASE_TIME, BASE_NAME, NAME, UNIT, VALUE, TIME = -3, -2, 0, 1, 2, 6
BASE_UNIT, BASE_VALUE = -4, -5

print("boot,sequence,channel,value,unit,time", flush=True)
for line in sys.stdin:
    base_time, base_unit, base_value, boot = 0, "", 0, None
    for record in cbor2.loads(bytes.fromhex(line.strip())):
        base_time = record.get(BASE_TIME, base_time)
        base_unit = record.get(BASE_UNIT, base_unit)
        base_value = record.get(BASE_VALUE, base_value)
        boot = record.get("boot", boot)  # stays in force for the records after it
        time = base_time + record.get(TIME, 0)
        if "up" in record:
            time = "+%d" % record["up"]
        elif time < 1 << 28:  # relative to now, RFC 8428 section 4.5.3
            time = ""
        value = format(decimal.Decimal(base_value + record[VALUE]), "f")
        unit = record.get(UNIT, base_unit)
        print(boot, record["seq"], record[NAME], value, unit, time, sep=",", flush=True)
