//! Compiles the interrupt vector, which stable Rust has no calling convention for.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=vector.c");
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
    let object = Path::new(&out).join("vector.o");
    let status = Command::new("avr-gcc")
        .args(["-mmcu=atmega328p", "-Os", "-Wall", "-Wextra", "-c", "vector.c", "-o"])
        .arg(&object)
        .status();
    assert!(status.is_ok_and(|status| status.success()), "avr-gcc does not compile vector.c");
    println!("cargo:rustc-link-arg={}", object.display());
}
