
// Walks along a column: a number, and the steps from one to the next, each as far above the smallest
// one as the next bits say.
function Column(first, smallest, steps, width) {
  this.number = first | 0;
  this.smallest = smallest;
  this.steps = steps;
  this.width = width;
}

Column.prototype.next = function () {
  var number = this.number;
  // Behind the last number there is no step.
  var isLast = this.width > 0 && this.steps.at + this.width > this.steps.bytes.length * 8;
  var above = isLast || this.width === 0 ? 0 : this.steps.take(this.width);
  this.number = (number + this.smallest + above) | 0;
  return number;
};

// The column of the integer, or of the string, whose head was read.
function valueColumn(cbor, count) {
  if (cbor.major !== 2) {
    return new Column(cbor.integer(), 0, null, 0);
  }
  var bits = new Bits(cbor.content(), 0);
  return packedColumn(cbor, bits.signed(), bits, count);
}

// The steps behind a number of 32 bits.
function stepColumn(cbor, first, count) {
  cbor.head();
  if (cbor.major !== 2) {
    return new Column(first, cbor.integer(), null, 0);
  }
  return packedColumn(cbor, first, new Bits(cbor.content(), 0), count);
}

function packedColumn(cbor, first, bits, count) {
  var smallest = bits.signed();
  var length = bits.bytes.length - bits.position();
  // As many bits for each step as the bytes have.
  var width = count > 1 ? Math.min(32, Math.floor(length * 8 / (count - 1))) : 0;
  if (!isFilled(bits.bytes, bits.at + width * (count - 1))) {
    cbor.fail('malformed');
  }
  return new Column(first, smallest, bits, width);
}

// Whether bytes hold a number of bits: no byte more, and 0 in the rest of the last one.
function isFilled(bytes, bits) {
  var spare = bits % 8;
  return bytes.length === Math.ceil(bits / 8) && (!spare || bytes[bytes.length - 1] >> spare === 0);
}

function numbers(column, count) {
  var all = [];
  for (var i = 0; i < count; i += 1) {
    all.push(column.next());
  }
  return all;
}

function compact(bytes) {
  var cbor = new Cbor(bytes);
  var items = cbor.expect(4);
  if (items < 3) {
    cbor.fail('malformed');
  }
  var frame = { profile: 'compact', schema: cbor.unsigned(65535), readings: [] };
  var times = compactTimes(cbor);
  var columns = cbor.expect(5);
  var last = -1;
  for (var i = 0; i < columns; i += 1) {
    last = compactColumn(cbor, last, times, frame.readings);
  }
  if (items > 3) {
    compactOrigin(cbor, times.rows, frame.readings);
  }
  if (items > 4) {
    compactQuality(cbor, times.rows, frame.readings);
  }
  for (var j = 5; j < items; j += 1) {
    cbor.skip(0);
  }
  cbor.end();
  return frame;
}

function compactTimes(cbor) {
  cbor.head();
  if (cbor.major !== 4) {
    var alone = compactSeconds(cbor);
    return { form: alone.form, rows: 1, seconds: [alone.seconds] };
  }
  if (cbor.argument === 1) {
    return { form: 'up', rows: 1, seconds: [cbor.unsigned(4294967295)] };
  }
  if (cbor.argument !== 3) {
    cbor.fail('malformed');
  }
  cbor.head();
  var first = cbor.major === 4 && cbor.argument === 1 ?
    { form: 'up', seconds: cbor.unsigned(4294967295) } : compactSeconds(cbor);
  var rows = cbor.unsigned(MAX_ROWS);
  if (rows < 2) {
    cbor.fail('malformed');
  }
  var seconds = numbers(stepColumn(cbor, first.seconds, rows), rows);
  for (var i = 0; i < rows; i += 1) {
    seconds[i] = first.form === 'from_now' ? seconds[i] : seconds[i] >>> 0;
    if (first.form !== 'up' && (seconds[i] < FIRST_ABSOLUTE) !== (first.form === 'from_now')) {
      cbor.fail('number out of range');
    }
  }
  return { form: first.form, rows: rows, seconds: seconds };
}

function compactSeconds(cbor) {
  if (cbor.major === 0 && cbor.argument >= FIRST_ABSOLUTE && cbor.argument <= 4294967295) {
    return { form: 'unix', seconds: cbor.argument };
  }
  return { form: 'from_now', seconds: cbor.integer() };
}

