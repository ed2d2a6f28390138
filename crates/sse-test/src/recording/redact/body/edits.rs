//! Applies edits to a body in one pass, and maps places of the body to where they are then.

use std::ops::Range;

/// Range of a body, and what replaces it.
pub(super) type Edit = (Range<usize>, &'static str);

/// Applies edits, which are in order and do not overlap. Copies what follows the first of them
/// once, however many there are.
pub(super) fn apply(body: &mut Vec<u8>, edits: &[Edit]) {
    let Some(first) = edits.first().map(|(range, _)| range.start) else { return };
    let tail = body.split_off(first);
    let mut copied = first;
    for (range, replacement) in edits {
        body.extend_from_slice(&tail[copied - first..range.start - first]);
        body.extend_from_slice(replacement.as_bytes());
        copied = range.end;
    }
    body.extend_from_slice(&tail[copied - first..]);
}

/// Places after edits, asked for in ascending order.
pub(super) struct Shift<'a> {
    edits: &'a [Edit],
    /// Bytes added and removed by the edits so far.
    added: usize,
    removed: usize,
}

impl<'a> Shift<'a> {
    pub(super) fn new(edits: &'a [Edit]) -> Self {
        Self { edits, added: 0, removed: 0 }
    }

    /// Returns where a place is after the edits. A place within a range is at its end.
    pub(super) fn moved(&mut self, at: usize) -> usize {
        while let [(range, replacement), rest @ ..] = self.edits {
            if range.end > at {
                break;
            }
            self.added += replacement.len();
            self.removed += range.len();
            self.edits = rest;
        }
        match self.edits {
            [(range, replacement), ..] if range.start < at => {
                range.start + self.added - self.removed + replacement.len()
            }
            _ => at + self.added - self.removed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Shift, apply};

    #[test]
    fn redaction_edits_move_all_places_as_one_replacement_after_the_other() {
        let body = b"0123456789".to_vec();
        let lists = [
            vec![],
            vec![(0..1, "abc"), (1..3, ""), (7..10, "d")],
            vec![(2..4, "abcdef"), (4..5, "g"), (6..8, "hijk")],
        ];
        for edits in lists {
            let mut expected = body.clone();
            let mut places: Vec<_> = (0..=body.len()).collect();
            for (range, replacement) in edits.iter().rev() {
                expected.splice(range.clone(), replacement.bytes());
                for place in &mut places {
                    if *place >= range.end {
                        *place = *place - range.len() + replacement.len();
                    } else if *place > range.start {
                        *place = range.start + replacement.len();
                    }
                }
            }
            let mut edited = body.clone();
            apply(&mut edited, &edits);
            assert_eq!(edited, expected);
            let mut shift = Shift::new(&edits);
            let moved: Vec<_> = (0..=body.len()).map(|at| shift.moved(at)).collect();
            assert_eq!(moved, places);
        }
    }
}
