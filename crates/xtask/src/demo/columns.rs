//! Compact frames as rows, and commands as compact frames, by nothing but the descriptor.

use sundew_codec::descriptor::Descriptor;
use sundew_codec::{Command as Compact, Entry, Time as FrameTime, compact};
use sundew_units::Dec;

use super::pack::Command;
use super::row::{Key, Row, Time};
use crate::failure::{Context, Failure};

/// Decodes a frame of readings; the rows of one record stand together.
pub(crate) fn rows(payload: &[u8], descriptor: &[u8]) -> Result<Vec<Row>, Failure> {
    let device = read(descriptor)?;
    let entries = compact::decode(payload).context(|| "frame")?;
    let rows = entries.map(|entry| row(&entry.context(|| "frame")?, &device));
    let mut rows = rows.collect::<Result<Vec<_>, Failure>>()?;
    rows.sort_by_key(|row| (row.key.boot, row.key.sequence));
    Ok(rows)
}

fn row(entry: &Entry, device: &Descriptor<'_>) -> Result<Row, Failure> {
    let id = entry.channel.0;
    let channel = device.channel(entry.channel);
    let channel = channel.context(|| format!("channel {id} is not in the descriptor"))?;
    let origin = entry.origin.context(|| format!("{}: no boot and sequence", channel.name))?;
    let time = match entry.time {
        FrameTime::Unix(seconds) => Time::Unix(seconds),
        FrameTime::SinceBoot(seconds) => Time::SinceBoot(seconds),
        _ => Time::Unknown,
    };
    let channel_name = channel.name.to_string();
    let key = Key { boot: origin.boot, sequence: origin.sequence, channel: channel_name };
    let value = Dec::new(entry.mantissa, channel.exponent);
    Ok(Row { key, value, unit: channel.unit.to_string(), time })
}

/// Decodes the result of a command: its id and the number of its error, 0 where it was done.
pub(crate) fn result(payload: &[u8]) -> Result<(u32, u16), Failure> {
    let answer = compact::decode_answer(payload).context(|| "answer")?;
    Ok((answer.id, answer.result))
}

/// Encodes a command.
pub(crate) fn command(command: &Command, descriptor: &[u8]) -> Result<Vec<u8>, Failure> {
    let device = read(descriptor)?;
    let mut channels = device.channels();
    let channel = channels.find(|channel| channel.name == *command.channel);
    let channel = channel.context(|| format!("no channel {}", command.channel))?;
    let value = command.value.at_exponent(channel.exponent);
    let value = value.context(|| format!("{}: too fine a value", command.channel))?;
    let command = Compact::new(command.id, channel.id, value.mantissa()).expiring(command.expires);
    let mut buffer = [0; 32];
    let len = compact::encode_command(&command, &mut buffer).context(|| "command")?;
    Ok(buffer.into_iter().take(len).collect())
}

/// Reads a descriptor.
pub(crate) fn read(descriptor: &[u8]) -> Result<Descriptor<'_>, Failure> {
    Descriptor::parse(descriptor).context(|| "descriptor")
}

#[cfg(test)]
mod tests {
    use sundew_codec::{Origin, Row as Stored, descriptor, record};
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
                .at(FrameTime::Unix(1_700_000_000 + sequence))
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
        assert_eq!(read, Compact::new(7, ChannelId(9), 20).expiring(1_700_000_000));
        assert!(command(&Command { channel: "none", ..asked }, &announced()).is_err());
        assert!(result(&payload).is_err(), "a command is no result");
    }
}
