//! Records, peeks and acknowledges until power is lost, and tells the harness what it did.

#![no_std]
#![no_main]

mod eeprom;
#[allow(unsafe_code)]
mod registers;

use eeprom::Eeprom;
use registers::{orders, tell};
use sundew_core::Region;
use sundew_queue::{Cursor, Error, Mark, Priority, Queue, Stamp, WhenFull};
use sundew_store::log::EepromLog;

/// Few slots: the log is full soon, and wraps often.
const REGION: Region = Region::new(64, 8 * 32);
/// The last number of the script.
const LAST: u16 = 100;

/// What is told, one byte each; numbers and priorities follow.
const STARTED: u8 = 1;
const FOUND: u8 = 2;
const LISTED: u8 = 3;
const RECORDING: u8 = 4;
const RECORDED: u8 = 5;
const REFUSED: u8 = 6;
const ACKING: u8 = 7;
const ACKED: u8 = 8;
const DONE: u8 = 9;
const FAILED: u8 = 10;

type Log = EepromLog<32>;

/// Called by the entry in [`registers`].
fn run() {
    let (boot, number) = orders();
    let mut queue = Queue::new(Log::new(REGION), WhenFull::DropOldest);
    if queue.open(&mut Eeprom, u16::from(boot)).is_err() {
        tell(FAILED);
        return;
    }
    tell(STARTED);
    let done = work(&mut queue, number);
    tell(if done.is_some() { DONE } else { FAILED });
}

fn work(queue: &mut Queue<Log>, first: u16) -> Option<()> {
    list(queue, u8::MAX).ok()?;
    for number in first..LAST {
        record(queue, number)?;
        list(queue, u8::MAX).ok()?;
        // Now and then nothing gets through for a while, and the log fills up.
        if number & 0x1F < 20 && number % 3 == 0 {
            let last = list(queue, (number % 4) as u8 + 1).ok()?;
            if let Some(mark) = last {
                ack(queue, mark)?;
            }
            list(queue, u8::MAX).ok()?;
        }
    }
    Some(())
}

fn record(queue: &mut Queue<Log>, number: u16) -> Option<()> {
    let priority = match number % 5 {
        0 => Priority::High,
        1 | 3 => Priority::Low,
        _ => Priority::Normal,
    };
    let [low, high] = number.to_le_bytes();
    let payload = [low, high, !low, low, low, low, low, low, low, low, low, low];
    let payload = payload.get(..3 + usize::from(low % 10)).unwrap_or_default();
    tell(RECORDING);
    tell(priority as u8);
    tell(low);
    tell(high);
    let dropped = queue.counters().dropped;
    if cfg!(feature = "mutant-early-record") {
        tell(RECORDED);
        tell(0);
    }
    match queue.record(&mut Eeprom, Stamp::SinceBoot(u32::from(number)), priority, payload) {
        Ok(_) if cfg!(feature = "mutant-early-record") => {}
        Ok(_) => {
            tell(RECORDED);
            tell(queue.counters().dropped.wrapping_sub(dropped) as u8);
        }
        Err(Error::Full) => tell(REFUSED),
        Err(_) => return None,
    }
    Some(())
}

/// Reports a record that was never written so, or a queue that cannot be read.
struct Wrong;

/// Tells of the oldest records, at most `most`, and returns the last of them.
fn list(queue: &mut Queue<Log>, most: u8) -> Result<Option<Mark>, Wrong> {
    let (mut reader, mut buffer, mut last) = (Cursor::default(), [0; 22], None);
    for _ in 0..most {
        let found = queue.peek(&mut Eeprom, &mut reader, &mut buffer).map_err(|_| Wrong)?;
        let Some(record) = found else { break };
        let [low, high, check, ..] = *record.payload else { return Err(Wrong) };
        if check != !low || record.payload.len() != 3 + usize::from(low % 10) {
            return Err(Wrong);
        }
        tell(FOUND);
        tell(record.priority as u8);
        tell(low);
        tell(high);
        last = Some(record.mark);
    }
    if most == u8::MAX {
        tell(LISTED);
    }
    Ok(last)
}

fn ack(queue: &mut Queue<Log>, up_to: Mark) -> Option<()> {
    tell(ACKING);
    if cfg!(feature = "mutant-early-ack") {
        tell(ACKED);
    }
    queue.ack(&mut Eeprom, up_to).ok()?;
    if !cfg!(feature = "mutant-early-ack") {
        tell(ACKED);
    }
    Some(())
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    tell(FAILED);
    loop {}
}
