//! What the world outside knows of a device, and what it holds the device to.

use sundew_testkit::explore::Stop;

/// Acts of one kind in a scene, at most.
pub(crate) const MOST: usize = 4;

/// Names a record: the life of the device, and the number of its anchors in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Version {
    pub(crate) life: u8,
    pub(crate) sequence: u8,
}

#[derive(Clone, Debug, Default, Hash)]
pub(crate) struct World {
    /// Calls that power was lost in.
    pub(crate) cuts: u8,
    /// Whether a call is under way.
    pub(crate) is_busy: bool,
    /// Acts that were begun, by kind.
    pub(crate) begun: [u8; 6],
    /// Factory resets that returned.
    pub(crate) life: u8,
    /// What was seen last, or was promised since.
    record: Option<Version>,
    /// Whether a call that did not return may have left the next version, or a reset.
    may_advance: bool,
    may_reset: bool,
    /// The begins of all streams that were handed out.
    streams: [Option<u64>; MOST],
    boots: u16,
    floor: u8,
    may_rise: bool,
}

/// Says what a load gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Record(Version),
    Nothing,
    ResetUnderWay,
}

impl World {
    pub(crate) fn provisioned() -> Self {
        Self { record: Some(Version { life: 0, sequence: 1 }), ..Self::default() }
    }

    pub(crate) const fn record(&self) -> Option<Version> {
        self.record
    }

    /// Returns the version that a store makes next.
    pub(crate) const fn next(&self) -> Version {
        match self.record {
            Some(Version { life, sequence }) => Version { life, sequence: sequence + 1 },
            None => Version { life: self.life, sequence: 1 },
        }
    }

    /// Judges what was loaded: from now on nothing older may be seen.
    pub(crate) fn see(&mut self, seen: Seen) -> Result<(), Stop> {
        match seen {
            Seen::Record(found) if Some(found) == self.record => Ok(()),
            Seen::Record(found) if self.may_advance && found == self.next() => {
                (self.record, self.may_advance) = (Some(found), false);
                Ok(())
            }
            Seen::Nothing if self.record.is_none() => Ok(()),
            // The reset has not returned: whether all was erased may still be said or not.
            Seen::Nothing if self.may_reset => {
                self.forgets();
                Ok(())
            }
            Seen::ResetUnderWay if self.may_reset => Ok(()),
            _ => Err(Stop::violation(format!("{seen:?}, but the world knows {:?}", self.record))),
        }
    }

    pub(crate) const fn begins_to_store(&mut self) {
        self.may_advance = true;
    }

    /// A store returned: no earlier call can show any more.
    pub(crate) const fn has_stored(&mut self) {
        self.record = Some(self.next());
        (self.may_advance, self.may_reset) = (false, false);
    }

    pub(crate) const fn begins_to_reset(&mut self) {
        self.may_reset = true;
    }

    pub(crate) const fn has_reset(&mut self) {
        self.forgets();
        self.may_reset = false;
    }

    const fn forgets(&mut self) {
        self.life += self.record.is_some() as u8;
        (self.record, self.may_advance) = (None, false);
    }

    /// Returns whether no key may be readable.
    pub(crate) const fn is_bare(&self) -> bool {
        self.record.is_none() && !self.may_advance
    }

    pub(crate) fn draws(&mut self, stream: u64) -> Result<(), Stop> {
        if self.streams.contains(&Some(stream)) {
            return Err(Stop::violation("a stream was handed out twice"));
        }
        if let Some(free) = self.streams.iter_mut().find(|it| it.is_none()) {
            *free = Some(stream);
        }
        Ok(())
    }

    pub(crate) fn counts(&mut self, boot: u16) -> Result<(), Stop> {
        if boot <= self.boots {
            return Err(Stop::violation(format!("boot {boot} after boot {}", self.boots)));
        }
        self.boots = boot;
        Ok(())
    }

    /// Returns the floor that is reached next, in steps.
    pub(crate) const fn higher(&self) -> u8 {
        self.floor + 1
    }

    pub(crate) const fn begins_to_rise(&mut self) {
        self.may_rise = true;
    }

    pub(crate) fn stands_on(&mut self, floor: u8) -> Result<(), Stop> {
        if floor == self.floor {
            return Ok(());
        }
        if self.may_rise && floor == self.higher() {
            (self.floor, self.may_rise) = (floor, false);
            return Ok(());
        }
        Err(Stop::violation(format!("the floor is {floor} and was {}", self.floor)))
    }

    pub(crate) const fn has_risen(&mut self) {
        (self.floor, self.may_rise) = (self.higher(), false);
    }
}
