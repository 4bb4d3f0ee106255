#![doc = include_str!("../../../README.md")]
//!
//! The page above is the project's; its program is compiled and run as a test of this package.
