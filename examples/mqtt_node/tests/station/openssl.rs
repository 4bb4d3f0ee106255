//! `openssl s_server` with a certificate of the test's own.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};

/// 2026-06-01, while the certificates of the test are good.
pub const NOW: u32 = 1_780_272_000;

/// Numbers the servers, so that each has a folder of its own.
static SERVERS: AtomicU32 = AtomicU32::new(0);

/// Holds an authority of the test's own.
pub struct Authority {
    certificate: Certificate,
    key: KeyPair,
    params: CertificateParams,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { certificate: params.self_signed(&key).unwrap(), key, params }
    }

    pub fn der(&self) -> &[u8] {
        self.certificate.der()
    }
}

/// Runs the server `localhost` of an authority; ends it also when a test fails.
pub struct Server {
    process: Child,
    folder: PathBuf,
    pub port: u16,
}

impl Server {
    pub fn start(authority: &Authority) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2027, 1, 1);
        let issuer = Issuer::from_params(&authority.params, &authority.key);
        let leaf = params.signed_by(&key, &issuer).unwrap();
        let number = SERVERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("sundew-station-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let (cert_path, key_path) = (folder.join("server.pem"), folder.join("server.key"));
        std::fs::write(&cert_path, leaf.pem()).unwrap();
        std::fs::write(&key_path, key.serialize_pem()).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new("openssl")
            .args(["s_server", "-tls1_3", "-accept", &format!("127.0.0.1:{port}"), "-cert"])
            .arg(&cert_path)
            .arg("-key")
            .arg(&key_path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("this test needs the program `openssl` (apt-get install openssl): {error}")
            });
        let mut server = Self { process, folder, port };
        let mut lines = BufReader::new(server.process.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("ACCEPT") {
            line.clear();
            assert!(lines.read_line(&mut line).unwrap() > 0, "openssl did not start");
        }
        // It says what it receives: somebody has to listen, or it stops.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
