#![doc = include_str!("../README.md")]
#![no_std]

mod cutter;
mod drill;
mod line;
mod order;
mod sample;

pub use cutter::Cutter;
pub use drill::{Board, run};
pub use line::{Line, Named, Place, Shown};
pub use order::{Cut, From, Habit, Order, Tear};
pub use sample::{LONGEST, Sample};
