//! Which records may reach the engine, and in which pieces (RFC 8446 section 5).
//!
//! The filter does no I/O: a shell asks where the next bytes go, puts them there and says how many
//! there were. So what has arrived of a record stays here whatever happens to the shell's wait.
//!
//! Up to and with `ServerHello`, and again once the handshake is done, a record is staged whole
//! before the engine sees its first byte. In between the bodies stream through to the engine, so
//! that the staging buffer need not hold the server's certificates.

use super::error::{Error, Refusal};
use super::guard::Progress;
use super::hello::{self, Evidence};
use super::inspect::Place;

const HEADER: usize = 5;
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// A sealed record has a type byte and a tag of 16 bytes at least.
const SHORTEST: usize = 17;
/// 2^14 bytes of content, and 256 for type, padding and tag (RFC 8446 section 5.2).
const LONGEST: usize = (1 << 14) + 256;

/// A server's flight has five messages, a request for our certificate among them, and a message is
/// never split (the inspector sees to that). Without the cap somebody who is nobody yet could ask
/// for our certificate over and over: the engine takes that, and while there is always something to
/// read nobody looks at the time.
const LONGEST_FLIGHT: u8 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Awaits `ServerHello`, the last record in the clear.
    Hello,
    /// Awaits the first sealed record, or the one `ChangeCipherSpec` of middlebox compatibility.
    Sealed,
    /// Awaits the first sealed record.
    Changed,
    /// Is behind so many sealed records.
    Flight(u8),
    /// Is behind the handshake.
    Open,
}

/// Holds the record that is coming in.
#[derive(Debug)]
pub(super) struct Filter<'b> {
    stage: &'b mut [u8],
    /// The length of the engine's own record buffer.
    limit: usize,
    evidence: Evidence,
    phase: Phase,
    header: [u8; HEADER],
    length: usize,
    /// How much of the record has come in, header included.
    have: usize,
    /// How much of the record the engine has taken from here, header included.
    served: usize,
}

impl<'b> Filter<'b> {
    pub(super) fn new(stage: &'b mut [u8]) -> Self {
        let header = [0; HEADER];
        Self {
            stage,
            limit: 0,
            evidence: Evidence::Certificate,
            phase: Phase::Hello,
            header,
            length: 0,
            have: 0,
            served: 0,
        }
    }

    /// Starts a handshake with an engine that takes records of `limit` bytes; `false` where this
    /// filter has seen one before.
    pub(super) fn start(&mut self, limit: usize, evidence: Evidence) -> bool {
        let fresh = self.limit == 0 && limit > 0;
        self.limit = limit;
        self.evidence = evidence;
        fresh
    }

    /// Ends the handshake: from here on whole records are staged.
    pub(super) fn finish(&mut self) {
        self.phase = Phase::Open;
    }

    /// Returns whether nothing of the server has come through yet.
    pub(super) fn awaits_hello(&self) -> bool {
        self.phase == Phase::Hello
    }

    /// Returns whether a sealed record of the server's flight has gone through.
    pub(super) fn is_in_flight(&self) -> bool {
        matches!(self.phase, Phase::Flight(_))
    }

    /// Returns whether a whole record waits for the engine.
    pub(super) fn holds_record(&self) -> bool {
        self.have >= HEADER && self.have == HEADER + self.length && !self.streams()
    }

    /// Returns whether the handshake is done.
    pub(super) fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Returns where the next bytes of the line go; empty where a record waits for the engine.
    pub(super) fn space(&mut self) -> &mut [u8] {
        if self.have < HEADER {
            return self.header.get_mut(self.have..).unwrap_or_default();
        }
        if self.streams() {
            return &mut [];
        }
        self.stage.get_mut(self.have - HEADER..self.length).unwrap_or_default()
    }

    /// Takes note of `count` bytes that were put into [`space`](Self::space).
    pub(super) fn received(&mut self, count: usize, progress: Progress) -> Result<(), Refusal> {
        let header_was_whole = self.have >= HEADER;
        self.have += count;
        if !header_was_whole && self.have >= HEADER {
            self.check_header(progress)?;
        }
        if self.holds_record() { self.check_staged() } else { Ok(()) }
    }

