//! A TLS 1.3 server that does as it is told, also what no server may do.
//!
//! RFC 8446 with `TLS_AES_128_GCM_SHA256` and P-256 and nothing else.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use aes_gcm::aead::{AeadInPlace, KeyInit};
use aes_gcm::{Aes128Gcm, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::DecodePrivateKey;
use p256::{PublicKey, SecretKey};
use rand_core::Rng;
use sha2::{Digest, Sha256};

use super::certificates::Identity;

/// Starts a server that lets `script` talk to the one client it gets.
pub fn serve(script: impl FnOnce(TcpStream) + Send + 'static) -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("listen");
    let port = listener.local_addr().expect("address").port();
    let thread = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        stream.set_nodelay(true).expect("no delay");
        script(stream);
    });
    (port, thread)
}

/// One message of the server's flight.
#[derive(Clone, Copy, Debug)]
pub enum Message {
    Extensions,
    Request,
    Certificate,
    /// A `CertificateVerify` made with the right key.
    Verify,
    /// A `CertificateVerify` over another transcript.
    WrongVerify,
    Finished,
    /// A `Finished` that does not fit.
    WrongFinished,
    Ticket,
    /// Whatever bytes.
    Raw(&'static [u8]),
}

/// What a server sends that keeps the rules.
pub const HONEST: [Message; 4] =
    [Message::Extensions, Message::Certificate, Message::Verify, Message::Finished];

struct Keys {
    cipher: Aes128Gcm,
    iv: [u8; 12],
    sequence: u64,
    secret: [u8; 32],
}

pub struct Peer {
    pub stream: TcpStream,
    transcript: Sha256,
    master: [u8; 32],
    client: Keys,
    server: Keys,
    chain: Vec<Vec<u8>>,
    key: SigningKey,
    finished: Option<[u8; 32]>,
}

impl Peer {
    /// Answers the `ClientHello`; afterwards messages are sealed.
    pub fn hello(stream: TcpStream, identity: &Identity, chain: &[&Identity]) -> Self {
        Self::hello_with(stream, identity, chain, |_| {})
    }

    pub fn hello_with(
        stream: TcpStream,
        identity: &Identity,
        chain: &[&Identity],
        tweak: impl FnOnce(&mut Vec<u8>),
    ) -> Self {
        Self::answer(stream, identity, chain, &[0; 32], tweak)
    }

    /// Answers the `ClientHello` as a server that takes the shared `key`.
    pub fn with_key(
        stream: TcpStream,
        key: &[u8],
        identity: &Identity,
        tweak: impl FnOnce(&mut Vec<u8>),
    ) -> Self {
        Self::answer(stream, identity, &[], key, |body| {
            // One more extension at the end: the first key is taken.
            body[39] += 6;
            body.extend([0, 41, 0, 2, 0, 0]);
            tweak(body);
        })
    }

    fn answer(
        mut stream: TcpStream,
        identity: &Identity,
        chain: &[&Identity],
        shared_key: &[u8],
        tweak: impl FnOnce(&mut Vec<u8>),
    ) -> Self {
        let (_, client_hello) = read_record(&mut stream).expect("ClientHello");
        let mut scalar = [0; 32];
        super::rng().fill_bytes(&mut scalar);
        let secret = SecretKey::from_slice(&scalar).expect("a scalar");
        let point = PublicKey::from_sec1_bytes(client_share(&client_hello)).expect("a share");
        let shared = p256::ecdh::diffie_hellman(secret.to_nonzero_scalar(), point.as_affine());

        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0x13, 0x01, 0, 0, 79, 0, 43, 0, 2, 3, 4, 0, 51, 0, 69, 0, 0x17, 0, 65]);
        body.extend(secret.public_key().to_encoded_point(false).as_bytes());
        tweak(&mut body);
        let hello = framed(2, &body);
        stream.write_all(&record(22, &hello)).expect("ServerHello");

