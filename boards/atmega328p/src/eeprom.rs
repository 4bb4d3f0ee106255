//! The 1 KiB of EEPROM behind the traits of `embedded-storage`.

use crate::registers::{eeprom_read, eeprom_write};
use embedded_storage::{ReadStorage, Storage};

/// Owns the EEPROM. There is one: make it once.
pub(crate) struct Eeprom;

/// Reports a range that reaches past the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutOfBounds;

const CAPACITY: u16 = 1024;

fn start(offset: u32, len: usize) -> Result<u16, OutOfBounds> {
    let start = u16::try_from(offset).map_err(|_| OutOfBounds)?;
    let len = u16::try_from(len).map_err(|_| OutOfBounds)?;
    let end = start.checked_add(len).ok_or(OutOfBounds)?;
    if end <= CAPACITY { Ok(start) } else { Err(OutOfBounds) }
}

impl ReadStorage for Eeprom {
    type Error = OutOfBounds;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), OutOfBounds> {
        let start = start(offset, bytes.len())?;
        for (address, byte) in (start..).zip(bytes) {
            *byte = eeprom_read(address);
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        usize::from(CAPACITY)
    }
}

impl Storage for Eeprom {
    /// Writes every byte, also one that reads so already: a cut may have left it between two
    /// values, and it would read otherwise at the next start.
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), OutOfBounds> {
        let start = start(offset, bytes.len())?;
        for (address, byte) in (start..).zip(bytes) {
            eeprom_write(address, *byte);
        }
        Ok(())
    }
}
