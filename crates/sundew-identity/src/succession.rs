//! The message that replaces the anchors.
//!
//! Read first: SPEC.md for the bytes.

use crate::anchors::Anchors;
use crate::cbor::Label;
use crate::cbor::{MAP, Reader, UNSIGNED};
use crate::cose::{Refused, Sign1};
use crate::record::DeviceRecord;
use crate::{Fault, Malformed, Role};
use core::fmt;
use sundew_core::{Classify, ErrorKind};

/// Says why a signed message, such as one that would replace the anchors, is refused.
///
/// ```
/// use sundew_identity::NotTaken;
///
/// assert_eq!(NotTaken::Sequence { stored: 7 }.to_string(), "number 7 was there already");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum NotTaken {
    /// The message cannot be read.
    Malformed(Malformed),
    /// Nobody who may sign it signed it.
    Refused(Refused),
    /// Its number is not above the one that is stored.
    Sequence {
        /// Holds the number of the anchors that the device has.
        stored: u32,
    },
    /// It is for devices of another class.
    Class,
    /// Nobody among the new anchors may replace them: the device could never be reached again.
    NoSuccessor,
}

impl Classify for NotTaken {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Malformed(error) => error.kind(),
            Self::Refused(error) => error.kind(),
            Self::Sequence { .. } | Self::Class | Self::NoSuccessor => ErrorKind::Peer,
        }
    }
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => error.fmt(f),
            Self::Refused(error) => error.fmt(f),
            Self::Sequence { stored } => write!(f, "number {stored} was there already"),
            Self::Class => f.write_str("it is for another class of devices"),
            Self::NoSuccessor => f.write_str("nobody could replace the new anchors"),
        }
    }
}

impl core::error::Error for NotTaken {}

/// What a signed message says.
struct Succession<'m> {
    sequence: u32,
    anchors: Anchors<'m>,
    class: Option<&'m str>,
}

impl<'a> DeviceRecord<'a> {
    /// Returns this record with the anchors of a signed message.
    ///
    /// The message is a `COSE_Sign1` by a key that the *present* anchors give [`Role::Anchors`], its
    /// number is above the present one, it is for this class or for all, and somebody among the new
    /// anchors may replace them in turn. Nothing is stored: that is the work of
    /// [`Identity::store`](crate::Identity::store), and [`Identity::replace_anchors`] does both.
    ///
    /// [`Identity::replace_anchors`]: crate::Identity::replace_anchors
    ///
    /// *Blocking time*: see [`Anchors::verify`].
    ///
    /// # Errors
    ///
    /// Returns why the message is refused.
    pub fn succeeded_by<'m>(&self, message: &'m [u8]) -> Result<DeviceRecord<'m>, NotTaken>
    where
        'a: 'm,
    {
        let signed = Sign1::parse(message).map_err(NotTaken::Malformed)?;
        let payload = self.anchors.verify(Role::Anchors, &signed).map_err(NotTaken::Refused)?;
        let mut reader = Reader::new(payload);
        let Succession { sequence, anchors, class } = Succession::read(&mut reader)
            .map_err(|fault| NotTaken::Malformed(reader.malformed(fault)))?;
        if sequence <= self.sequence {
            return Err(NotTaken::Sequence { stored: self.sequence });
        }
        if class.is_some_and(|class| class != self.class) {
            return Err(NotTaken::Class);
        }
        if anchors.of(Role::Anchors).next().is_none() {
            return Err(NotTaken::NoSuccessor);
        }
        Ok(DeviceRecord { sequence, anchors, ..*self })
    }
}

impl<'m> Succession<'m> {
    fn read(reader: &mut Reader<'m>) -> Result<Self, Fault> {
        let (mut sequence, mut anchors, mut class) = (None, None, None);
        let mut last = [].as_slice();
        for _ in 0..reader.expect(MAP)? {
            match reader.label(&mut last)? {
                Label::Number(1) => sequence = Some(reader.expect(UNSIGNED)?),
                Label::Number(2) => anchors = Some(Anchors::read(reader)?),
                Label::Number(3) => class = Some(reader.text()?),
                // What a later version says besides may narrow what it means: it is refused.
                _ => return Err(Fault::Type),
            }
        }
        reader.end()?;
        match (sequence, anchors) {
            (Some(sequence), Some(anchors)) => Ok(Self { sequence, anchors, class }),
            _ => Err(Fault::Missing),
        }
    }
}
