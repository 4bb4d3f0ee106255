//! Tiny frames for links of every width, with the messages that go beside them.

use sundew_codec::tiny::{self, Carrier, Selection};
use sundew_codec::{Error, descriptor};

use super::{Exchange, Expected, Frame, Made, entry};
use crate::demo::Choices;
use crate::failure::{Context, Failure};
use crate::prove::interop::others::hex;

/// What links take: of Sigfox down and up, and of LoRaWAN from the slowest rate on.
const LIMITS: [usize; 6] = [8, 11, 12, 20, 51, 222];

/// Adds the frames of each row, and a birth, a command and an answer.
pub(super) fn add(
    made: &Made,
    choices: &mut Choices,
    frames: &mut Vec<Frame>,
) -> Result<(), Failure> {
    let mut buffer = [0; 2_048];
    let len = descriptor::encode(&made.device, &mut buffer).context(|| "a descriptor")?;
    let described = hex(buffer.get(..len).unwrap_or_default());
    for row in &made.rows {
        let pick = usize::try_from(choices.below(LIMITS.len() as u64)).unwrap_or(0);
        let limit = LIMITS.get(pick).copied().unwrap_or(222);
        let carrier = if choices.below(2) == 0 { Carrier::Frame } else { Carrier::Port };
        let mut wanted = Selection::ALL;
        let mut seen = 0;
        while !wanted.is_empty() {
            let mut frame = vec![0; limit];
            let packed = match tiny::encode(&made.device, &row.row()?, wanted, carrier, &mut frame)
            {
                Ok(packed) => packed,
                // Time, origin and the widest value are more than the narrowest link takes.
                Err(Error::Full { needed }) if needed > limit => break,
                Err(error) => return Err(Failure::new(format!("a tiny frame: {error}"))),
            };
            let rows: Vec<String> = (0..)
                .zip(&row.values)
                .filter(|(place, _)| packed.sent.contains(*place))
                .map(|(_, value)| entry(*value, row.time, row.origin))
                .collect();
            seen += rows.len();
            frame.truncate(packed.len);
            let kind = if carrier == Carrier::Port { packed.kind.to_string() } else { "-".into() };
            let context = format!("{kind}:{described}");
            let expected = Expected::Rows(rows);
            frames.push(Frame { format: "tiny", context, bytes: frame, expected });
            wanted = packed.left_out;
            if wanted.is_empty() && seen != row.values.len() {
                return Err(Failure::new(format!("{seen} of {} sent", row.values.len())));
            }
        }
    }
    messages(made, choices, frames)
}

fn messages(made: &Made, choices: &mut Choices, frames: &mut Vec<Frame>) -> Result<(), Failure> {
    let Exchange { command, answer, command_row, answer_row } = Exchange::make(choices);
    let mut buffer = [0; 64];
    for carrier in [Carrier::Frame, Carrier::Port] {
        let context = if carrier == Carrier::Frame { "-" } else { "port" }.to_owned();
        let mut add = |format, len: Result<usize, Error>, buffer: &[u8], row: &str| {
            let len = len.context(|| format)?;
            let bytes = buffer.get(..len).unwrap_or_default().to_vec();
            let expected = Expected::Rows(vec![row.to_owned()]);
            frames.push(Frame { format, context: context.clone(), bytes, expected });
            Ok::<_, Failure>(())
        };
        let len = tiny::encode_command(&command, carrier, &mut buffer);
        add("tiny-command", len, &buffer, &command_row)?;
        let len = tiny::encode_answer(&answer, carrier, &mut buffer);
        add("tiny-answer", len, &buffer, &answer_row)?;
    }
    let hash = descriptor::hash(&made.device);
    let version = made.device.version();
    let len = tiny::encode_birth(version, hash, Carrier::Frame, &mut buffer);
    let len = len.context(|| "a birth")?;
    let row = format!("{version}|{hash:08x}");
    let bytes = buffer.get(..len).unwrap_or_default().to_vec();
    frames.push(Frame::rows("tiny-birth", bytes, vec![row]));
    Ok(())
}
