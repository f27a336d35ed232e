//! `omg audit pgp`: whether a trusted key signed a file.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use omg_auditlog::{Event, EventKind, Outcome, Severity};
use omg_pgp::{
    Anchors, Error, Keyring, KeyringError, KeysAsOf, Policy, Refusal, RefusalKind, Rejection,
    TrustModel, Verification, Verifier, voa,
};
use omg_sbom::inventory::OsRelease;

use crate::args::{self, PgpKeysAsOf, PgpTrust};
use crate::commands::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, Plan};
use crate::record::read_small;
use crate::render;

const FORMATS: [Format; 2] = [Format::Table, Format::Json];

/// The longest list of trusted or revoked keys.
const MAX_LIST: u64 = 1 << 20;

/// Keyrings of distributions, the first that is there.
const KEYRINGS: [(&str, PgpTrust); 3] = [
    ("usr/share/pacman/keyrings/archlinux.gpg", PgpTrust::Arch),
    ("usr/share/keyrings/archlinux.gpg", PgpTrust::Arch),
    (
        "usr/share/keyrings/debian-archive-keyring.gpg",
        PgpTrust::Plain,
    ),
];

/// What a check came to.
pub enum Answer {
    Valid(Verification),
    Refused(Box<Refusal>),
    /// There is no signature.
    Missing(String),
    /// What is there is none.
    NotASignature(Rejection, String),
}

/// Everything that a result shows.
pub struct Checked {
    pub file: PathBuf,
    pub signature: Option<PathBuf>,
    pub keyring: Ring,
    pub answer: Answer,
}

/// The keyring, as far as a result tells of it.
pub struct Ring {
    pub names: Vec<PathBuf>,
    pub certificates: usize,
    /// Of how many signers whom anchors certified how many have expired; only where that may be
    /// why the answer is no.
    pub expired: Option<(usize, usize)>,
    pub skipped: Vec<omg_pgp::Skipped>,
}

impl Checked {
    pub fn status(&self) -> &'static str {
        match &self.answer {
            Answer::Valid(_) => "valid",
            Answer::Refused(refusal) => match refusal.kind {
                RefusalKind::Untrusted => "untrusted",
                RefusalKind::UnknownSigner => "unknown_signer",
                _ => "invalid",
            },
            Answer::Missing(_) => "missing",
            Answer::NotASignature(..) => "invalid",
        }
    }

    pub fn exit(&self) -> Exit {
        match self.status() {
            "valid" => Exit::Ok,
            "untrusted" => Exit::Findings,
            "unknown_signer" | "missing" => Exit::Incomplete,
            _ => Exit::Integrity,
        }
    }
}

pub fn run(context: &Context, args: &args::Pgp) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &FORMATS)?;
    let checked = look(context, args)?;
    let style = context.style();
    plan.write(|format, terminal| {
        let colour = style.colour && terminal;
        render::pgp(&checked, format, render::Style { colour, ..style })
    })?;
    let logged = context.record(vec![event(&checked)]);
    Ok(checked.exit().max(logged))
}

/// Whether a keyring was named, or a distribution's is here.
pub fn has_keyring(context: &Context, args: &args::Pgp) -> bool {
    let root = &context.common.root;
    let is_there = |(path, _): &(&str, PgpTrust)| root.join(path).is_file();
    !args.keyring.is_empty() || args.trust == Some(PgpTrust::Voa) || KEYRINGS.iter().any(is_there)
}

/// Whether the keyring that was named can be used.
pub fn usable(context: &Context, args: &args::Pgp) -> Result<(), Failure> {
    keyring(context, args).map(drop)
}

