//! A server that falls silent within the handshake costs the station its patience, not a reading.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test program")]

use std::cell::RefCell;
use std::fmt::{self, Write as _};

use embedded_io::Write as _;
use embedded_storage::nor_flash::NorFlash;
use mqtt_node::{AIR, Board, HUMIDITY, IDENTITY, SETTINGS, Station};
use sundew::core::Ticks;
use sundew::identity::{DeviceRecord, Drbg};
use sundew::sensors::{Mounted, Sht4x, sht4x};
use sundew::store::Settings;
use sundew_testkit::{SimBus, SimClock, SimFlash, SimLink, SimSht4x};

/// Runs on simulated time: sleeping is what makes it pass.
struct Bench<'c> {
    clock: &'c SimClock,
    console: &'c RefCell<String>,
}

impl Board for Bench<'_> {
    fn now(&self) -> Ticks {
        Ticks::from_millis(self.clock.millis())
    }

    fn unix(&self) -> Option<u32> {
        None
    }

    fn sleep(&self, until: Ticks) {
        self.clock.advance_millis(until.since(self.now()));
    }

    fn print(&self, text: fmt::Arguments<'_>) {
        let mut console = self.console.borrow_mut();
        if text.to_string().starts_with("recorded") {
            write!(console, "{} ", self.clock.millis()).unwrap();
        }
        console.write_fmt(text).unwrap();
    }
}

/// Returns the moments at which readings were recorded, and how it ended, for a server that says
/// `answer` and then nothing.
fn talk(answer: &[u8]) -> (Vec<u32>, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::new([]).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let anchor = authority.self_signed(&key).unwrap();
    let record = DeviceRecord::new("bench", "localhost", anchor.der());
    let mut flash = Box::new(SimFlash::<0x10_0000, 0x1000, 4>::new());
    let mut image = [0xFF; 2_048];
    let len = record.encode(&mut image).unwrap();
    flash.write(IDENTITY.start(), &image[..len.next_multiple_of(4)]).unwrap();
    let seed = core::array::from_fn(|i| (i as u8).wrapping_mul(37).wrapping_add(11));
    Drbg::provision(&mut *flash, &Settings::new(SETTINGS), &seed).unwrap();

    let (clock, console) = (SimClock::new(), RefCell::default());
    let part = SimSht4x::new(&clock, 0x44);
    let bus = SimBus::new([&part]);
    let driver = Sht4x::new(&bus, sht4x::Address::A, sht4x::Precision::High);
    let sensor = Mounted::new(driver, [&AIR, &HUMIDITY]).unwrap();
    let board = Bench { clock: &clock, console: &console };
    let station = Station::start(board, &record, "bench/", sensor, &mut *flash).unwrap();
    station.rest();
    let wire = SimLink::<1_024>::new();
    wire.far().write_all(answer).unwrap();
    station.talk(wire.near());

    let text = console.borrow();
    let recorded = text.lines().filter(|line| {
        line.contains(" recorded ") || { line.split_whitespace().nth(1) == Some("recorded") }
    });
    let moments = recorded.map(|line| line.split_once(' ').unwrap().0.parse().unwrap()).collect();
    let end = text.lines().find(|line| line.starts_with("link down")).unwrap_or_default();
    (moments, end.to_owned())
}

#[test]
fn sampling_goes_on_through_a_handshake_that_stalls() {
    // Nothing at all; the head of a record; the head and half a body.
    for answer in [&b""[..], b"\x16\x03\x03\x00\x7A", b"\x16\x03\x03\x00\x7A\x02\x00\x00\x76\x03"] {
        // The simulated flash takes 2 MiB, on the stack before it is on the heap.
        let thread = std::thread::Builder::new().stack_size(16 << 20);
        let (moments, end) = thread.spawn(|| talk(answer)).unwrap().join().unwrap();
        assert_eq!(end, "link down bus TimedOut", "{answer:?}");
        assert!(moments.len() >= 20, "{moments:?}");
        for (turn, pair) in moments.windows(2).enumerate() {
            let gap = pair[1] - pair[0];
            assert!((495..=515).contains(&gap), "gap {turn} is {gap} ms: {moments:?}");
        }
    }
}
