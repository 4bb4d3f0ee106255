//! Where the device record is kept: two copies, of which one counts.
//!
//! A record is up to some kilobytes, a setting at most 63 bytes, so the record has a region of its
//! own, with room for two. Which of them counts, and with which checksum, is a setting: what a torn
//! page may read as at the next start is solved there once ([`Settings`]), and not again here.
//!
//! A save of a setting that was cut may be there at one start and gone at the next. So a change is
//! said twice: first that the other copy counts, then that this is settled. What says that it is
//! settled was begun after the first had returned; whoever finds the first alone says it again
//! before he believes it.

use crate::record::{DeviceRecord, HEADER, Header};
use crate::{Error, cbor::Sink};
use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
use sundew_core::Region;
use sundew_store::{Partition, Setting, Settings};

/// Keeps the [`DeviceRecord`] of a device.
///
/// The factory writes one record to the start of the region, or calls [`store`](Self::store). Each
/// later [`store`](Self::store) writes the half of the region that does not count; a region of one
/// page can only be read.
///
/// *RAM*: nothing between calls.
///
/// *Cancel safety*: calls are not futures and run to their end; power may fail within any of them.
/// The record is then the old one or the new one, at this start and at every later one.
///
/// ```
/// use sundew_core::Region;
/// use sundew_identity::{DeviceRecord, Error, Identity};
/// use sundew_store::Settings;
/// use sundew_testkit::SimFlash;
///
/// let mut flash = SimFlash::<8192, 1024, 4>::new();
/// let identity = Identity::new(Region::new(0, 4096), Settings::new(Region::new(4096, 2048)));
/// let queue = Region::new(6144, 2048);
/// let mut buffer = [0; 256];
/// assert_eq!(identity.load(&mut flash, &mut buffer), Err(Error::NotProvisioned));
///
/// let record = DeviceRecord::new("weather-7").with_credentials("weather-7", b"open sesame");
/// identity.store(&mut flash, &record)?;
/// assert_eq!(identity.load(&mut flash, &mut buffer), Ok(record));
///
/// identity.reset(&mut flash, Some(queue))?; // it changes hands
/// assert_eq!(identity.load(&mut flash, &mut buffer), Err(Error::NotProvisioned));
/// # Ok::<(), Error<sundew_testkit::FlashError>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Identity {
    region: Region,
    settings: Settings,
}

/// Says which copy counts.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pointer {
    state: State,
    /// 0 or 1.
    copy: u8,
    checksum: u32,
}

/// The numbers are frozen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The copy counts, if this was said for certain.
    Turning = 1,
    /// The copy counts.
    Settled = 2,
    /// Everything is being erased.
    Resetting = 3,
    /// Everything was erased.
    Erased = 4,
}

impl Pointer {
    const ERASED: Self = Self { state: State::Erased, copy: 0, checksum: 0 };
    const RESETTING: Self = Self { state: State::Resetting, copy: 0, checksum: 0 };

    const fn to_bytes(self) -> [u8; 6] {
        let [c0, c1, c2, c3] = self.checksum.to_le_bytes();
        [self.state as u8, self.copy, c0, c1, c2, c3]
    }

    const fn of(bytes: [u8; 6]) -> Option<Self> {
        let [state, copy, c0, c1, c2, c3] = bytes;
        let state = match state {
            1 => State::Turning,
            2 => State::Settled,
            3 => State::Resetting,
            4 => State::Erased,
            _ => return None,
        };
        if copy > 1 {
            return None;
        }
        Some(Self { state, copy, checksum: u32::from_le_bytes([c0, c1, c2, c3]) })
    }
}

impl Identity {
    /// Keeps records in `region`, and which of them counts in `settings`; nothing is read yet.
    pub const fn new(region: Region, settings: Settings) -> Self {
        Self { region, settings }
    }

