//! The command `sundew`.

fn main() {}
