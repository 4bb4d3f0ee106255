//! Downloads from nginx, and from servers that do not do as they are asked. Wants nginx and python3.

// clippy.toml allows these in tests, but does not see the helpers below as part of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing)]

#[path = "mosquitto/mod.rs"]
mod mosquitto;

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use mosquitto::Tcp;
use sundew_transport::http::{
    Buffers, Download, DownloadError, ETag, Error, Head, Progress, Request,
};

struct Server {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Server {
    fn start(name: &str, command: impl Fn(&Path, u16) -> Command) -> Self {
        let folder = std::env::temp_dir().join(format!("sundew-{name}-{}", std::process::id()));
        fs::create_dir_all(folder.join("files")).unwrap();
        fs::write(folder.join("files/image.bin"), image()).unwrap();
        for _ in 0..5 {
            let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let port = listener.local_addr().unwrap().port();
            drop(listener);
            let process = command(&folder, port)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("nginx or python3 is missing: apt-get install nginx-light python3");
            let mut server = Self { process, folder: folder.clone(), port };
            if server.answers() {
                return server;
            }
        }
        panic!("{name} does not start");
    }

    fn nginx(name: &str) -> Self {
        Self::start(name, |folder, port| {
            let root = folder.display();
            let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map(|kind| format!("{kind}_temp_path {root}/{kind};\n"))
                .concat();
            let config = format!(
                "daemon off;\nuser root;\npid {root}/pid;\nerror_log {root}/log;\nevents {{}}\n\
                 http {{ access_log off;\n{temporary}\
                 server {{ listen 127.0.0.1:{port}; root {root}/files; }} }}\n"
            );
            fs::write(folder.join("nginx.conf"), config).unwrap();
            let program = Path::new("/usr/sbin/nginx");
            let mut nginx =
                Command::new(if program.exists() { program } else { Path::new("nginx") });
            nginx.arg("-c").arg(folder.join("nginx.conf")).arg("-p").arg(folder);
            nginx.arg("-e").arg(folder.join("log"));
            nginx
        })
    }

    fn answers(&mut self) -> bool {
        for _ in 0..500 {
            if self.process.try_wait().unwrap().is_some() {
                return false;
            }
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return true;
            }
            sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // nginx ends its worker only when it is asked; its own name is not used, but its number.
        let id = self.process.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn image() -> Vec<u8> {
    (0..100_000_u32).map(|index| (index * 7 + index / 251) as u8).collect()
}

type Answer = (Head, Vec<u8>);

/// Fetches one range and gives the session back.
fn fetch(
    session: Tcp,
    request: &Request<'_>,
) -> Result<(Answer, Tcp), DownloadError<sundew_core::ErrorKind>> {
    let (mut line, mut data) = ([0; 128], [0; 512]);
    let buffers = Buffers { line: &mut line, data: &mut data };
    let mut download = Download::new(request, session, buffers).unwrap();
    let (mut head, mut body) = (None, Vec::new());
    let begin = Instant::now();
    loop {
        match download.poll()? {
            Progress::Waiting => sleep(Duration::from_millis(1)),
            Progress::Head(found) => head = Some(found),
            Progress::Body { at, bytes } => {
                assert_eq!(at as usize, head.unwrap().start as usize + body.len());
                body.extend(bytes);
            }
            Progress::Done => return Ok(((head.unwrap(), body), download.into_stream())),
            other => panic!("{other:?}"),
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "the server is silent");
    }
}

fn ask(start: u32, length: u32) -> Request<'static> {
    Request::new("localhost", "/image.bin", start, length).unwrap()
}

#[test]
fn an_image_comes_in_ranges_over_one_session_of_nginx() {
    let server = Server::nginx("nginx-ranges");
    let image = image();
    let mut session = Tcp::connect(server.port);
    let mut found = Vec::new();
    let mut etag: Option<ETag> = None;
    let mut requests = 0;
    loop {
        let request = ask(found.len() as u32, 4_096);
        let request = etag.map_or(request, |etag| request.unchanged(etag));
        let ((head, body), same) = fetch(session, &request).unwrap();
        session = same;
        requests += 1;
        assert_eq!(head.total as usize, image.len());
        assert!(head.keeps_open && head.etag.is_some());
        etag = head.etag;
        found.extend(body);
        if found.len() == image.len() {
            break;
        }
    }
    assert_eq!(requests, 25);
    assert!(found == image);

    // Behind the end there is nothing; elsewhere neither; and the file may change.
    let refused = |request: &Request<'_>| match fetch(Tcp::connect(server.port), request) {
        Err(DownloadError::Http(error)) => error,
        other => panic!("{:?}", other.map(|(answer, _)| answer.0)),
    };
    assert_eq!(refused(&ask(100_000, 1)), Error::Status(416));
    let elsewhere = Request::new("localhost", "/other.bin", 0, 1).unwrap();
    assert_eq!(refused(&elsewhere), Error::Status(404));
    fs::write(server.folder.join("files/image.bin"), b"another image").unwrap();
    assert_eq!(refused(&ask(0, 5).unchanged(etag.unwrap())), Error::Changed);
    let ((head, body), _) = fetch(Tcp::connect(server.port), &ask(8, 100)).unwrap();
    assert_eq!((head.total, &body[..]), (13, &b"image"[..]));
}

#[test]
fn a_server_that_ends_in_the_middle_is_an_error() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = "HTTP/1.1 206 x\r\nContent-Range: bytes 0-4/5\r\nContent-Length: 5\r\n\r\nhell";
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        std::io::Write::write_all(&mut stream, answer.as_bytes()).unwrap();
        // Read, so that closing sends no reset.
        let _ = std::io::Read::read(&mut stream, &mut [0; 512]);
    });
    let ended = fetch(Tcp::connect(port), &ask(0, 5)).map(|(answer, _)| answer);
    assert_eq!(ended, Err(DownloadError::Closed));
    server.join().unwrap();
}

/// Python's own server knows no ranges and sends the whole file.
#[test]
fn a_server_without_ranges_is_refused() {
    let server = Server::start("python-http", |folder, port| {
        let mut python = Command::new("python3");
        python.args(["-m", "http.server", &port.to_string(), "--bind", "127.0.0.1"]);
        python.args(["--protocol", "HTTP/1.1", "--directory"]).arg(folder.join("files"));
        python
    });
    match fetch(Tcp::connect(server.port), &ask(0, 5)) {
        // Before Python 3.11 there is no `--protocol`, and it answers as HTTP/1.0.
        Err(DownloadError::Http(Error::Status(200) | Error::BadStatusLine)) => {}
        other => panic!("{:?}", other.map(|(answer, _)| answer.0)),
    }
}
