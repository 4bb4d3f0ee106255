//! What a client tells the server, and how long it waits for answers.

use core::fmt;

use sundew_core::{Classify, ErrorKind};

use super::packet::{Connect, Credentials, PacketId, Quality, Session, Subscribe, Will};
use super::{DeviceId, Protocol, V3_1_1};

/// Describes one client and its patience.
///
/// ```
/// use sundew_transport::mqtt::{Config, DeviceId, Session, Timing};
///
/// let config = Config::new(DeviceId::new("greenhouse-7")?)
///     .with_credentials("greenhouse-7", b"secret")?
///     .with_session(Session::Clean)
///     .with_timing(Timing { keep_alive_s: 300, ..Timing::DEFAULT });
/// assert_eq!(config.transmit_bytes(), 48);
/// # Ok::<(), sundew_transport::mqtt::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config<'a, P = V3_1_1> {
    protocol: P,
    id: DeviceId<'a>,
    connect: Connect<'a>,
    login_ms: u32,
    answer_ms: u32,
    payload_bytes: u16,
}

/// Says how long a client is silent and how long it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Timing {
    /// Holds the longest silence towards the server in seconds; 0 never pings.
    ///
    /// The server drops a client after one and a half times this \[MQTT-3.1.2-24\]. The engine pings
    /// after three quarters, which leaves a sleepy board the rest to wake up in.
    pub keep_alive_s: u16,
    /// Holds the longest time from the first byte to the granted subscription in milliseconds.
    pub login_ms: u32,
    /// Holds the longest wait for the answer to a message or a ping in milliseconds.
    pub answer_ms: u32,
}

impl Timing {
    /// Pings after 45 s of silence and waits 20 s for an answer: several retransmissions of a bad
    /// cellular link, and short enough to notice a dead one within about a minute.
    pub const DEFAULT: Self = Self { keep_alive_s: 60, login_ms: 20_000, answer_ms: 20_000 };
}

/// Says what is wrong with a [`Config`], a name or the buffers: the firmware's author, or whoever
/// provisioned the device, must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConfigError {
    /// Reports a device name that is empty, too long or has a forbidden character.
    DeviceId,
    /// Reports a topic that is empty, too long or has a wildcard or a NUL.
    Topic,
    /// Reports a user name with a NUL, or credentials longer than 65,535 bytes.
    Credentials,
    /// Reports a receive buffer in which no command has room.
    ReceiveBuffer {
        /// Holds the least size in bytes.
        needed: u32,
    },
    /// Reports a transmit buffer that does not hold what the client sends.
    TransmitBuffer {
        /// Holds the least size in bytes.
        needed: u32,
    },
}

/// Bounds a CONNACK of MQTT 5 with each property that holds a number, in bytes: texts a server leaves
/// out where they do not fit (MQTT 5.0, 3.2.2.3.9).
const CONNACK_BYTES: u32 = 40;

impl Classify for ConfigError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Config
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DeviceId => f.write_str("device name is not usable in a topic"),
            Self::Topic => f.write_str("topic is malformed"),
            Self::Credentials => f.write_str("credentials cannot be sent"),
            Self::ReceiveBuffer { needed } => write!(f, "receive buffer needs {needed} bytes"),
            Self::TransmitBuffer { needed } => write!(f, "transmit buffer needs {needed} bytes"),
        }
    }
}

impl core::error::Error for ConfigError {}

impl<'a> Config<'a> {
    /// Describes a client of MQTT 3.1.1 without credentials, with a kept session, [`Timing::DEFAULT`] and
    /// payloads of up to 1,024 bytes.
    ///
    /// The session is kept so that a command given while the device is away still arrives; the
    /// node drops what has expired. See [`after_failure`](Self::after_failure) for its price.
    pub const fn new(id: DeviceId<'a>) -> Self {
        let Timing { keep_alive_s, login_ms, answer_ms } = Timing::DEFAULT;
        let connect = Connect {
            client_id: id.name(),
            session: Session::Kept,
            keep_alive_s,
            credentials: None,
            will: None,
        };
        Self { protocol: V3_1_1, id, connect, login_ms, answer_ms, payload_bytes: 1_024 }
    }
}

