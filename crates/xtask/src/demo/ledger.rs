//! Everything that was seen so far, and waiting until something was.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::console::Line;
use super::row::{CsvFile, Row};
use super::show::Show;
use super::stop::Stop;
use super::tally::Tally;
use crate::failure::{Context, Failure};

/// Holds what both sides reported.
pub(crate) struct Seen {
    pub(crate) tally: Tally,
    /// Holds the boot numbers that were announced, in order.
    pub(crate) boots: Vec<u16>,
    /// Says whether the node's last word on its link was `up`.
    pub(crate) link_is_up: bool,
    /// Counts how often the link came up.
    pub(crate) links: u32,
    /// Holds how many records wait in the node's queue, as it last said.
    pub(crate) queue: u32,
    /// Counts records that the node reported.
    pub(crate) records: u32,
    /// Holds the commands that the node reported, with their outcome.
    pub(crate) commands: Vec<(u32, String)>,
    /// Holds the command results that arrived: id and error number, 0 for done.
    pub(crate) results: Vec<(u32, u16)>,
    /// Holds the node's fault lines.
    pub(crate) faults: Vec<String>,
    /// Holds everything that could not be understood or written down, on either side.
    pub(crate) unreadable: Vec<String>,
    /// Counts the messages with readings that arrived, and their bytes.
    pub(crate) messages: (usize, usize),
    /// Holds what the node announced last: the descriptor of its channels.
    pub(crate) descriptor: Option<Vec<u8>>,
    /// Says whether the subscriber is connected and subscribed.
    pub(crate) subscribed: bool,
    recorded_csv: CsvFile,
    delivered_csv: CsvFile,
    frames: std::fs::File,
}

/// Shares [`Seen`] between the node's console, the subscriber and the scenario.
#[derive(Clone)]
pub(crate) struct Ledger {
    shared: Arc<(Mutex<Seen>, Condvar)>,
    show: Show,
    stop: Stop,
}

impl Ledger {
    /// Starts empty, with `recorded.csv`, `delivered.csv` and `frames.txt` in `folder`.
    pub(crate) fn create(folder: &Path, show: Show, stop: Stop) -> Result<Self, Failure> {
        let seen = Seen {
            tally: Tally::default(),
            boots: Vec::new(),
            link_is_up: false,
            links: 0,
            queue: 0,
            records: 0,
            commands: Vec::new(),
            results: Vec::new(),
            faults: Vec::new(),
            unreadable: Vec::new(),
            messages: (0, 0),
            descriptor: None,
            subscribed: false,
            recorded_csv: CsvFile::create(&folder.join("recorded.csv"))?,
            delivered_csv: CsvFile::create(&folder.join("delivered.csv"))?,
            frames: std::fs::File::create(folder.join("frames.txt"))
                .context(|| "cannot create frames.txt")?,
        };
        Ok(Self { shared: Arc::new((Mutex::new(seen), Condvar::new())), show, stop })
    }

    /// Returns what prints for the reader.
    pub(crate) fn show(&self) -> Show {
        self.show
    }

