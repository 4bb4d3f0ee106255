//! What can be broken in the log and the queue on purpose.

use crate::prove::mutant::{Mutant, listed};

/// Every mutant, by the file that it breaks.
pub(super) const TABLE: [Mutant; 12] = [
    Mutant {
        name: "no-header-crc",
        breaks: "a page's header is taken whatever its checksum says",
        file: "crates/sundew-store/src/log/nor/page.rs",
        find: "Ok((is_whole && known).then_some(header))",
        replace: "Ok(((is_whole || number != 0) && known).then_some(header))",
    },
    Mutant {
        name: "ack-in-ram",
        breaks: "an ack is not written",
        file: "crates/sundew-store/src/log/nor/release.rs",
        find: "            if Self::put(self, flash, self.line, &parts)?.is_none() {",
        replace: "            if step == 0 && Self::put(self, flash, self.line, &parts)?.is_none() {",
    },
    Mutant {
        name: "erase-live",
        breaks: "a page that still holds records is free",
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
        breaks: "what is dropped is not counted",
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
        breaks: "a new page has the number of the one before",
        file: "crates/sundew-store/src/log/nor/alloc.rs",
        find: "self.ahead = self.ahead.saturating_add(1);",
        replace: "self.ahead = self.ahead.saturating_add(0);",
    },
    Mutant {
        name: "release-too-far",
        breaks: "a release goes to the end of the page whatever waits in it",
        file: "crates/sundew-store/src/log/nor/release.rs",
        find: "let to = if is_last && !is_tail {",
        replace: "let to = if !is_tail {",
    },
    Mutant {
        name: "not-read-back",
        breaks: "what was written is not read back",
        file: "crates/sundew-store/src/log/nor/grid.rs",
        find: "if back == bytes { Ok(()) } else { Err(Error::Corrupt) }",
        replace: "if back.len() == bytes.len() { Ok(()) } else { Err(Error::Corrupt) }",
    },
    Mutant {
        name: "crc-without-place",
        breaks: "the checksum does not say where an item stands",
        file: "crates/sundew-store/src/log/nor/item.rs",
        find: "    let units = Grid::<F>::units(len);\n    let mut crc = crc32(!0, &spot.place::<F>().to_le_bytes());",
        replace: "    let units = Grid::<F>::units(len);\n    let mut crc = crc32(!0, &[0; 4]);",
    },
    Mutant {
        name: "no-erase",
        breaks: "a page is written on as it is",
        file: "crates/sundew-store/src/log/nor/alloc.rs",
        find: "flash.erase(at, at + F::ERASE_SIZE as u32).map_err(Error::Flash)?;",
        replace: "let _ = at;",
    },
    Mutant {
        name: "kept-free-one",
        breaks: "one page is kept free instead of two",
        file: "crates/sundew-store/src/log/nor/alloc.rs",
        find: "const KEPT_FREE: u16 = 2;",
        replace: "const KEPT_FREE: u16 = 1;",
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
