//! The table of sizes, and where tables stand in the READMEs.

use std::fmt::Write;

use super::book::Book;
use super::programs::{MACHINES, PROGRAMS};
use crate::failure::{Context, Failure};
use crate::process;

/// Returns the table as Markdown: flash / static RAM / stack in bytes.
pub(super) fn markdown(book: &Book) -> String {
    let mut text = String::from("| program | what it does |");
    for machine in &MACHINES {
        // Writing to a String cannot fail.
        let _ = write!(text, " {} |", machine.label);
    }
    text.push_str("\n|---|---|");
    text.push_str(&"---:|".repeat(MACHINES.len()));
    text.push('\n');
    for program in PROGRAMS {
        let _ = write!(text, "| `{}` | {} |", program.name, program.what);
        for machine in &MACHINES {
            let cell = book.cost(program.name, machine.triple).map_or_else(
                || "–".to_owned(),
                |cost| {
                    let numbers = [cost.flash, cost.ram, cost.stack];
                    numbers.map(grouped).join(" / ")
                },
            );
            let _ = write!(text, " {cell} |");
        }
        text.push('\n');
    }
    text
}

/// Returns the table of what a handshake costs: flash / stack in bytes, and instructions.
pub(super) fn handshakes(book: &Book) -> String {
    let mut text = String::from("| profile |");
    let counting = || MACHINES.iter().filter(|machine| machine.triple != "avr-none");
    for machine in counting() {
        let _ = write!(text, " {} |", machine.label);
    }
    text.push_str("\n|---|");
    text.push_str(&"---:|".repeat(counting().count()));
    text.push('\n');
    for (profile, program) in [("psk", "tls-psk"), ("pin", "tls-pin"), ("chain", "tls")] {
        let _ = write!(text, "| `{profile}` |");
        for machine in counting() {
            let cost = book.cost(program, machine.triple);
            let cell = cost.and_then(|cost| Some((cost, cost.instructions?))).map_or_else(
                || "–".to_owned(),
                |(cost, instructions)| {
                    let [flash, stack] = [cost.flash, cost.stack].map(grouped);
                    format!("{flash} / {stack}, {} M", millions(instructions))
                },
            );
            let _ = write!(text, " {cell} |");
        }
        text.push('\n');
    }
    text
}

/// Holds a table and where it belongs.
pub(super) struct Place {
    file: &'static str,
    /// The word in the markers around the table.
    marker: &'static str,
    table: String,
}

/// Places the table of sizes.
pub(super) fn sizes(table: String) -> Place {
    Place { file: "README.md", marker: "sizes", table }
}

/// Places the table of parts.
pub(super) fn parts(table: String) -> Place {
    Place { file: "crates/sundew-sensors/README.md", marker: "parts", table }
}

/// Places the table of handshakes.
pub(super) fn handshake(table: String) -> Place {
    Place { file: "crates/sundew-transport/README.md", marker: "handshakes", table }
}

impl Place {
    /// Puts the table between its markers, where there are any.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn write(&self) -> Result<(), Failure> {
        let Some(text) = self.text() else { return Ok(()) };
        match self.replaced(&text) {
            Some(new) if new != text => {
                println!("{}: table of {} rewritten", self.file, self.marker);
                std::fs::write(process::root().join(self.file), new).context(|| self.file)
            }
            _ => Ok(()),
        }
    }

    /// Returns what is wrong with the table that stands there, where there is one.
    pub(super) fn judge(&self) -> Option<String> {
        let text = self.text()?;
        let new = self.replaced(&text)?;
        let told = format!("{}: its table differs from sizes.toml; cargo sizes", self.file);
        (new != text).then_some(told)
    }

    fn text(&self) -> Option<String> {
        std::fs::read_to_string(process::root().join(self.file)).ok()
    }

    fn replaced(&self, text: &str) -> Option<String> {
        let Self { marker, table, .. } = self;
        let (begin, end) = (format!("<!-- {marker}:begin -->"), format!("<!-- {marker}:end -->"));
        let (before, rest) = text.split_once(&begin)?;
        let (_, after) = rest.split_once(&end)?;
        Some(format!("{before}{begin}\n{table}{end}{after}"))
    }
}

/// Writes a number with its thousands apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes a number in millions, with one decimal.
fn millions(number: u64) -> String {
    let tenths = (number + 50_000) / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let readme = "before\n<!-- sizes:begin -->\nold\n<!-- sizes:end -->\nafter\n";
        let place = sizes("new\n".to_owned());
        let new = place.replaced(readme).unwrap();
        assert_eq!(new, readme.replace("old", "new"));
        assert_eq!(place.replaced(&new).unwrap(), new);
        assert_eq!(place.replaced("no markers"), None);
        assert_eq!(parts(String::new()).replaced(readme), None);
    }

    #[test]
    fn millions_are_rounded() {
        assert_eq!([49_999, 50_000, 20_026_946].map(millions), ["0.0", "0.1", "20.0"]);
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
