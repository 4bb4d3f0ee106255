//! Rows of text in columns.

use std::io::{self, Write};

/// Writes rows under a header, with columns as wide as they need. A column whose cells are all
/// empty is left out, unless it is one of the first `kept`.
pub(crate) fn write<const N: usize>(
    out: &mut impl Write,
    header: [&str; N],
    kept: usize,
    rows: &[[String; N]],
) -> io::Result<()> {
    let mut widths = header.map(str::len);
    for (column, (width, title)) in widths.iter_mut().zip(header).enumerate() {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        let widest = cells.max().unwrap_or(0);
        *width = if widest == 0 && column >= kept { 0 } else { widest.max(title.len()) };
    }
    let titles = header.map(String::from);
    for row in std::iter::once(&titles).chain(rows) {
        let cells = row.iter().zip(widths).filter(|(_, width)| *width > 0);
        let line: Vec<_> = cells.map(|(cell, width)| format!("{cell:width$}")).collect();
        writeln!(out, "{}", line.join("  ").trim_end())?;
    }
    Ok(())
}
