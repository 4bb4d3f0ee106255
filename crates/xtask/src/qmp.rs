//! QMP, the QEMU Machine Protocol: a line of JSON each way over a Unix socket.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::failure::{Context, Failure};

/// Gives orders to a running QEMU.
pub(crate) struct Qmp {
    reader: BufReader<UnixStream>,
}

impl Qmp {
    /// Connects to the socket of a QEMU that is starting.
    ///
    /// # Errors
    /// It does not answer within five seconds.
    pub(crate) fn connect(socket: &Path) -> Result<Self, Failure> {
        let until = Instant::now() + Duration::from_secs(5);
        let stream = loop {
            match UnixStream::connect(socket) {
                Ok(stream) => break stream,
                Err(error) if Instant::now() > until => {
                    return Err(error).context(|| socket.display().to_string());
                }
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        stream.set_read_timeout(Some(Duration::from_secs(5))).context(|| "QMP")?;
        let mut qmp = Self { reader: BufReader::new(stream) };
        qmp.line()?;
        qmp.send("{\"execute\":\"qmp_capabilities\"}")?;
        Ok(qmp)
    }

    /// Sets a property of the device that was given the name `device`.
    ///
    /// # Errors
    /// QEMU refuses: the failure is its answer.
    pub(crate) fn set(&mut self, device: &str, property: &str, value: i64) -> Result<(), Failure> {
        self.send(&format!(
            "{{\"execute\":\"qom-set\",\"arguments\":{{\"path\":\"/machine/peripheral/{device}\",\
             \"property\":\"{property}\",\"value\":{value}}}}}"
        ))
    }

    fn send(&mut self, order: &str) -> Result<(), Failure> {
        writeln!(self.reader.get_mut(), "{order}").context(|| "QMP")?;
        loop {
            let answer = self.line()?;
            if answer.contains("\"return\"") {
                return Ok(());
            }
            if answer.contains("\"error\"") {
                return Err(Failure::new(answer.trim_end()));
            }
        }
    }

    fn line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        match self.reader.read_line(&mut line).context(|| "QMP")? {
            0 => Err(Failure::new("QEMU closed the connection")),
            _ => Ok(line),
        }
    }
}
