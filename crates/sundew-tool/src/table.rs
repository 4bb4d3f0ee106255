//! Rows of text in columns.

use std::io::{self, Write};

use anstyle::Style;

use crate::style::TITLE;

/// Holds one cell.
#[derive(Clone)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub(crate) fn plain(text: String) -> Self {
        Self::styled(text, Style::new())
    }

    pub(crate) fn styled(text: String, style: Style) -> Self {
        Self { text, style }
    }
}

/// Writes rows under a header, with columns as wide as they need. A column whose cells are all
/// empty is left out, unless it is `kept`.
pub(crate) fn write<const N: usize>(
    out: &mut impl Write,
    header: [&str; N],
    kept: [bool; N],
    rows: &[[Cell; N]],
) -> io::Result<()> {
    let mut widths = header.map(str::len);
    for (column, (width, kept)) in widths.iter_mut().zip(kept).enumerate() {
        let cells =
            rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.chars().count());
        let widest = cells.max().unwrap_or(0);
        *width = if widest == 0 && !kept { 0 } else { widest.max(*width) };
    }
    let titles = header.map(|title| Cell::styled(title.into(), TITLE));
    for row in std::iter::once(&titles).chain(rows) {
        let mut gap = 0;
        for (Cell { text, style }, width) in row.iter().zip(widths) {
            if width == 0 {
                continue;
            }
            // Spaces are held back until a cell follows, so that no line ends in one.
            if !text.is_empty() {
                write!(out, "{:gap$}{style}{text}{style:#}", "")?;
                gap = 0;
            }
            gap += width + 2 - text.chars().count();
        }
        writeln!(out)?;
    }
    Ok(())
}
