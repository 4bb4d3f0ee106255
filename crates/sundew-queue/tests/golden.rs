//! Flash images that were stored once: they are still written, and open for ever.
//!
//! See `golden/README.md`.

#![expect(clippy::unwrap_used, reason = "helpers fail as the tests do")]

use std::path::PathBuf;
use sundew_core::Region;
use sundew_queue::{Class, Cursor, Effort, Error, Priority, Queue, Stamp, WhenFull};
use sundew_store::log::NorLog;
use sundew_testkit::{Erased, FlashError, Rewrite, SimFlash, Torn};

/// Is one kind of flash and a log that suits it.
trait Part {
    const NAME: &'static str;
    type Flash: Flash;

    fn flash() -> Self::Flash;

    fn log() -> NorLog {
        NorLog::new(Region::new(0, Self::Flash::LEN))
    }
}

/// Is a [`SimFlash`] of any size.
trait Flash: embedded_storage::nor_flash::NorFlash<Error = FlashError> {
    const LEN: u32;

    fn bytes(&self) -> &[u8];
    fn fill(self, bytes: &[u8]) -> Self;
    fn cut_after(&mut self, steps: u32, torn: Torn);
    fn power_on(&mut self);
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> Flash
    for SimFlash<SIZE, PAGE, WORD, READ>
{
    const LEN: u32 = SIZE as u32;

    fn bytes(&self) -> &[u8] {
        self.image()
    }

    fn fill(self, bytes: &[u8]) -> Self {
        self.with_image(bytes.try_into().unwrap())
    }

    fn cut_after(&mut self, steps: u32, torn: Torn) {
        Self::cut_after(self, steps, torn);
    }

    fn power_on(&mut self) {
        Self::power_on(self);
    }
}

struct Word4;

impl Part for Word4 {
    const NAME: &'static str = "word4";
    type Flash = SimFlash<1200, 240, 4>;

    fn flash() -> Self::Flash {
        SimFlash::new()
    }
}

struct Word8;

impl Part for Word8 {
    const NAME: &'static str = "word8-once";
    type Flash = SimFlash<1280, 256, 8>;

    fn flash() -> Self::Flash {
        SimFlash::new().with_rewrite(Rewrite::Refused)
    }
}

struct Zeros;

impl Part for Zeros {
    const NAME: &'static str = "word1-zeros";
    type Flash = SimFlash<1200, 240, 1>;

    fn flash() -> Self::Flash {
        SimFlash::new().with_erased(Erased::Zeros)
    }

    fn log() -> NorLog {
        NorLog::new(Region::new(0, Self::Flash::LEN)).erased_to_zero()
    }
}

struct Word16;

impl Part for Word16 {
    const NAME: &'static str = "word16-read4";
    type Flash = SimFlash<1920, 384, 16, 4>;

