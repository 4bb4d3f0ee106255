//! Records what `openssl s_server` sends to the clients of the size programs `tls`, `tls-pin` and
//! `tls-psk`.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fs, thread};

use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use size_programs::tls::{NAME, PSK, exchange};
use sundew_transport::tls::{CertTime, Profile, Server, TrustAnchor};

const PORT: u16 = 44_331;
const KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

fn main() -> io::Result<()> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../programs/src/tls");
    let work = std::env::temp_dir().join(format!("size-record-{}", std::process::id()));
    fs::create_dir_all(&work)?;
    make_certificates(&work)?;
    let anchor = fs::read(work.join("ca.der"))?;
    let pin = fs::read(work.join("pin.raw"))?;
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?.as_secs();
    let unix = u32::try_from(unix).map_err(io::Error::other)?;
    let trusted = TrustAnchor::from_der(&anchor).map_err(io::Error::other)?;
    let chain = Server::chain(NAME, trusted, CertTime::Now(unix.into()));
    let flight = record(&work, "-cert leaf.pem -key leaf.key", &chain)?;
    let key: Vec<String> = PSK.key.iter().map(|byte| format!("{byte:02x}")).collect();
    let key = key.concat();
    let identity = String::from_utf8_lossy(PSK.identity);
    let options =
        format!("-nocert -psk {key} -psk_identity {identity} -ciphersuites TLS_AES_128_GCM_SHA256");
    let flight_psk = record(&work, &options, &Server::psk(PSK))?;
    fs::remove_dir_all(&work)?;
    println!(
        "{} bytes of anchor, {} and {} of flight",
        anchor.len(),
        flight.len(),
        flight_psk.len()
    );
    fs::write(place.join("anchor.der"), anchor)?;
    fs::write(place.join("pin.raw"), pin)?;
    fs::write(place.join("flight.raw"), flight)?;
    fs::write(place.join("flight-psk.raw"), flight_psk)?;
    fs::write(place.join("time.raw"), unix.to_be_bytes())
}

/// Has a session with `openssl s_server` and returns what that sent.
fn record<P: Profile>(work: &Path, options: &str, expected: &Server<P>) -> io::Result<Vec<u8>> {
    let mut server = openssl(work, &format!("s_server -quiet -tls1_3 -num_tickets 0 {options}"))
        .args(["-accept", &PORT.to_string()])
        .stdin(Stdio::piped())
        .spawn()?;
    thread::sleep(Duration::from_secs(1));
    let stream = TcpStream::connect(("127.0.0.1", PORT))?;
    stream.set_nonblocking(true)?;
    let mut taken = Vec::new();
    let done = exchange(Tap { stream, taken: &mut taken }, expected);
    server.kill()?;
    server.wait()?;
    if done { Ok(taken) } else { Err(io::Error::other("no session")) }
}

/// Makes an authority and a server's certificate that it signs.
fn make_certificates(work: &Path) -> io::Result<()> {
    fs::write(
        work.join("leaf.ext"),
        format!(
            "subjectAltName=DNS:{NAME}\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth\n"
        ),
    )?;
    let authority = "req -x509 -days 36500 -subj /CN=authority -keyout ca.key -out ca.pem \
                     -addext keyUsage=keyCertSign";
    run(openssl(work, authority).args(KEY))?;
    run(openssl(work, "req -subj /CN=broker -keyout leaf.key -out leaf.csr").args(KEY))?;
    run(&mut openssl(
        work,
        "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 36500 \
         -extfile leaf.ext -out leaf.pem",
    ))?;
    run(&mut openssl(work, "x509 -in ca.pem -outform der -out ca.der"))?;
    run(&mut openssl(work, "pkey -in leaf.key -pubout -outform der -out leaf.spki"))?;
    run(&mut openssl(work, "dgst -sha256 -binary -out pin.raw leaf.spki"))
}

fn openssl(work: &Path, line: &str) -> Command {
    let mut command = Command::new("openssl");
    command.args(line.split_whitespace()).current_dir(work).stderr(Stdio::null());
    command
}

fn run(command: &mut Command) -> io::Result<()> {
    let status = command.status()?;
    if status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("{command:?} ended with {status}")))
}

/// A socket that keeps a copy of what comes in.
struct Tap<'t> {
    stream: TcpStream,
    taken: &'t mut Vec<u8>,
}

/// Reports any error of the socket.
#[derive(Debug)]
struct Broken;

impl core::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("socket")
    }
}

impl core::error::Error for Broken {}

impl embedded_io::Error for Broken {
    fn kind(&self) -> embedded_io::ErrorKind {
        embedded_io::ErrorKind::Other
    }
}

impl ErrorType for Tap<'_> {
    type Error = Broken;
}

impl Read for Tap<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Broken> {
        let count = self.stream.read(buffer).map_err(|_| Broken)?;
        self.taken.extend(buffer.iter().take(count));
        Ok(count)
    }
}

impl ReadReady for Tap<'_> {
    fn read_ready(&mut self) -> Result<bool, Broken> {
        match self.stream.peek(&mut [0]) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(_) => Err(Broken),
        }
    }
}

impl Write for Tap<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        self.stream.write(bytes).map_err(|_| Broken)
    }

    fn flush(&mut self) -> Result<(), Broken> {
        Ok(())
    }
}

impl WriteReady for Tap<'_> {
    fn write_ready(&mut self) -> Result<bool, Broken> {
        Ok(true)
    }
}
