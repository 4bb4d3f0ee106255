//! Settings that were stored once: they are still written, and read for ever.
//!
//! See `golden/README.md`.

#![expect(clippy::unwrap_used, reason = "helpers fail as the tests do")]

use std::fmt::Write;
use std::path::PathBuf;

use sundew_core::Region;
use sundew_store::{Error, Key, Settings};
use sundew_testkit::{Erased, FlashError, Rewrite, SimFlash, Torn};

/// Is one kind of flash.
struct Part<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> {
    name: &'static str,
    erased: Erased,
    rewrite: Rewrite,
}

/// Is what happens to a blank flash.
#[derive(Clone, Copy, Debug)]
enum Scene {
    /// One value.
    First,
    /// Values of ten lengths, from none to the longest, each under its own key.
    Lengths,
    /// Three keys saved many times; one of them in the end without bytes.
    Replaced,
    /// Settings that were erased, and a value after it.
    Erased,
    /// A save cut in its value, with the new value half there.
    TornValue,
    /// A change of pages cut in its erase, among its copies, or before its last sign.
    TornErase,
    TornCopies,
    TornSign,
}

const SCENES: [(&str, Scene); 8] = [
    ("first", Scene::First),
    ("lengths", Scene::Lengths),
    ("replaced", Scene::Replaced),
    ("erased", Scene::Erased),
    ("torn-value", Scene::TornValue),
    ("torn-erase", Scene::TornErase),
    ("torn-copies", Scene::TornCopies),
    ("torn-sign", Scene::TornSign),
];

const LENGTHS: [usize; 10] = [0, 1, 2, 3, 7, 8, 9, 24, 25, Settings::LONGEST];

