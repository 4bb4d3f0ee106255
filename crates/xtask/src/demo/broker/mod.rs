//! A real MQTT broker for one run: TLS 1.3 with a password for the node, and a listener without
//! either, on the loopback only, for the subscriber.

mod mosquitto;
mod rumqttd;

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use super::certificates::Certificates;
use super::guard::Guard;
use super::ledger::Ledger;
use super::provision::Device;
use crate::failure::{Context, Failure};

/// Names the brokers that the demo knows to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Takes mosquitto where it is or can be installed, else rumqttd.
    Any,
    /// Takes mosquitto or fails.
    Mosquitto,
    /// Builds and takes rumqttd.
    Rumqttd,
}

impl std::str::FromStr for Kind {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        match text {
            "any" => Ok(Self::Any),
            "mosquitto" => Ok(Self::Mosquitto),
            "rumqttd" => Ok(Self::Rumqttd),
            _ => Err(Failure::new(format!("--broker {text}: not any, mosquitto or rumqttd"))),
        }
    }
}

/// Runs until it is dropped.
pub(crate) struct Broker {
    process: Guard,
    tls_port: u16,
    plain_port: u16,
}

/// Holds what a broker is started with.
struct Setup<'s> {
    folder: &'s Path,
    certificates: &'s Certificates,
    device: &'s Device,
    tls_port: u16,
    plain_port: u16,
}

impl Broker {
    /// Starts a broker that takes connections when this returns.
    pub(crate) fn start(
        kind: Kind,
        folder: &Path,
        certificates: &Certificates,
        device: &Device,
        ledger: &Ledger,
    ) -> Result<Self, Failure> {
        let found = match kind {
            Kind::Rumqttd => None,
            Kind::Mosquitto => Some(mosquitto::find_or_install()?),
            Kind::Any => mosquitto::find_or_install()
                .inspect_err(|failure| ledger.show().say(format!("{failure}; taking rumqttd")))
                .ok(),
        };
        let program = if found.is_none() { Some(rumqttd::build(ledger)?) } else { None };
        // Somebody may take a free port before the broker does, so a broker that does not come up
        // gets two more tries with other ports.
        let mut last = None;
        for _ in 0..3 {
            let (tls_port, plain_port) = free_ports()?;
            let setup = Setup { folder, certificates, device, tls_port, plain_port };
            let (name, process) = match (&found, &program) {
                (Some(found), _) => ("mosquitto", mosquitto::start(found, &setup)?),
                (_, Some(program)) => ("rumqttd", rumqttd::start(program, &setup)?),
                _ => return Err(Failure::new("no broker")),
            };
            let mut broker = Self { process, tls_port, plain_port };
            match broker.wait_until_open(ledger) {
                Ok(()) => {
                    ledger.show().say(format!(
                        "{name} takes TLS 1.3 on 127.0.0.1:{tls_port}, plain on {plain_port}"
                    ));
                    return Ok(broker);
                }
                Err(failure) => last = Some(failure),
            }
            ledger.stop().check()?;
        }
        let log = std::fs::read_to_string(folder.join("broker.log")).unwrap_or_default();
        let last = last.unwrap_or_else(|| Failure::new("it was never started"));
        Err(Failure::new(format!("the broker does not come up: {last}\n{log}")))
    }

    /// Returns the port with TLS.
    pub(crate) fn tls_port(&self) -> u16 {
        self.tls_port
    }

    /// Returns the port without.
    pub(crate) fn plain_port(&self) -> u16 {
        self.plain_port
    }

    fn wait_until_open(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        for _ in 0..200 {
            ledger.stop().sleep(Duration::from_millis(50))?;
            self.process.check_alive()?;
            let open = |port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
            if open(self.tls_port) && open(self.plain_port) {
                return Ok(());
            }
        }
        Err(Failure::new("it takes no connection after 10 s"))
    }
}

/// Returns two ports that were free a moment ago.
fn free_ports() -> Result<(u16, u16), Failure> {
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context(|| "no free port");
    let (first, second) = (bind()?, bind()?);
    let port = |listener: &TcpListener| {
        listener.local_addr().map(|address| address.port()).context(|| "no free port")
    };
    Ok((port(&first)?, port(&second)?))
}

/// Opens the log that a broker writes to.
fn log(folder: &Path) -> Result<std::fs::File, Failure> {
    let path = folder.join("broker.log");
    let file = std::fs::OpenOptions::new().create(true).append(true).open(&path);
    file.context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::demo::profile::Profile;
    use crate::demo::relay::Relay;
    use crate::demo::show::{Detail, Show};
    use crate::demo::stop::Stop;
    use crate::demo::subscriber::Subscriber;
    use crate::demo::{certificates, pack};

    /// A pack of one record: `[{0: "air", 1: "Cel", 2: 21, "boot": 1, "seq": 7}]`.
    const PACK: &[u8] = b"\x81\xA5\x00\x63air\x01\x63Cel\x02\x15\x64boot\x01\x63seq\x07";

    /// Sends a message as a device would, by a client that nobody here wrote.
    fn publish(folder: &Path, port: u16, password: &str) -> bool {
        let mut client = Command::new("mosquitto_pub");
        client.args([
            "-h",
            "localhost",
            "-p",
            &port.to_string(),
            "-u",
            "weather-1",
            "-P",
            password,
        ]);
        client.args(["--tls-version", "tlsv1.3", "-q", "1", "-t", "sundew/weather-1/up", "-f"]);
        client.arg(folder.join("pack")).arg("--cafile").arg(folder.join("authority.pem"));
        client.output().unwrap().status.success()
    }

    fn carries_only_what_a_known_device_sends(kind: Kind, name: &str) {
        if crate::process::find_program("mosquitto_pub").is_none() {
            return;
        }
        let folder = std::env::temp_dir().join(format!("sundew-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        assert_eq!(pack::rows(PACK).unwrap().len(), 1);
        std::fs::write(folder.join("pack"), PACK).unwrap();
        let ledger = Ledger::create(&folder, Show::new(Detail::Steps), Stop::never()).unwrap();
        let device = Device::fresh().unwrap();
        let certificates = certificates::make(&folder, &device.server_name).unwrap();
        let broker = Broker::start(kind, &folder, &certificates, &device, &ledger).unwrap();
        let relay = Relay::start(broker.tls_port()).unwrap();
        let _subscriber =
            Subscriber::start(broker.plain_port(), &device, Profile::Senml, &ledger).unwrap();

        assert!(!publish(&folder, relay.port(), "wrong"));
        assert!(publish(&folder, relay.port(), &device.password));
        let patience = Duration::from_secs(5);
        ledger.wait("the row", patience, |seen| seen.tally.arrived().count() == 1).unwrap();
        assert!(publish(&folder, relay.port(), &device.password));
        ledger.wait("it again", patience, |seen| seen.tally.duplicated() == 1).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn mosquitto_carries_only_what_a_known_device_sends() {
        if mosquitto::is_there() {
            carries_only_what_a_known_device_sends(Kind::Mosquitto, "mosquitto");
        }
    }

    #[test]
    #[ignore = "builds 150 crates; `cargo demo --broker rumqttd` shows the same"]
    fn rumqttd_carries_only_what_a_known_device_sends() {
        carries_only_what_a_known_device_sends(Kind::Rumqttd, "rumqttd");
    }
}
