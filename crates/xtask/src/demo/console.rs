//! The lines that a node prints on its console.

use sundew_units::Dec;

use super::row::{Key, Row, Time};

/// Holds one line of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// `boot 3`: the node started for the third time.
    Boot(u16),
    /// `recorded boot=3 seq=7 time=1700000000 air=21.53 Cel ...`: durable from here on.
    Recorded(Vec<Row>),
    /// `link up`.
    LinkUp,
    /// `link down peer ...`: who must act, and what happened.
    LinkDown(String),
    /// `delivered boot=3 seq=7`: acknowledged and released.
    Delivered { boot: u16, sequence: u32 },
    /// `command id=9 interval=2 s ok`.
    Command { id: u32, outcome: String },
    /// `fault sensor bus ...`.
    Fault(String),
    /// `queue 12`: the records that wait.
    Queue(u32),
    /// A known word with something behind it that is not as it should be.
    Malformed(String),
    /// Anything else; shown, never counted.
    Other(String),
}

impl Line {
    /// Reads one line, without its line end.
    pub(crate) fn parse(text: &str) -> Self {
        let text = text.trim();
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let parsed = match word {
            "boot" => rest.parse().ok().map(Self::Boot),
            "recorded" => recorded(rest).map(Self::Recorded),
            "link" if rest == "up" => Some(Self::LinkUp),
            "link" => rest.strip_prefix("down").map(|why| Self::LinkDown(why.trim().to_owned())),
            "delivered" => delivered(rest),
            "command" => command(rest),
            "fault" => Some(Self::Fault(rest.to_owned())),
            "queue" => rest.parse().ok().map(Self::Queue),
            _ => return Self::Other(text.to_owned()),
        };
        parsed.unwrap_or_else(|| Self::Malformed(text.to_owned()))
    }
}

/// Takes `name=value` for a known name.
fn named<T: std::str::FromStr>(word: Option<&str>, name: &str) -> Option<T> {
    let (found, value) = word?.split_once('=')?;
    if found == name { value.parse().ok() } else { None }
}

fn recorded(rest: &str) -> Option<Vec<Row>> {
    let mut words = rest.split_whitespace().peekable();
    let boot = named(words.next(), "boot")?;
    let sequence = named(words.next(), "seq")?;
    let time: Time = named(words.next(), "time")?;
    let mut rows = Vec::new();
    while let Some(word) = words.next() {
        let (channel, value) = word.split_once('=')?;
        let value: Dec = value.parse().ok()?;
        let unit = words.next_if(|word| !word.contains(['=', '('])).unwrap_or_default().to_owned();
        let key = Key { boot, sequence, channel: channel.to_owned() };
        // A value that is not good says so: `air=-45.00 Cel (UnderRange)`.
        let _quality = words.next_if(|word| word.starts_with('('));
        rows.push(Row { key, value, unit, time });
    }
    Some(rows)
}

fn delivered(rest: &str) -> Option<Line> {
    let mut words = rest.split_whitespace();
    let boot = named(words.next(), "boot")?;
    let sequence = named(words.next(), "seq")?;
    Some(Line::Delivered { boot, sequence })
}

fn command(rest: &str) -> Option<Line> {
    let mut words = rest.split_whitespace();
    let id = named(words.next(), "id")?;
    let outcome = words.next_back()?.to_owned();
    Some(Line::Command { id, outcome })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_becomes_a_row_per_channel() {
        let line = "recorded boot=3 seq=7 time=+12 air=-7.25 Cel (OverRange) state=1 rh=45.1 %RH";
        let Line::Recorded(rows) = Line::parse(line) else { panic!() };
        let texts: Vec<_> = rows.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["3,7,air,-7.25,Cel,+12", "3,7,state,1,,+12", "3,7,rh,45.1,%RH,+12"]);
    }

    #[test]
    fn each_word_has_its_line() {
        assert_eq!(Line::parse("boot 3\r"), Line::Boot(3));
        assert_eq!(Line::parse("link up"), Line::LinkUp);
        assert_eq!(Line::parse("link down bus closed"), Line::LinkDown("bus closed".to_owned()));
        assert_eq!(Line::parse("queue 12"), Line::Queue(12));
        assert_eq!(Line::parse("delivered boot=3 seq=7"), Line::Delivered { boot: 3, sequence: 7 });
        let outcome = "ok".to_owned();
        assert_eq!(Line::parse("command id=9 interval=2 s ok"), Line::Command { id: 9, outcome });
        assert_eq!(Line::parse("hello"), Line::Other("hello".to_owned()));
    }

    #[test]
    fn a_torn_line_is_not_taken_for_a_whole_one() {
        for torn in [
            "boot",
            "boot x",
            "recorded boot=3 seq=",
            "recorded boot=3 seq=1 time=2 air=",
            "delivered boot=3",
            "queue",
            "command id=",
            "link",
        ] {
            assert_eq!(Line::parse(torn), Line::Malformed(torn.to_owned()));
        }
    }
}
