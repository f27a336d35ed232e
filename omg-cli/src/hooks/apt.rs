//! What apt is about to do, kept until it was done: apt tells a hook names, versions and files
//! before dpkg runs, and nothing afterwards.
//!
//! Format: apt.conf(5), `DPkg::Pre-Install-Pkgs`, version 3: `VERSION 3`, apt's configuration, an
//! empty line, and one line for each package: name, version, architecture and Multi-Arch of what is
//! there, `<`, `=` or `>`, the same of what comes, and the file, `**CONFIGURE**` or `**REMOVE**`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use omg_auditlog::{Event, EventKind, Severity};
use omg_sbom::inventory::{Detail, Machine};
use serde::{Deserialize, Serialize};

use crate::session::auditlog::short;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::files::{read_bounded, write_atomically};
use crate::session::output::say;

/// Where a plan is kept, below the root.
const PLAN: &str = "var/lib/omg/apt-plan.json";
/// The largest plan that is read.
const MAX_PLAN: u64 = 16 << 20;

/// One thing that apt is about to do.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub name: String,
    pub from: Option<String>,
    pub to: Option<String>,
    /// `<` for an upgrade, `>` for a downgrade.
    direction: String,
    pub file: Option<PathBuf>,
    pub sha256: Option<String>,
}

/// What comes on standard input: the files, and the steps if apt says them.
pub fn read(lines: &[String]) -> Result<(Vec<PathBuf>, Vec<Step>), Failure> {
    let Some(version) = lines.first().and_then(|line| line.strip_prefix("VERSION ")) else {
        return Ok((lines.iter().map(PathBuf::from).collect(), Vec::new()));
    };
    if version != "3" {
        return Err(Failure::incomplete(format!(
            "apt speaks version {version} of its list"
        )));
    }
    let is_setting = |line: &&String| line.split(' ').count() < 9 && line.contains('=');
    let list = lines[1..].iter().skip_while(is_setting);
    let steps: Vec<Step> = list.map(|line| step(line)).collect::<Result<_, _>>()?;
    let steps: Vec<Step> = steps
        .into_iter()
        .filter(|step| step.to.is_none() || step.file.is_some())
        .collect();
    let files = steps.iter().filter_map(|step| step.file.clone()).collect();
    Ok((files, steps))
}

fn step(line: &str) -> Result<Step, Failure> {
    let words: Vec<&str> = line.splitn(9, ' ').collect();
    let [name, from, _, _, direction, to, _, _, action] = words.as_slice() else {
        return Err(Failure::incomplete(
            "a line of apt's list is not understood",
        ));
    };
    let version = |text: &str| (text != "-").then(|| text.to_owned());
    let (to, file) = match *action {
        "**REMOVE**" => (None, None),
        "**CONFIGURE**" => (version(to), None),
        path if path.starts_with('/') => (version(to), Some(PathBuf::from(path))),
        _ => {
            return Err(Failure::incomplete(
                "a line of apt's list is not understood",
            ));
        }
    };
    Ok(Step {
        name: (*name).to_owned(),
        from: version(from),
        to,
        direction: (*direction).to_owned(),
        file,
        sha256: None,
    })
}

/// Keeps what was allowed, or forgets what was not.
pub fn keep(root: &Path, steps: &[Step]) {
    let path = root.join(PLAN);
    if steps.is_empty() {
        // What was never kept need not be removed.
        let _ = std::fs::remove_file(path);
        return;
    }
    let folder = path.parent().unwrap_or(root);
    let kept = std::fs::create_dir_all(folder).and_then(|()| {
        let bytes = serde_json::to_vec(steps).map_err(std::io::Error::other)?;
        write_atomically(&path, &bytes)
    });
    if let Err(error) = kept {
        let path = path.display();
        say(&format!("warning: cannot keep {path}: {error}"));
    }
}

/// After dpkg ran: an event for each step that was done.
pub fn done(context: &Context) -> Exit {
    let root = &context.common.root;
    let bytes = read_bounded(&root.join(PLAN), MAX_PLAN).unwrap_or_default();
    let steps: Vec<Step> = serde_json::from_slice(&bytes).unwrap_or_default();
    let machine = Machine::read_root(root, Detail::Names).ok();
    let mut installed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for inventory in machine.iter().flat_map(|machine| &machine.inventories) {
        for package in inventory.packages() {
            let versions = installed.entry(package.name.clone()).or_default();
            versions.push(package.version.clone());
        }
    }
    let events = steps.iter().filter_map(|step| event(step, &installed));
    let exit = context.record(events.collect());
    keep(root, &[]);
    exit
}

/// Nothing for a step that was not done.
fn event(step: &Step, installed: &BTreeMap<String, Vec<String>>) -> Option<Event> {
    let versions = installed.get(&step.name).map_or(&[][..], Vec::as_slice);
    let is_there =
        |version: &Option<String>| version.as_ref().is_some_and(|v| versions.contains(v));
    let kind = match (&step.from, &step.to) {
        (_, None) if is_there(&step.from) => return None,
        (_, None) => EventKind::PackageRemove,
        (_, Some(_)) if !is_there(&step.to) => return None,
        (None, Some(_)) => EventKind::PackageInstall,
        (Some(_), Some(_)) => match step.direction.as_str() {
            ">" => EventKind::PackageDowngrade,
            "<" => EventKind::PackageUpgrade,
            _ => EventKind::PackageInstall,
        },
    };
    let severity = match kind {
        EventKind::PackageDowngrade => Severity::Notice,
        _ => Severity::Info,
    };
    let mut event = Event::new(kind)
        .with_severity(severity)
        .with("package", short(&step.name));
    let fields = [
        ("from", &step.from),
        ("version", &step.to),
        ("sha256", &step.sha256),
    ];
    for (key, value) in fields {
        if let Some(value) = value {
            event = event.with(key, short(value));
        }
    }
    Some(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let lines = text.lines().filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect()
    }

    #[test]
    fn both_forms_of_the_list_are_read() {
        let (files, steps) = read(&lines("/a.deb\n/b.deb\n")).unwrap();
        assert_eq!((files.len(), steps.len()), (2, 0));
        let text = "VERSION 3\nAPT::Architecture=amd64\nDPkg::Options=--a b\n\n\
                    bash 5.1-1 amd64 foreign < 5.2-1 amd64 foreign /var/b ash.deb\n\
                    old 1 all none > - - none **REMOVE**\n\
                    dash 1 amd64 none = 1 amd64 none **CONFIGURE**\n\
                    new - - none < 2 all none /new.deb\n";
        let (files, steps) = read(&lines(text)).unwrap();
        assert_eq!(files, [Path::new("/var/b ash.deb"), Path::new("/new.deb")]);
        let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
        assert_eq!(names, ["bash", "old", "new"]);
        assert_eq!(
            (&steps[1].from, &steps[1].to),
            (&Some("1".to_owned()), &None)
        );
        for bad in [
            "VERSION 2\n",
            "VERSION 3\nA=b\nbash 1\n",
            "VERSION 3\na 1 a n < 2 a n x.deb\n",
        ] {
            assert!(read(&lines(bad)).is_err(), "{bad}");
        }
    }
}
