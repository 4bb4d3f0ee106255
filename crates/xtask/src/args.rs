//! The words after a command, taken one by one; what nobody took is an error.

use crate::failure::{Context, Failure};

/// Holds the words that were not taken yet.
pub(crate) struct Args(Vec<String>);

impl Args {
    /// Collects the words that follow the command's name.
    pub(crate) fn new(words: impl IntoIterator<Item = String>) -> Self {
        Self(words.into_iter().collect())
    }

    /// Returns whether the reader asks for help; a command looks at this first.
    pub(crate) fn wants_help(&self) -> bool {
        self.0.iter().any(|word| word == "--help" || word == "-h")
    }

    /// Takes `--name` and returns whether it was there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|word| word != name);
        self.0.len() != before
    }

    /// Takes `--name VALUE` or `--name=VALUE`.
    ///
    /// # Errors
    /// The name stands at the end, with no value behind it.
    pub(crate) fn value(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let joined = format!("{name}=");
        let Some(at) = self.0.iter().position(|word| word == name || word.starts_with(&joined))
        else {
            return Ok(None);
        };
        let word = self.0.remove(at);
        if let Some(value) = word.strip_prefix(&joined) {
            return Ok(Some(value.to_owned()));
        }
        if at == self.0.len() {
            return Err(Failure::new(format!("{name} needs a value; see --help")));
        }
        Ok(Some(self.0.remove(at)))
    }

    /// Takes `--name VALUE` as a whole number.
    ///
    /// # Errors
    /// The value is missing or no number.
    pub(crate) fn number(&mut self, name: &str) -> Result<Option<u64>, Failure> {
        self.value(name)?
            .map(|text| text.parse().context(|| format!("{name} {text}: not a whole number")))
            .transpose()
    }

    /// Takes the first word that is not an option.
    pub(crate) fn positional(&mut self) -> Option<String> {
        let at = self.0.iter().position(|word| !word.starts_with('-'))?;
        Some(self.0.remove(at))
    }

    /// Ends the taking.
    ///
    /// # Errors
    /// A word is left that the command does not know.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self.0.first() {
            None => Ok(()),
            Some(word) => Err(Failure::new(format!("unknown argument `{word}`; see --help"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Args {
        Args::new(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_taken_in_any_order() {
        let mut args = args("crash-host --seconds 5 --quick --seed=7");
        assert_eq!(args.number("--seed").unwrap(), Some(7));
        assert_eq!(args.value("--seconds").unwrap().as_deref(), Some("5"));
        assert!(args.flag("--quick"));
        assert!(!args.flag("--quick"));
        assert_eq!(args.positional().as_deref(), Some("crash-host"));
        args.finish().unwrap();
    }

    #[test]
    fn what_nobody_took_is_refused() {
        assert!(args("--quik").finish().is_err());
        assert!(args("--only").value("--only").is_err());
        assert!(args("--seed many").number("--seed").is_err());
    }
}
