//! Values that stand where a secret would: examples, templates, look-ups, type names.
//!
//! Two judges: [`standin`] for any value, [`token`] for what follows the prefix of a token
//! with a shape of its own, where a word of four letters may stand by chance.

use crate::entropy::Makeup;

/// Words that nobody has in a real token: the chance of five given letters, in either case,
/// within 40 random characters of base 62 is below one in a hundred thousand.
const TELLING: &[&str] = &[
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "redacted",
    "replace",
    "insert",
    "dummy",
    "sample",
    "your_",
    "your-",
    "yourapi",
    "yourkey",
    "yourtoken",
    "yoursecret",
    "xxxxx",
    "secret_key",
    "api_key",
    "apikey",
    "access_key",
    "access_token",
    "password",
    "notreal",
    "not_real",
    "not-a-real",
    "obfuscated",
    "foobar",
    "fixme",
    "todo_",
    "removed",
    "sanitized",
    "censored",
    "masked",
    "hidden_",
    "<your",
    "_here",
    "-here",
    "....",
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

/// Words that make any value a stand-in, wherever they are in it.
const STANDIN_PARTS: &[&str] = &[
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "redacted",
    "xxxxx",
    "your_",
    "your-",
    "yourapi",
    "yourtoken",
    "yoursecret",
    "dummy",
    "replace_",
    "replace-",
    "insert_",
    "_here",
    "-here",
    "<your",
    "not_real",
    "not-real",
    "notreal",
    "somefake",
    "fakekey",
    "....",
    "obfuscated",
    "to_be_",
    "mock",
    "_password",
];

/// Whether the variable part of a token with a distinctive shape is made up by hand.
pub(crate) fn token(body: &[u8]) -> bool {
    // More than four runs and sequences make a key that somebody composed for a test, which
    // is not the same as an empty place.
    uniform(body, 4) || holds(body, TELLING) || template(body)
}

fn holds(value: &[u8], parts: &[&str]) -> bool {
    let lower = value.to_ascii_lowercase();
    parts
        .iter()
        .any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some())
}

/// `<API_KEY>`, `${SECRET}`, `{{ secret }}`, `%s`, `%(key)s`, `$VAR`, `[token]`, `#{x}`,
/// `@@KEY@@`, `__KEY__`, `%KEY%`, `&lt;KEY&gt;`.
fn template(value: &[u8]) -> bool {
    let inside = |open: &[u8], close: &[u8]| {
        value
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
            .is_some_and(|inner| {
                inner.iter().all(|&b| {
                    b.is_ascii_alphanumeric() || b" _-.:/|'\"(),?!$[]@%+*\\&;=".contains(&b)
                })
            })
    };
    let wrapped = [
        ("<", ">"),
        ("${", "}"),
        ("{{", "}}"),
        ("{", "}"),
        ("[", "]"),
        ("#{", "}"),
        ("%{", "}"),
        ("@@", "@@"),
        ("@", "@"),
        ("__", "__"),
        ("%", "%"),
        ("&lt;", "&gt;"),
        ("$(", ")"),
        ("<%", "%>"),
        ("((", "))"),
        ("${{", "}}"),
        ("{%", "%}"),
        ("$[", "]"),
        ("%%", "%%"),
        ("***", "***"),
        ("**", "**"),
        ("<<", ">>"),
        ("`", "`"),
    ];
    if wrapped
        .iter()
        .any(|(open, close)| inside(open.as_bytes(), close.as_bytes()))
    {
        return true;
    }
    let name = |rest: &[u8]| {
        !rest.is_empty()
            && rest
                .iter()
                .all(|&b| b.is_ascii_alphanumeric() || b"_.:[]>-'\"()".contains(&b))
    };
    match value {
        // A shell or PHP variable: a name in one case. A password may begin with a dollar.
        [b'$', rest @ ..] if name(rest) && !mixed(rest) => true,
        [b'%', rest @ ..]
            if rest.len() <= 12
                && rest
                    .iter()
                    .all(|b| b.is_ascii_alphabetic() || b"()_-.0123456789".contains(b)) =>
        {
            matches!(
                rest.last(),
                Some(b's' | b'd' | b'i' | b'x' | b'@' | b'v' | b'q')
            )
        }
        // A format of C that begins the text: `%-31s`, `%08x`.
        [b'%', rest @ ..] if conversion(rest) => true,
        _ => embedded(value),
    }
}

fn conversion(rest: &[u8]) -> bool {
    let flags = rest
        .iter()
        .take_while(|b| b"-+ #.*".contains(b) || b.is_ascii_digit())
        .count();
    let known = |b: &u8| b"sdiuxXpcfglhz".contains(b);
    rest.get(flags).is_some_and(known)
        && (flags > 0 || !rest.get(1).is_some_and(u8::is_ascii_digit))
}

