//! The running node: its process, and a thread that reads its console.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use super::guard::Guard;
use super::ledger::Ledger;
use crate::failure::{Context, Failure};

/// Runs until it is killed or dropped.
pub(crate) struct Node {
    process: Guard,
    console: Option<JoinHandle<()>>,
}

impl Node {
    /// Starts the node; `console.log` and `node.err` in `folder` keep everything it prints.
    pub(crate) fn start(
        command: &mut Command,
        folder: &Path,
        ledger: &Ledger,
    ) -> Result<Self, Failure> {
        let append = |name: &str| {
            let file = File::options().create(true).append(true).open(folder.join(name));
            file.context(|| format!("cannot write {name}"))
        };
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(append("node.err")?);
        let mut process = Guard::start("the node", command)?;
        let stdout = process.child().stdout.take().context(|| "the node has no console")?;
        let log = append("console.log")?;
        let ledger = ledger.clone();
        let console = Some(std::thread::spawn(move || read(stdout, log, &ledger)));
        Ok(Self { process, console })
    }

    /// Fails where the node has ended by itself.
    pub(crate) fn check_alive(&mut self) -> Result<(), Failure> {
        self.process.check_alive()
    }

    /// Kills the node (SIGKILL), and returns when everything that it had printed is in the ledger.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.process.kill();
        if let Some(console) = self.console.take() {
            let _ = console.join();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.end();
    }
}

fn read(stdout: ChildStdout, mut log: File, ledger: &Ledger) {
    let mut reader = BufReader::new(stdout);
    let mut line = Vec::new();
    // The end of the stream is the end of the process.
    while matches!(reader.read_until(b'\n', &mut line), Ok(1..)) {
        let text = String::from_utf8_lossy(&line);
        // A kill can fall into the middle of a line: what was not told to its end was not told.
        if text.ends_with('\n') {
            let _ = log.write_all(&line);
            ledger.node_said(&text);
        } else {
            let _ = writeln!(log, "{text} [torn]");
        }
        line.clear();
    }
}
