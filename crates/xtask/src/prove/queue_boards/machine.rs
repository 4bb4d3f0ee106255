//! One board that is started, given an order, and killed.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use queue_drill::Line;

use super::board::Board;
use super::judge::Judge;
use super::lives::Life;
use crate::demo::Guard;
use crate::failure::{Context, Failure};
use crate::packages::ensure;
use crate::process::{root, run};
use crate::toolchain;

/// The longest call is an erase that is torn, under 1 s in QEMU.
const PATIENCE: Duration = Duration::from_mins(1);

/// Says when a life is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kill {
    /// When the firmware says that it stands still: in a cut, or at the end of its order.
    Halted,
    /// From outside, while it opens its queue and shows what it found.
    Starting(Moment),
    /// From outside, while it records and acknowledges.
    Working(Moment),
}

/// Names a moment that nobody on the board knows of: so long after so many lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) lines: u32,
    pub(super) after: Duration,
}

/// Holds the firmware that was built.
pub(super) struct Machine<'b> {
    board: &'b Board,
    firmware: PathBuf,
}

impl<'b> Machine<'b> {
    pub(super) fn build(board: &'b Board) -> Result<Self, Failure> {
        ensure(&[board.emulator])?;
        let toolchain = toolchain::prepare_one(board.target)?;
        let mut build = toolchain.cargo("build");
        build.args(["--release", "--quiet", "--bin", "queue"]);
        run(build.current_dir(root().join(board.folder)))?;
        Ok(Self { board, firmware: toolchain.release_dir().join("queue") })
    }

    /// Runs one life to its kill, and lets the judge read along.
    ///
    /// # Errors
    /// The emulator does not start, or says nothing any more.
    pub(super) fn live(
        &self,
        image: &Path,
        life: &Life,
        judge: &mut Judge<'_>,
    ) -> Result<(), Failure> {
        let mut qemu = (self.board.start)(&self.firmware, image);
        qemu.args(["-display", "none", "-monitor", "none", "-serial", "stdio"]);
        let mut qemu = Guard::start("QEMU", qemu.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let mut console = qemu.child().stdin.take().context(|| "QEMU has no stdin")?;
        let stdout = qemu.child().stdout.take().context(|| "QEMU has no stdout")?;
        let lines = read_along(BufReader::new(stdout));
        let first = lines.recv_timeout(PATIENCE).context(|| "waiting for `ready`")?;
        if Line::parse(&first) != Some(Line::Ready) {
            return Err(Failure::new(format!("`{first}`, not `ready`")));
        }
        judge.begin(life);
        writeln!(console, "{}", life.order).context(|| "the firmware's console")?;
        let mut told = 0;
        let wrong = judge.violations.len();
        let mut transcript = vec![life.order.to_string()];
        loop {
            let moment = match life.kill {
                Kill::Starting(moment) => Some(moment),
                Kill::Working(moment) if judge.has_opened() => Some(moment),
                _ => None,
            };
            if let Some(Moment { lines, after }) = moment
                && told >= lines
            {
                let until = Instant::now() + after;
                // Shorter than any sleep would be.
                while Instant::now() < until {
                    std::hint::spin_loop();
                }
                break;
            }
            let line = lines.recv_timeout(PATIENCE).context(|| format!("{}", life.order))?;
            told += u32::from(moment.is_some());
            let stands_still = judge.hear(&line);
            transcript.push(line);
            if stands_still {
                break;
            }
        }
        qemu.kill();
        // What was told before the kill counts, even if nobody had read it yet.
        for line in lines {
            judge.hear(&line);
            transcript.push(line);
        }
        judge.end();
        if wrong == 0 && !judge.violations.is_empty() {
            let kept = image.with_extension("lines");
            std::fs::write(&kept, transcript.join("\n")).context(|| kept.display().to_string())?;
            println!("the first life with a violation is kept in {}", kept.display());
        }
        Ok(())
    }
}

/// Reads whole lines on a thread of its own; a line that the kill cut short was not told.
fn read_along(mut stdout: impl BufRead + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        while stdout.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
            if bytes.pop() != Some(b'\n') {
                break;
            }
            if sender.send(String::from_utf8_lossy(&bytes).into_owned()).is_err() {
                break;
            }
            bytes.clear();
        }
    });
    lines
}
