//! A moment that has surely passed, for devices that do not know the time.
//!
//! Read first: RFC 5280 section 4.1.2.5 for the dates of certificates.

use crate::cbor::{Label, MAP, Reader, UNSIGNED};
use crate::cose::Sign1;
use crate::{Anchors, Error, Fault, NotTaken, Role};
use embedded_storage::nor_flash::NorFlash;
use sundew_store::{Setting, Settings};

/// Keeps a moment that has surely passed: the time of the build, or the latest that was proven.
///
/// # What it gives
///
/// A certificate whose last day was before the floor is refused, on a device without a clock and
/// with one that was set back. The floor never falls: not by a power cut, and not by a factory
/// reset.
///
/// # What it does not give
///
/// It is no clock. Between two proofs it stands still, so a certificate that expired after the last
/// proof is taken, and one that is not valid yet is not told from one that was issued since. Who
/// keeps a device from every proof keeps its floor where it is.
///
/// Whoever signs the time, or serves it inside a verified session, can push the floor ahead, and
/// certificates out of their dates; so no proof is taken that is more than
/// [`LONGEST_LEAP`](Self::LONGEST_LEAP) ahead. SNTP, and a real-time clock that anybody can set,
/// prove nothing: they may stamp readings, and there is no way from them to here.
///
/// *RAM*: 4 bytes.
///
/// ```
/// use sundew_core::Region;
/// use sundew_identity::{Basis, Proven, TimeFloor};
/// use sundew_store::Settings;
/// use sundew_testkit::SimFlash;
///
/// const BUILT: u32 = 1_767_225_600; // 2026-01-01, from the build
/// let mut flash = SimFlash::<8192, 4096, 4>::new();
/// let settings = Settings::new(Region::new(0, 8192));
/// let mut floor = TimeFloor::open(&mut flash, &settings, BUILT)?;
///
/// // The server's certificate was checked, and it says in a `Date` that it is May:
/// floor.raise(&mut flash, &settings, Proven::by_session(1_777_939_200))?;
///
/// // At the next start:
/// let floor = TimeFloor::open(&mut flash, &settings, BUILT)?;
/// let april = 1_775_000_000;
/// assert_eq!(floor.basis(None), Basis::Floor(1_777_939_200));
/// assert!(floor.basis(None).check(0, april).is_err()); // its last day is behind us
/// # Ok::<(), sundew_identity::Error<sundew_testkit::FlashError>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TimeFloor {
    /// Even: what is stored has two seconds to a step, and a bit for itself.
    unix: u32,
}

/// The bit of a stored floor that says that it was saved for certain.
const SETTLED: u32 = 1;

/// Is a moment that has surely passed, and knows who says so.
///
/// There is no way to one from an unverified clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Proven(u32);

impl Proven {
    /// Takes the time, in seconds of Unix time, that the peer of a *verified* session said in it: an
    /// HTTP `Date`, a time topic.
    ///
    /// The handshake alone proves no time, and neither does a session whose peer was not verified.
    pub const fn by_session(unix: u32) -> Self {
        Self(unix)
    }

    /// Takes the time of a message that a key with [`Role::Time`] signed; its CDDL is in SPEC.md.
    ///
    /// An old message is no danger: it proves less. So it needs no number and no nonce.
    ///
    /// # Errors
    ///
    /// Returns [`NotTaken::Malformed`] or [`NotTaken::Refused`].
    pub fn by_signature(anchors: Anchors<'_>, message: &[u8]) -> Result<Self, NotTaken> {
        let signed = Sign1::parse(message).map_err(NotTaken::Malformed)?;
        let payload = anchors.verify(Role::Time, &signed).map_err(NotTaken::Refused)?;
        let mut reader = Reader::new(payload);
        read(&mut reader).map_err(|fault| NotTaken::Malformed(reader.malformed(fault)))
    }
}

fn read(reader: &mut Reader<'_>) -> Result<Proven, Fault> {
    let count = reader.expect(MAP)?;
    if count != 1 || reader.label(&mut [].as_slice())? != Label::Number(1) {
        return Err(Fault::Type);
    }
    let unix = reader.expect(UNSIGNED)?;
    reader.end()?;
    Ok(Proven(unix))
}

