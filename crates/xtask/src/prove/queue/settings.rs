//! What can be broken in the settings on purpose.

use crate::prove::mutant::{Mutant, listed};

/// Every mutant, by the file that it breaks.
pub(super) const TABLE: [Mutant; 7] = [
    Mutant {
        name: "copies-count",
        breaks: "a page counts before the value stands in it that all was copied for",
        file: "crates/sundew-store/src/settings/page.rs",
        find: "_ => *fresh |= spot.line == FRESH,",
        replace: "_ => *fresh |= spot.line <= COPY,",
    },
    Mutant {
        name: "blank-trusted",
        breaks: "a word that looks blank is written without being burned",
        file: "crates/sundew-store/src/settings/page.rs",
        find: "        if !self.is_sure {\n",
        replace: "        if !self.is_sure && self.unit == 0 {\n",
    },
    Mutant {
        name: "unannounced",
        breaks: "a page is erased that no sign names",
        file: "crates/sundew-store/src/settings/store.rs",
        find: "            let _ = page.append_sign(&mut self.bank, number);\n",
        replace: "",
    },
    Mutant {
        name: "number-reused",
        breaks: "the next page has the number of the page that counts",
        file: "crates/sundew-store/src/settings/store.rs",
        find: "            number = number.saturating_add(1);\n            let _ =",
        replace: "            let _ =",
    },
    Mutant {
        name: "no-erase",
        breaks: "a page is written on as it is",
        file: "crates/sundew-store/src/settings/store.rs",
        find: "        self.bank.erase(index)?;\n",
        replace: "",
    },
    Mutant {
        name: "oldest-copied",
        breaks: "of a key that was saved twice the older value goes to the next page",
        file: "crates/sundew-store/src/settings/store.rs",
        find: "let len = page.find(&mut self.bank, key, &mut bytes).ok_or(Stop::Corrupt)?;",
        replace: "let mut at = Grid::<F>::HEADER;\n            let len = loop {\n                \
                  let len = page.next(&mut self.bank, &mut at, &mut bytes).ok_or(Stop::Corrupt)?;\n                \
                  if bytes.first() == Some(&key) {\n                    break len;\n                }\n            };",
    },
    Mutant {
        name: "old-left-behind",
        breaks: "the old value of the key that is saved is not copied, in case the new one is torn",
        file: "crates/sundew-store/src/settings/store.rs",
        find: "[key, value @ ..] => page.append(bank, (Origin::Copied, *key, value)),",
        replace: "[other, ..] if *other == key => Ok(()),\n                \
                  [key, value @ ..] => page.append(bank, (Origin::Copied, *key, value)),",
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
