// Runs the payload formatters that `sundew describe --to javascript` writes, as a LoRaWAN server
// does: each in a world of its own, with bytes as numbers in an array.
//
// Each line of the input is a form, the script and a port, the two joined by `@`, and the message
// in hexadecimal; each line of the output is what the script made of it, as decode.py writes it.
'use strict';

const fs = require('fs');
const vm = require('vm');

const scripts = new Map();

function script(path) {
  if (!scripts.has(path)) {
    const world = vm.createContext({});
    vm.runInContext(fs.readFileSync(path, 'utf8'), world);
    scripts.set(path, world);
  }
  return scripts.get(path);
}

function bits(value) {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleBE(value);
  return 'f' + buffer.toString('hex');
}

const QUALITIES = ['good', 'uncalibrated', 'suspect', 'under-range', 'over-range', 'fault', 'stale'];

function row(reading) {
  let when = 'u' + Date.parse(reading.time) / 1000;
  if (reading.up !== undefined) {
    when = 'b' + reading.up;
  } else if (reading.from_now !== undefined) {
    when = 'n' + reading.from_now;
  } else if (reading.time === undefined) {
    when = 'n0';
  }
  const origin = reading.seq === undefined ? '-' : reading.boot + '.' + reading.seq;
  const quality = QUALITIES.indexOf(reading.quality);
  return [reading.name, reading.unit, bits(reading.value), when, origin, quality].join('|');
}

function checked(result) {
  if (result.errors && result.errors.length > 0) {
    throw new Error(result.errors.join(', '));
  }
  if (result.warnings && result.warnings.length > 0) {
    throw new Error('warning: ' + result.warnings.join(', '));
  }
  return result;
}

function decoded(form, world, port, bytes) {
  const input = { bytes, fPort: port };
  if (form === 'javascript-down') {
    const data = checked(world.decodeDownlink(input)).data;
    const expires = data.expires === undefined ? '-' : Date.parse(data.expires) / 1000;
    return [[data.id, data.channel, bits(data.value), data.unit, expires].join('|')];
  }
  const data = checked(world.decodeUplink(input)).data;
  if (data.readings) {
    return ['schema ' + data.schema].concat(Array.from(data.readings, row));
  }
  if (data.answer) {
    const { id, result, channel, value } = data.answer;
    return [[id, value === undefined ? '-' : channel + '=' + bits(value), result].join('|')];
  }
  return [data.schema + '|' + data.hash];
}

for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const [form, context, hex] = line.split(' ');
  const [path, port] = context.split('@');
  try {
    const rows = decoded(form, script(path), Number(port), Array.from(Buffer.from(hex, 'hex')));
    console.log(rows.join(';'));
  } catch (error) {
    console.log('! ' + error.message.replace(/\n/g, ' '));
  }
}
