//! The device: what it does, and in which flash.

use std::sync::LazyLock;

use ed25519_compact::{KeyPair, Seed};
use embedded_storage::nor_flash::NorFlash;
use rand_core::Rng;
use sundew_core::Region;
use sundew_identity::cose::{Algorithm, Refused, Signer, sign};
use sundew_identity::{
    Anchor, AnchorKind, Anchors, DeviceRecord, Drbg, Error, Identity, NotTaken, Proven, Role,
    Roles, TimeFloor, next_boot,
};
use sundew_store::Settings;
use sundew_testkit::explore::{Stop, System};
use sundew_testkit::{Erased, FlashError, Rewrite, Torn};

use crate::part::{Flash, PAGE, Part};
use crate::world::{Seen, Version, World};

/// The ways in which a word or a page is torn; the last is between two values, and may read as the
/// one or the other, or in parts, at each start.
const TEARS: [Torn; 5] =
    [Torn::Before, Torn::Whole, Torn::FirstHalf, Torn::Unreadable, Torn::Metastable];
const LASTING: &[Torn] = TEARS.first_chunk::<4>().unwrap();

const SETTINGS: Region = Region::new(0, 2 * PAGE);
const RECORD: Region = Region::new(2 * PAGE, 2 * PAGE);
const QUEUE: Region = Region::new(4 * PAGE, PAGE);
const BUILT: u32 = 1_767_225_600;

/// Says how the flash is.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Words can be programmed once, and erased bits are ones.
    Once,
    /// Programming clears bits, again and again.
    Clears,
    /// The same, and erased bits are zeros.
    Zeros,
}

/// Is a flash, and what is done to it.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) name: &'static str,
    kind: Kind,
    /// Calls that are cut, at most.
    cuts: u8,
    pub(crate) tears: &'static [Torn],
}

/// Where words can be programmed twice, two cuts that leave words between two values can spoil a
/// setting: the README of `sundew-store` says which. So there they are searched one at a time.
pub(crate) const MEMORIES: [Memory; 5] = [
    Memory { name: "once", kind: Kind::Once, cuts: 2, tears: &TEARS },
    Memory { name: "clears", kind: Kind::Clears, cuts: 2, tears: LASTING },
    Memory { name: "clears-wavers", kind: Kind::Clears, cuts: 1, tears: &TEARS },
    Memory { name: "zeros", kind: Kind::Zeros, cuts: 2, tears: LASTING },
    Memory { name: "zeros-wavers", kind: Kind::Zeros, cuts: 1, tears: &TEARS },
];

#[derive(Clone, Copy, Debug)]
enum Act {
    Replace,
    Reset,
    Provision,
    Draw,
    Count,
    Raise,
}

const ACTS: [Act; 6] =
    [Act::Replace, Act::Reset, Act::Provision, Act::Draw, Act::Count, Act::Raise];

/// Says what is done in one search, in any order.
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    /// How often each of `ACTS`, at most.
    acts: [u8; ACTS.len()],
    /// Settings saved before it begins, so that the page is full at another place.
    before: u16,
    /// Calls that are cut, at most.
    cuts: u8,
}

pub(crate) const SCENES: [Scene; 6] = [
    Scene { name: "streams", acts: [0, 0, 0, 3, 1, 0], before: 5, cuts: 2 },
    Scene { name: "floor", acts: [0, 0, 0, 0, 0, 2], before: 4, cuts: 2 },
    Scene { name: "anchors", acts: [2, 0, 0, 0, 0, 0], before: 1, cuts: 2 },
    Scene { name: "reset", acts: [0, 2, 1, 0, 0, 0], before: 3, cuts: 2 },
    Scene { name: "lives", acts: [1, 1, 1, 2, 0, 0], before: 0, cuts: 1 },
    Scene { name: "all", acts: [1, 1, 1, 1, 1, 1], before: 4, cuts: 1 },
];

/// Is one device in one scene.
#[derive(Clone)]
pub(crate) struct Device<'s> {
    pub(crate) scene: &'s Scene,
    pub(crate) memory: Memory,
}

/// Holds the key that may replace the anchors, and the messages that it signed, by their number.
struct Root {
    public: [u8; 32],
    messages: Vec<Vec<u8>>,
}

static ROOT: LazyLock<Root> = LazyLock::new(|| {
    struct Key(KeyPair);
    impl Signer for Key {
        fn algorithm(&self) -> Algorithm {
            Algorithm::ED25519
        }
        fn sign(&mut self, parts: &[&[u8]], signature: &mut [u8]) -> Result<usize, Refused> {
            let made = self.0.sk.sign(parts.concat(), None);
            let to = signature.get_mut(..64).ok_or(Refused::Room { needed: 64 })?;
            to.copy_from_slice(made.as_ref());
            Ok(64)
        }
    }
    let mut key = Key(KeyPair::from_seed(Seed::new([1; 32])));
    let public = *key.0.pk;
    let anchors = [&[0x81, 0x84, 8, 1, 0x40, 0x58, 32][..], &public].concat();
    let message = |sequence: u8| {
        let payload = [&[0xA2, 1, sequence, 2][..], &anchors].concat();
        let mut message = vec![0; 200];
        let made = sign(&mut key, b"", &payload, Role::Anchors.external(), &mut message);
        message.truncate(made.unwrap_or(0));
        message
    };
    Root { public, messages: (0..8).map(message).collect() }
});

