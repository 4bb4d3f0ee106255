//! A started process that does not outlive its owner.

use std::process::{Child, Command};

use crate::failure::{Context, Failure};
use crate::process::shown;

/// Kills its process when dropped, whichever way the owner's function ends.
///
/// The process is ended through its handle only, so never one that this program did not start.
pub(crate) struct Guard {
    child: Child,
    name: &'static str,
}

impl Guard {
    /// Starts `command` under a `name` for messages.
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Result<Self, Failure> {
        let child = command.spawn().context(|| format!("cannot start {}", shown(command)))?;
        Ok(Self { child, name })
    }

    /// Lends the process, to take its pipes.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Fails where the process has ended by itself.
    pub(crate) fn check_alive(&mut self) -> Result<(), Failure> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => {
                Err(Failure::new(format!("{} ended by itself: {status}", self.name)))
            }
            Err(error) => Err(Failure::new(format!("cannot ask after {}: {error}", self.name))),
        }
    }

    /// Ends the process with SIGKILL and collects it; nothing where it ended already.
    pub(crate) fn kill(&mut self) {
        // An error means that it is gone already, which is what was asked for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_process_is_gone() {
        let mut guard = Guard::start("sleep", Command::new("sleep").arg("60")).unwrap();
        guard.check_alive().unwrap();
        let process = std::path::PathBuf::from(format!("/proc/{}", guard.child().id()));
        let had_process = process.exists();
        drop(guard);
        assert!(!had_process || !process.exists());
    }

    #[test]
    fn one_that_ended_by_itself_is_told() {
        let mut guard = Guard::start("true", &mut Command::new("true")).unwrap();
        guard.child().wait().unwrap();
        assert!(guard.check_alive().unwrap_err().to_string().contains("ended by itself"));
    }
}
