//! Data rates and payload limits of regions (RP002-1.0.5).

use super::{Bandwidth, Modulation, OVERHEAD};
use crate::link::{AirBudget, Capabilities, Delivery, Downlink};

/// Names a region with its own rules of the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Region {
    /// Is Europe: a share of the time for each sub-band, 863 to 870 MHz.
    Eu868,
    /// Is North America: 0.4 s for each transmission, 902 to 928 MHz.
    Us915,
    /// Is much of Asia where a transmission may take 0.4 s, 915 to 928 MHz: what a device assumes
    /// until the network says that its country has no such limit.
    As923,
    /// Is the same where the network has lifted the 0.4 s (`TxParamSetupReq`, `UplinkDwellTime` 0).
    As923Unlimited,
}

/// Describes one data rate of uplinks in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DataRate {
    region: Region,
    modulation: Modulation,
    payload: u8,
}

const fn rate(region: Region, spreading: u8, bandwidth: Bandwidth, payload: u8) -> DataRate {
    DataRate { region, modulation: Modulation::new(spreading, bandwidth), payload }
}

/// Holds the longest transmission of regions that have one.
const DWELL_MICROS: u32 = 400_000;

impl Region {
    /// Returns an uplink data rate by its number; `None` where the region has none, or it is not
    /// LoRa (DR7 of Europe and Asia, DR5 and DR6 of North America).
    ///
    /// The limits hold where no repeater is in between. They are the column N of RP002-1.0.5, sections
    /// 3.4.6 (Europe), 3.5.6 (North America) and 3.10.6 (Asia).
    #[expect(clippy::match_same_arms, reason = "a table reads by its rows")]
    pub const fn data_rate(self, number: u8) -> Option<DataRate> {
        use Bandwidth::{Khz125, Khz250, Khz500};
        use Region::{As923, As923Unlimited, Eu868, Us915};
        Some(match (self, number) {
            (Eu868, 0) => rate(self, 12, Khz125, 51),
            (Eu868, 1) => rate(self, 11, Khz125, 51),
            (Eu868, 2) => rate(self, 10, Khz125, 51),
            (Eu868, 3) => rate(self, 9, Khz125, 115),
            (Eu868, 4) => rate(self, 8, Khz125, 242),
            (Eu868, 5) => rate(self, 7, Khz125, 242),
            (Eu868, 6) => rate(self, 7, Khz250, 242),
            (Us915, 0) => rate(self, 10, Khz125, 11),
            (Us915, 1) => rate(self, 9, Khz125, 53),
            (Us915, 2) => rate(self, 8, Khz125, 125),
            (Us915, 3) => rate(self, 7, Khz125, 242),
            (Us915, 4) => rate(self, 8, Khz500, 242),
            (As923, 2) => rate(self, 10, Khz125, 11),
            (As923, 3) => rate(self, 9, Khz125, 53),
            (As923, 4) => rate(self, 8, Khz125, 125),
            (As923, 5) => rate(self, 7, Khz125, 242),
            (As923, 6) => rate(self, 7, Khz250, 242),
            (As923Unlimited, 0) => rate(self, 12, Khz125, 51),
            (As923Unlimited, 1) => rate(self, 11, Khz125, 51),
            (As923Unlimited, 2) => rate(self, 10, Khz125, 115),
            (As923Unlimited, 3) => rate(self, 9, Khz125, 115),
            (As923Unlimited, 4) => rate(self, 8, Khz125, 242),
            (As923Unlimited, 5) => rate(self, 7, Khz125, 242),
            (As923Unlimited, 6) => rate(self, 7, Khz250, 242),
            _ => return None,
        })
    }

    /// Returns the microseconds that one transmission of this width may take at most, where that is
    /// limited.
    ///
    /// North America limits the hopping channels of 125 kHz, not those of 500 kHz (FCC 47 CFR 15.247
    /// (a)(1)(i) and (a)(2)).
    pub const fn dwell_micros(self, bandwidth: Bandwidth) -> Option<u32> {
        match (self, bandwidth) {
            (Self::Us915, Bandwidth::Khz125) | (Self::As923, _) => Some(DWELL_MICROS),
            _ => None,
        }
    }

    /// Returns one in how many parts of the time the channels that every device knows may be used,
    /// where that is limited: 1 % of 868.0 to 868.6 MHz (ETSI EN 300 220-2), 1 % in Asia (RP002).
    pub const fn duty_parts(self) -> Option<u16> {
        match self {
            Self::Eu868 | Self::As923 | Self::As923Unlimited => Some(100),
            Self::Us915 => None,
        }
    }

