//! The node killed at random moments over one flash image: nothing that it reported as recorded
//! may be missing at the end.

use std::time::{Duration, Instant};

use super::{Found, Proof, Request};
use crate::demo::{BrokerKind, Choices, Detail, Profile, Show, Stage};
use crate::failure::{Context, Failure};

/// The node as a process.
pub(super) const HOST: Proof = Proof {
    name: "crash-host",
    what: "the node killed at random moments: all that was recorded arrives",
    options: OPTIONS,
    mutants: MUTANTS,
    run: |request| run("host", request),
};

/// The node as firmware.
pub(super) const AN385: Proof = Proof {
    name: "crash-an385",
    what: "the same with real firmware, by killing QEMU",
    options: OPTIONS,
    mutants: MUTANTS,
    run: |request| run("mps2-an385", request),
};

const OPTIONS: &[(&str, &str)] = &[("--broker", "any, mosquitto or rumqttd")];

/// The comparison must notice a row that is missing, and the promise of the queue that its writes
/// are durable must be what the proof hangs on.
const FORGET_RECORD: &str = "forget-record";
const STALE_FLASH: &str = "stale-flash";
const MUTANTS: &[(&str, &str)] = &[
    (FORGET_RECORD, "one row that arrived is forgotten"),
    (STALE_FLASH, "writes of some cases never become durable"),
];

/// As many kills as show every kind of moment some ten times.
const CASES: u64 = 50;

/// The longest time from a start to its kill. A node has its first record and its link after 0.1 s
/// on the host and 0.3 to 0.6 s in QEMU, by the load; records come every 0.1 s.
const LONGEST_MILLIS: u64 = 2_500;
/// The same for every third case, so that boot count, seed and handshake get their share of kills.
const EARLY_MILLIS: u64 = 700;

/// Kills the node again and again, then delivers what is left and compares.
fn run(board: &str, request: &Request<'_>) -> Result<Found, Failure> {
    let broker = request.value("--broker").map_or(Ok(BrokerKind::Any), str::parse)?;
    let show = Show::new(Detail::Steps);
    let mut stage = Stage::set("prove", board, Profile::Senml, broker, show)?;
    stage.boot_node()?;
    stage.wait("a link", Duration::from_secs(30), |seen| seen.links > 0)?;
    stage.set_interval(1)?;
    stage.kill_node();

    let result = kill_again_and_again(&mut stage, request);
    let result = result.and_then(|told| stage.finish().map(|()| told));
    let told = match result {
        Ok(told) => told,
        // A loss shows as a queue that never gets there: it is a finding, not a failed run.
        Err(failure) if stage.ledger.look(|seen| seen.tally.lost().next().is_some()) => {
            stage.kill_node();
            show.wrong(&failure);
            Told { cases: cases(request), ..Told::default() }
        }
        Err(failure) => return Err(Failure::new(format!("{failure}\n{}", stage.last_words()))),
    };
    if request.mutant == Some(FORGET_RECORD) {
        let forgotten = stage.ledger.note(|seen| seen.tally.forget_one());
        show.say(format!("forgotten on purpose: {}", forgotten.context(|| "nothing to forget")?));
    }
    let violations = stage.ledger.look(|seen| {
        let lost = seen.tally.lost().map(|row| format!("lost: {row}"));
        let faults = seen.tally.faults().iter().chain(&seen.unreadable).cloned();
        lost.chain(faults).collect::<Vec<_>>()
    });
    if violations.is_empty() {
        told.check()?;
    }
    let counts = stage.ledger.look(|seen| {
        let tally = &seen.tally;
        let (recorded, duplicated) = (tally.recorded(), tally.duplicated());
        format!("{recorded} values recorded, {duplicated} repeated, {} untold", tally.untold())
    });
    show.say(format!(
        "{} boots with records, {} kills with values waiting",
        told.recording, told.waiting
    ));
    show.say(format!("{counts}; kept in {}", stage.folder.display()));
    Ok(Found { cases: told.cases, known: 0, violations })
}

/// Counts the cases that say something.
#[derive(Default)]
struct Told {
    cases: u64,
    /// Cases in which the node recorded something.
    recording: u64,
    /// Cases at whose kill something recorded had not arrived.
    waiting: u64,
}

impl Told {
    /// Fails where the moments were such that nothing could have gone wrong.
    fn check(&self) -> Result<(), Failure> {
        // Of 50 cases some 20 are of each kind; a tenth keeps chance from failing a short run.
        let enough = self.cases / 10;
        if self.recording < enough || self.waiting < enough {
            let Self { cases, recording, waiting } = self;
            return Err(Failure::new(format!(
                "{cases} cases prove little: {recording} recorded something, {waiting} were killed \
                 with something undelivered"
            )));
        }
        Ok(())
    }
}

fn cases(request: &Request<'_>) -> u64 {
    request.cases.unwrap_or(CASES)
}

fn kill_again_and_again(stage: &mut Stage, request: &Request<'_>) -> Result<Told, Failure> {
    let show = stage.ledger.show();
    let mut choices = Choices::from_seed(request.seed);
    let cases = cases(request);
    let started = Instant::now();
    let mut told = Told::default();
    while told.cases < cases && request.limit.is_none_or(|limit| started.elapsed() < limit) {
        let stale = match request.mutant {
            Some(STALE_FLASH) if choices.below(4) == 0 => {
                Some(std::fs::read(stage.flash()).context(|| "cannot read the flash image")?)
            }
            _ => None,
        };
        let before = stage.ledger.look(|seen| seen.records);
        // The line: whole, cut, or silent after some bytes, which may be in the middle of the
        // handshake (some 2,000 bytes) or of a record.
        let line = match choices.below(6) {
            0 | 1 => {
                stage.relay.cut();
                "cut".to_owned()
            }
            2 | 3 => {
                let bytes = u32::try_from(choices.below(5_000)).unwrap_or(0);
                stage.relay.stall_after(bytes);
                format!("stalled after {bytes} bytes")
            }
            _ => "whole".to_owned(),
        };
        // Where the sensor can be set each life has its own value: one of an older life, delivered
        // under a newer number, would show. Multiples of 0.5 Cel are exact.
        let halves = i32::try_from(choices.below(160)).unwrap_or(0) - 40;
        let _ = stage.set_temperature(500 * halves);
        stage.start_node()?;
        let longest = if choices.below(3) == 0 { EARLY_MILLIS } else { LONGEST_MILLIS };
        let life = choices.below(longest);
        stage.ledger.stop().sleep(Duration::from_millis(life))?;
        stage.kill_node();
        stage.relay.cut();
        stage.relay.mend();
        if let Some(image) = stale {
            std::fs::write(stage.flash(), image).context(|| "cannot write the flash image")?;
        }
        let (recorded, waiting) =
            stage.ledger.look(|seen| (seen.records - before, seen.tally.lost().count()));
        told.cases += 1;
        told.recording += u64::from(recorded > 0);
        told.waiting += u64::from(waiting > 0);
        show.say(format!(
            "case {:>3} of {}: killed after {life:>4} ms, {recorded:>2} records, \
             {waiting:>3} values waiting, line {line}",
            told.cases, cases
        ));
    }
    Ok(told)
}
