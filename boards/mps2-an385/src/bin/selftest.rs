//! Proves each part of the board on the emulator, and ends it with 0 or 1.
//!
//! One line per part, then `selftest: ok`. Arguments (README): `port=` of an echo server on the
//! host's loopback, `closed=` of a port where nothing listens, `silent=` of a server that accepts
//! and says nothing, `temperatures=N` distinct values to wait for, `watchdog=starve`.
#![no_std]
#![no_main]

use core::{fmt::Debug, net::SocketAddrV4};

use board::{
    Board,
    arguments::Arguments,
    clock,
    flash::{self, Flash},
    i2c::{self, I2c},
    say, semihosting,
    tcp::{self, Tcp, Wait},
    watchdog::Watchdog,
};
use embedded_hal::i2c::I2c as _;
use embedded_io::{Read as _, ReadReady as _, Write as _, WriteReady as _};
use embedded_storage::nor_flash::{NorFlash as _, ReadNorFlash as _};
use sundew_core::Ticks;

const TMP105: u8 = 0x48;
const NOBODY: u8 = 0x49;
const ECHO_BYTES: usize = 20_000;

/// Says what went wrong, in a word or two and with the value that shows it.
struct Failure;

#[cortex_m_rt::entry]
fn main() -> ! {
    let verdict = match run() {
        Ok(()) => semihosting::Verdict::Passed,
        Err(Failure) => semihosting::Verdict::Failed,
    };
    semihosting::exit(verdict)
}

fn run() -> Result<(), Failure> {
    let arguments = Arguments::read();
    let mut board =
        Board::take().ok_or_else(|| fail("board", "taken"))?.map_err(failed("board"))?;
    check("board once", Board::take().is_none())?;
    ticks()?;
    say!("selftest time unix={}", semihosting::wall_clock().as_secs());
    flash(&mut board.flash)?;
    let runs = count_runs(&mut board.flash)?;
    say!("selftest flash ok runs={runs}");
    if arguments.value("watchdog") == Some("starve") {
        return watchdog(&mut board.watchdog, runs);
    }
    sensor(&mut board.i2c, arguments.number("temperatures").unwrap_or(1))?;
    say!("selftest mac {}", board.ethernet.address());
    let seed = semihosting::wall_clock().as_secs() << 16 | u64::from(runs);
    let tcp = Tcp::new(board.ethernet, board.tcp_memory, seed);
    let port = |name| arguments.number(name).and_then(|port| u16::try_from(port).ok());
    if let Some(port) = port("closed") {
        refused(&tcp, port)?;
    }
    if let Some(port) = port("port") {
        echo(&tcp, port)?;
        echo(&tcp, port)?;
    }
    if let Some(port) = port("silent") {
        silent(&tcp, port)?;
    }
    say!("selftest: ok");
    Ok(())
}

fn ticks() -> Result<(), Failure> {
    let start = clock::now();
    clock::sleep_until(start.after(50));
    let slept_ms = clock::now().since(start);
    check("ticks", (50..60).contains(&slept_ms))?;
    check("uptime", clock::uptime_millis() >= u64::from(clock::now().millis()))?;
    say!("selftest ticks ok slept_ms={slept_ms}");
    Ok(())
}

