//! The size programs: each does one typical thing with one crate.
//!
//! A program takes its input through [`core::hint::black_box`] and gives back whether everything
//! went as it must, so that the compiler can neither foresee nor drop the work, and a program that
//! fails early is not taken for a small one.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "airtime")]
mod airtime;
mod bench;
#[cfg(any(feature = "codec-record", feature = "codec-encode", feature = "codec-decode"))]
mod codec;
#[cfg(any(feature = "bme280-temperature", feature = "bme280-compensation"))]
mod compensate;
#[cfg(any(feature = "units-convert", feature = "units-typed"))]
mod convert;
#[cfg(feature = "cose")]
mod cose;
#[cfg(feature = "drivers")]
mod drivers;
#[cfg(any(
    feature = "compact-encode",
    feature = "compact-decode",
    feature = "tiny-encode",
    feature = "tiny-decode"
))]
mod frames;
#[cfg(feature = "governor")]
mod governor;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "drbg")]
mod identity;
#[cfg(feature = "mqtt")]
mod mqtt;
#[cfg(any(feature = "mutant-panics", feature = "mutant-floats"))]
mod mutant;
#[cfg(feature = "node")]
mod node;
#[cfg(feature = "peers")]
mod peers;
#[cfg(feature = "policy")]
mod policy;
#[cfg(any(feature = "seal", feature = "frame-crc"))]
mod sealed;
#[cfg(any(feature = "senml-encode", feature = "senml-decode"))]
mod senml;
#[cfg(feature = "sensor-sht4x")]
mod sht4x;
#[cfg(feature = "tls-engine")]
mod steady;
#[cfg(any(feature = "queue", feature = "queue-eeprom", feature = "settings"))]
mod storage;
#[cfg(feature = "tls-engine")]
pub mod tls;
#[cfg(any(feature = "transform-ntc", feature = "transform-wind", feature = "transform-dew"))]
mod transform;
#[cfg(feature = "units")]
mod units;

pub use bench::Bench;

