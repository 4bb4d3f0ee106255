//! `sundew describe`: one descriptor in, what others need to know of the device out.
//!
//! Each generator is a module with a function `generate`, which gets the descriptor and the options
//! of the command and returns the whole text.

mod javascript;
mod summary;

use std::io::Write;

use clap::{Args, ValueEnum};

use crate::{
    Failure,
    input::{self, Encoding},
    schema::Schema,
};

/// Tells what others need to know of a device, from its descriptor
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The descriptor: hex digits, base64, a file, or - for standard input
    #[arg(value_name = "HEX|BASE64|FILE|-")]
    source: Vec<String>,

    /// What to write
    #[arg(long, value_name = "FORM", value_enum, default_value = "table")]
    to: Form,

    /// How the descriptor is written
    #[arg(long, value_name = "ENCODING", value_enum, default_value = "auto")]
    input: Encoding,
}

const EXAMPLES: &str = "\
Examples:
  sundew describe weather.cbor
  sundew describe weather.json --to javascript";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The channels, with the bits and bytes that they take
    Table,
    /// A payload formatter for LoRaWAN servers (TS013)
    Javascript,
}

pub(crate) fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let schema = Schema::from_bytes(input::joined(&arguments.source, arguments.input)?)?;
    let descriptor = schema.descriptor()?;
    match arguments.to {
        Form::Table => summary::write(&descriptor, out),
        Form::Javascript => Ok(out.write_all(javascript::generate(&descriptor)?.as_bytes())?),
    }
}
