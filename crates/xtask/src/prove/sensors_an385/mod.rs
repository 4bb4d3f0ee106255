//! The drivers on a real I2C bus, as far as an emulator is one: firmware on the AN385 measures parts
//! that QEMU models, over a master in software, while EEPROM and clock use the same two wires.
//!
//! For each case the parts are set over QMP, the firmware is asked for a measurement over its
//! console, and the answer is compared with what the part's datasheet makes of the value.

mod cases;
mod machine;

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::{Found, Proof, Request};
use crate::failure::{Context, Failure};
use crate::packages::{QEMU_ARM, ensure};
use crate::process::{root, run as run_command};
use crate::toolchain;
use cases::{Case, Expected};
use machine::Machine;

/// The entry of the table.
pub(super) const PROOF: Proof = Proof {
    name: "sensors-an385",
    what: "drivers on emulated I2C parts, set over QMP, with neighbours on the bus",
    options: &[],
    mutants: &[
        (OTHER_VALUE, "a part is now and then set to another value than is expected"),
        (SHIFTED, "now and then a reading has one more in its last place"),
        (NEIGHBOUR, "the EEPROM is expected to hold another byte"),
    ],
    run,
};

const OTHER_VALUE: &str = "other-value";
const SHIFTED: &str = "reading-shifted";
const NEIGHBOUR: &str = "eeprom-byte";
/// What a mutant breaks: every so many cases.
const NOW_AND_THEN: usize = 16;

const TARGET: &str = "thumbv7m-none-eabi";

fn run(request: &Request<'_>) -> Result<Found, Failure> {
    ensure(&[QEMU_ARM])?;
    let toolchain = toolchain::prepare_one(TARGET)?;
    let mut build = toolchain.cargo("build");
    build.args(["--release", "--quiet", "--bin", "sensors"]);
    run_command(build.current_dir(root().join("boards/mps2-an385")))?;
    let mut machine = Machine::start(&toolchain.release_dir().join("sensors"))?;

    let all = cases::all();
    let chosen = chosen(&all, request.cases);
    let started = Instant::now();
    let mut found = Found::default();
    let mut bytes = std::collections::BTreeMap::new();
    for (index, case) in chosen.into_iter().enumerate() {
        if request.limit.is_some_and(|limit| started.elapsed() > limit) {
            break;
        }
        let is_now = index % NOW_AND_THEN == NOW_AND_THEN / 2;
        let shift = i64::from(is_now && request.mutant == Some(OTHER_VALUE));
        let answer = match machine.measure(case, shift)? {
            Ok(answer) => answer,
            Err(refused) => {
                judge_refusal(case, &refused, &mut found);
                continue;
            }
        };
        let Some(mut answer) = Answer::parse(&answer) else {
            found.violations.push(format!("{}: the bus is disturbed: {answer}", case.ask));
            continue;
        };
        if is_now && request.mutant == Some(SHIFTED) {
            answer.values.iter_mut().for_each(|value| *value += 1);
        }
        found.cases += 1;
        found.known += u64::from(case.known.is_some());
        found.violations.extend(answer.judge(case));
        found.violations.extend(answer.judge_clock());
        bytes.insert(answer.address, answer.byte);
    }
    let image = machine.finish()?;
    for (address, byte) in bytes {
        let expected = byte ^ u8::from(request.mutant == Some(NEIGHBOUR));
        let kept = image.get(usize::from(address)).copied();
        if kept != Some(expected) {
            found.violations.push(format!("eeprom at {address}: {kept:?}, not {expected}"));
        }
    }
    let known = all.iter().filter_map(|case| Some((case.ask, case.known?)));
    for (ask, reason) in known.collect::<std::collections::BTreeSet<_>>() {
        println!("  known: {ask}: {reason}");
    }
    println!("  {:.1} s on the bus", started.elapsed().as_secs_f32());
    Ok(found)
}

/// Takes so many cases, evenly over the whole range; faults are few and all stay in.
fn chosen(all: &[Case], wanted: Option<u64>) -> Vec<&Case> {
    let wanted = wanted.and_then(|count| usize::try_from(count).ok()).unwrap_or(all.len()).max(1);
    let step = all.len().div_ceil(wanted).max(1);
    let is_taken = |index: usize, case: &Case| index.is_multiple_of(step) || case.is_fault();
    let taken = all.iter().enumerate().filter(|(index, case)| is_taken(*index, case));
    taken.map(|(_, case)| case).collect()
}

