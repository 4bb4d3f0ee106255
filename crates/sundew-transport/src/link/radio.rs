//! What common radios and lines can carry. [`lorawan`](crate::lorawan::DataRate::capabilities) has
//! it for each data rate.
//!
//! Each is what the standard promises of a message by itself. What stands on top takes its share of
//! the payload and may acknowledge where the radio does not: a sealed serial frame, MQTT over TCP.

use super::{AirBudget, Capabilities, Carriage, Delivery, Downlink};

/// Describes TCP over Ethernet: a stream as long as one likes.
///
/// TCP acknowledges to the other stack, not to a program (RFC 793 section 2.6).
pub const ETHERNET_TCP: Capabilities =
    Capabilities::new(u16::MAX, Delivery::Unconfirmed, Downlink::Any)
        .with_carriage(Carriage::InOrder)
        .over_ip();

/// Describes TCP over Wi-Fi, which carries what Ethernet carries.
pub const WIFI_TCP: Capabilities = ETHERNET_TCP;

/// Describes UDP over LTE-M: 1358 bytes, the largest packet that every mobile core carries whole
/// (3GPP TS 23.060 annex C), less 28 of IPv4 and UDP.
///
/// A modem in PSM or eDRX hears nothing until it wakes: [`Downlink::AfterUplink`] is then the truth.
pub const LTE_M: Capabilities =
    Capabilities::new(1_358 - 28, Delivery::Unconfirmed, Downlink::Any).over_ip();

/// Describes UDP over NB-IoT: as [`LTE_M`].
pub const NB_IOT: Capabilities = LTE_M;

/// Describes NB-IoT without IP, with the same longest packet (3GPP TS 24.301): the operator hands
/// messages to a server.
pub const NB_IOT_NON_IP: Capabilities =
    Capabilities::new(1_358, Delivery::Unconfirmed, Downlink::AfterUplink);

/// Describes notifications of Bluetooth LE before any exchange of sizes: the `ATT_MTU` of 23 (Core 5.4,
/// volume 3, part G, section 5.2.1) less 3 of opcode and handle (part F, section 3.4.7.1).
///
/// Indications carry as much and are confirmed ([`Delivery::Acknowledged`]).
pub const BLE_DEFAULT: Capabilities = Capabilities::new(20, Delivery::Unconfirmed, Downlink::Any);

/// Describes notifications of Bluetooth LE with an `ATT_MTU` of 247: what fits the link layer's longest
/// packet of 251 bytes (Core 5.4, volume 6, part B, section 2.4) with 4 of L2CAP and 3 of ATT.
pub const BLE_LONG: Capabilities = Capabilities::new(244, Delivery::Unconfirmed, Downlink::Any);

/// Describes Sigfox in Europe: 12 bytes up, three times over without an answer; 8 bytes down on
/// request; 140 messages a day, since one takes 6 s and the band allows 1 % (Sigfox connected objects:
/// radio specifications; build.sigfox.com/payload). Down come 4 a day at most.
pub const SIGFOX: Capabilities =
    Capabilities::new(12, Delivery::Unconfirmed, Downlink::AfterUplink)
        .with_down_payload(8)
        .with_air(AirBudget { messages_a_day: Some(140), ..AirBudget::one_in(100) });

/// Describes a frame of IEEE 802.15.4 without security: 127 bytes less the longest header of 25 (RFC
/// 4944 section 4).
///
/// Its acknowledgement comes from the other radio's MAC.
pub const IEEE_802_15_4: Capabilities =
    Capabilities::new(102, Delivery::Unconfirmed, Downlink::Any);

/// Describes a frame of IEEE 802.15.4 with AES-CCM-128, which takes 21 bytes more (RFC 4944 section 4).
pub const IEEE_802_15_4_SECURED: Capabilities =
    Capabilities::new(81, Delivery::Unconfirmed, Downlink::Any);

/// Describes ESP-NOW: 250 bytes (`ESP_NOW_MAX_DATA_LEN` of ESP-IDF).
///
/// Its acknowledgement comes from the other radio's MAC: ESP-IDF says itself that it does not mean
/// that the application has the data.
pub const ESP_NOW: Capabilities = Capabilities::new(250, Delivery::Unconfirmed, Downlink::Any);

/// Describes ESP-NOW 2.0, from ESP-IDF 5.4 on both sides: 1470 bytes (`ESP_NOW_MAX_DATA_LEN_V2`).
pub const ESP_NOW_2: Capabilities = Capabilities::new(1_470, Delivery::Unconfirmed, Downlink::Any);

/// Describes a bare serial line, RS-232 or RS-485: bytes in order, some of them wrong, no frames.
pub const SERIAL: Capabilities = Capabilities::new(u16::MAX, Delivery::Unconfirmed, Downlink::Any)
    .with_carriage(Carriage::InOrder);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::Network;

    /// The table of the crate's README.
    #[test]
    fn the_numbers_are_those_of_the_standards() {
        let up_down = |radio: Capabilities| (radio.payload, radio.down_payload);
        assert_eq!(up_down(BLE_DEFAULT), (20, 20));
        assert_eq!(up_down(BLE_LONG), (251 - 4 - 3, 244));
        assert_eq!(up_down(SIGFOX), (12, 8));
        assert_eq!(up_down(IEEE_802_15_4), (127 - 25, 102));
        assert_eq!(up_down(IEEE_802_15_4_SECURED), (127 - 25 - 21, 81));
        assert_eq!(up_down(NB_IOT), (1_330, 1_330));
        assert_eq!((SIGFOX.air.messages_a_day, SIGFOX.air.one_in), (Some(140), Some(100)));
        for radio in [ETHERNET_TCP, WIFI_TCP] {
            assert_eq!((radio.network, radio.carriage), (Network::Ip, Carriage::InOrder));
        }
        for radio in [BLE_LONG, SIGFOX, ESP_NOW, ESP_NOW_2, NB_IOT_NON_IP, IEEE_802_15_4] {
            assert_eq!((radio.network, radio.carriage), (Network::None, Carriage::Datagrams));
        }
    }
}
