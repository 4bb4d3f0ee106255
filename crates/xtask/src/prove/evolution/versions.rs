//! Chains of versions of a device: legal ones at random, and one step of each kind that is not.

use sundew_codec::descriptor;
use sundew_units::{Change, Channel, ChannelId, Device, EvolutionError, Kind, Quantity, Unit};

use crate::demo::Choices;

/// Holds a channel that can still be changed.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub(super) id: u8,
    pub(super) name: &'static str,
    pub(super) quantity: Quantity,
    pub(super) unit: Unit,
    pub(super) exponent: i8,
    pub(super) kind: Kind,
    pub(super) low: i32,
    pub(super) high: i32,
    pub(super) bits: u8,
    pub(super) writable: bool,
}

impl Spec {
    fn random(id: u8, choices: &mut Choices) -> Self {
        // All numbers of quantities are in use from 0 on.
        let quantity = Quantity::from_number(choices.below(39) as u8);
        let quantity = quantity.unwrap_or(Quantity::Count);
        let kind = Kind::from_number(choices.below(5) as u8, None).unwrap_or_else(|| {
            let width = choices.below(31);
            let modulus = 2 + choices.below(1 << width) as u32;
            match choices.below(2) {
                0 => Kind::Counter { modulus },
                _ => Kind::CounterSinceBoot { modulus },
            }
        });
        let (mut low, mut high) = kind.range();
        if kind.modulus().is_none() && choices.below(8) > 0 {
            let width = choices.below(33);
            let steps = choices.below(1 << width);
            low = choices.below(1 << 16) as i32 - (1 << 15);
            high = i64::from(low).saturating_add_unsigned(steps).min(i64::from(i32::MAX)) as i32;
        }
        let mut spec = Self {
            id,
            name: format!("{}-{id}", quantity.name()).leak(),
            quantity,
            unit: quantity.canonical_unit(),
            exponent: choices.below(10) as i8 - 6,
            kind,
            low,
            high,
            bits: 0,
            writable: choices.below(4) == 0,
        };
        spec.bits = (spec.needed_bits() + choices.below(3) as u8).min(32);
        spec
    }

    fn needed_bits(&self) -> u8 {
        (u32::BITS - self.high.wrapping_sub(self.low).cast_unsigned().leading_zeros()) as u8
    }

    /// Returns the largest mantissa that the field holds.
    pub(super) fn end(&self) -> i32 {
        let steps = (1_i64 << self.bits) - 1;
        (i64::from(self.low) + steps).min(i64::from(i32::MAX)) as i32
    }

    fn channel(&self) -> Channel {
        let channel = Channel::new(ChannelId(self.id), self.name, self.quantity, self.exponent)
            .with_unit(self.unit)
            .with_kind(self.kind)
            .with_range(self.low, self.high)
            .with_bits(self.bits);
        if self.writable { channel.writable() } else { channel }
    }
}

/// Holds one version of a device.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) specs: Vec<Spec>,
    retired: Vec<u8>,
    /// Holds the names of channels that are gone.
    old_names: Vec<&'static str>,
    pub(super) device: Device,
    /// Holds the descriptor.
    pub(super) bytes: Vec<u8>,
}

/// Holds what a version is made of.
#[derive(Clone)]
struct Draft {
    model: &'static str,
    number: u16,
    specs: Vec<Spec>,
    retired: Vec<u8>,
    old_names: Vec<&'static str>,
}

impl Draft {
    /// Returns the version; `None` where the draft is no device at all.
    fn finish(self) -> Option<Version> {
        let channels: Vec<_> = self.specs.iter().map(Spec::channel).collect();
        let retired: Vec<_> = self.retired.iter().copied().map(ChannelId).collect();
        // A few KB for each chain, in a process that ends with the proof.
        let device = Device::try_new(self.model, self.number, channels.leak()).ok()?;
        let device = device.try_with_retired(retired.leak()).ok()?;
        let mut bytes = vec![0; descriptor::len(&device)];
        descriptor::encode(&device, &mut bytes).ok()?;
        let Self { specs, retired, old_names, .. } = self;
        Some(Version { specs, retired, old_names, device, bytes })
    }

    fn largest(&self) -> u8 {
        let ids = self.specs.iter().map(|spec| spec.id).chain(self.retired.iter().copied());
        ids.max().unwrap_or(0)
    }

    fn add(&mut self, choices: &mut Choices) {
        let gap = if choices.below(20) == 0 { 40 } else { 3 };
        let Some(id) = self.largest().checked_add(1 + choices.below(gap) as u8) else { return };
        let mut spec = Spec::random(id, choices);
        // A new id may take over the name of a channel that is gone.
        if choices.below(2) == 0
            && let Some(name) = self.old_names.pop()
        {
            spec.name = name;
        }
        self.specs.push(spec);
    }

    fn pick(&mut self, choices: &mut Choices) -> Option<&mut Spec> {
        let at = choices.below(self.specs.len() as u64) as usize;
        self.specs.get_mut(at)
    }

