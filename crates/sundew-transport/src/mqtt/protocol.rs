//! Which MQTT is spoken: picked by type, so that a device carries the code of what it may speak.

use super::packet::{Quality, Retain};
use sealed::Remember;

/// Names what a connection speaks: [`V3_1_1`], [`V5`], or a [`Version`] that is known at run time only.
///
/// The first two carry the code of one protocol, the third that of both. The trait is sealed.
pub trait Protocol: sealed::Sealed {
    /// Holds what the server said at log-in; MQTT 3.1.1 says nothing, and nothing takes no RAM.
    type Memory: Remember;
}

/// Speaks MQTT 3.1.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_structs, reason = "has nothing to choose, and is written as a value")]
pub struct V3_1_1;

/// Speaks MQTT 5.0, with what only that can be told.
///
/// CONNECT carries three properties (section 3.1.2.11): Session Expiry Interval; Maximum Packet Size,
/// which is the size of the receive buffer; and Request Problem Information 0, for nobody on a device
/// reads a reason in prose. Topic Alias Maximum is left at 0. So is Receive Maximum at its default:
/// with 1, which would do, mosquitto 2.0.11 sends nothing more after one message that it dropped for
/// its size.
///
/// ```
/// use sundew_transport::mqtt::{Config, DeviceId, V5};
///
/// let day = V5::new().with_session_expiry_s(86_400).with_will_delay_s(30);
/// let config = Config::new(DeviceId::new("greenhouse-7")?).with_protocol(day);
/// # Ok::<(), sundew_transport::mqtt::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct V5 {
    pub(super) session_expiry_s: u32,
    pub(super) will_delay_s: u32,
    pub(super) packet_bytes: u32,
}

/// Speaks what is chosen at run time, such as by a device record; carries the code of both.
///
/// A server that speaks 3.1.1 only refuses 5 with [`Reason::Version`](super::Reason::Version): the
/// next connection may ask for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Version {
    /// Speaks MQTT 3.1.1.
    V3_1_1,
    /// Speaks MQTT 5.0.
    V5(V5),
}

/// Holds what an MQTT 5 server said at log-in about itself (MQTT 5.0, 3.2.2.3).
///
/// Its Receive Maximum is 1 at least, and so is the number of messages that are in flight here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Terms {
    /// Holds the longest silence in seconds that the server wants instead of the client's; 0 allows
    /// any.
    pub keep_alive_s: Option<u16>,
    /// Holds how long in seconds the server keeps a session instead of what was asked for.
    pub session_expiry_s: Option<u32>,
    /// Holds the largest packet in bytes that the server takes.
    pub packet_bytes: u32,
    /// Holds the highest quality that the server takes.
    pub quality: Quality,
    /// Holds [`Retain::Pass`] where the server keeps no message for later.
    pub retain: Retain,
}

impl Terms {
    /// Holds what is so where the server says nothing, and always in 3.1.1.
    pub const DEFAULT: Self = Self {
        keep_alive_s: None,
        session_expiry_s: None,
        packet_bytes: u32::MAX,
        quality: Quality::AtLeastOnce,
        retain: Retain::Keep,
    };
}

impl Default for Terms {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl V5 {
    /// Keeps sessions until the device comes back, as 3.1.1 does, and publishes a will at once.
    pub const fn new() -> Self {
        Self { session_expiry_s: u32::MAX, will_delay_s: 0, packet_bytes: u32::MAX }
    }

    /// Sets how long in seconds the server keeps a session after the connection; `u32::MAX` is for
    /// ever. A [`Clean`](super::Session::Clean) session ends with its connection whatever is set.
    #[must_use]
    pub const fn with_session_expiry_s(mut self, seconds: u32) -> Self {
        self.session_expiry_s = seconds;
        self
    }

    /// Sets how long in seconds the server waits for the device to come back before it publishes the
    /// will (section 3.1.3.2.2).
    #[must_use]
    pub const fn with_will_delay_s(mut self, seconds: u32) -> Self {
        self.will_delay_s = seconds;
        self
    }

    /// Sets the Maximum Packet Size in bytes (section 3.1.2.11.4); an engine says the size of its
    /// receive buffer by itself. 0, which no server may be told, becomes 1.
    #[must_use]
    pub const fn with_packet_bytes(mut self, bytes: u32) -> Self {
        self.packet_bytes = if bytes == 0 { 1 } else { bytes };
        self
    }
}

impl Default for V5 {
    fn default() -> Self {
        Self::new()
    }
}

impl Protocol for V3_1_1 {
    type Memory = ();
}

impl Protocol for V5 {
    type Memory = Terms;
}

impl Protocol for Version {
    type Memory = Terms;
}

impl sealed::Sealed for V3_1_1 {
    fn v5(self) -> Option<V5> {
        None
    }

    fn telling(self, _: u32) -> Self {
        self
    }
}

impl sealed::Sealed for V5 {
    fn v5(self) -> Option<V5> {
        Some(self)
    }

    fn telling(self, packet_bytes: u32) -> Self {
        self.with_packet_bytes(packet_bytes)
    }
}

impl sealed::Sealed for Version {
    fn v5(self) -> Option<V5> {
        match self {
            Self::V3_1_1 => None,
            Self::V5(v5) => Some(v5),
        }
    }

    fn telling(self, packet_bytes: u32) -> Self {
        match self {
            Self::V3_1_1 => self,
            Self::V5(v5) => Self::V5(v5.telling(packet_bytes)),
        }
    }
}

impl Remember for () {
    fn remember(_: Terms) {}

    fn terms(self) -> Terms {
        Terms::DEFAULT
    }
}

impl Remember for Terms {
    fn remember(terms: Terms) -> Self {
        terms
    }

    fn terms(self) -> Terms {
        self
    }
}

pub(super) mod sealed {
    use core::fmt::Debug;

    use super::{Terms, V5};

    #[expect(unnameable_types, reason = "sealed on purpose")]
    pub trait Sealed: Copy + Debug + Eq {
        /// Returns what MQTT 5 is told; `None` speaks 3.1.1.
        fn v5(self) -> Option<V5>;

        /// Returns the same with another Maximum Packet Size.
        #[must_use]
        fn telling(self, packet_bytes: u32) -> Self;
    }

    #[expect(unnameable_types, reason = "sealed on purpose")]
    pub trait Remember: Copy + Debug + Eq {
        fn remember(terms: Terms) -> Self;

        fn terms(self) -> Terms;
    }
}
