//! Commands and answers; all pure.

use crate::ConfigError;
use sundew_units::Dec;

/// Names a sensor on the bus: `0` to `9`, `a` to `z` or `A` to `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Address(u8);

impl Address {
    /// Takes the character.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Address`] for any other character.
    pub const fn new(character: u8) -> Result<Self, ConfigError> {
        if character.is_ascii_alphanumeric() {
            Ok(Self(character))
        } else {
            Err(ConfigError::Address)
        }
    }

    /// Returns the character.
    pub const fn character(self) -> u8 {
        self.0
    }
}

/// Says whether values are to come with a checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Check {
    /// Asks for three characters of checksum, as sensors since version 1.3 can.
    Crc,
    /// Asks for none.
    Plain,
}

/// Is a command to a sensor; numbers are 0 to 9, others count as 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Command {
    /// Asks for a sign of life: `a!`.
    Acknowledge,
    /// Asks the only sensor on the bus for its address: `?!`.
    AddressQuery,
    /// Begins a measurement that others may go on beside: `aC!` to `aC9!`, `aCC!` to `aCC9!`.
    Concurrent(u8, Check),
    /// Reads values that are always there: `aR0!` to `aR9!`, `aRC0!` to `aRC9!`.
    Continuous(u8, Check),
    /// Fetches values of a measurement: `aD0!` to `aD9!`.
    Data(u8),
    /// Begins a measurement: `aM!` to `aM9!`, `aMC!` to `aMC9!`.
    Measure(u8, Check),
}

/// Holds the characters of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoded {
    bytes: [u8; 5],
    len: u8,
}

impl Encoded {
    /// Returns the characters.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or(&self.bytes)
    }

    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(usize::from(self.len)) {
            *slot = byte;
            self.len += 1;
        }
    }
}

impl Command {
    /// Returns the characters of the command to a sensor.
    ///
    /// ```
    /// use sundew_sensors::sdi12::{Address, Check, Command};
    /// let address = Address::new(b'3').unwrap();
    /// assert_eq!(Command::Measure(0, Check::Crc).encode(address).as_bytes(), b"3MC!");
    /// assert_eq!(Command::Continuous(1, Check::Plain).encode(address).as_bytes(), b"3R1!");
    /// ```
    pub fn encode(self, address: Address) -> Encoded {
        let mut to = Encoded { bytes: [0; 5], len: 0 };
        to.push(if self == Self::AddressQuery { b'?' } else { address.0 });
        let (letter, number, check) = match self {
            Self::Acknowledge | Self::AddressQuery => (None, None, Check::Plain),
            Self::Concurrent(number, check) => (Some(b'C'), (number > 0).then_some(number), check),
            Self::Continuous(number, check) => (Some(b'R'), Some(number), check),
            Self::Data(number) => (Some(b'D'), Some(number), Check::Plain),
            Self::Measure(number, check) => (Some(b'M'), (number > 0).then_some(number), check),
        };
        if let Some(letter) = letter {
            to.push(letter);
        }
        if check == Check::Crc {
            to.push(b'C');
        }
        if let Some(number) = number {
            to.push(b'0' + number.min(9));
        }
        to.push(b'!');
        to
    }
}

/// Says why a line is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fault {
    /// Reports a checksum that is wrong.
    Checksum,
    /// Reports a line that has not the form of the answer, or is another sensor's.
    Form,
}

/// Holds what a sensor answers to a command that begins a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Started {
    /// Holds after how many seconds the values are there at the latest, 0 to 999.
    pub seconds: u16,
    /// Holds how many values there will be, 0 to 99.
    pub values: u8,
}