/// Returns what nobody else may know in a life.
fn secret(life: u8) -> [u8; 32] {
    core::array::from_fn(|index| 0x80 + 0x20 * life + index as u8)
}

/// Shows a record that has all kinds of keys.
fn with_record<T>(version: Version, show: impl FnOnce(&DeviceRecord<'_>) -> T) -> T {
    let Version { life, sequence } = version;
    let (id, secret) = (life.to_string(), secret(life));
    let anchor = Anchor {
        roles: Roles::of(&[Role::Anchors]),
        kind: AnchorKind::Ed25519,
        key_id: &[],
        bytes: &ROOT.public,
    };
    let mut buffer = [0; 64];
    let anchors = Anchors::encode(&[anchor], &mut buffer).unwrap_or(Anchors::NONE);
    let record = DeviceRecord::new(&id)
        .with_psk(b"i", &secret)
        .with_seed(&secret)
        .with_anchors(u32::from(sequence), anchors);
    show(&record)
}

impl Device<'_> {
    const fn settings(&self) -> Settings {
        let settings = Settings::new(SETTINGS);
        if matches!(self.memory.kind, Kind::Zeros) { settings.erased_to_zero() } else { settings }
    }

    const fn identity(&self) -> Identity {
        Identity::new(RECORD, self.settings())
    }

    /// Reads everything, and judges it.
    fn look(&self, part: &mut Part, world: &mut World) -> Result<(), Stop> {
        let mut buffer = [0; 320];
        let seen = match self.identity().load(&mut part.flash, &mut buffer) {
            Ok(record) => {
                let life = record.id.parse().map_err(Stop::failed)?;
                let version = Version { life, sequence: record.sequence as u8 };
                let is_whole = with_record(version, |whole| *whole == record);
                if !is_whole {
                    return Err(Stop::violation(format!("a mixed record: {record:?}")));
                }
                Seen::Record(version)
            }
            Err(Error::NotProvisioned) => Seen::Nothing,
            Err(Error::ResetUnderWay) => Seen::ResetUnderWay,
            Err(error) => return Err(Stop::failed(error)),
        };
        world.see(seen)?;
        let floor = TimeFloor::open(&mut part.flash, &self.settings(), BUILT);
        let floor = floor.map_err(Stop::failed)?;
        world.stands_on(((floor.unix() - BUILT) / TimeFloor::STEP) as u8)?;
        if world.is_bare() && self.has_secret(part) {
            return Err(Stop::violation("a key is readable after a reset"));
        }
        Ok(())
    }

    /// Returns whether a key, or half of one, is anywhere in the flash.
    fn has_secret(&self, part: &Part) -> bool {
        let halves = |life| {
            let secret = secret(life);
            let (front, back) = secret.split_at(16);
            [front.to_vec(), back.to_vec()]
        };
        (0..3).flat_map(halves).any(|half| part.flash.image().windows(16).any(|it| it == half))
    }

    fn replace(&self, part: &mut Part, world: &mut World) -> Result<(), Stop> {
        let Some(Version { sequence, .. }) = world.record() else { return Ok(()) };
        let mut buffer = [0; 320];
        let record = match self.identity().load(&mut part.flash, &mut buffer) {
            Err(Error::ResetUnderWay) => return Ok(()),
            other => other.map_err(Stop::failed)?,
        };
        let message = |number: u8| ROOT.messages.get(usize::from(number)).map_or(&[][..], |it| it);
        for old in sequence.saturating_sub(1)..=sequence {
            let taken = self.identity().replace_anchors(&mut part.flash, &record, message(old));
            if !matches!(taken, Err(Error::NotTaken(NotTaken::Sequence { .. }))) {
                return Err(Stop::violation(format!("message {old} at {sequence}: {taken:?}")));
            }
        }
        world.begins_to_store();
        let next = message(sequence + 1);
        let taken = self.identity().replace_anchors(&mut part.flash, &record, next);
        taken.map_err(Stop::failed)?;
        world.has_stored();
        Ok(())
    }

    fn reset(&self, part: &mut Part, world: &mut World) -> Result<(), Stop> {
        world.begins_to_reset();
        self.identity().reset(&mut part.flash, Some(QUEUE)).map_err(Stop::failed)?;
        world.has_reset();
        Ok(())
    }

    fn provision(&self, part: &mut Part, world: &mut World) -> Result<(), Stop> {
        if world.record().is_some() {
            return Ok(());
        }
        let version = world.next();
        world.begins_to_store();
        match with_record(version, |record| self.identity().store(&mut part.flash, record)) {
            Err(Error::ResetUnderWay) => return Ok(()),
            other => other.map_err(Stop::failed)?,
        }
        world.has_stored();
        Ok(())
    }

    fn draw(&self, part: &mut Part, world: &mut World) -> Result<(), Stop> {
        let mut buffer = [0; 320];
        let record = match self.identity().load(&mut part.flash, &mut buffer) {
            Err(Error::NotProvisioned | Error::ResetUnderWay) => return Ok(()),
            other => other.map_err(Stop::failed)?,
        };
        let drbg = Drbg::open(&mut part.flash, &self.settings(), &record);
        world.draws(drbg.map_err(Stop::failed)?.next_u64())
    }

    fn raise(&self, part: &mut Part, world: &mut World) -> Result<(), Stop> {
        let floor = TimeFloor::open(&mut part.flash, &self.settings(), BUILT);
        let mut floor = floor.map_err(Stop::failed)?;
        world.begins_to_rise();
        let proven = BUILT + u32::from(world.higher()) * TimeFloor::STEP;
        floor
            .raise(&mut part.flash, &self.settings(), Proven::by_session(proven))
            .map_err(Stop::failed)?;
        world.has_risen();
        Ok(())
    }

    /// Returns whether no more calls are cut.
    fn is_cut_out(&self, world: &World) -> bool {
        world.cuts >= self.scene.cuts.min(self.memory.cuts)
    }

    fn filled(&self) -> Result<Flash, Error<FlashError>> {
        let mut flash = match self.memory.kind {
            Kind::Once => Flash::new().with_rewrite(Rewrite::Refused),
            Kind::Clears => Flash::new().with_rewrite(Rewrite::ClearsBits),
            Kind::Zeros => {
                Flash::new().with_rewrite(Rewrite::ClearsBits).with_erased(Erased::Zeros)
            }
        };
        let factory = Version { life: 0, sequence: 1 };
        let mut image = [0; 320];
        with_record(factory, |record| record.encode::<FlashError>(&mut image))?;
        let written = flash.write(RECORD.start(), &image);
        written.map_err(|error| Error::Storage(sundew_store::Error::Flash(error)))?;
        // Values of the device's own, none of which is what is looked at.
        for round in 0..self.scene.before {
            let key = sundew_store::Key::UPDATE_PROGRESS;
            self.settings().save(&mut flash, key, &round.to_le_bytes()).map_err(Error::Storage)?;
        }
        Ok(flash)
    }
}

