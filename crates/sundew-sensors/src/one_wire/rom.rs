//! The code by which a part is addressed, and its checksum.

use crate::ConfigError;

/// Holds the code of a part: family, serial number of 48 bits, checksum.
///
/// ```
/// use sundew_sensors::ConfigError;
/// use sundew_sensors::one_wire::Rom;
///
/// // The example of application note 27.
/// let rom = Rom::new([0x02, 0x1C, 0xB8, 0x01, 0x00, 0x00, 0x00, 0xA2]).unwrap();
/// assert_eq!(rom.family(), 0x02);
/// assert_eq!(Rom::new([0x02, 0x1C, 0xB8, 0x01, 0, 0, 0, 0xA3]), Err(ConfigError::Address));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rom([u8; 8]);

impl Rom {
    /// Takes a code, family first.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Address`] where the checksum is wrong.
    pub const fn new(bytes: [u8; 8]) -> Result<Self, ConfigError> {
        // A checksum behind what it is of makes 0; so do zeros, which no part has.
        if crc8(&bytes) == 0 && bytes[0] != 0 { Ok(Self(bytes)) } else { Err(ConfigError::Address) }
    }

    /// Returns the code, family first.
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0
    }

    /// Returns the number of the part's family.
    pub const fn family(self) -> u8 {
        let [family, ..] = self.0;
        family
    }
}

/// Returns the checksum of application note 27: x^8 + x^5 + x^4 + 1, least bit first, start 0.
pub(crate) const fn crc8(mut bytes: &[u8]) -> u8 {
    let mut crc = 0;
    while let [byte, rest @ ..] = bytes {
        crc ^= *byte;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0x8C };
            bit += 1;
        }
        bytes = rest;
    }
    crc
}
