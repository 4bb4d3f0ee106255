//! rumqttd with two listeners on the loopback: TLS with a password, and neither of both.
//!
//! `sundew-demo-broker TLS_PORT PLAIN_PORT CERTIFICATE KEY ACCOUNTS`, where `ACCOUNTS` is a file
//! with a user on its first line and the password on its second.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use rumqttd::{Broker, Config, ConnectionSettings, RouterConfig, ServerSettings, TlsConfig};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let mut next = |name: &str| words.next().ok_or_else(|| format!("{name} is missing"));
    let tls_port: u16 = next("TLS_PORT")?.parse()?;
    let plain_port: u16 = next("PLAIN_PORT")?.parse()?;
    let tls =
        TlsConfig::Rustls { capath: None, certpath: next("CERTIFICATE")?, keypath: next("KEY")? };
    let accounts = std::fs::read_to_string(next("ACCOUNTS")?)?;
    let (user, password) = accounts.trim_end().split_once('\n').ok_or("ACCOUNTS: two lines")?;
    let account = HashMap::from([(user.to_owned(), password.to_owned())]);

    let node = listener("node", tls_port, Some(tls), Some(account));
    let subscriber = listener("subscriber", plain_port, None, None);
    let config = Config {
        router: RouterConfig {
            max_connections: 32,
            max_outgoing_packet_count: 200,
            max_segment_size: 1 << 20,
            max_segment_count: 10,
            ..RouterConfig::default()
        },
        v4: Some(HashMap::from([("node".to_owned(), node), ("subscriber".to_owned(), subscriber)])),
        ..Config::default()
    };
    Broker::new(config).start()?;
    Ok(())
}

fn listener(
    name: &str,
    port: u16,
    tls: Option<TlsConfig>,
    auth: Option<HashMap<String, String>>,
) -> ServerSettings {
    ServerSettings {
        name: name.to_owned(),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        tls,
        next_connection_delay_ms: 1,
        connections: ConnectionSettings {
            connection_timeout_ms: 10_000,
            max_payload_size: 64 * 1024,
            max_inflight_count: 100,
            auth,
            external_auth: None,
            dynamic_filters: true,
        },
    }
}
