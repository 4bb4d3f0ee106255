//! Commands and answers: maps with small integer keys.

use sundew_units::ChannelId;

use super::decode::{byte, definite, number};
use crate::{
    Answer, Command, Error,
    cbor::{Reader, Writer, major},
};

const ID: u32 = 1;
const VALUE: u32 = 2;
const EXPIRES: u32 = 3;
const RESULT: u32 = 4;

/// Encodes a command.
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small.
pub fn encode_command(command: &Command, buffer: &mut [u8]) -> Result<usize, Error> {
    let mut writer = Writer::new(buffer, 0);
    start(2 + u32::from(command.expires.is_some()), command.id, &mut writer);
    write_value(command.channel, command.mantissa, &mut writer);
    if let Some(expires) = command.expires {
        write(EXPIRES, expires, &mut writer);
    }
    writer.finish()
}

/// Reads a command; keys of a later version are passed over.
///
/// # Errors
///
/// Returns an error that names the byte.
pub fn decode_command(bytes: &[u8]) -> Result<Command, Error> {
    let mut reader = Reader::new(bytes);
    let fields = Fields::read(&mut reader).ok_or(reader.fault)?;
    let Fields { id: Some(id), value: Some((channel, mantissa)), expires, result: None } = fields
    else {
        return Err(Error::Syntax { position: 0 });
    };
    Ok(Command { id, channel, mantissa, expires })
}

/// Encodes the result of a command.
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small.
pub fn encode_answer(answer: &Answer, buffer: &mut [u8]) -> Result<usize, Error> {
    let mut writer = Writer::new(buffer, 0);
    start(2 + u32::from(answer.value.is_some()), answer.id, &mut writer);
    if let Some((channel, mantissa)) = answer.value {
        write_value(channel, mantissa, &mut writer);
    }
    write(RESULT, u32::from(answer.result), &mut writer);
    writer.finish()
}

/// Reads the result of a command; keys of a later version are passed over.
///
/// # Errors
///
/// Returns an error that names the byte.
pub fn decode_answer(bytes: &[u8]) -> Result<Answer, Error> {
    let mut reader = Reader::new(bytes);
    let fields = Fields::read(&mut reader).ok_or(reader.fault)?;
    let Fields { id: Some(id), value, result: Some(result), .. } = fields else {
        return Err(Error::Syntax { position: 0 });
    };
    Ok(Answer { id, value, result })
}

fn start(entries: u32, id: u32, writer: &mut Writer<'_>) {
    writer.head(major::MAP, entries);
    write(ID, id, writer);
}

fn write(key: u32, number: u32, writer: &mut Writer<'_>) {
    writer.head(major::UNSIGNED, key);
    writer.head(major::UNSIGNED, number);
}

fn write_value(channel: ChannelId, mantissa: i32, writer: &mut Writer<'_>) {
    writer.head(major::UNSIGNED, VALUE);
    writer.head(major::MAP, 1);
    writer.head(major::UNSIGNED, u32::from(channel.0));
    writer.integer(mantissa);
}

#[derive(Default)]
struct Fields {
    id: Option<u32>,
    value: Option<(ChannelId, i32)>,
    expires: Option<u32>,
    result: Option<u16>,
}

impl Fields {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut fields = Self::default();
        let mut last = None;
        for _ in 0..definite(reader, major::MAP)? {
            let key = reader.unsigned()?;
            if last.is_some_and(|last| last >= key) {
                return reader.syntax();
            }
            last = Some(key);
            match key {
                ID => fields.id = Some(reader.unsigned()?),
                VALUE => fields.value = Some(value(reader)?),
                EXPIRES => fields.expires = Some(reader.unsigned()?),
                RESULT => fields.result = Some(number(reader)?),
                _ => reader.skip()?,
            }
        }
        if !reader.is_at_end() {
            reader.start = reader.position();
            return reader.syntax();
        }
        Some(fields)
    }
}

/// Reads a map of one channel; a command sets no more.
fn value(reader: &mut Reader<'_>) -> Option<(ChannelId, i32)> {
    if definite(reader, major::MAP)? != 1 {
        return reader.unsupported();
    }
    let channel = ChannelId(byte(reader)?);
    reader.head()?;
    if reader.major > major::NEGATIVE {
        return reader.syntax();
    }
    match reader.integer() {
        Some(mantissa) => Some((channel, mantissa)),
        None => reader.range(),
    }
}
