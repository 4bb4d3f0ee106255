
// Tiny frames: [header], bitmap, values.
function tiny(bytes, start, kind, warnings) {
  var bits = new Bits(bytes, start);
  var raw = { row: 0, quality: 0, form: 'from_now', seconds: 0 };
  var isMarked = false;
  if (kind % 2 === 1) {
    var flags = bits.take(8);
    if (flags > 15) {
      bits.fail('not supported', start);
    }
    isMarked = flags >= 8;
    var form = flags & 3;
    if (form === 1) {
      var age = bits.varint();
      if (age > 2147483648) {
        bits.fail('number out of range', start + 1);
      }
      raw.seconds = 0 - age;
    } else if (form === 2) {
      raw.form = 'unix';
      raw.seconds = bits.take(8) * 16777216 + bits.take(8) * 65536 + bits.take(8) * 256 +
        bits.take(8);
    } else if (form === 3) {
      raw.form = 'up';
      raw.seconds = bits.varint();
    }
    if (flags & 4) {
      raw.boot = bits.short();
      raw.seq = bits.varint();
    }
  }
  var ids = [];
  var group;
  for (var first = 1; first < 256; first += 7) {
    group = bits.take(8);
    for (var i = 0; i < 7; i += 1) {
      if (group >> i & 1) {
        ids.push(first + i);
      }
    }
    if (group < 128) {
      break;
    }
  }
  if (group >= 128 || ids[ids.length - 1] > 255 || (group === 0 && first > 1)) {
    bits.fail('malformed', bits.position() - 1);
  }
  var readings = [];
  for (var j = 0; j < ids.length; j += 1) {
    var channel = CHANNELS[ids[j]];
    if (!channel) {
      // Fields of channels that are not known have no known width, so that nothing behind is read.
      warnings.push('channel ' + ids[j] + ' and what follows is of another version of the device');
      return { profile: 'tiny', schema: kind >> 1, readings: readings };
    }
    var position = bits.position();
    var mantissa = channel.low + bits.take(channel.bits);
    if (mantissa > 2147483647) {
      bits.fail('number out of range', position);
    }
    readings.push(copy(raw, ids[j], mantissa, isMarked ? bits.take(3) : 0));
  }
  bits.end();
  return { profile: 'tiny', schema: kind >> 1, readings: readings };
}

function copy(raw, channel, mantissa, quality) {
  var reading = { row: raw.row, channel: channel, mantissa: mantissa, quality: quality };
  reading.form = raw.form;
  reading.seconds = raw.seconds;
  reading.boot = raw.boot;
  reading.seq = raw.seq;
  return reading;
}

function tinyAnswer(bytes, start) {
  var bits = new Bits(bytes, start);
  var answer = { id: bits.varint(), result: bits.short() };
  if (bits.position() < bytes.length) {
    setValue(answer, bits.take(8), bits.signed());
  }
  bits.end();
  return { profile: 'tiny', answer: answer };
}

function setValue(answer, id, mantissa) {
  var channel = CHANNELS[id];
  answer.channel = channel ? channel.name : id;
  if (channel) {
    answer.value = decimal(mantissa, channel.exponent);
    answer.unit = channel.unit;
  }
}

function birth(bytes, start, warnings) {
  var bits = new Bits(bytes, start);
  var hash = '';
  for (var i = 0; i < 4; i += 1) {
    hash += (bits.take(8) + 256).toString(16).slice(1);
  }
  var schema = bits.short();
  bits.end();
  if (hash !== HASH) {
    warnings.push('the device works by descriptor ' + hash + ', this decoder by ' + HASH);
  }
  return { profile: 'tiny', schema: schema, hash: hash };
}

function startsWithHash(bytes) {
  for (var i = 0; i < 4; i += 1) {
    if (bytes[i] !== parseInt(HASH.substr(i * 2, 2), 16)) {
      return false;
    }
  }
  return true;
}
