//! By which few of its bytes a literal is found.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// As many bytes of a literal are looked for, if it has them.
pub(super) const WINDOW: usize = 4;

/// What a window that no other literal holds costs, in the steps of [`commonness`].
const SHARED: u32 = 20;

/// A literal, its number of the caller's, and where in it its window stands.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    pub(super) text: Vec<u8>,
    pub(super) number: u32,
    pub(super) offset: usize,
}

impl Literal {
    /// Where it begins, if its window stands at `window` and all of it stands there.
    pub(super) fn start(&self, bytes: &[u8], window: usize) -> Option<usize> {
        let start = window.checked_sub(self.offset)?;
        let here = bytes.get(start..start + self.text.len())?;
        // The last byte often tells, and costs no call.
        (here.last() == self.text.last() && here == self.text).then_some(start)
    }
}

/// At most [`WINDOW`] bytes, and the literals that are found by them.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) bytes: Vec<u8>,
    pub(super) literals: Vec<Literal>,
}

/// The windows by which the literals are found, in order.
pub(super) fn chosen(literals: &[(Vec<u8>, u32)]) -> Vec<Window> {
    let mut holders: HashMap<&[u8], u32> = HashMap::new();
    for (text, _) in literals {
        let windows: BTreeSet<&[u8]> = windows(text).collect();
        windows
            .into_iter()
            .for_each(|w| *holders.entry(w).or_default() += 1);
    }
    let mut chosen = BTreeMap::<&[u8], Vec<Literal>>::new();
    for (text, number) in literals {
        let Some((offset, window)) = cheapest(text, &holders) else {
            continue;
        };
        chosen.entry(window).or_default().push(Literal {
            text: text.clone(),
            number: *number,
            offset,
        });
    }
    let window = |(bytes, literals): (&[u8], _)| Window {
        bytes: bytes.to_vec(),
        literals,
    };
    chosen.into_iter().map(window).collect()
}

fn windows(literal: &[u8]) -> impl Iterator<Item = &[u8]> {
    literal.windows(WINDOW.min(literal.len()).max(1))
}

/// The window of a literal that few texts hold, and many of the literals, and where it stands.
fn cheapest<'a>(literal: &'a [u8], holders: &HashMap<&[u8], u32>) -> Option<(usize, &'a [u8])> {
    let cost = |window: &[u8]| -> (u32, u32) {
        let common = window.iter().map(|b| commonness(*b)).sum();
        let shared = holders.get(window).copied().unwrap_or(1);
        (common + SHARED.saturating_sub(4 * shared), common)
    };
    windows(literal)
        .enumerate()
        .min_by_key(|(_, window)| (cost(window), *window))
}

/// How often a byte stands in program text, in steps of about a factor of two.
pub(super) const fn commonness(byte: u8) -> u32 {
    match byte {
        b' ' => 9,
        b'e' | b't' => 8,
        b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 7,
        b'c' | b'd' | b'l' | b'p' | b'u' | b'_' | b'm' | b'f' => 6,
        b'b' | b'g' | b'h' | b'x' | b'v' | b',' | b'(' | b')' | b'0' | b'-' | b'.' => 5,
        b'k' | b'w' | b'y' | b'1' | b'2' | b'=' | b'"' | b'/' | b':' | b'A' | b'E' | b'S'
        | b'T' | b'I' | b'R' | b'C' => 4,
        b'L' | b'N' | b'O' | b'P' | b'D' | b'M' | b'U' | b'3' | b'4' | b'5' | b'6' | b'8' => 3,
        b'$' | b'?' | b'~' | b'Q' | b'Z' | b'@' | b'%' => 0,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_that_hold_one_window_share_it() {
        let texts = ["private_key", "private-key", "Key: (private"];
        let all: Vec<_> = texts.map(|text| (text.as_bytes().to_vec(), 0)).into();
        let windows = chosen(&all);
        assert_eq!(windows.len(), 1);
        assert_eq!(windows[0].literals.len(), 3);
    }
}
