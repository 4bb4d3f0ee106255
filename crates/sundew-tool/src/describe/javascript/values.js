
// Gives each reading its name, its value and its time.
function finishReadings(data, received, warnings) {
  var known = [];
  var unknown = {};
  data.values = {};
  if (data.schema !== SCHEMA) {
    warnings.push('the message is of schema ' + data.schema + ', this decoder of ' + SCHEMA);
  }
  for (var i = 0; i < data.readings.length; i += 1) {
    var raw = data.readings[i];
    var channel = CHANNELS[raw.channel];
    if (!channel) {
      if (!unknown[raw.channel]) {
        warnings.push('channel ' + raw.channel + ' is of another version of the device');
      }
      unknown[raw.channel] = true;
      continue;
    }
    var value = decimal(raw.mantissa, channel.exponent);
    var reading = { row: raw.row, channel: raw.channel, name: channel.name, value: value };
    reading.unit = channel.unit;
    // A quality of a later version is at least a doubt.
    reading.quality = QUALITIES[raw.quality] || 'suspect';
    setTime(reading, raw, received);
    if (raw.boot !== undefined) {
      reading.boot = raw.boot;
      reading.seq = raw.seq;
    }
    known.push(reading);
    data.values[channel.name] = value;
  }
  data.readings = known;
}

function setTime(reading, raw, received) {
  if (raw.form === 'unix') {
    reading.time = isoTime(raw.seconds);
  } else if (raw.form === 'up') {
    reading.up = raw.seconds;
  } else {
    reading.from_now = raw.seconds;
    var now = received === undefined ? NaN : new Date(received).getTime();
    if (!isNaN(now)) {
      reading.time = isoTime(now / 1000 + raw.seconds);
    }
  }
}

function isoTime(seconds) {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

// The number nearest to mantissa x 10^exponent: 57 and -2 are 0.57, where 57 * 0.01 is not.
function decimal(mantissa, exponent) {
  return Number(mantissa + 'e' + exponent);
}

// The number that is nearest to value x 10^places, for a value that stands for its shortest decimal.
function shifted(value, places) {
  var parts = String(value).split('e');
  return Number(parts[0] + 'e' + (Number(parts[1] || 0) + places));
}

function mantissaOf(value, channel) {
  if (typeof value !== 'number' || !isFinite(value)) {
    throw new Error('value must be a number');
  }
  var mantissa = shifted(value, -channel.exponent);
  if (mantissa !== Math.floor(mantissa)) {
    throw new Error(channel.name + ' goes in steps of ' + decimal(1, channel.exponent));
  }
  return mantissa;
}

function channelNamed(name) {
  for (var id in CHANNELS) {
    if (CHANNELS[id].name === name) {
      return CHANNELS[id];
    }
  }
  throw new Error('there is no channel ' + name);
}

function whole(value, max, what) {
  if (typeof value !== 'number' || value !== Math.floor(value) || value < 0 || value > max) {
    throw new Error(what + ' must be a whole number, 0 to ' + max);
  }
  return value;
}

function writeVarint(bytes, value) {
  while (value > 127) {
    bytes.push(value % 128 + 128);
    value = Math.floor(value / 128);
  }
  bytes.push(value);
}

// Reads fields of bits, the lowest bits first.
function Bits(bytes, start) {
  this.bytes = bytes;
  this.at = start * 8;
}

Bits.prototype.fail = function (what, at) {
  throw new Error(what + ' at byte ' + at);
};

Bits.prototype.position = function () {
  return this.at >> 3;
};

Bits.prototype.take = function (width) {
  var value = 0;
  for (var i = 0; i < width; i += 1) {
    if (this.at >> 3 >= this.bytes.length) {
      this.fail('cut short', this.bytes.length);
    }
    value += (this.bytes[this.at >> 3] >> (this.at & 7) & 1) * Math.pow(2, i);
    this.at += 1;
  }
  return value;
};

// Seven bits to a byte, the lowest first; bit 7 says that another byte follows.
Bits.prototype.varint = function () {
  var start = this.position();
  var value = 0;
  for (var scale = 1; scale < 34359738368; scale *= 128) {
    var byte = this.take(8);
    value += byte % 128 * scale;
    if (byte < 128) {
      if (value > 4294967295 || (byte === 0 && scale > 1)) {
        this.fail('malformed', start);
      }
      return value;
    }
  }
  return this.fail('malformed', start);
};

Bits.prototype.short = function () {
  var start = this.position();
  var value = this.varint();
  return value > 65535 ? this.fail('number out of range', start) : value;
};

// 0, -1, 1, -2, ...
Bits.prototype.signed = function () {
  var folded = this.varint();
  return (folded >>> 1) ^ -(folded & 1);
};

Bits.prototype.isPadding = function () {
  for (var i = this.position(); i < this.bytes.length; i += 1) {
    if (this.bytes[i] >> (i === this.position() ? this.at & 7 : 0) !== 0) {
      return false;
    }
  }
  return true;
};

Bits.prototype.end = function () {
  if (!this.isPadding() || this.bytes.length - this.at / 8 >= 1) {
    this.fail('malformed', this.position());
  }
};