    /// Returns what tells of Ctrl-C.
    pub(crate) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Looks at what was seen.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.lock())
    }

    /// Changes what was seen and wakes whoever waits for it.
    pub(crate) fn note<T>(&self, change: impl FnOnce(&mut Seen) -> T) -> T {
        let result = change(&mut self.lock());
        self.shared.1.notify_all();
        result
    }

    /// Waits until `seen` holds.
    ///
    /// # Errors
    /// `what` was not seen within `patience`, or somebody asked for the end.
    pub(crate) fn wait(
        &self,
        what: &str,
        patience: Duration,
        seen: impl FnMut(&Seen) -> bool,
    ) -> Result<(), Failure> {
        if self.wait_quietly(patience, seen)? {
            return Ok(());
        }
        let patience = patience.as_secs_f32();
        Err(Failure::new(format!("not seen within {patience:.0} s: {what}")))
    }

    /// Waits until `seen` holds and returns whether it did within `patience`.
    ///
    /// # Errors
    /// Somebody asked for the end.
    pub(crate) fn wait_quietly(
        &self,
        patience: Duration,
        mut seen: impl FnMut(&Seen) -> bool,
    ) -> Result<bool, Failure> {
        let until = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            if seen(&state) {
                return Ok(true);
            }
            self.stop.check()?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            let slice = left.min(Duration::from_millis(100));
            let waited = self.shared.1.wait_timeout(state, slice);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Notes a line of the node's console.
    pub(crate) fn node_said(&self, text: &str) {
        let line = Line::parse(text);
        match &line {
            Line::Recorded(rows) => self.show.node(Shown("recorded ", rows)),
            // A queue of one is a record on its way: said twice for each, it would hide the rest.
            Line::Queue(0 | 1) => {}
            _ => self.show.node(text.trim()),
        }
        self.note(|seen| seen.node_said(line));
    }

    /// Keeps a message as it came, for decoders that are not ours: its format, its port or `-`, and
    /// its bytes in hexadecimal.
    pub(crate) fn keep(&self, format: &str, port: &str, payload: &[u8]) {
        use std::fmt::Write as _;
        use std::io::Write as _;
        let mut line = format!("{format} {port} ");
        for byte in payload {
            let _ = write!(line, "{byte:02x}");
        }
        line.push('\n');
        self.note(|seen| {
            let written = seen.frames.write_all(line.as_bytes());
            seen.unreadable.extend(written.err().map(|error| format!("frames.txt: {error}")));
        });
    }

    /// Notes the rows of one message that arrived.
    pub(crate) fn rows_arrived(&self, rows: Vec<Row>) {
        let mut rest = rows.as_slice();
        while let Some(first) = rest.first() {
            let same = |row: &&Row| {
                (row.key.boot, row.key.sequence) == (first.key.boot, first.key.sequence)
            };
            let record = rest.iter().take_while(same).count();
            let (record, others) = rest.split_at(record);
            self.show.arrived(Shown("", record));
            rest = others;
        }
        self.note(|seen| {
            for row in rows {
                let written = seen.delivered_csv.add(&row);
                seen.unreadable.extend(written.err().map(|failure| failure.to_string()));
                seen.tally.deliver(row);
            }
        });
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        // A thread that panicked is reported by its own message; the counts stay readable.
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn node_said(&mut self, line: Line) {
        match line {
            Line::Boot(boot) => {
                if self.boots.last().is_some_and(|last| boot <= *last) {
                    self.tally.fault(format!("boot {boot} after boots {:?}", self.boots));
                }
                self.boots.push(boot);
                self.link_is_up = false;
            }
            Line::Recorded(rows) => {
                self.records += 1;
                for row in rows {
                    let written = self.recorded_csv.add(&row);
                    self.unreadable.extend(written.err().map(|failure| failure.to_string()));
                    self.tally.record(&row);
                }
            }
            Line::LinkUp => {
                self.link_is_up = true;
                self.links += 1;
            }
            Line::LinkDown(_) => self.link_is_up = false,
            Line::Command { id, outcome } => self.commands.push((id, outcome)),
            Line::Fault(text) => self.faults.push(text),
            Line::Queue(waiting) => self.queue = waiting,
            Line::Malformed(text) => self.unreadable.push(format!("console: {text}")),
            Line::Delivered { .. } | Line::Other(_) => {}
        }
    }
}

/// Shows the rows of one record as a reader would write them.
struct Shown<'r>(&'static str, &'r [Row]);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0)?;
        if let Some(Row { key, .. }) = self.1.first() {
            write!(formatter, "{}/{:<3}", key.boot, key.sequence)?;
        }
        for Row { key, value, unit, .. } in self.1 {
            write!(formatter, "  {} {value} {unit}", key.channel)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::show::Detail;

    #[test]
    fn both_sides_meet_in_one_ledger() {
        let folder = std::env::temp_dir().join(format!("sundew-ledger-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let ledger = Ledger::create(&folder, Show::new(Detail::Steps), Stop::never()).unwrap();
        let other = ledger.clone();
        let node = std::thread::spawn(move || {
            other.node_said("boot 1");
            other.node_said("recorded boot=1 seq=0 time=9 air=21.5 Cel");
            other.rows_arrived(vec!["1,0,air,21.50,Cel,9".parse().unwrap()]);
        });
        let patience = Duration::from_secs(5);
        ledger.wait("a row", patience, |seen| seen.tally.delivered() == 1).unwrap();
        node.join().unwrap();
        let short = Duration::from_millis(1);
        let late = ledger.wait("a second boot", short, |seen| seen.boots.len() == 2);
        assert!(late.unwrap_err().to_string().contains("a second boot"));
        let rows = crate::demo::row::read_csv(&folder.join("recorded.csv")).unwrap();
        assert_eq!(rows.len(), 1);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
