//! What is not a reading: birth, command and answer.
//!
//! Sigfox hands down 8 bytes, whatever was sent; zeros behind a command are none of it.

use sundew_units::ChannelId;

use super::{Carrier, Kind};
use crate::{
    Answer, Command, Error,
    bits::{BitReader, BitWriter, un_zig_zag, zig_zag},
};

/// Encodes a command: channel (1 byte), id, zig-zag mantissa, and 4 bytes of Unix seconds where it
/// expires.
///
/// | 8 bytes take | ids up to | mantissas up to |
/// |---|---|---|
/// | kind in the frame | 16,383 | 2^27 - 1 |
/// | kind in the frame, expires | 127 | 63 |
/// | kind in the port, expires | 127 | 8,191 |
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small, and [`Error::Range`]
/// for a command that expired in 1970, which the zeros of a padded frame would say.
pub fn encode_command(
    command: &Command,
    carrier: Carrier,
    buffer: &mut [u8],
) -> Result<usize, Error> {
    let mut writer = start(Kind::COMMAND, carrier, buffer);
    writer.byte(command.channel.0);
    writer.varint(command.id);
    writer.varint(zig_zag(command.mantissa));
    match command.expires {
        None => {}
        Some(0) => return Err(Error::Range { position: 0 }),
        Some(unix) => writer.bytes(&unix.to_be_bytes()),
    }
    writer.finish()
}

/// Reads a command.
///
/// # Errors
///
/// Returns an error that names the byte.
pub fn decode_command(carrier: Carrier, bytes: &[u8]) -> Result<Command, Error> {
    let mut reader = BitReader::new(bytes);
    command(carrier, &mut reader).ok_or(reader.fault)
}

fn command(carrier: Carrier, reader: &mut BitReader<'_>) -> Option<Command> {
    expect(Kind::COMMAND, carrier, reader)?;
    let channel = ChannelId(reader.byte()?);
    let id = reader.varint()?;
    let mantissa = un_zig_zag(reader.varint()?);
    let command = Command::new(id, channel, mantissa);
    if is_padding(reader) {
        return Some(command);
    }
    let mut unix = 0;
    for _ in 0..4 {
        unix = unix << 8 | u32::from(reader.byte()?);
    }
    if unix == 0 || !is_padding(reader) {
        return syntax(reader);
    }
    Some(command.expiring(unix))
}

/// Encodes the result of a command: id, result, and channel (1 byte) with zig-zag mantissa where
/// there is a value.
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small.
pub fn encode_answer(answer: &Answer, carrier: Carrier, buffer: &mut [u8]) -> Result<usize, Error> {
    let mut writer = start(Kind::COMMAND, carrier, buffer);
    writer.varint(answer.id);
    writer.varint(u32::from(answer.result));
    if let Some((channel, mantissa)) = answer.value {
        writer.byte(channel.0);
        writer.varint(zig_zag(mantissa));
    }
    writer.finish()
}

/// Reads the result of a command.
///
/// # Errors
///
/// Returns an error that names the byte.
pub fn decode_answer(carrier: Carrier, bytes: &[u8]) -> Result<Answer, Error> {
    let mut reader = BitReader::new(bytes);
    answer(carrier, &mut reader).ok_or(reader.fault)
}

fn answer(carrier: Carrier, reader: &mut BitReader<'_>) -> Option<Answer> {
    expect(Kind::COMMAND, carrier, reader)?;
    let id = reader.varint()?;
    let result = short(reader)?;
    let mut value = None;
    if !reader.is_at_end() {
        let channel = ChannelId(reader.byte()?);
        value = Some((channel, un_zig_zag(reader.varint()?)));
    }
    if reader.is_at_end() { Some(Answer { id, value, result }) } else { syntax(reader) }
}

/// Encodes which descriptor the device works by: its schema and its hash.
///
/// # Errors
///
/// Returns [`Error::Full`] with the needed size where `buffer` is too small.
pub fn encode_birth(
    schema: u16,
    hash: u32,
    carrier: Carrier,
    buffer: &mut [u8],
) -> Result<usize, Error> {
    let mut writer = start(Kind::BIRTH, carrier, buffer);
    writer.bytes(&hash.to_be_bytes());
    writer.varint(u32::from(schema));
    writer.finish()
}

/// Reads schema and hash of the descriptor that a device works by.
///
/// # Errors
///
/// Returns an error that names the byte.
pub fn decode_birth(carrier: Carrier, bytes: &[u8]) -> Result<(u16, u32), Error> {
    let mut reader = BitReader::new(bytes);
    birth(carrier, &mut reader).ok_or(reader.fault)
}

fn birth(carrier: Carrier, reader: &mut BitReader<'_>) -> Option<(u16, u32)> {
    expect(Kind::BIRTH, carrier, reader)?;
    let mut hash = 0;
    for _ in 0..4 {
        hash = hash << 8 | u32::from(reader.byte()?);
    }
    let schema = short(reader)?;
    if reader.is_at_end() { Some((schema, hash)) } else { syntax(reader) }
}

fn start(kind: u8, carrier: Carrier, buffer: &mut [u8]) -> BitWriter<'_> {
    let mut writer = BitWriter::new(buffer, 0);
    if carrier == Carrier::Frame {
        writer.byte(kind);
    }
    writer
}

fn expect(kind: u8, carrier: Carrier, reader: &mut BitReader<'_>) -> Option<()> {
    if carrier == Carrier::Frame && reader.byte()? != kind {
        reader.fault = Error::Unsupported { position: 0 };
        return None;
    }
    Some(())
}

/// Takes an integer of 16 bits.
fn short(reader: &mut BitReader<'_>) -> Option<u16> {
    let position = reader.position();
    let value = reader.varint()?;
    if let Ok(value) = u16::try_from(value) {
        return Some(value);
    }
    reader.fault = Error::Range { position };
    None
}

/// Returns whether all that is left is zeros.
fn is_padding(reader: &BitReader<'_>) -> bool {
    let mut ahead = reader.clone();
    while let Some(byte) = ahead.byte() {
        if byte != 0 {
            return false;
        }
    }
    true
}

fn syntax<T>(reader: &mut BitReader<'_>) -> Option<T> {
    reader.fault = Error::Syntax { position: reader.position() };
    None
}
