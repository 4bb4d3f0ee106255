
// Compact frames: the part of CBOR that they use.
function Cbor(bytes) {
  this.bytes = bytes;
  this.at = 0;
  this.start = 0;
  this.major = 0;
  this.argument = 0;
}

Cbor.prototype.fail = function (what) {
  throw new Error(what + ' at byte ' + this.start);
};

Cbor.prototype.head = function () {
  this.start = this.at;
  var first = this.byte();
  this.major = first >> 5;
  this.argument = first & 31;
  if (this.argument > 27) {
    this.fail('not supported');
  }
  if (this.argument > 23) {
    var length = 1 << (this.argument - 24);
    this.argument = 0;
    for (var i = 0; i < length; i += 1) {
      this.argument = this.argument * 256 + this.byte();
    }
  }
};

Cbor.prototype.byte = function () {
  if (this.at >= this.bytes.length) {
    throw new Error('cut short at byte ' + this.bytes.length);
  }
  this.at += 1;
  return this.bytes[this.at - 1];
};

Cbor.prototype.expect = function (major) {
  this.head();
  if (this.major !== major) {
    this.fail('malformed');
  }
  return this.argument;
};

Cbor.prototype.unsigned = function (max) {
  if (this.expect(0) > max) {
    this.fail('number out of range');
  }
  return this.argument;
};

// The integer whose head was read.
Cbor.prototype.integer = function () {
  if (this.major > 1) {
    this.fail('malformed');
  }
  if (this.argument > 2147483647) {
    this.fail('number out of range');
  }
  return this.major === 1 ? -1 - this.argument : this.argument;
};

// The bytes of the string whose head was read.
Cbor.prototype.content = function () {
  if (this.argument > this.bytes.length - this.at) {
    throw new Error('cut short at byte ' + this.bytes.length);
  }
  this.at += this.argument;
  return this.bytes.slice(this.at - this.argument, this.at);
};

Cbor.prototype.skip = function (depth) {
  this.head();
  if (this.major === 2 || this.major === 3) {
    this.content();
  } else if (this.major > 3 && this.major < 7) {
    if (depth > 8) {
      this.fail('not supported');
    }
    var items = this.major === 6 ? 1 : this.argument * (this.major - 3);
    for (var i = 0; i < items; i += 1) {
      this.skip(depth + 1);
    }
  }
};

Cbor.prototype.end = function () {
  if (this.at < this.bytes.length) {
    this.start = this.at;
    this.fail('malformed');
  }
};