    fn flash() -> Self::Flash {
        SimFlash::new().with_rewrite(Rewrite::Refused)
    }
}

type Scene<P> = fn(&mut Queue<NorLog>, &mut <P as Part>::Flash);

/// What happens to a blank flash in boot 7, by name.
fn scenes<P: Part>() -> [(&'static str, Scene<P>); 6] {
    [
        ("clean", |queue, flash| record(queue, flash, 3)),
        ("lines", |queue, flash| {
            let stamps = [Stamp::SinceBoot(77), Stamp::Unix(1_760_000_000)];
            let efforts = [Effort::UntilTaken, Effort::Few, Effort::Once];
            let priorities = [Priority::Normal, Priority::High, Priority::Low];
            for (number, effort) in efforts.into_iter().enumerate() {
                for (priority, stamp) in priorities.into_iter().zip(stamps.into_iter().cycle()) {
                    let class = Class { priority, effort };
                    queue.record(flash, stamp, class, &[0xA0, number as u8]).unwrap();
                }
            }
        }),
        ("torn-tail", |queue, flash| {
            record(queue, flash, 2);
            flash.cut_after(1, Torn::FirstHalf);
            let cut = queue.record(flash, Stamp::Unix(1), Priority::Normal, &[0x11; 19]);
            assert_eq!(cut, Err(Error::Flash(FlashError::PowerLost)));
        }),
        ("dropped", |queue, flash| record(queue, flash, 60)),
        ("acked", |queue, flash| {
            for _ in 0..3 {
                record(queue, flash, 9);
                ack(queue, flash, 7).unwrap();
            }
        }),
        ("torn-ack", |queue, flash| {
            record(queue, flash, 4);
            ack(queue, flash, 1).unwrap();
            flash.cut_after(0, Torn::Bits(0x5A));
            assert_eq!(ack(queue, flash, 2), Err(Error::Flash(FlashError::PowerLost)));
        }),
    ]
}

fn record(queue: &mut Queue<NorLog>, flash: &mut impl Flash, count: u32) {
    for number in 0..count {
        let payload = [number as u8; 11];
        queue
            .record(flash, Stamp::Unix(1_760_000_000 + number), Priority::Normal, &payload)
            .unwrap();
    }
}

/// Acknowledges the oldest records.
fn ack<F: Flash>(
    queue: &mut Queue<NorLog>,
    flash: &mut F,
    count: usize,
) -> Result<(), Error<FlashError>> {
    let (mut cursor, mut buffer, mut last) = (Cursor::default(), [0; 64], None);
    for _ in 0..count {
        last = queue.peek(flash, &mut cursor, &mut buffer)?.map(|record| record.mark);
    }
    queue.ack(flash, last.unwrap())
}

/// Returns the image that a scene leaves behind.
fn written<P: Part>(scene: Scene<P>) -> Vec<u8> {
    let mut flash = P::flash();
    let mut queue = Queue::new(P::log(), WhenFull::DropOldest);
    queue.open(&mut flash, 7).unwrap();
    scene(&mut queue, &mut flash);
    flash.bytes().to_vec()
}

/// Opens an image, returns a line for each record, and checks that it works on.
fn opened<P: Part>(image: &[u8]) -> String {
    let mut flash = P::flash().fill(image);
    let mut queue = Queue::new(P::log(), WhenFull::DropOldest);
    queue.open(&mut flash, 8).unwrap();
    assert_eq!(flash.bytes(), image, "opening writes");
    let mut lines = Vec::new();
    let (mut cursor, mut buffer) = (Cursor::default(), [0; 64]);
    while let Some(record) = queue.peek(&mut flash, &mut cursor, &mut buffer).unwrap() {
        let sundew_queue::Position { boot, sequence } = record.position;
        let (priority, stamp, effort) = (record.priority, record.stamp, record.effort);
        let payload = record.payload;
        lines.push(format!("{priority:?} {boot}:{sequence} {stamp:?} {effort:?} {payload:02x?}\n"));
    }
    flash.power_on();
    for _ in 0..100 {
        record(&mut queue, &mut flash, 1);
    }
    let mut waiting = queue.count(&mut flash).unwrap();
    assert!(waiting >= 3);
    while waiting > 0 {
        // All of the lowest line.
        ack(&mut queue, &mut flash, waiting as usize).unwrap();
        waiting = queue.count(&mut flash).unwrap();
    }
    assert!(queue.is_empty());
    lines.concat()
}

fn path<P: Part>(scene: &str, ending: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    folder.join(format!("v1-{}-{scene}.{ending}", P::NAME))
}

/// Stores what is not there yet, where that is asked for.
fn add<P: Part>() {
    if std::env::var_os("SUNDEW_ADD_GOLDEN").is_none() {
        return;
    }
    for (name, scene) in scenes::<P>() {
        let image = written::<P>(scene);
        if !path::<P>(name, "bin").exists() {
            std::fs::write(path::<P>(name, "bin"), &image).unwrap();
            std::fs::write(path::<P>(name, "txt"), opened::<P>(&image)).unwrap();
        }
    }
}

fn check<P: Part>() {
    add::<P>();
    for (name, scene) in scenes::<P>() {
        let stored = std::fs::read(path::<P>(name, "bin")).unwrap();
        let records = std::fs::read_to_string(path::<P>(name, "txt")).unwrap();
        assert_eq!(opened::<P>(&stored), records, "{} {name} reads differently", P::NAME);
        assert!(written::<P>(scene) == stored, "{} {name} is written differently", P::NAME);
    }
}

#[test]
fn words_of_four_bytes() {
    check::<Word4>();
}

#[test]
fn words_of_eight_bytes_that_are_programmed_once() {
    check::<Word8>();
}

#[test]
fn bytes_that_erase_to_zero() {
    check::<Zeros>();
}

#[test]
fn words_of_sixteen_bytes_read_by_four() {
    check::<Word16>();
}
