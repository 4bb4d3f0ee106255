#![doc = include_str!("../README.md")]
#![no_std]

mod console;
mod device;
mod station;

pub use console::Line;
pub use device::{
    AIR, FLASH_MAP, FRAME, HUMIDITY, IDENTITY, INTERVAL, QUEUE, RECORD, SCHEDULE, SETTINGS,
    WEATHER, config,
};
pub use station::{Board, Station, StationError};