/// Checks a file's signature, without saying so.
pub fn look(context: &Context, args: &args::Pgp) -> Result<Checked, Failure> {
    let (keyring, trust, names) = keyring(context, args)?;
    for skipped in keyring.skipped() {
        let text = format!(
            "the keyring {} is not used from byte {} on: {}",
            skipped.keyring, skipped.offset, skipped.reason
        );
        if args.strict_keyring {
            return Err(Failure::config(text).try_this("leave --strict-keyring out"));
        }
        context.warn(&text);
    }
    let policy = policy(context, args);
    let file = File::open(&args.file).map_err(|error| {
        Failure::incomplete(format!("cannot read {}", args.file.display())).because(&error)
    })?;
    let (signature, bytes) = signature(args, policy.max_signature_bytes)?;
    let (model, at) = (trust.clone(), context.at);
    let answer = match bytes {
        None => {
            let name = args.file.display();
            Answer::Missing(match &args.signature {
                Some(named) => format!("there is no {}", named.display()),
                None => format!("there is no {name}.sig and no {name}.asc"),
            })
        }
        Some(bytes) => {
            let verifier = Verifier::new(&keyring, trust, policy);
            check(&verifier, &args.file, file, &bytes)?
        }
    };
    // Looking at every certificate takes a hundred times as long as the check.
    let expired = (model != TrustModel::Plain && has_expired_key(&answer)).then(|| {
        let standings = model.standings(&keyring, at);
        let trusted = standings.iter().filter(|s| s.trust.is_trusted());
        let expired = trusted.clone().filter(|s| !s.is_valid).count();
        (expired, trusted.count())
    });
    Ok(Checked {
        file: args.file.clone(),
        signature,
        keyring: Ring {
            names,
            certificates: keyring.len(),
            expired,
            skipped: keyring.skipped().to_vec(),
        },
        answer,
    })
}

fn has_expired_key(answer: &Answer) -> bool {
    let Answer::Refused(refusal) = answer else {
        return false;
    };
    let mut reasons = refusal.rejected.iter().map(|rejected| rejected.reason);
    reasons.any(|reason| reason == Rejection::KeyExpired)
}

fn check(
    verifier: &Verifier<'_>,
    path: &Path,
    file: File,
    signature: &[u8],
) -> Result<Answer, Failure> {
    match verifier.verify_detached(file, signature) {
        Ok(verification) => Ok(Answer::Valid(verification)),
        Err(Error::Rejected(refusal)) => Ok(Answer::Refused(refusal)),
        Err(Error::NoSignature) => Ok(Answer::Missing("the file of signatures is empty".into())),
        Err(Error::NotASignature { reason, detail }) => Ok(Answer::NotASignature(reason, detail)),
        Err(error) => {
            Err(Failure::incomplete(format!("cannot check {}", path.display())).because(&error))
        }
    }
}

/// The signature that was named, or the one beside the file.
fn signature(
    args: &args::Pgp,
    limit: usize,
) -> Result<(Option<PathBuf>, Option<Vec<u8>>), Failure> {
    let beside = |ending: &str| {
        let mut name = args.file.clone().into_os_string();
        name.push(ending);
        PathBuf::from(name)
    };
    let candidates = match &args.signature {
        Some(path) => vec![path.clone()],
        None => vec![beside(".sig"), beside(".asc")],
    };
    // Enough for armour around the largest, and for seeing that it is too large.
    let limit = u64::try_from(limit).unwrap_or(u64::MAX).saturating_mul(2) + 1;
    for path in candidates {
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
        match read {
            Ok(_) => return Ok((Some(path), Some(bytes))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                let message = format!("cannot read the signature {}", path.display());
                return Err(Failure::incomplete(message).because(&error));
            }
        }
    }
    Ok((None, None))
}

fn policy(context: &Context, args: &args::Pgp) -> Policy {
    let mut policy = Policy::at(context.at);
    policy.threshold = args.threshold;
    policy.threshold_pqc = usize::from(args.require_pqc);
    policy.threshold_classical = usize::from(args.require_classical);
    policy.all_must_verify = args.all_signatures;
    policy.accept_text = args.accept_text;
    policy.keys_as_of = match args.keys_as_of {
        PgpKeysAsOf::Signature => KeysAsOf::Signature,
        PgpKeysAsOf::Now => KeysAsOf::ReferenceTime,
    };
    policy
}

