//! SenML packs as rows, and commands as packs.

use sundew_codec::senml::{PackDecoder, PackEncoder, Record};
use sundew_units::Dec;

use super::row::{Key, Row};
use crate::failure::{Context, Failure};

/// Decodes a pack of readings.
pub(crate) fn rows(payload: &[u8]) -> Result<Vec<Row>, Failure> {
    PackDecoder::new(payload).map(|record| row(&record.context(|| "pack")?)).collect()
}

fn row(record: &Record<'_>) -> Result<Row, Failure> {
    let channel = record.name.own.to_string();
    let missing = |what: &str| format!("{channel}: no {what}");
    let origin = record.origin.context(|| missing("boot and sequence"))?;
    let value = record.value.and_then(sundew_codec::senml::Value::dec);
    let value = value.context(|| missing("decimal value"))?;
    let key = Key { boot: origin.boot, sequence: origin.sequence, channel };
    Ok(Row { key, value, unit: record.unit.to_string(), time: record.time.into() })
}

/// Decodes the result of a command: its id and the number of its error, 0 where it was done.
pub(crate) fn result(payload: &[u8]) -> Result<(u32, u16), Failure> {
    let record = PackDecoder::new(payload).next().context(|| "an empty pack")?;
    let record = record.context(|| "pack")?;
    let id = record.id.context(|| "a result without an id")?;
    Ok((id, record.result.context(|| "a result without a result")?))
}

/// Holds a command that sets a channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Command {
    /// Numbers the command; the node carries out each number once.
    pub(crate) id: u32,
    /// Names the channel.
    pub(crate) channel: &'static str,
    /// Holds the value, in `unit`.
    pub(crate) value: Dec,
    pub(crate) unit: &'static str,
    /// Holds the Unix seconds from which on the command is void.
    pub(crate) expires: u32,
}

impl Command {
    /// Encodes the command.
    pub(crate) fn payload(&self) -> Result<Vec<u8>, Failure> {
        let mut buffer = [0; 128];
        let mut pack = PackEncoder::new(&mut buffer, "");
        let record = Record::new(self.channel).with_value(self.value).with_unit(self.unit);
        pack.push(&record.with_id(self.id).expiring(self.expires)).context(|| "command")?;
        Ok(pack.finish().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use sundew_codec::{Origin, Time};

    use super::*;

    #[test]
    fn a_pack_becomes_rows() {
        let mut buffer = [0; 128];
        let mut pack = PackEncoder::new(&mut buffer, "weather-1:");
        let origin = Origin::new(3, 41);
        let air =
            Record::new("air").with_unit("Cel").with_value(Dec::new(-725, -2)).with_origin(origin);
        pack.push(&air.at(Time::Unix(1_700_000_000))).unwrap();
        pack.push(&air.at(Time::SinceBoot(7)).with_origin(Origin::new(4, 0))).unwrap();
        let rows = rows(pack.finish()).unwrap();
        let texts: Vec<_> = rows.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["3,41,air,-7.25,Cel,1700000000", "4,0,air,-7.25,Cel,+7"]);
    }

    #[test]
    fn what_names_no_record_of_the_queue_is_refused() {
        let mut buffer = [0; 128];
        let mut pack = PackEncoder::new(&mut buffer, "");
        pack.push(&Record::new("air").with_value(Dec::new(1, 0))).unwrap();
        assert!(rows(pack.finish()).unwrap_err().to_string().contains("no boot"));
        assert!(rows(b"\x00").is_err());
        assert!(result(b"\x80").is_err());
    }

    #[test]
    fn a_command_and_its_result() {
        let value = Dec::new(2, -1);
        let command =
            Command { id: 7, channel: "interval", value, unit: "s", expires: 1_700_000_000 };
        let payload = command.payload().unwrap();
        let record = PackDecoder::new(&payload).next().unwrap().unwrap();
        assert_eq!((record.id, record.expires), (Some(7), Some(1_700_000_000)));
        assert!(result(&payload).is_err(), "a command is no result");
        let mut buffer = [0; 64];
        let mut pack = PackEncoder::new(&mut buffer, "");
        pack.push(&Record::new("interval").with_id(7).with_result(0)).unwrap();
        assert_eq!(result(pack.finish()).unwrap(), (7, 0));
    }
}
