//! What can be broken in the log and the queue on purpose.

use crate::prove::mutant::{Mutant, listed};

/// Every mutant, by the file that it breaks.
pub(super) const TABLE: [Mutant; 16] = [
    Mutant {
        name: "no-crc",
        breaks: "an item is taken whatever its checksum says",
        file: "crates/sundew-store/src/log/nor/item.rs",
        find: "if !crc == u32::from_le_bytes([c0, c1, c2, c3]) {",
        replace: "if crc != 1 || !crc == u32::from_le_bytes([c0, c1, c2, c3]) {",
    },
    Mutant {
        name: "header-alone",
        breaks: "a page counts by its header, with no item behind it",
        file: "crates/sundew-store/src/log/nor/open.rs",
        find: "if is_newest && !has_item {",
        replace: "if is_newest && !has_item && first == 1 {",
    },
    Mutant {
        name: "ack-in-ram",
        breaks: "an ack is not written",
        file: "crates/sundew-store/src/log/nor/release.rs",
        find: "&& Self::put(self, bank, self.line, &Parts::mark(line, to)).await? != 0",
        replace: "&& (to != 0 || Self::put(self, bank, line, &Parts::mark(line, to)).await? != 0)",
    },
    Mutant {
        name: "erase-live",
        breaks: "a page that still holds records is taken for free",
        file: "crates/sundew-store/src/log/nor/turn.rs",
        find: "if !self.counts(page) || !later(Grid::<F>::last_place(page), mark) {",
        replace: "if index != newest || !later(Grid::<F>::last_place(page), mark) {",
    },
    Mutant {
        name: "marks-forgotten",
        breaks: "a new page does not carry what was released",
        file: "crates/sundew-store/src/log/nor/turn.rs",
        find: "bank.head(Page { first, index, line, nonce: self.nonce, gap }, &marks).await?;",
        replace: "bank.head(Page { first, index, line, nonce: self.nonce, gap }, &[0; 3]).await?;",
    },
    Mutant {
        name: "drop-untold",
        breaks: "half of what is dropped is told",
        file: "crates/sundew-store/src/log/nor/turn.rs",
        find: "dropped = Self::count_live(self, bank, victim).await?;",
        replace: "dropped = Self::count_live(self, bank, victim).await? / 2;",
    },
    Mutant {
        name: "drop-higher",
        breaks: "a higher priority is dropped for a lower one",
        file: "crates/sundew-store/src/log/nor/turn.rs",
        find: "for lower in 0..=line {",
        replace: "for lower in 0..=line.max(2) {",
    },
    Mutant {
        name: "place-reused",
        breaks: "a new page has the places of the newest one",
        file: "crates/sundew-store/src/log/nor/turn.rs",
        find: "Grid::<F>::PLACES * (u32::from(failed) + 1)",
        replace: "Grid::<F>::PLACES * u32::from(failed)",
    },
    Mutant {
        name: "no-erase",
        breaks: "a page is written on as it is",
        file: "crates/sundew-store/src/log/nor/turn.rs",
        find: "        bank.erase(index).await?;\n",
        replace: "",
    },
    Mutant {
        name: "blank-trusted",
        breaks: "a word that looks blank is written without being burned",
        file: "crates/sundew-store/src/log/nor/put.rs",
        find: "bank.burn(tail.page, &mut tail.unit, Grid::<F>::SIGNS).await;",
        replace: "",
    },
    Mutant {
        name: "kept-free-none",
        breaks: "no page is kept free for marks",
        file: "crates/sundew-store/src/log/nor/turn.rs",
        find: "if free < 2 + u16::from(is_bad) {",
        replace: "if free < 1 + u16::from(is_bad) {",
    },
    Mutant {
        name: "ack-before-write",
        breaks: "an ack is believed before it is written",
        file: "crates/sundew-store/src/log/nor/release.rs",
        find: "let noted = Self::note(self, bank, up_to).await;",
        replace: "let noted = Self::note(self, bank, up_to).await.or(Ok::<(), Stop>(()));",
    },
    Mutant {
        name: "append-behind-mark",
        breaks: "a torn tail is written on where its last item ended",
        file: "crates/sundew-store/src/log/nor/item.rs",
        find: "spot.used = if spot.units == 1 { end } else { spot.unit };",
        replace: "",
    },
    Mutant {
        name: "two-erases",
        breaks: "a call erases two pages",
        file: "crates/sundew-store/src/log/nor/turn.rs",
        find: "        bank.erase(index).await?;\n",
        replace: "        bank.erase(index).await?;\n        bank.erase(index).await?;\n",
    },
    Mutant {
        name: "unannounced",
        breaks: "a page is erased that no sign names",
        file: "crates/sundew-store/src/log/nor/turn.rs",
        find: "        let _ = Self::announce(self, bank, index).await?;\n",
        replace: "",
    },
    Mutant {
        name: "unsettled",
        breaks: "nothing is settled before the first write of a start",
        file: "crates/sundew-store/src/log/nor/sign.rs",
        find: "if self.has(IS_SETTLED) {",
        replace: "if self.has(IS_SETTLED) || self.first != 1 {",
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
