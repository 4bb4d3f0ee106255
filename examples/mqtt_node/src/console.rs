//! What the node says on its console: one line a fact, readable by people and by programs.

use core::fmt::{Debug, Display, Formatter, Result, Write};

use sundew::core::Classify;
use sundew::node::Event;
use sundew::queue::Position;
use sundew::units::{Dec, Device, Quality, Sample, Timestamp};

/// Shows an event as one line.
#[derive(Debug)]
pub struct Line<'a, A, L, F>(
    /// Holds the table that names the channels.
    pub &'a Device,
    /// Holds what happened.
    pub &'a Event<A, L, F>,
);

impl<A: Classify, L: Classify, F: Debug> Display for Line<'_, A, L, F> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        let Self(device, event) = self;
        match event {
            Event::Recorded { position, time, sample } => {
                out.write_str("recorded ")?;
                write_position(out, *position)?;
                match time {
                    Timestamp::SinceBoot { seconds, .. } => write!(out, " time=+{seconds}")?,
                    Timestamp::Unix(unix) => write!(out, " time={unix}")?,
                    _ => out.write_str(" time=?")?,
                }
                write_values(out, device, sample)
            }
            Event::Delivered { up_to, .. } => {
                out.write_str("delivered ")?;
                write_position(out, *up_to)
            }
            Event::Command { id, channel, mantissa, outcome } => {
                write!(out, "command id={id} ")?;
                match channel.and_then(|channel| device.channel(channel)) {
                    Some(channel) => {
                        let value = Dec::new(*mantissa, channel.exponent());
                        write!(out, "{}={value} {}", channel.name(), channel.symbol())?;
                    }
                    None => out.write_str("?=? ?")?,
                }
                match outcome {
                    Ok(()) => out.write_str(" ok"),
                    Err(refusal) => write!(out, " {refusal:?}"),
                }
            }
            Event::LinkUp => out.write_str("link up"),
            Event::LinkLost(error) => write!(out, "link down {} {error:?}", error.kind().name()),
            Event::Rejected { up_to, .. } => {
                out.write_str("rejected ")?;
                write_position(out, *up_to)
            }
            Event::Unreadable { records, .. } => {
                write!(out, "fault queue corrupt records={records}")
            }
            Event::SensorFault { error, .. } => {
                write!(out, "fault sensor {} {error:?}", error.kind().name())
            }
            Event::StorageFault(error) => {
                write!(out, "fault queue {} {error:?}", error.kind().name())
            }
            Event::NoCommand(error) => write!(out, "fault command peer {error:?}"),
            Event::CommandTooLong { bytes } => write!(out, "fault command resource bytes={bytes}"),
            Event::LinkTooNarrow { payload } => write!(out, "fault link config payload={payload}"),
            _ => out.write_str("fault node bug unknown event"),
        }?;
        out.write_str("\n")
    }
}

fn write_position(out: &mut impl Write, position: Position) -> Result {
    write!(out, "boot={} seq={}", position.boot, position.sequence)
}

fn write_values(out: &mut impl Write, device: &Device, sample: &Sample) -> Result {
    for (id, mantissa, quality) in sample.values() {
        let Some(channel) = device.channel(id) else { continue };
        let value = Dec::new(mantissa, channel.exponent());
        write!(out, " {}={value} {}", channel.name(), channel.symbol())?;
        if quality != Quality::Good {
            write!(out, " ({quality:?})")?;
        }
    }
    Ok(())
}
