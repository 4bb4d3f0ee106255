//! Tiny frames by any layout: read, written again, and read bit by bit; and any values through
//! frames of any width.
#![no_main]

use libfuzzer_sys::fuzz_target;
use num_bigint::BigUint;
use sundew_codec::tiny::{self, Carrier, Field, Layout, Selection};
use sundew_codec::{Entry, Error, Origin, Row, Time};
use sundew_codec_fuzz::rows::{Moment, moments, sorted};
use sundew_codec_fuzz::{check_error, cut, filled, flip, mutant};
use sundew_units::{ChannelId, Quality};

/// Holds the fields of channels 1 to 32, where there are so many.
struct Made {
    schema: u16,
    fields: Vec<Field>,
}

impl Layout for Made {
    fn schema(&self) -> u16 {
        self.schema
    }

    fn field(&self, channel: ChannelId) -> Option<Field> {
        self.fields.get(usize::from(channel.0).checked_sub(1)?).copied()
    }
}

fuzz_target!(|input: &[u8]| {
    // Five bytes for each field, behind their number.
    let (described, rest) = cut(input);
    let fields = described.chunks_exact(5).take(32).map(|part| {
        let [bits, low @ ..] = filled::<5>(part);
        let bits = bits % 33;
        // A field ends where mantissas do.
        let largest = i64::from(i32::MAX) - ((1_i64 << bits) - 1);
        let low = i64::from(i32::from_le_bytes(low)).min(largest);
        Field::new(low as i32, bits)
    });
    let [schema, choice, limit] = filled(rest);
    let frame = rest.get(3..).unwrap_or_default();
    let layout = Made { schema: u16::from(schema % 110) + 1, fields: fields.collect() };
    let kind = 2 * layout.schema as u8 + (choice & 1);
    read(&layout, Some(kind), frame);
    read(&layout, None, frame);
    write(&layout, choice, usize::from(limit), frame);
});

fn read(layout: &Made, kind: Option<u8>, frame: &[u8]) {
    let mut decoder = match tiny::decode(layout, kind, frame) {
        Ok(decoder) => decoder,
        Err(error) => return check_error(error, frame),
    };
    let mut entries: Vec<Entry> = Vec::new();
    for entry in &mut decoder {
        match entry {
            Ok(entry) => entries.push(entry),
            Err(error) => {
                check_error(error, frame);
                assert!(decoder.next().is_none(), "it goes on after an error");
                return;
            }
        }
    }
    assert!(decoder.next().is_none(), "it goes on after the end");
    for entry in &entries {
        assert!((entry.time, entry.origin) == (decoder.time(), decoder.origin()));
    }
    if decoder.unknown().is_some() || decoder.schema() != layout.schema {
        return;
    }
    assert!(!mutant("panic-on-frame") || entries.len() < 3, "the mutant panics on three values");
    by_bits(layout, kind, frame, &entries);
    let moments = moments(layout.schema, &entries);
    if entries.is_empty() || entries.len() > 32 {
        return;
    }
    let [moment] = &moments[..] else { panic!("a frame has one time and one origin") };
    let mut buffer = [0; 256];
    let carrier = if kind.is_some() { Carrier::Port } else { Carrier::Frame };
    let packed = tiny::encode(layout, &moment.row(), Selection::ALL, carrier, &mut buffer);
    let packed = packed.expect("it was in a frame");
    assert!(packed.left_out.is_empty() && packed.unknown.is_empty());
    let bytes = &mut buffer[..packed.len];
    flip(bytes);
    let again = decoded(layout, (carrier == Carrier::Port).then_some(packed.kind), bytes);
    assert_eq!(sorted(&again), sorted(&entries), "what was encoded again is not the same");
}

