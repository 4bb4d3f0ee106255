//! What the explorer asks of the code under test.

use core::fmt::Debug;
use core::hash::Hash;
use std::format;
use std::string::String;

use super::Memory;
use crate::{EepromError, FlashError};

/// Is a device as the explorer sees it: what it does, and what must be true.
///
/// Everything must be deterministic: the same memory, RAM and choice do the same steps.
pub trait System: Sync {
    /// Is the memory that outlives a power cut.
    type Memory: Memory;
    /// Is what the code under test holds in RAM: gone with every cut.
    type Live: Clone + Hash + Send + Sync;
    /// Is what the world outside knows, cuts or no cuts: what was promised, what is under way.
    type Model: Clone + Hash + Send + Sync;

    /// Returns the memory as it leaves the factory, and what the world knows then.
    fn start(&self) -> (Self::Memory, Self::Model);

    /// Starts the device: opens what is stored and checks it against the model.
    ///
    /// Called in every state that a cut can leave, so what is checked here is checked everywhere.
    /// To try more than a device would do (drain it, fill it up), clone the memory.
    ///
    /// # Errors
    ///
    /// Returns [`Stop::Violation`] for what must not be. What it returns does not matter where
    /// power was lost meanwhile.
    fn open(&self, memory: &mut Self::Memory, model: &mut Self::Model) -> Result<Self::Live, Stop>;

    /// Returns how many things the device may do next; 0 ends the search here.
    fn choices(&self, model: &Self::Model) -> usize;

    /// Returns what a choice does, for people.
    fn name(&self, choice: usize) -> String {
        format!("do {choice}")
    }

    /// Does one thing.
    ///
    /// Power may be lost in it: so the model must be told *before* the call under test what is
    /// under way (it may take effect or not), and after it what was promised.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    fn operate(
        &self,
        choice: usize,
        live: &mut Self::Live,
        memory: &mut Self::Memory,
        model: &mut Self::Model,
    ) -> Result<(), Stop>;
}

/// Says why a system did not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// Power was lost. It is a violation where it was not.
    PowerLost,
    /// Something is as it must not be; the text says what.
    Violation(String),
}

impl Stop {
    /// Says that something is as it must not be.
    pub fn violation(what: impl Into<String>) -> Self {
        Self::Violation(what.into())
    }

    /// Says that a call failed: a violation, unless power was lost, which the explorer sees itself.
    #[allow(clippy::needless_pass_by_value, reason = "so that it fits map_err")]
    pub fn failed(error: impl Debug) -> Self {
        Self::Violation(format!("failed: {error:?}"))
    }
}

impl From<FlashError> for Stop {
    fn from(error: FlashError) -> Self {
        match error {
            FlashError::PowerLost => Self::PowerLost,
            other => Self::failed(other),
        }
    }
}

impl From<EepromError> for Stop {
    fn from(error: EepromError) -> Self {
        match error {
            EepromError::PowerLost => Self::PowerLost,
            other => Self::failed(other),
        }
    }
}
