//! The numbers that were taken of a node, on disk.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sundew_transport::serial::Window;

/// Keeps the window of one node in a file, which is whole or the one before.
#[derive(Debug)]
pub(crate) struct Store {
    file: PathBuf,
    window: Window,
}

impl Store {
    /// Reads what was kept; a node that is new has taken nothing.
    pub(crate) fn open(folder: &Path, number: u32) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let file = folder.join(format!("{number}.window"));
        let window = match fs::read(&file) {
            Ok(bytes) => {
                let bytes = bytes
                    .try_into()
                    .map_err(|_| io::Error::other(format!("{} is not a window", file.display())))?;
                Window::from_bytes(bytes)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Window::EMPTY,
            Err(error) => return Err(error),
        };
        Ok(Self { file, window })
    }

    pub(crate) const fn window(&self) -> Window {
        self.window
    }

    /// Keeps a window; it is on the disk when this returns.
    pub(crate) fn keep(&mut self, window: Window) -> io::Result<()> {
        let new = self.file.with_extension("new");
        let mut file = File::create(&new)?;
        file.write_all(&window.to_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &self.file)?;
        if let Some(folder) = self.file.parent() {
            File::open(folder)?.sync_all()?;
        }
        self.window = window;
        Ok(())
    }
}
