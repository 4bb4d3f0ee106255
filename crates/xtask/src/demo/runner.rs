//! One node on its board: started, watched, killed and started again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::board::Board;
use super::ledger::{Ledger, Seen};
use super::node::Node;
use crate::failure::{Context, Failure};
use crate::process::target_dir;

/// How long a node may take from its start to its first line; QEMU on a busy machine takes most.
const BOOT_PATIENCE: Duration = Duration::from_secs(15);

/// Runs one node, whatever carries its messages.
pub(crate) struct Runner {
    node: Option<Node>,
    /// Runs the node.
    pub(crate) board: Box<dyn Board>,
    /// What the sensor was last set to.
    millicelsius: Option<i32>,
    /// Holds what was seen.
    pub(crate) ledger: Ledger,
    /// Names the folder of this run.
    pub(crate) folder: PathBuf,
    flash: PathBuf,
    /// Holds the port that the node sends to.
    port: u16,
    drain_patience: Duration,
}

impl Runner {
    /// Runs the node of a flash image; `drain_patience` is how long a full queue may take to arrive.
    pub(crate) fn new(
        board: Box<dyn Board>,
        folder: PathBuf,
        flash: PathBuf,
        port: u16,
        ledger: Ledger,
        drain_patience: Duration,
    ) -> Self {
        let (node, millicelsius) = (None, None);
        Self { node, board, millicelsius, ledger, folder, flash, port, drain_patience }
    }

    /// Returns the flash image's file.
    pub(crate) fn flash(&self) -> &Path {
        &self.flash
    }

    /// Starts the node; returns at once.
    pub(crate) fn start_node(&mut self) -> Result<(), Failure> {
        let mut command = self.board.command(&self.flash, self.port);
        self.node = Some(Node::start(&mut command, &self.folder, &self.ledger)?);
        // A machine that starts has its sensor at 0 Cel; the room has not changed.
        match self.millicelsius.and_then(|value| self.board.set_temperature(value)) {
            Some(set) => set,
            None => Ok(()),
        }
    }

    /// Sets the sensor, now and after each start; `None` where this board's follows its own curve.
    pub(crate) fn set_temperature(&mut self, millicelsius: i32) -> Option<Result<(), Failure>> {
        self.millicelsius = Some(millicelsius);
        if self.node.is_some() { self.board.set_temperature(millicelsius) } else { Some(Ok(())) }
    }

    /// Starts the node and waits for its first line; returns the number of the boot.
    pub(crate) fn boot_node(&mut self) -> Result<u16, Failure> {
        let before = self.ledger.look(|seen| seen.boots.len());
        self.start_node()?;
        self.wait("the node's first line", BOOT_PATIENCE, |seen| seen.boots.len() > before)?;
        self.ledger.look(|seen| seen.boots.last().copied()).context(|| "no boot")
    }

    /// Kills the node (SIGKILL); everything that it printed is in the ledger afterwards.
    pub(crate) fn kill_node(&mut self) {
        if let Some(node) = self.node.take() {
            node.kill();
        }
        self.ledger.note(|seen| seen.link_is_up = false);
    }

    /// Waits for something, but not for a node that has ended by itself.
    pub(crate) fn wait(
        &mut self,
        what: &str,
        patience: Duration,
        mut seen: impl FnMut(&Seen) -> bool,
    ) -> Result<(), Failure> {
        let until = Instant::now() + patience;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let slice = left.min(Duration::from_millis(500));
            if self.ledger.wait_quietly(slice, &mut seen)? {
                return Ok(());
            }
            if let Some(node) = &mut self.node {
                node.check_alive().context(|| format!("waiting for {what}"))?;
            }
            if Instant::now() >= until {
                let patience = patience.as_secs();
                return Err(Failure::new(format!("not seen within {patience} s: {what}")));
            }
        }
    }

    /// Waits until everything recorded so far has arrived.
    pub(crate) fn drain(&mut self) -> Result<(), Failure> {
        self.wait("all that was recorded at the subscriber", self.drain_patience, |seen| {
            seen.tally.lost().next().is_none()
        })
    }

    /// Delivers what is left and ends the node, so that nothing recorded is still on its way.
    ///
    /// A record can fall between the last arrival and the kill. It is durable, so another start
    /// delivers it; a queue that loses records stays short however often it is started.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        for _ in 0..5 {
            if self.node.is_none() {
                self.boot_node()?;
            }
            let drained = self.drain();
            self.kill_node();
            drained?;
            let all = |seen: &Seen| seen.tally.lost().next().is_none();
            if self.ledger.wait_quietly(Duration::from_secs(1), all)? {
                return Ok(());
            }
        }
        Err(Failure::new("each of 5 starts left something undelivered"))
    }

    /// Returns the end of what node and broker wrote, for a failure's report.
    pub(crate) fn last_words(&self) -> String {
        let mut words = String::new();
        for name in ["console.log", "node.err", "broker.log"] {
            let text = std::fs::read(self.folder.join(name)).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            let mut lines: Vec<_> = text.lines().rev().take(12).collect();
            lines.reverse();
            words.extend(["--- end of ", name, "\n", &lines.join("\n"), "\n"]);
        }
        words
    }
}

/// Returns the time of day in Unix seconds.
pub(crate) fn unix_now() -> Result<u32, Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context(|| "clock before 1970")?;
    u32::try_from(now.as_secs()).context(|| "clock after 2106")
}

/// Makes `target/<purpose>/<board>/<Unix seconds>`, which is kept.
pub(crate) fn folder(purpose: &str, board: &str) -> Result<PathBuf, Failure> {
    let parent = target_dir().join(purpose).join(board);
    std::fs::create_dir_all(&parent).context(|| format!("cannot make {}", parent.display()))?;
    // Two runs may start within one second.
    for second in unix_now()?.. {
        let folder = parent.join(second.to_string());
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error).context(|| format!("cannot make {}", folder.display()));
            }
        }
    }
    Err(Failure::new("no folder for this run"))
}
