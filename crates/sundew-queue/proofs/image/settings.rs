//! What decides about settings.

use core::hash::{Hash, Hasher};
use core::ops::Range;

use sundew_testkit::{Reading, SimFlash};

use super::{Image, Kind, MARK, OVERHEAD, Slot};

/// Is a page with a header, and what stands behind that.
struct Page {
    index: usize,
    number: u32,
    /// What the last sign says.
    sign: Option<u32>,
    /// The units from which on it is burned, among values and among signs.
    ends: [usize; 2],
}

/// Feeds what decides about the settings, and returns the pages that count, as bits; `None` where it
/// takes all bytes to know.
///
/// A start looks for the page with the greatest number that has a sign. Neither what stands in pages
/// with lower numbers counts ever again, nor those numbers.
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
    let unit = WORD.max(READ).max(4);
    let image = Image::read(&mut flash, PAGE, unit, blank);
    let pages = (0..SIZE / PAGE).filter_map(|index| image.page_of_settings(index));
    let pages: Vec<Page> = pages.collect();
    let signed = pages.iter().filter(|page| page.sign.is_some());
    let base = signed.map(|page| page.number).max()?;

    let mut count = 0;
    for page in pages.iter().filter(|page| page.number >= base) {
        count |= 1 << page.index;
        (page.index, page.number - base, page.ends).hash(hasher);
        for (part, end) in image.parts().into_iter().zip(page.ends) {
            image.walk(image.place_of(page), part, |unit, slot| match slot {
                Slot::Record { kind, bytes } => (unit, kind, bytes).hash(hasher),
                Slot::Mark { line, value } => (unit, line, value.wrapping_sub(base)).hash(hasher),
                Slot::Blank | Slot::Damaged(_) if unit < end => {}
                Slot::Blank => (unit, image.takes(&flash, page.index, unit)).hash(hasher),
                Slot::Damaged(units) => {
                    (unit, units, image.takes(&flash, page.index, unit)).hash(hasher);
                }
            });
        }
    }
    Some(count)
}

impl Image {
    fn page_of_settings(&self, index: usize) -> Option<Page> {
        let number = self.head(index, Kind::Settings)?.first / self.places();
        let mut page =
            Page { index, number, sign: None, ends: self.parts().map(|part| part.start) };
        let Page { ends, sign, .. } = &mut page;
        for (part, end) in self.parts().into_iter().zip(ends) {
            let is_of_signs = part.end == self.units();
            let units_of = |len: usize| len.div_ceil(self.unit);
            // The unit behind all that an item was to take, even one that does not hold.
            let mut reach = *end;
            self.walk((index, number.wrapping_mul(self.places())), part, |unit, slot| match slot {
                Slot::Blank => {}
                Slot::Damaged(units) if unit + units > reach => {
                    reach = unit + units;
                    *end = if units == 1 { reach } else { unit };
                }
                Slot::Damaged(_) => {}
                Slot::Record { bytes, .. } => {
                    *end = unit + units_of(OVERHEAD + bytes.len());
                    reach = *end;
                }
                Slot::Mark { value, .. } => {
                    *end = unit + units_of(MARK);
                    reach = *end;
                    *sign = if is_of_signs { Some(value) } else { *sign };
                }
            });
        }
        Some(page)
    }

    /// Returns where values stand, and where signs do.
    fn parts(&self) -> [Range<usize>; 2] {
        [self.first_unit()..self.signs(), self.signs()..self.units()]
    }

    fn place_of(&self, page: &Page) -> (usize, u32) {
        (page.index, page.number.wrapping_mul(self.places()))
    }
}
