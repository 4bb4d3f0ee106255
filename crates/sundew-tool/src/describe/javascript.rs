//! The decoder that LoRaWAN servers run: TS013 JavaScript.

use sundew_codec::descriptor::Descriptor;

use crate::Failure;

/// Returns a script with `decodeUplink` and its kin.
pub(crate) fn generate(descriptor: &Descriptor<'_>) -> Result<String, Failure> {
    let _ = descriptor;
    Err(Failure::input("no JavaScript is written yet"))
}
