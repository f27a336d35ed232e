//! Values that stand where a secret would be: examples, templates, look-ups, type names.
//!
//! Two judges: [`standin`] for any value, [`token`] for what follows the prefix of a token
//! with a shape of its own, where a word of four letters may stand by chance.

mod template;
mod uniform;
mod words;

use self::template::{lookup, template};
use self::uniform::uniform;
use self::words::{EITHER, STANDIN_PARTS, TELLING, words};
pub(crate) use self::words::{split_words, word_spans};

/// Whether a value stands in for a secret rather than being one.
pub(crate) fn standin(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    value.is_empty()
        || template(value)
        || lookup(value)
        || uniform(value, usize::MAX)
        || words(value)
        || holds(value, STANDIN_PARTS)
}

/// As [`standin`], where it is certain that a password is meant: two or more sequences in a
/// row (`012345abcdef`) are what people choose, not an empty place.
pub(crate) fn unchosen(value: &[u8]) -> bool {
    standin(value) && (uniform(value, 1) || !uniform(value, usize::MAX))
}

/// Whether a value that a machine should have made was made by somebody who counted.
pub(crate) fn counted(value: &[u8]) -> bool {
    uniform::counted(value)
}

/// Whether the variable part of a token with a distinctive shape is made up by hand.
pub(crate) fn token(body: &[u8]) -> bool {
    // More than four runs and sequences make a key that somebody composed for a test, which
    // is not the same as an empty place.
    uniform(body, 4) || holds(body, TELLING) || template(body)
}

/// Whether a value is filled in from elsewhere: a template, a variable, a look-up.
pub(crate) fn reference(value: &[u8]) -> bool {
    template(value) || lookup(value)
}

/// Whether one of these parts, or of [`EITHER`], is in the value, in any case.
fn holds(value: &[u8], parts: &[&str]) -> bool {
    let lower = value.to_ascii_lowercase();
    EITHER
        .iter()
        .chain(parts)
        .any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_into_words() {
        let words = |name: &str| -> Vec<String> {
            let words = split_words(name.as_bytes());
            words
                .iter()
                .map(|w| String::from_utf8_lossy(w).into_owned())
                .collect()
        };
        assert_eq!(words("my_apiKey-2"), ["my", "api", "Key", "2"]);
        assert_eq!(words("AWSSecretKey"), ["AWS", "Secret", "Key"]);
        assert_eq!(words("--x"), ["x"]);
    }

    #[test]
    fn counts() {
        for value in [
            "abcdefg12346+FJQCK",
            "OOzkR1+hF+1ABCsIFDJMEUt1234567890",
            "x9876543",
            "px-d4c3b2a1-f6e5",
            "GFEDCBA",
        ] {
            assert!(counted(value.as_bytes()), "{value}");
        }
        for value in [
            "abcdef",
            "a1b2c3",
            "bcdef012345",
            "456789:;",
            "hgfed",
            "",
            "k2J9sLq0ZtVbN4",
        ] {
            assert!(!counted(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn stand_ins() {
        for value in [
            "your_api_key_here",
            "<API_KEY>",
            "${SECRET}",
            "{{ secret }}",
            "%s",
            "xxxx",
            "12345678",
            "abcdefghij",
            "changeme",
            "process.env.TOKEN",
            "$PASSWORD",
            "insert_key_here",
            "********",
            ".$row[",
            "a1b2c3d4-e5f6-a7b8-c9d0-e1f2a3b4c5d6",
        ] {
            assert!(standin(value.as_bytes()), "{value}");
        }
        for value in [
            "hunter2",
            "tr0ub4dor&3",
            "super$ecret",
            "k2J9sLq0ZtVbN4xWcR7u",
            "s3cr3t!",
        ] {
            assert!(!standin(value.as_bytes()), "{value}");
        }
    }
}
