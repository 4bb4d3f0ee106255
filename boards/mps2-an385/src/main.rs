//! The weather node on the AN385: hardware for the application that all boards share.
#![no_std]
#![no_main]

use core::fmt::{self, Write as _};
use core::net::SocketAddrV4;

use board::arguments::Arguments;
use board::clock;
use board::console::Console;
use board::flash;
use board::semihosting::{self, Verdict};
use board::tcp::{self, Tcp};
use board::{Board, say};
use heapless::String;
use mqtt_node::{AIR, FLASH_MAP, RECORD, SETTINGS, Station};
use rand_core::Rng as _;
use sundew::core::{Classify, ErrorKind, Ticks};
use sundew::identity::Drbg;
#[cfg(feature = "compact")]
use sundew::node::profile::Compact as Wire;
#[cfg(not(feature = "compact"))]
use sundew::node::profile::Senml as Wire;
use sundew::sensors::Mounted;
use sundew::sensors::tmp105::{Address, Config, Resolution, Tmp105};
use sundew::store::Settings;

/// The port of MQTT over TLS (IANA), where the argument `port=` names no other.
const PORT: u16 = 8_883;
/// The broker is the next machine: what does not answer in 5 s is down.
const CONNECT_MS: u32 = 5_000;

/// The device's name and a slash; MQTT lets a client id have 23 bytes for sure.
const NAME_BYTES: usize = 64;

/// Not one-shot: QEMU's model prints a line of its own into the console each time it shuts down.
const CONVERT: Config = Config::continuous(Resolution::Twelve);

const _: () = assert!(
    FLASH_MAP.capacity() == flash::CAPACITY && FLASH_MAP.erase_size() == flash::PAGE,
    "the application's map is of another part"
);

/// Tells that a line on the console has said why the node cannot run.
struct Stopped;

#[cortex_m_rt::entry]
fn main() -> ! {
    match run() {
        // Nothing that the loop could mend. A product would wait here and reset.
        Err(Stopped) => semihosting::exit(Verdict::Failed),
    }
}

fn run() -> Result<core::convert::Infallible, Stopped> {
    let mut board = Board::take().ok_or(Stopped)?.map_err(stopped("ethernet"))?;
    let port = Arguments::read().number("port").and_then(|port| u16::try_from(port).ok());
    let broker = SocketAddrV4::new(tcp::GATEWAY, port.unwrap_or(PORT));

    let mut record = [0; flash::PAGE as usize];
    let record = RECORD.load(&mut board.flash, &mut record);
    let record = record.map_err(stopped("identity"))?;
    let rng = Drbg::open(&mut board.flash, &Settings::new(SETTINGS), &record);
    let seed = rng.map_err(stopped("identity"))?.next_u64();

    let tcp = Tcp::new(board.ethernet, board.tcp_memory, seed);
    let sensor = Tmp105::new(board.i2c, Address::X48, CONVERT);
    let sensor = Mounted::new(sensor, [&AIR]).map_err(stopped("sensor"))?;
    let mut name = String::<NAME_BYTES>::new();
    write!(name, "{}/", record.id).map_err(|_| stopped("identity")(ErrorKind::Resource))?;
    let hardware = Hardware { tcp: &tcp };
    let station = Station::start(hardware, &record, &name, sensor, Wire, board.flash);
    let station = station.map_err(stopped("start"))?;
    loop {
        station.rest();
        let deadline = clock::now().after(CONNECT_MS);
        let connected = tcp.connect(broker, || {
            station.keep_sampling();
            clock::idle();
            if clock::now().has_reached(deadline) { tcp::Wait::GiveUp } else { tcp::Wait::Again }
        });
        match connected {
            Ok(()) => station.talk(&tcp),
            Err(error) => station.no_link(&error),
        }
        tcp.abort();
    }
}

/// What the station asks of the board.
struct Hardware<'t> {
    tcp: &'t Tcp,
}

impl mqtt_node::Board for Hardware<'_> {
    fn now(&self) -> Ticks {
        clock::now()
    }

    fn unix(&self) -> Option<u32> {
        u32::try_from(semihosting::wall_clock().as_secs()).ok()
    }

    fn sleep(&self, until: Ticks) {
        // Polled in any case, so that the board answers while nobody reads.
        clock::sleep_until_or(until, || self.tcp.has_news());
    }

    fn print(&self, text: fmt::Arguments<'_>) {
        // The console cannot fail.
        let _ = Console::new().write_fmt(text);
    }
}

fn stopped<E: Classify>(source: &str) -> impl FnOnce(E) -> Stopped + '_ {
    move |error| {
        say!("fault {source} {} {error:?}", error.kind().name());
        Stopped
    }
}
