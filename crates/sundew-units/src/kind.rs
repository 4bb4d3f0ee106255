//! How the values of a channel belong together.

/// Says how successive values of a channel belong together.
///
/// # Totals
///
/// A total of any size needs no more than an `i32` and a modulus: who receives it adds
/// [`growth`](Self::growth) up, in as many bits as he likes. That is right as long as fewer than
/// `modulus` steps pass between two values that arrive; at `2^31` steps and 1,000 of them a second,
/// 24 days may be missing. There is no 64-bit kind, which would double each value in flash, on the
/// air and in RAM.
///
/// A counter that starts at 0 in each boot has the boot as its epoch, and the receiver is told it:
/// a queued record and a SenML pack carry the number of the boot
/// ([`Timestamp::SinceBoot`](crate::Timestamp::SinceBoot) holds it, and the label `boot` stays when
/// the time is repaired). Where it differs from that of the value before, the growth is counted
/// from 0: `growth(0, later)`. What was counted between the last value of the old boot and its end
/// is lost with it; a counter that must not lose it is kept in flash.
///
/// ```
/// use sundew_units::{Channel, ChannelId, Kind, Quantity};
///
/// // A rain gauge that counts tips of 0.2 mm and shows four digits.
/// const TIPS: Channel = Channel::new(ChannelId(4), "tips", Quantity::Count, 0)
///     .with_kind(Kind::Counter { modulus: 10_000 });
/// assert_eq!(TIPS.kind(), Kind::Counter { modulus: 10_000 });
/// assert_eq!(TIPS.kind().growth(9_998, 3), Some(5));
/// assert_eq!(TIPS.bits(), 14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Kind {
    /// Marks a value of the moment, such as a temperature.
    Gauge,
    /// Marks a total that only grows, that starts again at 0 after `modulus - 1`, and that lives on
    /// over a restart, since it is kept in flash or counted by a part of its own.
    Counter {
        /// Holds the number of different values the counter can show: 2 to `2^31`.
        modulus: u32,
    },
    /// Marks a total like [`Counter`](Self::Counter) that starts at 0 in each boot.
    CounterSinceBoot {
        /// Holds the number of different values the counter can show: 2 to `2^31`.
        modulus: u32,
    },
    /// Marks one of a few states, such as on and off.
    State,
    /// Marks something that happened, once per reading.
    Event,
}

impl Kind {
    /// Returns the frozen number, which stands in descriptors.
    pub const fn number(self) -> u8 {
        match self {
            Self::Gauge => 0,
            Self::Counter { .. } => 1,
            Self::CounterSinceBoot { .. } => 2,
            Self::State => 3,
            Self::Event => 4,
        }
    }

    /// Returns the frozen name, without the modulus.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter { .. } => "counter",
            Self::CounterSinceBoot { .. } => "counter_since_boot",
            Self::State => "state",
            Self::Event => "event",
        }
    }

    /// Returns the number of different values a counter can show; `None` where nothing is counted.
    pub const fn modulus(self) -> Option<u32> {
        match self {
            Self::Counter { modulus } | Self::CounterSinceBoot { modulus } => Some(modulus),
            Self::Gauge | Self::State | Self::Event => None,
        }
    }

    /// Returns the kind of a frozen number; a modulus stands with counters, and with them only.
    pub const fn from_number(number: u8, modulus: Option<u32>) -> Option<Self> {
        Some(match (number, modulus) {
            (0, None) => Self::Gauge,
            (1, Some(modulus)) => Self::Counter { modulus },
            (2, Some(modulus)) => Self::CounterSinceBoot { modulus },
            (3, None) => Self::State,
            (4, None) => Self::Event,
            _ => return None,
        })
    }

    /// Returns the range of the values where the channel sets none: a counter's is `0..modulus`.
    pub const fn range(self) -> (i32, i32) {
        match self.modulus() {
            None => (i32::MIN, i32::MAX),
            Some(modulus) => (0, modulus.wrapping_sub(1) as i32),
        }
    }

    /// Returns by how much a counter grew from one value to a later one, fewer than `modulus`
    /// steps apart; `None` where the kind does not count, or a value is not below the modulus.
    pub const fn growth(self, earlier: i32, later: i32) -> Option<u32> {
        let (Self::Counter { modulus } | Self::CounterSinceBoot { modulus }) = self else {
            return None;
        };
        if earlier < 0 || later < 0 {
            return None;
        }
        let (earlier, later) = (earlier as u32, later as u32);
        if earlier >= modulus || later >= modulus {
            return None;
        }
        Some(if later >= earlier { later - earlier } else { modulus - earlier + later })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channel, ChannelId, Quantity};

    #[test]
    fn numbers_go_both_ways() {
        let mut known = 0;
        for number in 0..=u8::MAX {
            for modulus in [None, Some(10)] {
                let Some(kind) = Kind::from_number(number, modulus) else { continue };
                assert_eq!((kind.number(), kind.modulus()), (number, modulus), "{}", kind.name());
                known += 1;
            }
        }
        assert_eq!(known, 5);
    }

    #[test]
    fn counters_grow_over_their_end() {
        let whole = Kind::CounterSinceBoot { modulus: 1 << 31 };
        assert_eq!(whole.growth(i32::MAX, 0), Some(1));
        assert_eq!(whole.growth(0, i32::MAX), Some(i32::MAX as u32));
        assert_eq!(whole.growth(-1, 0), None);
        let small = Kind::Counter { modulus: 10 };
        assert_eq!(small.growth(7, 7), Some(0));
        assert_eq!(small.growth(7, 10), None);
        assert_eq!(Kind::Gauge.growth(1, 2), None);
        let channel = Channel::new(ChannelId(1), "tips", Quantity::Count, 0).with_kind(small);
        assert_eq!(channel.range(), (0, 9));
    }
}
