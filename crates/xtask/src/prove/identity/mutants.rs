//! What can be broken in the identity on purpose.

use crate::prove::mutant::{Mutant, listed};

const IDENTITY: &str = "crates/sundew-identity/src/identity.rs";

/// Every mutant, by the file that it breaks.
pub(super) const TABLE: [Mutant; 10] = [
    Mutant {
        name: "count-not-advanced",
        breaks: "a stream is handed out before its count is stored",
        file: "crates/sundew-identity/src/drbg.rs",
        find: "settings.write(flash, Setting::RANDOM_COUNTER, &count)?;",
        replace: "settings.write(flash, Setting::RANDOM_COUNTER, &last)?;",
    },
    Mutant {
        name: "said-once",
        breaks: "that a copy counts is settled before it was said for certain",
        file: IDENTITY,
        find: "        self.save(flash, turning)?;\n",
        replace: "",
    },
    Mutant {
        name: "turning-believed",
        breaks: "a copy that may count is believed without being said again",
        file: IDENTITY,
        find: "            self.turn(flash, turning)?;\n",
        replace: "            let _ = turning;\n",
    },
    Mutant {
        name: "present-unsaid",
        breaks: "a half is erased that an older save may still name",
        file: IDENTITY,
        find: "        self.save(flash, present)?;\n",
        replace: "",
    },
    Mutant {
        name: "same-half",
        breaks: "the copy that counts is written over",
        file: IDENTITY,
        find: "let copy = 1 - present.copy;",
        replace: "let copy = present.copy;",
    },
    Mutant {
        name: "same-number",
        breaks: "a message is taken twice",
        file: "crates/sundew-identity/src/succession.rs",
        find: "if sequence <= self.sequence {",
        replace: "if sequence < self.sequence {",
    },
    Mutant {
        name: "reset-unsaid",
        breaks: "a reset begins without saying so",
        file: IDENTITY,
        find: "        self.save(flash, Pointer::RESETTING)?;\n",
        replace: "",
    },
    Mutant {
        name: "reset-half",
        breaks: "a reset erases the first half of the record",
        file: IDENTITY,
        find: "Partition::new(flash, region)?.erase(0, region.len())?;",
        replace: "Partition::new(flash, region)?.erase(0, F::ERASE_SIZE as u32)?;",
    },
    Mutant {
        name: "floor-once",
        breaks: "a floor is believed that may be gone at the next start",
        file: "crates/sundew-identity/src/time.rs",
        find: "            floor.save(flash, settings)?;\n",
        replace: "",
    },
    Mutant {
        name: "floor-settled",
        breaks: "a floor is said for certain before it is",
        file: "crates/sundew-identity/src/time.rs",
        find: "        settings.write(flash, Setting::TIME_FLOOR, &self.unix)?;\n",
        replace: "",
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
