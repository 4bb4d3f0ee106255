//! What the program is started with.

use std::path::PathBuf;
use std::str::FromStr;

/// Says how to start the program.
pub(crate) const HELP: &str = "\
Runs the weather node on simulated hardware until it is killed.

  sundew-board-host --flash FILE --port PORT [OPTIONS]

  --flash FILE     the image of the flash part: 1 MiB, provisioned
  --port PORT      the broker's port (TLS 1.3) on 127.0.0.1, or that of the simulated air
  --profile NAME   how it speaks to a broker: senml (default) or compact
  --link NAME      mqtt (default), or lorawan-eu868-dr0: a simulated radio, tiny frames only
  --time-lapse N   lets the node's time run N times as fast, for a radio with a duty cycle
  --since MILLIS   when it began to run faster, in Unix milliseconds; default: at the start";

/// Says what carries the node's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// Goes to a broker over TLS.
    Mqtt(Profile),
    /// Goes over the air at the data rate 0 of Europe, in tiny frames.
    Lorawan,
}

/// Says how the node speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Sends values with name and unit.
    #[default]
    Senml,
    /// Sends columns, which need the descriptor.
    Compact,
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "senml" => Ok(Self::Senml),
            "compact" => Ok(Self::Compact),
            _ => Err(format!("no profile: {name}")),
        }
    }
}

/// Holds the arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// Names the image of the flash part.
    pub(crate) flash: PathBuf,
    /// Holds the broker's port.
    pub(crate) port: u16,
    /// Says what carries the node's messages.
    pub(crate) link: Link,
    /// Says how many times as fast its time runs.
    pub(crate) time_lapse: u32,
    /// Holds since when it does, in Unix milliseconds.
    pub(crate) since: Option<u64>,
}

impl Arguments {
    /// Reads the words that follow the program's name.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with them, in one clause.
    pub(crate) fn read(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let (mut flash, mut port, mut profile) = (None, None, None);
        let (mut link, mut time_lapse, mut since) = ("mqtt".to_owned(), 1, None);
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
            match word.as_str() {
                "--flash" => flash = Some(PathBuf::from(value)),
                "--port" => port = Some(value.parse().map_err(|_| format!("no port: {value}"))?),
                "--profile" => profile = Some(value.parse()?),
                "--link" => link = value,
                "--time-lapse" => time_lapse = number(&value)?,
                "--since" => since = Some(number(&value)?),
                _ => return Err(format!("unknown argument {word}")),
            }
        }
        let flash = flash.ok_or("--flash is missing")?;
        let port = port.ok_or("--port is missing")?;
        let link = match (link.as_str(), profile) {
            ("mqtt", profile) => Link::Mqtt(profile.unwrap_or_default()),
            ("lorawan-eu868-dr0", None) => Link::Lorawan,
            ("lorawan-eu868-dr0", Some(_)) => return Err(format!("--profile is not for {link}")),
            _ => return Err(format!("no link: {link}")),
        };
        Ok(Self { flash, port, link, time_lapse, since })
    }
}

fn number<T: FromStr>(value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("no number: {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, String> {
        Arguments::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn flash_and_port_are_needed_and_nothing_unknown_is_taken() {
        let flash = PathBuf::from("a.bin");
        let (link, time_lapse, since) = (Link::Mqtt(Profile::Senml), 1, None);
        let arguments = Arguments { flash, port: 8883, link, time_lapse, since };
        assert_eq!(read("--port 8883 --flash a.bin"), Ok(arguments.clone()));
        let compact = Arguments { link: Link::Mqtt(Profile::Compact), ..arguments.clone() };
        assert_eq!(read("--profile compact --port 8883 --flash a.bin"), Ok(compact));
        let radio = Arguments { link: Link::Lorawan, time_lapse: 100, since: Some(7), ..arguments };
        let line = "--link lorawan-eu868-dr0 --time-lapse 100 --since 7 --port 8883 --flash a.bin";
        assert_eq!(read(line), Ok(radio));
        let wrong = ["--profile x", "--link x", "--link lorawan-eu868-dr0 --profile compact"];
        let wrong = wrong.map(|option| format!("--port 1 --flash a {option}"));
        let [profile, link, both] = wrong.each_ref().map(String::as_str);
        for line in [
            "",
            "--flash a.bin",
            "--port 1",
            "--port x --flash a",
            "--flash",
            "--x 1",
            profile,
            link,
            both,
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
