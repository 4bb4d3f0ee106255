//! Data rates and payload limits of regions (RP002-1.0.5).

use super::{Bandwidth, Modulation, OVERHEAD};

/// Names a region with its own rules of the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Region {
    /// Is Europe: a share of the time for each sub-band, 863 to 870 MHz.
    Eu868,
    /// Is North America: 0.4 s for each transmission, 902 to 928 MHz.
    Us915,
}

/// Describes one data rate of uplinks in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DataRate {
    modulation: Modulation,
    payload: u8,
}

const fn rate(spreading: u8, bandwidth: Bandwidth, payload: u8) -> DataRate {
    DataRate { modulation: Modulation::new(spreading, bandwidth), payload }
}

impl Region {
    /// Returns an uplink data rate by its number; `None` where the region has none, or it is not
    /// LoRa (DR7 of Europe, DR5 and DR6 of North America).
    ///
    /// The limits hold where no repeater is in between.
    #[expect(clippy::match_same_arms, reason = "a table reads by its rows")]
    pub const fn data_rate(self, number: u8) -> Option<DataRate> {
        use Bandwidth::{Khz125, Khz250, Khz500};
        Some(match (self, number) {
            (Self::Eu868, 0) => rate(12, Khz125, 51),
            (Self::Eu868, 1) => rate(11, Khz125, 51),
            (Self::Eu868, 2) => rate(10, Khz125, 51),
            (Self::Eu868, 3) => rate(9, Khz125, 115),
            (Self::Eu868, 4) => rate(8, Khz125, 242),
            (Self::Eu868, 5) => rate(7, Khz125, 242),
            (Self::Eu868, 6) => rate(7, Khz250, 242),
            (Self::Us915, 0) => rate(10, Khz125, 11),
            (Self::Us915, 1) => rate(9, Khz125, 53),
            (Self::Us915, 2) => rate(8, Khz125, 125),
            (Self::Us915, 3) => rate(7, Khz125, 242),
            (Self::Us915, 4) => rate(8, Khz500, 242),
            _ => return None,
        })
    }

    /// Returns the microseconds that one transmission may take at most, where that is limited.
    pub const fn dwell_micros(self) -> Option<u32> {
        match self {
            Self::Eu868 => None,
            Self::Us915 => Some(400_000),
        }
    }

    /// Returns one in how many parts of the time the three channels that every device knows may be
    /// used, where that is limited: 1 % of 868.0 to 868.6 MHz (ETSI EN 300 220-2).
    pub const fn duty_parts(self) -> Option<u16> {
        match self {
            Self::Eu868 => Some(100),
            Self::Us915 => None,
        }
    }
}

impl DataRate {
    /// Returns the bytes that one uplink carries at most, its port not counted.
    pub const fn payload(self) -> u8 {
        self.payload
    }

    /// Returns how the radio sends.
    pub const fn modulation(self) -> Modulation {
        self.modulation
    }

    /// Returns the microseconds that an uplink takes which carries `payload` bytes.
    pub const fn uplink_micros(self, payload: u8) -> u32 {
        self.modulation.uplink_micros(payload.saturating_add(OVERHEAD))
    }

    /// Returns the microseconds that the answer takes in the first window, which has the data rate
    /// of the uplink (Europe), and which carries `payload` bytes.
    pub const fn downlink_micros(self, payload: u8) -> u32 {
        self.modulation.downlink_micros(payload.saturating_add(OVERHEAD))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_the_regional_parameters() {
        let limits = |region: Region| {
            let mut limits = [0; 7];
            for (number, limit) in (0..).zip(&mut limits) {
                *limit = region.data_rate(number).map_or(0, DataRate::payload);
            }
            limits
        };
        assert_eq!(limits(Region::Eu868), [51, 51, 51, 115, 242, 242, 242]);
        assert_eq!(limits(Region::Us915), [11, 53, 125, 242, 242, 0, 0]);
    }

    #[test]
    fn no_full_frame_outstays_the_dwell_time_and_one_byte_more_may() {
        let dwell = Region::Us915.dwell_micros().unwrap();
        for number in 0..5 {
            let rate = Region::Us915.data_rate(number).unwrap();
            assert!(rate.uplink_micros(rate.payload()) <= dwell, "DR{number}");
        }
        // The slowest rate is the one whose limit comes from the dwell time.
        let slowest = Region::Us915.data_rate(0).unwrap();
        assert_eq!(slowest.uplink_micros(11), 370_688);
        assert!(slowest.uplink_micros(17) > dwell);
    }

    #[test]
    fn airtime_is_that_of_the_reference() {
        let millis = |number, payload| {
            Region::Eu868.data_rate(number).unwrap().uplink_micros(payload).div_ceil(1_000)
        };
        assert_eq!([millis(0, 51), millis(0, 11), millis(5, 11)], [2_794, 1_483, 62]);
    }
}
