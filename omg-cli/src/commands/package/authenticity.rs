//! Who vouches for a package file: signatures, repositories' databases, provenance.

use std::path::{Path, PathBuf};

use clap::Parser as _;
use omg_policy::{Anchor, Checksum, Origin, Provenance, Signature};
use omg_sbom::archive::Format;
use omg_sbom::inventory::pacman::SyncDatabase;

use super::content::Content;
use super::{Check, file_name};
use crate::args;
use crate::commands::Context;
use crate::commands::pgp::{self, Answer};
use crate::commands::policy::evidence;
use crate::commands::slsa;
use crate::exit::Exit;
use crate::failure::Failure;

/// The largest database of a repository.
const MAX_DATABASE: u64 = 256 << 20;

/// A repository's database, and whether its own signature is good.
pub struct Repository {
    database: SyncDatabase,
    signed: bool,
}

/// The arguments of `omg audit pgp` for a file.
fn pgp_args(args: &args::Package, file: &Path, signature: Option<PathBuf>) -> args::Pgp {
    args::Pgp {
        file: file.to_owned(),
        signature,
        keyring: args.keyring.clone(),
        trust: args.trust,
        trusted: None,
        revoked: None,
        threshold: 1,
        require_pqc: false,
        require_classical: false,
        all_signatures: false,
        keys_as_of: args::PgpKeysAsOf::Signature,
        accept_text: false,
        strict_keyring: false,
    }
}

/// A keyring that was named has to be one, whatever the files are.
pub fn check_keyring(context: &Context, args: &args::Package) -> Result<(), Failure> {
    match args.keyring.is_empty() {
        true => Ok(()),
        false => pgp::usable(context, &pgp_args(args, Path::new(""), None)),
    }
}

pub fn signature(
    context: &Context,
    args: &args::Package,
    content: &Content,
) -> Result<(Signature, Check), Failure> {
    let asked = pgp_args(args, &content.path, None);
    if !pgp::has_keyring(context, &asked) {
        let check = Check::new(
            "signature",
            "unknown",
            "there is no keyring to check it with",
        );
        return Ok((Signature::Unknown, check));
    }
    let checked = pgp::look(context, &asked)?;
    let signature = match checked.status() {
        "valid" => Signature::Trusted,
        "untrusted" => Signature::Untrusted,
        "unknown_signer" => Signature::Unknown,
        "missing" => Signature::Missing,
        _ => Signature::Invalid,
    };
    let (signed, detail) = match &checked.answer {
        Answer::Valid(found) => {
            let signers = found.signers().iter();
            let names = signers.map(|s| s.user_id.clone().unwrap_or_else(|| s.certificate.clone()));
            (Some(found.sha256()), names.collect::<Vec<_>>().join(", "))
        }
        Answer::Refused(refusal) => (Some(&*refusal.sha256), refusal.lacks.clone()),
        Answer::Missing(detail) => (None, detail.clone()),
        Answer::NotASignature(reason, detail) => (None, format!("{reason}: {detail}")),
    };
    // The same bytes have to be what was looked into.
    if signed.is_some_and(|sha256| sha256 != content.sha256) {
        let check = Check::new("signature", "invalid", "the file was changed meanwhile");
        return Ok((Signature::Invalid, check));
    }
    Ok((signature, Check::new("signature", checked.status(), detail)))
}

/// The databases of pacman's repositories.
pub fn repositories(
    context: &Context,
    args: &args::Package,
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
        let bytes = crate::store::read_bounded(&path, MAX_DATABASE);
        let database = bytes.map_err(|error| error.to_string()).and_then(|bytes| {
            SyncDatabase::parse(&name.unwrap_or_default(), &bytes).map_err(|e| e.to_string())
        });
        match database {
            Ok(database) => {
                let asked = pgp_args(args, &path, None);
                let signed = pgp::has_keyring(context, &asked)
                    && pgp::look(context, &asked)?.exit() == Exit::Ok;
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
) -> (Checksum, Origin, Check, Vec<String>) {
    let package = &content.archive.package;
    let file = file_name(&content.path);
    if content.archive.format != Format::Pacman {
        let check = Check::new(
            "checksum",
            "unknown",
            "not looked up for this kind of package",
        );
        return (Checksum::Unknown, Origin::LocalFile, check, Vec::new());
    }
    for repository in repositories {
        let name = repository.database.repository();
        let Some(offer) = repository.database.get(&package.name) else {
            continue;
        };
        let Some(sha256) = &offer.archive_sha256 else {
            continue;
        };
        if sha256.to_string() == content.sha256 {
            let (anchor, by) = match repository.signed {
                true => (Anchor::SignedMetadata, "signed"),
                false => (Anchor::UnsignedMetadata, "unsigned"),
            };
            let detail = format!("that of the {by} database of {name}");
            let origin = evidence::origin(package, name);
            return (
                Checksum::Match(anchor),
                origin,
                Check::new("checksum", "match", detail),
                Vec::new(),
            );
        }
        let same = offer.archive_name.as_ref() == Some(&file) && offer.version == package.version;
        if same {
            let detail = format!("{name} offers this file with another checksum");
            let check = Check::new("checksum", "mismatch", detail);
            return (Checksum::Mismatch, Origin::LocalFile, check, Vec::new());
        }
    }
    let check = Check::new("checksum", "missing", "no repository offers this file");
    (Checksum::Missing, Origin::LocalFile, check, Vec::new())
}

/// `omg audit slsa` with its own defaults.
#[derive(clap::Parser)]
struct SlsaArgs {
    #[command(flatten)]
    slsa: args::Slsa,
}

pub fn provenance(
    context: &Context,
    args: &args::Package,
    content: &Content,
) -> Result<(Provenance, Check), Failure> {
    let path = content.path.to_string_lossy().into_owned();
    let path = if path.starts_with('-') {
        format!("./{path}")
    } else {
        path
    };
    let mut line = vec!["slsa".to_owned(), path];
    for (option, value) in [
        ("--source-uri", &args.source_uri),
        ("--builder-id", &args.builder_id),
    ] {
        if let Some(value) = value {
            line.push(format!("{option}={value}"));
        }
    }
    let asked = SlsaArgs::try_parse_from(line)
        .map_err(|error| Failure::usage(error.to_string()))?
        .slsa;
    let checked = slsa::look(context, &asked)?;
    let level = || {
        let assessment = checked.findings().map(omg_slsa::Findings::assessment);
        assessment
            .and_then(|found| found.level)
            .map_or(0, omg_slsa::Level::number)
    };
    let (provenance, detail) = match &checked.answer {
        slsa::Answer::Verified(_) => {
            let level = level();
            (
                Provenance::Verified { level },
                format!("SLSA build level {level}"),
            )
        }
        slsa::Answer::Unmet(_) | slsa::Answer::Summary(..) => (
            Provenance::Unknown,
            "good, and not what is expected".to_owned(),
        ),
        slsa::Answer::Unasked(_) => {
            let detail = "good, and nothing says who must have built it: --source-uri";
            (Provenance::Unknown, detail.to_owned())
        }
        slsa::Answer::Invalid(reason, detail) => {
            (Provenance::Invalid, format!("{}: {detail}", reason.name()))
        }
        slsa::Answer::Missing(detail) => (Provenance::Missing, detail.clone()),
    };
    Ok((
        provenance,
        Check::new("provenance", checked.status(), detail),
    ))
}
