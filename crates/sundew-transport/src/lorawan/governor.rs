//! The rules of the air of a region, enforced.

use core::fmt;

use sundew_core::{Classify, ErrorKind, Ticks};

use super::{Bandwidth, DataRate, DutyCycle, Region};

/// Lets a transmission go, or says why it may not: the share of the time of its sub-band, the longest
/// transmission, the largest payload, the edges of the band.
///
/// In Europe each sub-band has a share of its own (ETSI EN 300 220-2 V3.2.1, table B.1, and CEPT
/// ERC/REC 70-03 annex 1, without polite access):
///
/// | MHz | share |
/// |---|---|
/// | 863.0 to 865.0 | 0.1 % |
/// | 865.0 to 868.0 | 1 % |
/// | 868.0 to 868.6 | 1 % |
/// | 868.7 to 869.2 | 0.1 % |
/// | 869.4 to 869.65 | 10 % |
/// | 869.7 to 870.0 | 1 % |
///
/// The whole channel must lie in one of them. In Asia all of 915 to 928 MHz is one band of 1 %; which
/// part of it a country has is the network's to say. In North America nothing but the longest
/// transmission counts here; that one channel is used for 0.4 s in 20 s at most (FCC 47 CFR 15.247
/// (a)(1)(i)) is the work of the MAC, which hops over all channels of 125 kHz.
///
/// What a restart forgets and what a share means over an hour stands at [`DutyCycle`]. The network may
/// ask for less (`DutyCycleReq`): the queue's airtime budget takes that.
///
/// *RAM*: 76 bytes on a 32-bit part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Governor {
    region: Region,
    bands: [DutyCycle; BANDS],
}

/// Says why a transmission may not go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Denied {
    /// Reports that the sub-band has had its share until then.
    Until(Ticks),
    /// Reports a transmission longer than the region allows.
    TooLong {
        /// Holds what it would take in microseconds.
        micros: u32,
        /// Holds what is allowed in microseconds.
        limit_micros: u32,
    },
    /// Reports a payload beyond what the data rate carries.
    TooLarge {
        /// Holds the largest payload in bytes.
        limit: u8,
    },
    /// Reports a channel that is not wholly in a band of the region.
    OutOfBand,
    /// Reports a data rate of another region.
    OtherRegion,
}

impl Governor {
    /// Begins with every band free.
    pub const fn new(region: Region) -> Self {
        let bands = match region {
            Region::Eu868 => [
                DutyCycle::one_in(1_000),
                DutyCycle::one_in(100),
                DutyCycle::one_in(100),
                DutyCycle::one_in(1_000),
                DutyCycle::one_in(10),
                DutyCycle::one_in(100),
            ],
            Region::As923 | Region::As923Unlimited => [DutyCycle::one_in(100); BANDS],
            Region::Us915 => [DutyCycle::one_in(1); BANDS],
        };
        Self { region, bands }
    }

    /// Books a transmission that begins now, and returns the microseconds that it takes.
    ///
    /// `hertz` is the middle of the channel. Only what is booked may be sent; who books and does not
    /// send has lost the share.
    ///
    /// # Errors
    ///
    /// Returns [`Denied`], and books nothing.
    pub fn claim(
        &mut self,
        now: Ticks,
        hertz: u32,
        rate: DataRate,
        payload: u8,
    ) -> Result<u32, Denied> {
        if rate.region() != self.region {
            return Err(Denied::OtherRegion);
        }
        if payload > rate.payload() {
            return Err(Denied::TooLarge { limit: rate.payload() });
        }
        let width = rate.modulation().bandwidth();
        let micros = rate.uplink_micros(payload);
        if let Some(limit_micros) = self.region.dwell_micros(width)
            && micros > limit_micros
        {
            return Err(Denied::TooLong { micros, limit_micros });
        }
        let band = self.band(hertz, width).ok_or(Denied::OutOfBand)?;
        let free_at = band.free_at(now);
        if !now.has_reached(free_at) {
            return Err(Denied::Until(free_at));
        }
        band.sent(now, micros);
        Ok(micros)
    }

