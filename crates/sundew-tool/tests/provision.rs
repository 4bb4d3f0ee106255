//! Makes devices, and asks who must take them: the device's own code, openssl and mosquitto.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod common;

use std::{
    collections::HashSet,
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use sundew_core::Region;
use sundew_identity::{AnchorKind, DeviceRecord, Drbg, Identity, Role};
use sundew_store::Settings;
use sundew_testkit::SimFlash;

type Part = SimFlash<16_384, 4_096, 4>;

const SETTINGS: Settings = Settings::new(Region::new(8_192, 8_192));
const IDENTITY: Identity = Identity::new(Region::new(0, 8_192), SETTINGS);

/// Is a folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sundew-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// Is a process that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn provision(into: &Folder, arguments: &str) -> Output {
    let out = into.path("out");
    let words = ["provision", "--into", &out].into_iter().chain(arguments.split(' '));
    common::sundew(&words.collect::<Vec<_>>(), b"")
}

fn part_with(image: &Path) -> Box<Part> {
    let mut part = Box::new(Part::new());
    let image = fs::read(image).unwrap();
    part.image_mut()[..image.len()].copy_from_slice(&image);
    part
}

fn openssl(arguments: &str) {
    let done = Command::new("openssl").args(arguments.split(' ')).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn wait_for(port: u16) {
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    unreachable!("nobody listens on {port}");
}

#[test]
fn the_device_reads_what_was_made_and_no_two_share_a_secret() {
    let folder = Folder::new("batch");
    let key = "07".repeat(32);
    let made = provision(
        &folder,
        &format!(
            "--id hut-009 --serial WX09 --count 3 --class weather --server broker.example --psk \
             --password --node 5 --anchor update+anchors=ed25519:{key}#2026"
        ),
    );
    let shown = String::from_utf8_lossy(&made.stdout).into_owned();
    assert_eq!((made.status.code(), String::from_utf8_lossy(&made.stderr).as_ref()), (Some(0), ""));

    let mut secrets = HashSet::new();
    let lists =
        [folder.text("out/psk_file"), folder.text("out/password_file"), folder.text("out/nodes")];
    for (index, id) in ["hut-009", "hut-010", "hut-011"].into_iter().enumerate() {
        let mut part = part_with(&folder.0.join(format!("out/{id}.bin")));
        let mut buffer = [0; 1024];
        let record = IDENTITY.load(&mut *part, &mut buffer).unwrap();
        assert_eq!(
            (record.id, record.class, record.server_name),
            (id, "weather", "broker.example")
        );
        assert_eq!(record.serial, format!("WX{:02}", 9 + index));
        let anchor = record.anchors.of(Role::Update).next().unwrap();
        assert_eq!((anchor.kind, anchor.key_id), (AnchorKind::Ed25519, b"2026".as_slice()));
        assert!(record.anchors.of(Role::Server).next().is_none());

        let psk = record.psk.unwrap();
        assert_eq!(psk.identity, id.as_bytes());
        let (password, link_key) = (record.password.unwrap(), record.link_key);
        let password_text = str::from_utf8(password).unwrap();
        assert_eq!(lists[0].lines().nth(index).unwrap(), format!("{id}:{}", common::hex(psk.key)));
        assert_eq!(lists[1].lines().nth(index).unwrap(), format!("{id}:{password_text}"));
        let node = format!("{} {id} {}", 5 + index, common::hex(link_key));
        assert_eq!(lists[2].lines().nth(index).unwrap(), node);
        for secret in [psk.key, password, link_key, record.seed.unwrap()] {
            assert!(secrets.insert(secret.to_vec()), "{id} shares a secret");
            assert!(!shown.contains(&common::hex(secret)));
        }
        assert!(!shown.contains(password_text));
        assert!(Drbg::open(&mut *part, &SETTINGS, &record).is_ok());
        // The device replaces what the factory wrote.
        let class = record.with_class("rain");
        IDENTITY.store(&mut *part, &class).unwrap();
        assert_eq!(IDENTITY.load(&mut *part, &mut [0; 1024]).unwrap().class, "rain");
    }
    assert_eq!(secrets.len(), 12);

    let devices = folder.text("out/devices.csv");
    assert_eq!(devices.lines().nth(3), Some("hut-011,WX11,weather,broker.example"));
    assert!(devices.lines().all(|line| line.len() < 50), "{devices}");
    for entry in fs::read_dir(folder.0.join("out")).unwrap().map(Result::unwrap) {
        let open = entry.file_name() == "devices.csv";
        let others = entry.metadata().unwrap().permissions().mode() & 0o077;
        assert!(open || others == 0, "{}: {others:o}", entry.path().display());
    }
}

#[test]
fn keys_that_may_be_in_the_field_are_never_overwritten() {
    let folder = Folder::new("again");
    assert!(provision(&folder, "--id hut-1 --psk").status.success());
    let before = fs::read(folder.0.join("out/hut-1.bin")).unwrap();
    assert_eq!(provision(&folder, "--id hut-1 --psk").status.code(), Some(1));
    // Where only the list was moved away, too.
    fs::remove_file(folder.0.join("out/devices.csv")).unwrap();
    fs::remove_file(folder.0.join("out/psk_file")).unwrap();
    assert_eq!(provision(&folder, "--id hut-1 --psk").status.code(), Some(1));
    assert_eq!(fs::read(folder.0.join("out/hut-1.bin")).unwrap(), before);
}

#[test]
fn what_cannot_be_is_refused() {
    let folder = Folder::new("refused");
    for (arguments, code) in [
        ("--id a/b", 2),
        ("--id hut --count 2", 2),
        ("--id h9 --count 2", 2),
        ("--id h1 --node 65535 --count 2", 2),
        ("--id h1 --anchor server=pin:00", 2),
        ("--id h1 --anchor root=pin:00", 2),
        ("--id h1 --ca x", 2),
        ("--id h1 --psk --password --node 1 --region 256", 1),
        ("--id h2 --ca x --ca-key y", 1),
    ] {
        let made = provision(&folder, arguments);
        assert_eq!(made.status.code(), Some(code), "{arguments}");
        let _ = fs::remove_dir_all(folder.0.join("out"));
    }
}

#[test]
fn openssl_and_mosquitto_take_the_shared_key() {
    let folder = Folder::new("psk");
    assert!(provision(&folder, "--id hut-1 --psk").status.success());
    let image = fs::read(folder.0.join("out/hut-1.bin")).unwrap();
    let record = DeviceRecord::decode::<core::convert::Infallible>(&image).unwrap();
    let psk = common::hex(record.psk.unwrap().key);

    let port = free_port();
    let mut server = Command::new("openssl")
        .args(["s_server", "-tls1_3", "-nocert", "-quiet", "-psk_identity", "hut-1"])
        .args(["-psk", &psk, "-accept", &format!("127.0.0.1:{port}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut heard = BufReader::new(server.stdout.take().unwrap());
    let _server = Server(server);
    wait_for(port);
    let mut client = Command::new("openssl")
        .args(["s_client", "-tls1_3", "-quiet", "-psk_identity", "hut-1", "-psk", &psk])
        .args(["-connect", &format!("127.0.0.1:{port}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    client.stdin.take().unwrap().write_all(b"hello\n").unwrap();
    let _client = Server(client);
    let mut line = String::new();
    heard.read_line(&mut line).unwrap();
    assert_eq!(line, "hello\n");

    let port = free_port();
    let config = format!(
        "listener {port} 127.0.0.1\npsk_file {}\npsk_hint x\nuse_identity_as_username true\n",
        folder.path("out/psk_file")
    );
    fs::write(folder.0.join("mosquitto.conf"), config + "user root\n").unwrap();
    let broker = Command::new("/usr/sbin/mosquitto")
        .args(["-c", &folder.path("mosquitto.conf")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _broker = Server(broker);
    wait_for(port);
    let publish = |key: &str| {
        let port = port.to_string();
        let words =
            ["-p", &port, "--psk-identity", "hut-1", "--psk", key, "-q", "1", "-t", "a", "-m", "b"];
        Command::new("mosquitto_pub").args(words).output().unwrap().status.success()
    };
    assert!(publish(&psk));
    assert!(!publish(&"00".repeat(32)));
}

#[test]
fn the_authority_vouches_for_each_client() {
    let folder = Folder::new("client");
    let (ca, key) = (folder.path("ca.pem"), folder.path("ca.key"));
    openssl(&format!(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=ca \
         -addext keyUsage=critical,keyCertSign \
         -keyout {key} -out {ca}"
    ));
    let made = provision(
        &folder,
        &format!("--id hut-1 --count 2 --ca {ca} --ca-key {key} --anchor server=certificate:{ca}"),
    );
    assert_eq!(String::from_utf8_lossy(&made.stderr), "");
    let mut seen = HashSet::new();
    for id in ["hut-1", "hut-2"] {
        let image = fs::read(folder.0.join(format!("out/{id}.bin"))).unwrap();
        let record = DeviceRecord::decode::<core::convert::Infallible>(&image).unwrap();
        assert!(seen.insert(record.private_key.to_vec()));
        let certificate = folder.path(&format!("{id}.der"));
        fs::write(&certificate, record.certificate).unwrap();
        openssl(&format!(
            "verify -purpose sslclient -x509_strict -partial_chain -CAfile {ca} {certificate}"
        ));
        let shown = Command::new("openssl")
            .args(["x509", "-noout", "-subject", "-ext", "basicConstraints,extendedKeyUsage"])
            .args(["-in", &certificate])
            .output()
            .unwrap();
        let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
        for part in [format!("CN = {id}").as_str(), "CA:FALSE", "TLS Web Client Authentication"] {
            assert!(shown.contains(part), "{shown}");
        }
    }
}
