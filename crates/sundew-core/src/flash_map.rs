//! Which part of the flash belongs to whom, checked while compiling.

use core::{fmt, ops::Range};

use crate::{Classify, ErrorKind};

/// Names a byte range of one flash part.
///
/// ```
/// use sundew_core::Region;
///
/// let last_page = Region::new(0xF000, 0x1000);
/// assert_eq!(last_page.range(), 0xF000..0x1_0000);
/// assert_eq!(Region::new(u32::MAX, 2).end(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Region {
    start: u32,
    len: u32,
}

impl Region {
    /// Names `len` bytes from `start`, both counted from the first byte of the part.
    pub const fn new(start: u32, len: u32) -> Self {
        Self { start, len }
    }

    /// Returns the offset of the first byte.
    pub const fn start(self) -> u32 {
        self.start
    }

    /// Returns the length in bytes.
    pub const fn len(self) -> u32 {
        self.len
    }

    /// Returns whether the region holds no byte.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }

    /// Returns the offset behind the last byte, or `None` where it would pass 2^32.
    pub const fn end(self) -> Option<u32> {
        self.start.checked_add(self.len)
    }

    /// Returns the region as a range of offsets; empty where the end would pass 2^32.
    pub const fn range(self) -> Range<u32> {
        match self.end() {
            Some(end) => self.start..end,
            None => self.start..self.start,
        }
    }

    const fn overlaps(self, other: Self) -> bool {
        match (self.end(), other.end()) {
            (Some(end), Some(other_end)) => self.start < other_end && other.start < end,
            _ => true,
        }
    }
}

/// Names the layers that may own a region; the numbers are frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Owner {
    /// Owns the bootloader's code; Sundew never writes there.
    Bootloader = 0,
    /// Owns the bootloader's state (swap progress, trailer, otadata).
    BootState = 1,
    /// Owns the running image.
    SlotA = 2,
    /// Owns the image being downloaded.
    SlotB = 3,
    /// Owns the readings that are not acknowledged yet.
    Queue = 4,
    /// Owns boot counter, random seed and settings.
    Settings = 5,
    /// Owns the provisioned device record.
    Identity = 6,
    /// Owns whatever the application keeps for itself.
    Application = 7,
}

const OWNERS: usize = 8;

/// Maps every owner to its region of one flash part.
///
/// Built as a constant, an overlap, an unaligned region or one past the end stops the build:
///
/// ```
/// use sundew_core::{FlashMap, Owner, Region};
///
/// const MAP: FlashMap = FlashMap::new(1 << 20, 4096)
///     .with(Owner::Queue, Region::new(0, 64 * 1024))
///     .with(Owner::Settings, Region::new(64 * 1024, 16 * 1024));
/// assert_eq!(MAP.region(Owner::Settings).unwrap().start(), 65_536);
/// assert!(MAP.region(Owner::SlotA).is_none());
/// ```
///
/// ```compile_fail
/// use sundew_core::{FlashMap, Owner, Region};
/// const MAP: FlashMap = FlashMap::new(1 << 20, 4096)
///     .with(Owner::Queue, Region::new(0, 8192))
///     .with(Owner::Settings, Region::new(4096, 8192));
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FlashMap {
    capacity: u32,
    erase_size: u32,
    regions: [Option<Region>; OWNERS],
}

/// Says why a region cannot be part of a [`FlashMap`].
///
/// ```
/// use sundew_core::{FlashMap, MapError, Owner, Region};
///
/// let map = FlashMap::new(1 << 20, 4096);
/// let error = map.try_with(Owner::Queue, Region::new(0, 5_000)).unwrap_err();
/// assert_eq!(error, MapError::Unaligned);
/// assert_eq!(error.to_string(), "region is not aligned to the erase size");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum MapError {
    /// Reports a region that holds no byte.
    Empty,
    /// Reports a start or length that is no multiple of the erase size.
    Unaligned,
    /// Reports a region that reaches past the end of the part.
    PastEnd,
    /// Reports a region that shares bytes with another owner's.
    Overlap,
    /// Reports an owner that has a region already.
    Twice,
}

