//! A device that everybody knows, for the first minutes with a board.

#[cfg(any(debug_assertions, feature = "insecure-example-keys"))]
use crate::DeviceRecord;

/// Holds a seed and a key that stand in a public place. They are text, so that they are seen in a
/// firmware.
#[cfg(any(debug_assertions, feature = "insecure-example-keys"))]
const KEY: [u8; 32] = *b"sundew example key, not a secret";

/// Returns the record behind [`example_record!`](crate::example_record), which says when it may be used.
#[cfg(any(debug_assertions, feature = "insecure-example-keys"))]
#[doc(hidden)]
pub const fn example() -> DeviceRecord<'static> {
    DeviceRecord::new("example")
        .with_class("example")
        .with_server("localhost")
        .with_psk(b"example", &KEY)
        .with_seed(&KEY)
}

/// Returns a [`DeviceRecord`](crate::DeviceRecord) with keys that everybody knows, to try a board
/// before one was provisioned.
///
/// It compiles only where debug assertions are on, as in the profile `dev`. A release build that still
/// names it fails, unless the feature `insecure-example-keys` is on, as the release builds of
/// demonstrations want it.
///
/// ```
/// let record = sundew_identity::example_record!();
/// assert_eq!(record.id, "example");
/// ```
#[cfg(any(debug_assertions, feature = "insecure-example-keys"))]
#[macro_export]
macro_rules! example_record {
    () => {
        $crate::example()
    };
}

/// Fails to compile: this is a release build.
#[cfg(not(any(debug_assertions, feature = "insecure-example-keys")))]
#[macro_export]
macro_rules! example_record {
    () => {
        ::core::compile_error!(
            "the example keys are in a release build: load a record that `sundew provision` made, or \
             turn on the feature `insecure-example-keys` of sundew-identity"
        )
    };
}
