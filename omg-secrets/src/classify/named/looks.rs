//! What a value looks like: an expression, a path, the name of something, a table.

use super::name::is_password;
use super::words::{ABOUT, ALGORITHMS};
use crate::classify::entropy::{Makeup, wordy};
use crate::classify::placeholder::split_words;

pub(super) fn symbols(text: &[u8]) -> usize {
    let mut seen: Vec<u8> = text
        .iter()
        .copied()
        .filter(|b| b.is_ascii_punctuation() && !b"_-.".contains(b))
        .collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len()
}

/// The longest password that somebody made of as many marks as there are.
const MAX_ODD: usize = 64;

/// So many different marks that it can be no expression of any language, unless it is one that
/// was written without spaces, of which this is the beginning.
pub(super) fn odd(text: &[u8]) -> bool {
    symbols(text) >= 6
        && (10..=MAX_ODD).contains(&text.len())
        && text.iter().all(|&b| b > b' ')
        && text[0].is_ascii_alphanumeric()
        && !is_call(text)
}

/// A name, and a parenthesis or bracket behind it: `dict(env=['A'])`, `List[int]`.
pub(super) fn is_call(text: &[u8]) -> bool {
    let part = |b: &u8| b.is_ascii_alphanumeric() || b"_.".contains(b);
    let name = text.iter().position(|b| !part(b)).unwrap_or(text.len());
    let behind = text.get(name..).unwrap_or_default();
    name > 0 && matches!(behind, [b'(', .., b')'] | [b'[', .., b']']) && !text[0].is_ascii_digit()
}

/// Longer than a password of many marks, and with those of a program, as where all of it is on
/// one line; or with a call that ends a statement, or a function.
pub(super) fn is_program(text: &[u8]) -> bool {
    let holds = |part: &[u8]| memchr::memmem::find(text, part).is_some();
    text.len() > MAX_ODD && text.iter().any(|b| b"(){}[];\"'".contains(b))
        || text.contains(&b'(') && (holds(b");") || holds(b"function("))
}

/// A version or a range of them, as lists of packages have them: `^3.972.98`, `>=1.2`, `~4.5.x`.
pub(super) fn is_version(text: &[u8]) -> bool {
    let marks = text.iter().take_while(|b| b"^~<>=v ".contains(b)).count();
    let number = &text[marks..];
    number.first().is_some_and(u8::is_ascii_digit)
        && number.contains(&b'.')
        && number
            .iter()
            .all(|b| b.is_ascii_digit() || b".x*".contains(b))
}

