//! The policies that hold here. A layer that cannot be read is an error: what it asks for is not
//! known, and leaving it out would loosen the rest.

use std::path::{Path, PathBuf};

use omg_auditlog::{EventKind, Filter, Value};
use omg_pgp::{Error, Keyring, RefusalKind, TrustModel, Verifier};
use omg_policy::{
    Bundle, BundleSignature, LastBundle, Layer, LayerKind, Policy, PolicyError, TrustRoot,
};

use super::active::ActivePolicy;
use super::files::{fingerprint, is_there, read, read_within, unreadable};
use super::rego::Rego;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;

const VENDOR: &str = "usr/share/omg/policy.d";
const SYSTEM: &str = "etc/omg/policy.toml";
const ORGANISATION: &str = "etc/omg/organisation.toml";
/// Who may sign the organisation's policy: certificates. If it is there, the policy has to be.
const TRUST_ROOT: &str = "etc/omg/organisation.gpg";
/// The longest signature of a policy.
const MAX_SIGNATURE: usize = 64 << 10;

/// The policy that holds in this run.
pub fn effective(context: &Context) -> Result<ActivePolicy, Failure> {
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
    Ok(ActivePolicy::new(policy, Rego::load(&context.common.rego)?))
}

/// Refuses a policy that was named and cannot be used, for commands that decide by none.
pub fn check_named(context: &Context) -> Result<(), Failure> {
    if let Some(path) = &context.common.policy {
        layer(LayerKind::CommandLine, path)?;
    }
    Rego::load(&context.common.rego).map(drop)
}

fn layer(kind: LayerKind, path: &Path) -> Result<Layer, Failure> {
    let bytes = read(path)?;
    Layer::parse(kind, &path.to_string_lossy(), &bytes).map_err(|error| invalid(&error))
}

/// The failure of a policy that is not understood.
pub fn invalid(error: &PolicyError) -> Failure {
    Failure::config("the policy is invalid").because(error)
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
    let last = match last_bundle(context) {
        // The log that cannot be read cannot be written either, so that the run ends incomplete; a
        // verdict that asks no organisation is given nevertheless.
        Err(failure)
            if failure.exit == Exit::Incomplete
                && toml.is_none()
                && matches!(trust, TrustRoot::NotConfigured) =>
        {
            None
        }
        last => last?,
    };
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
                refusal.kind(),
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
