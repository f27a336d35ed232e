//! Who vouches for a package file: signatures, repositories' databases, provenance.

use std::path::{Path, PathBuf};

use omg_policy::{Anchor, Checked, Checksum, Origin, Provenance, Signature};
use omg_sbom::archive::Format;
use omg_sbom::inventory::pacman::SyncDatabase;

use super::content::{Content, OpenPackage};
use super::query::PackageQuery;
use super::result::{ChecksumCheck, PackageIndex, SignatureCheck};
use crate::checks::provenance;
use crate::checks::provenance::query::{Artifact, ProvenanceQuery};
use crate::checks::provenance::result::ProvenanceResult;
use crate::checks::signature::query::SignatureQuery;
use crate::checks::signature::result::{Outcome, SignatureResult, SignatureStatus};
use crate::checks::signature::{check, keyring};
use crate::convert::evidence::{self, Unproved, Unsigned};
use crate::session::context::Context;
use crate::session::failure::Failure;
use crate::session::files::{file_name, read_regular};

/// The largest database of a repository.
const MAX_DATABASE: u64 = 256 << 20;

/// The keyring and the trusted roots that all files of a run are held against.
pub struct Authority<'a> {
    context: &'a Context,
    query: &'a PackageQuery,
    /// Absent where there is no keyring.
    signatures: Option<check::Checker>,
    provenance: provenance::check::Checker,
}

/// A repository's database, and whether the signature of these bytes is good.
pub struct Repository {
    database: SyncDatabase,
    signed: bool,
}

impl<'a> Authority<'a> {
    /// Refuses a keyring that was named and cannot be used, whatever the files are.
    pub fn load(context: &'a Context, query: &'a PackageQuery) -> Result<Self, Failure> {
        let any = signature_query(query, Path::new(""));
        let signatures = match keyring::is_there(context, &any) {
            true => Some(check::Checker::load(context, &any)?),
            false => None,
        };
        let any = provenance_query(query, Path::new(""));
        Ok(Self {
            context,
            query,
            signatures,
            provenance: provenance::check::Checker::load(context, &any)?,
        })
    }

    /// Checks the signature beside the file.
    pub fn signature(
        &self,
        package: &OpenPackage,
        content: &Content,
    ) -> Result<(Option<Checked<Signature>>, SignatureCheck), Failure> {
        let Some(checked) = self.signature_of(package)? else {
            return Ok((None, SignatureCheck::NoKeyring));
        };
        let signature = match &checked.outcome {
            Outcome::Valid(verification) => evidence::signed(verification),
            Outcome::Refused(refusal) => evidence::refused(refusal),
            Outcome::NoSignatureNamed(_) | Outcome::NoSignatureBeside | Outcome::EmptySignature => {
                evidence::unsigned(&content.archive, Unsigned::Missing)
            }
            Outcome::NotASignature(..) => evidence::unsigned(&content.archive, Unsigned::Unusable),
        };
        let check = SignatureCheck::Checked(Box::new(checked));
        Ok((Some(signature), check))
    }

    /// Checks the signature beside a file, whatever the file holds; nothing without a keyring.
    pub fn signature_of(&self, package: &OpenPackage) -> Result<Option<SignatureResult>, Failure> {
        let Some(checker) = &self.signatures else {
            return Ok(None);
        };
        let asked = signature_query(self.query, package.path());
        let bytes = package
            .bytes()
            .map_err(|error| unreadable(package, &error))?;
        checker.check(&asked, bytes).map(Some)
    }

    /// Checks the provenance beside the file.
    pub fn provenance(
        &self,
        package: &OpenPackage,
        content: &Content,
    ) -> Result<(Option<Checked<Provenance>>, ProvenanceResult), Failure> {
        use crate::checks::provenance::result::Outcome;
        let asked = provenance_query(self.query, package.path());
        let artifact = package
            .artifact()
            .map_err(|error| unreadable(package, &error))?;
        let checked = self.provenance.check(self.context, &asked, Ok(artifact))?;
        let read = checked.digests.as_ref();
        let unproved = |unproved| evidence::unproved(&content.archive, read, unproved);
        let provenance = match &checked.outcome {
            Outcome::Verified(found) => evidence::provenance(found),
            Outcome::Unmet(_) | Outcome::Summary(..) | Outcome::Unasked(_) => {
                unproved(Unproved::Unknown)
            }
            Outcome::Invalid(..) => unproved(Unproved::Invalid),
            Outcome::Missing(_) => unproved(Unproved::Missing),
        };
        Ok((provenance, checked))
    }

    /// The databases of pacman's repositories. Each is read once: the bytes that are parsed are
    /// those whose signature is checked.
    pub fn repositories(&self) -> (Vec<Repository>, Vec<String>) {
        let folder = self.context.common.root.join("var/lib/pacman/sync");
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        for path in databases(&folder) {
            let bytes = read_regular(&path, MAX_DATABASE);
            let database = bytes.map_err(|error| error.to_string()).and_then(|bytes| {
                let name = path.file_stem().and_then(|stem| stem.to_str());
                let name = name.ok_or("its name is not UTF-8")?;
                let parsed = SyncDatabase::parse(name, &bytes).map_err(|e| e.to_string())?;
                Ok((parsed, bytes))
            });
            match database {
                Ok((database, bytes)) => {
                    let signed = self.is_signed(&path, &bytes).unwrap_or_else(|problem| {
                        problems.push(problem);
                        false
                    });
                    found.push(Repository { database, signed });
                }
                Err(error) => problems.push(format!("{}: {error}", path.display())),
            }
        }
        (found, problems)
    }

    /// Whether the signature beside a database is good for these bytes. A signature that is wrong or
    /// cannot be read is a problem; one by a key that the keyring does not have signs nothing.
    fn is_signed(&self, path: &Path, bytes: &[u8]) -> Result<bool, String> {
        let Some(checker) = &self.signatures else {
            return Ok(false);
        };
        let checked = checker.check(&signature_query(self.query, path), bytes);
        match checked.map_err(|failure| failure.line())?.status() {
            SignatureStatus::Valid => Ok(true),
            SignatureStatus::Invalid => {
                Err(format!("{}: its signature is invalid", path.display()))
            }
            _ => Ok(false),
        }
    }
}

/// The files of databases, sorted.
fn databases(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "db"));
    paths.sort();
    paths
}

/// The signature of a file, by the keyring of the query.
fn signature_query(query: &PackageQuery, file: &Path) -> SignatureQuery {
    SignatureQuery {
        keyrings: query.keyrings.clone(),
        trust: query.trust,
        ..SignatureQuery::of(file)
    }
}

/// The provenance of a file, as the query expects it.
fn provenance_query(query: &PackageQuery, file: &Path) -> ProvenanceQuery {
    ProvenanceQuery {
        source_uri: query.source_uri.clone(),
        builder_id: query.builder_id.clone(),
        ..ProvenanceQuery::of(Artifact::File(file.to_owned()))
    }
}

fn unreadable(package: &OpenPackage, error: &std::io::Error) -> Failure {
    Failure::incomplete(format!("cannot read {}", package.path().display())).because(error)
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
        if *sha256 == content.archive.sha256() {
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
