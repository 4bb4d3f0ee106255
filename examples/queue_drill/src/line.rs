//! What the device tells, a line each: written with `Display`, read with [`Line::parse`].

use core::fmt;
use core::str::{FromStr, SplitAsciiWhitespace};

use sundew_queue::{Position, Priority};

use crate::order::Tear;

/// Tells one thing of a device's life. What is going to be done is told before, what was done after.
///
/// ```
/// use queue_drill::{Line, Named};
/// use sundew_queue::Priority;
///
/// let line = Line::Ack(Named { priority: Priority::High, number: 12 });
/// assert_eq!(line.to_string(), "ack high 12");
/// assert_eq!(Line::parse("ack high 12"), Some(line));
/// assert_eq!(Line::parse("ack high"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a judge reads all of them")]
pub enum Line<'a> {
    /// Waits for an order.
    Ready,
    /// Shows one record that was found at the start.
    Held(Shown),
    /// Says that all were shown.
    Opened,
    /// Is going to record: a payload of `len` bytes.
    Record {
        /// Holds priority and number.
        record: Named,
        /// Holds the length of the payload in bytes.
        len: u8,
    },
    /// Has recorded.
    Recorded {
        /// Holds where.
        position: Position,
        /// Counts the records that were dropped for it.
        dropped: u32,
    },
    /// Was told by the queue that it is full.
    Refused,
    /// Starts to read from the oldest on.
    Reading,
    /// Shows one record that a reader came by.
    Seen(Shown),
    /// Says that a reader found no more.
    Drained,
    /// Is going to acknowledge a priority up to and with a record.
    Ack(Named),
    /// Has acknowledged.
    Acked,
    /// Could not note an acknowledgement: the queue passes these by until the next boot.
    AckPassedBy,
    /// Lost its power.
    Cut(Place),
    /// Has lived to the end of its order.
    Ended,
    /// Saw what must never happen.
    Fault(&'a str),
}

/// Names a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a judge reads all of it")]
pub struct Named {
    /// Holds the line that it waits in.
    pub priority: Priority,
    /// Holds its number.
    pub number: u32,
}

/// Shows a record that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a judge reads all of it")]
pub struct Shown {
    /// Holds priority and number.
    pub record: Named,
    /// Holds the length of the payload in bytes.
    pub len: u8,
    /// Holds the [`Sample::sum`](crate::Sample::sum) of what was read.
    pub sum: u32,
    /// Holds the name that the queue gave it.
    pub position: Position,
}

/// Says where the power went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a judge reads all of it")]
pub struct Place {
    /// Says whether it was while erasing; else while programming a word.
    pub erasing: bool,
    /// Holds the offset in the flash.
    pub offset: u32,
    /// Says what was left behind.
    pub tear: Tear,
    /// Counts the steps since the start.
    pub steps: u32,
}

const PRIORITIES: [(&str, Priority); 3] =
    [("low", Priority::Low), ("normal", Priority::Normal), ("high", Priority::High)];

const ERASE: &str = "erase";
const WRITE: &str = "write";

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => f.write_str("ready"),
            Self::Held(shown) => write!(f, "held {shown}"),
            Self::Opened => f.write_str("opened"),
            Self::Record { record, len } => write!(f, "record {record} {len}"),
            Self::Recorded { position, dropped } => {
                write!(f, "recorded {} {} {dropped}", position.boot, position.sequence)
            }
            Self::Refused => f.write_str("refused"),
            Self::Reading => f.write_str("reading"),
            Self::Seen(shown) => write!(f, "seen {shown}"),
            Self::Drained => f.write_str("drained"),
            Self::Ack(record) => write!(f, "ack {record}"),
            Self::Acked => f.write_str("acked"),
            Self::AckPassedBy => f.write_str("ack-passed-by"),
            Self::Cut(Place { erasing, offset, tear, steps }) => {
                let kind = if *erasing { ERASE } else { WRITE };
                write!(f, "cut {kind} {offset} {tear} {steps}")
            }
            Self::Ended => f.write_str("ended"),
            Self::Fault(what) => write!(f, "fault {what}"),
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = PRIORITIES.iter().find(|(_, priority)| *priority == self.priority);
        write!(f, "{} {}", name.map_or("", |(name, _)| name), self.number)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { record, len, sum, position } = self;
        write!(f, "{record} {len} {sum} {} {}", position.boot, position.sequence)
    }
}

