//! What stands behind the network server: reads tiny frames by nothing but descriptors.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sundew_codec::descriptor::Descriptor;
use sundew_codec::tiny::{self, Carrier, Kind};
use sundew_units::Dec;

use crate::demo::columns;
use crate::demo::ledger::Ledger;
use crate::failure::{Context, Failure};

/// Knows the descriptors that were released, and which of them the device works by once that said so.
#[derive(Clone)]
pub(super) struct Application {
    released: Arc<Vec<Vec<u8>>>,
    state: Arc<Mutex<State>>,
    ledger: Ledger,
}

#[derive(Default)]
struct State {
    /// Holds the hash that the device announced.
    announced: Option<u32>,
    /// Holds a command until its result came back, and its number.
    command: Option<(u32, Vec<u8>)>,
}

impl Application {
    /// Knows descriptors as they were published, byte for byte.
    pub(super) fn new(released: Vec<Vec<u8>>, ledger: Ledger) -> Self {
        for descriptor in &released {
            ledger.keep("descriptor", "-", descriptor);
        }
        Self { released: Arc::new(released), state: Arc::default(), ledger }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a message that arrived for the first time.
    pub(super) fn message(&self, port: u8, payload: &[u8]) {
        if let Err(failure) = self.read(port, payload) {
            self.unreadable(format!("port {port}: {failure}"));
        }
    }

    pub(super) fn unreadable(&self, text: String) {
        self.ledger.show().wrong(&text);
        self.ledger.note(|seen| seen.unreadable.push(text));
    }

    /// Returns the message that goes down with the next answer, its port first; nothing where
    /// none waits.
    pub(super) fn command(&self) -> Vec<u8> {
        self.state().command.as_ref().map_or_else(Vec::new, |(_, bytes)| bytes.clone())
    }

    /// Sends a command that sets a channel, again and again until its result comes back; returns the
    /// number of bytes behind the port.
    pub(super) fn set(&self, id: u32, channel: &str, value: Dec) -> Result<usize, Failure> {
        let command = columns::setting(&columns::read(self.descriptor()?)?, id, channel, value)?;
        let mut buffer = [0; 16];
        let length = tiny::encode_command(&command, Carrier::Frame, &mut buffer);
        let length = length.context(|| "command")?;
        let bytes = buffer.get(..length).unwrap_or_default().to_vec();
        self.state().command = Some((id, bytes));
        Ok(length - 1)
    }

    fn descriptor(&self) -> Result<&[u8], Failure> {
        let hash = self.state().announced.context(|| "the device has announced no descriptor")?;
        let is_it = |bytes: &&Vec<u8>| {
            Descriptor::parse(bytes).is_ok_and(|descriptor| descriptor.hash() == hash)
        };
        let found = self.released.iter().find(is_it);
        found.map(Vec::as_slice).context(|| format!("no descriptor has the hash {hash:08x}"))
    }

    fn read(&self, port: u8, payload: &[u8]) -> Result<(), Failure> {
        match Kind::from_number(port) {
            Some(Kind::Birth) => self.birth(payload),
            Some(Kind::Command) => self.answer(payload),
            Some(Kind::Values { .. }) => self.values(port, payload),
            _ => Err(Failure::new("no tiny frame")),
        }
    }

    fn birth(&self, payload: &[u8]) -> Result<(), Failure> {
        let (schema, hash) = tiny::decode_birth(Carrier::Port, payload).context(|| "birth")?;
        self.state().announced = Some(hash);
        let device = columns::read(self.descriptor()?)?;
        if device.version() != schema {
            return Err(Failure::new(format!("schema {schema} for {}", device.version())));
        }
        let model = device.model();
        self.ledger.show().arrived(format!("birth: descriptor {hash:08x}, {model} {schema}"));
        Ok(())
    }

    fn answer(&self, payload: &[u8]) -> Result<(), Failure> {
        let answer = tiny::decode_answer(Carrier::Port, payload).context(|| "answer")?;
        self.state().command.take_if(|(id, _)| *id == answer.id);
        let (id, result) = (answer.id, answer.result);
        self.ledger.show().arrived(format!("result of command {id}: {result}"));
        self.ledger.note(|seen| seen.results.push((id, result)));
        Ok(())
    }

    fn values(&self, port: u8, payload: &[u8]) -> Result<(), Failure> {
        self.ledger.keep("tiny", &port.to_string(), payload);
        let device = columns::read(self.descriptor()?)?;
        let entries = tiny::decode(&device, Some(port), payload).context(|| "frame")?;
        if let Some(channel) = entries.unknown() {
            return Err(Failure::new(format!("channel {} is not in the descriptor", channel.0)));
        }
        self.ledger.rows_arrived(columns::described(entries, &device)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sundew_codec::tiny::Selection;
    use sundew_codec::{Answer, Origin, Row as Stored, Time, descriptor, record};
    use sundew_units::{Channel, ChannelId, Device, Quality, Quantity};

    use super::*;
    use crate::demo::show::{Detail, Show};
    use crate::demo::stop::Stop;

    const AIR: Channel = Channel::new(ChannelId(1), "air", Quantity::Temperature, -2);
    const INTERVAL: Channel =
        Channel::new(ChannelId(2), "interval", Quantity::Duration, -1).writable();
    const HUT: Device = Device::new("hut", 3, &[AIR.with_range(-4_000, 8_500), INTERVAL]);

    #[test]
    fn frames_are_read_by_the_announced_descriptor_alone() {
        let folder = std::env::temp_dir().join(format!("sundew-lorawan-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let ledger = Ledger::create(&folder, Show::new(Detail::Steps), Stop::never()).unwrap();
        let mut bytes = [0; 256];
        let length = descriptor::encode(&HUT, &mut bytes).unwrap();
        let application = Application::new(vec![bytes[..length].to_vec()], ledger.clone());

        let mut buffer = [0; 51];
        let mut stored = [0; 16];
        let values = [(ChannelId(1), -725, Quality::Good)];
        let length = record::encode(3, values, &mut stored).unwrap();
        let row = Stored::new(record::decode(&stored[..length]).unwrap())
            .at(Time::Unix(1_700_000_000))
            .with_origin(Origin::new(4, 7));
        let packed = tiny::encode(&HUT, &row, Selection::ALL, Carrier::Port, &mut buffer).unwrap();
        let frame = buffer[..packed.len].to_vec();
        application.message(packed.kind, &frame);
        assert_eq!(ledger.look(|seen| seen.unreadable.len()), 1, "nothing was announced yet");
        assert!(application.set(1, "interval", Dec::new(60, 0)).is_err());

        let length = tiny::encode_birth(3, descriptor::hash(&HUT), Carrier::Port, &mut buffer);
        application.message(1, &buffer[..length.unwrap()]);
        application.message(packed.kind, &frame);
        let rows: Vec<_> =
            ledger.look(|seen| seen.tally.arrived().map(ToString::to_string).collect());
        assert_eq!(rows, ["4,7,air,-7.25,Cel,1700000000"]);

        assert_eq!(application.set(1, "interval", Dec::new(60, 0)).unwrap(), 4);
        assert_eq!(application.command(), [222, 2, 1, 0xB0, 0x09]);
        let answer = Answer::done(1, ChannelId(2), 600);
        let length = tiny::encode_answer(&answer, Carrier::Port, &mut buffer).unwrap();
        application.message(222, &buffer[..length]);
        assert!(application.command().is_empty());
        assert_eq!(ledger.look(|seen| seen.results.clone()), [(1, 0)]);

        application.message(223, &[]);
        assert_eq!(ledger.look(|seen| seen.unreadable.len()), 2);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
