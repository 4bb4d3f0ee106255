//! The queue on `sequential-storage` that [`Queue`](crate::Queue) takes the place of. Private to the
//! family: it goes away with its last user.

mod counters;
mod log;
mod queue;
mod record;
mod ring;

pub use counters::Counters;
pub use queue::Queue;
pub use record::Record;
