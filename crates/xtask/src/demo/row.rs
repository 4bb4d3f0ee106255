//! One value of one record, as both sides write it down.

use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use sundew_codec::descriptor::Reading;
use sundew_units::Dec;

use crate::failure::{Context, Failure};

/// Names a value for ever: the boot and the sequence number of its record, and its channel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) boot: u16,
    pub(crate) sequence: u32,
    pub(crate) channel: String,
}

/// Holds when a value was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    /// Holds seconds since 1970 (UTC).
    Unix(u32),
    /// Holds seconds since the boot, on a board that does not know the time.
    SinceBoot(u32),
    /// Stands for a record that tells no time.
    Unknown,
}

/// Holds one value with everything that a CSV file says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) key: Key,
    pub(crate) value: Dec,
    pub(crate) unit: String,
    pub(crate) time: Time,
}

impl Row {
    /// Takes over a value that was decoded by a descriptor.
    pub(crate) fn of(reading: &Reading<'_>) -> Result<Self, Failure> {
        let channel = reading.channel.name.to_string();
        let origin = reading.origin.context(|| format!("{channel}: no boot and sequence"))?;
        let key = Key { boot: origin.boot, sequence: origin.sequence, channel };
        let unit = reading.channel.unit.to_string();
        Ok(Self { key, value: reading.value, unit, time: reading.time.into() })
    }

    /// Returns whether both say the same: one number, one unit, and no two different times.
    ///
    /// A time since boot may have become a wall-clock time on its way; that is no difference.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        let times = match (self.time, other.time) {
            (Time::Unix(a), Time::Unix(b)) | (Time::SinceBoot(a), Time::SinceBoot(b)) => a == b,
            _ => true,
        };
        times
            && self.key == other.key
            && self.value.same_number(other.value)
            && self.unit == other.unit
    }
}

impl From<sundew_codec::Time> for Time {
    fn from(time: sundew_codec::Time) -> Self {
        match time {
            sundew_codec::Time::Unix(seconds) => Self::Unix(seconds),
            sundew_codec::Time::SinceBoot(seconds) => Self::SinceBoot(seconds),
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(seconds) => write!(formatter, "{seconds}"),
            Self::SinceBoot(seconds) => write!(formatter, "+{seconds}"),
            Self::Unknown => Ok(()),
        }
    }
}

impl std::str::FromStr for Time {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix('+') {
            _ if text.is_empty() => Ok(Self::Unknown),
            _ if text == "?" => Ok(Self::Unknown),
            Some(seconds) => seconds.parse().map(Self::SinceBoot),
            None => text.parse().map(Self::Unix),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key: Key { boot, sequence, channel }, value, unit, time } = self;
        write!(formatter, "{boot},{sequence},{channel},{value},{unit},{time}")
    }
}

impl std::str::FromStr for Row {
    type Err = Failure;

    fn from_str(line: &str) -> Result<Self, Failure> {
        let wrong = |what: &str| format!("`{line}`: {what}");
        let mut fields = line.split(',');
        let mut next = || fields.next().context(|| wrong("a field is missing"));
        let boot = next()?.parse().context(|| wrong("boot"))?;
        let sequence = next()?.parse().context(|| wrong("sequence"))?;
        let channel = next()?.to_owned();
        let value = next()?.parse().map_err(|error| Failure::new(wrong(&format!("{error:?}"))))?;
        let unit = next()?.to_owned();
        let time = next()?.parse().context(|| wrong("time"))?;
        Ok(Self { key: Key { boot, sequence, channel }, value, unit, time })
    }
}

/// Names the columns, in the order of [`Row`]'s text.
pub(crate) const HEADER: &str = "boot,sequence,channel,value,unit,time";

/// Writes rows to a CSV file as they come.
pub(crate) struct CsvFile {
    file: File,
    path: PathBuf,
}

impl CsvFile {
    /// Starts an empty file.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let mut file =
            File::create(path).context(|| format!("cannot create {}", path.display()))?;
        writeln!(file, "{HEADER}").context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { file, path: path.to_path_buf() })
    }

    /// Adds a row; it is in the file when this returns.
    pub(crate) fn add(&mut self, row: &Row) -> Result<(), Failure> {
        writeln!(self.file, "{row}").context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Reads the rows of a CSV file.
pub(crate) fn read_csv(path: &Path) -> Result<Vec<Row>, Failure> {
    let text =
        std::fs::read_to_string(path).context(|| format!("cannot read {}", path.display()))?;
    let mut lines = text.lines();
    if lines.next() != Some(HEADER) {
        return Err(Failure::new(format!("{}: the first line is not {HEADER}", path.display())));
    }
    lines.map(|line| line.parse().context(|| path.display().to_string())).collect()
}

#[cfg(test)]
pub(crate) fn sample(boot: u16, sequence: u32, channel: &str, value: &str) -> Row {
    let key = Key { boot, sequence, channel: channel.to_owned() };
    Row { key, value: value.parse().unwrap(), unit: "Cel".to_owned(), time: Time::Unix(9) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_survives_its_text() {
        for text in ["1,0,air,-7.25,Cel,1700000000", "65535,4294967295,rh,45,%RH,+12", "1,2,x,0,,"]
        {
            assert_eq!(text.parse::<Row>().unwrap().to_string(), text);
        }
        for text in ["", "1,2,air,warm,Cel,0", "70000,1,air,1,Cel,0", "1,2,air,1,Cel"] {
            assert!(text.parse::<Row>().is_err(), "{text}");
        }
    }

    #[test]
    fn rows_agree_on_number_unit_and_time() {
        let row = sample(1, 2, "air", "21.50");
        assert!(row.agrees_with(&sample(1, 2, "air", "21.5")));
        assert!(!row.agrees_with(&sample(1, 2, "air", "21.51")));
        assert!(!row.agrees_with(&Row { unit: "K".to_owned(), ..row.clone() }));
        assert!(!row.agrees_with(&Row { time: Time::Unix(10), ..row.clone() }));
        assert!(row.agrees_with(&Row { time: Time::SinceBoot(3), ..row.clone() }));
    }
}