    fn streams(&self) -> bool {
        matches!(self.phase, Phase::Sealed | Phase::Changed | Phase::Flight(_))
            && self.header.first() == Some(&APPLICATION_DATA)
            && self.have >= HEADER
    }

    fn check_header(&mut self, progress: Progress) -> Result<(), Refusal> {
        let [kind, major, minor, high, low] = self.header;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let (place, room) = match (self.phase, kind) {
            (Phase::Hello, HANDSHAKE) => (None, self.stage.len().min(self.limit)),
            (Phase::Hello, ALERT) if length == 2 => (None, self.stage.len()),
            (Phase::Sealed, CHANGE_CIPHER_SPEC) if length == 1 => (None, self.stage.len()),
            (Phase::Sealed | Phase::Changed, APPLICATION_DATA) => {
                let place = match self.evidence {
                    Evidence::Certificate => Place::First,
                    Evidence::SharedKey => Place::FirstShared,
                };
                (Some(place), self.limit)
            }
            (Phase::Flight(records), APPLICATION_DATA) if records < LONGEST_FLIGHT => {
                let place = match progress {
                    Progress::Nothing => Place::BeforeCertificate,
                    Progress::Certificate => Place::BeforeSignature,
                    Progress::SharedKey | Progress::Verified => Place::BeforeFinished,
                };
                (Some(place), self.limit)
            }
            (Phase::Open, APPLICATION_DATA) => {
                (Some(Place::Open), self.stage.len().min(self.limit))
            }
            _ => return Err(Error::IllegalRecord),
        };
        // A server may name an older version on an alert that comes before its hello.
        let legal_version = major == 3 && (minor == 3 || kind == ALERT && minor <= 3);
        let shortest = if place.is_some() { SHORTEST } else { 1 };
        if !legal_version || length < shortest || length > LONGEST {
            return Err(Error::IllegalRecord);
        }
        if length > room {
            return Err(Error::RecordTooLong { needed: length as u16 });
        }
        if let Some(place) = place {
            self.header = [kind, major, place.mark(), high, low];
        }
        self.length = length;
        Ok(())
    }

    fn check_staged(&mut self) -> Result<(), Refusal> {
        let body = self.stage.get(..self.length).ok_or(Error::Bug)?;
        match (self.header, body) {
            ([HANDSHAKE, ..], body) => Ok(hello::check(body, self.evidence)?),
            ([ALERT, ..], [1 | 2, 0]) => Err(Error::Closed),
            ([ALERT, ..], [1 | 2, description]) => Err(Error::PeerAlert(*description)),
            ([CHANGE_CIPHER_SPEC, ..], [1]) => {
                self.phase = Phase::Changed;
                self.forget();
                Ok(())
            }
            ([APPLICATION_DATA, ..], _) => Ok(()),
            _ => Err(Error::IllegalRecord),
        }
    }

    /// Gives the engine what is here for it; 0 where more has to come in first.
    pub(super) fn serve(&mut self, out: &mut [u8]) -> usize {
        if !self.streams() && !self.holds_record() {
            return 0;
        }
        let from = match self.header.get(self.served..) {
            Some(rest) if !rest.is_empty() => rest,
            _ if self.streams() => return 0,
            _ => self.stage.get(self.served - HEADER..self.length).unwrap_or_default(),
        };
        let mut count = 0;
        for (to, byte) in out.iter_mut().zip(from) {
            *to = *byte;
            count += 1;
        }
        self.served += count;
        if self.served == HEADER + self.length {
            if self.phase == Phase::Hello {
                self.phase = Phase::Sealed;
            }
            self.forget();
        }
        count
    }

    /// Returns how much of the record's body goes straight from the line to the engine.
    pub(super) fn to_stream(&self) -> usize {
        if self.streams() && self.served >= HEADER { HEADER + self.length - self.have } else { 0 }
    }

    /// Takes note of `count` bytes that went straight to the engine.
    pub(super) fn streamed(&mut self, count: usize) {
        self.have += count;
        if self.have >= HEADER + self.length {
            self.phase = match self.phase {
                Phase::Flight(records) => Phase::Flight(records.saturating_add(1)),
                _ => Phase::Flight(1),
            };
            self.forget();
        }
    }

    fn forget(&mut self) {
        (self.length, self.have, self.served) = (0, 0, 0);
        self.header = [0; HEADER];
    }
}

#[cfg(test)]
mod tests;
