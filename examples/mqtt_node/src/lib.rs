//! The application of the weather node.
#![no_std]
