//! A fleet in front of a broker that was away: 10,000 devices with the real policy of
//! `sundew-queue`, simulated event by event.
//!
//! No herd may knock when the links die, nor when the broker is back; what waited must be through
//! in bounded time; nothing may be lost, and no more come twice than links died with a message on
//! its way. Two ways without jitter run beside it, for the plot and the table.

mod broker;
mod device;
mod plot;
mod world;

use std::time::Instant;

use sundew_queue::Effort;
use sundew_queue::policy::Retry;

use super::{Found, Proof, Request};
use crate::failure::{Context, Failure};
use crate::process;
use device::{Device, Scheme, effort};
use world::{Plan, Seen, World};

pub(super) const PROOF: Proof = Proof {
    name: "fleet",
    what: "10,000 devices and a broker that was away: no herd, nothing lost, bounded drain",
    options: &[
        ("--nodes", "how many devices; what the broker takes goes with them"),
        ("--plot", "`write` writes the plot, for the one seed that it is of"),
    ],
    mutants: &[
        ("no-jitter", "pauses double, but are the same for all"),
        ("no-stagger", "pauses begin at a second, whatever the size of the fleet"),
        ("same-seed", "all devices draw the same numbers"),
        ("release-early", "a record is let go of when it is sent"),
        ("forget-flight", "what was on its way on a link that died counts as taken"),
        ("go-back", "what was taken before a link died is sent again"),
        ("deaf", "a refusal is followed by the next attempt at once"),
        ("give-up", "every record is given up at the first refusal"),
    ],
    run,
};

/// What is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    SameSeed,
    ReleaseEarly,
    ForgetFlight,
    GoBack,
    Deaf,
    GiveUp,
}

const NODES: usize = 10_000;
/// The seed of the plot.
const SEED: u64 = 1;
const PLOT: &str = "crates/sundew-queue/docs/fleet.svg";

/// When the broker is away, in ms: an hour, and later a restart of five seconds.
const OUTAGES: [(u64, u64); 2] = [(600_000, 4_200_000), (6_600_000, 6_605_000)];
const END: u64 = 7_200_000;

const CAP_MS: u32 = 300_000;
/// Three times the devices by what the broker accepts in a second, as [`Retry::stagger_ms`] says.
const STAGGER_MS: u32 = 3 * ACCEPTS_ALL_IN * 1_000;
/// How many seconds the broker takes to accept the connections of all devices.
const ACCEPTS_ALL_IN: u32 = 50;
/// How many seconds the broker takes for one message of each device.
const KEEPS_ALL_IN: u32 = 5;
/// How often each device records, in seconds.
const EVERY: u32 = 60;
/// The longest pause; then what an hour left, at what the broker keeps beside what is new; and a
/// quarter on top. 709 s.
const DRAIN_MS: u64 =
    CAP_MS as u64 + 3_600_000 * KEEPS_ALL_IN as u64 / (EVERY - KEEPS_ALL_IN) as u64 * 5 / 4;

fn run(request: &Request<'_>) -> Result<Found, Failure> {
    let nodes = match request.value("--nodes") {
        Some(nodes) => nodes.parse().ok().context(|| "--nodes: no number")?,
        None => NODES,
    };
    let mut plan = Plan {
        nodes,
        scheme: Scheme::Policy,
        retry: Retry::new(1_000, CAP_MS).stagger_ms(STAGGER_MS),
        fault: None,
        seed: request.seed,
    };
    match request.mutant {
        Some("no-jitter") => plan.scheme = Scheme::Doubling,
        Some("no-stagger") => plan.retry = plan.retry.stagger_ms(0),
        Some("same-seed") => plan.fault = Some(Fault::SameSeed),
        Some("release-early") => plan.fault = Some(Fault::ReleaseEarly),
        Some("forget-flight") => plan.fault = Some(Fault::ForgetFlight),
        Some("go-back") => plan.fault = Some(Fault::GoBack),
        Some("deaf") => plan.fault = Some(Fault::Deaf),
        Some("give-up") => plan.fault = Some(Fault::GiveUp),
        _ => {}
    }
    let ours = simulate("sundew", &plan);
    let mut found = judge(&plan, &ours);
    if request.mutant.is_some() {
        return Ok(found);
    }
    plan.scheme = Scheme::Fixed;
    let fixed = simulate("fixed 1 s", &plan);
    plan.scheme = Scheme::Doubling;
    let doubling = simulate("no jitter", &plan);
    if (request.seed, nodes) == (SEED, NODES) {
        let drawn = plot::draw([&fixed, &doubling, &ours], accepts(nodes));
        let path = process::root().join(PLOT);
        if request.value("--plot") == Some("write") {
            std::fs::write(&path, &drawn).context(|| PLOT)?;
        }
        if std::fs::read_to_string(&path).ok().as_ref() != Some(&drawn) {
            found.violations.push(format!(
                "{PLOT} is not what was simulated: cargo prove fleet --seed {SEED} --plot write"
            ));
        }
    }
    Ok(found)
}

