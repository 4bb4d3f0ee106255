//! Every state that any number of cuts can leave, on three pages of 64 bytes.

use sundew_testkit::explore::{Explorer, Path, Stop, System};
use sundew_testkit::{Rewrite, Torn};

use crate::device::{Device, Flash, Image, Mutant};

const PAGE: usize = 64;
const SIZE: usize = 9 * PAGE;

/// What is torn, and how.
pub(crate) struct Model {
    pub(crate) name: &'static str,
    rewrite: Rewrite,
    tears: &'static [Torn],
}

/// A cut behind a step that was done whole is the cut before the next one; there is always a next
/// one here, as power may be lost while nothing is done.
pub(crate) const MODELS: [Model; 7] = [
    Model { name: "clean", rewrite: Rewrite::ClearsBits, tears: &[Torn::Before] },
    Model { name: "clean-once", rewrite: Rewrite::Refused, tears: &[Torn::Before] },
    Model { name: "ecc", rewrite: Rewrite::ClearsBits, tears: &ECC },
    Model { name: "ecc-once", rewrite: Rewrite::Refused, tears: &ECC },
    Model { name: "torn", rewrite: Rewrite::ClearsBits, tears: &TORN },
    Model { name: "torn-once", rewrite: Rewrite::Refused, tears: &TORN },
    Model { name: "metastable", rewrite: Rewrite::ClearsBits, tears: &METASTABLE },
];

const ECC: [Torn; 2] = [Torn::Before, Torn::Unreadable];
/// A word of progress that is torn counts by whether a byte of it is still erased. These tears leave
/// such a byte or none but zeros; one that leaves loose bits makes it a memory of its own for
/// each of twelve words, and that does not close. The sweeps have loose bits.
const TORN: [Torn; 5] =
    [Torn::Before, Torn::FirstHalf, Torn::LastHalf, Torn::Programmed, Torn::Erased];
/// Does not close, for the same reason: each of twelve words may waver.
const METASTABLE: [Torn; 2] = [Torn::Before, Torn::Metastable];

impl Model {
    /// Prepares the search.
    pub(crate) fn explorer(&self, mutant: Option<Mutant>) -> Explorer<Update> {
        let update = Update { device: Device { mutant }, rewrite: self.rewrite };
        Explorer::new(update).tears(self.tears.iter().copied()).go_on()
    }
}

/// Returns how many cuts a way takes; to restart while nothing is done is none.
pub(crate) fn cuts(path: &Path) -> usize {
    path.id().split('.').filter(|turn| turn.contains('c')).count()
}

/// An update that is asked for, swapped in, tried, and confirmed or not; then asked for again.
#[derive(Clone, Debug)]
pub(crate) struct Update {
    device: Device<SIZE, PAGE>,
    rewrite: Rewrite,
}

/// Whether the application's call did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Done {
    No,
    /// It was begun, and power was lost in it.
    Perhaps,
    Yes,
}

/// What the world knows.
#[derive(Clone, Debug, Hash)]
pub(crate) struct World {
    running: Image,
    requested: Done,
    confirmed: Done,
    /// The new image ran since it was asked for.
    tried: bool,
}

impl System for Update {
    type Memory = Flash<SIZE, PAGE>;
    type Live = ();
    type Model = World;

    fn start(&self) -> (Self::Memory, World) {
        let (requested, confirmed) = (Done::No, Done::No);
        let world = World { running: Image::Old, requested, confirmed, tried: false };
        (self.device.downloaded(self.rewrite), world)
    }

    fn open(&self, flash: &mut Self::Memory, world: &mut World) -> Result<(), Stop> {
        self.device.boot(flash).map_err(|_| Stop::violation("stuck"))?;
        let image = Device::image(flash);
        world.running = image;
        match image {
            Image::Mixed => return Err(Stop::violation("mixed")),
            Image::New if world.requested == Done::No => {
                return Err(Stop::violation("not asked for"));
            }
            Image::New => {
                world.requested = Done::Yes;
                world.tried = true;
            }
            Image::Old if world.confirmed == Done::Yes => {
                return Err(Stop::violation("confirmed and gone"));
            }
            Image::Old if world.requested == Done::Yes && !world.tried => {
                return Err(Stop::violation("untried"));
            }
            Image::Old if world.tried => {
                // Reverted; what is downloaded is there still and may be asked for again.
                *world = World { running: image, ..self.start().1 };
            }
            Image::Old => {}
        }
        Ok(())
    }

    fn choices(&self, world: &World) -> usize {
        let next = match world.running {
            Image::New => world.confirmed,
            _ => world.requested,
        };
        usize::from(next != Done::Yes)
    }

    fn name(&self, _choice: usize) -> String {
        "mark_updated, or mark_booted where the update runs".to_owned()
    }

    fn operate(
        &self,
        _choice: usize,
        (): &mut (),
        flash: &mut Self::Memory,
        world: &mut World,
    ) -> Result<(), Stop> {
        if world.running == Image::New {
            world.confirmed = Done::Perhaps;
            self.device.confirm(flash).map_err(|_| Stop::violation("mark_booted fails"))?;
            world.confirmed = Done::Yes;
        } else {
            world.requested = Done::Perhaps;
            self.device.request(flash).map_err(|_| Stop::violation("mark_updated fails"))?;
            world.requested = Done::Yes;
        }
        Ok(())
    }
}
