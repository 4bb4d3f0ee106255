//! SDI-12: the commands, answers and times of a bus for environmental sensors.
//!
//! After the specification version 1.4 (2019-01-10). One line for data, 1,200 baud, 7 data bits,
//! even parity, inverted; commands and answers are text, and no unit is on the wire: a [`Table`]
//! says what the values of a sensor mean.
//!
//! [`Sdi12`] is driven by [`Sdi12::poll`], since a break of 12 ms and the pauses around it are far
//! too long to wait for in a driver. Not driven: metadata and high-volume commands of 1.4, change
//! of address, and retries without a break (each of the three tries begins with one).

mod codec;
mod master;
mod table;

pub use codec::{
    Address, Check, Command, Encoded, Fault, Started, Values, parse_started, parse_values,
};
pub use master::{Drive, Line, Sdi12};
pub use table::{Column, Method, Table};
