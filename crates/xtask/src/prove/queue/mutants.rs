//! What can be broken in the log and the queue on purpose.

use crate::prove::mutant::{Mutant, listed};

/// Every mutant, by the file that it breaks.
pub(super) const TABLE: [Mutant; 14] = [
    Mutant {
        name: "no-crc",
        breaks: "an item is taken whatever its checksum says",
        file: "crates/sundew-store/src/log/nor/item.rs",
        find: "Ok(if !crc != u32::from_le_bytes([c0, c1, c2, c3]) {",
        replace: "Ok(if !crc != u32::from_le_bytes([c0, c1, c2, c3]) && units == 0 {",
    },
    Mutant {
        name: "header-alone",
        breaks: "a page counts by its header, with no item behind it",
        file: "crates/sundew-store/src/log/nor/open.rs",
        find: "if contents.has_item {",
        replace: "if contents.has_item || before.is_none() {",
    },
    Mutant {
        name: "ack-in-ram",
        breaks: "an ack is not written",
        file: "crates/sundew-store/src/log/nor/release.rs",
        find: "if Self::put(self, flash, self.line, &Parts::mark(line, mark))?.is_none() {",
        replace: "if mark == 0 && Self::put(self, flash, self.line, &Parts::mark(line, mark))?.is_none() {",
    },
    Mutant {
        name: "erase-live",
        breaks: "a page that still holds records is taken for free",
        file: "crates/sundew-store/src/log/nor/alloc.rs",
        find: "if is_behind(settled) {",
        replace: "if is_behind(settled) || page != newest {",
    },
    Mutant {
        name: "marks-forgotten",
        breaks: "a new page does not carry what was released",
        file: "crates/sundew-store/src/log/nor/alloc.rs",
        find: "let header = Header { number, marks, line, gap };",
        replace: "let header = Header { number, marks: settled, line, gap };",
    },
    Mutant {
        name: "drop-untold",
        breaks: "half of what is dropped is told",
        file: "crates/sundew-store/src/log/nor/alloc.rs",
        find: "dropped = Self::count_live(self, flash, &header, victim)?;",
        replace: "dropped = Self::count_live(self, flash, &header, victim)? / 2;",
    },
    Mutant {
        name: "drop-higher",
        breaks: "a higher priority is dropped for a lower one",
        file: "crates/sundew-store/src/log/nor/alloc.rs",
        find: "(Room::Drop, Some((header, victim))) if header.line <= line => {",
        replace: "(Room::Drop, Some((header, victim))) if header.line <= MARKS_ONLY => {",
    },
    Mutant {
        name: "place-reused",
        breaks: "a new page has the number of the newest one",
        file: "crates/sundew-store/src/log/nor/alloc.rs",
        find: "let number = self.number.wrapping_add(u32::from(ahead));",
        replace: "let number = self.number.wrapping_add(u32::from(ahead)).wrapping_sub(1);",
    },
    Mutant {
        name: "no-erase",
        breaks: "a page is written on as it is",
        file: "crates/sundew-store/src/log/nor/alloc.rs",
        find: "flash.erase(at, at + F::ERASE_SIZE as u32).map_err(Error::Flash)?;",
        replace: "let _ = at;",
    },
    Mutant {
        name: "blank-trusted",
        breaks: "a word that looks blank is written without being tried out",
        file: "crates/sundew-store/src/log/nor/mod.rs",
        find: "if self.untried & (1 << line) != 0 {",
        replace: "if self.untried & (1 << line) != 0 && number == 0 {",
    },
    Mutant {
        name: "kept-free-none",
        breaks: "no page is kept free for marks",
        file: "crates/sundew-store/src/log/nor/alloc.rs",
        find: "const KEPT_FREE: u16 = 2;",
        replace: "const KEPT_FREE: u16 = 0;",
    },
    Mutant {
        name: "ack-before-write",
        breaks: "an ack is believed before it is written",
        file: "crates/sundew-store/src/log/nor/release.rs",
        find: "        self.note(flash, line, to, to_elsewhere)?;",
        replace: "        let _ = self.note(flash, line, to, to_elsewhere);",
    },
    Mutant {
        name: "append-behind-mark",
        breaks: "a torn tail is written on where its last item ended",
        file: "crates/sundew-store/src/log/nor/open.rs",
        find: "Slot::Damaged(units) => (1, units),",
        replace: "Slot::Damaged(units) => (1, units.wrapping_mul(0)),",
    },
    Mutant {
        name: "two-erases",
        breaks: "a call erases two pages",
        file: "crates/sundew-store/src/log/nor/alloc.rs",
        find: "flash.erase(at, at + F::ERASE_SIZE as u32).map_err(Error::Flash)?;",
        replace: "flash.erase(at, at + F::ERASE_SIZE as u32).map_err(Error::Flash)?;\n        flash.erase(at, at + F::ERASE_SIZE as u32).map_err(Error::Flash)?;",
    },
];

/// The names and what they break, as the table of proofs wants them.
pub(super) const LISTED: [(&str, &str); TABLE.len()] = listed(&TABLE);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mutant_still_finds_its_place() {
        for mutant in &TABLE {
            mutant.check().unwrap();
        }
    }
}
