//! What the program is started with.

use std::path::PathBuf;

/// Says how to start the program.
pub(crate) const HELP: &str = "\
Runs the weather node on simulated hardware until it is killed.

  sundew-board-host --flash FILE --port PORT

  --flash FILE   the image of the flash part: 1 MiB, provisioned
  --port PORT    the broker's port (TLS 1.3) on 127.0.0.1";

/// Holds the arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// Names the image of the flash part.
    pub(crate) flash: PathBuf,
    /// Holds the broker's port.
    pub(crate) port: u16,
}

impl Arguments {
    /// Reads the words that follow the program's name.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with them, in one clause.
    pub(crate) fn read(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let (mut flash, mut port) = (None, None);
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
            match word.as_str() {
                "--flash" => flash = Some(PathBuf::from(value)),
                "--port" => port = Some(value.parse().map_err(|_| format!("no port: {value}"))?),
                _ => return Err(format!("unknown argument {word}")),
            }
        }
        let flash = flash.ok_or("--flash is missing")?;
        Ok(Self { flash, port: port.ok_or("--port is missing")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, String> {
        Arguments::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn both_are_needed_and_nothing_else_is_known() {
        let arguments = Arguments { flash: "a.bin".into(), port: 8883 };
        assert_eq!(read("--port 8883 --flash a.bin"), Ok(arguments));
        for line in ["", "--flash a.bin", "--port 1", "--port x --flash a", "--flash", "--x 1"] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