// Reads a channel and returns its id, which is above the last one.
function compactColumn(cbor, last, times, readings) {
  var id = rising(cbor, 255, last);
  var present = null;
  var count = times.rows;
  cbor.head();
  if (cbor.major === 4) {
    if (cbor.argument !== 2) {
      cbor.fail('malformed');
    }
    cbor.expect(2);
    present = cbor.content();
    count = 0;
    for (var i = 0; i < times.rows; i += 1) {
      count += present[i >> 3] >> (i & 7) & 1;
    }
    if (!isFilled(present, times.rows) || count === 0 || count === times.rows) {
      cbor.fail('malformed');
    }
    cbor.head();
  }
  var column = valueColumn(cbor, count);
  for (var row = 0; row < times.rows; row += 1) {
    if (!present || present[row >> 3] >> (row & 7) & 1) {
      var raw = { row: row, form: times.form, seconds: times.seconds[row] };
      readings.push(copy(raw, id, column.next(), 0));
    }
  }
  return id;
}

// Reads a number that is above the last one.
function rising(cbor, max, last) {
  var number = cbor.unsigned(max);
  if (number <= last) {
    cbor.fail('malformed');
  }
  return number;
}

function compactOrigin(cbor, rows, readings) {
  cbor.head();
  if (cbor.major === 7 && cbor.argument === 22) {
    return;
  }
  if (cbor.major !== 4 || cbor.argument < 2 || cbor.argument > 3) {
    cbor.fail('malformed');
  }
  var hasSteps = cbor.argument === 3;
  var boot = cbor.unsigned(65535);
  var first = cbor.unsigned(4294967295);
  var column = hasSteps ? stepColumn(cbor, first, rows) : new Column(first, 1, null, 0);
  var sequences = numbers(column, rows);
  for (var i = 0; i < readings.length; i += 1) {
    readings[i].boot = boot;
    readings[i].seq = sequences[readings[i].row] >>> 0;
  }
}

function compactQuality(cbor, rows, readings) {
  var marked = cbor.expect(5);
  var last = -1;
  for (var i = 0; i < marked; i += 1) {
    var id = rising(cbor, 255, last);
    var start = cbor.start;
    var changes = [];
    last = id;
    cbor.head();
    if (cbor.major === 4 && rows > 1) {
      if (cbor.argument === 0 || cbor.argument % 2 === 1) {
        cbor.fail('malformed');
      }
      var row = -1;
      for (var left = cbor.argument; left > 0; left -= 2) {
        row = rising(cbor, rows - 1, row);
        changes.push([row, cbor.unsigned(255)]);
      }
    } else if (cbor.major > 0 || cbor.argument > 255) {
      cbor.fail(cbor.major > 0 ? 'malformed' : 'number out of range');
    } else {
      changes.push([0, cbor.argument]);
    }
    if (!mark(readings, id, changes)) {
      throw new Error('malformed at byte ' + start);
    }
  }
}

// Marks the readings of a channel, and returns whether there are any.
function mark(readings, id, changes) {
  var isThere = false;
  for (var i = 0; i < readings.length; i += 1) {
    for (var k = 0; readings[i].channel === id && k < changes.length; k += 1) {
      isThere = true;
      if (changes[k][0] <= readings[i].row) {
        readings[i].quality = changes[k][1];
      }
    }
  }
  return isThere;
}

function compactAnswer(bytes) {
  var cbor = new Cbor(bytes);
  var answer = {};
  for (var left = cbor.expect(5); left > 0; left -= 1) {
    var key = cbor.unsigned(4294967295);
    if (key === 1) {
      answer.id = cbor.unsigned(4294967295);
    } else if (key === 2) {
      if (cbor.expect(5) !== 1) {
        cbor.fail('not supported');
      }
      var id = cbor.unsigned(255);
      cbor.head();
      setValue(answer, id, cbor.integer());
    } else if (key === 4) {
      answer.result = cbor.unsigned(65535);
    } else {
      cbor.skip(0);
    }
  }
  cbor.end();
  if (answer.id === undefined || answer.result === undefined) {
    throw new Error('neither readings nor an answer');
  }
  return { profile: 'compact', answer: answer };
}
