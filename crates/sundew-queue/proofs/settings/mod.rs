//! The settings under power cuts: the memories that are searched.

mod device;

use sundew_testkit::explore::{Explorer, Path, Report, Stop, System};
use sundew_testkit::{Erased, Rewrite, Torn};

use self::device::{Device, Nor};
use crate::geometry::{Faults, Geometries, Geometry, Limits, Window};
use crate::part::Watched;

/// Is what is searched: a flash, and how much is done with it.
struct Setup<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> {
    name: &'static str,
    nor: Nor<SIZE, PAGE, WORD, READ>,
    /// The saves of the script.
    acts: usize,
    /// The saves in a window.
    window: usize,
    /// The kinds of fault that the settings do not claim to survive here.
    known: &'static [&'static str],
}

/// Is what a device saves, over and over: now the same key again, now another one.
const ROUND: [usize; 7] = [0, 1, 2, 2, 0, 1, 1];

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>
    Setup<SIZE, PAGE, WORD, READ>
{
    fn device(
        &'static self,
        Window { from, to }: Window,
    ) -> Device<'static, SIZE, PAGE, WORD, READ> {
        let script = ROUND.into_iter().cycle().take(self.acts.min(to)).collect();
        Device { nor: &self.nor, script, from }
    }

    fn explorer(
        &'static self,
        window: Window,
        faults: &Faults,
    ) -> Explorer<Device<'static, SIZE, PAGE, WORD, READ>> {
        Explorer::new(self.device(window)).tears(faults.tears.iter().copied())
    }
}

impl<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize> Geometry
    for Setup<SIZE, PAGE, WORD, READ>
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn acts(&self) -> usize {
        self.acts
    }

    fn window(&self) -> usize {
        self.window
    }

    /// A part that takes a second programming has no error correction.
    fn suits(&self, faults: &Faults) -> bool {
        self.nor.rewrite == Rewrite::Refused || !faults.tears.contains(&Torn::Unreadable)
    }

    fn is_known(&self, faults: &Faults) -> bool {
        self.known.contains(&faults.name)
    }

    fn claims(&self, _faults: &Faults, _window: Window) -> bool {
        true
    }

    fn close(&'static self, window: Window, faults: &Faults, limits: Limits) -> Report {
        let explorer = self.explorer(window, faults);
        explorer.max_time(limits.time).max_states(limits.states).run()
    }

    fn rerun(&'static self, window: Window, faults: &Faults, id: &str) -> Result<Path, String> {
        self.explorer(window, faults).rerun(id)
    }

    fn wraps(&'static self) -> Result<f32, Stop> {
        let device = self.device(Window { from: 0, to: self.acts });
        let (mut memory, mut promises) = device.start();
        let mut live = device.open(&mut memory, &mut promises)?;
        while device.choices(&promises) > 0 {
            device.operate(0, &mut live, &mut memory, &mut promises)?;
        }
        Ok(memory.wraps())
    }
}

const fn setup<const SIZE: usize, const PAGE: usize, const WORD: usize, const READ: usize>(
    name: &'static str,
    acts: usize,
    erased: Erased,
    rewrite: Rewrite,
) -> Setup<SIZE, PAGE, WORD, READ> {
    Setup { name, nor: Nor { erased, rewrite }, acts, window: 3, known: &[] }
}

/// Every geometry: the name says the pages, the word in bytes and what is special.
pub(crate) const GEOMETRIES: Geometries = &[
    &setup::<448, 224, 8, 1>("2x224-w8", 28, Erased::Ones, Rewrite::Refused),
    &setup::<672, 224, 8, 8>("3x224-w8-r8-e0", 28, Erased::Zeros, Rewrite::Refused),
    &setup::<704, 352, 16, 4>("2x352-w16-r4", 28, Erased::Ones, Rewrite::Refused),
    &setup::<1536, 768, 32, 32>("2x768-w32-r32", 28, Erased::Ones, Rewrite::Refused),
    &setup::<448, 224, 4, 4>("2x224-w4-r4-clears", 28, Erased::Ones, Rewrite::ClearsBits),
    &setup::<672, 224, 1, 1>("3x224-w1-e0-clears", 28, Erased::Zeros, Rewrite::ClearsBits),
];
