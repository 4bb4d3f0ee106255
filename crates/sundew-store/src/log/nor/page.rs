//! The header that each page starts with.

use embedded_storage::nor_flash::NorFlash;

use super::grid::{self, Area, CHUNK, Grid, later};
use crate::Error;
use crate::crc::crc32;

/// Holds the bytes of a header, before it is filled up to whole units.
pub(crate) const LEN: usize = 24;
/// Numbers the format of headers and items.
pub(crate) const VERSION: u8 = 1;

/// Says which store a page belongs to; the numbers are frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Marks pages of a log of items.
    Log = 1,
    /// Marks pages of settings.
    Settings = 2,
}

/// Holds what a page says about itself and those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Grows from page to page; never 0.
    pub(crate) number: u32,
    /// Holds the last released place of each line, as of when the page was opened.
    pub(crate) marks: [u32; 3],
    /// Holds the line that the page's items queue in; 3 for a page that holds marks only.
    pub(crate) line: u8,
    /// Counts the numbers from the page that was the newest then: those between did not count.
    pub(crate) gap: u8,
}

impl Header {
    /// Returns the last place of the page.
    pub(crate) const fn last_place<F: NorFlash>(&self) -> u32 {
        Grid::<F>::place(self.number, 0).wrapping_add(Grid::<F>::PLACES - 1)
    }

    /// Returns whether `number` lies in the gap before this page.
    pub(crate) const fn passed_over(&self, number: u32) -> bool {
        in_gap(self.number, self.gap, number)
    }
}

/// Returns whether a number lies in the gap before a page.
pub(crate) const fn in_gap(before: u32, gap: u8, number: u32) -> bool {
    later(before, number) && later(number, before.wrapping_sub(gap as u32))
}

/// Reads the header of a page; `None` where there is none that holds.
#[inline(never)]
pub(crate) fn read<F: NorFlash>(
    flash: &mut F,
    area: Area,
    page: u16,
    kind: Kind,
) -> Result<Option<Header>, F::Error> {
    let mut bytes = [0; CHUNK];
    let (used, _) = bytes.split_at_mut(const { Grid::<F>::HEADER_LEN });
    grid::read(flash, area.at::<F>(page, 0), used)?;
    let [a, b, c, d, checked @ .., _, _, _, _, _, _, _, _] = &bytes;
    let is_whole = !crc32(!0, checked) == u32::from_le_bytes([*a, *b, *c, *d]);
    let mut words = bytes.chunks(4).map(|word| match word {
        [a, b, c, d] => u32::from_le_bytes([*a, *b, *c, *d]),
        _ => 0,
    });
    let mut word = || words.next().unwrap_or(0);
    let (_, number, marks) = (word(), word(), [word(), word(), word()]);
    let [version, kind_and_line, unit, gap] = word().to_le_bytes();
    let header = Header { number, marks, line: kind_and_line & 3, gap };
    let known = version == VERSION
        && kind_and_line >> 4 == kind as u8
        && unit == Grid::<F>::UNIT.trailing_zeros() as u8;
    Ok((is_whole && known).then_some(header))
}

/// Programs the header of a page that was just erased.
#[inline(never)]
pub(crate) fn write<F: NorFlash>(
    flash: &mut F,
    area: Area,
    page: u16,
    kind: Kind,
    header: &Header,
) -> Result<(), Error<F::Error>> {
    let mut bytes = [area.blank; CHUNK];
    let [low, normal, high] = header.marks;
    let about = [
        VERSION,
        ((kind as u8) << 4) | header.line,
        Grid::<F>::UNIT.trailing_zeros() as u8,
        header.gap,
    ];
    let words = [header.number, low, normal, high, u32::from_le_bytes(about)];
    let (crc_bytes, rest) = bytes.split_at_mut(4);
    let (checked, _) = rest.split_at_mut(LEN - 4);
    for (slot, byte) in checked.iter_mut().zip(words.iter().flat_map(|word| word.to_le_bytes())) {
        *slot = byte;
    }
    // Not `copy_from_slice`: a second user of it keeps the panic for unequal lengths linked.
    for (slot, byte) in crc_bytes.iter_mut().zip((!crc32(!0, checked)).to_le_bytes()) {
        *slot = byte;
    }
    let (used, _) = bytes.split_at(const { Grid::<F>::HEADER_LEN });
    grid::program(flash, area.at::<F>(page, 0), used)
}
