//! What monitors of a shunt have in common: its resistance, and the addresses.

use crate::ConfigError;

/// Holds the resistance that a current flows through.
///
/// ```
/// use sundew_sensors::ina219::Shunt;
/// assert_eq!(Shunt::from_milliohms(100), Shunt::from_microohms(100_000));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Shunt {
    microohms: u32,
}

impl Shunt {
    /// Holds a number of millionths of an ohm, such as 500 for a half-milliohm shunt.
    pub const fn from_microohms(microohms: u32) -> Self {
        Self { microohms }
    }

    /// Holds a number of thousandths of an ohm, such as 100 for most breakout boards.
    pub const fn from_milliohms(milliohms: u16) -> Self {
        Self { microohms: milliohms as u32 * 1_000 }
    }

    /// Returns the millionths of an ohm.
    pub const fn microohms(self) -> u32 {
        self.microohms
    }

    /// Returns the resistance where it lies within limits.
    pub(super) const fn within(self, lowest: u32, highest: u32) -> Result<u32, ConfigError> {
        if self.microohms >= lowest && self.microohms <= highest {
            Ok(self.microohms)
        } else {
            Err(ConfigError::Setting)
        }
    }
}

/// Names the address that the pins A1 and A0 choose.
///
/// Each pin is at ground, at the supply, at SDA or at SCL, which count 0 to 3; the address is
/// 0x40 + 4 A1 + A0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Address {
    /// Names 0x40: both pins at ground.
    X40 = 0x40,
    /// Names 0x41: A0 at the supply.
    X41 = 0x41,
    /// Names 0x42: A0 at SDA.
    X42 = 0x42,
    /// Names 0x43: A0 at SCL.
    X43 = 0x43,
    /// Names 0x44: A1 at the supply.
    X44 = 0x44,
    /// Names 0x45: both pins at the supply.
    X45 = 0x45,
    /// Names 0x46: A1 at the supply, A0 at SDA.
    X46 = 0x46,
    /// Names 0x47: A1 at the supply, A0 at SCL.
    X47 = 0x47,
    /// Names 0x48: A1 at SDA.
    X48 = 0x48,
    /// Names 0x49: A1 at SDA, A0 at the supply.
    X49 = 0x49,
    /// Names 0x4A: both pins at SDA.
    X4A = 0x4A,
    /// Names 0x4B: A1 at SDA, A0 at SCL.
    X4B = 0x4B,
    /// Names 0x4C: A1 at SCL.
    X4C = 0x4C,
    /// Names 0x4D: A1 at SCL, A0 at the supply.
    X4D = 0x4D,
    /// Names 0x4E: A1 at SCL, A0 at SDA.
    X4E = 0x4E,
    /// Names 0x4F: both pins at SCL.
    X4F = 0x4F,
}

impl TryFrom<u8> for Address {
    type Error = ConfigError;

    /// Returns the address of a right-aligned 7-bit number.
    fn try_from(address: u8) -> Result<Self, ConfigError> {
        Ok(match address {
            0x40 => Self::X40,
            0x41 => Self::X41,
            0x42 => Self::X42,
            0x43 => Self::X43,
            0x44 => Self::X44,
            0x45 => Self::X45,
            0x46 => Self::X46,
            0x47 => Self::X47,
            0x48 => Self::X48,
            0x49 => Self::X49,
            0x4A => Self::X4A,
            0x4B => Self::X4B,
            0x4C => Self::X4C,
            0x4D => Self::X4D,
            0x4E => Self::X4E,
            0x4F => Self::X4F,
            _ => return Err(ConfigError::Address),
        })
    }
}
