//! Cuts the power at every step of a run of boots: no boot number and no stream comes twice.

use rand_core::Rng;
use sundew_core::Region;
use sundew_identity::{DeviceRecord, Drbg, Error, FrameNumbers, next_boot};
use sundew_store::{Setting, Settings};
use sundew_testkit::{FlashError, Rewrite, SimFlash, Torn};

type Flash = SimFlash<768, 256, 4>;

const SETTINGS: Settings = Settings::new(Region::new(0, 768));
const SEED: [u8; 32] = *b"a seed that was made in the test";
const TORN: [Torn; 6] = [
    Torn::Before,
    Torn::FirstHalf,
    Torn::Bits(0x5A),
    Torn::Unreadable,
    Torn::Metastable,
    Torn::Whole,
];

/// What left the device: numbers of boots and the begin of their streams.
#[derive(Default)]
struct Seen {
    boots: Vec<u16>,
    streams: Vec<[u8; 32]>,
}

fn boots(flash: &mut Flash, seen: &mut Seen, count: u16) -> Result<(), Error<FlashError>> {
    for _ in 0..count {
        let boot = next_boot(flash, &SETTINGS)?;
        seen.boots.push(boot);
        let record = DeviceRecord::new("").with_seed(&SEED);
        let mut generator = Drbg::open(flash, &SETTINGS, &record)?;
        let mut stream = [0; 32];
        generator.fill_bytes(&mut stream);
        seen.streams.push(stream);
    }
    Ok(())
}

impl Seen {
    fn check(&self, at: &str) {
        let ordered = self.boots.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        assert!(ordered, "{at}: {:?}", self.boots);
        for (index, stream) in self.streams.iter().enumerate() {
            let repeats = self.streams.iter().skip(index + 1).any(|other| other == stream);
            assert!(!repeats, "{at}: the stream of boot {index} was handed out twice");
        }
    }
}

#[test]
fn every_cut_leaves_boots_and_streams_unique() {
    let fresh = Flash::new().with_rewrite(Rewrite::Refused);
    let before = fresh.counters().steps();
    let mut flash = fresh.clone();
    boots(&mut flash, &mut Seen::default(), 8).unwrap();
    assert!(flash.counters().erases >= 2, "the settings must wrap");
    let steps = flash.counters().steps() - before;

    for torn in TORN {
        for step in 0..steps {
            let at = format!("{torn:?} at step {step}");
            let mut flash = fresh.clone();
            let mut seen = Seen::default();
            flash.cut_after(step, torn);
            let cut = boots(&mut flash, &mut seen, 8);
            let lost = sundew_store::Error::Flash(FlashError::PowerLost);
            assert_eq!(cut, Err(Error::Storage(lost)), "{at}");
            // And cut again soon after.
            for again in [3, 17, 40] {
                flash.power_on();
                flash.cut_after(again, torn);
                let _ = boots(&mut flash, &mut seen, 2);
            }
            flash.power_on();
            boots(&mut flash, &mut seen, 4).unwrap();
            seen.check(&at);
        }
    }
}

#[test]
fn every_cut_leaves_frame_numbers_unique() {
    fn take(flash: &mut Flash, taken: &mut Vec<u32>, starts: u8) -> Result<(), Error<FlashError>> {
        for _ in 0..starts {
            let mut numbers = FrameNumbers::reserve(flash, &SETTINGS, 3)?;
            taken.extend(std::iter::from_fn(|| numbers.take()));
        }
        Ok(())
    }
    let mut flash = Flash::new().with_rewrite(Rewrite::Refused);
    let fresh = flash.clone();
    take(&mut flash, &mut Vec::new(), 30).unwrap();
    assert!(flash.counters().erases >= 3, "the settings must wrap");
    for torn in TORN {
        for step in 0..flash.counters().steps() {
            let mut flash = fresh.clone();
            let mut taken = Vec::new();
            flash.cut_after(step, torn);
            assert!(take(&mut flash, &mut taken, 30).is_err());
            for again in [3, 17, 40] {
                flash.power_on();
                flash.cut_after(again, torn);
                let _ = take(&mut flash, &mut taken, 2);
            }
            flash.power_on();
            take(&mut flash, &mut taken, 4).unwrap();
            let rising = taken.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
            assert!(rising, "{torn:?} at step {step}: {taken:?}");
        }
    }
}

#[test]
fn a_count_that_comes_back_gives_another_stream() {
    let mut flash = Flash::new();
    let mut seen = Seen::default();
    boots(&mut flash, &mut seen, 1).unwrap();
    // As if what was stored since had rotted.
    SETTINGS.write(&mut flash, Setting::RANDOM_COUNTER, &0).unwrap();
    boots(&mut flash, &mut seen, 1).unwrap();
    seen.check("the same count twice");
}

#[test]
fn where_the_count_cannot_be_stored_there_is_no_generator() {
    let mut flash = Flash::new();
    flash.fail(sundew_testkit::Operation::Write, 0, u32::MAX);
    let record = DeviceRecord::new("").with_seed(&SEED);
    let refused = Drbg::open(&mut flash, &SETTINGS, &record);
    let injected = sundew_store::Error::Flash(FlashError::Injected);
    assert_eq!(refused.err(), Some(Error::Storage(injected)));
}