    /// Reads the record into `buffer`.
    ///
    /// *Blocking time*: one load from the settings, and the record is read once; after a cut two
    /// saves.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotProvisioned`] where there is none, [`Error::ResetUnderWay`] where a reset
    /// was cut and must be called again, [`Error::Corrupt`] where the copy that counts is not what
    /// was written (the other one is not taken for it: it may trust whom nobody should trust any
    /// more), [`Error::Version`] and [`Error::Malformed`] where it cannot be understood,
    /// [`Error::TooLong`] where `buffer` is too short (it needs the record rounded up to the flash's
    /// read size), and [`Error::Storage`].
    pub fn load<'b, F: NorFlash>(
        &self,
        flash: &mut F,
        buffer: &'b mut [u8],
    ) -> Result<DeviceRecord<'b>, Error<F::Error>> {
        let pointer = self.pointer(flash)?;
        let copy = match pointer {
            Some(Pointer { state: State::Resetting, .. }) => return Err(Error::ResetUnderWay),
            Some(pointer) => pointer.copy,
            None => 0,
        };
        // Until a record was stored here, what the factory wrote is taken by its own checksum.
        let pointer = pointer.filter(|pointer| pointer.state != State::Erased);
        let start = self.start::<F>(copy);
        let mut part = Partition::new(flash, self.region)?;
        let front = HEADER.next_multiple_of(F::READ_SIZE);
        let bytes = buffer.get_mut(..front).ok_or(Error::TooLong { needed: front })?;
        part.read(start, bytes)?;
        let header = Header::parse(bytes)?;
        if pointer.is_some_and(|pointer| pointer.checksum != header.checksum) {
            return Err(Error::Corrupt);
        }
        // Both steps may leave a `usize` of 16 bits.
        let needed = usize::from(header.len)
            .checked_add(HEADER)
            .and_then(|end| end.checked_next_multiple_of(F::READ_SIZE))
            .filter(|needed| *needed <= part.capacity())
            .ok_or(Error::Corrupt)?;
        let image = buffer.get_mut(..needed).ok_or(Error::TooLong { needed })?;
        part.read(start, image)?;
        let record = DeviceRecord::decode(image)?;
        if let Some(turning @ Pointer { state: State::Turning, .. }) = pointer {
            self.turn(flash, turning)?;
        }
        Ok(record)
    }

    /// Replaces the record by `record`; it is durable when this returns.
    ///
    /// *Blocking time*: erases half of the region, writes and reads the record, and saves three
    /// settings.
    ///
    /// # Errors
    ///
    /// Returns [`Error::TooLong`] where half of the region has no room for it, [`Error::Corrupt`]
    /// where the flash did not take it, [`Error::ResetUnderWay`], and [`Error::Storage`]; the record
    /// that was is still there then, or the new one.
    pub fn store<F: NorFlash>(
        &self,
        flash: &mut F,
        record: &DeviceRecord<'_>,
    ) -> Result<(), Error<F::Error>> {
        let header = Header::of(record).ok_or(Error::TooLong { needed: usize::MAX })?;
        let needed = HEADER.saturating_add(usize::from(header.len)).next_multiple_of(CHUNK);
        if needed as u32 > self.half::<F>() {
            return Err(Error::TooLong { needed });
        }
        let present = self.present(flash)?;
        // A change that was cut may be gone now and be there at the next start. It names the half
        // that is erased below, so the present state is said once more, and holds.
        self.save(flash, present)?;
        let copy = 1 - present.copy;
        let start = self.start::<F>(copy);
        self.write(flash, start, header, record)?;
        self.turn(flash, Pointer { state: State::Turning, copy, checksum: header.checksum })
    }

    /// Replaces the anchors of `record`, which must be the one that [`load`](Self::load) gave, by
    /// those of a signed message, and returns their number; see
    /// [`succeeded_by`](DeviceRecord::succeeded_by).
    ///
    /// *Blocking time*: one signature and one [`store`](Self::store).
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotTaken`] where the message is refused, and what [`store`](Self::store)
    /// returns.
    pub fn replace_anchors<F: NorFlash>(
        &self,
        flash: &mut F,
        record: &DeviceRecord<'_>,
        message: &[u8],
    ) -> Result<u32, Error<F::Error>> {
        let next = record.succeeded_by(message).map_err(Error::NotTaken)?;
        self.store(flash, &next)?;
        Ok(next.sequence)
    }

    /// Erases the record, all keys with it, and the region of the queue, for a device that changes
    /// hands.
    ///
    /// After a cut [`load`](Self::load) says that this must be called again, or that nothing has
    /// begun, or that all is done. The settings stay: they hold no key, but counters that must not
    /// begin anew. What the application keeps there is its own to erase.
    ///
    /// *Blocking time*: one erase per page of both regions, two saves.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Storage`].
    pub fn reset<F: NorFlash>(
        &self,
        flash: &mut F,
        queue: Option<Region>,
    ) -> Result<(), Error<F::Error>> {
        self.save(flash, Pointer::RESETTING)?;
        for region in [Some(self.region), queue].into_iter().flatten() {
            Partition::new(flash, region)?.erase(0, region.len())?;
        }
        self.save(flash, Pointer::ERASED)
    }

    /// Returns what counts now, to be said again.
    fn present<F: NorFlash>(&self, flash: &mut F) -> Result<Pointer, Error<F::Error>> {
        match self.pointer(flash)? {
            Some(Pointer { state: State::Resetting, .. }) => Err(Error::ResetUnderWay),
            Some(pointer) => Ok(pointer),
            None => {
                // What the factory wrote, if it is one.
                let checksum = self.checksum(flash, self.start::<F>(0))?;
                let settled = |checksum| Pointer { state: State::Settled, copy: 0, checksum };
                Ok(checksum.map_or(Pointer::ERASED, settled))
            }
        }
    }

    fn pointer<F: NorFlash>(&self, flash: &mut F) -> Result<Option<Pointer>, Error<F::Error>> {
        match self.settings.read(flash, Setting::DEVICE_RECORD) {
            Ok(Some(bytes)) => Pointer::of(bytes).map(Some).ok_or(Error::Corrupt),
            Ok(None) => Ok(None),
            Err(sundew_store::Error::Corrupt) => Err(Error::Corrupt),
            Err(error) => Err(error.into()),
        }
    }

    fn save<F: NorFlash>(&self, flash: &mut F, pointer: Pointer) -> Result<(), Error<F::Error>> {
        Ok(self.settings.write(flash, Setting::DEVICE_RECORD, &pointer.to_bytes())?)
    }

    /// Says that a copy counts, and then that this is settled.
    fn turn<F: NorFlash>(&self, flash: &mut F, turning: Pointer) -> Result<(), Error<F::Error>> {
        self.save(flash, turning)?;
        self.save(flash, Pointer { state: State::Settled, ..turning })
    }

    /// Returns the length in bytes of half of the region, in whole pages.
    const fn half<F: NorFlash>(&self) -> u32 {
        let page = F::ERASE_SIZE as u32;
        self.region.len() / 2 / page * page
    }

    /// Returns where in the region a copy begins.
    const fn start<F: NorFlash>(&self, copy: u8) -> u32 {
        if copy == 0 { 0 } else { self.half::<F>() }
    }

    /// Writes a record and reads it back.
    fn write<F: NorFlash>(
        &self,
        flash: &mut F,
        start: u32,
        header: Header,
        record: &DeviceRecord<'_>,
    ) -> Result<(), Error<F::Error>> {
        if !CHUNK.is_multiple_of(F::WRITE_SIZE) || !CHUNK.is_multiple_of(F::READ_SIZE) {
            return Err(Error::Storage(sundew_store::Error::Region));
        }
        let mut part = Partition::new(flash, self.region)?;
        part.erase(start, start.saturating_add(self.half::<F>()))?;
        let mut writing =
            Writing { part, at: start, chunk: [0xFF; CHUNK], used: 0, result: Ok(()) };
        writing.take(&header.to_bytes());
        record.write(&mut writing);
        if writing.used > 0 {
            writing.flush();
        }
        writing.result?;
        if self.checksum(flash, start)? == Some(header.checksum) {
            Ok(())
        } else {
            Err(Error::Corrupt)
        }
    }

    /// Returns the checksum of the record that begins at `start`, if it is right.
    fn checksum<F: NorFlash>(
        &self,
        flash: &mut F,
        start: u32,
    ) -> Result<Option<u32>, Error<F::Error>> {
        let mut part = Partition::new(flash, self.region)?;
        let mut chunk = [0; CHUNK];
        part.read(start, &mut chunk)?;
        let Ok(header) = Header::parse::<F::Error>(&chunk) else { return Ok(None) };
        let mut crc = header.check();
        let (mut at, mut skip, mut left) = (start, HEADER, usize::from(header.len));
        while left > 0 {
            let piece = chunk.get(skip..).unwrap_or_default();
            let piece = piece.get(..left).unwrap_or(piece);
            crc.absorb(piece);
            left -= piece.len();
            (at, skip) = (at.saturating_add(CHUNK as u32), 0);
            if left > 0 {
                part.read(at, &mut chunk)?;
            }
        }
        Ok((crc.finish() == header.checksum).then_some(header.checksum))
    }
}

/// Bytes that are read or written at a time: a multiple of the words of every part.
const CHUNK: usize = 64;

/// Writes what comes piece by piece.
struct Writing<'f, F: NorFlash> {
    part: Partition<'f, F>,
    at: u32,
    chunk: [u8; CHUNK],
    used: usize,
    result: Result<(), sundew_store::Error<F::Error>>,
}

impl<F: NorFlash> Writing<'_, F> {
    fn flush(&mut self) {
        if self.result.is_ok() {
            self.result = self.part.write(self.at, &self.chunk);
        }
        self.at = self.at.saturating_add(CHUNK as u32);
        (self.chunk, self.used) = ([0xFF; CHUNK], 0);
    }
}

impl<F: NorFlash> Sink for Writing<'_, F> {
    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if let Some(place) = self.chunk.get_mut(self.used) {
                *place = *byte;
            }
            self.used += 1;
            if self.used == CHUNK {
                self.flush();
            }
        }
    }
}
