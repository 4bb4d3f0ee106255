//! Settings on words and pages that read in one way at one start and in another at the next.
//!
//! `cargo prove settings-closure` found the first three; each lost a value that was saved, or refused
//! to save one ever again. The last one takes a cut more than its windows have.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers fail as the tests do")]

use sundew_core::Region;
use sundew_store::{Key, Settings};
use sundew_testkit::{Reading, Rewrite, SimFlash, Torn};

const KEYS: [Key; 3] = [Key::BOOT_COUNTER, Key::RANDOM_COUNTER, Key::TIME_FLOOR];

/// Is a device with two pages of [`PAGE`] bytes.
#[derive(Clone)]
struct Device<const SIZE: usize, const WORD: usize> {
    flash: SimFlash<SIZE, { PAGE }, WORD>,
    settings: Settings,
}

const PAGE: usize = 224;

impl<const SIZE: usize, const WORD: usize> Device<SIZE, WORD> {
    fn new(rewrite: Rewrite) -> Self {
        let flash = SimFlash::new().with_rewrite(rewrite);
        Self { flash, settings: Settings::new(Region::new(0, SIZE as u32)) }
    }

    fn save(&mut self, key: usize, value: &[u8]) {
        self.settings.save(&mut self.flash, KEYS[key], value).unwrap();
    }

    /// Saves, loses power in a step, or behind all, and starts again.
    fn save_is_cut(&mut self, key: usize, value: &[u8], step: u32, reading: Reading) {
        self.flash.cut_after(step, Torn::Metastable);
        let _ = self.settings.save(&mut self.flash, KEYS[key], value);
        self.start(reading);
    }

    fn start(&mut self, reading: Reading) {
        self.flash.power_off();
        self.flash.power_on_reading(reading);
    }

    fn value(&mut self, key: usize) -> Option<Vec<u8>> {
        let mut bytes = [0; Settings::LONGEST];
        let len = self.settings.load(&mut self.flash, KEYS[key], &mut bytes).unwrap()?;
        Some(bytes[..len].to_vec())
    }
}

/// At one start the torn first word of a value may look like that of one as long as the page. A sign
/// must find room all the same: without it, the next page counted only by what stood in itself, and
/// that may waver.
#[test]
fn a_torn_value_looks_as_long_as_the_page() {
    const OF_VALUE: u32 = 1;
    for seed in 2..60 {
        for step in 0..16 {
            let mut device = Device::<448, 8>::new(Rewrite::Refused);
            for key in [0, 1, 2] {
                device.save(key, &[1; 2]);
            }
            device.save_is_cut(1, &[2; 2], OF_VALUE, Reading::Mixed(seed));
            device.save_is_cut(1, &[3; 2], step, Reading::New);
            device.save(0, &[4; 2]);
            device.start(Reading::Old);
            assert_eq!(device.value(0), Some(vec![4; 2]), "seed {seed}, step {step}");
        }
    }
}

/// The very first page may look whole though its erase was begun, and then it takes no word.
#[test]
fn the_first_page_looks_whole_and_takes_nothing() {
    const OF_FIRST_VALUE: u32 = 4;
    const OF_ERASE: u32 = 0;
    let mut device = Device::<448, 8>::new(Rewrite::Refused);
    device.save_is_cut(0, &[1], OF_FIRST_VALUE, Reading::Old);
    device.save_is_cut(0, &[2], OF_ERASE, Reading::Old);
    for reading in [Reading::Old, Reading::New, Reading::Old] {
        device.save(1, &[3]);
        device.start(reading);
        assert_eq!(device.value(1), Some(vec![3]));
    }
}

/// Where words are programmed twice without a complaint, two words behind each other may look
/// written at one start and blank at the next: what is written into the second one wavers with it.
#[test]
fn a_value_wavers_and_what_is_burned_behind_it() {
    for (of_value, of_burned) in (0..8).flat_map(|first| (0..4).map(move |second| (first, second)))
    {
        let mut device = Device::<448, 4>::new(Rewrite::ClearsBits);
        device.save(0, &[1]);
        device.save_is_cut(0, &[2], of_value, Reading::New);
        device.save_is_cut(0, &[3], of_burned, Reading::Old);
        device.save(1, &[4]);
        for reading in [Reading::New, Reading::Old] {
            device.start(reading);
            assert_eq!(device.value(1), Some(vec![4]), "{of_value}, {of_burned}");
        }
    }
}

/// A sign that names another page may show one day behind the one that was believed: who believes a
/// page by another's sign repeats that first.
#[test]
fn a_change_of_pages_is_cut_three_times() {
    let mut ready = Device::<448, 8>::new(Rewrite::Refused);
    for key in [0, 1, 2, 0] {
        ready.save(key, &[1; 2]);
    }
    // The last word of the value in the new page, the sign that gives it up, and its own sign.
    for (first, second, third) in [(13, 0, 1), (13, 1, 2), (14, 0, 1), (14, 1, 1), (14, 1, 3)] {
        for seeds in 0..64 {
            let (by, own) = (Reading::Mixed(2 + seeds % 8), Reading::Mixed(2 + seeds / 8));
            let mut device = ready.clone();
            device.save_is_cut(1, &[2; 2], first, Reading::Old);
            device.save_is_cut(1, &[3; 2], second, by);
            device.save_is_cut(1, &[4; 2], third, Reading::New);
            device.save(0, &[5; 2]);
            device.start(own);
            assert_eq!(device.value(0), Some(vec![5; 2]), "{first} {second} {third} {seeds}");
        }
    }
}
