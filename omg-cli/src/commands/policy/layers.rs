//! The policies that hold here. A layer that cannot be read is an error: what it asks for is not
//! known, and leaving it out would loosen the rest.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use omg_auditlog::{EventKind, Filter, Hash, Value};
use omg_pgp::{Error, Keyring, RefusalKind, TrustModel, Verifier};
use omg_policy::{
    Bundle, BundleSignature, LastBundle, Layer, LayerKind, MAX_POLICY_BYTES, Policy, PolicyError,
    TrustRoot,
};

use super::Named;
use super::rego::Rego;
use crate::commands::Context;
use crate::failure::Failure;

const VENDOR: &str = "usr/share/omg/policy.d";
const SYSTEM: &str = "etc/omg/policy.toml";
const ORGANISATION: &str = "etc/omg/organisation.toml";
/// Who may sign the organisation's policy: certificates. If it is there, the policy has to be.
const TRUST_ROOT: &str = "etc/omg/organisation.gpg";
/// The longest signature of a policy.
const MAX_SIGNATURE: usize = 64 << 10;

/// The policy that holds in this run.
pub fn effective(context: &Context) -> Result<Named, Failure> {
    let root = &context.common.root;
    let mut layers = Vec::new();
    for path in vendor(&root.join(VENDOR))? {
        layers.push(layer(LayerKind::Vendor, &path)?);
    }
    let system = root.join(SYSTEM);
    if is_there(&system)? {
        layers.push(layer(LayerKind::System, &system)?);
    }
    layers.extend(organisation(context)?);
    let user = context.env.config_dir().map(|dir| dir.join("policy.toml"));
    match (&context.common.policy, user) {
        (Some(path), _) => layers.push(layer(LayerKind::CommandLine, path)?),
        (None, Some(path)) if is_there(&path)? => layers.push(layer(LayerKind::User, &path)?),
        (None, _) => {}
    }
    let policy = match layers.is_empty() {
        true => Policy::default(),
        false => Policy::new(layers),
    };
    Ok(named(policy, Rego::load(&context.common.rego)?))
}

/// A hash of what a policy or a layer means.
pub fn fingerprint(canonical: &str) -> String {
    Hash::of(canonical.as_bytes()).to_string()
}

pub fn named(policy: Policy, rego: Rego) -> Named {
    let sha256 = fingerprint(&(policy.canonical() + rego.canonical()));
    Named {
        policy,
        rego,
        sha256,
    }
}

/// Whether a policy that was named can be used; for commands that decide by none.
pub fn check_named(path: &Path) -> Result<(), Failure> {
    layer(LayerKind::CommandLine, path).map(drop)
}

fn layer(kind: LayerKind, path: &Path) -> Result<Layer, Failure> {
    let bytes = read(path)?;
    Layer::parse(kind, &path.to_string_lossy(), &bytes).map_err(|error| invalid(&error))
}

pub fn invalid(error: &PolicyError) -> Failure {
    Failure::config("the policy is invalid").because(error)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::config(format!("cannot read the policy {}", path.display())).because(error)
}

/// Reads a policy: a regular file and no link, that only its owner and its group can write.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    read_within(path, MAX_POLICY_BYTES).map_err(|error| unreadable(path, &error))
}

