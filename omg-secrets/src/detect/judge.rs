//! Whether a named value is a credential: what the name says, and what the value looks like.

use super::assign::{Assignment, Tie};
use crate::entropy::{Makeup, shannon, wordy};
use crate::placeholder::{self, split_words};
use crate::rule::Confidence;

/// What a name promises.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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

/// How sure, and whether the severity is lowered because the value is made of words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Verdict {
    pub confidence: Confidence,
    pub weak: bool,
}

const SURE: Verdict = Verdict {
    confidence: Confidence::Medium,
    weak: false,
};
const WEAK: Verdict = Verdict {
    confidence: Confidence::Low,
    weak: true,
};

/// The last word of a name that holds something about a secret rather than the secret.
const ABOUT: &[&str] = &[
    "file",
    "files",
    "filename",
    "path",
    "paths",
    "url",
    "uri",
    "urls",
    "name",
    "names",
    "id",
    "ids",
    "type",
    "types",
    "len",
    "length",
    "size",
    "field",
    "fields",
    "label",
    "hint",
    "prompt",
    "prefix",
    "suffix",
    "policy",
    "regex",
    "regexp",
    "pattern",
    "count",
    "index",
    "expiry",
    "expires",
    "expiration",
    "ttl",
    "timeout",
    "age",
    "format",
    "column",
    "enabled",
    "disabled",
    "required",
    "reset",
    "change",
    "link",
    "page",
    "form",
    "input",
    "message",
    "msg",
    "error",
    "errors",
    "title",
    "description",
    "text",
    "placeholder",
    "class",
    "style",
    "version",
    "algorithm",
    "alg",
    "algo",
    "method",
    "mode",
    "provider",
    "manager",
    "store",
    "service",
    "arn",
    "ref",
    "reference",
    "strength",
    "min",
    "max",
    "header",
    "headers",
    "param",
    "params",
    "parameter",
    "env",
    "var",
    "location",
    "dir",
    "directory",
    "endpoint",
    "host",
    "scope",
    "scopes",
    "limit",
    "usage",
    "kind",
    "map",
    "list",
    "kid",
    "validation",
    "validator",
    "verify",
    "view",
    "button",
    "icon",
    "response",
    "request",
    "callback",
    "handler",
    "factory",
    "builder",
    "exception",
    "hash",
    "hashes",
    "digest",
    "fingerprint",
    "checksum",
    "salt",
    "bits",
    "bytes",
    "encoder",
    "generator",
    "selector",
    "element",
    "constant",
    "help",
    "info",
    "tooltip",
    "desc",
    "rule",
    "rules",
    "status",
    "state",
    "count",
    "counts",
    "rotation",
    "grant",
    "source",
    "sources",
    "separator",
    "delimiter",
    "char",
    "chars",
    "position",
    "offset",
    "start",
    "end",
    "begin",
    "idx",
    "num",
    "ring",
    "board",
    "word",
    "words",
    "pad",
    "code",
    "frame",
    "press",
    "down",
    "up",
    "event",
    "events",
    "attribute",
    "attributes",
    "template",
    "check",
    "confirmation",
    "confirm",
    "again",
    "repeat",
    "mismatch",
    "audience",
    "issuer",
    "realm",
    "context",
    "config",
];

/// A word anywhere in a name that makes it a name of something public or of an action.
const NEVER: &[&str] = &[
    "public",
    "pub",
    "is",
    "has",
    "show",
    "hide",
    "forgot",
    "forgotten",
    "invalid",
    "wrong",
    "require",
    "requires",
    "needs",
    "min",
    "max",
    "add",
    "get",
    "set",
    "check",
    "verify",
    "validate",
    "sha",
    "sha1",
    "sha256",
    "sha512",
    "md5",
    "commit",
    "integrity",
    "etag",
    "uuid",
    "guid",
    "nonce",
    "primary",
    "foreign",
    "partition",
    "sort",
    "cache",
    "checksum",
    "hash",
    "hashed",
    "digest",
    "fingerprint",
    "keyboard",
    "keyword",
    "keywords",
    "monkey",
    "tokenizer",
    "tokenize",
    "author",
    "authors",
    "csrf",
    "css",
    "cert",
    "certificate",
    "sum",
    "sums",
    "publickey",
    "pubkey",
    "thumbprint",
    "revision",
    "translation",
    "msgid",
    "label",
    "i18n",
    "locale",
    "column",
    "row",
    "event",
    "object",
    "lookup",
    "host",
    "known",
    "signature",
    "ssh",
    "fixed",
    "compass",
    "bypass",
    "passing",
    "passed",
    "passenger",
    "passport",
    "passthrough",
    "passage",
    "passive",
    "encrypted",
    "mock",
    "fake",
    "dummy",
    "example",
    "sample",
    "placeholder",
];

