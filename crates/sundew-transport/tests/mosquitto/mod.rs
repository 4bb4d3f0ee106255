//! Starts mosquitto with a configuration of its own, and ends it by its handle.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::{
    env, fs,
    io::{ErrorKind as IoError, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use sundew_core::{ErrorKind, Ticks};
use sundew_transport::mqtt::Stream;

/// Is a running broker with one listener for everybody and one that asks for a password.
pub(crate) struct Broker {
    process: Child,
    folder: PathBuf,
    pub(crate) open_port: u16,
    pub(crate) password_port: u16,
    pub(crate) tls_port: u16,
}

impl Broker {
    /// Starts a broker; user "alice" has the password "right".
    pub(crate) fn start() -> Self {
        Self::start_with(None)
    }

    /// Starts a broker that speaks TLS on [`tls_port`](Self::tls_port), with certificate and key in
    /// PEM.
    pub(crate) fn start_tls(certificate: &str, key: &str) -> Self {
        Self::start_with(Some((certificate, key)))
    }

    /// Starts a NATS server, which speaks MQTT 3.1.1 on [`open_port`](Self::open_port); user "alice" has
    /// the password "right", and nobody needs one.
    pub(crate) fn start_nats() -> Self {
        let folder = fresh_folder();
        for _ in 0..5 {
            let [open_port, client_port] = [free_port(), free_port()];
            let config = format!(
                "server_name: sundew\nlisten: \"127.0.0.1:{client_port}\"\n\
                 jetstream {{ store_dir: \"{}\" }}\ndebug: true\ntrace: true\n\
                 accounts {{ A: {{ jetstream: enabled, users: [\n\
                 {{ user: nobody, password: unused }}, {{ user: alice, password: right }} ] }} }}\n\
                 mqtt {{ listen: \"127.0.0.1:{open_port}\", no_auth_user: nobody, ack_wait: \"1s\" }}\n",
                folder.join("store").display(),
            );
            let file = folder.join("nats.conf");
            fs::write(&file, config).expect("configuration");
            let process = spawn("nats-server", &file, &folder, MISSING_NATS);
            let (folder, ports) = (folder.clone(), [open_port; 3]);
            let [open_port, password_port, tls_port] = ports;
            let mut broker = Self { process, folder, open_port, password_port, tls_port };
            if broker.answers() {
                return broker;
            }
        }
        panic!("nats-server does not start");
    }

    fn start_with(identity: Option<(&str, &str)>) -> Self {
        let folder = fresh_folder();
        let passwords = folder.join("passwords");
        let made = tool("mosquitto_passwd")
            .args(["-b", "-c"])
            .arg(&passwords)
            .args(["alice", "right"])
            .status()
            .expect(MISSING);
        assert!(made.success());

        // Between asking for a free port and taking it another process may be faster: try again.
        for _ in 0..5 {
            let [open_port, password_port, tls_port] = [free_port(), free_port(), free_port()];
            let mut config = format!(
                "per_listener_settings true\nuser root\nlog_type all\n\
                 listener {open_port} 127.0.0.1\nallow_anonymous true\n\
                 listener {password_port} 127.0.0.1\nallow_anonymous false\npassword_file {}\n",
                passwords.display()
            );
            if let Some((certificate, key)) = identity {
                let (certificate_file, key_file) = (folder.join("server.pem"), folder.join("key"));
                fs::write(&certificate_file, certificate).expect("certificate");
                fs::write(&key_file, key).expect("key");
                let [certificate, key] = [certificate_file.display(), key_file.display()];
                config = format!(
                    "{config}listener {tls_port} 127.0.0.1\nallow_anonymous true\n\
                     certfile {certificate}\nkeyfile {key}\n"
                );
            }
            let file = folder.join("mosquitto.conf");
            fs::write(&file, config).expect("configuration");
            let process = spawn("mosquitto", &file, &folder, MISSING);
            let folder = folder.clone();
            let mut broker = Self { process, folder, open_port, password_port, tls_port };
            if broker.answers() {
                return broker;
            }
        }
        panic!("mosquitto does not start");
    }

    /// Ends the broker without a word to its clients.
    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("mosquitto runs");
        self.process.wait().expect("mosquitto runs");
    }

    /// Publishes with `QoS` 1 and returns once the broker has it.
    pub(crate) fn publish(&self, topic: &str, payload: &str) {
        let status = tool("mosquitto_pub")
            .args(["-h", "127.0.0.1", "-q", "1", "-p", &self.open_port.to_string()])
            .args(["-t", topic, "-m", payload])
            .status()
            .expect(MISSING);
        assert!(status.success());
    }

    /// Publishes with `QoS` 0.
    pub(crate) fn publish_once(&self, topic: &str, payload: &str) {
        let status = tool("mosquitto_pub")
            .args(["-h", "127.0.0.1", "-p", &self.open_port.to_string()])
            .args(["-t", topic, "-m", payload])
            .status()
            .expect(MISSING);
        assert!(status.success());
    }

    /// Subscribes and returns once the broker has granted it.
    pub(crate) fn subscribe(&self, topic: &str, messages: usize) -> Watcher {
        let name = format!("watcher-{}", topic.replace('/', "-"));
        let mut process = tool("mosquitto_sub")
            .args(["-h", "127.0.0.1", "-q", "1", "-W", "10", "-i", &name])
            .args(["-p", &self.open_port.to_string(), "-t", topic, "-C", &messages.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .expect(MISSING);
        // Its own word of it stays in its output buffer until it ends.
        let granted = |line: &str| {
            line.contains(&name)
                && (line.contains("Sending SUBACK") || line.contains("->> [SUBACK"))
        };
        for _ in 0..500 {
            if self.log().lines().any(granted) {
                return Watcher { process };
            }
            sleep(Duration::from_millis(10));
        }
        process.kill().and_then(|()| process.wait()).expect("own child");
        panic!("no subscription");
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn answers(&mut self) -> bool {
        for _ in 0..500 {
            if self.process.try_wait().expect("own child").is_some() {
                return false;
            }
            let up = |port| TcpStream::connect(("127.0.0.1", port)).is_ok();
            if up(self.open_port) && up(self.password_port) {
                return true;
            }
            sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            println!("the broker said:\n{}", self.log());
        } else {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Is a running `mosquitto_sub`.
pub(crate) struct Watcher {
    process: Child,
}

impl Watcher {
    /// Waits for all messages that were asked for, ten seconds at most, and returns them.
    pub(crate) fn lines(self) -> Vec<String> {
        let output = self.process.wait_with_output().expect("own child");
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(output.status.success(), "not all came: {text}");
        text.lines().map(String::from).collect()
    }
}

/// Is a TCP connection that never waits to read.
#[derive(Debug)]
pub(crate) struct Tcp(TcpStream);

impl Tcp {
    pub(crate) fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("broker listens");
        stream.set_nonblocking(true).expect("socket");
        stream.set_nodelay(true).expect("socket");
        Self(stream)
    }
}

impl Stream for Tcp {
    type Error = ErrorKind;

    fn ready(&mut self) -> Result<bool, ErrorKind> {
        match self.0.peek(&mut [0]) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == IoError::WouldBlock => Ok(false),
            Err(_) => Err(ErrorKind::Bus),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        self.0.read(buffer).map_err(|_| ErrorKind::Bus)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        loop {
            match self.0.write(bytes) {
                Err(error) if error.kind() == IoError::WouldBlock => {
                    sleep(Duration::from_millis(1));
                }
                written => return written.map_err(|_| ErrorKind::Bus),
            }
        }
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// Counts the milliseconds of the host.
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now(&self) -> Ticks {
        Ticks::from_millis(self.0.elapsed().as_millis() as u32)
    }
}

fn fresh_folder() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = env::temp_dir().join(format!("sundew-mosquitto-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).expect("temporary folder");
    folder
}

/// Starts a server with a configuration; what it says goes to a file.
fn spawn(name: &str, config: &Path, folder: &Path, missing: &str) -> Child {
    let log = fs::File::create(folder.join("log")).expect("log");
    tool(name)
        .arg("-c")
        .arg(config)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("log"))
        .stderr(log)
        .spawn()
        .expect(missing)
}

const MISSING_NATS: &str = "nats-server is missing: apt-get install nats-server";
const MISSING: &str = "mosquitto is missing: apt-get install mosquitto mosquitto-clients";

/// Looks where Debian puts daemons too, which is not on every user's path.
fn tool(name: &str) -> Command {
    let daemon = Path::new("/usr/sbin").join(name);
    if daemon.exists() { Command::new(daemon) } else { Command::new(name) }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    listener.local_addr().expect("bound").port()
}
