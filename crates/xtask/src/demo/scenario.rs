//! The acts of the demo; each ends in something that was really seen, or fails.

use std::time::Duration;

use sundew_units::Dec;

use super::random::Choices;
use super::row::Row;
use super::stage::Stage;
use crate::failure::Failure;

/// How often the effect of a new interval is measured before it counts as missing.
const TRIES: u32 = 5;
const PATIENCE: Duration = Duration::from_secs(20);

/// Plays all acts. The seed decides at which moments the node is killed.
pub(crate) fn play(stage: &mut Stage, seed: u64) -> Result<(), Failure> {
    let mut choices = Choices::from_seed(seed);
    readings(stage)?;
    sensor(stage)?;
    cut(stage)?;
    kill_offline(stage, &mut choices)?;
    kill_online(stage, &mut choices)?;
    command(stage)?;
    stage.ledger.show().heading("Close: everything that was recorded arrives");
    stage.finish()
}

fn readings(stage: &mut Stage) -> Result<(), Failure> {
    let show = stage.ledger.show();
    show.heading("Readings with units, over TLS 1.3");
    let boot = stage.boot_node()?;
    stage.wait("a link", PATIENCE, |seen| seen.links > 0)?;
    stage.wait("four records at the subscriber", PATIENCE, |seen| {
        let arrived = seen.tally.arrived().filter(|row| row.key.channel == "air").count();
        arrived >= 4 && seen.tally.arrived().all(|row| !row.unit.is_empty())
    })?;
    show.seen(format!("boot {boot}: readings arrive, each with its unit"));
    Ok(())
}

fn sensor(stage: &mut Stage) -> Result<(), Failure> {
    let show = stage.ledger.show();
    // Multiples of 0.5 Cel are exact in each resolution of the sensor.
    for millicelsius in [-7_000, 30_500, 21_500] {
        let Some(set) = stage.set_temperature(millicelsius) else { return Ok(()) };
        if millicelsius < 0 {
            show.heading("The values follow the sensor, below zero too");
        }
        set?;
        let wanted = Dec::new(millicelsius, -3);
        show.say(format!("the sensor is now at {wanted} Cel"));
        let follows = |row: &Row| row.key.channel == "air" && row.value.same_number(wanted);
        let what = format!("{wanted} Cel at the subscriber");
        stage.wait(&what, PATIENCE, |seen| seen.tally.arrived().any(follows))?;
        show.seen(what);
    }
    Ok(())
}

fn cut(stage: &mut Stage) -> Result<(), Failure> {
    let show = stage.ledger.show();
    show.heading("The link is cut, the queue fills");
    stage.drain()?;
    stage.relay.cut();
    show.say("link cut");
    stage.wait("the node noticing the cut", PATIENCE, |seen| !seen.link_is_up)?;
    let (records, links, delivered) =
        stage.ledger.look(|seen| (seen.records, seen.links, seen.tally.delivered()));
    stage.ledger.stop().sleep(Duration::from_secs(3))?;
    stage.wait("sampling without a link", PATIENCE, |seen| seen.records >= records + 5)?;
    // The node's own word on its queue comes a line after the record's.
    stage.wait("the queue filling", PATIENCE, |seen| seen.queue >= 5)?;
    let (waiting, arrived) =
        stage.ledger.look(|seen| (seen.tally.lost().count(), seen.tally.delivered() - delivered));
    if waiting == 0 || arrived > 0 {
        return Err(Failure::new(format!("the cut let {arrived} values through")));
    }
    show.seen(format!("no link, sampling goes on: {waiting} values wait in flash"));
    let (messages, bytes) = stage.ledger.look(|seen| seen.messages);

    show.heading("The link is back, the queue drains");
    stage.relay.mend();
    show.say("link mended");
    stage.wait("a new link", Duration::from_secs(40), |seen| seen.links > links)?;
    stage.drain()?;
    stage.wait("an empty queue", PATIENCE, |seen| seen.queue == 0)?;
    let (messages, bytes) =
        stage.ledger.look(|seen| (seen.messages.0 - messages, seen.messages.1 - bytes));
    show.seen(format!(
        "all {waiting} values that waited arrived, the queue is empty (messages: {messages}, \
         bytes: {bytes}, with what was read meanwhile)"
    ));
    Ok(())
}

