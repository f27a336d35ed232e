//! Runs, sequences and repetitions.

/// Few different characters, or mostly runs and sequences: `xxxx`, `0000-0000`, `123456789`.
pub(super) fn uniform(value: &[u8], most_runs: usize) -> bool {
    let core: Vec<u8> = value
        .iter()
        .copied()
        .filter(u8::is_ascii_alphanumeric)
        .map(|b| b.to_ascii_lowercase())
        .collect();
    if core.is_empty() {
        return value.iter().all(|&b| b == value[0])
            || value.iter().all(|b| b"*.-_#?xX ".contains(b));
    }
    let mut seen = [false; 256];
    core.iter().for_each(|&b| seen[usize::from(b)] = true);
    let distinct = seen.iter().filter(|&&s| s).count();
    if core.len() >= 4 && distinct == 1
        || core.len() >= 10 && distinct <= 2
        || core.len() >= 20 && distinct <= 3
    {
        return true;
    }
    if core.len() < 8 {
        return value.len() >= 12
            && value.iter().filter(|b| b"*.#".contains(b)).count() * 2 > value.len();
    }
    // Characters that stand within a run of at least five equal, rising or falling ones.
    let (mut covered, mut from, mut runs) = (0, 0, 0);
    let mut step: Option<i16> = None;
    for at in 1..=core.len() {
        let next = core
            .get(at)
            .map(|&b| i16::from(b) - i16::from(core[at - 1]));
        let next = next.map(|d| match (core[at - 1], core[at]) {
            (b'9', b'0' | b'a') | (b'z', b'a') => 1,
            (b'0', b'9') => -1,
            _ => d,
        });
        if next.is_some() && (next == step || step.is_none()) && matches!(next, Some(-1..=1)) {
            step = next;
            continue;
        }
        if at - from >= 5 {
            covered += at - from;
            runs += 1;
        }
        from = if matches!(next, Some(-1..=1)) {
            at - 1
        } else {
            at
        };
        step = next.filter(|d| (-1..=1).contains(d));
    }
    if covered * 10 >= core.len() * 7 && runs <= most_runs {
        return true;
    }
    repeats(&core)
}

/// Whether somebody counted: `abcdefg`, `1234567`, or two counts in turn as in `d4c3b2a1`.
///
/// In random characters, so many do not follow each other.
pub(super) fn counted(value: &[u8]) -> bool {
    const LENGTH: usize = 7;
    let next = |a: u8, b: u8, up: bool| {
        let (a, b) = if up { (a, b) } else { (b, a) };
        let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
        a.is_ascii_alphanumeric() && (b == a + 1 && b != b':' || (a, b) == (b'9', b'0'))
    };
    [1, 2].iter().any(|&stride| {
        [true, false].iter().any(|&up| {
            let follows = value.iter().zip(value.get(stride..).unwrap_or_default());
            let mut run = stride;
            follows.into_iter().any(|(a, b)| {
                run = if next(*a, *b, up) { run + 1 } else { stride };
                run >= LENGTH
            })
        })
    })
}

/// `abcabcabc`, `abcdabcdabcd`: a piece of at most four characters, again and again.
fn repeats(core: &[u8]) -> bool {
    (1..=4).any(|period| core.len() >= 9 && core[period..].iter().zip(core).all(|(a, b)| a == b))
}
