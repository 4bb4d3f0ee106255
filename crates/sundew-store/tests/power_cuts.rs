//! Cuts the power all along a run of saves: each key holds its old value or its new one.

use sundew_core::Region;
use sundew_store::{Error, Key, Settings};
use sundew_testkit::{FlashError, SimFlash, Torn};

type Flash = SimFlash<1536, 384, 4>;

const SETTINGS: Settings = Settings::new(Region::new(0, 1536));
const LONG: Key = Key::application(64).unwrap();
const TORN: [Torn; 4] = [Torn::Before, Torn::FirstHalf, Torn::Bits(0x5A), Torn::Whole];

/// What each key was last known to hold, and what a save under way would change it to.
#[derive(Clone, Copy, Default)]
struct Model {
    count: u16,
    long: u8,
}

fn count(flash: &mut Flash) -> Result<u16, Error<FlashError>> {
    let mut value = [0; 2];
    let len = SETTINGS.load(flash, Key::BOOT_COUNTER, &mut value)?;
    assert!(matches!(len, None | Some(2)));
    Ok(u16::from_le_bytes(value))
}

fn long(flash: &mut Flash) -> Result<u8, Error<FlashError>> {
    let mut value = [0; 48];
    let len = SETTINGS.load(flash, LONG, &mut value)?;
    assert!(matches!(len, None | Some(48)));
    assert!(value.iter().all(|byte| *byte == value[0]), "mixture: {value:?}");
    Ok(value[0])
}

/// Saves a short key often and a long one now and then; the log wraps more than twice.
fn work(flash: &mut Flash, model: &mut Model, rounds: u16) -> Result<(), Error<FlashError>> {
    for _ in 0..rounds {
        let next = model.count + 1;
        SETTINGS.save(flash, Key::BOOT_COUNTER, &next.to_le_bytes())?;
        model.count = next;
        if next.is_multiple_of(5) {
            let next = model.long + 1;
            SETTINGS.save(flash, LONG, &[next; 48])?;
            model.long = next;
        }
    }
    Ok(())
}

#[test]
fn cuts_leave_the_old_value_or_the_new_one() {
    let mut flash = Flash::new();
    work(&mut flash, &mut Model::default(), 105).unwrap();
    let steps = flash.counters().steps();
    assert!(flash.counters().erases >= 8, "the log must wrap twice");

    for torn in TORN {
        for step in (0..steps).step_by(11) {
            let mut flash = Flash::new();
            flash.cut_after(step, torn);
            let mut model = Model::default();
            let cut = work(&mut flash, &mut model, 105);
            assert_eq!(cut, Err(Error::Flash(FlashError::PowerLost)), "{torn:?} {step}");
            flash.power_on();
            let found = count(&mut flash).unwrap();
            assert!(found == model.count || found == model.count + 1, "{torn:?} {step}");
            let found_long = long(&mut flash).unwrap();
            assert!(found_long == model.long || found_long == model.long + 1, "{torn:?} {step}");
            // The store still works, through another wrap.
            let mut model = Model { count: found, long: found_long };
            work(&mut flash, &mut model, 40).unwrap();
            assert_eq!(count(&mut flash), Ok(model.count), "{torn:?} {step}");
            assert_eq!(long(&mut flash), Ok(model.long), "{torn:?} {step}");
        }
    }
}

#[test]
fn a_second_cut_while_mending_loses_nothing() {
    let mut flash = Flash::new();
    work(&mut flash, &mut Model::default(), 60).unwrap();
    let steps = flash.counters().steps();
    for first in (0..steps).step_by(61) {
        for second in (0..24).step_by(2) {
            let mut flash = Flash::new();
            flash.cut_after(first, Torn::FirstHalf);
            let mut model = Model::default();
            work(&mut flash, &mut model, 60).unwrap_err();
            flash.power_on();
            let mut model = Model { count: count(&mut flash).unwrap(), ..model };
            model.long = long(&mut flash).unwrap();
            flash.cut_after(second, Torn::FirstHalf);
            let _ = work(&mut flash, &mut model, 20);
            flash.power_on();
            let found = count(&mut flash).unwrap();
            assert!(found == model.count || found == model.count + 1, "{first} {second}");
            let found = long(&mut flash).unwrap();
            assert!(found == model.long || found == model.long + 1, "{first} {second}");
        }
    }
}