/// What the name promises, if it promises a secret at all.
pub(crate) fn kind(name: &[u8]) -> Option<Kind> {
    let lower: Vec<Vec<u8>> = split_words(name)
        .into_iter()
        .map(<[u8]>::to_ascii_lowercase)
        .filter(|word| !word.iter().all(u8::is_ascii_digit))
        .collect();
    let words: Vec<&str> = lower
        .iter()
        .filter_map(|word| std::str::from_utf8(word).ok())
        .collect();
    let last = words.last()?;
    if words.iter().any(|word| NEVER.contains(word)) || words.len() > 1 && ABOUT.contains(last) {
        return None;
    }
    // The strongest promise in the name counts: `access_token_secret` is a secret.
    let any = |test: fn(&str) -> bool| words.iter().any(|word| test(word));
    if any(is_password) || *last == "pass" {
        return Some(Kind::Password);
    }
    if any(|w| {
        w.ends_with("secret")
            || w.starts_with("secret")
            || matches!(
                w,
                "credential" | "credentials" | "cred" | "creds" | "secretkey"
            )
    }) {
        return Some(Kind::Secret);
    }
    if any(|w| {
        w.ends_with("token")
            || w.ends_with("tokens")
            || matches!(
                w,
                "auth" | "bearer" | "jwt" | "authkey" | "authorization" | "signing"
            )
    }) {
        return Some(Kind::Token);
    }
    let key = |w: &str| {
        w == "key"
            || w == "keys"
            || w.ends_with("apikey")
            || matches!(
                w,
                "accesskey"
                    | "secretkey"
                    | "privatekey"
                    | "authkey"
                    | "appkey"
                    | "licensekey"
                    | "masterkey"
                    | "encryptionkey"
            )
    };
    let qualified = [
        "api",
        "access",
        "private",
        "secret",
        "client",
        "app",
        "application",
        "auth",
        "encryption",
        "encrypt",
        "signing",
        "master",
        "license",
        "account",
        "storage",
        "service",
        "admin",
        "aes",
        "hmac",
        "crypto",
        "session",
        "cookie",
        "subscription",
        "developer",
        "consumer",
        "shared",
        "user",
        "webhook",
        "server",
        "write",
        "read",
        "rest",
        "sdk",
    ];
    if any(|w| {
        w.ends_with("apikey")
            || matches!(
                w,
                "accesskey"
                    | "privatekey"
                    | "appkey"
                    | "licensekey"
                    | "masterkey"
                    | "encryptionkey"
                    | "passkey"
            )
    }) {
        return Some(Kind::Key);
    }
    if words.iter().any(|w| key(w))
        && words.len() > 1
        && (words.iter().any(|w| qualified.contains(w)) || key(last))
    {
        return Some(Kind::Key);
    }
    None
}

fn is_password(word: &str) -> bool {
    const OWNERS: [&str; 34] = [
        "db", "my", "user", "usr", "admin", "root", "mysql", "smtp", "ftp", "mail", "pg", "sql",
        "ssh", "vpn", "wifi", "key", "redis", "http", "proxy", "ldap", "auth", "login", "email",
        "mongo", "rabbit", "default", "test", "new", "old", "master", "system", "sudo", "store",
        "app",
    ];
    matches!(
        word,
        "pw" | "psw"
            | "pwd"
            | "passwd"
            | "passphrase"
            | "passcode"
            | "pswd"
            | "passw"
            | "pword"
            | "passwort"
            | "contrasena"
            | "senha"
            | "psk"
    ) || ["password", "passwd", "passphrase", "passcode"]
        .iter()
        .any(|end| word.ends_with(end))
        || ["pass", "pwd"].iter().any(|end| {
            word.strip_suffix(end)
                .is_some_and(|owner| OWNERS.contains(&owner))
        })
        || word.starts_with("password")
}