/// A value that QEMU does not take is a violation, but for the one that is known.
fn judge_refusal(case: &Case, refused: &Failure, found: &mut Found) {
    match (&case.expected, case.known) {
        (Expected::Refused, Some(_)) => {
            found.cases += 1;
            found.known += 1;
        }
        _ => found.violations.push(format!("{}: QEMU refuses: {refused}", case.ask)),
    }
}

/// What the firmware said.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    /// What stands for values and qualities where there are none.
    text: String,
    values: Vec<i64>,
    qualities: Vec<String>,
    address: u16,
    byte: u8,
    /// The clock's seconds, still in BCD.
    seconds: String,
}

impl Answer {
    /// Returns `None` where the neighbours did not do what they must.
    fn parse(line: &str) -> Option<Self> {
        let (text, neighbours) = line.rsplit_once(" eeprom=")?;
        let (eeprom, seconds) = neighbours.split_once(" rtc=")?;
        let (address, byte) = eeprom.split_once(',')?;
        let (mut values, mut qualities) = (Vec::new(), Vec::new());
        if let Some((list, rest)) = text.strip_prefix("ok [").and_then(|it| it.split_once(']')) {
            let numbers: Result<Vec<i64>, _> = list.split(", ").map(str::parse).collect();
            values = numbers.ok()?;
            qualities.extend(rest.split_whitespace().map(str::to_owned));
        }
        Some(Self {
            text: text.to_owned(),
            values,
            qualities,
            address: address.parse().ok()?,
            byte: byte.parse().ok()?,
            seconds: seconds.to_owned(),
        })
    }

    fn judge(&self, case: &Case) -> Option<String> {
        let is_right = match &case.expected {
            Expected::Refused => false,
            Expected::Text(text) => self.text == *text,
            Expected::Registers(bytes) => {
                self.values.iter().copied().eq(bytes.iter().copied().map(i64::from))
            }
            Expected::Values(values) => {
                let readings = self.values.iter().zip(&self.qualities);
                let is_near = |((value, quality), bound): ((&i64, &String), &cases::Bound)| {
                    bound.holds(*value) && quality == bound.quality
                };
                readings.len() == values.len() && readings.zip(values).all(is_near)
            }
        };
        (!is_right).then(|| {
            format!("{} with {:?}: {}, not {:?}", case.ask, case.sets, self.text, case.expected)
        })
    }

    /// The emulated clock follows the computer's.
    fn judge_clock(&self) -> Option<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).context(|| "clock").ok()?.as_secs();
        let shown = self.seconds.parse::<u64>().ok().filter(|seconds| *seconds < 60);
        let is_right = shown.is_some_and(|shown| (60 + now - shown) % 60 <= 3);
        (!is_right).then(|| format!("the clock shows {} s at {}", self.seconds, now % 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_whole_or_not_at_all() {
        let answer = Answer::parse("ok [-25, 7] Good OverRange eeprom=17,180 rtc=59").unwrap();
        assert_eq!((answer.values, answer.address, answer.byte), (vec![-25, 7], 17, 180));
        assert_eq!((answer.qualities.len(), answer.seconds.as_str()), (2, "59"));
        let error = Answer::parse("WrongPart(0) eeprom=1,2 rtc=00").unwrap();
        assert_eq!((error.text.as_str(), error.values), ("WrongPart(0)", vec![]));
        assert_eq!(Answer::parse("ok [1] Good neighbours (Err(LineHeld), Ok(()))"), None);
    }

    #[test]
    fn a_slice_spans_the_range_and_keeps_the_faults() {
        let all = cases::all();
        let faults = all.iter().filter(|case| case.is_fault()).count();
        let slice = chosen(&all, Some(100));
        assert_eq!(slice.iter().filter(|case| case.is_fault()).count(), faults);
        assert!((100..=100 + faults).contains(&slice.len()), "{}", slice.len());
        assert_eq!(chosen(&all, None).len(), all.len());
    }
}
