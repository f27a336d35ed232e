//! Words that name what should stand in a place.

use std::ops::Range;

/// The words of a name: at every change that is no letter or digit, and where a capital or
/// a digit begins.
pub(crate) fn split_words(name: &[u8]) -> Vec<&[u8]> {
    word_spans(name).map(|span| &name[span]).collect()
}

/// Where the words of a name stand in it.
pub(crate) fn word_spans(name: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    (0..=name.len()).filter_map(move |at| {
        let cut = match (name.get(at.wrapping_sub(1)), name.get(at)) {
            (_, None) => true,
            (_, Some(b)) if !b.is_ascii_alphanumeric() => true,
            (None, _) => false,
            (Some(a), Some(b)) => {
                !a.is_ascii_alphanumeric()
                    || a.is_ascii_lowercase() && b.is_ascii_uppercase()
                    || a.is_ascii_digit() != b.is_ascii_digit()
                    || a.is_ascii_uppercase()
                        && b.is_ascii_uppercase()
                        && name.get(at + 1).is_some_and(u8::is_ascii_lowercase)
            }
        };
        if !cut {
            return None;
        }
        let word = from..at;
        let ends = name.get(at).is_some_and(|b| !b.is_ascii_alphanumeric());
        from = at + usize::from(ends);
        name[word.clone()]
            .iter()
            .any(u8::is_ascii_alphanumeric)
            .then_some(word)
    })
}

/// Only words that name what should stand there: `your_api_key_here`, `my-secret-token`.
///
/// A number at the end of a single word makes it a poor password rather than a stand-in.
pub(super) fn words(value: &[u8]) -> bool {
    let marks = |b: &u8| b.is_ascii_alphanumeric() || b" _-./:<>[]()*,'\"".contains(b);
    if value.len() > 60 || !value.iter().all(marks) {
        return false;
    }
    let separated = value.iter().any(|b| b" _-".contains(b));
    let mut letters = 0;
    for word in split_words(value) {
        let lower = word.to_ascii_lowercase();
        let digits = lower.iter().all(u8::is_ascii_digit);
        let number = digits && separated && lower.len() <= 3;
        let known = STANDIN_WORDS.iter().any(|known| known.as_bytes() == lower);
        if !(number || known) {
            return false;
        }
        letters += if digits { 0 } else { lower.len() };
    }
    letters >= 3
}

/// Words of both lists below.
pub(super) const EITHER: &[&str] = &[
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "redacted",
    "xxxxx",
    "a1b2c3",
    "your_",
    "your-",
    "yourapi",
    "yourtoken",
    "yoursecret",
    "dummy",
    "_here",
    "-here",
    "<your",
    "not_real",
    "notreal",
    "....",
    "obfuscated",
];

/// Words that make any value a stand-in, wherever they are in it.
pub(super) const STANDIN_PARTS: &[&str] = &[
    "replace_",
    "replace-",
    "insert_",
    "not-real",
    "somefake",
    "fakekey",
    "to_be_",
    "mock",
    "_password",
];

/// Words that nobody has in a real token: the chance of five given letters, in either case,
/// within 40 random characters of base 62 is below one in a hundred thousand.
pub(super) const TELLING: &[&str] = &[
    "replace",
    "insert",
    "sample",
    "yourkey",
    "secret_key",
    "api_key",
    "apikey",
    "access_key",
    "access_token",
    "password",
    "not-a-real",
    "foobar",
    "fixme",
    "todo_",
    "removed",
    "sanitized",
    "censored",
    "masked",
    "hidden_",
];

/// Words that make a short value of words a stand-in.
const STANDIN_WORDS: &[&str] = &[
    "example",
    "placeholder",
    "changeme",
    "change",
    "redacted",
    "replace",
    "replaceme",
    "insert",
    "dummy",
    "sample",
    "your",
    "my",
    "fake",
    "mock",
    "todo",
    "fixme",
    "none",
    "null",
    "undefined",
    "nil",
    "empty",
    "unset",
    "unknown",
    "default",
    "foo",
    "bar",
    "baz",
    "foobar",
    "xxx",
    "here",
    "goes",
    "some",
    "the",
    "enter",
    "put",
    "set",
    "provide",
    "value",
    "string",
    "test",
    "testing",
    "demo",
    "not",
    "real",
    "is",
    "a",
    "an",
    "this",
    "yours",
    "api",
    "key",
    "token",
    "secret",
    "password",
    "passwd",
    "pass",
    "passphrase",
    "pwd",
    "access",
    "auth",
    "client",
    "user",
    "username",
    "private",
    "public",
    "id",
    "new",
    "old",
    "and",
    "or",
    "must",
    "be",
    "of",
    "for",
    "to",
    "with",
    "from",
    "removed",
    "hidden",
    "masked",
    "secure",
    "random",
    "db",
    "database",
    "code",
    "aws",
    "github",
    "gitlab",
    "google",
    "slack",
    "stripe",
    "azure",
    "app",
    "application",
    "service",
    "bearer",
    "jwt",
    "hash",
    "hashed",
    "encrypted",
    "invalid",
    "valid",
    "wrong",
    "bad",
    "good",
    "temp",
    "tmp",
    "sandbox",
    "bogus",
    "lorem",
    "ipsum",
    "asdf",
    "n/a",
    "na",
    "tbd",
    "credential",
    "credentials",
    "field",
    "input",
    "name",
    "text",
    "type",
    "str",
    "bytes",
    "int",
    "bool",
    "object",
    "number",
    "any",
    "env",
    "var",
    "variable",
    "config",
    "configuration",
    "setting",
    "settings",
    "getenv",
    "process",
    "notapassword",
    "apikey",
    "accesskey",
    "secretkey",
    "accesstoken",
    "authtoken",
    "paste",
    "fill",
    "add",
    "use",
    "please",
    "super",
    "in",
    "somefakekey",
    "fakekey",
    "afakekey",
    "realkey",
    "realsecret",
    "ex",
    "keys",
    "tokens",
    "secrets",
    "passwords",
    "data",
    "root_password",
];
