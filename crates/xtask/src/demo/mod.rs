//! `cargo demo`: the whole chain, live: sense, normalise, queue, deliver over TLS.
//!
//! [`stage`] sets everything up, [`scenario`] plays the acts, [`ledger`] holds what was seen.

mod board;
mod broker;
mod certificates;
mod columns;
mod console;
mod guard;
mod ledger;
mod lorawan;
mod node;
mod pack;
mod profile;
mod provision;
mod random;
mod relay;
mod row;
mod runner;
mod scenario;
mod show;
mod stage;
mod stop;
mod subscriber;
mod tally;
mod witness;

pub(crate) use broker::Kind as BrokerKind;
pub(crate) use guard::Guard;
pub(crate) use profile::Profile;
pub(crate) use random::{Choices, seed};
pub(crate) use row::{Row, Time, read_csv};
pub(crate) use show::{Detail, Show};
pub(crate) use stage::Stage;

use crate::args::Args;
use crate::failure::Failure;
use runner::Runner;
use witness::Witness;

const HELP: &str = "\
Runs the main job, live: a node senses, queues in flash, and delivers over TLS 1.3 and MQTT to a
real broker. Its link is cut, it is killed and restarted, and it gets a command. Takes under a
minute once built; what was recorded and what arrived is kept as CSV below target/demo/.

  cargo demo [OPTIONS]

  --board NAME   host: the node as a process over simulated hardware (default)
                 mps2-an385: real Cortex-M3 firmware in QEMU
  --broker NAME  any: mosquitto, installed where that is possible, else rumqttd (default)
                 mosquitto, rumqttd: that one or nothing
  --profile NAME senml: each value with its name and unit (default)
                 compact: columns, read by the descriptor that the node announces
  --link NAME    mqtt: over TLS to the broker (default)
                 lorawan-eu868-dr0: a simulated radio with its duty cycle, confirmed uplinks and
                 class A downlinks; tiny frames, time 150 times as fast, board host
  --witness      lets mosquitto_sub and the PyPI package cbor2 decode everything as well, and
                 compares
  --seed N       kills the node at the moments of an earlier run; loses the same frames

The last line is for programs: demo: board=NAME recorded=N delivered=N lost=0 duplicated=N ok
The exit code is 0 only when nothing was lost and every step was really seen.";

/// Runs the command.
///
/// # Errors
/// Something was lost, a step was not seen, or something that the demo needs is not there.
pub(crate) fn run(mut args: Args) -> Result<(), Failure> {
    if args.wants_help() {
        println!("{HELP}");
        return Ok(());
    }
    let board = args.value("--board")?.unwrap_or_else(|| "host".to_owned());
    let (broker, profile) = (args.value("--broker")?, args.value("--profile")?);
    let wants_witness = args.flag("--witness");
    let seed = args.number("--seed")?.map_or_else(random::seed, Ok)?;
    let link = args.value("--link")?.unwrap_or_else(|| "mqtt".to_owned());
    args.finish()?;
    match link.as_str() {
        "mqtt" => {}
        "lorawan-eu868-dr0" => {
            if board != "host" || wants_witness || broker.is_some() || profile.is_some() {
                return Err(Failure::new(format!(
                    "--link {link}: board host, tiny frames, no broker and no witness"
                )));
            }
            return lorawan::run(seed);
        }
        _ => return Err(Failure::new(format!("--link {link}: not mqtt or lorawan-eu868-dr0"))),
    }
    let broker = broker.map_or(Ok(BrokerKind::Any), |name| name.parse())?;
    let profile = profile.map_or(Ok(Profile::Senml), |name| name.parse())?;

    let show = Show::new(Detail::All);
    show.heading(format!("Setting the stage (seed {seed})"));
    let mut stage = Stage::set("demo", &board, profile, broker, show)?;
    let mut witness = if wants_witness { Some(Witness::start(&stage)?) } else { None };
    let played = scenario::play(&mut stage, seed);
    stage.kill_node();
    let compared = match &mut witness {
        Some(witness) => Some(witness.compare(&stage.folder.join("delivered.csv"))),
        None => None,
    };
    report(&stage, played.err(), Vec::new(), compared)
}

/// Tells the outcome; its last line is for programs.
fn report(
    runner: &Runner,
    failed: Option<Failure>,
    mut wrong: Vec<String>,
    compared: Option<Result<usize, Failure>>,
) -> Result<(), Failure> {
    let show = runner.ledger.show();
    if let Some(failure) = failed {
        wrong.insert(0, failure.to_string());
        print!("{}", runner.last_words());
    }
    show.heading("Summary");
    match compared {
        Some(Ok(rows)) => {
            show.seen(format!("mosquitto_sub and cbor2 decoded the same {rows} rows"));
        }
        Some(Err(failure)) => wrong.push(format!("witness: {failure}")),
        None => {}
    }
    let line = runner.ledger.look(|seen| {
        let tally = &seen.tally;
        let (recorded, delivered) = (tally.recorded(), tally.delivered());
        let (lost, duplicated) = (recorded - delivered, tally.duplicated());
        wrong.extend(tally.lost().take(10).map(|row| format!("lost: {row}")));
        wrong.extend(tally.faults().iter().chain(&seen.unreadable).cloned());
        if recorded == 0 {
            wrong.push("nothing was recorded".to_owned());
        }
        show.say(format!("{} boots, {} links", seen.boots.len(), seen.links));
        show.say(format!("{recorded} values recorded, {delivered} of them delivered, {lost} lost"));
        if let (messages @ 1.., bytes) = seen.messages {
            show.say(format!("{messages} messages brought them, with {bytes} bytes of payload"));
        }
        if duplicated > 0 {
            show.say(format!("{duplicated} arrived again, as at-least-once allows"));
        }
        if tally.untold() > 0 {
            show.say(format!("{} arrived whose record a kill kept untold", tally.untold()));
        }
        for fault in &seen.faults {
            show.say(format!("the node reported a fault: {fault}"));
        }
        format!(
            "demo: board={} recorded={recorded} delivered={delivered} lost={lost} \
             duplicated={duplicated}",
            runner.board.name()
        )
    });
    for text in &wrong {
        show.wrong(text);
    }
    show.say(format!("kept in {}", runner.folder.display()));
    println!("{line} {}", if wrong.is_empty() { "ok" } else { "FAILED" });
    match wrong.first() {
        None => Ok(()),
        Some(first) => Err(Failure::new(first.clone())),
    }
}
