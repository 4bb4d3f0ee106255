//! A station on simulated time, flash and sensor; only its socket may be real.

use std::cell::RefCell;
use std::fmt::{self, Write as _};

use embedded_io::{Read, ReadReady, Write, WriteReady};
use mqtt_node::{AIR, Board, HUMIDITY, RECORD, Station};
use sundew::core::Ticks;
use sundew::identity::{Anchor, AnchorKind, Anchors, DeviceRecord, Role, Roles};
use sundew::node::profile::Senml;
use sundew::sensors::Mounted;
use sundew::sensors::sht4x::{self, Sht4x};
use sundew_testkit::{SimBus, SimClock, SimFlash, SimSht4x};

/// Runs on simulated time: sleeping is what makes it pass.
struct Bench<'c> {
    clock: &'c SimClock,
    console: &'c RefCell<String>,
    unix: Option<u32>,
}

impl Board for Bench<'_> {
    fn now(&self) -> Ticks {
        Ticks::from_millis(self.clock.millis())
    }

    fn unix(&self) -> Option<u32> {
        self.unix
    }

    fn sleep(&self, until: Ticks) {
        self.clock.advance_millis(until.since(self.now()));
        // Another process gets its turn: a simulated second is at least 0.2 s of the wall's.
        std::thread::sleep(std::time::Duration::from_micros(200));
    }

    fn print(&self, text: fmt::Arguments<'_>) {
        let mut console = self.console.borrow_mut();
        write!(console, "{:>6} ", self.clock.millis()).unwrap();
        console.write_fmt(text).unwrap();
    }
}

/// What a station has said, each line with the simulated time in ms before it.
#[derive(Debug)]
pub struct Said(String);

impl Said {
    /// Returns the lines that begin with `word`, each with its time.
    pub fn lines<'s>(&'s self, word: &'s str) -> impl Iterator<Item = (u32, &'s str)> + 's {
        let lines = self.0.lines().filter_map(|line| line.trim_start().split_once(' '));
        lines
            .filter(move |(_, text)| text.starts_with(word))
            .map(|(time, text)| (time.parse().unwrap(), text))
    }

    /// Fails where two readings are further apart than the schedule's 500 ms and a little.
    pub fn assert_no_reading_is_late(&self) {
        let times: Vec<u32> = self.lines("recorded").map(|(time, _)| time).collect();
        for pair in times.windows(2) {
            assert!((495..=515).contains(&(pair[1] - pair[0])), "{times:?}\n{}", self.0);
        }
    }
}

/// Lets a station that expects `name` under `anchor` talk over `socket`, then keep sampling for
/// five seconds, and returns what it said.
pub fn run<S: Read + Write + ReadReady + WriteReady>(
    name: &str,
    anchor: &[u8],
    unix: Option<u32>,
    socket: S,
) -> Said {
    let seed = core::array::from_fn(|i| (i as u8).wrapping_mul(37).wrapping_add(11));
    let authority = Anchor {
        roles: Roles::of(&[Role::Server]),
        kind: AnchorKind::Certificate,
        key_id: &[],
        bytes: anchor,
    };
    let mut buffer = [0; 2_048];
    let anchors = Anchors::encode(&[authority], &mut buffer).unwrap();
    let record =
        DeviceRecord::new("bench").with_server(name).with_seed(&seed).with_anchors(1, anchors);
    let mut flash = Box::new(SimFlash::<0x10_0000, 0x1000, 4>::new());
    RECORD.store(&mut *flash, &record).unwrap();

    let (clock, console) = (SimClock::new(), RefCell::default());
    let part = SimSht4x::new(&clock, 0x44);
    let bus = SimBus::new([&part]);
    let driver = Sht4x::new(&bus, sht4x::Address::A, sht4x::Precision::High);
    let sensor = Mounted::new(driver, [&AIR, &HUMIDITY]).unwrap();
    let board = Bench { clock: &clock, console: &console, unix };
    let station = Station::start(board, &record, "bench/", sensor, Senml, &mut *flash).unwrap();
    station.rest();
    station.talk(socket);
    let start = clock.millis();
    while clock.millis() - start < 5_000 {
        station.keep_sampling();
        clock.advance_millis(1);
    }
    Said(console.into_inner())
}

/// Runs a test with room for the simulated flash: 3 MiB, on the stack before it is on the heap.
pub fn with_a_large_stack(test: fn()) {
    std::thread::Builder::new().stack_size(16 << 20).spawn(test).unwrap().join().unwrap();
}
