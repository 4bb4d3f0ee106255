//! What a reader sees while a run goes on.

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::time::Instant;

/// Says how much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Shows every reading and every event.
    All,
    /// Shows nothing but what the caller asks for by [`Show::say`] and its kin.
    Steps,
}

/// Prints lines with the seconds since the start; colours only on a terminal.
#[derive(Clone, Copy)]
pub(crate) struct Show {
    started: Instant,
    colour: bool,
    detail: Detail,
}

impl Show {
    /// Starts the clock.
    pub(crate) fn new(detail: Detail) -> Self {
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { started: Instant::now(), colour, detail }
    }

    /// Begins a part of the story.
    pub(crate) fn heading(&self, text: impl Display) {
        self.print(&format!("\n{}", self.painted("1", text)));
    }

    /// Tells what this program does.
    pub(crate) fn say(&self, text: impl Display) {
        self.line("36", "demo", text);
    }

    /// Tells that a step was really seen.
    pub(crate) fn seen(&self, text: impl Display) {
        self.line("32", "seen", text);
    }

    /// Tells what went wrong.
    pub(crate) fn wrong(&self, text: impl Display) {
        self.line("31", "FAIL", text);
    }

    /// Tells what the node printed.
    pub(crate) fn node(&self, text: impl Display) {
        if self.detail == Detail::All {
            self.line("33", "node", text);
        }
    }

    /// Tells what arrived at the subscriber.
    pub(crate) fn arrived(&self, text: impl Display) {
        if self.detail == Detail::All {
            self.line("35", "arrived", text);
        }
    }

    fn line(&self, colour: &str, who: &str, text: impl Display) {
        let seconds = self.started.elapsed().as_secs_f32();
        let who = self.painted(colour, format_args!("{who:<7}"));
        self.print(&format!("{seconds:6.1}  {who}  {text}"));
    }

    fn painted(&self, code: &str, text: impl Display) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }

    #[expect(clippy::unused_self, reason = "all output goes one way")]
    fn print(&self, text: &str) {
        // A closed pipe must not end the run before its processes are ended.
        let _ = writeln!(std::io::stdout(), "{text}");
    }
}
