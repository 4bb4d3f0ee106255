//! Runs the binary, and describes the device that the tests speak of.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test uses some of it; a panic is a failure"
)]

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use sundew_codec::descriptor;
use sundew_units::{Channel, ChannelId, Device, Kind, Quantity, Unit};

/// Runs the binary with arguments and standard input.
pub(crate) fn sundew(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sundew"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The binary may end without reading, which is no fault of the test.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// Returns what the binary prints, and checks that it had nothing to complain of.
#[track_caller]
pub(crate) fn printed(arguments: &[&str], input: &[u8]) -> String {
    let output = sundew(arguments, input);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
pub(crate) fn assert_shows(output: &Output, expected: &str) {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    assert_eq!(output.status.code(), Some(0));
}

#[track_caller]
pub(crate) fn assert_fails(output: &Output, code: i32, expected: &str) {
    assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
    assert_eq!(output.status.code(), Some(code));
}

/// Returns the bytes of hex digits.
pub(crate) fn raw(hex: &str) -> Vec<u8> {
    let digits: String = hex.chars().filter(|c| !c.is_whitespace()).collect();
    (0..digits.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap())
        .collect()
}

/// Returns hex digits of bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

const fn channel(id: u8, name: &'static str, quantity: Quantity, exponent: i8) -> Channel {
    Channel::new(ChannelId(id), name, quantity, exponent)
}

/// Describes a weather station with one channel of each sort.
pub(crate) static WEATHER: Device = Device::new(
    "weather",
    7,
    &[
        channel(1, "air", Quantity::Temperature, -2).with_range(-4_000, 8_500),
        channel(2, "humidity", Quantity::RelativeHumidity, -1).with_range(0, 1_000),
        channel(3, "rain", Quantity::Rainfall, -4).with_kind(Kind::Counter { modulus: 1_024 }),
        channel(4, "turns", Quantity::EventRate, -1)
            .with_unit(Unit::PerMinute)
            .with_range(0, 9_999),
        channel(5, "interval", Quantity::Duration, 0).with_range(10, 3_600).writable(),
        channel(6, "heater", Quantity::State, 0).with_kind(Kind::State).with_range(0, 1).writable(),
    ],
);

/// Returns the descriptor of [`WEATHER`] as hex.
pub(crate) fn weather() -> String {
    descriptor_of(&WEATHER)
}

/// Returns the descriptor of a device as hex.
pub(crate) fn descriptor_of(device: &Device) -> String {
    let mut bytes = [0; 512];
    let len = descriptor::encode(device, &mut bytes).unwrap();
    hex(bytes.get(..len).unwrap())
}
