//! The acts over the air; each ends in something that was really seen, or fails.

use std::time::Duration;

use sundew_units::Dec;

use super::Field;
use crate::demo::row::Time;
use crate::failure::Failure;

/// Holds 9,000 s of the node's time: as many as 50 frames take.
const PATIENCE: Duration = Duration::from_mins(1);
/// How many records must pile up while there is no gateway.
const BACKLOG: u32 = 3;
/// The new interval, in tenths of a second.
const TENTHS: i32 = 4_500;

pub(super) fn play(field: &mut Field) -> Result<(), Failure> {
    readings(field)?;
    cut(field)?;
    command(field)?;
    field.runner.ledger.show().heading("Close: everything that was recorded arrives");
    field.runner.finish()
}

fn readings(field: &mut Field) -> Result<(), Failure> {
    let show = field.runner.ledger.show();
    show.heading("Readings with units, in tiny frames at DR0");
    let boot = field.runner.boot_node()?;
    field.runner.wait("the device joining", PATIENCE, |seen| seen.links > 0)?;
    field.runner.wait("three records at the network server", PATIENCE, |seen| {
        let arrived = seen.tally.arrived().filter(|row| row.key.channel == "air").count();
        arrived >= 3 && seen.tally.arrived().all(|row| !row.unit.is_empty())
    })?;
    show.seen(format!("boot {boot}: readings arrive, each with its unit"));
    Ok(())
}

fn cut(field: &mut Field) -> Result<(), Failure> {
    let show = field.runner.ledger.show();
    show.heading("The gateway is gone, the queue fills");
    field.runner.drain()?;
    field.air.cut();
    show.say("gateway off");
    let records = field.runner.ledger.look(|seen| seen.records);
    field.runner.wait("sampling without a gateway", PATIENCE, |seen| {
        seen.records >= records + BACKLOG && seen.queue >= BACKLOG
    })?;
    let waiting = field.runner.ledger.look(|seen| seen.tally.lost().count());
    show.seen(format!("no gateway, sampling goes on: {waiting} values wait in flash"));

    show.heading("The node is killed meanwhile, and restarted");
    field.runner.kill_node();
    show.say("SIGKILL");
    let links = field.runner.ledger.look(|seen| seen.links);
    let boot = field.runner.boot_node()?;
    show.seen(format!("boot {boot}: it has to join again"));

    show.heading("The gateway is back, the queue drains as fast as the duty cycle lets it");
    field.air.mend();
    show.say("gateway on");
    field.runner.wait("the device joining again", PATIENCE, |seen| seen.links > links)?;
    field.runner.drain()?;
    field.runner.wait("an empty queue", PATIENCE, |seen| seen.queue == 0)?;
    show.seen(format!("all {waiting} values that waited arrived, the queue is empty"));
    Ok(())
}

fn command(field: &mut Field) -> Result<(), Failure> {
    let show = field.runner.ledger.show();
    show.heading("A command goes down after an uplink and its result comes back");
    let (id, value) = (1, Dec::new(TENTHS, -1));
    let bytes = field.air.application().set(id, "interval", value)?;
    show.say(format!("command {id}: interval = {value} s, {bytes} bytes and a port"));
    if bytes >= 8 {
        return Err(Failure::new(format!("a command of {bytes} bytes and its port")));
    }
    field.runner.wait("the command on the node's console", PATIENCE, |seen| {
        seen.commands.contains(&(id, "ok".to_owned()))
    })?;
    let before = field.runner.ledger.look(|seen| seen.records);
    field.runner.wait("the command's result at the network server", PATIENCE, |seen| {
        seen.results.contains(&(id, 0))
    })?;
    show.seen("the node took the command and its result came back");
    field
        .runner
        .wait("two records at the new interval", PATIENCE, |seen| seen.records >= before + 2)?;
    let seconds = field.runner.ledger.look(|seen| {
        let boot = seen.boots.last().copied().unwrap_or_default();
        let mut times: Vec<_> = seen.tally.recorded_in(boot).map(|row| row.time).collect();
        times.dedup();
        match times.as_slice() {
            [.., Time::Unix(earlier), Time::Unix(later)] => later.saturating_sub(*earlier),
            _ => 0,
        }
    });
    // The node looks at its clock every 5 ms, which are 0.75 s of its time.
    let wanted = TENTHS.unsigned_abs() / 10;
    if seconds.abs_diff(wanted) > 30 {
        return Err(Failure::new(format!("{seconds} s between two records, not {wanted} s")));
    }
    show.seen(format!("{seconds} s between the last two records"));
    Ok(())
}