/// Reads the values as one large number, lowest bits first.
fn by_bits(layout: &Made, kind: Option<u8>, frame: &[u8], entries: &[Entry]) {
    let is_odd = kind.unwrap_or_else(|| frame[0]) & 1 == 1;
    let mut at = usize::from(kind.is_none());
    let mut has_marks = false;
    if is_odd {
        let flags = frame[at];
        has_marks = flags & 8 != 0;
        let mut varints = 0;
        match flags & 3 {
            1 | 3 => varints += 1,
            2 => at += 4,
            _ => {}
        }
        varints += 2 * usize::from(flags & 4 != 0);
        at += 1;
        for _ in 0..varints {
            at += 1 + frame[at..].iter().position(|byte| *byte < 0x80).expect("it was decoded");
        }
    }
    let groups = 1 + frame[at..].iter().position(|byte| *byte < 0x80).expect("it was decoded");
    let ids: Vec<u8> = (0..groups * 7)
        .filter(|bit| frame[at + bit / 7] >> (bit % 7) & 1 == 1)
        .map(|bit| bit as u8 + 1)
        .collect();
    let mut number = BigUint::from_bytes_le(&frame[at + groups..]);
    let mut take = |bits: u8| {
        let taken = (&number & ((BigUint::from(1_u8) << bits) - 1_u8)).to_u64_digits();
        number >>= bits;
        i64::try_from(taken.first().copied().unwrap_or(0)).expect("32 bits")
    };
    assert_eq!(ids.len(), entries.len(), "another number of values");
    for (id, entry) in ids.into_iter().zip(entries) {
        let field = layout.field(ChannelId(id)).expect("it was decoded");
        let value = i64::from(field.low) + take(field.bits) + i64::from(mutant("other-value"));
        let mark = if has_marks { take(3) } else { 0 };
        let mark = if mark == 7 { 2 } else { mark };
        let found = (entry.channel.0, i64::from(entry.mantissa), entry.quality.number());
        assert_eq!(found, (id, value, mark as u8), "another reading");
    }
}

/// Lets any row through frames of `limit` bytes until nothing is left out.
fn write(layout: &Made, choice: u8, limit: usize, bytes: &[u8]) {
    let [a, b, c, d] = filled(bytes);
    let seconds = u32::from_le_bytes([a, b, c, d]);
    let time = match choice >> 1 & 3 {
        0 => Time::NOW,
        1 => Time::FromNow((seconds >> 1) as i32 * -1),
        2 => Time::Unix(seconds | 1 << 28),
        _ => Time::SinceBoot(seconds),
    };
    let origin = (choice & 8 != 0).then(|| Origin::new(u16::from_le_bytes([c, d]), seconds));
    let values: Vec<_> = bytes
        .chunks_exact(6)
        .take(32)
        .map(|part| {
            let [id, quality, mantissa @ ..] = filled::<6>(part);
            let quality = Quality::from_number(quality % 16).unwrap_or(Quality::Good);
            (ChannelId(id % 40), i32::from_le_bytes(mantissa), quality)
        })
        .collect();
    let mut ids: Vec<u8> = values.iter().map(|(id, ..)| id.0).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() < values.len() || values.is_empty() {
        return;
    }
    let moment = Moment::new(layout.schema, time, origin, values).expect("it fits");
    let expected: Vec<Entry> = moment
        .values()
        .iter()
        .filter_map(|(id, mantissa, quality)| {
            let field = layout.field(*id)?;
            let high = i64::from(field.low) + (1_i64 << field.bits) - 1;
            let (low, high) = (field.low, high.min(i64::from(i32::MAX)) as i32);
            let quality = match (*quality, *mantissa) {
                (Quality::Fault, _) => Quality::Fault,
                (_, mantissa) if mantissa < low => Quality::UnderRange,
                (_, mantissa) if mantissa > high => Quality::OverRange,
                (quality, _) => quality,
            };
            let mut entry = Entry::new(*id, (*mantissa).clamp(low, high));
            (entry.quality, entry.time, entry.origin) = (quality, time, origin);
            Some(entry)
        })
        .collect();
    let row: Row<'_> = moment.row();
    let mut wanted = Selection::ALL;
    let mut found = Vec::new();
    for _ in 0..=expected.len() {
        let mut frame = vec![0; limit];
        let plan = tiny::plan(layout, &row, wanted, Carrier::Frame, limit);
        let packed = match tiny::encode(layout, &row, wanted, Carrier::Frame, &mut frame) {
            Ok(packed) => packed,
            Err(error @ Error::Full { needed }) => {
                assert!(needed > limit, "{needed} bytes do not fit into {limit}");
                assert_eq!(plan, Err(error));
                return;
            }
            Err(error) => panic!("{error}"),
        };
        assert_eq!(plan, Ok(packed), "another frame than was planned");
        assert!(packed.len <= limit);
        found.extend(decoded(layout, None, &frame[..packed.len]));
        wanted = packed.left_out;
        if wanted.is_empty() {
            break;
        }
    }
    assert_eq!(sorted(&found), sorted(&expected), "not what went in");
}

fn decoded(layout: &Made, kind: Option<u8>, bytes: &[u8]) -> Vec<Entry> {
    let entries = tiny::decode(layout, kind, bytes).expect("it was encoded");
    entries.collect::<Result<_, _>>().expect("it was encoded")
}
