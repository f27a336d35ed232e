//! Literals that belong to no rule, and the notation that each announces.

use crate::extract::command::Program;

/// The notation that a literal announces.
#[derive(Clone, Copy)]
pub(super) enum Sign {
    Pem,
    Uri,
    Authorization,
    Netrc,
    Pgpass,
    Password,
    Kubernetes,
    RegistryAuth,
    Prose,
    Argument(usize),
    Unseal,
    JenkinsSetup,
    Command(Program),
    Name,
}

/// The signs with the literals of each.
const SIGNS: &[(Sign, &[&str])] = &[
    (Sign::Pem, &["PRIVATE KEY"]),
    (Sign::Uri, &["://"]),
    (
        Sign::Authorization,
        &[
            "Basic ", "BASIC ", "basic ", "Bearer ", "bearer ", "BEARER ", ": token ", ": Token ",
        ],
    ),
    (Sign::Netrc, &["machine "]),
    (Sign::Pgpass, &[":5432:", ":*:"]),
    (
        Sign::Password,
        &["pass", "Pass", "PASS", "pwd", "Pwd", "PWD"],
    ),
    (
        Sign::Kubernetes,
        &["kind: Secret", "kind: \"Secret", "kind: 'Secret"],
    ),
    (Sign::RegistryAuth, &["\"auth\"", "\"auth\\\""]),
    (Sign::Argument(1), &["NetworkCredential("]),
    (Sign::Argument(2), &["DirectoryEntry("]),
    (Sign::Unseal, &["Unseal Key", "operator unseal "]),
    (Sign::JenkinsSetup, &["use the following password"]),
    (
        Sign::Command(Program::Mysql),
        &["mysql ", "mysqldump ", "mysqladmin "],
    ),
    (Sign::Command(Program::Psexec), &["sexec", "sExec", "SEXEC"]),
    (Sign::Command(Program::Sshpass), &["sshpass "]),
    (Sign::Command(Program::Docker), &["docker login "]),
    (Sign::Command(Program::Curl), &["curl "]),
    (
        Sign::Command(Program::Vmware),
        &["onnect-VIServer", "onnect-viserver"],
    ),
];

/// Those of names of secrets.
const NAMES: &[(Sign, &[&str])] = &[
    (
        Sign::Name,
        &[
            "secret",
            "Secret",
            "SECRET",
            "credential",
            "Credential",
            "CREDENTIAL",
            "api_key",
            "apikey",
            "api-key",
            "apiKey",
            "ApiKey",
            "API_KEY",
            "APIKEY",
            "Api-Key",
            "API-KEY",
            "APIKey",
            "private_key",
            "privateKey",
            "PRIVATE_KEY",
            "PrivateKey",
            "token",
            "Token",
            "TOKEN",
            "psk=",
        ],
    ),
    (Sign::Prose, &["password ", "Password "]),
];

/// Every literal with its sign; those of names only where they are wanted.
pub(super) fn signs(names: bool) -> impl Iterator<Item = (&'static str, Sign)> {
    let wanted = if names { NAMES } else { &[] };
    SIGNS
        .iter()
        .chain(wanted)
        .flat_map(|(sign, literals)| literals.iter().map(|literal| (*literal, *sign)))
}
