//! Models of real parts, with their registers, commands and timings.

mod bh1750;
mod hx711;
mod ms5611;
mod registers;
mod sht4x;
mod spi_parts;
mod tmp105;
mod words;

pub use bh1750::SimBh1750;
pub use hx711::{PinError, SimHx711, SimHx711Clock, SimHx711Data};
pub use ms5611::SimMs5611;
pub use registers::{Increment, SimRegisters};
pub use sht4x::{SimSht4x, Word};
pub use spi_parts::{SimSpiFrame, SimSpiRegisters, TopBit};
pub use tmp105::SimTmp105;
pub use words::{SimWords, WordCommand};
