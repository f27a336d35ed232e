//! How random a text looks: entropy, kinds of characters, and how much of it is words.

/// Shannon entropy in bits per byte, from 0 to 8.
pub(crate) fn shannon(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    let total = u32::try_from(bytes.len())
        .map_or(f64::MAX, f64::from)
        .max(1.0);
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = f64::from(count) / total;
            -share * share.log2()
        })
        .sum()
}

/// What a text is made of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Makeup {
    pub lower: usize,
    pub upper: usize,
    pub digit: usize,
    pub other: usize,
    /// Changes between letters and digits, or from lower to upper inside: words have few.
    pub turns: usize,
}

/// What a text is made of, and how many pairs of letters stand in its words.
#[derive(Clone, Copy, Default)]
struct Reading {
    makeup: Makeup,
    pairs: usize,
    /// Those among the 150 most frequent ones of English.
    frequent: usize,
}

/// The kinds that [`Makeup`] counts.
const OTHER: u8 = 0;
const LOWER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 3;

/// The kind of each byte. What is asked of every value does without branches.
const KINDS: [u8; 256] = {
    let mut kinds = [OTHER; 256];
    let mut byte = 0;
    while byte < u8::MAX {
        kinds[byte as usize] = match byte {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            _ => OTHER,
        };
        byte += 1;
    }
    kinds
};

/// What is counted, each in some bits of one number: those of a kind in the bits of that kind.
const TURNS: u32 = 4;
const PAIRS: u32 = 5;
const COUNT_BITS: u32 = 10;
/// So many bytes can be counted without a carry.
const COUNTED: usize = (1 << COUNT_BITS) - 1;

/// What a byte of one kind behind one of another adds.
const ADDS: [[u64; 4]; 4] = {
    let mut adds = [[0; 4]; 4];
    let mut number = 0;
    while number < 16 {
        let (last, kind) = (number / 4, number % 4);
        let mut add = 1 << (kind as u32 * COUNT_BITS);
        if last != kind && last != OTHER && kind != OTHER {
            add |= 1 << (TURNS * COUNT_BITS);
        }
        // A word does not go from lower to upper inside, but a name of words does.
        let letters = last != OTHER && last != DIGIT && kind != OTHER && kind != DIGIT;
        if letters && !(last == LOWER && kind == UPPER) {
            add |= 1 << (PAIRS * COUNT_BITS);
        }
        adds[last as usize][kind as usize] = add;
        number += 1;
    }
    adds
};

impl Reading {
    fn of(bytes: &[u8]) -> Self {
        let mut all = Self::default();
        let (mut last, mut before) = (OTHER, 0);
        for part in bytes.chunks(COUNTED) {
            let (mut counts, mut frequent) = (0_u64, 0_usize);
            for &byte in part {
                let kind = KINDS[usize::from(byte)];
                let here = letter(byte);
                let add = ADDS[usize::from(last & 3)][usize::from(kind & 3)];
                counts += add;
                let pair = add >> (PAIRS * COUNT_BITS) != 0;
                frequent += usize::from(pair & (FOLLOWERS[before] >> here & 1 != 0));
                (last, before) = (kind, here);
            }
            let count = |number: u32| {
                let count = counts >> (number * COUNT_BITS) & COUNTED as u64;
                usize::try_from(count).unwrap_or(COUNTED)
            };
            all.makeup.lower += count(LOWER.into());
            all.makeup.upper += count(UPPER.into());
            all.makeup.digit += count(DIGIT.into());
            all.makeup.other += count(OTHER.into());
            all.makeup.turns += count(TURNS);
            all.pairs += count(PAIRS);
            all.frequent += frequent;
        }
        all
    }

    /// The share, from 0 to 1, of pairs of letters that are frequent: about 0.2 in random letters,
    /// about 0.7 in words and in names made of words.
    fn wordiness(self) -> f64 {
        let float = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
        if self.pairs < 2 {
            0.0
        } else {
            float(self.frequent) / float(self.pairs)
        }
    }
}