impl<'a> Line<'a> {
    /// Reads a line; `None` where it is none of these, or was cut short.
    pub fn parse(line: &'a str) -> Option<Self> {
        if let Some(what) = line.strip_prefix("fault ") {
            return Some(Self::Fault(what));
        }
        let mut words = line.split_ascii_whitespace();
        let parsed = match words.next()? {
            "ready" => Self::Ready,
            "held" => Self::Held(shown(&mut words)?),
            "opened" => Self::Opened,
            "record" => Self::Record { record: named(&mut words)?, len: number(&mut words)? },
            "recorded" => {
                Self::Recorded { position: position(&mut words)?, dropped: number(&mut words)? }
            }
            "refused" => Self::Refused,
            "reading" => Self::Reading,
            "seen" => Self::Seen(shown(&mut words)?),
            "drained" => Self::Drained,
            "ack" => Self::Ack(named(&mut words)?),
            "acked" => Self::Acked,
            "ack-passed-by" => Self::AckPassedBy,
            "cut" => Self::Cut(Place {
                erasing: match words.next()? {
                    ERASE => true,
                    WRITE => false,
                    _ => return None,
                },
                offset: number(&mut words)?,
                tear: number(&mut words)?,
                steps: number(&mut words)?,
            }),
            "ended" => Self::Ended,
            _ => return None,
        };
        words.next().is_none().then_some(parsed)
    }
}

fn shown(words: &mut SplitAsciiWhitespace<'_>) -> Option<Shown> {
    Some(Shown {
        record: named(words)?,
        len: number(words)?,
        sum: number(words)?,
        position: position(words)?,
    })
}

fn named(words: &mut SplitAsciiWhitespace<'_>) -> Option<Named> {
    let word = words.next()?;
    let (_, priority) = PRIORITIES.iter().find(|(name, _)| *name == word)?;
    Some(Named { priority: *priority, number: number(words)? })
}

fn position(words: &mut SplitAsciiWhitespace<'_>) -> Option<Position> {
    Some(Position { boot: number(words)?, sequence: number(words)? })
}

fn number<N: FromStr>(words: &mut SplitAsciiWhitespace<'_>) -> Option<N> {
    words.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString as _;

    use super::*;

    #[test]
    fn every_line_reads_back_and_no_shorter_one_does() {
        let record = Named { priority: Priority::Normal, number: 70_123 };
        let position = Position { boot: 9, sequence: 12 };
        let shown = Shown { record, len: 200, sum: u32::MAX, position };
        let place = Place { erasing: true, offset: 4_096, tear: Tear::Noise, steps: 31 };
        let lines = [
            Line::Ready,
            Line::Held(shown),
            Line::Opened,
            Line::Record { record, len: 16 },
            Line::Recorded { position, dropped: 3 },
            Line::Refused,
            Line::Reading,
            Line::Seen(shown),
            Line::Drained,
            Line::Ack(record),
            Line::Acked,
            Line::AckPassedBy,
            Line::Cut(place),
            Line::Cut(Place { erasing: false, ..place }),
            Line::Ended,
            Line::Fault("two erases"),
        ];
        for line in lines {
            let text = line.to_string();
            assert_eq!(Line::parse(&text), Some(line), "{text}");
            let words = text.rsplit_once(' ').map_or("", |(front, _)| front);
            assert!(matches!(line, Line::Fault(_)) || Line::parse(words).is_none(), "{words}");
            let more = std::format!("{text} 1");
            assert!(matches!(line, Line::Fault(_)) || Line::parse(&more).is_none(), "{more}");
        }
    }
}
