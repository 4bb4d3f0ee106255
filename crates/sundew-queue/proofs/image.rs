//! What decides about a NOR log, or about settings, in a flash image, read by `sundew-store/SPEC.md`
//! and by nothing else: the code under test has no part in it.
//!
//! Two images that differ in nothing of this are one state: they differ in pages that are erased
//! before anything in them counts, in the bits of torn words, or in how many pages were written
//! before. So a search comes to its end that would not, byte by byte.

pub(crate) mod settings;

use core::hash::{Hash, Hasher};

use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
use sundew_testkit::{Reading, SimFlash};

/// Holds what stands at a unit.
enum Slot<'a> {
    Blank,
    Damaged(usize),
    Record { kind: u8, bytes: &'a [u8] },
    Mark { line: u8, value: u32 },
}

#[derive(Clone, Copy)]
struct Page {
    index: usize,
    first: u32,
    marks: [u32; 3],
    line: u8,
    nonce: u8,
    gap: u8,
}

impl Page {
    const fn at(&self) -> (usize, u32) {
        (self.index, self.first)
    }
}

/// Holds a copy of a flash's bytes; what cannot be read is filled up.
struct Image {
    bytes: Vec<u8>,
    page: usize,
    unit: usize,
    blank: u8,
}

/// Says whose pages an image holds: the number that stands for a place in the CRC of a header.
#[derive(Clone, Copy)]
enum Kind {
    Log = 0x101,
    Settings = 0x102,
}

const OVERHEAD: usize = 6;
const MARK: usize = 8;
const UNREADABLE: u8 = 0x3C;
/// Is named by a sign that no page comes next.
const NONE: usize = 0xFFFF;

/// Feeds what decides about the log, and returns the pages that count, as bits; `None` where it
/// takes all bytes to know.
pub(crate) fn fingerprint<
    const SIZE: usize,
    const PAGE: usize,
    const WORD: usize,
    const READ: usize,
    H: Hasher,
>(
    flash: &SimFlash<SIZE, PAGE, WORD, READ>,
    blank: u8,
    hasher: &mut H,
) -> Option<u64> {
    if flash.is_metastable() {
        return None;
    }
    let mut flash = flash.clone();
    flash.power_on_reading(Reading::Old);
    let image = Image::read(&mut flash, PAGE, WORD.max(READ).max(4), blank);
    let heads = (0..SIZE / PAGE).filter_map(|index| image.head(index, Kind::Log));
    let mut pages: Vec<Page> = heads.collect();
    pages.sort_by_key(|page| (page.first, page.index));
    let at = (0..pages.len()).rev().find(|at| image.is_newest(&pages[..=*at]))?;
    let (newest, older) = (pages[at], &pages[..at]);

    let (next, nonce) = image.last_sign(&newest).unwrap_or((usize::MAX, newest.nonce));
    let mut marks = newest.marks;
    image.walk(newest.at(), image.first_unit()..image.signs(), |unit, slot| {
        if let Slot::Mark { line, value } = slot
            && let Some(mark) = marks.get_mut(usize::from(line))
        {
            *mark = place(newest.first + unit as u32, value);
        }
    });
    // Pages that failed behind it: their numbers are passed over.
    let greatest = pages.last().map(|last| last.first - newest.first);
    (newest.index, newest.line, next, greatest).hash(hasher);
    marks.map(|mark| newest.first.wrapping_sub(mark)).hash(hasher);

    let mut count = 0;
    let mut feed = |page: &Page, units, nonce: u8| {
        count |= 1 << page.index;
        (page.index, page.line, newest.first.wrapping_sub(page.first)).hash(hasher);
        image.walk(page.at(), units, |unit, slot| match slot {
            Slot::Blank => (unit, image.takes(&flash, page.index, unit)).hash(hasher),
            Slot::Damaged(units) => (unit, units).hash(hasher),
            Slot::Record { kind, bytes } => (unit, kind, bytes).hash(hasher),
            Slot::Mark { line: 3, value } => {
                (unit, value as u16, nonce.wrapping_sub((value >> 16) as u8)).hash(hasher);
            }
            Slot::Mark { line, value } => {
                let released = place(page.first + unit as u32, value);
                (unit, line, newest.first.wrapping_sub(released)).hash(hasher);
            }
        });
    };
    feed(&newest, image.first_unit()..image.units(), nonce);
    for page in older.iter().filter(|page| page.index != next) {
        let mark = marks.get(usize::from(page.line));
        if mark.is_some_and(|mark| page.first + image.places() - 1 > *mark) {
            feed(page, image.first_unit()..image.signs(), 0);
        }
        if image.precedes(page, &newest) {
            feed(page, image.signs()..image.units(), newest.nonce);
        }
    }
    Some(count)
}

/// Returns the place that a mark names by its low bits.
fn place(own: u32, value: u32) -> u32 {
    own - own.wrapping_sub(value) % (1 << 28)
}

impl Image {
    fn read<F: NorFlash>(flash: &mut F, page: usize, unit: usize, blank: u8) -> Self {
        let mut bytes = vec![UNREADABLE; flash.capacity()];
        for (at, unit) in (0..).step_by(unit).zip(bytes.chunks_mut(unit)) {
            if flash.read(at, unit).is_err() {
                unit.fill(UNREADABLE);
            }
        }
        Self { bytes, page, unit, blank }
    }

