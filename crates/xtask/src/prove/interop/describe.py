"""Judges what `sundew describe` writes for others, against rules that were written down apart.

Each line of the input is a form, a descriptor in hexadecimal and the file with what was written;
each line of the output is `ok` and how much was judged, or `!` and what is wrong.
"""

import decimal
import fractions
import json
import re
import sys

import cbor2

# class -> (units, state classes), as Home Assistant 2025.4 has them.
CLASSES = {}
for line in open(sys.argv[1], encoding="utf-8"):
    name, units, states = line.rstrip("\n").split("\t")
    units = set() if units == "-" else {None if u == "None" else u for u in units.split(", ")}
    CLASSES[name] = (units or {None}, set() if states == "-" else set(states.split(", ")))

# The classes that say what a quantity is, by its number; what is not listed has none that fits.
FITTING = {
    0: {"temperature"},
    1: {"humidity"},
    2: {"atmospheric_pressure", "pressure"},
    3: {"wind_speed"},
    4: {"wind_direction"},
    5: {"precipitation"},
    6: {"voltage"},
    7: {"current"},
    8: {"power"},
    9: {"energy", "energy_storage"},
    10: {"illuminance"},
    11: {"battery"},
    12: {"duration"},
    15: {"distance"},
    16: {"weight"},
    20: {"carbon_dioxide"},
    23: {"atmospheric_pressure", "pressure"},
    24: {"temperature"},
    25: {"moisture"},
    26: {"volume", "volume_storage"},
    27: {"volume_flow_rate"},
    28: {"precipitation_intensity"},
    30: {"volatile_organic_compounds_parts", "volatile_organic_compounds"},
    33: {"irradiance"},
    35: {"frequency"},
    36: {"ph"},
    37: {"conductivity"},
}

# What is measured in turns, beats or events per time is no frequency and no speed there.
RATES = {"1/s", "1/min", "beat/min"}

# (symbol of the SenML registry, unit there) -> factor, where the two are written differently.
FACTORS = {
    ("Cel", "°C"): 1,
    ("deg", "°"): 1,
    ("%RH", "%"): 1,
    ("%EL", "%"): 1,
    ("/100", "%"): 1,
    ("/", "%"): 100,
    ("/", "ppm"): 10**6,
    ("/", "ppb"): 10**9,
    ("/", None): 1,
    ("count", None): 1,
    ("pH", None): 1,
    ("Ohm", "Ω"): 1,
    ("m2", "m²"): 1,
    ("m3", "m³"): 1,
    ("l", "L"): 1,
    ("m/s2", "m/s²"): 1,
    ("W/m2", "W/m²"): 1,
    ("ug/m3", "µg/m³"): 1,
    ("kg/m3", "kg/m³"): 1,
    ("kg/m3", "g/m³"): 10**3,
    ("kg/m3", "µg/m³"): 10**9,
    ("m3/s", "m³/h"): 3600,
    ("l/s", "L/min"): 60,
    ("l/s", "mL/s"): 1000,
    ("S/m", "mS/cm"): 10,
    ("m", "mm"): 1000,
    ("m/s", "mm/h"): 3_600_000,
    ("m/h", "mm/h"): 1000,
}


class Wrong(Exception):
    """Says what breaks a rule."""


def need(condition, what):
    if not condition:
        raise Wrong(what)


def home_assistant(channels, text):
    message = json.loads(text)
    need(message["dev"].get("ids"), "a device without identifiers")
    need(message["o"].get("name"), "no origin")
    need("~" not in message, "abbreviated topics are not allowed in device discovery")
    components = message["cmps"]
    need(len(components) == len(channels), "another number of components")
    ids = {component["uniq_id"] for component in components.values()}
    need(len(ids) == len(components), "two components with one id")
    by_name = {component["name"]: component for component in components.values()}
    for channel in channels:
        try:
            component(channel, by_name[channel[1]])
        except Wrong as wrong:
            raise Wrong("%s of quantity %d in %s" % (wrong, channel[2], channel[3])) from wrong
    return len(channels)