        let mut transcript = Sha256::new();
        transcript.update(&client_hello);
        transcript.update(&hello);
        let empty = Sha256::digest([]);
        let early = extract(&[0; 32], shared_key);
        let handshake =
            extract(&expand::<32>(&early, "derived", &empty), shared.raw_secret_bytes());
        let now = transcript.clone().finalize();
        let client = Keys::new(expand(&handshake, "c hs traffic", &now));
        let server = Keys::new(expand(&handshake, "s hs traffic", &now));
        let master = extract(&expand::<32>(&handshake, "derived", &empty), &[0; 32]);
        let chain = std::iter::once(identity).chain(chain.iter().copied());
        Self {
            stream,
            transcript,
            master,
            client,
            server,
            chain: chain.map(|link| link.der().to_vec()).collect(),
            key: SigningKey::from_pkcs8_der(&identity.key.serialize_der()).expect("key"),
            finished: None,
        }
    }

    /// Sends `messages` in one record.
    pub fn send_messages(&mut self, messages: &[Message]) {
        let bytes = self.seal_messages(messages);
        self.send_bytes(&bytes);
    }

    /// Seals `messages` in one record.
    pub fn seal_messages(&mut self, messages: &[Message]) -> Vec<u8> {
        let mut content = Vec::new();
        for message in messages {
            let bytes = self.message(*message);
            self.transcript.update(&bytes);
            if matches!(message, Message::Finished) {
                self.finished.get_or_insert(self.transcript.clone().finalize().into());
            }
            content.extend(bytes);
        }
        self.seal(22, &content)
    }

    /// Makes `messages`, each of them changed by `alter` before the next one counts on it.
    pub fn altered(
        &mut self,
        messages: &[Message],
        mut alter: impl FnMut(usize, &mut Vec<u8>),
    ) -> Vec<Vec<u8>> {
        let mut made = Vec::new();
        for (at, message) in messages.iter().enumerate() {
            let mut bytes = self.message(*message);
            alter(at, &mut bytes);
            self.transcript.update(&bytes);
            made.push(bytes);
        }
        made
    }

    /// Sends each of `messages` in a record of its own.
    pub fn send_flight(&mut self, messages: &[Message]) {
        for message in messages {
            self.send_messages(&[*message]);
        }
    }

    fn message(&self, message: Message) -> Vec<u8> {
        match message {
            Message::Extensions => framed(8, &[0, 0]),
            Message::Request => framed(13, &[0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3]),
            Message::Certificate => {
                let mut list = Vec::new();
                for der in &self.chain {
                    list.extend(&(der.len() as u32).to_be_bytes()[1..]);
                    list.extend(der);
                    list.extend([0, 0]);
                }
                let mut body = vec![0];
                body.extend(&(list.len() as u32).to_be_bytes()[1..]);
                body.extend(list);
                framed(11, &body)
            }
            Message::Verify => self.verify(&self.transcript.clone().finalize()),
            Message::WrongVerify => self.verify(&[0; 32]),
            Message::Finished => {
                let hash = self.transcript.clone().finalize();
                framed(20, &finished(&self.server.secret, &hash))
            }
            Message::WrongFinished => framed(20, &[0; 32]),
            Message::Raw(bytes) => bytes.to_vec(),
            Message::Ticket => framed(4, &[0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 2, 9, 9, 0, 0]),
        }
    }

    fn verify(&self, hash: &[u8]) -> Vec<u8> {
        let mut content = vec![0x20; 64];
        content.extend(b"TLS 1.3, server CertificateVerify\0");
        content.extend(hash);
        let signature: Signature = self.key.sign(&content);
        let der = signature.to_der();
        let mut body = vec![0x04, 0x03];
        body.extend((der.as_bytes().len() as u16).to_be_bytes());
        body.extend(der.as_bytes());
        framed(15, &body)
    }

    /// Seals `content` as a record of type `kind`.
    pub fn seal(&mut self, kind: u8, content: &[u8]) -> Vec<u8> {
        self.seal_raw(&[content, &[kind]].concat())
    }

    /// Seals a whole inner plaintext.
    pub fn seal_raw(&mut self, inner: &[u8]) -> Vec<u8> {
        let length = (inner.len() + 16) as u16;
        let mut bytes = vec![23, 3, 3];
        bytes.extend(length.to_be_bytes());
        let nonce = self.server.nonce();
        let nonce = Nonce::from_slice(&nonce);
        let mut sealed = inner.to_vec();
        let tag = self.server.cipher.encrypt_in_place_detached(nonce, &bytes, &mut sealed);
        bytes.extend(sealed);
        bytes.extend(tag.expect("seal"));
        bytes
    }

    pub fn send(&mut self, kind: u8, content: &[u8]) {
        let bytes = self.seal(kind, content);
        self.send_bytes(&bytes);
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) {
        // The client may be gone already: it then says why on its side.
        let _ = self.stream.write_all(bytes);
    }

    /// Takes the client's `Finished` and changes to the keys of application data.
    pub fn finish(&mut self) {
        let (kind, content) = self.receive().expect("the client's Finished");
        assert_eq!(kind, 22);
        let hash = self.transcript.clone().finalize();
        assert_eq!(content, framed(20, &finished(&self.client.secret, &hash)));
        let hash = self.finished.expect("a Finished was sent");
        self.client = Keys::new(expand(&self.master, "c ap traffic", &hash));
        self.server = Keys::new(expand(&self.master, "s ap traffic", &hash));
    }

    /// Opens the next record of the client; `None` where it is gone.
    pub fn receive(&mut self) -> Option<(u8, Vec<u8>)> {
        let (header, mut content) = read_record(&mut self.stream)?;
        let nonce = self.client.nonce();
        let tag = content.split_off(content.len() - 16);
        self.client
            .cipher
            .decrypt_in_place_detached(
                Nonce::from_slice(&nonce),
                &header,
                &mut content,
                tag.as_slice().into(),
            )
            .expect("open");
        let kind = content.pop().expect("a type");
        Some((kind, content))
    }

    /// Asserts that the client has sent nothing more and is gone.
    pub fn expect_silence(&mut self) {
        let mut rest = Vec::new();
        let _ = self.stream.read_to_end(&mut rest);
        assert_eq!(rest, [], "the client has sent something to a server that it must not trust");
    }
}