    #[expect(clippy::match_same_arms, reason = "a table reads by its rows")]
    fn band(&mut self, hertz: u32, width: Bandwidth) -> Option<&mut DutyCycle> {
        let half = width.hertz() / 2;
        let (low, high) = (hertz.checked_sub(half)?, hertz.checked_add(half)?);
        let band = match (self.region, low, high) {
            (Region::Eu868, 863_000_000.., ..=865_000_000) => 0,
            (Region::Eu868, 865_000_000.., ..=868_000_000) => 1,
            (Region::Eu868, 868_000_000.., ..=868_600_000) => 2,
            (Region::Eu868, 868_700_000.., ..=869_200_000) => 3,
            (Region::Eu868, 869_400_000.., ..=869_650_000) => 4,
            (Region::Eu868, 869_700_000.., ..=870_000_000) => 5,
            (Region::Us915, 902_000_000.., ..=928_000_000)
            | (Region::As923 | Region::As923Unlimited, 915_000_000.., ..=928_000_000) => 0,
            _ => return None,
        };
        self.bands.get_mut(band)
    }
}

/// Counts the sub-bands of Europe.
const BANDS: usize = 6;

impl Classify for Denied {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Until(_) | Self::TooLarge { .. } => ErrorKind::Resource,
            Self::TooLong { .. } | Self::OutOfBand | Self::OtherRegion => ErrorKind::Config,
        }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Until(_) => f.write_str("sub-band has had its share of the time"),
            Self::TooLong { micros, limit_micros } => {
                write!(f, "{micros} us on the air, allowed are {limit_micros}")
            }
            Self::TooLarge { limit } => write!(f, "payload exceeds {limit} bytes"),
            Self::OutOfBand => f.write_str("channel is outside the region's bands"),
            Self::OtherRegion => f.write_str("data rate of another region"),
        }
    }
}

impl core::error::Error for Denied {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const START: Ticks = Ticks::from_millis(u32::MAX - 1_000);

    fn rate(region: Region, number: u8) -> DataRate {
        region.data_rate(number).unwrap()
    }

    #[test]
    fn each_sub_band_of_europe_keeps_its_own_share() {
        let mut governor = Governor::new(Region::Eu868);
        let slow = rate(Region::Eu868, 0);
        // The share of each, by what the frame of 1.483 s (in whole ms) makes it wait.
        let waits = [
            (864_000_000, 1_482_752),
            (867_100_000, 148_276),
            (868_100_000, 148_276),
            (869_000_000, 1_482_752),
            (869_525_000, 14_828),
            (869_850_000, 148_276),
        ];
        for (hertz, wait) in waits {
            assert_eq!(governor.claim(START, hertz, slow, 11), Ok(1_482_752), "{hertz}");
            let until = Denied::Until(START.after(wait));
            assert_eq!(governor.claim(START.after(1_483), hertz, slow, 11), Err(until));
            assert_eq!(governor.claim(START.after(wait - 1), hertz, slow, 11), Err(until));
        }
        // The three channels that every device knows share one band.
        for hertz in [868_100_000, 868_300_000, 868_500_000] {
            assert!(governor.claim(START.after(148_275), hertz, slow, 0).is_err());
        }
        assert!(governor.claim(START.after(148_276), 868_500_000, slow, 0).is_ok());
    }

    #[test]
    fn a_channel_lies_wholly_in_a_band() {
        let mut governor = Governor::new(Region::Eu868);
        let (narrow, wide) = (rate(Region::Eu868, 5), rate(Region::Eu868, 6));
        for hertz in [0, 62_499, 863_062_499, 868_562_500, 868_650_000, 869_300_000, u32::MAX] {
            let claimed = governor.claim(START, hertz, narrow, 1);
            assert_eq!(claimed.is_ok(), hertz == 868_562_500 - 25_000, "{hertz}");
        }
        assert!(governor.claim(START, 868_537_500, narrow, 1).is_ok());
        assert_eq!(governor.claim(START, 868_500_000, wide, 1), Err(Denied::OutOfBand));
        assert_eq!(
            Governor::new(Region::Us915).claim(START, 868_100_000, rate(Region::Us915, 0), 1),
            Err(Denied::OutOfBand)
        );
    }

