//! The guard of the frames, and the ways to break it.

use sundew_identity::FrameNumbers;
use sundew_transport::link::Port;
use sundew_transport::serial::{Crc32, Guard, HEADER, Key, Sealer};

/// Seals as the library does, or as a mutant would.
#[derive(Clone)]
pub(super) struct Guarded {
    key: Key,
    mutant: Option<&'static str>,
}

impl Guarded {
    pub(super) fn new(key: [u8; 16], mutant: Option<&'static str>) -> Self {
        Self { key: Key::new(key), mutant }
    }

    /// Returns the header as the mutant lets the seal see it.
    fn seen(&self, header: &[u8; HEADER]) -> [u8; HEADER] {
        let mut seen = *header;
        if self.mutant == Some("number-not-sealed") {
            seen[5..].fill(0);
        }
        seen
    }

    /// Seals another command under a number that has one; returns its length on the wire.
    ///
    /// The library has no door for that, so it is made as a message and renamed on the way to the seal.
    pub(super) fn second_command(&self, device: u32, number: u32, out: &mut [u8]) -> Option<usize> {
        let renamed = Renamed(self);
        let mut sealer = Sealer::new(renamed, device, FrameNumbers::from_reserved(number, 1));
        sealer.seal(Port::Readings, b"another", out).ok().map(|(_, length)| length)
    }
}

impl Guard for Guarded {
    const FAMILY: u8 = Key::FAMILY;
    const BYTES: usize = Key::BYTES;

    fn protect(&self, header: &[u8; HEADER], body: &mut [u8], trailer: &mut [u8]) {
        if self.mutant == Some("checksum-for-seal") {
            return Crc32.protect(header, body, trailer);
        }
        self.key.protect(&self.seen(header), body, trailer);
    }

    fn check(&self, header: &[u8; HEADER], body: &mut [u8], trailer: &[u8]) -> bool {
        match self.mutant {
            Some("take-altered") => {
                self.key.check(header, body, trailer);
                true
            }
            Some("checksum-for-seal") => Crc32.check(header, body, &trailer[..Crc32::BYTES]),
            _ => self.key.check(&self.seen(header), body, trailer),
        }
    }
}

/// Writes a message as a command.
struct Renamed<'a>(&'a Guarded);

impl Guard for Renamed<'_> {
    const FAMILY: u8 = Key::FAMILY;
    const BYTES: usize = Key::BYTES;

    fn protect(&self, header: &[u8; HEADER], body: &mut [u8], trailer: &mut [u8]) {
        let mut renamed = *header;
        renamed[0] = Self::FAMILY | 3;
        self.0.protect(&renamed, body, trailer);
    }

    fn check(&self, header: &[u8; HEADER], body: &mut [u8], trailer: &[u8]) -> bool {
        self.0.check(header, body, trailer)
    }
}