/// Runs every program that is linked in, and returns whether all did what they must.
#[inline(never)]
pub fn run(bench: &mut Bench) -> bool {
    let bench = core::hint::black_box(bench);
    let done = bench.is_idle();
    #[cfg(feature = "units")]
    let done = units::run() && done;
    #[cfg(feature = "units-convert")]
    let done = convert::any() && done;
    #[cfg(feature = "units-typed")]
    let done = convert::typed() && done;
    #[cfg(feature = "transform-ntc")]
    let done = transform::ntc() && done;
    #[cfg(feature = "transform-wind")]
    let done = transform::wind() && done;
    #[cfg(feature = "transform-dew")]
    let done = transform::dew() && done;
    #[cfg(feature = "sensor-sht4x")]
    let done = sht4x::run(&mut bench.bus) && done;
    #[cfg(feature = "bme280-temperature")]
    let done = compensate::temperature() && done;
    #[cfg(feature = "bme280-compensation")]
    let done = compensate::all() && done;
    #[cfg(feature = "drivers")]
    let done = drivers::run(bench) && done;
    #[cfg(feature = "codec-record")]
    let done = codec::record() && done;
    #[cfg(feature = "codec-encode")]
    let done = codec::encode() && done;
    #[cfg(feature = "codec-decode")]
    let done = codec::decode() && done;
    #[cfg(feature = "airtime")]
    let done = airtime::run() && done;
    #[cfg(feature = "senml-encode")]
    let done = senml::encode(bench.frame()) && done;
    #[cfg(feature = "senml-decode")]
    let done = senml::decode() && done;
    #[cfg(feature = "compact-encode")]
    let done = frames::compact_encode(bench.frame()) && done;
    #[cfg(feature = "compact-decode")]
    let done = frames::compact_decode() && done;
    #[cfg(feature = "tiny-encode")]
    let done = frames::tiny_encode(bench.frame()) && done;
    #[cfg(feature = "tiny-decode")]
    let done = frames::tiny_decode() && done;
    #[cfg(feature = "settings")]
    let done = storage::settings(&mut bench.flash) && done;
    #[cfg(feature = "queue")]
    let done = storage::queue(&mut bench.flash) && done;
    #[cfg(feature = "policy")]
    let done = policy::run() && done;
    #[cfg(feature = "queue-eeprom")]
    let done = storage::queue_eeprom(&mut bench.flash) && done;
    #[cfg(all(feature = "drbg", not(feature = "identity")))]
    let done = identity::draw(&mut bench.flash) && done;
    #[cfg(feature = "identity")]
    let done = identity::run(&mut bench.flash) && done;
    #[cfg(all(feature = "cose", not(feature = "cose-ed25519")))]
    let done = cose::envelope() && done;
    #[cfg(feature = "cose-ed25519")]
    let done = cose::ed25519() && done;
    #[cfg(feature = "governor")]
    let done = governor::run() && done;
    #[cfg(feature = "frame-crc")]
    let done = sealed::crc() && done;
    #[cfg(feature = "seal")]
    let done = sealed::seal() && done;
    #[cfg(feature = "http")]
    let done = http::run() && done;
    #[cfg(feature = "mqtt")]
    let done = mqtt::run() && done;
    #[cfg(feature = "tls")]
    let done = tls::chain() && done;
    #[cfg(feature = "tls-pin")]
    let done = tls::pin() && done;
    #[cfg(feature = "tls-psk")]
    let done = tls::psk() && done;
    #[cfg(all(feature = "node", not(any(feature = "node-compact", feature = "node-tiny"))))]
    let done = node::run(bench, sundew::node::profile::Senml) && done;
    #[cfg(feature = "node-compact")]
    let done = node::run(bench, sundew::node::profile::Compact) && done;
    #[cfg(feature = "node-tiny")]
    let done = node::run(bench, sundew::node::profile::Tiny) && done;
    #[cfg(feature = "peer-units-sundew")]
    let done = peers::ours::units() && done;
    #[cfg(feature = "peer-units-typed")]
    let done = peers::typed::units() && done;
    #[cfg(feature = "peer-units-uom-f32")]
    let done = peers::uom_f32() && done;
    #[cfg(feature = "peer-units-uom-f64")]
    let done = peers::uom_f64() && done;
    #[cfg(feature = "peer-bme280")]
    let done = peers::bme280(&mut bench.bus) && done;
    #[cfg(feature = "peer-sht31")]
    let done = peers::sht31(&mut bench.bus) && done;
    #[cfg(feature = "peer-encode-sundew")]
    let done = peers::encode::sundew(bench.frame()) && done;
    #[cfg(feature = "peer-encode-minicbor")]
    let done = peers::encode::minicbor(bench.frame()) && done;
    #[cfg(feature = "peer-encode-minicbor-derive")]
    let done = peers::encode::minicbor_derive(bench.frame()) && done;
    #[cfg(feature = "peer-encode-cbor4ii")]
    let done = peers::encode::cbor4ii(bench.frame()) && done;
    #[cfg(feature = "peer-encode-senml-cbor")]
    let done = peers::encode::senml_cbor(bench.frame()) && done;
    #[cfg(feature = "peer-encode-json")]
    let done = peers::encode::json(bench.frame()) && done;
    #[cfg(feature = "peer-decode-sundew")]
    let done = peers::decode::sundew() && done;
    #[cfg(feature = "peer-decode-minicbor")]
    let done = peers::decode::minicbor() && done;
    #[cfg(feature = "peer-decode-minicbor-derive")]
    let done = peers::decode::minicbor_derive() && done;
    #[cfg(feature = "peer-decode-cbor4ii")]
    let done = peers::decode::cbor4ii() && done;
    #[cfg(feature = "peer-decode-senml-cbor")]
    let done = peers::decode::senml_cbor() && done;
    #[cfg(feature = "peer-decode-json")]
    let done = peers::decode::json() && done;
    #[cfg(feature = "peer-queue-sequential")]
    let done = peers::sequential::queue(&mut bench.flash) && done;
    #[cfg(feature = "mutant-panics")]
    let done = mutant::panics() && done;
    #[cfg(feature = "mutant-floats")]
    let done = mutant::floats() && done;
    done
}

/// Writes a number as decimal digits, without `core::fmt`, which would link panics.
pub fn decimal(mut value: u32, put: impl Fn(u8)) {
    let mut digits = [b'0'; 10];
    let mut count = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
        count += 1;
        if value == 0 {
            break;
        }
    }
    digits.iter().skip(10 - count).for_each(|digit| put(*digit));
}
