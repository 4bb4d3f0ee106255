//! The weather node on simulated hardware, as a program of this computer.

mod arguments;
mod clock;
mod console;
mod flash;
mod lorawan;
mod tcp;
mod weather;

use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::{self, Write as _};
use std::process::ExitCode;

use mqtt_node::{AIR, Board, FLASH_MAP, HUMIDITY, RECORD, Station};
use sundew::core::Ticks;
use sundew::identity::DeviceRecord;
use sundew::node::Application;
use sundew::node::profile::{Compact, Profile, Senml};
use sundew::sensors::Mounted;
use sundew::sensors::sht4x::{Address, Precision, Sht4x};
use sundew_testkit::{SimBus, SimClock, SimSht4x};

use arguments::{Arguments, HELP, Link};
use clock::Clock;
use console::Console;
use flash::FileFlash;
use tcp::Connection;

/// How long the board sleeps at most before it looks whether something came in.
const LOOK_MILLIS: u32 = 5;

fn main() -> ExitCode {
    if std::env::args().any(|word| word == "--help" || word == "-h") {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(never) => match never {},
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<Infallible, String> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    let path = arguments.flash.display();
    let mut flash =
        FileFlash::open(&arguments.flash).map_err(|error| format!("{path}: {error}"))?;
    let mut buffer = [0; 2048];
    let record = RECORD
        .load(&mut flash, &mut buffer)
        .map_err(|error| format!("{path}: no device record: {error:?}"))?;

    let bus_clock = SimClock::new();
    let sensor = SimSht4x::new(&bus_clock, Address::A as u8);
    let bus = SimBus::new([&sensor]);
    let board = Simulated {
        clock: Clock::start(arguments.time_lapse, arguments.since),
        console: RefCell::default(),
        bus_clock: &bus_clock,
        sensor: &sensor,
    };
    let driver = Sht4x::new(&bus, Address::A, Precision::High);
    let mounted = Mounted::new(driver, [&AIR, &HUMIDITY]);
    let mounted = mounted.map_err(|error| format!("channels: {error:?}"))?;
    let port = arguments.port;
    match arguments.link {
        Link::Lorawan => lorawan::run(&board, &record, mounted, flash, port),
        Link::Mqtt(arguments::Profile::Senml) => {
            deliver(board, &record, mounted, flash, port, Senml)
        }
        Link::Mqtt(arguments::Profile::Compact) => {
            deliver(board, &record, mounted, flash, port, Compact)
        }
    }
}

/// Runs the node over TLS, with a profile that is known while compiling, as a product's is.
fn deliver<P: Profile>(
    board: Simulated<'_>,
    record: &DeviceRecord<'_>,
    application: impl Application,
    flash: FileFlash,
    port: u16,
    profile: P,
) -> Result<Infallible, String> {
    let name = format!("{}/", record.id);
    let station = Station::start(board, record, &name, application, profile, flash)
        .map_err(|error| format!("cannot start: {error:?}"))?;
    loop {
        station.rest();
        match Connection::open(port) {
            Ok(socket) => station.talk(socket),
            Err(error) => station.no_link(&tcp::Unreachable(error.kind())),
        }
    }
}

/// Stands for the parts of the board that are neither flash nor socket.
struct Simulated<'b> {
    clock: Clock,
    console: RefCell<Console>,
    bus_clock: &'b SimClock,
    sensor: &'b SimSht4x<'b>,
}

impl Board for Simulated<'_> {
    fn now(&self) -> Ticks {
        let now = self.clock.now();
        // The sensor's own time, and the weather, go on while nobody looks.
        self.bus_clock.advance_millis(now.millis().wrapping_sub(self.bus_clock.millis()));
        weather::measure(self.sensor, clock::wall_millis());
        now
    }

    fn unix(&self) -> Option<u32> {
        Some(self.clock.time_of_day())
    }

    fn sleep(&self, until: Ticks) {
        self.clock.sleep_until(until, LOOK_MILLIS);
    }

    fn print(&self, text: fmt::Arguments<'_>) {
        // With nobody left who reads the console, the node goes on.
        let _ = self.console.borrow_mut().write_fmt(text);
    }
}

const _: () =
    assert!(FLASH_MAP.capacity() == 1 << 20 && FLASH_MAP.erase_size() == flash::PAGE as u32);