def component(channel, found):
    quantity, symbol, exponent, kind = channel[2], channel[3], channel.get(4, 0), channel.get(8, 0)
    platform, shown_class = found["p"], found.get("dev_cla")
    need(platform in ("sensor", "number", "binary_sensor", "switch"), "platform " + platform)
    is_set = platform in ("number", "switch")
    need(is_set == (channel.get(10, 0) == 1), "%s for access %s" % (platform, channel.get(10, 0)))
    unit, state = found.get("unit_of_meas"), found.get("stat_cla")
    if platform in ("binary_sensor", "switch"):
        need(unit is None and state is None, "a unit of a binary state")
        return
    if shown_class is not None:
        need(shown_class in CLASSES, "class %s" % shown_class)
        units, states = CLASSES[shown_class]
        need(unit in units, "%s in %s" % (shown_class, unit))
        need(state is None or state in states, "%s as %s" % (shown_class, state))
        need(shown_class in FITTING.get(quantity, ()), "class %s" % shown_class)
        need(symbol not in RATES, "class %s for a rate" % shown_class)
    if state is not None:
        need((state in ("total", "total_increasing")) == (kind in (1, 2)), "%s of kind %d" % (state, kind))
    if state == "measurement_angle":
        need(unit == "°", "an angle in %s" % unit)
    need(quantity != 29 or shown_class is None, "a class of events per time")
    factor = FACTORS.get((symbol, unit), 1 if symbol == unit else None)
    need(factor is not None, "%s is shown as %s" % (symbol, unit))
    template = re.fullmatch(
        r'\{\{ (?:\()?value_json\[("(?:[^"\\]|\\.)*")\](?: \* (\d+)\) \| round\((\d+)\))? .*\}\}',
        found["val_tpl"],
    )
    need(template, "template %s" % found["val_tpl"])
    need(json.loads(template[1]) == channel[1], "the value of another channel")
    need(int(template[2] or 1) == factor, "a factor of %s, not %d" % (template[2], factor))
    step = fractions.Fraction(10) ** exponent * factor
    if template[3] is not None:
        whole = (step * 10 ** int(template[3])).denominator == 1
        need(whole, "steps of %s rounded to %s places" % (float(step), template[3]))
    places = found.get("sug_dsp_prc")
    if places is not None:
        whole = (step * 10**places).denominator == 1
        need(whole, "steps of %s shown with %d places" % (float(step), places))


def limits(channel):
    """Returns the range of the mantissas as it is written down."""
    low, high = channel.get(5), channel.get(6)
    if channel.get(8, 0) in (1, 2):
        low = 0 if low is None else low
        high = channel[9] - 1 if high is None else high
    # What a mantissa cannot pass anyway is no limit.
    return low, None if high == (1 << 31) - 1 else high


def thing(channels, text):
    described = json.loads(text, parse_float=decimal.Decimal)
    contexts = described["@context"]
    contexts = [contexts] if isinstance(contexts, str) else contexts
    need(contexts[0] == "https://www.w3.org/2022/wot/td/v1.1", "context")
    need(described["title"], "no title")
    kinds = described.get("@type", [])
    is_model = "tm:ThingModel" in ([kinds] if isinstance(kinds, str) else kinds)
    if not is_model:
        schemes = described["securityDefinitions"]
        need(described["security"], "no security")
        for name in described["security"]:
            need(schemes[name]["scheme"] in ("auto", "basic", "nosec"), "scheme of %s" % name)
        identity = described.get("id", "urn:x")
        need(re.fullmatch(r"[a-z][a-z0-9+.-]*:\S+", identity), "the id is no URI")
        version = described.get("version")
        need(version is None or version.get("instance"), "a version without instance")
    properties = described["properties"]
    need(len(properties) == len(channels), "another number of properties")
    titles = {found["title"]: found for found in properties.values()}
    for channel in channels:
        found = titles[channel[1]]
        need(found["type"] in ("number", "integer", "boolean"), "type " + found["type"])
        writable = channel.get(10, 0) == 1
        need(found.get("readOnly", False) != writable, "%s and access" % channel[1])
        if found["type"] != "boolean":
            exponent = channel.get(4, 0)
            for field, limit in zip(("minimum", "maximum"), limits(channel)):
                expected = None if limit is None else decimal.Decimal(limit).scaleb(exponent)
                need(found.get(field) == expected, "%s %s" % (field, found.get(field)))
            step = found.get("multipleOf")
            need(step is None or step == decimal.Decimal(1).scaleb(exponent), "step %s" % step)
        if not is_model:
            need(found["forms"], "%s has no form" % channel[1])
            for form in found["forms"]:
                need(re.match(r"mqtts?://", form["href"]), "href %s" % form["href"])
                need(form.get("op"), "a form without an operation")
    return len(channels)


FORMS = {"home-assistant": home_assistant, "wot": thing}

for line in sys.stdin:
    form, descriptor, path = line.rstrip("\n").split(" ", 2)
    channels = cbor2.loads(bytes.fromhex(descriptor))[3]
    try:
        text = open(path, encoding="utf-8").read()
        print("ok %d" % FORMS[form](channels, text))
    except Exception as error:
        print("! %s: %s" % (type(error).__name__, str(error).replace("\n", " ")))