impl<'a, P: Protocol> Config<'a, P> {
    /// Speaks another protocol.
    #[must_use]
    pub const fn with_protocol<Q: Protocol>(self, protocol: Q) -> Config<'a, Q> {
        let Self { id, connect, login_ms, answer_ms, payload_bytes, .. } = self;
        Config { protocol, id, connect, login_ms, answer_ms, payload_bytes }
    }

    /// Logs in with a user name and a password.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Credentials`] for a user name with a NUL in it \[MQTT-1.5.3-2\], and
    /// for what is longer than 65,535 bytes.
    pub fn with_credentials(
        mut self,
        user: &'a str,
        password: &'a [u8],
    ) -> Result<Self, ConfigError> {
        let fits = |bytes: &[u8]| u16::try_from(bytes.len()).is_ok();
        if user.as_bytes().contains(&0) || !fits(user.as_bytes()) || !fits(password) {
            return Err(ConfigError::Credentials);
        }
        self.connect.credentials = Some(Credentials { user, password });
        Ok(self)
    }

    /// Says what the server keeps between two connections.
    #[must_use]
    pub const fn with_session(mut self, session: Session) -> Self {
        self.connect.session = session;
        self
    }

    /// Returns the configuration for the connection that follows a failed one.
    ///
    /// After [`ErrorKind::Resource`] it asks for a clean session once. The likely reason is a command
    /// larger than a buffer below this layer (a TLS record that carries it has to fit as a whole):
    /// it cannot be acknowledged, so a server that keeps the session sends it on every connection,
    /// and each of them ends the same way.
    ///
    /// The price: other commands that wait are lost too, and whoever is on the line can make it
    /// happen, by claiming a long record. Ask only after a link that was logged in has failed; a
    /// session that could not be opened has met no command.
    ///
    /// ```
    /// use sundew_core::ErrorKind;
    /// use sundew_transport::mqtt::{Config, DeviceId, Session};
    ///
    /// let config = Config::new(DeviceId::new("d")?);
    /// assert_eq!(config.after_failure(ErrorKind::Bus).session(), Session::Kept);
    /// assert_eq!(config.after_failure(ErrorKind::Resource).session(), Session::Clean);
    /// # Ok::<(), sundew_transport::mqtt::ConfigError>(())
    /// ```
    #[must_use]
    pub const fn after_failure(self, kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Resource => self.with_session(Session::Clean),
            _ => self,
        }
    }

    /// Sets keep-alive and time-outs.
    #[must_use]
    pub const fn with_timing(mut self, timing: Timing) -> Self {
        self.connect.keep_alive_s = timing.keep_alive_s;
        self.login_ms = timing.login_ms;
        self.answer_ms = timing.answer_ms;
        self
    }

    /// Sets the largest payload of a message that goes up, in bytes.
    ///
    /// The payload takes no RAM here: it is written from where the caller holds it.
    #[must_use]
    pub const fn with_payload_bytes(mut self, bytes: u16) -> Self {
        self.payload_bytes = bytes;
        self
    }

    /// Leaves a message with the server for the case that the connection is lost.
    #[must_use]
    pub const fn with_will(mut self, will: Will<'a>) -> Self {
        self.connect.will = Some(will);
        self
    }

    /// Returns what is spoken.
    pub const fn protocol(&self) -> P {
        self.protocol
    }

    /// Returns the name of the device.
    pub const fn id(&self) -> DeviceId<'a> {
        self.id
    }

    /// Returns keep-alive and time-outs.
    pub const fn timing(&self) -> Timing {
        Timing {
            keep_alive_s: self.connect.keep_alive_s,
            login_ms: self.login_ms,
            answer_ms: self.answer_ms,
        }
    }

    /// Returns what the server keeps between two connections.
    pub const fn session(&self) -> Session {
        self.connect.session
    }

    /// Returns the largest payload of a message that goes up, in bytes.
    pub const fn payload_bytes(&self) -> u16 {
        self.payload_bytes
    }

    /// Returns the least size of the transmit buffer in bytes: the larger of CONNECT and the head of
    /// a PUBLISH.
    pub fn transmit_bytes(&self) -> u32 {
        // The latter is always longer than SUBSCRIBE, since `/birth` is the longest of the topics.
        self.connect().length(self.protocol).max(self.head_bytes())
    }

    /// Returns the least size of the receive buffer in bytes: a command of one byte, and so the head
    /// of any larger one, which is what it takes to answer a command that has no room. In MQTT 5 also
    /// the longest CONNACK that a server cannot shorten.
    pub fn receive_bytes(&self) -> u32 {
        // 1 byte of type, 4 of length, topic, 2 of identifier, 1 of payload.
        let command = 8 + self.id.commands().field_length();
        match self.protocol.v5() {
            None => command,
            Some(_) => (command + 1).max(CONNACK_BYTES),
        }
    }

    /// Returns the size of the largest head of a PUBLISH in bytes.
    pub(super) fn head_bytes(&self) -> u32 {
        // 1 byte of type, up to 3 of length (a payload has at most 65,535 bytes), topic, 2 of
        // identifier, and in MQTT 5 an empty list of properties.
        6 + u32::from(self.protocol.v5().is_some()) + self.id.births().field_length()
    }

    pub(super) const fn connect(&self) -> &Connect<'a> {
        &self.connect
    }

    pub(super) const fn subscribe(&self, id: PacketId) -> Subscribe<'a> {
        Subscribe { id, filter: self.id.commands(), quality: Quality::AtLeastOnce }
    }
}