fn read_within(path: &Path, limit: usize) -> std::io::Result<Vec<u8>> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path);
    let file = match opened {
        Ok(file) => file,
        // open(2): a link, with O_NOFOLLOW.
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(std::io::Error::other("it is a symbolic link"));
        }
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(std::io::Error::other("it is no regular file"));
    }
    if metadata.mode() & 0o002 != 0 {
        return Err(std::io::Error::other("everybody can write it"));
    }
    let mut bytes = Vec::new();
    // One byte more shows what is too large; the parser says so.
    let limit = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    File::take(file, limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether anything has this name, and be it a link that leads nowhere.
fn is_there(path: &Path) -> Result<bool, Failure> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(false)
        }
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// The vendor's files, sorted by name.
fn vendor(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !is_there(folder)? {
        return Ok(Vec::new());
    }
    let fail = |error| unreadable(folder, &error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn organisation(context: &Context) -> Result<Option<Layer>, Failure> {
    let root = &context.common.root;
    let (path, ring) = (root.join(ORGANISATION), root.join(TRUST_ROOT));
    let toml = match is_there(&path)? {
        true => Some(read(&path)?),
        false => None,
    };
    let (trust, signature) = match is_there(&ring)? {
        false => (TrustRoot::NotConfigured, BundleSignature::Missing),
        true => {
            let keyring = keyring(&ring)?;
            let trust = TrustRoot::Configured {
                keys: keyring.len(),
            };
            (trust, checked(context, &keyring, &path, toml.as_deref())?)
        }
    };
    let last = last_bundle(context)?;
    let file = path.to_string_lossy();
    let toml = toml.as_deref();
    let bundle = Bundle::accept(trust, &file, toml, signature, last.as_ref(), context.at);
    let bundle = bundle.map_err(|error| {
        Failure::config(format!("the organisation's policy {file} is not accepted")).because(&error)
    })?;
    Ok(bundle.map(Bundle::into_layer))
}

/// The trust root; an empty one stays empty here, and is refused with the policy.
fn keyring(path: &Path) -> Result<Keyring, Failure> {
    let bytes = read(path)?;
    let mut keyring = Keyring::default();
    if bytes.is_empty() {
        return Ok(keyring);
    }
    keyring
        .add_bytes(&path.to_string_lossy(), &bytes)
        .map_err(|error| Failure::config("the trust root cannot be used").because(&error))?;
    Ok(keyring)
}

fn checked(
    context: &Context,
    keyring: &Keyring,
    path: &Path,
    toml: Option<&[u8]>,
) -> Result<BundleSignature, Failure> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".sig");
    let beside = PathBuf::from(beside);
    let (Some(toml), true) = (toml, is_there(&beside)?) else {
        return Ok(BundleSignature::Missing);
    };
    let signature =
        read_within(&beside, MAX_SIGNATURE).map_err(|error| unreadable(&beside, &error))?;
    let policy = omg_pgp::Policy::at(context.at);
    let verifier = Verifier::new(keyring, TrustModel::Plain, policy);
    Ok(match verifier.verify_detached(toml, &signature) {
        Ok(_) => BundleSignature::Trusted,
        Err(Error::NoSignature) => BundleSignature::Missing,
        Err(Error::Rejected(refusal))
            if matches!(
                refusal.kind,
                RefusalKind::Untrusted | RefusalKind::UnknownSigner
            ) =>
        {
            BundleSignature::Untrusted
        }
        Err(_) => BundleSignature::Invalid,
    })
}

/// What the audit log says of the last organisation's policy that was accepted.
fn last_bundle(context: &Context) -> Result<Option<LastBundle>, Failure> {
    let Some(event) = last_change(context)? else {
        return Ok(None);
    };
    let revision = event.subject.get("revision").and_then(Value::as_integer);
    let revision = revision.and_then(|revision| u64::try_from(revision).ok());
    let sha256 = event.subject.get("organisation").and_then(Value::as_text);
    let last = |(revision, sha256)| LastBundle::new(revision, sha256, fingerprint);
    Ok(revision.zip(sha256).map(last))
}

/// The last change of the policy that the audit log has.
pub fn last_change(context: &Context) -> Result<Option<omg_auditlog::Event>, Failure> {
    if context.common.no_log {
        return Ok(None);
    }
    let path = context.log_path()?;
    let fail = |error| context.log_failure(&error);
    let Some(reader) = omg_auditlog::fs::LogReader::open(&path).map_err(fail)? else {
        return Ok(None);
    };
    let filter = Filter::new().event(EventKind::PolicyChanged);
    let last = reader.last(1, &filter).map_err(fail)?;
    Ok(last.first().map(|entry| entry.event().clone()))
}