/// What may be read of the surroundings.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Around {
    /// A user's name is assigned in the lines before.
    pub user: bool,
    /// A user's name is assigned there as in a file of settings.
    pub settings: bool,
    /// Nothing but a comment follows the value on its line.
    pub ends_line: bool,
    /// A comma or parenthesis follows the value.
    pub listed: bool,
    /// A statement ends behind the value, so that without quotes it is an expression.
    pub statement: bool,
}

/// Judges the value of an assignment.
pub(crate) fn value(
    kind: Kind,
    name: &[u8],
    text: &[u8],
    found: &Assignment,
    around: Around,
) -> Option<Verdict> {
    if placeholder::standin(text) || is_path(text) || !text.iter().any(u8::is_ascii_alphanumeric) {
        return None;
    }
    if names_itself(name, text) || text.starts_with(b"$") && !found.quoted {
        return None;
    }
    if !found.quoted
        && (found.tie == Tie::Compare
            || around.statement
            || is_identifier(text) && !(kind == Kind::Password && around.settings)
            || around.listed && !odd(text)
            || text.starts_with(b"0x"))
    {
        return None;
    }
    if is_hex_or_uuid(text) {
        return strong(kind, text);
    }
    match kind {
        Kind::Password => password(text, found, around),
        Kind::Secret => strong(kind, text)
            .filter(|_| found.quoted || plain(text, found, around))
            .or_else(|| secret_word(text, found, around)),
        Kind::Token | Kind::Key => {
            if found.quoted && symbols(text) >= 3 && !text.contains(&b' ') || odd(text) {
                return Some(SURE);
            }
            if found.quoted && kind == Kind::Key && phrase(text) {
                return Some(WEAK);
            }
            strong(kind, text).filter(|_| found.quoted || plain(text, found, around))
        }
    }
}

fn password(text: &[u8], found: &Assignment, around: Around) -> Option<Verdict> {
    if text.len() < 4 || text.len() > 120 {
        return None;
    }
    if found.tie == Tie::Space && !found.quoted {
        return None;
    }
    let makeup = Makeup::of(text);
    let mixed = makeup.digit > 0 && makeup.lower + makeup.upper > 0
        || symbols(text) > 0 && makeup.kinds() >= 2;
    if !found.quoted && found.tie != Tie::Element {
        if odd(text) {
            return Some(SURE);
        }
        return bare(text, found, around, mixed);
    }
    if text.contains(&b' ') {
        return phrase(text).then_some(WEAK);
    }
    if !text.is_ascii() && !mixed {
        return None;
    }
    if name_like(text) {
        return None;
    }
    if wordy(text) || !mixed {
        return Some(WEAK);
    }
    Some(SURE)
}

/// A password without quotes: safe to take only where it cannot be an expression.
fn bare(text: &[u8], found: &Assignment, around: Around, mixed: bool) -> Option<Verdict> {
    let expression = text.iter().any(|b| b"()[]{}<>;\"'|\\".contains(b))
        || text
            .windows(2)
            .any(|pair| pair == b"::" || pair == b"->" || pair == b"&&")
        || text.starts_with(b"&")
        || text.starts_with(b"*")
        || text.starts_with(b"-")
        || text.starts_with(b"#")
        || text.starts_with(b"@");
    if expression || !around.ends_line || dotted(text) || text.ends_with(b":") {
        return None;
    }
    let Tie::Set { spaced, colon } = found.tie else {
        return (found.tie == Tie::Element).then_some(SURE);
    };
    let names = name_like(text);
    match (mixed && !wordy(text), spaced && !colon) {
        (true, false) => Some(SURE),
        (true, true)
            if strong(Kind::Password, text).is_some()
                || symbols(text) > 0 && !names
                || around.user =>
        {
            Some(SURE)
        }
        _ if around.user && text.len() >= 5 => Some(WEAK),
        // `PASSWORD=word` in a file of settings.
        (false, false) if !colon && text.len() >= 5 && !names => Some(WEAK),
        (_, false) if colon && mixed && !names => Some(WEAK),
        _ => None,
    }
}