    /// Returns the bytes that fit a downlink whichever window the network picks: those of the second
    /// at its first setting, which is DR0 in Europe, DR8 in North America, DR2 in Asia.
    ///
    /// In Asia a device takes as much as without a limit, whatever the limit (RP002-1.0.5 section
    /// 3.10.6).
    const fn second_window_payload(self) -> u8 {
        match self {
            Self::Eu868 => 51,
            Self::Us915 => 53,
            Self::As923 | Self::As923Unlimited => 115,
        }
    }
}

impl DataRate {
    /// Returns the region that the data rate is of.
    pub const fn region(self) -> Region {
        self.region
    }

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

    /// Describes a class A device that sends at this rate: unconfirmed uplinks, commands in the two
    /// windows after one.
    ///
    /// A link that repeats confirmed uplinks until they are answered says so:
    ///
    /// ```
    /// use sundew_transport::link::{Capabilities, Delivery};
    /// use sundew_transport::lorawan::Region;
    ///
    /// const CONFIRMED: Capabilities = match Region::Eu868.data_rate(0) {
    ///     Some(rate) => rate.capabilities().with_delivery(Delivery::Acknowledged),
    ///     None => panic!("Europe has a DR0"),
    /// };
    /// assert_eq!(CONFIRMED.payload, 51);
    /// assert_eq!(CONFIRMED.air.one_in, Some(100));
    /// ```
    pub const fn capabilities(self) -> Capabilities {
        let down = self.region.second_window_payload();
        // What comes in the first window has the rate of the uplink, but in North America, where the
        // slowest rate down is as large as the second window's.
        let first = if matches!(self.region, Region::Us915) { down } else { self.payload };
        let down = if first < down { first } else { down };
        let mut air = AirBudget::UNLIMITED;
        air.one_in = self.region.duty_parts();
        if self.region.dwell_micros(self.modulation.bandwidth()).is_some() {
            air.longest_ms = Some((DWELL_MICROS / 1_000) as u16);
        }
        Capabilities::new(self.payload as u16, Delivery::Unconfirmed, Downlink::AfterUplink)
            .with_down_payload(down as u16)
            .with_air(air)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGIONS: [Region; 4] =
        [Region::Eu868, Region::Us915, Region::As923, Region::As923Unlimited];

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
        assert_eq!(limits(Region::As923), [0, 0, 11, 53, 125, 242, 242]);
        assert_eq!(limits(Region::As923Unlimited), [51, 51, 115, 115, 242, 242, 242]);
        assert!(REGIONS.iter().all(|region| region.data_rate(7).is_none()));
    }

    #[test]
    fn no_full_frame_outstays_the_dwell_time() {
        for region in REGIONS {
            for rate in (0..7).filter_map(|number| region.data_rate(number)) {
                let Some(dwell) = region.dwell_micros(rate.modulation().bandwidth()) else {
                    continue;
                };
                assert!(rate.uplink_micros(rate.payload()) <= dwell, "{rate:?}");
            }
        }
        // The slowest rate is the one whose limit comes from the dwell time.
        let slowest = Region::Us915.data_rate(0).unwrap();
        assert_eq!(slowest.uplink_micros(11), 370_688);
        assert!(slowest.uplink_micros(17) > DWELL_MICROS);
    }

    #[test]
    fn airtime_is_that_of_the_reference() {
        let millis = |number, payload| {
            Region::Eu868.data_rate(number).unwrap().uplink_micros(payload).div_ceil(1_000)
        };
        assert_eq!([millis(0, 51), millis(0, 11), millis(5, 11)], [2_794, 1_483, 62]);
    }

    #[test]
    fn capabilities_say_what_the_air_allows() {
        let of = |region: Region, number| {
            let capabilities = region.data_rate(number).unwrap().capabilities();
            let AirBudget { one_in, longest_ms, .. } = capabilities.air;
            (capabilities.payload, capabilities.down_payload, one_in, longest_ms)
        };
        assert_eq!(of(Region::Eu868, 0), (51, 51, Some(100), None));
        assert_eq!(of(Region::Eu868, 5), (242, 51, Some(100), None));
        assert_eq!(of(Region::Us915, 0), (11, 53, None, Some(400)));
        assert_eq!(of(Region::Us915, 4), (242, 53, None, None));
        assert_eq!(of(Region::As923, 2), (11, 11, Some(100), Some(400)));
        assert_eq!(of(Region::As923Unlimited, 2), (115, 115, Some(100), None));
    }
}