fn simulate(name: &str, plan: &Plan) -> Seen {
    let started = Instant::now();
    let seen = World::new(plan).run();
    let drained = seen.drained_ms.map_or("never".to_owned(), |ms| format!("{} s", ms / 1_000));
    println!(
        "fleet: {name:9}: connects per second at most {} as links died, {} once it was back, {} in \
         all; drained in {drained}; {} taken, {} twice, {} refused, {} dead letters, {:.1} s",
        peak(&seen, OUTAGES[0].0..OUTAGES[0].1),
        peak(&seen, OUTAGES[0].1..OUTAGES[1].0),
        seen.attempts.iter().map(|count| u64::from(*count)).sum::<u64>(),
        seen.received - seen.duplicates,
        seen.duplicates,
        seen.refused,
        seen.dead,
        started.elapsed().as_secs_f32()
    );
    seen
}

/// Returns how many connections the broker of so many devices accepts in a second.
fn accepts(nodes: usize) -> u32 {
    nodes as u32 / ACCEPTS_ALL_IN
}

/// Returns the most attempts in one second of a time in ms.
fn peak(seen: &Seen, time: std::ops::Range<u64>) -> u32 {
    let seconds = time.start as usize / 1_000..time.end as usize / 1_000;
    seen.attempts.get(seconds).unwrap_or_default().iter().copied().max().unwrap_or(0)
}

fn judge(plan: &Plan, seen: &Seen) -> Found {
    let mut violations = Vec::new();
    let mut check = |is_right: bool, say: String| {
        if !is_right {
            violations.push(say);
        }
    };
    let accepts = accepts(plan.nodes);
    // What is random spreads by its root; four of them are met once in 30,000 seconds.
    let most = accepts + 4 * accepts.isqrt();
    let at_once = peak(seen, 0..END);
    check(at_once <= most, format!("a herd: {at_once} connects in a second, {most} allowed"));
    let back = peak(seen, OUTAGES[0].1..OUTAGES[1].0);
    check(back <= accepts, format!("a herd when it was back: {back} connects in a second"));
    check(
        seen.drained_ms.is_some_and(|ms| ms <= DRAIN_MS),
        format!("drained in {:?} ms and not {DRAIN_MS}", seen.drained_ms),
    );
    check(
        seen.duplicates <= seen.cut_in_flight,
        format!("{} came twice, {} links were cut", seen.duplicates, seen.cut_in_flight),
    );
    check(
        seen.refused <= seen.received / 4,
        format!("{} refusals for {} records", seen.refused, seen.received),
    );
    let mut cases = 0;
    for (number, device) in seen.devices.iter().enumerate() {
        cases += device.records.len() as u64;
        for sequence in 0..device.records.len() as u32 {
            if is_lost(device, sequence) {
                check(false, format!("device {number} lost record {sequence}"));
            }
        }
    }
    let waiting: u32 = seen.devices.iter().map(Device::waiting).sum();
    check(
        waiting as usize <= plan.nodes,
        format!("{waiting} records wait at the end, ten minutes after the last outage"),
    );
    Found { cases, known: 0, violations }
}

/// Returns whether a record is gone and neither the broker nor the application has it, or was
/// given up against its effort.
fn is_lost(device: &Device, sequence: u32) -> bool {
    let Some(ends) = device.records.get(sequence as usize) else { return true };
    let is_gone = sequence < device.head;
    let may_die = effort(sequence) != Effort::UntilTaken || ends.rejected;
    is_gone && !ends.received && !(ends.dead && may_die)
}
