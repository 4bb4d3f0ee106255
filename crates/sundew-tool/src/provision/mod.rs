//! `sundew provision`.

mod anchor;
mod client;
mod counted;
mod files;
mod secrets;

use std::{convert::Infallible, fs, io::Write, path::PathBuf};

use clap::Args;
use sundew_identity::{Anchors, DeviceRecord, Error};

use crate::{
    Failure,
    table::{self, Cell},
};
use anchor::Trusted;
use client::Authority;
use files::{Files, Private};

const EXAMPLES: &str = "\
Each device gets a random seed and, where asked for, a PSK, a password, a key of sealed frames and a
client certificate of its own, all from the randomness of the operating system. With --count the
digits that end the id and the serial count up.

Into the folder: ID.bin, the bytes of the record's region in flash; devices.csv, which holds nothing
secret; and what the other side needs: psk_file (mosquitto), password_file (for mosquitto_passwd -U),
nodes (the gateway). Files with secrets are for their owner alone (mode 600); nothing is overwritten.

Examples:
  sundew provision --id hut-1 --class weather --server broker.example --psk --into factory
  sundew provision --id hut-001 --serial WX0001 --count 100 --class weather --server broker.example \\
    --ca ca.pem --ca-key ca.key --anchor server=certificate:ca.pem \\
    --anchor update+anchors=ed25519:9d61b19d... --into factory";

/// Makes the record of a device, or of a batch, with credentials that no other device has
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The name of the device in its fleet: letters, digits, - and _
    #[arg(long)]
    id: String,

    /// How many devices to make
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    count: u32,

    /// The number on the case
    #[arg(long, default_value = "")]
    serial: String,

    /// The class of devices that take the same messages and images
    #[arg(long, default_value = "")]
    class: String,

    /// The name that the server's certificate must carry
    #[arg(long, default_value = "")]
    server: String,

    /// Make a key of 32 bytes that is shared with the server, known by the device's id
    #[arg(long)]
    psk: bool,

    /// Make a password; the user is the device's id
    #[arg(long)]
    password: bool,

    /// Make a key of sealed frames, for the node of this number behind a gateway
    #[arg(long, value_name = "NUMBER")]
    node: Option<u16>,

    /// Make a client key (P-256) and a certificate from this authority, PEM; needs openssl 3
    #[arg(long, value_name = "FILE", requires = "ca_key")]
    ca: Option<PathBuf>,

    /// The authority's private key, PEM
    #[arg(long, value_name = "FILE", requires = "ca")]
    ca_key: Option<PathBuf>,

    /// For how long the client certificate is valid
    #[arg(long, value_name = "DAYS", default_value_t = 7_300)]
    days: u32,

    /// Whom the device trusts, and with what: server, update, command, anchors, time; the name that
    /// messages call a key by may follow a #
    #[arg(long, value_name = "ROLE[+ROLE]=certificate:FILE|pin:HEX|ed25519:HEX|p256:HEX[#NAME]")]
    anchor: Vec<Trusted>,

    /// The length of the record's region in flash, both copies: two pages or more
    #[arg(long, value_name = "BYTES", default_value_t = 8_192,
        value_parser = clap::value_parser!(u32).range(256..=0x10_0000))]
    region: u32,

    /// The folder to write to; made where it is not there
    #[arg(long, value_name = "FOLDER")]
    into: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let devices = named(arguments)?;
    let anchors: Vec<_> = arguments.anchor.iter().map(Trusted::anchor).collect();
    let needed = Anchors::encode(&anchors, &mut []).err().unwrap_or(0);
    let mut bytes = vec![0; needed];
    let anchors = Anchors::encode(&anchors, &mut bytes)
        .map_err(|needed| Failure::Input(format!("anchors of {needed} bytes")))?;
    let authority = match (&arguments.ca, &arguments.ca_key) {
        (Some(certificate), Some(key)) => {
            Some(Authority { certificate, key, days: arguments.days })
        }
        _ => None,
    };

    fs::create_dir_all(&arguments.into)?;
    let mut files = Files::create(arguments)?;
    let mut rows = Vec::new();
    for device in &devices {
        let used = make(arguments, device, anchors, authority.as_ref(), &mut files)?;
        let cells = [device.id.clone(), device.serial.clone(), used.to_string()];
        rows.push(cells.map(Cell::plain));
    }
    files.finish()?;
    table::write(out, ["id", "serial", "bytes"], [true, false, true], &rows)?;
    Ok(())
}