impl System for Device<'_> {
    type Memory = Part;
    type Live = ();
    type Model = World;

    fn start(&self) -> (Part, World) {
        match self.filled() {
            Ok(flash) => (Part::new(flash), World::provisioned()),
            Err(error) => panic!("no device to begin with: {error:?}"),
        }
    }

    fn open(&self, part: &mut Part, world: &mut World) -> Result<(), Stop> {
        world.cuts += u8::from(world.is_busy);
        world.is_busy = false;
        if self.is_cut_out(world) {
            return part.uncut(|part| self.look(part, world));
        }
        world.is_busy = true;
        self.look(part, world)?;
        world.is_busy = false;
        Ok(())
    }

    fn choices(&self, _world: &World) -> usize {
        ACTS.len()
    }

    fn name(&self, choice: usize) -> String {
        ACTS.get(choice).map_or_else(String::new, |act| format!("{act:?}"))
    }

    fn operate(
        &self,
        choice: usize,
        (): &mut (),
        part: &mut Part,
        world: &mut World,
    ) -> Result<(), Stop> {
        let (Some(act), Some(most)) = (ACTS.get(choice), self.scene.acts.get(choice)) else {
            return Ok(());
        };
        match world.begun.get_mut(choice) {
            Some(begun) if *begun < *most => *begun += 1,
            _ => return Ok(()),
        }
        let act = |part: &mut Part, world: &mut World| {
            match act {
                Act::Replace => self.replace(part, world)?,
                Act::Reset => self.reset(part, world)?,
                Act::Provision => self.provision(part, world)?,
                Act::Draw => self.draw(part, world)?,
                Act::Count => {
                    let boot =
                        next_boot(&mut part.flash, &self.settings()).map_err(Stop::failed)?;
                    world.counts(boot)?;
                }
                Act::Raise => self.raise(part, world)?,
            }
            self.look(part, world)
        };
        if self.is_cut_out(world) {
            return part.uncut(|part| act(part, world));
        }
        world.is_busy = true;
        act(part, world)?;
        world.is_busy = false;
        Ok(())
    }
}
