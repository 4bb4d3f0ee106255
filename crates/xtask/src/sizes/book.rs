//! `sizes.toml`: what was measured last, and the budgets, which only a human changes.

use std::path::PathBuf;

use toml_edit::{DocumentMut, InlineTable, Item, Table, value};

use super::measure::Cost;
use crate::failure::{Context, Failure};
use crate::process;

const NEW: &str = "\
# Bytes per size program and target: what `cargo sizes --bless` measured last, and the budgets,
# which it never changes (a new row gets what it measured and a tenth). Raise one by hand, in a
# commit that says what for.
[compiler]
";

/// How far a measurement may be from the book before the book is out of date, in percent.
const DRIFT: u64 = 2;

/// Holds the file.
pub(super) struct Book(DocumentMut);

impl Book {
    /// Reads the file, or begins one.
    ///
    /// # Errors
    /// It is no TOML.
    pub(super) fn open() -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path()).unwrap_or_else(|_| NEW.to_owned());
        Ok(Self(text.parse().context(|| "sizes.toml")?))
    }

    /// Writes the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn save(&self) -> Result<(), Failure> {
        std::fs::write(path(), self.0.to_string()).context(|| "sizes.toml")
    }

    /// Returns what the file says a program costs.
    pub(super) fn cost(&self, program: &str, triple: &str) -> Option<Cost> {
        let row = self.0.get(program)?.get(triple)?;
        let number = |name: &str| row.get(name)?.as_integer()?.try_into().ok();
        Some(Cost {
            flash: number("flash")?,
            ram: number("ram")?,
            stack: number("stack")?,
            cycles: number("cycles"),
            instructions: number("instructions"),
        })
    }

    /// Puts a measurement in the file; its budget stays, and is made where there is none.
    pub(super) fn bless(&mut self, program: &str, triple: &str, cost: Cost) {
        let rows = self.0.entry(program).or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        let row = &mut rows[triple];
        if row.is_none() {
            *row = Item::Table(Table::new());
        }
        let mut put = |name: &str, number: u64| row[name] = value(number as i64);
        put("flash", cost.flash);
        put("ram", cost.ram);
        put("stack", cost.stack);
        if let Some(cycles) = cost.cycles {
            put("cycles", cycles);
        }
        if let Some(instructions) = cost.instructions
            && limit(row, "instructions").is_some()
        {
            row["instructions"] = value(instructions as i64);
        }
        if row.get("budget").is_none() {
            let mut budget = InlineTable::new();
            for (name, number) in parts(cost) {
                budget.insert(name, (number.div_ceil(10) + number).cast_signed().into());
            }
            row["budget"] = value(budget);
        }
    }

    /// Compares a measurement with its budget and, where the compiler is the same one, with the
    /// file; returns what is wrong.
    pub(super) fn judge(
        &self,
        program: &str,
        triple: &str,
        cost: Cost,
        compiler: &str,
    ) -> Vec<String> {
        let row = self.0.get(program).and_then(|rows| rows.get(triple));
        let Some((row, booked)) = row.zip(self.cost(program, triple)) else {
            return vec![format!("{program} on {triple}: not in sizes.toml; cargo sizes --bless")];
        };
        let mut wrong = Vec::new();
        for ((name, now), (_, before)) in parts(cost).into_iter().zip(parts(booked)) {
            match limit(row, name) {
                None => wrong.push(format!("{program} on {triple}: no budget for {name}")),
                Some(budget) if now > budget => wrong.push(format!(
                    "{program} on {triple}: {name} is {now} B, over its budget of {budget} B"
                )),
                Some(_) => {}
            }
            if self.compiler(triple) == Some(compiler)
                && now.abs_diff(before) * 100 > before * DRIFT
            {
                wrong.push(format!(
                    "{program} on {triple}: {name} is {now} B, sizes.toml says {before} B; \
                     cargo sizes --bless"
                ));
            }
        }
        // Only where somebody wrote one: a bus or a checksum makes most of the time, not the program.
        for (unit, now) in [("cycles", cost.cycles), ("instructions", cost.instructions)] {
            if let Some((limit, now)) = limit(row, unit).zip(now)
                && now > limit
            {
                wrong.push(format!(
                    "{program} on {triple}: {now} {unit}, over its budget of {limit}"
                ));
            }
        }
        wrong
    }

    /// Returns the compiler that the file's numbers for a target come from.
    pub(super) fn compiler(&self, triple: &str) -> Option<&str> {
        self.0.get("compiler")?.get(triple)?.as_str()
    }

    /// Notes the compiler that the numbers for a target come from.
    pub(super) fn set_compiler(&mut self, triple: &str, version: &str) {
        let table = self.0.entry("compiler").or_insert_with(|| Item::Table(Table::new()));
        if let Some(table) = table.as_table_mut() {
            table.insert(triple, value(version));
        }
    }
}

