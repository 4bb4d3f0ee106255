//! Finds every state that power cuts can leave behind, and what is wrong with it.
//!
//! A test that cuts power once, at each step in turn, misses what the second cut does to the state
//! that the first one left; a random test misses what is rare. The [`Explorer`] does neither: it
//! starts with the memory as it leaves the factory, boots, does whatever may be done next, loses
//! power at every step of it in every way, boots what is left, and so on, until no state is new.
//! What it has closed holds for **any number of cuts**, not for those that somebody thought of.
//!
//! It wants two things: a [`Memory`] that can lose power ([`SimFlash`](crate::SimFlash) is one; a
//! model of your own part can be another), and a [`System`], which says what the device does with
//! it and what must be true. Needs feature `std`: it runs on the computer, on all of its cores.
//!
//! # Your own driver under it
//!
//! A part behind a driver is explored with the driver in place: stack it on the simulated flash in
//! [`open`](System::open) and [`operate`](System::operate). Here a driver keeps a counter of starts
//! in one page, by erasing it and writing the next number, and one cut is enough to lose it all:
//!
//! ```
//! use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
//! use sundew_testkit::SimFlash;
//! use sundew_testkit::explore::{Explorer, Stop, System};
//!
//! // What you ship: it knows nothing of simulations.
//! struct Starts<F>(F);
//! impl<F: NorFlash> Starts<F> {
//!     fn count(&mut self) -> Result<u32, F::Error> {
//!         let mut word = [0; 4];
//!         self.0.read(0, &mut word)?;
//!         Ok(u32::from_le_bytes(word).wrapping_add(1)) // erased: none so far
//!     }
//!     fn add(&mut self) -> Result<(), F::Error> {
//!         let count = self.count()?;
//!         self.0.erase(0, F::ERASE_SIZE as u32)?;
//!         self.0.write(0, &count.to_le_bytes())
//!     }
//! }
//!
//! // What it promises: no start that was counted is forgotten.
//! struct Promise;
//! impl System for Promise {
//!     type Memory = SimFlash<64, 64, 4>;
//!     type Live = (); // what the driver holds in RAM between calls
//!     type Model = u32; // what the world knows: the starts that were counted
//!
//!     fn start(&self) -> (Self::Memory, u32) {
//!         (SimFlash::new(), 0)
//!     }
//!     fn open(&self, flash: &mut Self::Memory, counted: &mut u32) -> Result<(), Stop> {
//!         let found = Starts(flash).count().map_err(Stop::failed)?;
//!         if found < *counted {
//!             return Err(Stop::violation(format!("{counted} counted, {found} found")));
//!         }
//!         *counted = found; // one more than counted is fine: the cut came just behind it
//!         Ok(())
//!     }
//!     fn choices(&self, counted: &u32) -> usize {
//!         usize::from(*counted < 3) // three will show
//!     }
//!     fn name(&self, _choice: usize) -> String {
//!         "count a start".to_owned()
//!     }
//!     fn operate(
//!         &self,
//!         _choice: usize,
//!         _: &mut (),
//!         flash: &mut Self::Memory,
//!         counted: &mut u32,
//!     ) -> Result<(), Stop> {
//!         Starts(flash).add().map_err(Stop::failed)?;
//!         *counted += 1;
//!         Ok(())
//!     }
//! }
//!
//! let explorer = Explorer::new(Promise);
//! let report = explorer.run();
//! let finding = report.findings.first().expect("a page is empty between erase and write");
//! println!("{finding}");
//! # // As the README shows them.
//! # assert!(report.to_string().starts_with("states=41 boots=15 "), "{report}");
//! # assert!(finding.to_string().contains("id: b.d0c0t7.b"), "{finding}");
//! // The shortest way to it, and an id that goes the same way again, in a debugger if you like.
//! let path = explorer.rerun(&finding.path.id()).unwrap();
//! assert_eq!(path.violation(), Some(&*finding.what));
//! ```
//!
//! [`Report`] prints the states, the boots, the time and whether the search came to its end:
//! `states=41 boots=15 time=0.0s closed=cap violations=2` (it ends at the first violation).
//!
//! # What must be finite
//!
//! The search ends where the states do. A counter that grows for ever never closes: let
//! [`choices`](System::choices) end after some number of operations, as above, and keep the memory
//! small: three pages and a few words a page show what a megabyte would. What is too large to close
//! is bounded by [`max_states`](Explorer::max_states) and [`max_time`](Explorer::max_time); the
//! report then says `closed=cap`, and shows that nothing was found, not that nothing is there.
//!
//! # What it cannot know
//!
//! It believes the memory model. It searches every tear that the model has, and there are more ways
//! to tear a word of 64 bits than anyone can try: the kinds of [`Torn`](crate::Torn) stand for
//! them. Two states are told apart by 128 bits of hash: with 10^8 states the chance that any two
//! were taken for one is below 10^-22.

mod memory;
mod path;
mod report;
mod search;
mod system;
#[cfg(test)]
mod tests;
mod turn;

pub use memory::Memory;
pub use path::Path;
pub use report::{Finding, Report};
pub use search::Explorer;
pub use system::{Stop, System};
