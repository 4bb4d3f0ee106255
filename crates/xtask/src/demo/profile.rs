//! The profiles that the demo's node speaks, and the other end understands.

use super::row::Row;
use super::{columns, pack};
use crate::failure::{Context, Failure};

/// Says how the node speaks to its collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Sends SenML packs, which need no descriptor.
    Senml,
    /// Sends compact frames, which need the descriptor that was announced at birth.
    Compact,
}

impl Profile {
    /// Returns the name that `--profile` takes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Senml => "senml",
            Self::Compact => "compact",
        }
    }

    /// Returns whether messages mean nothing without the descriptor.
    pub(crate) fn needs_descriptor(self) -> bool {
        self == Self::Compact
    }

    /// Decodes a message with readings, by the `descriptor` that was announced, if one was.
    pub(crate) fn rows(
        self,
        payload: &[u8],
        descriptor: Option<&[u8]>,
    ) -> Result<Vec<Row>, Failure> {
        match self {
            Self::Senml => pack::rows(payload),
            Self::Compact => columns::rows(payload, known(descriptor)?),
        }
    }

    /// Decodes the result of a command: its id and the number of its error, 0 where it was done.
    pub(crate) fn result(self, payload: &[u8]) -> Result<(u32, u16), Failure> {
        match self {
            Self::Senml => pack::result(payload),
            Self::Compact => columns::result(payload),
        }
    }

    /// Encodes a command.
    pub(crate) fn command(
        self,
        command: &pack::Command,
        descriptor: Option<&[u8]>,
    ) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Senml => command.payload(),
            Self::Compact => columns::command(command, known(descriptor)?),
        }
    }
}

fn known(descriptor: Option<&[u8]>) -> Result<&[u8], Failure> {
    descriptor.context(|| "the node has not announced what it is")
}

impl std::str::FromStr for Profile {
    type Err = Failure;

    fn from_str(name: &str) -> Result<Self, Failure> {
        match name {
            "senml" => Ok(Self::Senml),
            "compact" => Ok(Self::Compact),
            _ => Err(Failure::new(format!("--profile {name}: not senml or compact"))),
        }
    }
}
