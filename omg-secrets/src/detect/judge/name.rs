//! What the name of a value promises.

use crate::placeholder::split_words;

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

pub(super) fn is_password(word: &str) -> bool {
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

/// The last word of a name that holds something about a secret rather than the secret.
pub(super) const ABOUT: &[&str] = &[
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
