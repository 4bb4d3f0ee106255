//! A device that saves settings by a script, as the explorer sees it.

use sundew_core::Region;
use sundew_store::{Key, Settings};
use sundew_testkit::explore::{Memory, Stop, System};
use sundew_testkit::{Erased, Rewrite, SimFlash};

use crate::part::{Part, View, Watched};

/// Holds the keys, each with values of another length.
pub(super) const KEYS: usize = 3;

/// Names a value: the act of the script that saved it, from 1 on; 0 is none.
type Id = u8;

/// Is a flash for settings.
pub(super) struct Nor<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> {
    pub(super) erased: Erased,
    pub(super) rewrite: Rewrite,
}

/// Is a device that saves the next value under each key of a script in turn.
pub(super) struct Device<
    'a,
    const SIZE: usize,
    const PAGE: usize,
    const WORD: usize,
    const READ: usize,
> {
    pub(super) nor: &'a Nor<SIZE, PAGE, WORD, READ>,
    pub(super) script: Vec<usize>,
    /// How much of the script is over, without a cut, before the device is looked at.
    pub(super) from: usize,
}

/// Holds what the world knows, cuts or no cuts.
#[derive(Clone, Debug, Hash)]
pub(super) struct Promises {
    begun: Id,
    /// The values that each key may have.
    keys: [Vec<Id>; KEYS],
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> System
    for Device<'_, SIZE, PAGE, WORD, READ>
{
    type Memory = Part<SIZE, PAGE, WORD, READ>;
    /// What the keys hold, as the device must see it until it loses power.
    type Live = [Id; KEYS];
    type Model = Promises;

    fn start(&self) -> (Self::Memory, Promises) {
        let Nor { erased, rewrite } = *self.nor;
        let flash = SimFlash::new().with_erased(erased).with_rewrite(rewrite);
        let mut memory = Part::new(flash, erased.byte(), View::Settings);
        let mut promises = Promises { begun: 0, keys: core::array::from_fn(|_| vec![0]) };
        let mut seen = [0; KEYS];
        // What goes wrong here goes wrong in an earlier window, too, and is told there.
        while usize::from(promises.begun) < self.from
            && self.operate(0, &mut seen, &mut memory, &mut promises).is_ok()
        {}
        (memory, promises)
    }

    fn open(&self, memory: &mut Self::Memory, promises: &mut Promises) -> Result<Self::Live, Stop> {
        let found = self.found(memory)?;
        for (key, (found, known)) in found.iter().zip(&mut promises.keys).enumerate() {
            if !known.contains(found) {
                let what = format!("key {key} may hold {known:?} and holds {found}");
                return Err(Stop::violation(what));
            }
            if memory.readings() == 1 {
                // What was read once stays, until the next save is begun.
                *known = vec![*found];
            }
        }
        self.saves_all(memory.clone(), found)?;
        Ok(found)
    }

    fn choices(&self, promises: &Promises) -> usize {
        usize::from(usize::from(promises.begun) < self.script.len())
    }

    fn operate(
        &self,
        _choice: usize,
        seen: &mut Self::Live,
        memory: &mut Self::Memory,
        promises: &mut Promises,
    ) -> Result<(), Stop> {
        let key = self.script.get(usize::from(promises.begun)).copied();
        let key = key.ok_or_else(|| Stop::violation("the script has ended"))?;
        promises.begun += 1;
        let Promises { begun: id, keys } = promises;
        let (Some(known), Some(seen_of_key)) = (keys.get_mut(key), seen.get_mut(key)) else {
            return Err(Stop::violation("no such key"));
        };
        known.push(*id);
        self.save(memory, key, *id)?;
        *known = vec![*id];
        *seen_of_key = *id;
        self.must_hold(memory, *seen)
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
    Device<'_, SIZE, PAGE, WORD, READ>
{
    const fn settings(&self) -> Settings {
        let settings = Settings::new(Region::new(0, SIZE as u32));
        if matches!(self.nor.erased, Erased::Zeros) { settings.erased_to_zero() } else { settings }
    }

    /// Makes one save and holds it to what each promises.
    fn save(&self, memory: &mut <Self as System>::Memory, key: usize, id: Id) -> Result<(), Stop> {
        let before = (memory.erased(), memory.programmed_twice());
        let saved = self.settings().save(memory, name(key), &value(key, id));
        if memory.erased() > before.0 + 1 {
            return Err(Stop::violation("a save erased more than one page"));
        }
        if memory.programmed_twice() > before.1 {
            return Err(Stop::violation("a save programmed a word twice"));
        }
        saved.map_err(Stop::failed)
    }

    /// Returns what each key holds, every byte checked.
    fn found(&self, memory: &mut <Self as System>::Memory) -> Result<[Id; KEYS], Stop> {
        let mut found = [0; KEYS];
        for (key, found) in found.iter_mut().enumerate() {
            let mut bytes = [0; Settings::LONGEST];
            let len = self.settings().load(memory, name(key), &mut bytes).map_err(Stop::failed)?;
            let Some(held) = len.and_then(|len| bytes.get(..len)) else { continue };
            *found = held.first().copied().unwrap_or(0);
            if held != value(key, *found) {
                return Err(Stop::violation(format!("key {key} holds a mixture: {held:?}")));
            }
        }
        Ok(found)
    }

    fn must_hold(
        &self,
        memory: &mut <Self as System>::Memory,
        wanted: [Id; KEYS],
    ) -> Result<(), Stop> {
        let found = self.found(memory)?;
        if found == wanted {
            return Ok(());
        }
        Err(Stop::violation(format!("{wanted:?} must be held, and {found:?} are")))
    }

    /// Tries on a copy that there is room for each key, in each page.
    fn saves_all(
        &self,
        mut memory: <Self as System>::Memory,
        mut held: [Id; KEYS],
    ) -> Result<(), Stop> {
        let pages = (SIZE / PAGE) as u32;
        let enough = memory.erased() + pages + 1;
        for id in 200..=Id::MAX {
            if memory.erased() >= enough {
                return Ok(());
            }
            for key in 0..KEYS {
                self.save(&mut memory, key, id)?;
                held = core::array::from_fn(|other| if other == key { id } else { held[other] });
                self.must_hold(&mut memory, held)?;
            }
        }
        Err(Stop::violation("many saves, and not every page was erased"))
    }
}

fn name(key: usize) -> Key {
    Key::application(64 + key as u8).unwrap_or(Key::BOOT_COUNTER)
}

/// Returns a value that no other one is a part of.
fn value(key: usize, id: Id) -> Vec<u8> {
    let len = [1, 2, 9].get(key).copied().unwrap_or(1);
    let mut bytes = vec![id];
    bytes.resize(len, id.wrapping_mul(73) ^ 0x5A);
    bytes
}
