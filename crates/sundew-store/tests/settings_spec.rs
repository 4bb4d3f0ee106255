//! The bytes that `SPEC.md` explains are those that settings write, and read.

#![expect(clippy::unwrap_used, reason = "helpers fail as the tests do")]

mod spec;

use sundew_core::Region;
use sundew_store::{Key, Setting, Settings};
use sundew_testkit::SimFlash;

const SIZE: usize = 512;
type Flash = SimFlash<SIZE, 256, 8>;

const SETTINGS: Settings = Settings::new(Region::new(0, SIZE as u32));
const PLACE: Key = Key::application(64).unwrap();

fn told() -> [u8; SIZE] {
    spec::example("Settings")
}

#[test]
fn the_example_is_what_is_written() {
    let mut flash = Flash::new();
    SETTINGS.save(&mut flash, PLACE, b"greenhouse").unwrap();
    for count in 1..=5 {
        SETTINGS.write(&mut flash, Setting::BOOT_COUNTER, &count).unwrap();
    }
    spec::check(flash.image(), &told());
}

#[test]
fn the_example_opens() {
    let mut flash = Flash::from_image(&told());
    let mut place = [0; 10];
    assert_eq!(SETTINGS.load(&mut flash, PLACE, &mut place), Ok(Some(10)));
    assert_eq!(&place, b"greenhouse");
    assert_eq!(SETTINGS.read(&mut flash, Setting::BOOT_COUNTER), Ok(Some(5)));
    assert_eq!(SETTINGS.read(&mut flash, Setting::TIME_FLOOR), Ok(None));
}
