
// What a value's quality is called, by its number.
var QUALITIES = [
  'good', 'uncalibrated', 'suspect', 'under-range', 'over-range', 'fault', 'stale'
];
// The first second that is Unix time; what is smaller is seconds from now.
var FIRST_ABSOLUTE = 268435456;
var MAX_ROWS = 1024;
// The kinds of tiny frames that hold no values; others are twice the schema, one more with a header.
var BIRTH = 1;
var COMMAND = 222;

function decodeUplink(input) {
  var warnings = [];
  try {
    var data = uplink(input.bytes, input.fPort, warnings);
    data.model = MODEL;
    if (data.readings) {
      finishReadings(data, input.recvTime, warnings);
    }
    return { data: data, warnings: warnings, errors: [] };
  } catch (error) {
    return { data: {}, warnings: warnings, errors: [error.message] };
  }
}

// One measurement for each row that has a value that a server knows, with its time.
function normalizeUplink(input) {
  var readings = input.data.readings || [];
  var measurements = [];
  var byRow = {};
  for (var i = 0; i < readings.length; i += 1) {
    var reading = readings[i];
    var channel = CHANNELS[reading.channel];
    var place = channel && channel.normalized;
    // A value that cannot be trusted does not belong into what others compare.
    if (!place || (reading.quality !== 'good' && reading.quality !== 'uncalibrated')) {
      continue;
    }
    var value = shifted(reading.value, place[2]);
    if (value < place[3] || value > place[4] || (place[1] === 'direction' && value === 360)) {
      continue;
    }
    var measurement = byRow[reading.row];
    if (!measurement) {
      measurement = byRow[reading.row] = {};
      measurements.push(measurement);
      if (reading.time) {
        measurement.time = reading.time;
      }
    }
    var group = measurement[place[0]] = measurement[place[0]] || {};
    // Of two channels of one kind the one with the lower id counts.
    if (!(place[1] in group)) {
      group[place[1]] = value;
    }
  }
  return { data: measurements, warnings: [], errors: [] };
}

// Takes { channel: 'name', value: 1.5, id: 7, expires: '2026-01-01T00:00:00Z' or Unix seconds }.
// The id numbers the command; a device carries out one with the same id only once.
function encodeDownlink(input) {
  try {
    var data = input.data;
    var channel = channelNamed(data.channel);
    if (!channel.writable) {
      throw new Error(channel.name + ' cannot be set');
    }
    var mantissa = mantissaOf(data.value, channel);
    if (mantissa < channel.low || mantissa > channel.high) {
      throw new Error(channel.name + ' is ' + decimal(channel.low, channel.exponent) + ' to ' +
        decimal(channel.high, channel.exponent));
    }
    var bytes = [channel.id];
    writeVarint(bytes, whole(data.id, 4294967295, 'id'));
    writeVarint(bytes, ((mantissa << 1) ^ (mantissa >> 31)) >>> 0);
    if (data.expires !== undefined && data.expires !== null) {
      var unix = typeof data.expires === 'string' ? Date.parse(data.expires) / 1000 : data.expires;
      unix = whole(unix, 4294967295, 'expires');
      if (unix === 0) {
        throw new Error('expires must be after 1970');
      }
      bytes.push(unix >>> 24, unix >>> 16 & 255, unix >>> 8 & 255, unix & 255);
    }
    return { bytes: bytes, fPort: COMMAND, warnings: [], errors: [] };
  } catch (error) {
    return { bytes: [], fPort: COMMAND, warnings: [], errors: [error.message] };
  }
}

function decodeDownlink(input) {
  try {
    var bits = new Bits(input.bytes, 0);
    if (input.fPort !== COMMAND && bits.take(8) !== COMMAND) {
      bits.fail('no command', 0);
    }
    var id = bits.take(8);
    var channel = CHANNELS[id];
    if (!channel) {
      throw new Error('there is no channel ' + id);
    }
    var data = { id: bits.varint(), channel: channel.name };
    data.value = decimal(bits.signed(), channel.exponent);
    data.unit = channel.unit;
    // Zeros behind a command fill up a frame of fixed length.
    if (!bits.isPadding()) {
      data.expires = isoTime(bits.take(8) * 16777216 + bits.take(8) * 65536 + bits.take(8) * 256 +
        bits.take(8));
      if (!bits.isPadding()) {
        bits.fail('malformed', bits.position());
      }
    }
    return { data: data, warnings: [], errors: [] };
  } catch (error) {
    return { data: {}, warnings: [], errors: [error.message] };
  }
}

// Which format a message has: the port says it, or the first byte.
function uplink(bytes, port, warnings) {
  var first = bytes[0];
  if (port === BIRTH && startsWithHash(bytes)) {
    return birth(bytes, 0, warnings);
  }
  if (port >> 1 === SCHEMA && SCHEMA > 0 && SCHEMA <= 110) {
    return tiny(bytes, 0, port, warnings);
  }
  if (port === COMMAND) {
    return tinyAnswer(bytes, 0);
  }
  var isOwn = first >> 1 === SCHEMA && SCHEMA > 0 && SCHEMA <= 110;
  var isCompact = first >= 0x83 && first <= 0x97;
  if (isCompact || (first >= 0xa2 && first <= 0xb7)) {
    try {
      return isCompact ? compact(bytes) : compactAnswer(bytes);
    } catch (error) {
      if (!isOwn) {
        throw error;
      }
    }
  }
  if (isOwn) {
    return tiny(bytes, 1, first, warnings);
  }
  if (first === COMMAND) {
    return tinyAnswer(bytes, 1);
  }
  if (first === BIRTH && bytes.length >= 6) {
    return birth(bytes, 1, warnings);
  }
  if (port === BIRTH) {
    return birth(bytes, 0, warnings);
  }
  if (port >= 2 && port < COMMAND) {
    return tiny(bytes, 0, port, warnings);
  }
  if (first >= 2 && first < COMMAND) {
    return tiny(bytes, 1, first, warnings);
  }
  throw new Error('neither a compact nor a tiny message');
}
