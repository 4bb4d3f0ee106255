//! Time on air by the formula of Semtech AN1200.13 and the SX1276's datasheet, section 4.1.1.7.

/// Names the width of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Bandwidth {
    /// Takes 125 kHz.
    Khz125,
    /// Takes 250 kHz.
    Khz250,
    /// Takes 500 kHz.
    Khz500,
}

impl Bandwidth {
    /// Returns the width in Hz.
    pub const fn hertz(self) -> u32 {
        match self {
            Self::Khz125 => 125_000,
            Self::Khz250 => 250_000,
            Self::Khz500 => 500_000,
        }
    }

    /// Returns the microseconds of a chip, so that a symbol of `n` bits takes `2^n` times as long.
    const fn chip_micros(self) -> u32 {
        match self {
            Self::Khz125 => 8,
            Self::Khz250 => 4,
            Self::Khz500 => 2,
        }
    }
}

/// Says how a LoRa radio sends: spreading factor and bandwidth, with what LoRaWAN fixes: a coding
/// rate of 4/5, 8 symbols of preamble, an explicit header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Modulation {
    spreading: u8,
    bandwidth: Bandwidth,
}

/// Holds the symbols of LoRaWAN's preamble.
const PREAMBLE: u32 = 8;
/// Holds the symbols of a block at the coding rate 4/5: of 5, 4 carry data, each as many bits as the
/// spreading factor says.
const BLOCK: u32 = 5;

impl Modulation {
    /// Describes a modulation.
    ///
    /// # Panics
    ///
    /// Panics for a spreading factor that is not 7 to 12, which in a constant is a compile error.
    pub const fn new(spreading: u8, bandwidth: Bandwidth) -> Self {
        assert!(7 <= spreading && spreading <= 12, "a spreading factor is 7 to 12");
        Self { spreading, bandwidth }
    }

    /// Returns the spreading factor, 7 to 12.
    pub const fn spreading(self) -> u8 {
        self.spreading
    }

    /// Returns the width of the channel.
    pub const fn bandwidth(self) -> Bandwidth {
        self.bandwidth
    }

    /// Returns the microseconds that an uplink of `bytes` takes, LoRaWAN's own bytes included.
    pub const fn uplink_micros(self, bytes: u8) -> u32 {
        self.micros(bytes, 16)
    }

    /// Returns the microseconds that a downlink of `bytes` takes: one without a checksum of its own
    /// (LoRaWAN 1.0.4 section 3.2).
    pub const fn downlink_micros(self, bytes: u8) -> u32 {
        self.micros(bytes, 0)
    }

    /// Returns the microseconds of one symbol.
    pub const fn symbol_micros(self) -> u32 {
        self.bandwidth.chip_micros() << self.spreading
    }

    /// Says whether symbols are so long that two bits of each are spared against drift: past 16 ms,
    /// which is SF11 and SF12 on 125 kHz and SF12 on 250 kHz.
    const fn is_slow(self) -> bool {
        self.symbol_micros() > 16_000
    }

    const fn micros(self, bytes: u8, checksum_bits: u32) -> u32 {
        let spreading = self.spreading as u32;
        // The header block holds 4 (SF - 7) bits of the payload beside its own 28.
        let bits = 8 * bytes as u32 + checksum_bits + 28;
        let rest = bits.saturating_sub(4 * spreading);
        let spared = if self.is_slow() { 2 } else { 0 };
        let step = 4 * (spreading - spared);
        // Never 0, which the compiler does not know: it would keep a panic for it.
        let blocks = match (rest + step - 1).checked_div(step) {
            Some(blocks) => blocks,
            None => 0,
        };
        let symbols = 8 + blocks * BLOCK;
        // In quarters: the preamble ends with 4.25 symbols of its own.
        let quarters = 4 * (PREAMBLE + 4 + symbols) + 1;
        quarters * (self.symbol_micros() / 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The formula as it is printed, in floats.
    fn by_the_book(spreading: u8, hertz: f64, bytes: u8, checksum: f64) -> f64 {
        let (sf, pl) = (f64::from(spreading), f64::from(bytes));
        let symbol = 2_f64.powi(i32::from(spreading)) / hertz;
        let slow = if symbol > 0.016 { 1.0 } else { 0.0 };
        let inner = (8.0 * pl - 4.0 * sf + 28.0 + 16.0 * checksum) / (4.0 * (sf - 2.0 * slow));
        let payload = 8.0 + (inner.ceil() * 5.0).max(0.0);
        (8.0 + 4.25 + payload) * symbol * 1e6
    }

    #[test]
    fn every_length_at_every_rate_agrees_with_the_formula() {
        let widths =
            [(Bandwidth::Khz125, 125e3), (Bandwidth::Khz250, 250e3), (Bandwidth::Khz500, 500e3)];
        for (bandwidth, hertz) in widths {
            for spreading in 7..=12 {
                let modulation = Modulation::new(spreading, bandwidth);
                for bytes in 0..=u8::MAX {
                    for (ours, checksum) in [
                        (modulation.uplink_micros(bytes), 1.0),
                        (modulation.downlink_micros(bytes), 0.0),
                    ] {
                        let book = by_the_book(spreading, hertz, bytes, checksum);
                        assert!((f64::from(ours) - book).abs() < 0.01, "{modulation:?} {bytes}");
                    }
                }
            }
        }
    }

    /// What a spreadsheet made from AN1200.13 gives for 24 bytes in a frame of 37, SF7 to SF12 on
    /// 125 kHz: the one that The Things Network's forum passes on ("Spreadsheet for LoRa airtime
    /// calculation", Arjan van Bentem's copy). The last is its older form's: 13 bytes at SF9.
    #[test]
    fn published_frames_take_what_was_published() {
        let published = [82_176, 143_872, 267_264, 493_568, 1_069_056, 1_974_272];
        for (spreading, micros) in (7..).zip(published) {
            let modulation = Modulation::new(spreading, Bandwidth::Khz125);
            assert_eq!(modulation.uplink_micros(13 + 24), micros, "SF{spreading}");
        }
        assert_eq!(Modulation::new(9, Bandwidth::Khz125).uplink_micros(13), 164_864);
    }

    /// The calculator that comes with the radio driver `lora-phy`; it rounds a frame without any byte,
    /// which LoRaWAN does not send, up to one block.
    #[test]
    fn every_length_at_every_rate_agrees_with_lora_modulation() {
        use lora_modulation::SpreadingFactor::{_7, _8, _9, _10, _11, _12};
        use lora_modulation::{Bandwidth as Width, BaseBandModulationParams, CodingRate};
        let widths = [
            (Bandwidth::Khz125, Width::_125KHz),
            (Bandwidth::Khz250, Width::_250KHz),
            (Bandwidth::Khz500, Width::_500KHz),
        ];
        for (bandwidth, width) in widths {
            for (spreading, factor) in (7..).zip([_7, _8, _9, _10, _11, _12]) {
                let ours = Modulation::new(spreading, bandwidth);
                let theirs = BaseBandModulationParams::new(factor, width, CodingRate::_4_5);
                for bytes in 1..=u8::MAX {
                    let micros = theirs.time_on_air_us(Some(8), true, bytes);
                    assert_eq!(ours.uplink_micros(bytes), micros, "{ours:?} {bytes}");
                }
            }
        }
    }
}
