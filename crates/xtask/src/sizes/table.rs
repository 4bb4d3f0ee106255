//! The table of sizes, for the terminal and for README.md.

use std::fmt::Write;

use super::book::Book;
use super::programs::{MACHINES, PROGRAMS};
use crate::failure::{Context, Failure};
use crate::process;

const BEGIN: &str = "<!-- sizes:begin -->";
const END: &str = "<!-- sizes:end -->";

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

/// Puts the table between the markers of README.md, where there are any.
///
/// # Errors
/// README.md cannot be written.
pub(super) fn write_readme(table: &str) -> Result<(), Failure> {
    let Some(readme) = readme() else { return Ok(()) };
    match replaced(&readme, table) {
        Some(new) if new != readme => {
            println!("README.md: table of sizes rewritten");
            std::fs::write(process::root().join("README.md"), new).context(|| "README.md")
        }
        _ => Ok(()),
    }
}

/// Returns what is wrong with the table in README.md, where there is one.
pub(super) fn judge_readme(table: &str) -> Option<String> {
    let readme = readme()?;
    let new = replaced(&readme, table)?;
    (new != readme).then(|| "README.md: its table differs from sizes.toml; cargo sizes".to_owned())
}

fn readme() -> Option<String> {
    std::fs::read_to_string(process::root().join("README.md")).ok()
}

fn replaced(readme: &str, table: &str) -> Option<String> {
    let (before, rest) = readme.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

fn grouped(number: u64) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let readme = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let new = replaced(&readme, "new\n").unwrap();
        assert_eq!(new, format!("before\n{BEGIN}\nnew\n{END}\nafter\n"));
        assert_eq!(replaced(&new, "new\n").unwrap(), new);
        assert_eq!(replaced("no markers", "new\n"), None);
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
