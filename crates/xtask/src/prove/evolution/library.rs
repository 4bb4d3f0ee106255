//! What stands between the library and the prover: nothing, or a fault that the prover must find.

use sundew_codec::{
    Entry,
    descriptor::{Described, Descriptor},
    tiny::{Field, Layout},
};
use sundew_units::{Change, ChannelId, Device, EvolutionError};

use super::frames::Truth;
use super::versions::Version;

const TABLE_ORDER: &str = "table-order";
const BY_POSITION: &str = "by-position";
const PASS_OVER: &str = "pass-over-unknown";
const CLIP: &str = "clip-to-own-range";
const UNIT: &str = "unit-of-own-table";
const WIDEN: &str = "widen-in-place";
const LOW: &str = "move-the-low-end";
const EXPONENT: &str = "change-the-exponent";
const REUSE: &str = "reuse-retired";
const DROP: &str = "drop-unlisted";
const BELOW: &str = "new-id-below";

pub(super) const MUTANTS: &[(&str, &str)] = &[
    (TABLE_ORDER, "fields of tiny frames belong to ids by the order of the table"),
    (BY_POSITION, "channels are found by their place in the table"),
    (PASS_OVER, "an unknown field of a tiny frame is taken to have no bits"),
    (CLIP, "a decoder clips values to the range that it knows"),
    (UNIT, "the unit of a pack's record is that of the receiver's table"),
    (WIDEN, "the rules let a field become wider"),
    (LOW, "the rules let the low end of a range move"),
    (EXPONENT, "the rules let an exponent change"),
    (REUSE, "the rules let a retired id be used again"),
    (DROP, "the rules let an id go without being retired"),
    (BELOW, "the rules let a new id lie below older ones"),
];

pub(super) struct Library {
    pub(super) mutant: Option<&'static str>,
}

impl Library {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == Some(mutant)
    }

    /// Returns what the rules say of a step, and whether both forms of a table are judged alike.
    pub(super) fn check(
        &self,
        newer: &Version,
        older: &Version,
    ) -> (Result<(), EvolutionError>, bool) {
        let judged = newer.device.check_evolution(&older.device);
        let parsed = (Descriptor::parse(&newer.bytes), Descriptor::parse(&older.bytes));
        let (Ok(new), Ok(old)) = parsed else { return (judged, false) };
        let is_alike = new.check_evolution(&old) == judged;
        let is_let_through = match judged {
            Err(EvolutionError::Changed { what: Change::Bits, .. }) => self.is(WIDEN),
            Err(EvolutionError::Changed { what: Change::Low, .. }) => self.is(LOW),
            Err(EvolutionError::Changed { what: Change::Exponent, .. }) => self.is(EXPONENT),
            Err(EvolutionError::Reused { .. }) => self.is(REUSE),
            Err(EvolutionError::Dropped { .. }) => self.is(DROP),
            Err(EvolutionError::NotLast { .. }) => self.is(BELOW),
            _ => false,
        };
        (if is_let_through { Ok(()) } else { judged }, is_alike)
    }

    /// Returns the fields by which a version packs and unpacks.
    pub(super) fn layout<'d>(&self, device: &'d Device) -> Fields<'d> {
        Fields { device, is_by_order: self.is(TABLE_ORDER), passes_over: self.is(PASS_OVER) }
    }

    /// Returns what a version makes of a value; `None` where it does not know the channel.
    pub(super) fn reading(&self, descriptor: &Descriptor<'_>, entry: &Entry) -> Option<Truth> {
        let mut entry = *entry;
        if self.is(BY_POSITION) {
            let place = usize::from(entry.channel.0).checked_sub(1)?;
            entry.channel = descriptor.channels().nth(place)?.id;
        }
        if self.is(CLIP) {
            let Described { low, high, .. } = descriptor.channel(entry.channel)?;
            entry.mantissa = entry.mantissa.max(low).min(high);
        }
        let reading = descriptor.reading(&entry)?;
        Some(Truth {
            id: reading.channel.id.0,
            name: reading.channel.name.to_string(),
            unit: reading.channel.unit.to_string(),
            value: reading.value,
            quality: reading.quality,
            time: reading.time,
            origin: reading.origin,
        })
    }

    /// Returns the unit of a pack's value.
    pub(super) fn unit(&self, of_record: String, own: &Described<'_>) -> String {
        if self.is(UNIT) { own.unit.to_string() } else { of_record }
    }
}

/// Holds the fields of a device, right or wrong.
pub(super) struct Fields<'d> {
    device: &'d Device,
    is_by_order: bool,
    passes_over: bool,
}

impl Layout for Fields<'_> {
    fn schema(&self) -> u16 {
        self.device.schema()
    }

    fn field(&self, channel: ChannelId) -> Option<Field> {
        if self.is_by_order {
            let channels = self.device.channels();
            let place = channels.iter().filter(|other| other.id() < channel).count();
            self.device.field(channel)?;
            return self.device.field(channels.get(place)?.id());
        }
        let unknown = if self.passes_over { Some(Field::new(0, 0)) } else { None };
        self.device.field(channel).or(unknown)
    }
}