/// Returns what a row's budget says.
fn limit(row: &Item, name: &str) -> Option<u64> {
    u64::try_from(row.get("budget")?.get(name)?.as_integer()?).ok()
}

fn parts(cost: Cost) -> [(&'static str, u64); 3] {
    [("flash", cost.flash), ("ram", cost.ram), ("stack", cost.stack)]
}

fn path() -> PathBuf {
    process::root().join("sizes.toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COST: Cost = Cost { flash: 1_000, ram: 0, stack: 55, cycles: None, instructions: None };

    fn book() -> Book {
        let mut book = Book(NEW.parse().unwrap());
        book.bless("units", "avr-none", COST);
        book.set_compiler("avr-none", "1.96.0");
        book
    }

    #[test]
    fn a_new_row_gets_a_tenth_of_room() {
        let book = book();
        assert!(book.0.to_string().contains("budget = { flash = 1100, ram = 0, stack = 61 }"));
        assert!(book.judge("units", "avr-none", COST, "1.96.0").is_empty());
    }

    #[test]
    fn cycles_are_judged_where_they_have_a_budget() {
        let mut book = book();
        let slow = Cost { cycles: Some(601), ..COST };
        assert!(book.judge("units", "avr-none", slow, "1.96.0").is_empty());
        book.0["units"]["avr-none"]["budget"]["cycles"] = value(600);
        assert_eq!(book.judge("units", "avr-none", slow, "1.96.0").len(), 1);
        let fast = Cost { cycles: Some(600), ..COST };
        assert!(book.judge("units", "avr-none", fast, "1.96.0").is_empty());
    }

    #[test]
    fn instructions_are_booked_and_judged_where_they_have_a_budget() {
        let mut book = book();
        let slow = Cost { instructions: Some(401), ..COST };
        book.bless("units", "avr-none", slow);
        assert_eq!(book.cost("units", "avr-none"), Some(COST));
        book.0["units"]["avr-none"]["budget"]["instructions"] = value(400);
        assert_eq!(book.judge("units", "avr-none", slow, "1.96.0").len(), 1);
        book.bless("units", "avr-none", slow);
        assert_eq!(book.cost("units", "avr-none"), Some(slow));
    }

    #[test]
    fn blessing_never_raises_a_budget() {
        let mut book = book();
        let bigger = Cost { flash: 2_000, ..COST };
        book.bless("units", "avr-none", bigger);
        let wrong = book.judge("units", "avr-none", bigger, "1.96.0");
        assert_eq!(wrong.len(), 1);
        assert!(wrong[0].contains("over its budget of 1100 B"), "{wrong:?}");
    }

    #[test]
    fn a_book_that_is_out_of_date_is_told_only_by_the_same_compiler() {
        let book = book();
        let smaller = Cost { flash: 900, ..COST };
        assert_eq!(book.judge("units", "avr-none", smaller, "1.96.0").len(), 1);
        assert!(book.judge("units", "avr-none", smaller, "1.97.0").is_empty());
    }

    #[test]
    fn a_program_that_is_not_in_the_book_is_told() {
        assert_eq!(book().judge("queue", "avr-none", COST, "1.96.0").len(), 1);
    }

    #[test]
    fn comments_of_humans_survive() {
        let mut book = Book("# ours\n[units.avr-none] # why\nflash = 1\n".parse().unwrap());
        book.bless("units", "avr-none", COST);
        let text = book.0.to_string();
        assert!(text.starts_with("# ours\n[units.avr-none] # why\nflash = 1000\n"), "{text}");
    }
}
