//! A second subscriber of which nothing is ours: `mosquitto_sub` into `cbor2` from `PyPI`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::guard::Guard;
use super::row::{Row, read_csv};
use super::stage::Stage;
use crate::failure::{Context, Failure};
use crate::packages::{BROKER, ensure};
use crate::python::{CBOR2, python};

/// Decodes messages, one per line: the topic and hexadecimal. It knows RFC 8428, the labels that the
/// README of `sundew-codec` lists, and the layout of compact frames.
const PROGRAM: &str = include_str!("witness.py");

/// Writes `witness.csv` until it is dropped.
pub(crate) struct Witness {
    subscriber: Guard,
    decoder: Guard,
    rows: PathBuf,
}

impl Witness {
    /// Starts both programs, and installs what is missing where that is possible.
    pub(crate) fn start(stage: &Stage) -> Result<Self, Failure> {
        let [_server, clients, _tools] = BROKER;
        ensure(&[clients])?;
        let python = python(&[CBOR2])?;
        let program = stage.folder.join("witness.py");
        let rows = stage.folder.join("witness.csv");
        std::fs::write(&program, PROGRAM).context(|| "cannot write the witness's program")?;
        let log = |name: &str| {
            std::fs::File::create(stage.folder.join(name))
                .context(|| format!("cannot write {name}"))
        };

        let mut subscriber = Command::new("mosquitto_sub");
        subscriber.args(["-h", "127.0.0.1", "-q", "1", "-i", "witness", "-F", "%t %x", "-p"]);
        subscriber.arg(stage.plain_port().to_string());
        for topic in stage.topics() {
            subscriber.args(["-t", &topic]);
        }
        subscriber.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log("mosquitto_sub.err")?);
        let mut subscriber = Guard::start("mosquitto_sub", &mut subscriber)?;
        let packs = subscriber.child().stdout.take().context(|| "mosquitto_sub has no output")?;

        let mut decoder = Command::new(python);
        decoder.arg(&program).stdin(packs).stdout(log("witness.csv")?).stderr(log("witness.err")?);
        let decoder = Guard::start("the witness's decoder", &mut decoder)?;
        // It subscribes while the node is still to be started; a late one would miss rows and say so.
        stage.ledger.stop().sleep(Duration::from_millis(500))?;
        stage.ledger.show().say("mosquitto_sub and cbor2 watch as well");
        Ok(Self { subscriber, decoder, rows })
    }

    /// Compares with `delivered.csv`, row by row with repetitions, and returns how many rows agree.
    pub(crate) fn compare(&mut self, delivered: &Path) -> Result<usize, Failure> {
        let ours = read_csv(delivered)?;
        let until = Instant::now() + Duration::from_secs(5);
        let mut theirs = Vec::new();
        while theirs.len() < ours.len() && Instant::now() < until {
            self.subscriber.check_alive()?;
            self.decoder.check_alive()?;
            std::thread::sleep(Duration::from_millis(100));
            theirs = read_csv(&self.rows)?;
        }
        agreement(ours, theirs)
    }
}

/// Counts rows that both have; anything that one has alone is a failure.
fn agreement(mut ours: Vec<Row>, mut theirs: Vec<Row>) -> Result<usize, Failure> {
    ours.sort_by(|a, b| a.key.cmp(&b.key));
    theirs.sort_by(|a, b| a.key.cmp(&b.key));
    let (our_count, their_count) = (ours.len(), theirs.len());
    if let Some((our, their)) =
        ours.iter().zip(&theirs).find(|(our, their)| !our.agrees_with(their))
    {
        return Err(Failure::new(format!("we decoded {our}, the witness {their}")));
    }
    if our_count != their_count {
        return Err(Failure::new(format!("we saw {our_count} rows, the witness {their_count}")));
    }
    Ok(our_count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::row::sample;

    #[test]
    fn a_row_that_one_side_lacks_or_reads_otherwise_is_told() {
        let rows = || vec![sample(1, 0, "air", "20.0"), sample(1, 1, "air", "20.1")];
        let shuffled = rows().into_iter().rev().collect();
        assert_eq!(agreement(rows(), shuffled).unwrap(), 2);
        assert!(agreement(rows(), rows().split_off(1)).is_err());
        assert!(agreement(rows(), vec![sample(1, 0, "air", "20.0")]).is_err());
        let other = vec![sample(1, 0, "air", "20.0"), sample(1, 1, "air", "20.2")];
        assert!(agreement(rows(), other).unwrap_err().to_string().contains("20.2"));
    }
}