    #[test]
    fn what_is_denied_books_nothing() {
        let mut governor = Governor::new(Region::Eu868);
        let before = governor;
        let slow = rate(Region::Eu868, 0);
        let too_large = Denied::TooLarge { limit: 51 };
        assert_eq!(governor.claim(START, 868_100_000, slow, 52), Err(too_large));
        let other = rate(Region::Us915, 0);
        assert_eq!(governor.claim(START, 868_100_000, other, 1), Err(Denied::OtherRegion));
        assert_eq!(governor, before);
    }

    #[test]
    fn every_rate_of_a_region_with_dwell_time_keeps_it_at_every_length() {
        for (region, hertz) in [(Region::Us915, 902_300_000), (Region::As923, 923_200_000)] {
            for rate in (0..7).filter_map(|number| region.data_rate(number)) {
                let limit = region.dwell_micros(rate.modulation().bandwidth());
                for payload in 0..=u8::MAX {
                    match Governor::new(region).claim(START, hertz + 700_000, rate, payload) {
                        Ok(micros) => assert!(micros <= limit.unwrap_or(u32::MAX)),
                        Err(Denied::TooLarge { limit }) => assert!(payload > limit),
                        Err(denied) => panic!("{denied:?} {rate:?} {payload}"),
                    }
                }
            }
        }
    }

    #[test]
    fn north_america_has_no_share_and_asia_one() {
        let mut governor = Governor::new(Region::Us915);
        let slow = rate(Region::Us915, 0);
        assert_eq!(governor.claim(START, 902_300_000, slow, 11), Ok(370_688));
        let after = START.after(371);
        assert_eq!(governor.claim(after, 902_500_000, slow, 11), Ok(370_688));
        let mut governor = Governor::new(Region::As923);
        let slow = rate(Region::As923, 2);
        assert_eq!(governor.claim(START, 923_200_000, slow, 11), Ok(370_688));
        let until = Denied::Until(START.after(37_069));
        assert_eq!(governor.claim(after, 923_400_000, slow, 11), Err(until));
    }

    proptest! {
        /// Whatever a greedy sender tries, no sub-band is used beyond its share at any moment at which
        /// it may go again.
        #[test]
        fn no_sub_band_is_used_beyond_its_share(
            tries in prop::collection::vec((0_usize..8, 0_u8..7, 0_u8..60, 0_u32..90_000), 1..200),
        ) {
            const CHANNELS: [(u32, usize, u64); 8] = [
                (868_100_000, 2, 100), (868_300_000, 2, 100), (868_500_000, 2, 100),
                (867_100_000, 1, 100), (867_900_000, 1, 100), (869_525_000, 4, 10),
                (868_950_000, 3, 1_000), (869_850_000, 5, 100),
            ];
            let mut governor = Governor::new(Region::Eu868);
            // What each band was used for before its last frame, in us, and in all, since when.
            let mut used = [(0_u64, 0_u64); BANDS];
            let mut elapsed = 0_u64;
            for (channel, number, payload, pause) in tries {
                elapsed += u64::from(pause);
                let now = START.after(elapsed as u32);
                let (hertz, band, parts) = CHANNELS[channel];
                if let Ok(micros) = governor.claim(now, hertz, rate(Region::Eu868, number), payload) {
                    let (on_air, since) = used[band];
                    if on_air > 0 {
                        prop_assert!(on_air * parts <= (elapsed - since) * 1_000);
                    }
                    used[band] = (on_air + u64::from(micros), if on_air == 0 { elapsed } else { since });
                }
            }
        }
    }
}
