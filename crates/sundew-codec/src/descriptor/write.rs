//! Writes descriptors, at run time and in constants.

use sundew_units::{Access, Device};

use super::{Described, hash};
use crate::{Error, cbor::major};

/// Stands for the only format there is.
pub(super) const FORMAT: u32 = 1;

/// Writes into a slice and goes on counting where it ends, or takes the checksum instead.
///
/// A node may need both, so both go through the same code: one copy for each took 0.8 KB more on
/// thumbv6m.
pub(super) struct Sink<'b> {
    buffer: &'b mut [u8],
    position: usize,
    /// Holds the state of the checksum; `None` where bytes are written.
    state: Option<u32>,
}

impl<'b> Sink<'b> {
    pub(super) const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, position: 0, state: None }
    }

    pub(super) const fn hashing() -> Self {
        Self { buffer: &mut [], position: 0, state: Some(hash::START) }
    }

    pub(super) const fn position(&self) -> usize {
        self.position
    }

    pub(super) const fn hash(&self) -> u32 {
        match self.state {
            Some(state) => !state,
            None => 0,
        }
    }

    pub(super) const fn finish(self) -> Result<usize, Error> {
        let needed = self.position;
        if needed <= self.buffer.len() { Ok(needed) } else { Err(Error::Full { needed }) }
    }

    pub(super) const fn device(&mut self, device: &Device) {
        let retired = device.retired();
        let channels = device.channels();
        self.table(device.model().as_bytes(), device.version(), channels.len(), retired.len());
        let mut rest = channels;
        while let [channel, tail @ ..] = rest {
            self.channel(&Described::of(channel));
            rest = tail;
        }
        self.retired(retired.len());
        let mut rest = retired;
        while let [id, tail @ ..] = rest {
            self.head(major::UNSIGNED, id.0 as u32);
            rest = tail;
        }
    }

    /// Writes what stands before the first channel.
    pub(super) const fn table(
        &mut self,
        model: &[u8],
        version: u16,
        channels: usize,
        retired: usize,
    ) {
        self.head(major::MAP, if retired == 0 { 4 } else { 5 });
        self.pair(0, FORMAT);
        self.head(major::UNSIGNED, 1);
        self.text(model);
        self.pair(2, version as u32);
        self.head(major::UNSIGNED, 3);
        self.head(major::ARRAY, channels as u32);
    }

    pub(super) const fn channel(&mut self, channel: &Described<'_>) {
        let kind = channel.kind;
        let (low, high) = kind.range();
        let bits = channel.bits != channel.range_bits();
        let writable = matches!(channel.access, Access::Writable);
        self.head(
            major::MAP,
            4 + (channel.exponent != 0) as u32
                + (channel.low != low) as u32
                + (channel.high != high) as u32
                + bits as u32
                + (kind.number() != 0) as u32
                + kind.modulus().is_some() as u32
                + writable as u32,
        );
        self.pair(0, channel.id.0 as u32);
        self.head(major::UNSIGNED, 1);
        self.text(channel.name.as_bytes());
        self.pair(2, channel.quantity_number as u32);
        self.head(major::UNSIGNED, 3);
        self.text(channel.unit.as_bytes());
        if channel.exponent != 0 {
            self.signed(4, channel.exponent as i32);
        }
        if channel.low != low {
            self.signed(5, channel.low);
        }
        if channel.high != high {
            self.signed(6, channel.high);
        }
        if bits {
            self.pair(7, channel.bits as u32);
        }
        if kind.number() != 0 {
            self.pair(8, kind.number() as u32);
        }
        if let Some(modulus) = kind.modulus() {
            self.pair(9, modulus);
        }
        if writable {
            self.pair(10, 1);
        }
    }

    /// Writes what stands before the first retired id; nothing where there is none.
    pub(super) const fn retired(&mut self, retired: usize) {
        if retired != 0 {
            self.head(major::UNSIGNED, 4);
            self.head(major::ARRAY, retired as u32);
        }
    }

    const fn pair(&mut self, key: u32, value: u32) {
        self.head(major::UNSIGNED, key);
        self.head(major::UNSIGNED, value);
    }

    const fn signed(&mut self, key: u32, value: i32) {
        self.head(major::UNSIGNED, key);
        // -1 - value of a negative number is its bitwise complement.
        if value < 0 {
            self.head(major::NEGATIVE, !value as u32);
        } else {
            self.head(major::UNSIGNED, value as u32);
        }
    }

    const fn text(&mut self, text: &[u8]) {
        self.head(major::TEXT, text.len() as u32);
        let mut rest = text;
        while let [byte, tail @ ..] = rest {
            self.byte(*byte);
            rest = tail;
        }
    }

    /// Writes the head of an item in its shortest form.
    #[inline(never)]
    pub(super) const fn head(&mut self, major: u8, argument: u32) {
        let (information, mut width) = match argument {
            0..=23 => (argument as u8, 0),
            24..=0xFF => (24, 1),
            0x100..=0xFFFF => (25, 2),
            _ => (26, 4),
        };
        self.byte(major << 5 | information);
        while width > 0 {
            width -= 1;
            self.byte((argument >> (8 * width)) as u8);
        }
    }

    #[inline(never)]
    const fn byte(&mut self, byte: u8) {
        if let Some(state) = self.state {
            self.state = Some(hash::step(state, byte));
        } else if let Some((_, [slot, ..])) = self.buffer.split_at_mut_checked(self.position) {
            *slot = byte;
        }
        self.position = self.position.saturating_add(1);
    }
}