impl Keys {
    fn new(secret: [u8; 32]) -> Self {
        let key: [u8; 16] = expand(&secret, "key", &[]);
        let cipher = Aes128Gcm::new(&key.into());
        Self { cipher, iv: expand(&secret, "iv", &[]), sequence: 0, secret }
    }

    fn nonce(&mut self) -> [u8; 12] {
        let mut nonce = self.iv;
        for (byte, count) in nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *byte ^= count;
        }
        self.sequence += 1;
        nonce
    }
}

pub fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind, 3, 3];
    bytes.extend((content.len() as u16).to_be_bytes());
    bytes.extend(content);
    bytes
}

fn framed(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = (body.len() as u32).to_be_bytes().to_vec();
    bytes[0] = kind;
    bytes.extend(body);
    bytes
}

fn read_record(stream: &mut TcpStream) -> Option<([u8; 5], Vec<u8>)> {
    let mut header = [0; 5];
    stream.read_exact(&mut header).ok()?;
    let mut body = vec![0; u16::from_be_bytes([header[3], header[4]]).into()];
    stream.read_exact(&mut body).ok()?;
    Some((header, body))
}

fn client_share(hello: &[u8]) -> &[u8] {
    // key_share with one entry: list of 69 bytes, group P-256, 65 bytes.
    let wanted = [0, 51, 0, 71, 0, 69, 0, 0x17, 0, 65];
    let at = hello.windows(wanted.len()).position(|window| window == wanted).expect("a share");
    &hello[at + wanted.len()..][..65]
}

fn extract(salt: &[u8], secret: &[u8]) -> [u8; 32] {
    Hkdf::<Sha256>::extract(Some(salt), secret).0.into()
}

fn expand<const N: usize>(secret: &[u8; 32], label: &str, context: &[u8]) -> [u8; N] {
    let mut info = (N as u16).to_be_bytes().to_vec();
    info.push(6 + label.len() as u8);
    info.extend(b"tls13 ");
    info.extend(label.as_bytes());
    info.push(context.len() as u8);
    info.extend(context);
    let mut out = [0; N];
    Hkdf::<Sha256>::from_prk(secret).expect("prk").expand(&info, &mut out).expect("expand");
    out
}

fn finished(secret: &[u8; 32], hash: &[u8]) -> [u8; 32] {
    let key: [u8; 32] = expand(secret, "finished", &[]);
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&key).expect("key");
    mac.update(hash);
    mac.finalize().into_bytes().into()
}
