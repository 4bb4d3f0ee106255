//! The one error type of these commands: what went wrong, told outside in.

use std::fmt;

/// Holds what went wrong; each layer that knows more puts its own clause in front.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// Makes a failure from one clause, which says what a reader can do where anything can be done.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// Makes a failure that was told already: it only sets the exit code.
    pub(crate) fn told() -> Self {
        Self(String::new())
    }

    /// Returns whether nothing is left to tell.
    pub(crate) fn is_told(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

/// Turns any error or missing value into a [`Failure`] with the clause that the caller knows.
pub(crate) trait Context<T> {
    /// Puts `clause` in front of the error; it is built only when there is one.
    fn context<M: Into<String>>(self, clause: impl FnOnce() -> M) -> Result<T, Failure>;
}

impl<T, E: fmt::Display> Context<T> for Result<T, E> {
    fn context<M: Into<String>>(self, clause: impl FnOnce() -> M) -> Result<T, Failure> {
        self.map_err(|error| Failure(format!("{}: {error}", clause().into())))
    }
}

impl<T> Context<T> for Option<T> {
    fn context<M: Into<String>>(self, clause: impl FnOnce() -> M) -> Result<T, Failure> {
        self.ok_or_else(|| Failure::new(clause()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layer_puts_its_clause_in_front() {
        let inner: Result<(), _> = Err("no such file");
        let outer = inner.context(|| "cannot read a.toml").context(|| "sizes");
        assert_eq!(outer.unwrap_err().to_string(), "sizes: cannot read a.toml: no such file");
    }
}