/// Leaves the page as it found it: erased.
fn flash(flash: &mut Flash) -> Result<(), Failure> {
    let (page, end) = (flash::CAPACITY - 2 * flash::PAGE, flash::CAPACITY - flash::PAGE);
    let mut bytes = [0; 8];
    flash.erase(page, end).map_err(failed("erase"))?;
    flash.write(page + 4, &[1, 2, 3, 4]).map_err(failed("write"))?;
    flash.read(page + 1, &mut bytes).map_err(failed("read"))?;
    check("flash bytes", bytes == [0xFF, 0xFF, 0xFF, 1, 2, 3, 4, 0xFF])?;
    // Clearing more bits is what MultiwriteNorFlash promises, setting one is not.
    flash.write(page + 4, &[0, 2, 3, 0]).map_err(failed("second write"))?;
    let dirty = flash::Error::Dirty { offset: page + 4 };
    check("set bit", flash.write(page, &[9, 9, 9, 9, 1, 2, 3, 4]) == Err(dirty))?;
    check("odd offset", flash.write(page + 2, &[0; 4]) == Err(flash::Error::Unaligned))?;
    check("odd length", flash.write(page, &[0; 3]) == Err(flash::Error::Unaligned))?;
    check("odd erase", flash.erase(page + 4, end) == Err(flash::Error::Unaligned))?;
    check("past end", flash.read(flash::CAPACITY, &mut [0]) == Err(flash::Error::OutOfBounds))?;
    check("backwards", flash.erase(end, page) == Err(flash::Error::OutOfBounds))?;
    flash.erase(page, end).map_err(failed("erase again"))?;
    flash.read(page, &mut bytes).map_err(failed("read again"))?;
    check("erased", bytes == [0xFF; 8])
}

/// Counts the runs over the same flash file, one word each in the last page.
fn count_runs(flash: &mut Flash) -> Result<u32, Failure> {
    let page = flash::CAPACITY - flash::PAGE;
    for run in 1..=flash::PAGE / flash::WORD {
        let offset = page + (run - 1) * flash::WORD;
        let mut word = [0; 4];
        flash.read(offset, &mut word).map_err(failed("read run"))?;
        if word == [0xFF; 4] {
            flash.write(offset, &run.to_le_bytes()).map_err(failed("write run"))?;
            return Ok(run);
        }
        check("run", word == run.to_le_bytes())?;
    }
    Err(fail("runs", "page full"))
}

/// Waits for so many different values; the test sets them over QMP.
fn sensor(bus: &mut I2c, temperatures: u32) -> Result<(), Failure> {
    let nobody = bus.write(NOBODY, &[0]);
    check("nobody", nobody == Err(i2c::Error::NoAcknowledgeAddress))?;
    check("empty read", bus.read(TMP105, &mut []) == Err(i2c::Error::EmptyRead))?;
    // Configuration register 1: 12 bits (R1 R0 = 11). Read back in two operations of one read.
    bus.write(TMP105, &[1, 0x60]).map_err(failed("configure"))?;
    let mut configuration = [0];
    bus.write_read(TMP105, &[1], &mut configuration).map_err(failed("read back"))?;
    check("configuration", configuration[0] & 0x60 == 0x60)?;
    let (mut last, mut seen) = (None, 0);
    let deadline = clock::now().after(20_000);
    while seen < temperatures {
        let (mut high, mut low) = ([0], [0]);
        bus.transaction(
            TMP105,
            &mut [
                embedded_hal::i2c::Operation::Write(&[0]),
                embedded_hal::i2c::Operation::Read(&mut high),
                embedded_hal::i2c::Operation::Read(&mut low),
            ],
        )
        .map_err(failed("temperature"))?;
        let raw = i16::from_be_bytes([high[0], low[0]]);
        if last != Some(raw) {
            // Counts of 1/256 Cel, so 125/32 of a millidegree each.
            say!("selftest tmp105 raw={raw:#06x} millicelsius={}", i32::from(raw) * 125 / 32);
            (last, seen) = (Some(raw), seen + 1);
        }
        patience("temperatures", deadline)?;
        clock::idle();
    }
    Ok(())
}

fn refused(mut tcp: &Tcp, port: u16) -> Result<(), Failure> {
    let zero = tcp.connect(SocketAddrV4::new(tcp::GATEWAY, 0), tick);
    check("port 0", zero == Err(tcp::Error::Unaddressable))?;
    check("not connected", tcp.read(&mut [0]) == Err(tcp::Error::NotConnected))?;
    let remote = SocketAddrV4::new(tcp::GATEWAY, port);
    check("closed port", tcp.connect(remote, tick) == Err(tcp::Error::Refused))?;
    // Nobody has this address, so nobody answers.
    let nobody = SocketAddrV4::new([10, 0, 2, 200].into(), port);
    let mut left = 20;
    let gave_up = tcp.connect(nobody, || {
        left -= 1;
        clock::idle();
        if left == 0 { Wait::GiveUp } else { Wait::Again }
    });
    check("give up", gave_up == Err(tcp::Error::GaveUp))?;
    say!("selftest refused ok");
    Ok(())
}

