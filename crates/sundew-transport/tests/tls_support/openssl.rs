//! A server that nobody here wrote.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::certificates::Identity;

/// `openssl s_server` on the loopback; it sends each line back reversed.
pub struct OpensslServer {
    child: Child,
    folder: PathBuf,
    pub port: u16,
}

impl OpensslServer {
    /// Starts a TLS 1.3 server with `identity`, which shows `chain` too.
    pub fn start(identity: &Identity, chain: &[&Identity]) -> Self {
        Self::start_with(identity, chain, &["-tls1_3"])
    }

    /// Starts a TLS 1.3 server that has `key` for `identity`, and no certificate.
    pub fn start_with_key(identity: &str, key: &[u8]) -> Self {
        let key: Vec<String> = key.iter().map(|byte| format!("{byte:02x}")).collect();
        Self::launch("key", |_, command| {
            command.args(["-tls1_3", "-nocert", "-psk_identity", identity, "-psk", &key.concat()]);
            command.args(["-ciphersuites", "TLS_AES_128_GCM_SHA256"]);
        })
    }

    pub fn start_with(identity: &Identity, chain: &[&Identity], options: &[&str]) -> Self {
        Self::launch("tls", |folder, command| {
            let write = |name: &str, text: &str| {
                let path = folder.join(name);
                std::fs::write(&path, text).expect("write a certificate");
                path
            };
            let certificate = write("server.pem", &identity.certificate.pem());
            let key = write("server.key", &identity.key.serialize_pem());
            let chain: String = chain.iter().map(|link| link.certificate.pem()).collect();
            command.args(options).arg("-cert").arg(certificate).arg("-key").arg(key);
            if !chain.is_empty() {
                command.arg("-cert_chain").arg(write("chain.pem", &chain));
            }
        })
    }

    fn launch(kind: &str, configure: impl FnOnce(&Path, &mut Command)) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let unique = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("sundew-{kind}-{}-{unique}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for certificates");

        let probe = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = probe.local_addr().expect("address").port();
        drop(probe);
        let mut command = Command::new("openssl");
        command.args(["s_server", "-rev", "-accept", &format!("127.0.0.1:{port}")]);
        configure(&folder, &mut command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!("these tests need the program `openssl` (apt-get install openssl): {error}")
        });
        let mut lines = BufReader::new(child.stdout.take().expect("stdout"));
        let mut line = String::new();
        while !line.contains("ACCEPT") {
            line.clear();
            assert!(lines.read_line(&mut line).expect("output") > 0, "openssl did not start");
        }
        // Its output is read on, or it would stop at a full pipe.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Self { child, folder, port }
    }
}

impl Drop for OpensslServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