/// Holds the names of a device.
struct Named {
    id: String,
    serial: String,
    node: Option<u16>,
}

fn named(arguments: &Arguments) -> Result<Vec<Named>, Failure> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if arguments.id.is_empty() || arguments.id.len() > 64 || !arguments.id.chars().all(is_plain) {
        return Err(Failure::Usage("--id takes 1 to 64 letters, digits, - and _".into()));
    }
    // It stands in a line of a table.
    if arguments.serial.contains(|c: char| c == ',' || c == '"' || c.is_control()) {
        return Err(Failure::Usage("--serial takes no comma, quote or control character".into()));
    }
    let ids = counted::up("--id", &arguments.id, arguments.count)?;
    let serials = counted::up("--serial", &arguments.serial, arguments.count)?;
    let mut devices = Vec::new();
    for (index, (id, serial)) in (0..).zip(ids.into_iter().zip(serials)) {
        let node = match arguments.node {
            // 0 is no node and 65,535 the last.
            Some(first) => Some(
                u16::try_from(u32::from(first) + index)
                    .map_err(|_| Failure::Usage("--node counts past 65535".into()))?,
            ),
            None => None,
        };
        devices.push(Named { id, serial, node });
    }
    Ok(devices)
}

/// Makes one device, and returns the length of its record in bytes.
fn make(
    arguments: &Arguments,
    device: &Named,
    anchors: Anchors<'_>,
    authority: Option<&Authority<'_>>,
    files: &mut Files,
) -> Result<usize, Failure> {
    let seed: [u8; 32] = secrets::fresh()?;
    let psk: Option<[u8; 32]> = arguments.psk.then(secrets::fresh).transpose()?;
    let password = arguments.password.then(secrets::fresh::<16>).transpose()?;
    let password = password.map(|bytes| secrets::hex(&bytes));
    let link_key: Option<[u8; 16]> = device.node.map(|_| secrets::fresh()).transpose()?;
    let client = authority.map(|authority| authority.certify(&device.id)).transpose()?;

    let mut record = DeviceRecord::new(&device.id)
        .with_serial(&device.serial)
        .with_class(&arguments.class)
        .with_server(&arguments.server)
        .with_seed(&seed)
        .with_anchors(1, anchors);
    if let Some(key) = &psk {
        record = record.with_psk(device.id.as_bytes(), key);
    }
    if let Some(password) = &password {
        record = record.with_credentials(&device.id, password.as_bytes());
    }
    if let Some(key) = &link_key {
        record = record.with_link_key(key);
    }
    if let Some(client) = &client {
        record = record.with_certificate(&client.certificate, &client.key);
    }

    // As the device expects it of a factory: one copy at the start, and the place of the second
    // erased. The first that the device stores itself goes there.
    let mut image = vec![0xFF; arguments.region as usize];
    let half = image.get_mut(..arguments.region as usize / 2).unwrap_or_default();
    let used = record.encode::<Infallible>(half).map_err(|error| match error {
        Error::TooLong { needed } => Failure::Input(format!(
            "the record takes {needed} bytes, and half of --region {} has no room for it",
            arguments.region
        )),
        error => Failure::Input(error.to_string()),
    })?;

    let path = arguments.into.join(format!("{}.bin", device.id));
    Private::create(&path)?.write(&image)?;
    files.tell(device, arguments, psk.as_ref(), password.as_deref(), link_key.as_ref())?;
    Ok(used)
}
