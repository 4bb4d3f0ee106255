//! Models of real parts, with their registers, commands and timings.

mod sht4x;
mod tmp105;

pub use sht4x::{SimSht4x, Word};
pub use tmp105::SimTmp105;