impl MapError {
    const fn clause(self) -> &'static str {
        match self {
            Self::Empty => "region of the flash map holds no byte",
            Self::Unaligned => "region is not aligned to the erase size",
            Self::PastEnd => "region reaches past the end of the flash",
            Self::Overlap => "two regions of the flash map overlap",
            Self::Twice => "owner has two regions in the flash map",
        }
    }
}

impl Classify for MapError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Config
    }
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.clause())
    }
}

impl core::error::Error for MapError {}

impl FlashMap {
    /// Starts a map of a part with `capacity` bytes in pages of `erase_size` bytes.
    pub const fn new(capacity: u32, erase_size: u32) -> Self {
        Self { capacity, erase_size, regions: [None; OWNERS] }
    }

    /// Gives `region` to `owner`.
    ///
    /// # Errors
    ///
    /// Returns the first [`MapError`] that applies; the map is unchanged then.
    pub const fn try_with(mut self, owner: Owner, region: Region) -> Result<Self, MapError> {
        if region.is_empty() {
            return Err(MapError::Empty);
        }
        let aligned = self.erase_size != 0
            && region.start.is_multiple_of(self.erase_size)
            && region.len.is_multiple_of(self.erase_size);
        if !aligned {
            return Err(MapError::Unaligned);
        }
        match region.end() {
            Some(end) if end <= self.capacity => {}
            _ => return Err(MapError::PastEnd),
        }
        let mut rest: &[Option<Region>] = &self.regions;
        while let [first, tail @ ..] = rest {
            if let Some(taken) = first
                && taken.overlaps(region)
            {
                return Err(MapError::Overlap);
            }
            rest = tail;
        }
        let Some((before, _)) = self.regions.split_at_mut_checked(owner as usize + 1) else {
            return Err(MapError::PastEnd);
        };
        let Some(slot) = before.last_mut() else { return Err(MapError::PastEnd) };
        if slot.is_some() {
            return Err(MapError::Twice);
        }
        *slot = Some(region);
        Ok(self)
    }

    /// Gives `region` to `owner`, for maps built as constants.
    ///
    /// # Panics
    ///
    /// Panics where [`try_with`](Self::try_with) would return an error. In a `const` that is a
    /// compile error, which is the intended use.
    #[must_use]
    #[expect(clippy::panic, reason = "in a constant a panic is the compile error that is wanted")]
    pub const fn with(self, owner: Owner, region: Region) -> Self {
        match self.try_with(owner, region) {
            Ok(map) => map,
            Err(error) => panic!("{}", error.clause()),
        }
    }

    /// Returns the region of `owner`, if it has one.
    pub const fn region(&self, owner: Owner) -> Option<Region> {
        match self.regions.split_at_checked(owner as usize) {
            Some((_, [region, ..])) => *region,
            _ => None,
        }
    }

    /// Returns the capacity of the part in bytes.
    pub const fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Returns the size of the smallest erasable page in bytes.
    pub const fn erase_size(&self) -> u32 {
        self.erase_size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: FlashMap = FlashMap::new(0x10000, 0x1000);

    #[test]
    fn each_fault_has_its_error() {
        let cases = [
            (Region::new(0, 0), MapError::Empty),
            (Region::new(1, 0x1000), MapError::Unaligned),
            (Region::new(0, 0x1001), MapError::Unaligned),
            (Region::new(0xF000, 0x2000), MapError::PastEnd),
            (Region::new(0xFFFF_F000, 0x1000), MapError::PastEnd),
            (Region::new(0x1000, 0x1000), MapError::Overlap),
            (Region::new(0, 0x10000), MapError::Overlap),
        ];
        let map = MAP.try_with(Owner::Queue, Region::new(0x1000, 0x2000)).unwrap();
        for (region, error) in cases {
            assert_eq!(map.try_with(Owner::Settings, region).unwrap_err(), error, "{region:?}");
        }
        let again = map.try_with(Owner::Queue, Region::new(0x4000, 0x1000));
        assert_eq!(again.unwrap_err(), MapError::Twice);
    }

    #[test]
    fn neighbours_are_not_an_overlap() {
        let map = MAP
            .with(Owner::Queue, Region::new(0x1000, 0x1000))
            .with(Owner::Settings, Region::new(0, 0x1000))
            .with(Owner::Application, Region::new(0x2000, 0xE000));
        assert_eq!(map.region(Owner::Application).unwrap().range(), 0x2000..0x10000);
    }
}
