//! Models of real parts, with their registers, commands and timings.

mod registers;
mod sht4x;
mod tmp105;
mod words;

pub use registers::{Increment, SimRegisters};
pub use sht4x::{SimSht4x, Word};
pub use tmp105::SimTmp105;
pub use words::{SimWords, WordCommand};
