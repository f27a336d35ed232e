//! By which few of its bytes a literal is found.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// As many bytes of a literal are looked for, if it has them.
pub(super) const WINDOW: usize = 4;

/// What a window that no literal holds would cost, in the steps of [`commonness`], and how much
/// less for each that does.
const UNSHARED: u32 = 24;
const SHARED: u32 = 6;

/// What one of [`FREQUENT`] costs more: so much that another is taken where there is one.
const IN_MANY: u32 = 40;

/// A literal, its number of the caller's, and where in it its window stands.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    text: Vec<u8>,
    pub(super) number: u32,
    offset: usize,
    ends: Option<[[u8; 4]; 2]>,
}

/// The first four bytes and the last four, which may be the same.
fn ends(text: &[u8]) -> Option<[[u8; 4]; 2]> {
    Some([*text.first_chunk()?, *text.last_chunk()?])
}

impl Literal {
    /// Where it begins, if its window stands at `window` and all of it stands there.
    pub(super) fn start(&self, bytes: &[u8], window: usize) -> Option<usize> {
        let start = window.checked_sub(self.offset)?;
        let here = bytes.get(start..start + self.text.len())?;
        // Most are short, so that a call to compare them would cost more than the comparison.
        let same = match self.ends {
            Some(_) => ends(here) == self.ends && (here.len() <= 8 || here == self.text),
            None => here == self.text,
        };
        same.then_some(start)
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
    // The shortest have the least choice.
    let mut by_length: Vec<_> = literals.iter().collect();
    by_length.sort_by_key(|(text, _)| (text.len(), text));
    for (text, number) in by_length {
        // What is looked for anyway costs nothing.
        let cost = |window: &[u8]| match chosen.contains_key(window) {
            true => 0,
            false => 1 + cost(window, holders.get(window).copied().unwrap_or(1)),
        };
        let cheapest = windows(text)
            .enumerate()
            .min_by_key(|(_, window)| (cost(window), *window));
        let Some((offset, window)) = cheapest else {
            continue;
        };
        chosen.entry(window).or_default().push(Literal {
            text: text.clone(),
            number: *number,
            offset,
            ends: ends(text),
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

/// What a window costs that so many literals hold: little if few texts hold it, and many of them.
fn cost(window: &[u8], holders: u32) -> u32 {
    let bytes: u32 = window.iter().map(|b| commonness(*b)).sum();
    let in_many = FREQUENT.binary_search_by(|text| text.as_bytes().cmp(window));
    bytes + if in_many.is_ok() { IN_MANY } else { 0 } + UNSHARED.saturating_sub(SHARED * holders)
}

/// Windows of the built-in literals that stand in text more often than the bytes tell: at more than
/// one of 25,000 places in equal parts of Linux, of packages for Rust, JavaScript and Python, and of
/// a system's documentation. Sorted.
const FREQUENT: [&str; 119] = [
    " = \"", " fol", " pas", " the", " uns", ".com", ".goo", "/spa", "://", "File", "Iden", "Serv",
    "Toke", "_key", "_sha", "a256", "api_", "apis", "ass ", "atch", "ate_", "ator", "auth", "b.co",
    "cces", "cess", "com/", "conf", "cont", "core", "coun", "ctor", "d = ", "dent", "dows", "e fo",
    "e th", "e.co", "eapi", "ecto", "ent.", "ent:", "enti", "erat", "erve", "ervi", "etwo", "exec",
    "flow", "foll", "glea", "goog", "h = ", "ha25", "he f", "ices", "indo", "ine ", "ing ", "irec",
    "is.c", "ivat", "leap", "llow", "n = ", "ndow", "nect", "nfig", "nnec", "nt: ", "nten", "ntry",
    "ocke", "ogle", "oken", "ollo", "onfi", "onne", "onte", "oogl", "oper", "ord ", "ound", "ount",
    "pace", "pass", "pera", "priv", "rage", "rato", "rect", "riva", "roun", "rver", "rvic", "s.co",
    "se t", "serv", "sha2", "shar", "spac", "stor", "tent", "the ", "tial", "toke", "tor ", "tora",
    "tory", "twor", "use ", "user", "vate", "vice", "wind", "wing", "word", "work", "y = ",
];

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
        let texts = ["zebra_key", "zebra-key", "Key: (zebra"];
        let all: Vec<_> = texts.map(|text| (text.as_bytes().to_vec(), 0)).into();
        let windows = chosen(&all);
        assert_eq!(windows.len(), 1);
        assert_eq!(windows[0].literals.len(), 3);
    }

    #[test]
    fn a_window_that_is_needed_serves_longer_literals() {
        let texts = ["use the password", "a pass", "pass"];
        let all: Vec<_> = texts.map(|text| (text.as_bytes().to_vec(), 0)).into();
        let windows = chosen(&all);
        assert_eq!(windows.len(), 1);
        assert_eq!(windows[0].bytes, b"pass");
    }

    #[test]
    fn what_many_texts_hold_is_left_to_them() {
        assert!(FREQUENT.is_sorted());
        let all = [(b"hooks.slack.com/x".to_vec(), 0)];
        let windows = chosen(&all);
        assert!(
            !FREQUENT
                .iter()
                .any(|text| text.as_bytes() == windows[0].bytes)
        );
    }
}