/// A template inside a longer value: `prefix-${VAR}`, `{{ x }}-suffix`, `abc%s`.
fn embedded(value: &[u8]) -> bool {
    for (open, close) in [
        ("${", "}"),
        ("{{", "}}"),
        ("#{", "}"),
        ("$(", ")"),
        ("<%", "%>"),
        ("%(", ")"),
        ("\\(", ")"),
    ] {
        if let Some(at) = memchr::memmem::find(value, open.as_bytes()) {
            let rest = &value[at + open.len()..];
            if let Some(end) = memchr::memmem::find(rest, close.as_bytes()) {
                let inner = &rest[..end];
                let plain = inner
                    .iter()
                    .all(|&b| b.is_ascii_alphanumeric() || b" _.-:|'\"()[]$=,/?@".contains(&b));
                if !inner.is_empty() && plain {
                    return true;
                }
            }
        }
    }
    // Format strings of C, Python and Rust.
    let ends_format = [
        b"%s".as_slice(),
        b"%d",
        b"%v",
        b"{}",
        b"{0}",
        b"{1}",
        b"{:?}",
        b"%@",
        b"%x",
        b"%02x",
        b"%q",
    ];
    ends_format
        .iter()
        .any(|format| memchr::memmem::find(value, format).is_some())
        && value.len() <= 64
        || memchr::memmem::find(value, b"{").is_some_and(|at| {
            // `token-{name}` of Python's and Rust's formatted strings.
            let rest = &value[at + 1..];
            rest.iter().position(|&b| b == b'}').is_some_and(|end| {
                let inner = &rest[..end];
                end >= 2
                    && !mixed(inner)
                    && inner
                        .iter()
                        .all(|&b| b.is_ascii_alphanumeric() || b"_.".contains(&b))
            })
        })
}

fn mixed(text: &[u8]) -> bool {
    let makeup = Makeup::of(text);
    makeup.digit > 0 && makeup.turns >= 3
}

/// An expression that fetches the secret from elsewhere, or names it.
fn lookup(value: &[u8]) -> bool {
    const CALLS: &[&str] = &[
        "os.environ",
        "os.getenv",
        "getenv(",
        "process.env",
        "env(",
        "env[",
        "env.",
        "system.getenv",
        "std::env",
        "viper.",
        "config.",
        "config[",
        "settings.",
        "secrets.",
        "vault:",
        "vault(",
        "ref+",
        "arn:aws:secretsmanager",
        "ssm:",
        "file(",
        "lookup(",
        "data.",
        "var.",
        "local.",
        "module.",
        "self.",
        "this.",
        "params.",
        "props.",
        "request.",
        "req.",
        "args.",
        "options.",
        "opts.",
        "ctx.",
        "$env:",
        "import.meta.env",
        "context.",
        "random_password.",
        "fn::",
        "!ref",
        "!vault",
        "!secret",
        "!sub",
        "!getatt",
        "enc[",
        "enc(",
        "keyvault",
        "@microsoft.keyvault",
        "op://",
        "keyring:",
        "akv:",
        "sops",
        "env:",
        "@env",
        "secretkeyref",
        "valuefrom",
        "configmapkeyref",
        "build.",
        "project.",
        "findproperty(",
        "credentials(",
        "input(",
        "getpass",
        "prompt(",
        "read_secret",
        "load_secret",
        "azurerm_",
        "aws_secretsmanager",
        "google_secret_manager",
        "string.",
        "bytes.",
        "crypto.",
        "hashlib.",
        "base64.",
        "uuid.",
        "secrets.token",
        "faker.",
        "rand",
        "generate_password",
        "generatepassword",
        "gen_",
        "sha256(",
        "md5(",
    ];
    let lower = value[..value.len().min(80)].to_ascii_lowercase();
    CALLS.iter().any(|call| lower.starts_with(call.as_bytes()))
        || memchr::memmem::find(&lower, b"process.env").is_some()
        || memchr::memmem::find(&lower, b"getenv(").is_some()
        || memchr::memmem::find(&lower, b"os.environ").is_some()
}

/// Few different characters, or mostly runs and sequences: `xxxx`, `0000-0000`, `123456789`.
fn uniform(value: &[u8], most_runs: usize) -> bool {
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

/// `abcabcabc`, `abcdabcdabcd`: a piece of at most four characters, again and again.
fn repeats(core: &[u8]) -> bool {
    (1..=4).any(|period| core.len() >= 9 && core[period..].iter().zip(core).all(|(a, b)| a == b))
}

/// Only words that name what should stand there: `your_api_key_here`, `my-secret-token`.
///
/// A number at the end of a single word makes it a poor password rather than a stand-in.
fn words(value: &[u8]) -> bool {
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

/// The words of a name: at every change that is no letter or digit, and where a capital or
/// a digit begins.
pub(crate) fn split_words(name: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut from = 0;
    for at in 0..=name.len() {
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
        if cut {
            let word = &name[from..at];
            if word.iter().any(u8::is_ascii_alphanumeric) {
                out.push(word);
            }
            from = at;
            if name.get(at).is_some_and(|b| !b.is_ascii_alphanumeric()) {
                from = at + 1;
            }
        }
    }
    out
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
