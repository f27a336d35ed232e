//! Who vouches for a package file: signatures, repositories' databases, provenance.

use std::path::{Path, PathBuf};

use omg_policy::{Anchor, Checksum, Origin, Provenance, Signature};
use omg_sbom::archive::Format;
use omg_sbom::inventory::pacman::SyncDatabase;

use super::content::Content;
use super::query::PackageQuery;
use super::result::{ChecksumCheck, PackageIndex, SignatureCheck};
use crate::checks::provenance;
use crate::checks::provenance::query::{Artifact, ProvenanceQuery};
use crate::checks::provenance::result::ProvenanceResult;
use crate::checks::signature::query::SignatureQuery;
use crate::checks::signature::result::{Outcome, SignatureStatus};
use crate::checks::signature::{check, keyring};
use crate::convert::evidence;
use crate::session::context::Context;
use crate::session::failure::Failure;
use crate::session::files::{file_name, read_bounded};

/// The largest database of a repository.
const MAX_DATABASE: u64 = 256 << 20;

/// A repository's database, and whether its own signature is good.
pub struct Repository {
    database: SyncDatabase,
    signed: bool,
}

/// The signature of a file, by the keyring of the query.
fn signature_query(query: &PackageQuery, file: &Path) -> SignatureQuery {
    SignatureQuery {
        keyrings: query.keyrings.clone(),
        trust: query.trust,
        ..SignatureQuery::of(file)
    }
}

/// Refuses a keyring that was named and cannot be used, whatever the files are.
pub fn check_keyring(context: &Context, query: &PackageQuery) -> Result<(), Failure> {
    match query.keyrings.is_empty() {
        true => Ok(()),
        false => keyring::check(context, &signature_query(query, Path::new(""))),
    }
}

/// Checks the signature beside the file.
pub fn signature(
    context: &Context,
    query: &PackageQuery,
    content: &Content,
) -> Result<(Signature, SignatureCheck), Failure> {
    let asked = signature_query(query, &content.path);
    if !keyring::is_there(context, &asked) {
        return Ok((Signature::Unknown, SignatureCheck::NoKeyring));
    }
    let checked = check::look(context, &asked)?;
    let signed = match &checked.outcome {
        Outcome::Valid(found) => Some(found.sha256()),
        Outcome::Refused(refusal) => Some(&*refusal.sha256),
        _ => None,
    };
    // The signed bytes have to be those that were inspected.
    if signed.is_some_and(|sha256| sha256 != content.sha256) {
        return Ok((Signature::Invalid, SignatureCheck::FileChanged));
    }
    let signature = match checked.status() {
        SignatureStatus::Valid => Signature::Trusted,
        SignatureStatus::Untrusted => Signature::Untrusted,
        SignatureStatus::UnknownSigner => Signature::Unknown,
        SignatureStatus::Missing => Signature::Missing,
        SignatureStatus::Invalid => Signature::Invalid,
    };
    Ok((signature, SignatureCheck::Checked(Box::new(checked))))
}

/// The databases of pacman's repositories.
pub fn repositories(
    context: &Context,
    query: &PackageQuery,
) -> Result<(Vec<Repository>, Vec<String>), Failure> {
    let folder = context.common.root.join("var/lib/pacman/sync");
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    let Ok(entries) = std::fs::read_dir(&folder) else {
        return Ok((found, problems));
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "db"));
    paths.sort();
    for path in paths {
        let name = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned());
        let bytes = read_bounded(&path, MAX_DATABASE);
        let database = bytes.map_err(|error| error.to_string()).and_then(|bytes| {
            SyncDatabase::parse(&name.unwrap_or_default(), &bytes).map_err(|e| e.to_string())
        });
        match database {
            Ok(database) => {
                let asked = signature_query(query, &path);
                let signed = keyring::is_there(context, &asked)
                    && check::look(context, &asked)?.status() == SignatureStatus::Valid;
                found.push(Repository { database, signed });
            }
            Err(error) => problems.push(format!("{}: {error}", path.display())),
        }
    }
    Ok((found, problems))
}

/// What the repositories say of this file: its checksum, and so where it comes from.
pub fn checksum(
    content: &Content,
    repositories: &[Repository],
) -> (Checksum, Origin, ChecksumCheck, Vec<String>) {
    let package = &content.archive.package;
    let file = file_name(&content.path);
    let index = PackageIndex::Pacman;
    if content.archive.format != Format::Pacman {
        let check = ChecksumCheck::NotLookedUp;
        return (Checksum::Unknown, Origin::LocalFile, check, Vec::new());
    }
    for repository in repositories {
        let name = repository.database.repository().to_owned();
        let Some(offer) = repository.database.get(&package.name) else {
            continue;
        };
        let Some(sha256) = &offer.archive_sha256 else {
            continue;
        };
        if sha256.to_string() == content.sha256 {
            let signed = repository.signed;
            let anchor = match signed {
                true => Anchor::SignedMetadata,
                false => Anchor::UnsignedMetadata,
            };
            let origin = evidence::origin(package, &name);
            let check = ChecksumCheck::Match {
                index,
                name,
                signed,
            };
            return (Checksum::Match(anchor), origin, check, Vec::new());
        }
        let same = offer.archive_name.as_ref() == Some(&file) && offer.version == package.version;
        if same {
            let check = ChecksumCheck::Mismatch { index, name };
            return (Checksum::Mismatch, Origin::LocalFile, check, Vec::new());
        }
    }
    let check = ChecksumCheck::Missing { index };
    (Checksum::Missing, Origin::LocalFile, check, Vec::new())
}

/// Checks the provenance beside the file.
pub fn provenance(
    context: &Context,
    query: &PackageQuery,
    content: &Content,
) -> Result<(Provenance, ProvenanceResult), Failure> {
    use crate::checks::provenance::result::Outcome;
    let asked = ProvenanceQuery {
        source_uri: query.source_uri.clone(),
        builder_id: query.builder_id.clone(),
        ..ProvenanceQuery::of(Artifact::File(content.path.clone()))
    };
    let checked = provenance::check::look(context, &asked)?;
    let provenance = match &checked.outcome {
        Outcome::Verified(_) => Provenance::Verified {
            level: checked.level().unwrap_or(0),
        },
        Outcome::Unmet(_) | Outcome::Summary(..) | Outcome::Unasked(_) => Provenance::Unknown,
        Outcome::Invalid(..) => Provenance::Invalid,
        Outcome::Missing(_) => Provenance::Missing,
    };
    Ok((provenance, checked))
}