fn secret_word(text: &[u8], found: &Assignment, around: Around) -> Option<Verdict> {
    let verdict = password(text, found, around)?;
    (text.len() >= 6).then_some(verdict)
}

/// A value that looks random.
fn strong(kind: Kind, text: &[u8]) -> Option<Verdict> {
    if text.len() < 8 || text.len() > 400 || text.contains(&b' ') {
        return None;
    }
    let makeup = Makeup::of(text);
    let letters = makeup.lower + makeup.upper;
    let ascii = text.iter().all(u8::is_ascii_graphic);
    if !ascii
        || letters == 0 && makeup.digit < 12
        || is_date_or_version(text)
        || dotted(text)
        || listing(text)
    {
        return None;
    }
    let entropy = shannon(text);
    let needed = if text.len() < 16 { 2.4 } else { 2.7 };
    if entropy < needed || wordy(text) {
        return None;
    }
    let random = makeup.digit > 0 && letters > 0
        || text.len() >= 16
            && makeup.lower > 0
            && makeup.upper > 1
            && makeup.turns * 5 >= text.len()
        || text.len() >= 20 && letters > 0 && entropy >= 3.3
        || makeup.digit >= 12;
    if !random {
        return None;
    }
    let weak = text.len() < 12 && kind != Kind::Password && makeup.digit < 3;
    Some(if weak { WEAK } else { SURE })
}

/// Without quotes, only what no language would take for an expression.
fn plain(text: &[u8], found: &Assignment, around: Around) -> bool {
    let simple = text
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b"+/=_.~-:%!@#^*".contains(b));
    let makeup = Makeup::of(text);
    simple
        && makeup.digit > 0
        && (found.tie != Tie::Space || text.len() >= 20)
        && (around.ends_line || text.len() >= 16)
}

fn symbols(text: &[u8]) -> usize {
    let mut seen: Vec<u8> = text
        .iter()
        .copied()
        .filter(|b| b.is_ascii_punctuation() && !b"_-.".contains(b))
        .collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len()
}

/// So many different marks that it can be no expression of any language.
fn odd(text: &[u8]) -> bool {
    symbols(text) >= 6
        && text.len() >= 10
        && text.iter().all(|&b| b > b' ')
        && text[0].is_ascii_alphanumeric()
}

/// A few words in small letters: a pass phrase rather than a sentence of a program.
fn phrase(text: &[u8]) -> bool {
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
fn name_like(text: &[u8]) -> bool {
    let words = split_words(text);
    let makeup = Makeup::of(text);
    let about = |word: &&[u8]| {
        let lower = word.to_ascii_lowercase();
        std::str::from_utf8(&lower).is_ok_and(|w| {
            ABOUT.contains(&w)
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
fn is_identifier(text: &[u8]) -> bool {
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

fn names_itself(name: &[u8], text: &[u8]) -> bool {
    let plain = |text: &[u8]| -> Vec<u8> {
        text.iter()
            .filter(|b| b.is_ascii_alphanumeric())
            .map(u8::to_ascii_lowercase)
            .collect()
    };
    plain(name) == plain(text)
}

fn is_path(text: &[u8]) -> bool {
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

fn is_hex_or_uuid(text: &[u8]) -> bool {
    let hex = text.iter().all(u8::is_ascii_hexdigit) && text.len() >= 16;
    let uuid = text.len() == 36
        && text.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-')
        && text[8] == b'-'
        && text[13] == b'-';
    hex || uuid
}

/// Names joined by dots: `self.config.password`, `com.example.Key`.
fn dotted(text: &[u8]) -> bool {
    let parts: Vec<&[u8]> = text.split(|&b| b == b'.').collect();
    parts.len() > 1
        && parts.iter().all(|part| {
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

fn is_date_or_version(text: &[u8]) -> bool {
    let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
    let marks = text.iter().filter(|b| b".:-/TZ+ v".contains(b)).count();
    digits + marks == text.len() && marks >= 2
}

/// The alphabet itself, as in an encoder's table.
fn listing(text: &[u8]) -> bool {
    ["abcdefgh", "ABCDEFGH", "01234567", "qwertyui"]
        .iter()
        .any(|run| memchr::memmem::find(text, run.as_bytes()).is_some())
        && text.len() >= 16
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            assert_eq!(kind(name.as_bytes()), expected, "{name}");
        }
    }
}
