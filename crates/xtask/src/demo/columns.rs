//! Compact frames as rows, and commands as compact frames, by nothing but the descriptor: what tiny
//! frames need of that, too.

use sundew_codec::descriptor::Descriptor;
use sundew_codec::{Command as ById, Entry, Error, compact};
use sundew_units::Dec;

use super::pack::Command;
use super::row::Row;
use crate::failure::{Context, Failure};

/// Decodes a frame of readings; the rows of one record stand together.
pub(crate) fn rows(payload: &[u8], descriptor: &[u8]) -> Result<Vec<Row>, Failure> {
    let device = read(descriptor)?;
    let mut rows = described(compact::decode(payload).context(|| "frame")?, &device)?;
    rows.sort_by_key(|row| (row.key.boot, row.key.sequence));
    Ok(rows)
}

/// Gives values of a frame their names, units and exponents.
pub(crate) fn described(
    entries: impl Iterator<Item = Result<Entry, Error>>,
    device: &Descriptor<'_>,
) -> Result<Vec<Row>, Failure> {
    let rows = entries.map(|entry| {
        let entry = entry.context(|| "frame")?;
        let unknown = || format!("channel {} is not in the descriptor", entry.channel.0);
        Row::of(&device.reading(&entry).context(unknown)?)
    });
    rows.collect()
}

/// Decodes the result of a command: its id and the number of its error, 0 where it was done.
pub(crate) fn result(payload: &[u8]) -> Result<(u32, u16), Failure> {
    let answer = compact::decode_answer(payload).context(|| "answer")?;
    Ok((answer.id, answer.result))
}

/// Encodes a command.
pub(crate) fn command(command: &Command, descriptor: &[u8]) -> Result<Vec<u8>, Failure> {
    let Command { id, channel, value, expires, .. } = *command;
    let command = setting(&read(descriptor)?, id, channel, value)?.expiring(expires);
    let mut buffer = [0; 32];
    let len = compact::encode_command(&command, &mut buffer).context(|| "command")?;
    Ok(buffer.into_iter().take(len).collect())
}

/// Returns the command that sets a channel of a descriptor.
pub(crate) fn setting(
    device: &Descriptor<'_>,
    id: u32,
    channel: &str,
    value: Dec,
) -> Result<ById, Failure> {
    let described = device.channel_named(channel).context(|| format!("no channel {channel}"))?;
    let value = value.at_exponent(described.exponent);
    let value = value.context(|| format!("{channel}: too fine a value"))?;
    Ok(ById::new(id, described.id, value.mantissa()))
}

/// Reads a descriptor.
pub(crate) fn read(descriptor: &[u8]) -> Result<Descriptor<'_>, Failure> {
    Descriptor::parse(descriptor).context(|| "descriptor")
}

#[cfg(test)]
mod tests {
    use sundew_codec::{Origin, Row as Stored, Time, descriptor, record};
    use sundew_units::{Channel, ChannelId, Device, Quality, Quantity};

    use super::*;

    const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
    const INTERVAL: Channel =
        Channel::new(ChannelId(9), "interval", Quantity::Duration, -1).writable();
    const STATION: Device = Device::new("weather", 1, &[AIR, INTERVAL]);

    fn announced() -> Vec<u8> {
        let mut buffer = [0; 256];
        let len = descriptor::encode(&STATION, &mut buffer).unwrap();
        buffer[..len].to_vec()
    }

    #[test]
    fn a_frame_becomes_rows_by_the_descriptor_alone() {
        let (mut first, mut second) = ([0; 16], [0; 16]);
        let values = |mantissa| [(ChannelId(1), mantissa, Quality::Good)];
        let lens = (
            record::encode(1, values(-725), &mut first).unwrap(),
            record::encode(1, values(-701), &mut second).unwrap(),
        );
        let stored = [(&first[..lens.0], 41), (&second[..lens.1], 42)];
        let stored = stored.map(|(bytes, sequence)| {
            Stored::new(record::decode(bytes).unwrap())
                .at(Time::Unix(1_700_000_000 + sequence))
                .with_origin(Origin::new(3, sequence))
        });
        let mut frame = [0; 64];
        let len = compact::encode(stored.into_iter(), &mut frame).unwrap();
        let rows = rows(&frame[..len], &announced()).unwrap();
        let texts: Vec<_> = rows.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["3,41,air,-7.25,Cel,1700000041", "3,42,air,-7.01,Cel,1700000042"]);
    }

    #[test]
    fn a_command_is_in_the_channels_own_steps() {
        let value = Dec::new(2, 0);
        let asked =
            Command { id: 7, channel: "interval", value, unit: "s", expires: 1_700_000_000 };
        let payload = command(&asked, &announced()).unwrap();
        let read = compact::decode_command(&payload).unwrap();
        assert_eq!(read, ById::new(7, ChannelId(9), 20).expiring(1_700_000_000));
        assert!(command(&Command { channel: "none", ..asked }, &announced()).is_err());
        assert!(result(&payload).is_err(), "a command is no result");
    }
}
