//! A server that is not the one of the device record gets no log-in, and the station goes on.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test program")]

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use embedded_storage::nor_flash::NorFlash;
use mqtt_node::{AIR, Board, HUMIDITY, IDENTITY, SETTINGS, Station};
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};
use sundew::core::Ticks;
use sundew::identity::{DeviceRecord, Drbg};
use sundew::sensors::{Mounted, Sht4x, sht4x};
use sundew::store::Settings;
use sundew_testkit::{SimBus, SimClock, SimFlash, SimSht4x};

/// 2026-06-01, while the certificates of this test are good.
const NOW: u32 = 1_780_272_000;
const YEAR: u32 = 31_536_000;

/// Runs on simulated time, a millisecond for each look at the socket.
struct Bench<'c> {
    clock: &'c SimClock,
    console: &'c RefCell<String>,
    unix: u32,
}

impl Board for Bench<'_> {
    fn now(&self) -> Ticks {
        Ticks::from_millis(self.clock.millis())
    }

    fn unix(&self) -> Option<u32> {
        Some(self.unix)
    }

    fn sleep(&self, until: Ticks) {
        self.clock.advance_millis(until.since(self.now()));
        std::thread::sleep(std::time::Duration::from_micros(200));
    }

    fn print(&self, text: fmt::Arguments<'_>) {
        self.console.borrow_mut().write_fmt(text).unwrap();
    }
}

/// A socket that never waits.
struct Socket(TcpStream);

impl embedded_io::ErrorType for Socket {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, embedded_io::ErrorKind> {
        self.0.read(buffer).map_err(broken)
    }
}

impl embedded_io::Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, embedded_io::ErrorKind> {
        self.0.write(bytes).map_err(broken)
    }

    fn flush(&mut self) -> Result<(), embedded_io::ErrorKind> {
        self.0.flush().map_err(broken)
    }
}

impl embedded_io::ReadReady for Socket {
    fn read_ready(&mut self) -> Result<bool, embedded_io::ErrorKind> {
        match self.0.peek(&mut [0]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            other => other.map(|_| true).map_err(broken),
        }
    }
}

impl embedded_io::WriteReady for Socket {
    fn write_ready(&mut self) -> Result<bool, embedded_io::ErrorKind> {
        Ok(true)
    }
}

fn broken(_: io::Error) -> embedded_io::ErrorKind {
    embedded_io::ErrorKind::Other
}

/// Ends the server also when a test fails.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn authority() -> (Certificate, KeyPair, CertificateParams) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    (params.self_signed(&key).unwrap(), key, params)
}

/// Returns the console of a station that expects `name` under `anchor` at the time `unix`, meets
/// the server `localhost` of `ca`, and rests for five seconds afterwards.
fn meet(
    ca: &(Certificate, KeyPair, CertificateParams),
    anchor: &Certificate,
    name: &str,
    unix: u32,
) -> String {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2027, 1, 1);
    let leaf = params.signed_by(&key, &Issuer::from_params(&ca.2, &ca.1)).unwrap();
    let folder = std::env::temp_dir().join(format!("sundew-refused-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (cert_path, key_path) = (folder.join("server.pem"), folder.join("server.key"));
    std::fs::write(&cert_path, leaf.pem()).unwrap();
    std::fs::write(&key_path, key.serialize_pem()).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = Command::new("openssl")
        .args(["s_server", "-tls1_3", "-accept", &format!("127.0.0.1:{port}"), "-cert"])
        .arg(&cert_path)
        .arg("-key")
        .arg(&key_path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("this test needs the program `openssl` (apt-get install openssl): {error}")
        });
    let mut server = Server(server);
    let mut lines = BufReader::new(server.0.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("ACCEPT") {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "openssl did not start");
    }

    let record = DeviceRecord::new("bench", name, anchor.der());
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
    let board = Bench { clock: &clock, console: &console, unix };
    let station = Station::start(board, &record, "bench/", sensor, &mut *flash).unwrap();
    station.rest();
    let socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket.set_nonblocking(true).unwrap();
    station.talk(Socket(socket));
    let start = clock.millis();
    while clock.millis() - start < 5_000 {
        station.keep_sampling();
        clock.advance_millis(1);
    }
    drop(server);
    std::fs::remove_dir_all(&folder).unwrap();
    console.into_inner()
}

fn check() {
    let (ours, other) = (authority(), authority());
    let cases = [
        ("UntrustedIssuer", meet(&ours, &other.0, "localhost", NOW)),
        ("WrongName", meet(&ours, &ours.0, "broker.example", NOW)),
        ("Expired", meet(&ours, &ours.0, "localhost", NOW + YEAR)),
    ];
    for (case, console) in cases {
        let down: Vec<_> = console.lines().filter(|line| line.starts_with("link down")).collect();
        assert_eq!(down, [format!("link down peer {case}")], "{console}");
        // Every reading waits in the queue, those from before the refusal too.
        let recorded = console.lines().filter(|line| line.starts_with("recorded")).count();
        let queue = console.lines().rev().find_map(|line| line.strip_prefix("queue "));
        assert!(recorded >= 10, "{case}: {console}");
        assert_eq!(queue.and_then(|text| text.parse().ok()), Some(recorded), "{case}: {console}");
    }
    // The same server is the right one for a record that names it: it fails later, at the log-in,
    // since it speaks TLS and not MQTT.
    let console = meet(&ours, &ours.0, "localhost", NOW);
    assert!(console.contains("link down peer Mqtt(TimedOut(LogIn))"), "{console}");
}

#[test]
fn a_server_that_is_another_one_is_refused_and_costs_no_reading() {
    // The simulated flash takes 2 MiB, on the stack before it is on the heap.
    std::thread::Builder::new().stack_size(16 << 20).spawn(check).unwrap().join().unwrap();
}
