//! The SMSC LAN9118: frames in, frames out, by programmed I/O.
//!
//! Read first: SMSC LAN9118 datasheet rev. 1.5, sections 3.12 (transmit), 3.13 (receive), 5.3
//! (registers) and 5.4 (MAC registers). The PHY is left as it comes out of reset, where it
//! negotiates by itself. No interrupt is used: the stack is polled every millisecond anyway.

use crate::memory_map::ETHERNET;

/// Holds the longest frame without its check sequence: header 14, payload 1,500.
pub(crate) const FRAME_MAX: usize = 1_514;
/// Holds what a buffer needs for the longest frame, check sequence and padding to a word.
pub(crate) const BUFFER_BYTES: usize = (FRAME_MAX + CHECK_BYTES).next_multiple_of(4);

const RX_DATA: usize = 0x00;
const TX_DATA: usize = 0x20;
const RX_STATUS: usize = 0x40;
const TX_STATUS: usize = 0x48;
const BYTE_TEST: usize = 0x64;
const RX_CONFIG: usize = 0x6C;
const TX_CONFIG: usize = 0x70;
const HW_CONFIG: usize = 0x74;
const RX_FIFO: usize = 0x7C;
const TX_FIFO: usize = 0x80;
const MAC_COMMAND: usize = 0xA4;
const MAC_DATA: usize = 0xA8;

const BYTE_TEST_VALUE: u32 = 0x8765_4321;
const HW_SOFT_RESET: u32 = 1 << 0;
/// Must be one (section 5.3.9), and 5 KiB of the 16 KiB of FIFO for sending.
const HW_RUN: u32 = 1 << 20 | 5 << 16;
const TX_ON: u32 = 1 << 1;
const TX_FIRST_SEGMENT: u32 = 1 << 13;
const TX_LAST_SEGMENT: u32 = 1 << 12;
const RX_ERROR: u32 = 1 << 15;
const MAC_BUSY: u32 = 1 << 31;
const MAC_READ: u32 = 1 << 30;

const MAC_CONTROL: u32 = 1;
const MAC_ADDRESS_HIGH: u32 = 2;
const MAC_ADDRESS_LOW: u32 = 3;
const MAC_FULL_DUPLEX: u32 = 1 << 20;
const MAC_TRANSMIT: u32 = 1 << 3;
const MAC_RECEIVE: u32 = 1 << 2;

/// A soft reset takes under 1 us, a MAC access a few cycles: this many looks are far too many.
const LOOKS: u32 = 1_000_000;
/// The frame check sequence that the part leaves at the end of a received frame.
const CHECK_BYTES: usize = 4;
/// The two command words in front of a frame to send.
const COMMAND_BYTES: usize = 8;

/// Drives the MAC.
pub(crate) struct Lan9118;

impl Lan9118 {
    /// Resets the part and turns both directions on; `None` where it does not answer.
    pub(crate) fn start() -> Option<Self> {
        if ETHERNET.read(BYTE_TEST) != BYTE_TEST_VALUE {
            return None;
        }
        ETHERNET.write(HW_CONFIG, HW_SOFT_RESET);
        wait_clear(HW_CONFIG, HW_SOFT_RESET)?;
        ETHERNET.write(HW_CONFIG, HW_RUN);
        ETHERNET.write(RX_CONFIG, 0);
        ETHERNET.write(TX_CONFIG, TX_ON);
        let part = Self;
        part.mac_write(MAC_CONTROL, MAC_FULL_DUPLEX | MAC_TRANSMIT | MAC_RECEIVE)?;
        Some(part)
    }

    /// Returns the address that the part loaded from its EEPROM; `None` where it does not answer.
    pub(crate) fn mac_address(&self) -> Option<[u8; 6]> {
        let [b0, b1, b2, b3] = self.mac_read(MAC_ADDRESS_LOW)?.to_le_bytes();
        let [b4, b5, ..] = self.mac_read(MAC_ADDRESS_HIGH)?.to_le_bytes();
        Some([b0, b1, b2, b3, b4, b5])
    }

    /// Takes the oldest good frame that fits; returns its length without the check sequence.
    ///
    /// Broken and oversized frames are dropped on the way.
    pub(crate) fn receive(&mut self, frame: &mut [u8; BUFFER_BYTES]) -> Option<usize> {
        // Bits 23..16 count the frames. Bounded by what is there now, so a flood cannot hold us.
        for _ in 0..ETHERNET.read(RX_FIFO) >> 16 & 0xFF {
            let status = ETHERNET.read(RX_STATUS);
            let total = (status >> 16 & 0x3FFF) as usize;
            let (words, _) = frame.as_chunks_mut::<4>();
            let mut words = words.iter_mut();
            // The data has to be taken out whole, whether it is wanted or not.
            for _ in 0..total.div_ceil(4) {
                let word = ETHERNET.read(RX_DATA).to_le_bytes();
                if let Some(place) = words.next() {
                    *place = word;
                }
            }
            let len = total.saturating_sub(CHECK_BYTES);
            if status & RX_ERROR == 0 && len > 0 && len <= FRAME_MAX {
                return Some(len);
            }
        }
        None
    }

    /// Returns whether a frame of any length can be handed over now.
    pub(crate) fn can_send(&self) -> bool {
        // Bits 15..0 count free bytes.
        (ETHERNET.read(TX_FIFO) & 0xFFFF) as usize >= FRAME_MAX + COMMAND_BYTES + 4
    }

    /// Hands a frame of at most [`FRAME_MAX`] bytes over; a longer one is dropped.
    pub(crate) fn send(&mut self, frame: &[u8]) {
        if frame.len() > FRAME_MAX {
            return;
        }
        let len = frame.len() as u32;
        ETHERNET.write(TX_DATA, TX_FIRST_SEGMENT | TX_LAST_SEGMENT | len);
        ETHERNET.write(TX_DATA, len);
        let (words, rest) = frame.as_chunks::<4>();
        for word in words {
            ETHERNET.write(TX_DATA, u32::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 4];
            word.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            ETHERNET.write(TX_DATA, u32::from_le_bytes(word));
        }
        // A full status FIFO (bits 23..16 count it) would stop the transmitter.
        for _ in 0..ETHERNET.read(TX_FIFO) >> 16 & 0xFF {
            ETHERNET.read(TX_STATUS);
        }
    }

    fn mac_read(&self, register: u32) -> Option<u32> {
        ETHERNET.write(MAC_COMMAND, MAC_BUSY | MAC_READ | register);
        wait_clear(MAC_COMMAND, MAC_BUSY)?;
        Some(ETHERNET.read(MAC_DATA))
    }

    fn mac_write(&self, register: u32, value: u32) -> Option<()> {
        ETHERNET.write(MAC_DATA, value);
        ETHERNET.write(MAC_COMMAND, MAC_BUSY | register);
        wait_clear(MAC_COMMAND, MAC_BUSY)
    }
}

fn wait_clear(register: usize, bits: u32) -> Option<()> {
    (0..LOOKS).find(|_| ETHERNET.read(register) & bits == 0).map(|_| ())
}
