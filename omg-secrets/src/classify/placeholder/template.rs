//! Templates, formats and look-ups.

use crate::classify::entropy::Makeup;

/// `<API_KEY>`, `${SECRET}`, `{{ secret }}`, `%s`, `%(key)s`, `$VAR`, `[token]`, `#{x}`,
/// `@@KEY@@`, `__KEY__`, `%KEY%`, `&lt;KEY&gt;`.
pub(super) fn template(value: &[u8]) -> bool {
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
        // PHP joins texts with a dot: `'password = '.$value`.
        [b'.', b'$', ..] => true,
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
    // Each has one of these, and most values have none.
    if !value.iter().any(|b| b"{(%".contains(b)) {
        return false;
    }
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
                        .all(|&b| b.is_ascii_alphanumeric() || b"_.[]:".contains(&b))
            })
        })
}

fn mixed(text: &[u8]) -> bool {
    let makeup = Makeup::of(text);
    makeup.digit > 0 && makeup.turns >= 3
}

/// An expression that fetches the secret from elsewhere, or names it.
pub(super) fn lookup(value: &[u8]) -> bool {
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