    /// Makes one of the changes that a later version may make.
    fn change(&mut self, choices: &mut Choices) -> Option<()> {
        match choices.below(6) {
            0 | 1 => self.add(choices),
            2 if self.specs.len() > 1 => {
                let at = choices.below(self.specs.len() as u64) as usize;
                let gone = self.specs.remove(at);
                self.retired.push(gone.id);
                self.old_names.push(gone.name);
            }
            3 => {
                let at = choices.below(self.specs.len() as u64) as usize;
                self.specs.rotate_left(at);
                self.retired.reverse();
            }
            4 => {
                let spec = self.pick(choices)?;
                spec.writable = !spec.writable;
            }
            _ => {
                let spec = self.pick(choices)?;
                let span = i64::from(spec.end()) - i64::from(spec.low);
                let above = choices.below(span as u64 + 1);
                spec.high = i64::from(spec.low).saturating_add_unsigned(above) as i32;
            }
        }
        Some(())
    }
}

impl Version {
    /// Returns a first version.
    pub(super) fn first(choices: &mut Choices) -> Option<Self> {
        let mut draft = Draft {
            model: "weather",
            number: 1 + choices.below(20) as u16,
            specs: Vec::new(),
            retired: Vec::new(),
            old_names: Vec::new(),
        };
        for _ in 0..=choices.below(6) {
            draft.add(choices);
        }
        draft.finish()
    }

    /// Returns a later version that follows the rules.
    pub(super) fn next(&self, choices: &mut Choices) -> Option<Self> {
        self.later(choices).finish()
    }

    fn later(&self, choices: &mut Choices) -> Draft {
        let mut draft = self.draft();
        draft.number += 1 + choices.below(3) as u16;
        for _ in 0..choices.below(5) {
            draft.change(choices);
        }
        draft
    }

    fn draft(&self) -> Draft {
        Draft {
            model: self.device.model(),
            number: self.device.version(),
            specs: self.specs.clone(),
            retired: self.retired.clone(),
            old_names: self.old_names.clone(),
        }
    }

    /// Returns a later version that breaks one rule, and how that must be called; `None` where this
    /// version offers no way to break the rule that was chosen.
    pub(super) fn illegal(&self, choices: &mut Choices) -> Option<(Self, EvolutionError)> {
        let mut draft = self.later(choices);
        let error = match choices.below(13) {
            0 => {
                draft.model = "hut";
                EvolutionError::Model
            }
            1 => {
                draft.number = self.device.version() - choices.below(2) as u16;
                EvolutionError::Version
            }
            2 => {
                let channel = ChannelId(self.kept(&mut draft, choices)?.id);
                draft.specs.retain(|spec| spec.id != channel.0);
                EvolutionError::Dropped { channel }
            }
            3 => {
                let channel = self.gone(choices)?;
                draft.retired.retain(|id| *id != channel.0);
                EvolutionError::Unretired { channel }
            }
            4 => {
                let channel = self.gone(choices)?;
                draft.retired.retain(|id| *id != channel.0);
                draft.specs.push(Spec::random(channel.0, choices));
                EvolutionError::Reused { channel }
            }
            5 => {
                let taken = |id: &u8| self.retired.contains(id) || self.spec(*id).is_some();
                let free = (1..self.draft().largest()).find(|id| !taken(id))?;
                draft.specs.push(Spec::random(free, choices));
                EvolutionError::NotLast { channel: ChannelId(free) }
            }
            which => {
                let spec = self.kept(&mut draft, choices)?;
                let what = alter(spec, which)?;
                EvolutionError::Changed { channel: ChannelId(spec.id), what }
            }
        };
        Some((draft.finish()?, error))
    }

    pub(super) fn spec(&self, id: u8) -> Option<&Spec> {
        self.specs.iter().find(|spec| spec.id == id)
    }

    /// Picks a channel of the draft that this version has as well.
    fn kept<'d>(&self, draft: &'d mut Draft, choices: &mut Choices) -> Option<&'d mut Spec> {
        draft.pick(choices).filter(|spec| self.spec(spec.id).is_some())
    }

    /// Picks a retired id.
    fn gone(&self, choices: &mut Choices) -> Option<ChannelId> {
        let at = choices.below(self.retired.len() as u64) as usize;
        self.retired.get(at).copied().map(ChannelId)
    }
}

/// Changes what an id has fixed.
fn alter(spec: &mut Spec, which: u64) -> Option<Change> {
    Some(match which {
        6 => {
            spec.name = format!("{}x", spec.name).leak();
            Change::Name
        }
        7 => {
            let others = (0..39).filter_map(Quantity::from_number);
            let fits = |quantity: &Quantity| {
                *quantity != spec.quantity && spec.unit.is_convertible_to(quantity.canonical_unit())
            };
            spec.quantity = others.into_iter().find(fits)?;
            Change::Quantity
        }
        8 => {
            let mut others = (0..=u8::MAX).filter_map(Unit::from_number);
            spec.unit =
                others.find(|unit| *unit != spec.unit && unit.is_convertible_to(spec.unit))?;
            Change::Unit
        }
        9 => {
            spec.exponent += 1;
            Change::Exponent
        }
        10 => {
            spec.kind = match spec.kind {
                Kind::Gauge => Kind::State,
                Kind::Counter { modulus: 2 } => Kind::CounterSinceBoot { modulus: 2 },
                Kind::Counter { modulus } => Kind::Counter { modulus: modulus - 1 },
                _ => Kind::Gauge,
            };
            Change::Kind
        }
        11 => {
            spec.low = spec.low.checked_add(1).filter(|low| *low <= spec.high)?;
            Change::Low
        }
        _ => {
            spec.bits = spec.bits.checked_add(1).filter(|bits| *bits <= 32)?;
            Change::Bits
        }
    })
}
