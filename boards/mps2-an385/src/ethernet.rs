//! The network port as smoltcp wants it: one frame at a time, copied.

use core::fmt;

use smoltcp::{
    phy::{self, DeviceCapabilities, Medium},
    time::Instant,
    wire::EthernetAddress,
};
use sundew_core::{Classify, ErrorKind};

use crate::lan9118::{BUFFER_BYTES, FRAME_MAX, Lan9118};

/// Drives the LAN9118 as a [`smoltcp::phy::Device`].
///
/// # RAM
///
/// One frame (1.5 KB) on the stack while it is received or sent, none between.
pub struct Ethernet {
    mac: Lan9118,
    address: EthernetAddress,
}

impl Ethernet {
    /// Resets the part and turns it on.
    pub(crate) fn start() -> Result<Self, Absent> {
        let mac = Lan9118::start().ok_or(Absent)?;
        let address = EthernetAddress(mac.mac_address().ok_or(Absent)?);
        Ok(Self { mac, address })
    }

    /// Returns the port's own address.
    pub fn address(&self) -> EthernetAddress {
        self.address
    }
}

/// Reports that no LAN9118 answers at its address, or that it stays busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Absent;

impl fmt::Display for Absent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the network controller does not answer")
    }
}

impl core::error::Error for Absent {}

impl Classify for Absent {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Bus
    }
}

/// Holds one received frame.
pub struct Received {
    frame: [u8; BUFFER_BYTES],
    len: usize,
}

impl phy::RxToken for Received {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, take: F) -> R {
        take(self.frame.get(..self.len).unwrap_or_default())
    }
}

/// Holds the right to send one frame.
pub struct Sender<'a>(&'a mut Lan9118);

impl phy::TxToken for Sender<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, fill: F) -> R {
        let mut frame = [0; FRAME_MAX];
        // smoltcp asks for no more than the capabilities say.
        let frame = frame.get_mut(..len).unwrap_or_default();
        let result = fill(frame);
        self.0.send(frame);
        result
    }
}

impl phy::Device for Ethernet {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sender<'a>;

    fn receive(&mut self, _now: Instant) -> Option<(Received, Sender<'_>)> {
        // What is received may have to be answered at once.
        if !self.mac.can_send() {
            return None;
        }
        let mut frame = [0; BUFFER_BYTES];
        let len = self.mac.receive(&mut frame)?;
        Some((Received { frame, len }, Sender(&mut self.mac)))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Sender<'_>> {
        self.mac.can_send().then_some(Sender(&mut self.mac))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = FRAME_MAX;
        capabilities.max_burst_size = Some(1);
        capabilities
    }
}
