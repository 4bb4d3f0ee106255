//! A pack in resolved form (RFC 8428 section 4.6), for who keeps or passes on single records.

use super::{
    Exact, Number, PackDecoder, Record, RoundedSums, VERSION,
    encode::Fields,
    label,
    style::{Sealed, thousandths},
};
use crate::{
    Error, FIRST_ABSOLUTE, Time,
    cbor::{Writer, major},
};

/// Writes a pack in resolved form: each record with its whole name, its unit and an absolute time,
/// base values and sums added, no base fields, in order of time.
///
/// `now` is in Unix seconds: what the sender gave from its now counts from it, and so does what a
/// device without a clock sent, which keeps its seconds since boot beside. Lengths are definite,
/// whatever those of `pack` are; numbers keep their places, and times with milliseconds become
/// doubles; base values are added as [`RoundedSums`] does. A version other than 10 stands in every record, as the RFC asks; so does our `boot`
/// beside each `seq`. Fields that we do not know are left out.
///
/// A pack that is in order already is read twice, any other twice more for each time in it.
///
/// ```
/// use sundew_codec::{Error, senml};
///
/// // [{-2: "dev1:", -4: "Cel", -5: 20, 0: "air", 2: 3}, {0: "soil", 2: 4([-1, -15]), 6: -60}]
/// let pack = b"\x82\xA5\x21\x65dev1:\x23\x63Cel\x24\x14\x00\x63air\x02\x03\
///     \xA3\x00\x64soil\x02\xC4\x82\x20\x2E\x06\x38\x3B";
/// let mut buffer = [0; 80];
/// let resolved = senml::resolve(pack, 1_700_000_000, &mut buffer)?;
/// // [{0: "dev1:soil", 1: "Cel", 2: 4([-1, 185]), 6: 1699999940},
/// //  {0: "dev1:air", 1: "Cel", 2: 23, 6: 1700000000}]
/// assert_eq!(resolved, b"\x82\xA4\x00\x69dev1:soil\x01\x63Cel\x02\xC4\x82\x20\x18\xB9\
///     \x06\x1A\x65\x53\xF0\xC4\
///     \xA4\x00\x68dev1:air\x01\x63Cel\x02\x17\x06\x1A\x65\x53\xF1\x00");
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
///
/// Returns what [`PackDecoder`] says of the pack, [`Error::Range`] at a record whose time is before
/// 1978 or past 2106, and [`Error::Full`] with the needed size where `buffer` is too small.
pub fn resolve<'b>(pack: &[u8], now: u32, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
    let mut decoder = PackDecoder::<RoundedSums>::with_sums(pack);
    let mut count = 0;
    let mut latest = None;
    let mut is_in_order = true;
    while let Some(record) = decoder.next() {
        let out_of_range = Error::Range { position: decoder.record_start() };
        let when = when(&record?, now).ok_or(out_of_range)?;
        is_in_order &= latest <= Some(when);
        latest = Some(when);
        // A record takes a byte at least, and a pack of 4 GiB fits no buffer of ours.
        count += 1;
    }

    let mut output = Output { writer: Writer::new(buffer, 0), version: decoder.version() };
    output.writer.head(major::ARRAY, count);
    // All of it was read before, so that no error is passed over here.
    let records = || {
        let records = PackDecoder::<RoundedSums>::with_sums(pack).filter_map(Result::ok);
        records.filter_map(|record| Some((when(&record, now)?, record)))
    };
    if is_in_order {
        records().for_each(|(when, record)| output.record(&record, when));
    } else {
        let mut written = None;
        while let Some(next) =
            records().map(|(when, _)| Some(when)).filter(|at| *at > written).min()
        {
            let due = records().filter(|(when, _)| Some(*when) == next);
            due.for_each(|(when, record)| output.record(&record, when));
            written = next;
        }
    }
    let len = output.writer.finish()?;
    Ok(buffer.get(..len).unwrap_or_default())
}

/// Holds an absolute time in seconds and milliseconds; ordered as the times are.
type When = (u32, u16);

fn when(record: &Record<'_>, now: u32) -> Option<When> {
    let seconds = match record.time {
        Time::Unix(seconds) => i64::from(seconds),
        Time::FromNow(seconds) => i64::from(now) + i64::from(seconds),
        Time::SinceBoot(_) => i64::from(now),
    };
    let seconds = u32::try_from(seconds).ok().filter(|seconds| *seconds >= FIRST_ABSOLUTE)?;
    Some((seconds, record.millis))
}

struct Output<'b> {
    writer: Writer<'b>,
    version: u8,
}

impl Output<'_> {
    fn record(&mut self, record: &Record<'_>, (seconds, millis): When) {
        let start = self.writer.position();
        self.writer.byte(0); // the map's head, written when the count is known
        let mut fields = Fields { writer: &mut self.writer, count: 0 };
        // What is older than 10 was not defined, and is read as 10.
        if self.version > VERSION {
            fields.integer(label::BASE_VERSION).head(major::UNSIGNED, u32::from(self.version));
        }
        let mut record = *record;
        let [base, own] = [record.name.base.0, core::mem::take(&mut record.name.own).0];
        if !record.name.base.is_empty() || !own.is_empty() {
            let writer = fields.integer(label::NAME);
            writer.head(major::TEXT, (base.len() + own.len()) as u32);
            writer.bytes(base);
            writer.bytes(own);
        }
        fields.record::<Resolved>(&record, i64::from(seconds), millis, None);
        let map = (major::MAP << 5) + fields.count;
        self.writer.replace(start, map);
    }
}

/// Writes numbers as they came, and times to the millisecond.
struct Resolved;

impl Sealed for Resolved {
    const VERSION: u8 = VERSION;

    fn number(number: Number, writer: &mut Writer<'_>) {
        Exact::number(number, writer);
    }

    fn time(seconds: i64, millis: u16, writer: &mut Writer<'_>) {
        thousandths(seconds, millis, writer);
    }
}
