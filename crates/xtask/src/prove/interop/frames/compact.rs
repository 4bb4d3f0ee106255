//! Compact frames: a row, all rows in columns, and batches that a link's limit ends.

use sundew_codec::compact::{self, Batch};

use super::{Exchange, Frame, Made, entry};
use crate::demo::Choices;
use crate::failure::{Context, Failure};
use crate::prove::interop::made::MadeRow;

/// Adds the frames of all rows, and a command and an answer.
pub(super) fn add(
    made: &Made,
    choices: &mut Choices,
    frames: &mut Vec<Frame>,
) -> Result<(), Failure> {
    let rows = made.rows.iter().map(MadeRow::row).collect::<Result<Vec<_>, _>>()?;
    let schema = made.device.version();
    let mut buffer = vec![0; 1 << 16];
    let mut add = |len: usize, buffer: &[u8], rows: &[MadeRow]| {
        let bytes = buffer.get(..len).unwrap_or_default().to_vec();
        frames.push(Frame::rows("compact", bytes, expected(schema, rows)));
    };

    let len = compact::encode(rows.iter().cloned(), &mut buffer).context(|| "all rows")?;
    add(len, &buffer, &made.rows);
    if let (Some(row), Some(made_row)) = (rows.first(), made.rows.first()) {
        let len = compact::encode_row(row, &mut buffer).context(|| "a row")?;
        add(len, &buffer, std::slice::from_ref(made_row));
    }

    // What a node does that drains its queue: a frame is sent where the next row does not fit.
    let limit = 64 + usize::try_from(choices.below(200)).unwrap_or(0);
    let mut staging = [0; 4_096];
    let mut batch = Batch::new(&mut staging, limit);
    let mut from = 0;
    for (at, row) in rows.iter().enumerate() {
        if batch.push(row).is_err() {
            let len = batch.encode(&mut buffer).context(|| "a batch")?;
            if len > 0 {
                add(len, &buffer, made.rows.get(from..at).unwrap_or_default());
            }
            batch.clear();
            // A row that is too long for the link goes on its own way.
            from = if batch.push(row).is_ok() { at } else { at + 1 };
        }
    }
    let len = batch.encode(&mut buffer).context(|| "a batch")?;
    if len > 0 {
        add(len, &buffer, made.rows.get(from..).unwrap_or_default());
    }

    let Exchange { command, answer, command_row, answer_row } = Exchange::make(choices);
    let len = compact::encode_command(&command, &mut buffer).context(|| "a command")?;
    let bytes = buffer.get(..len).unwrap_or_default().to_vec();
    frames.push(Frame::rows("command", bytes, vec![command_row]));
    let len = compact::encode_answer(&answer, &mut buffer).context(|| "an answer")?;
    let bytes = buffer.get(..len).unwrap_or_default().to_vec();
    frames.push(Frame::rows("answer", bytes, vec![answer_row]));
    Ok(())
}

fn expected(schema: u16, rows: &[MadeRow]) -> Vec<String> {
    let values = rows
        .iter()
        .flat_map(|row| row.values.iter().map(move |value| entry(*value, row.time, row.origin)));
    std::iter::once(format!("schema {schema}")).chain(values).collect()
}
