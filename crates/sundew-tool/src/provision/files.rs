//! What is written for the other side.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{Arguments, Named, secrets::hex};
use crate::Failure;

/// Is a new file that its owner alone can read, from its first moment on.
pub(super) struct Private {
    file: File,
    path: PathBuf,
}

impl Private {
    /// Creates the file; one that is there is never overwritten, since its keys may be in the field.
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        Self::with_mode(path, 0o600)
    }

    fn with_mode(path: &Path, mode: u32) -> Result<Self, Failure> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        #[cfg(not(unix))]
        let _ = mode;
        let file = options.open(path).map_err(|error| about(path, &error))?;
        Ok(Self { file, path: path.to_owned() })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file.write_all(bytes).map_err(|error| about(&self.path, &error))
    }

    fn line(&mut self, line: &str) -> Result<(), Failure> {
        self.write(format!("{line}\n").as_bytes())
    }

    fn finish(self) -> Result<(), Failure> {
        self.file.sync_all().map_err(|error| about(&self.path, &error))
    }
}

fn about(path: &Path, error: &io::Error) -> Failure {
    Failure::Input(format!("cannot write {}: {error}", path.display()))
}

/// Holds the lists of a batch, a line for each device.
pub(super) struct Files {
    devices: Private,
    psk: Option<Private>,
    password: Option<Private>,
    nodes: Option<Private>,
}

impl Files {
    pub(super) fn create(arguments: &Arguments) -> Result<Self, Failure> {
        let list = |name: &str, wanted: bool| {
            wanted.then(|| Private::create(&arguments.into.join(name))).transpose()
        };
        let mut devices = Private::with_mode(&arguments.into.join("devices.csv"), 0o644)?;
        devices.line("id,serial,class,server")?;
        Ok(Self {
            devices,
            psk: list("psk_file", arguments.psk)?,
            password: list("password_file", arguments.password)?,
            nodes: list("nodes", arguments.node.is_some())?,
        })
    }

    /// Adds a device to each list.
    pub(super) fn tell(
        &mut self,
        device: &Named,
        arguments: &Arguments,
        psk: Option<&[u8; 32]>,
        password: Option<&str>,
        link_key: Option<&[u8; 16]>,
    ) -> Result<(), Failure> {
        let Named { id, serial, node } = device;
        let (class, server) = (&arguments.class, &arguments.server);
        self.devices.line(&format!("{id},{serial},{},{}", field(class), field(server)))?;
        if let (Some(file), Some(key)) = (&mut self.psk, psk) {
            file.line(&format!("{id}:{}", hex(key)))?;
        }
        if let (Some(file), Some(password)) = (&mut self.password, password) {
            file.line(&format!("{id}:{password}"))?;
        }
        if let (Some(file), Some(key), Some(node)) = (&mut self.nodes, link_key, node) {
            file.line(&format!("{node} {id} {}", hex(key)))?;
        }
        Ok(())
    }

    /// Waits until the lists are on the disk.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let lists = [Some(self.devices), self.psk, self.password, self.nodes];
        lists.into_iter().flatten().try_for_each(Private::finish)
    }
}

/// Returns a field as RFC 4180 wants it.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
