//! What the fuzz targets have in common: how an input is cut up, and what must hold of a parser.
//!
//! An input is a byte that says how much rubbish comes first, the rubbish, and the values of a
//! frame. The frame is encoded here, by other code than the parser's.

mod shell;

pub use shell::{cut, filled, mutant};

/// Checks that a frame behind rubbish is found with its last byte, and that no frame is made of
/// fewer bytes than a frame has.
///
/// A frame may be found that begins in the rubbish and ends within the true one: no
/// parser can know which of the two was meant.
///
/// # Panics
///
/// Panics where one of that does not hold.
pub fn check<T: PartialEq + std::fmt::Debug + 'static>(
    rubbish: &[u8],
    frame: &[u8],
    expected: &T,
    fresh: impl Fn() -> Box<dyn FnMut(u8) -> Option<T>>,
) {
    let mut push = if mutant("no-resync") { in_blocks(frame, &fresh) } else { fresh() };
    let found = rubbish.iter().filter(|byte| push(**byte).is_some()).count();
    assert!(found * frame.len() <= rubbish.len(), "more frames than bytes");
    let Some((last, body)) = frame.split_last() else { return };
    let overlapping = body.iter().filter(|byte| push(**byte).is_some()).count();
    let value = push(*last);
    if overlapping == 0 {
        assert_eq!(value.as_ref(), Some(expected), "a frame behind rubbish is lost");
    }
    // Behind a whole frame nothing is held, so the next one is found whatever came before.
    if value.is_some() {
        let mut values = frame.iter().filter_map(|byte| push(*byte));
        assert_eq!(values.next().as_ref(), Some(expected), "the second of two frames is lost");
    }
    if mutant("panic-on-frame") {
        assert!(rubbish.len() < 5, "the mutant panics on a frame behind five bytes");
    }
}

/// Waits for the first byte of a frame and then takes as many as a frame has, right or wrong: the
/// parser that everybody writes first.
fn in_blocks<T: 'static>(
    frame: &[u8],
    fresh: &impl Fn() -> Box<dyn FnMut(u8) -> Option<T>>,
) -> Box<dyn FnMut(u8) -> Option<T>> {
    let (first, len) = (frame[0], frame.len());
    let (mut parser, mut count) = (fresh(), 0);
    Box::new(move |byte| {
        if count == 0 && byte != first {
            return None;
        }
        count += 1;
        let found = parser(byte);
        if count == len {
            count = 0;
            // No frame begins with a zero, so nothing of the block is held after this.
            (0..len).for_each(|_| drop(parser(0)));
        }
        found
    })
}