impl TimeFloor {
    /// Holds how far ahead of the floor a proof may be, in seconds: ten years of 365 days.
    pub const LONGEST_LEAP: u32 = 10 * 365 * 86_400;

    /// Holds by how many seconds a proof must be ahead of the floor to be stored: a day, so that a
    /// session every minute does not wear the flash.
    pub const STEP: u32 = 86_400;

    /// Reads the floor; `built` is the time of the build, in seconds of Unix time.
    ///
    /// *Blocking time*: one load; after a cut two saves, see [`Settings`].
    ///
    /// # Errors
    ///
    /// Returns [`Error::Corrupt`] and [`Error::Storage`].
    pub fn open<F: NorFlash>(
        flash: &mut F,
        settings: &Settings,
        built: u32,
    ) -> Result<Self, Error<F::Error>> {
        let stored = match settings.read(flash, Setting::TIME_FLOOR) {
            Ok(stored) => stored.unwrap_or(SETTLED),
            Err(sundew_store::Error::Corrupt) => return Err(Error::Corrupt),
            Err(error) => return Err(error.into()),
        };
        let floor = Self { unix: stored & !SETTLED };
        if stored & SETTLED == 0 {
            // A save that was cut may be gone at the next start; this one is not.
            floor.save(flash, settings)?;
        }
        Ok(Self { unix: floor.unix.max(built & !SETTLED) })
    }

    /// Returns the floor, in seconds of Unix time.
    pub const fn unix(self) -> u32 {
        self.unix
    }

    /// Raises the floor to a moment that was proven, if it is a [`STEP`](Self::STEP) above; the floor
    /// is durable when this returns.
    ///
    /// *Blocking time*: two saves, see [`Settings`]; nothing where the proof is too near.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Leap`] where the proof is more than
    /// [`LONGEST_LEAP`](Self::LONGEST_LEAP) ahead, and [`Error::Storage`].
    pub fn raise<F: NorFlash>(
        &mut self,
        flash: &mut F,
        settings: &Settings,
        proven: Proven,
    ) -> Result<(), Error<F::Error>> {
        let ahead = proven.0.saturating_sub(self.unix);
        if ahead > Self::LONGEST_LEAP {
            return Err(Error::Leap { ahead });
        }
        if ahead >= Self::STEP {
            let raised = Self { unix: proven.0 & !SETTLED };
            raised.save(flash, settings)?;
            *self = raised;
        }
        Ok(())
    }

    /// Says what dates are checked against: `clock`, in seconds of Unix time, where it is known and
    /// not behind the floor.
    pub const fn basis(self, clock: Option<u32>) -> Basis {
        match clock {
            Some(clock) if clock >= self.unix => Basis::Clock(clock),
            _ => Basis::Floor(self.unix),
        }
    }

    /// Saves the floor: first as one that may come and go, then, that being durable, for certain.
    fn save<F: NorFlash>(self, flash: &mut F, settings: &Settings) -> Result<(), Error<F::Error>> {
        settings.write(flash, Setting::TIME_FLOOR, &self.unix)?;
        Ok(settings.write(flash, Setting::TIME_FLOOR, &(self.unix | SETTLED))?)
    }
}

/// Says what the dates of a certificate are checked against, in seconds of Unix time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[allow(clippy::exhaustive_enums, reason = "the time is known or not")]
pub enum Basis {
    /// The time.
    Clock(u32),
    /// A moment that has surely passed.
    Floor(u32),
}

/// Says why the dates of a certificate do not suit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum OutOfDate {
    /// Its last moment is behind us.
    Expired,
    /// Its first moment is ahead of us.
    NotYet,
}

impl Basis {
    /// Checks the first and the last moment of a certificate, in seconds of Unix time.
    ///
    /// Against a floor only the last one is: a certificate that begins after it may have been issued
    /// since.
    ///
    /// # Errors
    ///
    /// Returns why the dates do not suit.
    pub const fn check(self, first: u64, last: u64) -> Result<(), OutOfDate> {
        match self {
            Self::Clock(now) | Self::Floor(now) if now as u64 > last => Err(OutOfDate::Expired),
            Self::Clock(now) if (now as u64) < first => Err(OutOfDate::NotYet),
            _ => Ok(()),
        }
    }
}