/// Reads the answer to a measurement command: `atttn` or `atttnn` and the end of the line.
///
/// # Errors
///
/// Returns [`Fault::Form`].
pub fn parse_started(line: &[u8], address: Address) -> Result<Started, Fault> {
    let body = body(line, address)?;
    let (seconds, values) = match body {
        [t0, t1, t2, values @ ..] if matches!(values.len(), 1 | 2) => ([*t0, *t1, *t2], values),
        _ => return Err(Fault::Form),
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u16, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u16::from(digit - b'0'))
        })
    };
    let seconds = number(&seconds).ok_or(Fault::Form)?;
    // Two digits are at most 99.
    let values = number(values).ok_or(Fault::Form)? as u8;
    Ok(Started { seconds, values })
}

/// Reads a line of values: address, values with their signs, checksum, end of the line.
///
/// All of the line is judged before the first value is given.
///
/// ```
/// use sundew_sensors::sdi12::{Address, Check, parse_values};
/// use sundew_units::Dec;
///
/// // The example of the specification, section 4.4.12.3.
/// let address = Address::new(b'0').unwrap();
/// let values = parse_values(b"0+3.14OqZ\r\n", address, Check::Crc).unwrap();
/// assert_eq!(values.collect::<Vec<_>>(), [Dec::new(314, -2)]);
/// assert!(parse_values(b"0+3.15OqZ\r\n", address, Check::Crc).is_err());
/// ```
///
/// # Errors
///
/// Returns [`Fault::Checksum`] or [`Fault::Form`].
pub fn parse_values(line: &[u8], address: Address, check: Check) -> Result<Values<'_>, Fault> {
    let mut text = body(line, address)?;
    if check == Check::Crc {
        let (rest, sum) = text.split_last_chunk::<3>().ok_or(Fault::Form)?;
        let crc = rest.iter().fold(crc16(0, address.0), |crc, byte| crc16(crc, *byte));
        if characters(crc) != *sum {
            return Err(Fault::Checksum);
        }
        text = rest;
    }
    let values = Values { rest: text };
    let mut judged = values.clone();
    while let Some(value) = judged.advance() {
        value?;
    }
    Ok(values)
}

/// Gives the values of a line, exactly as they were sent.
#[derive(Clone, Debug)]
pub struct Values<'l> {
    rest: &'l [u8],
}

impl Values<'_> {
    fn advance(&mut self) -> Option<Result<Dec, Fault>> {
        let (sign, rest) = self.rest.split_first()?;
        let is_negative = *sign == b'-';
        let mut mantissa = 0_i32;
        let (mut digits, mut places) = (0, None);
        let mut used = 0;
        for byte in rest {
            match (byte, places) {
                (b'0'..=b'9', _) if digits < 7 => {
                    digits += 1;
                    places = places.map(|count: i8| count + 1);
                    // Seven digits are 2^23.3.
                    mantissa = mantissa * 10 + i32::from(byte - b'0');
                }
                (b'.', None) => places = Some(0),
                (b'+' | b'-', _) => break,
                _ => return Some(Err(Fault::Form)),
            }
            used += 1;
        }
        self.rest = rest.get(used..).unwrap_or(&[]);
        if digits == 0 || !matches!(sign, b'+' | b'-') {
            return Some(Err(Fault::Form));
        }
        let mantissa = if is_negative { -mantissa } else { mantissa };
        Some(Ok(Dec::new(mantissa, -places.unwrap_or(0))))
    }
}

impl Iterator for Values<'_> {
    type Item = Dec;

    fn next(&mut self) -> Option<Dec> {
        self.advance()?.ok()
    }
}

/// Returns what stands between the address and the end of the line.
fn body(line: &[u8], address: Address) -> Result<&[u8], Fault> {
    match line {
        [first, body @ .., b'\r', b'\n'] if *first == address.0 => Ok(body),
        _ => Err(Fault::Form),
    }
}

/// Adds a character to the checksum (section 4.4.12.1): polynomial 0xA001, start 0.
fn crc16(crc: u16, byte: u8) -> u16 {
    (0..8).fold(
        crc ^ u16::from(byte),
        |crc, _| {
            if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0xA001 }
        },
    )
}