/// The name of an encoding or of an algorithm: `UTF-8`, `iso-8859-1`, `SCRAM-SHA-256`.
pub(super) fn is_algorithm(text: &[u8]) -> bool {
    if text.len() > 32 {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let known = |part: &[u8]| std::str::from_utf8(part).is_ok_and(|part| ALGORITHMS.contains(part));
    let parts = || lower.split(|b| b"-_/".contains(b));
    parts().any(known) && parts().all(|part| known(part) || part.iter().all(u8::is_ascii_digit))
}

/// Text of another script, each character escaped: `\u0646\u0627`.
pub(super) fn is_escaped_script(text: &[u8]) -> bool {
    let escaped = |one: &[u8]| match one {
        [b'\\', b'u', digits @ ..] => {
            digits.iter().all(u8::is_ascii_hexdigit)
                && !matches!(digits, [b'0', b'0', b'0'..=b'7', _])
        }
        _ => false,
    };
    !text.is_empty() && text.len().is_multiple_of(6) && text.chunks(6).all(escaped)
}

/// A regular expression: a group that is not captured, a class, or any number of anything.
pub(super) fn is_pattern(text: &[u8]) -> bool {
    [
        "(?", "[^", "\\w", "\\d", "\\s", ".*", ".+", "]+", "]*", ")*", ")+", "[a-", "[A-Z", "[0-9",
    ]
    .iter()
    .any(|part| memchr::memmem::find(text, part.as_bytes()).is_some())
}

/// What stands between two strings, where a quote that closes one was taken for one that opens
/// one: an operator, and two marks in a row as programs have them, which a password that begins
/// with such a mark seldom has.
pub(super) fn is_between(text: &[u8]) -> bool {
    let quote = |b: &&u8| b" \"'`\\".contains(b);
    let from = text.iter().take_while(quote).count();
    let Some(first) = text.get(from) else {
        return false;
    };
    let program = |pair: &[u8]| match pair {
        [a, b'('] => a.is_ascii_alphabetic(),
        [b')', b] => b",;)+.{}".contains(b),
        [b'}', b] => b",;)}".contains(b),
        [a, b'{' | b'['] => b":,".contains(a),
        pair => pair == b"||" || pair == b"&&" || pair == b"=>",
    };
    b"+,;:)]}".contains(first) && text.windows(2).any(program)
}

/// A few words in small letters: a pass phrase rather than a sentence of a program.
pub(super) fn phrase(text: &[u8]) -> bool {
    let words: Vec<&[u8]> = text.split(|&b| b == b' ').collect();
    (2..=6).contains(&words.len())
        && words.iter().all(|word| {
            !word.is_empty()
                && word
                    .iter()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
        && !words.iter().any(|word| {
            [
                "is",
                "must",
                "the",
                "your",
                "a",
                "for",
                "not",
                "to",
                "of",
                "please",
                "enter",
                "in",
                "are",
                "password",
                "passwords",
                "invalid",
                "required",
                "incorrect",
                "be",
                "or",
                "no",
                "hash",
            ]
            .iter()
            .any(|stop| stop.as_bytes() == *word)
        })
}

/// Written like the name of something: `user_password`, `resetPassword`, `#add-password`.
pub(super) fn name_like(text: &[u8]) -> bool {
    let words = split_words(text);
    let makeup = Makeup::of(text);
    let about = |word: &&[u8]| {
        let lower = word.to_ascii_lowercase();
        std::str::from_utf8(&lower).is_ok_and(|w| {
            ABOUT.contains(w)
                || is_password(w) && w.len() <= 8
                || matches!(
                    w,
                    "secret"
                        | "token"
                        | "key"
                        | "user"
                        | "username"
                        | "login"
                        | "auth"
                        | "credential"
                        | "credentials"
                        | "string"
                        | "null"
                        | "true"
                        | "false"
                        | "none"
                )
        })
    };
    let structured = words.len() > 1 && makeup.digit == 0;
    if structured && words.iter().any(about) {
        return true;
    }
    if words.len() == 1 && words.iter().any(about) {
        return true;
    }
    // A constant or a label of one word.
    let capital =
        text[0].is_ascii_uppercase() && makeup.upper == 1 && makeup.digit == 0 && makeup.other == 0;
    let constant = makeup.lower == 0 && makeup.digit == 0 && text.contains(&b'_');
    capital && wordy(text)
        || constant
        || text.starts_with(b"#") && wordy(text)
        || text.starts_with(b".") && wordy(text)
        || text.ends_with(b":")
        || text.ends_with(b"=")
}

/// An identifier of a program: words, short ones and numbers joined by underscores.
pub(super) fn is_identifier(text: &[u8]) -> bool {
    let plain = text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let makeup = Makeup::of(text);
    let numbers = makeup.digit * 3 <= text.len() && makeup.turns * 4 <= text.len();
    plain && !text[0].is_ascii_digit() && text.contains(&b'_') && numbers
        || plain
            && !text.contains(&b'_')
            && wordy(text)
            && makeup.digit > 0
            && makeup.digit <= 3
            && text.len() >= 12
}

pub(super) fn names_itself(name: &[u8], text: &[u8]) -> bool {
    let [name, text] = [name, text].map(|text| {
        let plain = text.iter().filter(|b| b.is_ascii_alphanumeric());
        plain.map(u8::to_ascii_lowercase)
    });
    name.eq(text)
}

pub(super) fn is_path(text: &[u8]) -> bool {
    let prefixes: [&[u8]; 10] = [
        b"/",
        b"./",
        b"../",
        b"~/",
        b"http://",
        b"https://",
        b"file:",
        b"data:",
        b"C:\\",
        b"arn:",
    ];
    let ends: [&[u8]; 20] = [
        b".txt", b".json", b".yaml", b".yml", b".pem", b".key", b".py", b".js", b".ts", b".go",
        b".xml", b".html", b".php", b".conf", b".cfg", b".env", b".crt", b".java", b".rb", b".svg",
    ];
    let slashes = text.iter().filter(|&&b| b == b'/').count();
    prefixes.iter().any(|p| text.starts_with(p))
        && (text.len() < 40 || slashes >= 3 || text.contains(&b':'))
        || ends.iter().any(|e| text.ends_with(e))
        || slashes >= 1 && wordy(text)
        || memchr::memmem::find(text, b"://").is_some()
}

pub(super) fn is_hex_or_uuid(text: &[u8]) -> bool {
    let hex = text.iter().all(u8::is_ascii_hexdigit) && text.len() >= 16;
    let uuid = text.len() == 36
        && text.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-')
        && text[8] == b'-'
        && text[13] == b'-';
    hex || uuid
}

/// Names joined by dots: `self.config.password`, `com.example.Key`.
pub(super) fn dotted(text: &[u8]) -> bool {
    text.contains(&b'.')
        && text.split(|&b| b == b'.').all(|part| {
            let makeup = Makeup::of(part);
            !part.is_empty()
                && part[0].is_ascii_alphabetic()
                && makeup.other <= 2
                && makeup.digit <= 2
                && makeup.lower + makeup.upper >= 2
        })
        && text
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b))
}

pub(super) fn is_date_or_version(text: &[u8]) -> bool {
    let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
    let marks = text.iter().filter(|b| b".:-/TZ+ v".contains(b)).count();
    digits + marks == text.len() && marks >= 2 || begins_with_date(text)
}

/// `2018-01-01-preview`.
pub(super) fn begins_with_date(text: &[u8]) -> bool {
    let digit = |at: usize| text[at].is_ascii_digit();
    text.len() >= 10
        && [0, 1, 2, 3, 5, 6, 8, 9].into_iter().all(digit)
        && text[4] == b'-'
        && text[7] == b'-'
        && text
            .get(10)
            .is_none_or(|b| !b.is_ascii_alphanumeric() || *b == b'T')
}

/// The alphabet itself, as in an encoder's table.
pub(super) fn listing(text: &[u8]) -> bool {
    ["abcdefgh", "ABCDEFGH", "01234567", "qwertyui"]
        .iter()
        .any(|run| memchr::memmem::find(text, run.as_bytes()).is_some())
        && text.len() >= 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_from_passwords() {
        for text in ["dict(env=['VAULT_TOKEN'])", "List[V1Token]", "a.b(c)"] {
            assert!(is_call(text.as_bytes()) && !odd(text.as_bytes()), "{text}");
        }
        for text in ["pa(ss)word1", "9(x)", "(x)", "[x]", "abc", "", "x(y"] {
            assert!(!is_call(text.as_bytes()), "{text}");
        }
        for text in [
            "+(n||R.TOKEN||",
            " \"+D);if(x){x(\"",
            ",a){b",
            "],c:{d:1}",
            ",354:[x",
        ] {
            assert!(is_between(text.as_bytes()), "{text}");
        }
        for text in [
            "+bFQtBCta7j2vWkjPkAFtgA==",
            "",
            "\"",
            "p+(w)",
            ",comma",
            ":x;9K!(q}Zw#4",
        ] {
            assert!(!is_between(text.as_bytes()), "{text}");
        }
        for text in ["(?:[^\"]|\"\")+|[a]+?", "^\\w", "a.*b"] {
            assert!(is_pattern(text.as_bytes()), "{text}");
        }
        let long = "m{{h}o)p${e]nob(ody[finds>-_$#thisone}}".repeat(2);
        assert!(odd(&long.as_bytes()[..39]) && !odd(long.as_bytes()));
        assert!(is_program(long.as_bytes()) && !is_program(&long.as_bytes()[..39]));
        assert!(!is_program("k2J9sLq0ZtVbN4xWcR7u".repeat(4).as_bytes()));
        for text in ["2018-01-01-preview", "2016-09-24T16:18:07Z", "2016-09-24"] {
            assert!(is_date_or_version(text.as_bytes()), "{text}");
        }
        for text in ["2018-01-0x", "2018-01-01x9Qv", "20180-1-01-preview"] {
            assert!(!is_date_or_version(text.as_bytes()), "{text}");
        }
    }
}