    const fn units(&self) -> usize {
        self.page / self.unit
    }

    /// Returns whether a unit that looks blank can be programmed.
    fn takes<F: NorFlash + Clone>(&self, flash: &F, index: usize, unit: usize) -> bool {
        let at = (index * self.page + unit * self.unit) as u32;
        flash.clone().write(at, &vec![!self.blank; self.unit]).is_ok()
    }

    fn places(&self) -> u32 {
        self.units().next_power_of_two() as u32
    }

    const fn first_unit(&self) -> usize {
        (OVERHEAD + 18).div_ceil(self.unit)
    }

    const fn signs(&self) -> usize {
        let sign = MARK.div_ceil(self.unit) + if self.unit < 8 { 3 } else { 1 };
        let room = self.units() - self.first_unit();
        self.units() - sign * if room >= 6 * sign + 3 { 6 } else { room / 2 / sign }
    }

    fn head(&self, index: usize, kind: Kind) -> Option<Page> {
        let Slot::Record { kind, bytes } = self.look(index, kind as u32, 0) else {
            return None;
        };
        let ([first, marks @ ..], [nonce, gap]) = bytes.as_chunks::<4>() else { return None };
        let marks = marks.iter().map(|mark| u32::from_le_bytes(*mark)).collect::<Vec<_>>();
        let (marks, line) = (marks.try_into().ok()?, (kind >> 4) & 3);
        let first = u32::from_le_bytes(*first);
        Some(Page { index, first, marks, line, nonce: *nonce, gap: *gap })
    }

    /// Says whether the last of these pages is the newest, as far as those before it tell.
    fn is_newest(&self, pages: &[Page]) -> bool {
        let Some((page, before)) = pages.split_last() else { return false };
        let mut is_begun = self.last_sign(page).is_some();
        self.walk(page.at(), self.first_unit()..self.signs(), |_, slot| {
            is_begun |= matches!(slot, Slot::Record { .. } | Slot::Mark { .. });
        });
        let next = self.last_sign(page).map(|(next, _)| next);
        let previous = before.iter().rev().find(|other| other.first < page.first);
        let previous =
            previous.filter(|other| self.precedes(other, page) && Some(other.index) != next);
        let sign = previous.and_then(|previous| self.last_sign(previous));
        is_begun && sign.is_none_or(|(_, nonce)| nonce == page.nonce)
    }

    fn precedes(&self, page: &Page, other: &Page) -> bool {
        page.first + self.places() * u32::from(other.gap) == other.first
    }

    fn last_sign(&self, page: &Page) -> Option<(usize, u8)> {
        let mut last = None;
        self.walk(page.at(), self.signs()..self.units(), |_, slot| {
            if let Slot::Mark { value, .. } = slot {
                last = Some((usize::from(value as u16), (value >> 16) as u8));
            }
        });
        last.filter(|(page, _)| *page != NONE)
    }

    fn walk(
        &self,
        (index, first): (usize, u32),
        units: core::ops::Range<usize>,
        mut see: impl FnMut(usize, Slot<'_>),
    ) {
        let mut unit = units.start;
        while unit < units.end {
            let slot = self.look(index, first, unit);
            let len = match &slot {
                Slot::Blank | Slot::Damaged(_) => 1,
                Slot::Record { bytes, .. } => OVERHEAD + bytes.len(),
                Slot::Mark { .. } => MARK,
            };
            see(unit, slot);
            unit += len.div_ceil(self.unit);
        }
    }

    fn look(&self, index: usize, first: u32, unit: usize) -> Slot<'_> {
        let start = index * self.page + unit * self.unit;
        let is_sign = unit >= self.signs();
        let end = if is_sign { self.page } else { self.signs() * self.unit };
        let bytes = &self.bytes[start..index * self.page + end];
        let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
        let is_burned = (0..4).all(|at| byte(at) == !self.blank);
        let len = match byte(4) >> 6 {
            _ if is_burned => usize::MAX,
            1 => OVERHEAD + usize::from(byte(5)),
            2 => MARK,
            _ => usize::MAX,
        };
        let Some(item) = bytes.get(..len) else {
            // As far as the log looks at once.
            let is_blank = bytes.iter().take(32).all(|byte| *byte == self.blank);
            return if is_blank { Slot::Blank } else { Slot::Damaged(1) };
        };
        let place = first.wrapping_add(unit as u32).to_le_bytes();
        if crc32(place.iter().chain(&item[4..])).to_le_bytes() != item[..4] {
            let longest = if is_sign { MARK } else { len };
            return Slot::Damaged(len.min(longest).div_ceil(self.unit));
        }
        if byte(4) >> 6 == 1 {
            return Slot::Record { kind: byte(4), bytes: &item[OVERHEAD..] };
        }
        let value = u32::from_le_bytes([byte(5), byte(6), byte(7), byte(4) & 0xF]);
        Slot::Mark { line: (byte(4) >> 4) & 3, value }
    }
}

/// Returns the CRC-32 of IEEE 802.3.
fn crc32<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    !bytes.fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc: u32, _| {
            if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0xEDB8_8320 }
        })
    })
}
