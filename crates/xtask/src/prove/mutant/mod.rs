//! Sources that are broken on purpose: a place in a file, what stands there instead, and a copy of
//! the crates with that one change, so that the proof that runs on it can show that it notices.

mod copy;

use std::path::PathBuf;

use crate::failure::Failure;
use crate::process;

/// Breaks one place of one file.
pub(super) struct Mutant {
    pub(super) name: &'static str,
    /// What it breaks, for the list.
    pub(super) breaks: &'static str,
    /// The file, from the root of the repository.
    pub(super) file: &'static str,
    /// Stands in the file exactly once.
    pub(super) find: &'static str,
    /// Stands there instead.
    pub(super) replace: &'static str,
}

/// Is where the mutants of one proof are built, one after the other.
pub(super) struct Nursery {
    /// The folder's name below `target/prove`.
    pub(super) name: &'static str,
    /// The crates that are needed to run the proof, those under test included.
    pub(super) crates: &'static [&'static str],
}

impl Nursery {
    /// Copies the crates, changes the one place, and returns the folder.
    ///
    /// # Errors
    /// The place is not there exactly once, or nothing can be written.
    pub(super) fn make(&self, mutant: &Mutant) -> Result<PathBuf, Failure> {
        copy::make(mutant, self.crates, &process::target_dir().join("prove").join(self.name))
    }

    /// Returns the folder that the copy is built in.
    pub(super) fn target_dir(&self) -> PathBuf {
        process::target_dir().join("prove").join(format!("{}-target", self.name))
    }
}

/// Returns the names and what they break, as the table of proofs wants them.
#[expect(clippy::indexing_slicing, reason = "for constants: out of bounds does not compile")]
pub(super) const fn listed<const N: usize>(
    table: &[Mutant; N],
) -> [(&'static str, &'static str); N] {
    let mut listed = [("", ""); N];
    let mut index = 0;
    while index < N {
        listed[index] = (table[index].name, table[index].breaks);
        index += 1;
    }
    listed
}

impl Mutant {
    /// Returns the text with the one place changed.
    ///
    /// # Errors
    /// The place is not there, or more than once: the source went on without its table.
    pub(super) fn applied(&self, text: &str) -> Result<String, Failure> {
        let Self { name, file, find, replace, .. } = self;
        match text.matches(find).count() {
            1 => Ok(text.replacen(find, replace, 1)),
            count => Err(Failure::new(format!(
                "mutant {name}: `{find}` is {count} times in {file}, not once"
            ))),
        }
    }

    /// Returns the package that the file belongs to.
    ///
    /// # Errors
    /// The file lies in no crate.
    pub(super) fn package(&self) -> Result<&'static str, Failure> {
        let package = self.file.split('/').nth(1);
        package.ok_or_else(|| Failure::new(format!("{} is in no crate", self.file)))
    }

    /// Checks that the mutant still finds its place and that it changes something.
    ///
    /// # Errors
    /// As [`Self::applied`].
    #[cfg(test)]
    pub(super) fn check(&self) -> Result<(), Failure> {
        use crate::failure::Context;

        let text = std::fs::read_to_string(process::root().join(self.file));
        let text = text.context(|| self.file.to_owned())?;
        if self.applied(&text)? == text {
            return Err(Failure::new(format!("mutant {} changes nothing", self.name)));
        }
        Ok(())
    }
}