/// Returns the checksum as it is sent (section 4.4.12.2): six bits in each character.
fn characters(crc: u16) -> [u8; 3] {
    [crc >> 12, crc >> 6 & 0x3F, crc & 0x3F].map(|bits| 0x40 | bits as u8)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::format;
    use std::vec::Vec;

    const ZERO: Address = Address(b'0');

    fn values(line: &[u8], check: Check) -> Result<Vec<Dec>, Fault> {
        parse_values(line, ZERO, check).map(Iterator::collect)
    }

    #[test]
    fn commands_are_those_of_the_specification() {
        use Check::{Crc, Plain};
        for (command, text) in [
            (Command::Acknowledge, "0!"),
            (Command::AddressQuery, "?!"),
            (Command::Measure(0, Plain), "0M!"),
            (Command::Measure(3, Crc), "0MC3!"),
            (Command::Concurrent(0, Crc), "0CC!"),
            (Command::Concurrent(9, Plain), "0C9!"),
            (Command::Continuous(0, Plain), "0R0!"),
            (Command::Continuous(5, Crc), "0RC5!"),
            (Command::Data(0), "0D0!"),
            (Command::Data(77), "0D9!"),
        ] {
            assert_eq!(command.encode(ZERO).as_bytes(), text.as_bytes());
        }
    }

    #[test]
    fn examples_of_the_specification_are_read() {
        let three = [Dec::new(314, -2), Dec::new(2_718, -3), Dec::new(1_414, -3)];
        assert_eq!(values(b"0+3.14+2.718+1.414Ipz\r\n", Check::Crc), Ok(three.to_vec()));
        assert_eq!(values(b"0+3.14+2.718+1.414\r\n", Check::Plain), Ok(three.to_vec()));
        assert_eq!(
            values(b"0-25+1.\r\n", Check::Plain),
            Ok([Dec::new(-25, 0), Dec::new(1, 0)].to_vec())
        );
        assert_eq!(values(b"0\r\n", Check::Plain), Ok(Vec::new()));
        let started = Started { seconds: 5, values: 3 };
        assert_eq!(parse_started(b"00053\r\n", ZERO), Ok(started));
        let started = Started { seconds: 999, values: 99 };
        assert_eq!(parse_started(b"099999\r\n", ZERO), Ok(started));
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for line in [
            "",
            "0",
            "0+1",
            "0+1\n",
            "1+1\r\n",
            "0+\r\n",
            "0.5\r\n",
            "0+.\r\n",
            "0+1.2.3\r\n",
            "0+12345678\r\n",
            "0+1 \r\n",
            "0+1e5\r\n",
            "0++1\r\n",
        ] {
            assert_eq!(values(line.as_bytes(), Check::Plain), Err(Fault::Form), "{line}");
        }
        for line in ["0005\r\n", "0005333\r\n", "0 053\r\n", "000-3\r\n", "10053\r\n"] {
            assert_eq!(parse_started(line.as_bytes(), ZERO), Err(Fault::Form), "{line}");
        }
        assert_eq!(values(b"0qZ\r\n", Check::Crc), Err(Fault::Form));
    }

    #[test]
    fn one_wrong_bit_is_found_by_the_checksum() {
        let right = b"0+3.14+2.718+1.414Ipz\r\n";
        for bit in 0..(right.len() - 2) * 8 {
            let mut wrong = *right;
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(values(&wrong, Check::Crc).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn every_value_of_four_digits_comes_through() {
        let mut cases = 0;
        for mantissa in -9_999..=9_999_i32 {
            for places in 0..=4_usize {
                let digits = format!("{:05}", mantissa.unsigned_abs());
                let (whole, fraction) = digits.split_at(5 - places);
                let sign = if mantissa < 0 { '-' } else { '+' };
                let line = format!("0{sign}{whole}.{fraction}\r\n");
                let expected = Dec::new(mantissa, -(places as i8));
                assert_eq!(values(line.as_bytes(), Check::Plain), Ok([expected].to_vec()));
                cases += 1;
            }
        }
        std::println!("cases: {cases}");
    }
}