fn key(number: usize) -> Key {
    Key::application(64 + number as u8).unwrap()
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
    Part<SIZE, PAGE, WORD, READ>
{
    const fn settings(&self) -> Settings {
        let settings = Settings::new(Region::new(0, SIZE as u32));
        if matches!(self.erased, Erased::Zeros) { settings.erased_to_zero() } else { settings }
    }

    fn flash(&self) -> SimFlash<SIZE, PAGE, WORD, READ> {
        SimFlash::new().with_erased(self.erased).with_rewrite(self.rewrite)
    }

    /// Returns the image that a scene leaves behind.
    fn written(&self, scene: Scene) -> Vec<u8> {
        let mut flash = self.flash();
        let settings = self.settings();
        let save = |flash: &mut _, number, value: &[u8]| settings.save(flash, key(number), value);
        match scene {
            Scene::First => save(&mut flash, 0, b"first").unwrap(),
            Scene::Lengths => {
                for (number, len) in LENGTHS.into_iter().enumerate() {
                    save(&mut flash, number, &vec![0xA0 + number as u8; len]).unwrap();
                }
            }
            Scene::Replaced => {
                for round in 0..40 {
                    save(&mut flash, round % 3, &[round as u8; 12]).unwrap();
                }
                save(&mut flash, 1, &[]).unwrap();
            }
            Scene::Erased => {
                save(&mut flash, 0, b"gone").unwrap();
                settings.erase(&mut flash).unwrap();
                save(&mut flash, 1, b"behind it").unwrap();
            }
            Scene::TornValue => {
                save(&mut flash, 0, b"old").unwrap();
                save(&mut flash, 1, b"other").unwrap();
                let mut whole = flash.clone();
                save(&mut whole, 0, &[0x5A; 40]).unwrap();
                let steps = whole.counters().steps() - flash.counters().steps();
                flash.cut_after(steps - 1, Torn::FirstHalf);
                let cut = save(&mut flash, 0, &[0x5A; 40]);
                assert_eq!(cut, Err(Error::Flash(FlashError::PowerLost)));
            }
            Scene::TornErase | Scene::TornCopies | Scene::TornSign => {
                let change =
                    |flash: &mut _, round: usize| save(flash, round % 3, &[round as u8; 12]);
                // The second change of pages, of which `erase` is the step that erases.
                let (mut round, mut erased) = (0, 0);
                let steps = loop {
                    let mut next = flash.clone();
                    change(&mut next, round).unwrap();
                    erased += next.counters().pages - flash.counters().pages;
                    if erased == 3 {
                        break next.counters().steps() - flash.counters().steps();
                    }
                    (flash, round) = (next, round + 1);
                };
                let has_erased = |step: &u32| {
                    let mut flash = flash.clone();
                    let before = flash.counters().pages;
                    flash.cut_after(*step, Torn::Before);
                    change(&mut flash, round).is_err() && flash.counters().pages > before
                };
                let erase = (0..steps).find(has_erased).unwrap() - 1;
                let (step, torn) = match scene {
                    Scene::TornErase => (erase, Torn::LastHalf),
                    Scene::TornCopies => (erase.midpoint(steps), Torn::Bits(0x5A)),
                    _ => (steps - 1, Torn::FirstHalf),
                };
                flash.cut_after(step, torn);
                let cut = change(&mut flash, round);
                assert_eq!(cut, Err(Error::Flash(FlashError::PowerLost)));
            }
        }
        flash.image().to_vec()
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
    Part<SIZE, PAGE, WORD, READ>
{
    /// Returns a line for each key of an image, and checks that it can be written on.
    fn read(&self, image: &[u8]) -> String {
        let mut flash = self.flash().with_image(image.try_into().unwrap());
        let settings = self.settings();
        let mut lines = String::new();
        for number in 0..=u8::MAX - 64 {
            let mut bytes = [0; Settings::LONGEST];
            let len = settings.load(&mut flash, key(number.into()), &mut bytes).unwrap();
            let Some(len) = len else { continue };
            writeln!(lines, "{}: {:02x?}", 64 + number, bytes.get(..len).unwrap()).unwrap();
        }
        assert_eq!(flash.image(), image, "reading writes");
        for round in 0..50 {
            settings.save(&mut flash, key(0), &[round; 5]).unwrap();
        }
        let mut bytes = [0; 5];
        assert_eq!(settings.load(&mut flash, key(0), &mut bytes), Ok(Some(5)));
        assert_eq!(bytes, [49; 5]);
        lines
    }

    fn path(&self, scene: &str, ending: &str) -> PathBuf {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/settings");
        folder.join(format!("v1-{}-{scene}.{ending}", self.name))
    }

    fn check(&self) {
        for (name, scene) in SCENES {
            let image = self.written(scene);
            let adds = std::env::var_os("SUNDEW_ADD_GOLDEN").is_some();
            if adds && !self.path(name, "bin").exists() {
                std::fs::write(self.path(name, "bin"), &image).unwrap();
                std::fs::write(self.path(name, "txt"), self.read(&image)).unwrap();
            }
            let stored = std::fs::read(self.path(name, "bin")).unwrap();
            let values = std::fs::read_to_string(self.path(name, "txt")).unwrap();
            assert_eq!(self.read(&stored), values, "{} {name} reads differently", self.name);
            assert!(image == stored, "{} {name} is written differently", self.name);
        }
    }
}

#[test]
fn words_of_one_byte() {
    let (erased, rewrite) = (Erased::Ones, Rewrite::ClearsBits);
    Part::<1024, 512, 1, 1> { name: "word1", erased, rewrite }.check();
}

#[test]
fn words_of_four_bytes_that_erase_to_zero() {
    let (erased, rewrite) = (Erased::Zeros, Rewrite::ClearsBits);
    Part::<1536, 512, 4, 4> { name: "word4-zeros", erased, rewrite }.check();
}

#[test]
fn words_of_four_bytes() {
    let (erased, rewrite) = (Erased::Ones, Rewrite::ClearsBits);
    Part::<1536, 512, 4, 1> { name: "word4", erased, rewrite }.check();
}

#[test]
fn words_of_eight_bytes_that_are_programmed_once() {
    let (erased, rewrite) = (Erased::Ones, Rewrite::Refused);
    Part::<1024, 512, 8, 1> { name: "word8-once", erased, rewrite }.check();
}

#[test]
fn words_of_sixteen_bytes_read_by_four() {
    let (erased, rewrite) = (Erased::Ones, Rewrite::Refused);
    Part::<1536, 768, 16, 4> { name: "word16-read4", erased, rewrite }.check();
}

#[test]
fn words_of_32_bytes() {
    let (erased, rewrite) = (Erased::Ones, Rewrite::Refused);
    Part::<2048, 1024, 32, 32> { name: "word32", erased, rewrite }.check();
}