impl Makeup {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Reading::of(bytes).makeup
    }

    pub(crate) fn kinds(self) -> usize {
        [self.lower, self.upper, self.digit, self.other]
            .iter()
            .filter(|&&count| count > 0)
            .count()
    }
}

/// Frequent pairs of letters in English text (Norvig, "English Letter Frequency Counts",
/// 2013, table of two-letter sequences).
const FREQUENT: &str = "thheineranreonatenndtiesorteofedisitalarsttontngsehaasouiolevecomedehiriroicneearace\
lichllbemasiomurcaeltalansdifohopeecprnoctusacotiltrlyncetutsssorsunlowageiewheewiem\
adolrtpowenaulnitsmoowpaimmiaishirsuidosiviaamficivipligtuevldrympfeblabghtyopwosaay\
exkeuispeyboagapdoffrduccuubifauocqurmavckppdsbuobupovttepdarkysok";

/// By the first letter of a frequent pair a bit for each second one.
const FOLLOWERS: [u32; 32] = {
    let pairs = FREQUENT.as_bytes();
    let mut followers = [0; 32];
    let mut at = 0;
    while at + 1 < pairs.len() {
        followers[letter(pairs[at])] |= 1 << letter(pairs[at + 1]);
        at += 2;
    }
    followers
};

/// The place in the alphabet of a letter in either case; of another byte any below 32.
const fn letter(letter: u8) -> usize {
    (letter & 31).wrapping_sub(1) as usize & 31
}

/// Whether the text reads like a name, a word or a sentence.
pub(crate) fn wordy(bytes: &[u8]) -> bool {
    let reading = Reading::of(bytes);
    let makeup = reading.makeup;
    let letters = makeup.lower + makeup.upper;
    if letters < 4 {
        return false;
    }
    let score = reading.wordiness();
    if makeup.digit == 0 {
        return score >= 0.5 || makeup.upper == 0 && score >= 0.42;
    }
    // Words may carry a number, and begin with a capital; random text alternates.
    let turns = makeup.turns.saturating_sub(makeup.upper);
    score >= 0.55 && makeup.digit * 3 <= letters && turns * 4 <= letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_random_text() {
        for word in [
            "getUserPassword",
            "this_is_a_field",
            "authentication",
            "MAX_CONNECTION_TIMEOUT",
            "kubernetes-controller",
            "requestHandlerFactory",
            "GoogleCloudRunV2Revision",
            "application/json",
        ] {
            assert!(
                wordy(word.as_bytes()),
                "{word} {}",
                Reading::of(word.as_bytes()).wordiness()
            );
        }
        for random in [
            "xK3vQ9zTbW2m",
            "8f14e45fceea167a5a36dedd4bea2543",
            "zqxjkvbpqwz",
        ] {
            assert!(!wordy(random.as_bytes()), "{random}");
        }
    }

    #[test]
    fn a_long_text_is_counted_without_a_carry() {
        for (text, kinds, turns, pairs, frequent) in [
            ("a", [5000, 0, 0, 0], 0, 4999, 0),
            ("A", [0, 5000, 0, 0], 0, 4999, 0),
            ("7", [0, 0, 5000, 0], 0, 0, 0),
            ("-", [0, 0, 0, 5000], 0, 0, 0),
            ("th", [5000, 0, 0, 0], 0, 4999, 2500),
            ("aB", [2500, 2500, 0, 0], 4999, 2499, 0),
            ("a1", [2500, 0, 2500, 0], 4999, 0, 0),
        ] {
            let long = text.repeat(5000 / text.len());
            let reading = Reading::of(long.as_bytes());
            let makeup = reading.makeup;
            let counted = [makeup.lower, makeup.upper, makeup.digit, makeup.other];
            assert_eq!((counted, makeup.turns), (kinds, turns), "{text}");
            assert_eq!(
                (reading.pairs, reading.frequent),
                (pairs, frequent),
                "{text}"
            );
        }
    }

    #[test]
    fn entropy_of_known_texts() {
        assert!(shannon(b"aaaa") < 0.001);
        assert!((shannon(b"abcd") - 2.0).abs() < 0.001);
        assert!((shannon(b"") - 0.0).abs() < 0.001);
    }
}