/// Sends a pattern while the same pattern comes back, then closes in order.
fn echo(mut tcp: &Tcp, port: u16) -> Result<(), Failure> {
    let start = clock::now();
    let remote = SocketAddrV4::new(tcp::GATEWAY, port);
    tcp.connect(remote, tick).map_err(failed("connect"))?;
    check("nothing yet", tcp.read_ready() == Ok(false))?;
    let (mut sent, mut received) = (0, 0);
    while received < ECHO_BYTES {
        while sent < ECHO_BYTES && tcp.write_ready().map_err(failed("write ready"))? {
            let mut chunk = [0; 100];
            let filled = chunk.iter_mut().zip(sent..ECHO_BYTES);
            let len = filled.map(|(byte, at)| *byte = pattern(at)).count();
            let chunk = chunk.get(..len).unwrap_or_default();
            sent += tcp.write(chunk).map_err(failed("write"))?;
        }
        let mut chunk = [0; 333];
        let len = tcp.read(&mut chunk).map_err(failed("read"))?;
        for byte in chunk.iter().take(len) {
            check("echo", *byte == pattern(received))?;
            received += 1;
        }
        patience("echo", start.after(20_000))?;
    }
    // A zero byte asks the server to close: the end of the stream is a read of nothing.
    tcp.write_all(&[0]).map_err(failed("last write"))?;
    check("last byte", tcp.read(&mut [0; 4]) == Ok(1))?;
    check("end", tcp.read(&mut [0; 4]) == Ok(0))?;
    check("still the end", tcp.read(&mut [0; 4]) == Ok(0))?;
    tcp.close();
    check("closed", tcp.write(&[1]) == Err(tcp::Error::NotConnected))?;
    say!("selftest echo ok bytes={received} ms={}", clock::now().since(start));
    Ok(())
}

/// Outlives the peer timeout on a silent but healthy connection, then sees it reset.
fn silent(mut tcp: &Tcp, port: u16) -> Result<(), Failure> {
    let remote = SocketAddrV4::new(tcp::GATEWAY, port);
    tcp.connect(remote, tick).map_err(failed("connect silent"))?;
    let start = clock::now();
    let end = tcp.read(&mut [0; 4]);
    let waited_ms = clock::now().since(start);
    say!("selftest silent {end:?} ms={waited_ms}");
    check("silence is no error", waited_ms >= 22_000)?;
    check("reset", end == Err(tcp::Error::Reset))
}

/// Is fed for a while, then starves: the run counter shows the reset.
fn watchdog(watchdog: &mut Watchdog, runs: u32) -> Result<(), Failure> {
    if runs.is_multiple_of(2) {
        say!("selftest watchdog ok");
        return Ok(());
    }
    watchdog.start(100);
    for _ in 0..5 {
        clock::sleep_until(clock::now().after(60));
        watchdog.feed();
    }
    say!("selftest watchdog starves");
    clock::sleep_until(clock::now().after(1_000));
    Err(fail("watchdog", "no reset"))
}

/// Waits a millisecond for a connection.
fn tick() -> Wait {
    clock::idle();
    Wait::Again
}

/// Never 0, which is what asks the server to close.
fn pattern(at: usize) -> u8 {
    (at % 251) as u8 + 1
}

fn patience(what: &str, deadline: Ticks) -> Result<(), Failure> {
    if clock::now().has_reached(deadline) { Err(fail(what, "timeout")) } else { Ok(()) }
}

fn check(what: &str, holds: bool) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(fail(what, "check")) }
}

fn failed<E: Debug>(what: &str) -> impl FnOnce(E) -> Failure + '_ {
    move |error| fail(what, error)
}

fn fail(what: &str, error: impl Debug) -> Failure {
    say!("selftest: failed {what} {error:?}");
    Failure
}