fn keyring(
    context: &Context,
    args: &args::Pgp,
) -> Result<(Keyring, TrustModel, Vec<PathBuf>), Failure> {
    let root = &context.common.root;
    if args.trust == Some(PgpTrust::Voa) && args.keyring.is_empty() {
        let os = os(root);
        let found = voa(root, &os, "packages", "default");
        let (keyring, trust) = found.map_err(|error| unusable(&error))?;
        return Ok((keyring, trust, vec![root.join("usr/share/voa").join(os)]));
    }
    let (paths, default) = match args.keyring.as_slice() {
        [] => {
            let found = KEYRINGS.iter().find(|(path, _)| root.join(path).is_file());
            let (path, trust) = found.ok_or_else(|| {
                Failure::config("there is no keyring of a distribution here")
                    .try_this("--keyring FILE")
            })?;
            (vec![root.join(path)], *trust)
        }
        named => (named.to_vec(), PgpTrust::Plain),
    };
    let mut keyring = Keyring::default();
    for path in &paths {
        keyring.add_path(path).map_err(|error| unusable(&error))?;
    }
    let trust = match args.trust.unwrap_or(default) {
        PgpTrust::Plain => TrustModel::Plain,
        PgpTrust::Arch => TrustModel::Anchored(anchors(args, &paths)?),
        PgpTrust::Voa => {
            return Err(Failure::usage("--trust voa finds its certificates itself")
                .try_this("leave --keyring out"));
        }
    };
    Ok((keyring, trust, paths))
}

fn os(root: &Path) -> String {
    let read = |path: &str| std::fs::read(root.join(path)).ok();
    let bytes = read("etc/os-release").or_else(|| read("usr/lib/os-release"));
    let os = bytes.and_then(|bytes| OsRelease::parse(&bytes).ok());
    os.map_or_else(|| "linux".to_owned(), |os| os.id)
}

fn anchors(args: &args::Pgp, keyrings: &[PathBuf]) -> Result<Anchors, Failure> {
    let beside = |ending: &str| {
        let keyring = keyrings.first()?;
        let mut name = keyring.with_extension("").into_os_string();
        name.push(ending);
        Some(PathBuf::from(name))
    };
    let list = |named: &Option<PathBuf>, ending: &str| -> Result<String, Failure> {
        let Some(path) = named.clone().or_else(|| beside(ending)) else {
            return Ok(String::new());
        };
        read_small(&path, MAX_LIST).map_err(|error| {
            Failure::config(format!("cannot read the list of keys {}", path.display()))
                .because(&error)
        })
    };
    let trusted = list(&args.trusted, "-trusted")?;
    let revoked = list(&args.revoked, "-revoked")?;
    Anchors::parse(&trusted, &revoked).map_err(|error| unusable(&error))
}

fn unusable(error: &KeyringError) -> Failure {
    Failure::config("the keyring cannot be used").because(error)
}

fn event(checked: &Checked) -> Event {
    let good = checked.exit() == Exit::Ok;
    let (kind, severity) = match checked.exit() {
        Exit::Ok => (EventKind::SignatureVerified, Severity::Info),
        Exit::Integrity => (EventKind::SignatureFailed, Severity::Critical),
        _ => (EventKind::SignatureFailed, Severity::Warning),
    };
    let outcome = match checked.exit() {
        Exit::Ok => Outcome::Success,
        Exit::Incomplete => Outcome::Incomplete,
        _ => Outcome::Failure,
    };
    let file: String = checked.file.to_string_lossy().chars().take(256).collect();
    let mut event = Event::new(kind)
        .with_severity(severity)
        .with_outcome(outcome)
        .with("command", "pgp")
        .with("status", checked.status())
        .with("exit", u32::from(checked.exit().code()))
        .with("file", file);
    let (sha256, signer) = match &checked.answer {
        Answer::Valid(v) => (Some(v.sha256()), v.signers().first()),
        Answer::Refused(r) => (Some(r.sha256.as_str()), r.signers.first()),
        _ => (None, None),
    };
    if let Some(sha256) = sha256 {
        event = event.with("sha256", sha256);
    }
    if let Some(signer) = signer {
        event = event.with("signer", signer.certificate.as_str());
    }
    if !good
        && let Answer::Refused(refusal) = &checked.answer
        && let Some(first) = refusal.rejected.first()
    {
        event = event.with("reason", first.reason.to_string());
    }
    event
}