fn kill_offline(stage: &mut Stage, choices: &mut Choices) -> Result<(), Failure> {
    let show = stage.ledger.show();
    show.heading("The node is killed while values wait, and restarted");
    stage.relay.cut();
    show.say("link cut");
    // Past the longest time between two records, so that at least one of them waits.
    stage.wait("the node noticing the cut", PATIENCE, |seen| !seen.link_is_up)?;
    let records = stage.ledger.look(|seen| seen.records);
    stage.wait("a record without a link", PATIENCE, |seen| seen.records > records)?;
    stage.ledger.stop().sleep(Duration::from_millis(choices.below(2_000)))?;
    stage.kill_node();
    let (waiting, before) =
        stage.ledger.look(|seen| (seen.tally.lost().count(), seen.boots.last().copied()));
    let before = before.unwrap_or_default();
    show.say(format!("SIGKILL in boot {before}, {waiting} values wait in flash"));
    if waiting == 0 {
        return Err(Failure::new("nothing waited when the node was killed"));
    }
    let links = stage.ledger.look(|seen| seen.links);
    let boot = stage.boot_node()?;
    if boot == before {
        return Err(Failure::new(format!("boot {boot} again after the restart")));
    }
    stage.relay.mend();
    show.say("link mended");
    stage.wait("a new link", Duration::from_secs(40), |seen| seen.links > links)?;
    stage.wait("what was recorded before the kill", PATIENCE, |seen| {
        seen.tally.lost().all(|row| row.key.boot != before)
    })?;
    let recorded = stage.ledger.look(|seen| seen.tally.recorded_in(before).count());
    show.seen(format!(
        "boot {boot} delivered all that boot {before} had recorded ({recorded} values)"
    ));
    Ok(())
}

fn kill_online(stage: &mut Stage, choices: &mut Choices) -> Result<(), Failure> {
    let show = stage.ledger.show();
    show.heading("The node is killed in the middle of its work, and restarted");
    stage.ledger.stop().sleep(Duration::from_millis(choices.below(1_500)))?;
    stage.kill_node();
    let before = stage.ledger.look(|seen| seen.boots.last().copied()).unwrap_or_default();
    show.say(format!("SIGKILL in boot {before}"));
    let links = stage.ledger.look(|seen| seen.links);
    let boot = stage.boot_node()?;
    stage.wait("a new link", PATIENCE, |seen| seen.links > links)?;
    stage.drain()?;
    show.seen(format!("boot {boot} goes on, nothing is missing"));
    Ok(())
}

fn command(stage: &mut Stage) -> Result<(), Failure> {
    let show = stage.ledger.show();
    show.heading("A command goes down and its result comes back");
    let two_seconds = Duration::from_secs(2);
    stage.set_interval(2)?;
    show.seen("the node took the command and its result came back");
    // 10 in 2 s; every half second, as before, they were 4. A machine that is busy with other work
    // makes the node miss turns, which it leaves out: it gets a few tries.
    let mut counts = Vec::new();
    for _ in 0..TRIES {
        let before = stage.ledger.look(|seen| seen.records);
        stage.ledger.stop().sleep(two_seconds)?;
        let records = stage.ledger.look(|seen| seen.records) - before;
        if (7..=13).contains(&records) {
            show.seen(format!("{records} records in 2 s"));
            return Ok(());
        }
        counts.push(records.to_string());
    }
    let counts = counts.join(", ");
    Err(Failure::new(format!("{counts} records in 2 s each, for an interval of 0.2 s")))
}
