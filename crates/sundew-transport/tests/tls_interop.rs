//! Each profile with each server that can serve it, in the smallest buffers that do.
//!
//! `cargo prove tls-interop` runs this and writes the table into the crate's README. Wants openssl,
//! nginx and mosquitto.
#![cfg(feature = "tls")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test panics where it fails"
)]

mod tls_support;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use sundew_identity::Psk;
use sundew_transport::tls::{Buffers, Error, Profile, Server, Session, TrustAnchor, Wire};
use tls_support::certificates::{Identity, authority, pin, self_signed, server, signed};
use tls_support::openssl::OpensslServer;
use tls_support::{Socket, SocketError, now, patience, read_exactly, rng};

const PSK: Psk<'static> = Psk { identity: b"weather-7", key: b"sixteen bytes ok" };

/// Is what is said over a session: a request, and how the answer begins.
#[derive(Clone, Copy)]
struct Talk(&'static [u8], &'static [u8]);

const REVERSED: Talk = Talk(b"sundew\n", b"wednus\n");
const PONG: Talk = Talk(b"ping", b"pong");
const HTTP: Talk = Talk(b"GET / HTTP/1.0\r\n\r\n", b"HTTP/1.1 ");
const MQTT: Talk = Talk(b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01x", b"\x20\x02\0\0");

/// A server that is a program of its own.
struct Daemon {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Daemon {
    fn start(name: &str, program: &str, configure: impl Fn(&Path, u16) -> Vec<String>) -> Self {
        let folder = std::env::temp_dir().join(format!("sundew-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for _ in 0..5 {
            let probe = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = probe.local_addr().unwrap().port();
            drop(probe);
            let mut command = Command::new(program);
            command.args(configure(&folder, port)).stdin(Stdio::null());
            let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
            let process = process.expect("apt-get install nginx-light mosquitto");
            let mut this = Self { process, folder: folder.clone(), port };
            for _ in 0..300 {
                if this.process.try_wait().unwrap().is_some() {
                    break;
                }
                if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return this;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        panic!("{name} does not start");
    }

    fn nginx(shown: &[&Identity]) -> Self {
        Self::start("nginx-tls", "/usr/sbin/nginx", |folder, port| {
            write_identity(folder, shown);
            let root = folder.display();
            let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map(|kind| format!("{kind}_temp_path {root}/{kind};\n"))
                .concat();
            let config = format!(
                "daemon off;\nuser root;\npid {root}/pid;\nerror_log {root}/log;\nevents {{}}\n\
                 http {{ access_log off;\n{temporary}server {{ listen 127.0.0.1:{port} ssl;\n\
                 ssl_protocols TLSv1.3; ssl_certificate {root}/server.pem;\n\
                 ssl_certificate_key {root}/server.key; return 204; }} }}\n"
            );
            std::fs::write(folder.join("nginx.conf"), config).unwrap();
            let log = format!("{root}/log");
            ["-c", &format!("{root}/nginx.conf"), "-p", &root.to_string(), "-e", &log]
                .map(str::to_owned)
                .to_vec()
        })
    }

    fn mosquitto(shown: &[&Identity]) -> Self {
        Self::start("mosquitto-tls", "/usr/sbin/mosquitto", |folder, port| {
            let root = folder.display();
            let how = if shown.is_empty() {
                let key: Vec<String> = PSK.key.iter().map(|it| format!("{it:02x}")).collect();
                let line = format!("weather-7:{}\n", key.concat());
                std::fs::write(folder.join("keys"), line).unwrap();
                format!("psk_hint sundew\npsk_file {root}/keys\n")
            } else {
                write_identity(folder, shown);
                format!("certfile {root}/server.pem\nkeyfile {root}/server.key\n")
            };
            let config =
                format!("user root\nlistener {port} 127.0.0.1\nallow_anonymous true\n{how}");
            std::fs::write(folder.join("mosquitto.conf"), config).unwrap();
            vec!["-c".to_owned(), format!("{root}/mosquitto.conf")]
        })
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn write_identity(folder: &Path, shown: &[&Identity]) {
    let chain: String = shown.iter().map(|link| link.certificate.pem()).collect();
    std::fs::write(folder.join("server.pem"), chain).unwrap();
    std::fs::write(folder.join("server.key"), shown[0].key.serialize_pem()).unwrap();
}

/// Starts rustls; its thread ends with the process.
fn rustls(shown: &[&Identity]) -> u16 {
    let chain = shown.iter().map(|link| CertificateDer::from(link.der().to_vec())).collect();
    let key = PrivatePkcs8KeyDer::from(shown[0].key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key.into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut session = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut session = rustls::Stream::new(&mut session, &mut stream);
            if session.read_exact(&mut [0; 4]).is_ok() {
                let _ = session.write_all(b"pong");
            }
        }
    });
    port
}

/// Returns the smallest `receive`, `staging` and `transmit` buffers that do, in steps of 16 bytes.
fn smallest<P: Profile>(port: u16, server: &Server<P>, talk: Talk) -> [usize; 3] {
    let mut sizes = [64, 4096, 1];
    let mut well = 0;
    // Each error says how much is missing; first with plenty of the second buffer, then without.
    // Signatures are now and then a byte longer, so once is not enough.
    while well < 8 {
        match attempt(port, server, talk, sizes) {
            Ok(()) if sizes[1] == 4096 => sizes[1] = 16,
            Ok(()) => well += 1,
            Err(Error::BufferTooSmall { needed }) => sizes[2] = usize::from(needed),
            Err(Error::RecordTooLong { needed }) => {
                let needed = usize::from(needed).next_multiple_of(16);
                let which = usize::from(needed <= sizes[0]);
                assert!(needed > sizes[which], "{sizes:?} and {needed}");
                sizes[which] = needed;
                well = 0;
            }
            Err(error) => panic!("{error:?} in {sizes:?}"),
        }
    }
    sizes
}

fn attempt<P: Profile>(
    port: u16,
    server: &Server<P>,
    Talk(request, answer): Talk,
    [receive, staging, transmit]: [usize; 3],
) -> Result<(), Error<SocketError>> {
    let (mut receive, mut staging) = (vec![0; receive], vec![0; staging]);
    let mut transmit = vec![0; transmit];
    let wait = patience(Duration::from_secs(10));
    let mut wire = Wire::new(Socket::connect(port), wait, &mut staging);
    let buffers = Buffers::new(&mut receive, &mut transmit);
    let mut session = Session::open(&mut wire, buffers, server, &mut rng())?;
    session.write_all(request)?;
    let found = read_exactly(&mut session, answer.len())?;
    assert_eq!(&found[..answer.len()], answer);
    session.close()
}

fn row(server: &str, profile: &str, shown: &str, [receive, staging, transmit]: [usize; 3]) {
    println!("interop: | {server} | {profile} | {shown} | {receive} | {staging} | {transmit} |");
}

/// Starts a server that shows these certificates, and returns its port and what keeps it running.
type Start<'s> = dyn Fn(&[&Identity]) -> (u16, Option<Daemon>) + 's;

#[test]
fn every_profile_with_every_server() {
    let ca = self_signed(authority("ca"));
    let middle = signed(authority("middle"), &ca);
    let leaf = signed(server("broker.test"), &ca);
    let below = signed(server("broker.test"), &middle);
    let anchor = || TrustAnchor::from_der(ca.der()).unwrap();
    let chain = Server::chain("broker.test", anchor(), now());
    let (of_leaf, of_ca) = ([pin(&leaf)], [pin(&ca)]);
    let to_leaf = Server::pin("broker.test", &of_leaf, now());
    let to_ca = Server::pin("broker.test", &of_ca, now());
    let all = |name: &str, talk: Talk, start: &Start<'_>| {
        let one = "one certificate";
        let (port, running) = start(&[&leaf]);
        row(name, "`pin` of the server", one, smallest(port, &to_leaf, talk));
        row(name, "`chain`", one, smallest(port, &chain, talk));
        drop(running);
        let (port, running) = start(&[&leaf, &ca]);
        row(name, "`pin` of the CA", "with its CA", smallest(port, &to_ca, talk));
        drop(running);
        let (port, _running) = start(&[&below, &middle]);
        row(name, "`chain`", "with an intermediate", smallest(port, &chain, talk));
    };
    let psk = Server::psk(PSK);
    let keyed = OpensslServer::start_with_key("weather-7", PSK.key);
    row("openssl", "`psk`", "none", smallest(keyed.port, &psk, REVERSED));
    let broker = Daemon::mosquitto(&[]);
    row("mosquitto", "`psk`", "none", smallest(broker.port, &psk, MQTT));
    drop(broker);
    let running = std::cell::RefCell::new(Vec::new());
    all("openssl", REVERSED, &|shown| {
        let started = OpensslServer::start(shown[0], &shown[1..]);
        let port = started.port;
        running.borrow_mut().push(started);
        (port, None)
    });
    all("rustls", PONG, &|shown| (rustls(shown), None));
    all("nginx", HTTP, &|shown| {
        let daemon = Daemon::nginx(shown);
        (daemon.port, Some(daemon))
    });
    all("mosquitto", MQTT, &|shown| {
        let daemon = Daemon::mosquitto(shown);
        (daemon.port, Some(daemon))
    });
}
