//! What the name of a value promises.

use super::words::{
    ABOUT, BOOKMARKS, COMPOUND_KEYS, KEY_OWNERS, NEVER, PASSWORD_OWNERS, PASSWORDS,
};
use crate::classify::placeholder::word_spans;

/// What a name promises, the strongest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    Password,
    Secret,
    Token,
    Key,
}

impl Kind {
    pub(crate) const fn rule(self) -> &'static str {
        match self {
            Self::Password => "generic-password",
            Self::Secret => "generic-secret",
            Self::Token => "generic-token",
            Self::Key => "generic-api-key",
        }
    }
}

/// What the name promises, if it promises a secret at all.
pub(crate) fn kind(name: &[u8]) -> Option<Kind> {
    // This is asked of every name before something that looks random: most hold no stem.
    if holds_stem(name) {
        promised(name)
    } else {
        None
    }
}

fn promised(name: &[u8]) -> Option<Kind> {
    let (mut short, mut long) = ([0; 160], Vec::new());
    let lower = short.get_mut(..name.len()).unwrap_or_else(|| {
        long.resize(name.len(), 0);
        &mut long
    });
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    let mut words: Vec<&str> = Vec::with_capacity(8);
    words.extend(
        word_spans(name)
            .map(|span| &lower[span])
            .filter(|word| !word.iter().all(u8::is_ascii_digit))
            .filter_map(|word| std::str::from_utf8(word).ok()),
    );
    let last = words.last()?;
    let kind = promise(&words, last)?;
    let about = words.len() > 1 && ABOUT.contains(last);
    let bookmark = kind == Kind::Token && is_bookmark(&words);
    (!about && !bookmark && !words.iter().any(|word| NEVER.contains(word))).then_some(kind)
}

/// A word that promises something holds one of these, or [`SHORT_STEM`].
const STEMS: [[u8; 3]; 13] = [
    *b"pas", *b"psw", *b"psk", *b"tra", *b"nha", *b"sec", *b"cre", *b"tok", *b"aut", *b"bea",
    *b"jwt", *b"sig", *b"key",
];

/// A word may be no longer than this.
const SHORT_STEM: [u8; 2] = *b"pw";

/// By two letters, a bit for each third one, in either case: a letter is told by its lower bits.
const HELD: [u32; 1 << 10] = {
    let mut held = [0; 1 << 10];
    let mut at = 0;
    while at < STEMS.len() {
        let [a, b, c] = STEMS[at];
        held[pair(a, b)] |= 1 << (c & 31);
        at += 1;
    }
    held[pair(SHORT_STEM[0], SHORT_STEM[1])] = u32::MAX;
    held
};

const fn pair(a: u8, b: u8) -> usize {
    (a as usize & 31) << 5 | b as usize & 31
}

/// Whether a stem may stand in a name.
fn holds_stem(name: &[u8]) -> bool {
    let (mut a, mut b) = (0, 0);
    name.iter().chain(&[0]).any(|&c| {
        let held = HELD[pair(a, b)] >> (c & 31) & 1 != 0;
        (a, b) = (b, c);
        held
    })
}

/// The strongest promise in the name counts: `access_token_secret` is a secret.
fn promise(words: &[&str], last: &str) -> Option<Kind> {
    if last == "pass" {
        return Some(Kind::Password);
    }
    // Most words of a name hold no stem.
    let telling = || words.iter().filter(|word| holds_stem(word.as_bytes()));
    let strongest = telling().filter_map(|word| alone(word)).min();
    if strongest.is_some() {
        return strongest;
    }
    let key = |word: &str| matches!(word, "key" | "keys");
    let owned = || words.iter().any(|word| KEY_OWNERS.contains(word)) || key(last);
    (words.len() > 1 && telling().any(|word| key(word)) && owned()).then_some(Kind::Key)
}

/// What a word promises without any other.
fn alone(word: &str) -> Option<Kind> {
    if is_password(word) {
        Some(Kind::Password)
    } else if is_secret(word) {
        Some(Kind::Secret)
    } else if is_token(word) {
        Some(Kind::Token)
    } else if word.ends_with("apikey") || COMPOUND_KEYS.contains(word) {
        Some(Kind::Key)
    } else {
        None
    }
}

/// `nextToken`, `ClientRequestToken`: it opens nothing.
fn is_bookmark(words: &[&str]) -> bool {
    match words {
        [.., "client", "request", "token"] => true,
        [.., before, "token" | "tokens"] => BOOKMARKS.contains(before),
        _ => false,
    }
}

fn is_secret(word: &str) -> bool {
    word.ends_with("secret")
        || word.starts_with("secret")
        || matches!(word, "credential" | "credentials" | "cred" | "creds")
}

fn is_token(word: &str) -> bool {
    word.ends_with("token")
        || word.ends_with("tokens")
        || matches!(
            word,
            "auth" | "bearer" | "jwt" | "authkey" | "authorization" | "signing"
        )
}

pub(super) fn is_password(word: &str) -> bool {
    PASSWORDS.contains(word)
        || ["password", "passwd", "passphrase", "passcode"]
            .iter()
            .any(|end| word.ends_with(end))
        || ["pass", "pwd"].iter().any(|end| {
            word.strip_suffix(end)
                .is_some_and(|owner| PASSWORD_OWNERS.contains(owner))
        })
        || word.starts_with("password")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_promises_something_holds_a_stem() {
        let owners = PASSWORD_OWNERS.iter().map(|owner| format!("{owner}pass"));
        let known = PASSWORDS.iter().chain(COMPOUND_KEYS.iter());
        let words = known.map(str::to_owned).chain(owners);
        let more = [
            "pass",
            "dbpwd",
            "passwords",
            "secrets",
            "mysecret",
            "credentials",
            "creds",
            "tokens",
            "authtoken",
            "auth",
            "bearer",
            "jwt",
            "authkey",
            "authorization",
            "signing",
            "myapikey",
            "api_key",
            "keys",
        ];
        for word in words.chain(more.map(str::to_owned)) {
            for name in [word.clone(), word.to_uppercase(), format!("my_{word}_x")] {
                assert!(holds_stem(name.as_bytes()), "{name}");
            }
        }
        assert!(!holds_stem(b"library.rs"));
    }

    proptest::proptest! {
        #[test]
        fn a_name_without_a_stem_promises_nothing(
            name in "([a-z]{1,4}|pw|pass|key|[A-Z]|[_.0-9-]|[a-z]{2,9}(word|wd|ret|en|ken|th)){0,5}",
        ) {
            proptest::prop_assert_eq!(kind(name.as_bytes()), promised(name.as_bytes()));
        }
    }

    #[test]
    fn names() {
        for (name, expected) in [
            ("password", Some(Kind::Password)),
            ("dbPass", Some(Kind::Password)),
            ("MYSQL_PWD", Some(Kind::Password)),
            ("client_secret", Some(Kind::Secret)),
            ("authToken", Some(Kind::Token)),
            ("X-Api-Key", Some(Kind::Key)),
            ("ACCESS_KEY", Some(Kind::Key)),
            ("password_file", None),
            ("public_key", None),
            ("keyboard", None),
            ("tokenizer", None),
            ("author", None),
            ("compass", None),
            ("sha256", None),
            ("isPassword", None),
            ("NextContinuationToken", None),
            ("ClientRequestToken", None),
            ("requestToken", Some(Kind::Token)),
            ("next_auth_token", Some(Kind::Token)),
            ("secretsmanager", None),
        ] {
            assert_eq!(kind(name.as_bytes()), expected, "{name}");
        }
    }
}
