//! After a transaction: what was done goes to the audit log, with the checksum of each package.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use omg_auditlog::{Event, EventKind, Severity};
use omg_sbom::inventory::{Detail, Inventory, Machine};
use omg_slsa::{Algorithm, Digests};
use omg_vuln::version::alpm;

use super::apt;
use super::targets::targets;
use crate::args::HookWhat;
use crate::session::auditlog::short;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;

/// How much of pacman's log is looked at from its end.
const TAIL: u64 = 4 << 20;

/// What pacman's log says of a package in the last transaction.
struct Logged {
    from: Option<String>,
    to: Option<String>,
}

pub fn run(context: &Context, what: HookWhat) -> Result<Exit, Failure> {
    if what == HookWhat::Apt {
        return Ok(apt::done(context));
    }
    let names = targets()?;
    let root = &context.common.root;
    let log = tail(&root.join("var/log/pacman.log"));
    let machine = Machine::read_root(root, Detail::Names).ok();
    let installed = |name: &str| {
        let inventories = machine.iter().flat_map(|machine| &machine.inventories);
        let mut packages = inventories.flat_map(Inventory::packages);
        packages
            .find(|package| package.name == name)
            .map(|package| package.version.clone())
    };
    let event = |name: &String| {
        let logged = last(&log, name);
        let version = installed(name).or(logged.to);
        let kind = match (what, &logged.from, &version) {
            (HookWhat::Install, ..) => EventKind::PackageInstall,
            (HookWhat::Remove, ..) => EventKind::PackageRemove,
            (HookWhat::Upgrade, Some(from), Some(to)) if alpm::compare(to, from).is_lt() => {
                EventKind::PackageDowngrade
            }
            (HookWhat::Upgrade | HookWhat::Apt, ..) => EventKind::PackageUpgrade,
        };
        let severity = match kind {
            EventKind::PackageDowngrade => Severity::Notice,
            _ => Severity::Info,
        };
        let mut event = Event::new(kind)
            .with_severity(severity)
            .with("package", short(name));
        if let Some(from) = &logged.from {
            event = event.with("from", short(from));
        }
        if what == HookWhat::Remove {
            return event;
        }
        if let Some(version) = &version {
            event = event.with("version", short(version));
            if let Some(sha256) = checksum(root, name, version) {
                event = event.with("sha256", sha256);
            }
        }
        event
    };
    Ok(context.record(names.iter().map(event).collect()))
}

fn tail(path: &Path) -> String {
    let read = || -> std::io::Result<String> {
        let mut file = std::fs::File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().unwrap_or_default()
}

/// `[ALPM] upgraded NAME (FROM -> TO)`, `installed NAME (TO)`, `removed NAME (FROM)`.
fn last(log: &str, name: &str) -> Logged {
    let nothing = Logged {
        from: None,
        to: None,
    };
    for line in log.lines().rev() {
        let Some((_, text)) = line.split_once("[ALPM] ") else {
            continue;
        };
        if text == "transaction started" {
            break;
        }
        let mut words = text.splitn(3, ' ');
        let (Some(verb), Some(found), Some(versions)) = (words.next(), words.next(), words.next())
        else {
            continue;
        };
        let versions = versions.trim_start_matches('(').trim_end_matches(')');
        if found != name {
            continue;
        }
        return match (verb, versions.split_once(" -> ")) {
            ("upgraded" | "downgraded", Some((from, to))) => Logged {
                from: Some(from.to_owned()),
                to: Some(to.to_owned()),
            },
            ("installed" | "reinstalled", None) => Logged {
                from: None,
                to: Some(versions.to_owned()),
            },
            ("removed", None) => Logged {
                from: Some(versions.to_owned()),
                to: None,
            },
            _ => continue,
        };
    }
    nothing
}

/// The checksum of the package file in pacman's cache.
fn checksum(root: &Path, name: &str, version: &str) -> Option<String> {
    let folder = root.join("var/cache/pacman/pkg");
    let start = format!("{name}-{version}-");
    let is_it = |file: &str| {
        let rest = file
            .strip_prefix(&start)
            .and_then(|rest| rest.split_once(".pkg.tar"));
        rest.is_some_and(|(arch, ending)| !arch.contains('-') && !ending.ends_with(".sig"))
    };
    let mut entries = std::fs::read_dir(folder).ok()?.flatten();
    let found = entries.find(|entry| is_it(&entry.file_name().to_string_lossy()))?;
    let file = std::fs::File::open(found.path()).ok()?;
    let digests = Digests::of_reader(file, &[Algorithm::Sha256]).ok()?;
    digests.get(Algorithm::Sha256).map(omg_slsa::Digest::to_hex)
}
