//! What a link can carry, as a record.

/// Says what a link can carry.
///
/// [`radio`](super::radio) has it for common radios. A link that changes one fact of such a constant
/// sets the field:
///
/// ```
/// use sundew_transport::link::{Capabilities, Delivery, radio};
///
/// // Indications instead of notifications: the other side confirms each.
/// const INDICATED: Capabilities = radio::BLE_LONG.with_delivery(Delivery::Acknowledged);
/// assert_eq!(INDICATED.payload, 244);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Capabilities {
    /// Holds the largest payload of one message in bytes.
    pub payload: u16,
    /// Holds the largest payload of one message that comes down in bytes.
    pub down_payload: u16,
    /// Says what the link tells about a message that was sent.
    pub delivery: Delivery,
    /// Says whether commands can come down.
    pub downlink: Downlink,
    /// Says how messages keep together on the way.
    pub carriage: Carriage,
    /// Says whether the other end has an address on the Internet.
    pub network: Network,
    /// Holds what the law, or the operator, lets the device be on the air.
    pub air: AirBudget,
}

impl Capabilities {
    /// Describes a link of datagrams without IP and without limits of the air, which carries
    /// `payload` bytes in a message, and as many down where commands can come down.
    pub const fn new(payload: u16, delivery: Delivery, downlink: Downlink) -> Self {
        Self {
            payload,
            down_payload: if matches!(downlink, Downlink::None) { 0 } else { payload },
            delivery,
            downlink,
            carriage: Carriage::Datagrams,
            network: Network::None,
            air: AirBudget::UNLIMITED,
        }
    }

    /// Sets what the link tells about a message that was sent.
    #[must_use]
    pub const fn with_delivery(self, delivery: Delivery) -> Self {
        Self { delivery, ..self }
    }

    /// Sets the largest payload of a message that comes down in bytes.
    #[must_use]
    pub const fn with_down_payload(self, down_payload: u16) -> Self {
        Self { down_payload, ..self }
    }

    /// Sets how messages keep together on the way.
    #[must_use]
    pub const fn with_carriage(self, carriage: Carriage) -> Self {
        Self { carriage, ..self }
    }

    /// Says that the other end has an address on the Internet.
    #[must_use]
    pub const fn over_ip(self) -> Self {
        Self { network: Network::Ip, ..self }
    }

    /// Sets the limits of the air.
    #[must_use]
    pub const fn with_air(self, air: AirBudget) -> Self {
        Self { air, ..self }
    }
}

/// Says what a link tells about a message that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Delivery {
    /// Reports each message once the other side holds it.
    Acknowledged,
    /// Reports nothing; a message counts as delivered once it was sent.
    ///
    /// So are links of which only the other radio acknowledges (802.15.4, ESP-NOW, TCP itself): it
    /// does so before any program has seen the message, and whether or not one ever does.
    Unconfirmed,
}

/// Says whether commands can come down a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Downlink {
    /// Carries nothing down.
    None,
    /// Carries a command at any time.
    Any,
    /// Carries a command only right after a message went up, as LoRaWAN class A and Sigfox do: what
    /// comes down waits for that, so that how often the device sends is how fast it obeys.
    AfterUplink,
}

/// Says how messages keep together on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Carriage {
    /// Carries each message alone: whole or not at all, perhaps twice, perhaps out of order.
    Datagrams,
    /// Carries bytes in order, of which something above makes messages.
    InOrder,
}

/// Says whether the other end of a link has an address on the Internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Network {
    /// Has none: a gateway or the operator passes messages on.
    None,
    /// Speaks IP: TLS and MQTT, or DTLS and `CoAP`, end at the server.
    Ip,
}

/// Holds what limits a device's time on the air; all limits that are there hold at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct AirBudget {
    /// Allows one in so many parts of the time: 100 is 1 %.
    pub one_in: Option<u16>,
    /// Holds the longest transmission in ms.
    pub longest_ms: Option<u16>,
    /// Holds the most messages of a day.
    pub messages_a_day: Option<u16>,
}

impl AirBudget {
    /// Limits nothing.
    pub const UNLIMITED: Self = Self { one_in: None, longest_ms: None, messages_a_day: None };

    /// Allows one in `parts` parts of the time.
    pub const fn one_in(parts: u16) -> Self {
        Self { one_in: Some(parts), ..Self::UNLIMITED }
    }
}
