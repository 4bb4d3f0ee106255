//! What the fuzz targets of the transport have in common.

#[path = "../../../sundew-sensors/fuzz/src/shell.rs"]
mod shell;

pub use shell::{cut, filled, mutant};
