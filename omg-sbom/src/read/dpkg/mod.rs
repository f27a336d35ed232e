//! dpkg's database: `/var/lib/dpkg/status`, and the directory `status.d` of images without dpkg.
//!
//! Format: deb-control(5) for the syntax and the fields, dpkg(1) "Package states" for the
//! states.

#[cfg(feature = "fs")]
pub(crate) mod conffiles;

use super::{
    collector::Collector,
    stanza::{Stanza, stanzas},
};
pub use crate::model::state::{Selection, State, Status};
use crate::model::{
    error::ParseError,
    inventory::Inventory,
    limits,
    package::{Package, PackageKind},
    problem::{Problem, ProblemKind, shorten},
    source::Source,
};

/// The fields that a [`Package`] is made of.
const FIELDS: &[&str] = &[
    "Architecture",
    "Breaks",
    "Conflicts",
    "Depends",
    "Description",
    "Homepage",
    "Installed-Size",
    "Maintainer",
    "Package",
    "Pre-Depends",
    "Provides",
    "Recommends",
    "Replaces",
    "Section",
    "Source",
    "Status",
    "Suggests",
    "Version",
];

/// Reads dpkg's `status` file.
///
/// Kept are the packages that are on disk: installed ones and those that dpkg left half
/// done, with their [`State`]. Packages that are removed (`not-installed`) or of which only
/// configuration is left (`config-files`) are not. The same name in two architectures is two
/// packages. CR LF line ends are accepted.
///
/// # Errors
///
/// [`ParseError::TooLarge`] above [`limits::MAX_STATUS_BYTES`], and
/// [`ParseError::TooManyEntries`].
///
/// # Examples
///
/// ```
/// use omg_sbom::inventory::dpkg;
///
/// let status = b"Package: libc6\nStatus: install ok installed\nArchitecture: amd64\n\
///     Source: glibc (2.36-9)\nVersion: 2.36-9+deb12u8\n";
/// let inventory = dpkg::parse_status(status)?;
/// let libc = &inventory.packages()[0];
/// assert_eq!((libc.source_name(), libc.source_version()), ("glibc", "2.36-9"));
/// # Ok::<(), omg_sbom::ParseError>(())
/// ```
pub fn parse_status(bytes: &[u8]) -> Result<Inventory, ParseError> {
    let mut collector = Collector::default();
    collect(bytes, WithoutStatus::IsAProblem, "", &mut collector)?;
    Ok(collector.finish(Source::Dpkg))
}

/// Reads the files of `status.d`, given as file name and content; `.md5sums` files among
/// them are passed over.
///
/// A stanza without the field `Status` counts as installed there: distroless images keep
/// the control files of the packages as they were in the archive.
///
/// # Errors
///
/// As [`parse_status`], of each file.
pub fn parse_status_d<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<Inventory, ParseError> {
    let mut collector = Collector::default();
    for (name, bytes) in files {
        if !is_status_d_name(name) {
            continue;
        }
        collect(
            bytes,
            WithoutStatus::IsInstalled,
            &shorten(name),
            &mut collector,
        )?;
    }
    Ok(collector.finish(Source::Dpkg))
}

/// Reads the control file of one package.
#[cfg(feature = "archive")]
pub(crate) fn parse_control(bytes: &[u8]) -> Result<Inventory, ParseError> {
    match stanzas(bytes, FIELDS, 0).nth(1) {
        Some(_) => Err(ParseError::syntax("control", "more than one paragraph")),
        None => parse_status_d([("", bytes)]),
    }
}

/// Whether a file of `status.d` holds a stanza; the digests of its files lie beside it.
pub(crate) fn is_status_d_name(name: &str) -> bool {
    !name.ends_with(".md5sums")
}

#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum WithoutStatus {
    IsAProblem,
    IsInstalled,
}

/// `file` names the file in problems, where there are several.
pub(crate) fn collect(
    bytes: &[u8],
    without_status: WithoutStatus,
    file: &str,
    collector: &mut Collector,
) -> Result<(), ParseError> {
    ParseError::check_size("dpkg status", bytes, limits::MAX_STATUS_BYTES)?;
    for stanza in stanzas(bytes, FIELDS, 0) {
        one_package(&stanza, without_status, file, collector)?;
    }
    Ok(())
}

fn one_package(
    stanza: &Stanza<'_>,
    without_status: WithoutStatus,
    file: &str,
    collector: &mut Collector,
) -> Result<(), ParseError> {
    let subject = stanza.get("Package").map(|name| shorten(&name));
    let subject = subject.unwrap_or_else(|| format!("line {}", stanza.line));
    let subject = if file.is_empty() {
        subject
    } else {
        format!("{file}: {subject}")
    };
    if let Some(fault) = &stanza.fault {
        collector.malformed(&*subject, fault)?;
    }
    let state = match stanza.get("Status").map(|text| text.parse::<State>()) {
        Some(Ok(state)) => Some(state),
        None if without_status == WithoutStatus::IsInstalled => None,
        None => return collector.malformed(subject, "no Status"),
        // Whether it is on disk is unknown; listing it is the safe reading.
        Some(Err(error)) => {
            collector.malformed(&*subject, error.to_string())?;
            None
        }
    };
    if state.is_some_and(|state| !state.status.is_on_disk()) {
        return Ok(());
    }
    let (Some(name), Some(version)) = (stanza.get("Package"), stanza.get("Version")) else {
        return collector.malformed(subject, "no Package or no Version");
    };
    for field in stanza.too_long() {
        let detail = format!("{field} is longer than {} bytes", limits::MAX_VALUE_BYTES);
        collector.problem(Problem::new(&*subject, ProblemKind::LimitExceeded, detail))?;
    }
    if !is_name(&name) {
        return collector.malformed(subject, "a name that dpkg does not allow");
    }
    let mut package = record(stanza, Package::new(PackageKind::Deb, name, version));
    package.state = state;
    collector.package(package)
}

fn record(stanza: &Stanza<'_>, mut package: Package) -> Package {
    package.architecture = stanza.get("Architecture");
    if let Some(source) = stanza.get("Source") {
        let (name, version) = split_source(&source);
        package.base = Some(name.to_owned());
        package.base_version = version.map(str::to_owned);
    }
    package.description = stanza
        .get("Description")
        .and_then(|d| d.lines().next().map(str::to_owned));
    package.url = stanza.get("Homepage");
    // Some vendors write `4KB`: no size then, which is no reason to doubt the rest.
    let kibibytes = stanza
        .get("Installed-Size")
        .and_then(|size| size.parse::<u64>().ok());
    package.installed_size = kibibytes.and_then(|size| size.checked_mul(1024));
    package.maintainer = stanza.get("Maintainer");
    package.groups = stanza.get("Section").into_iter().collect();
    package.depends = [stanza.relations("Pre-Depends"), stanza.relations("Depends")].concat();
    package.optional_depends =
        [stanza.relations("Recommends"), stanza.relations("Suggests")].concat();
    package.provides = stanza.relations("Provides");
    package.conflicts = [stanza.relations("Conflicts"), stanza.relations("Breaks")].concat();
    package.replaces = stanza.relations("Replaces");
    package
}

/// dpkg, `pkg_name_is_illegal` (lib/dpkg/parsehelp.c): a name with anything else is looked up in
/// vain, and its package would count as clean.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-+._".contains(&byte);
    name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.bytes().all(plain)
}

/// `glibc (2.36-9)`: the version stands there only if it is not the binary package's.
fn split_source(text: &str) -> (&str, Option<&str>) {
    match text.split_once('(') {
        Some((name, version)) => (
            name.trim(),
            Some(version.trim().trim_end_matches(')').trim_end()),
        ),
        None => (text.trim(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Inventory {
        parse_status(text.as_bytes()).unwrap()
    }

    fn problems(text: &str) -> Vec<String> {
        let inventory = parse(text);
        inventory
            .problems()
            .iter()
            .map(|p| format!("{}: {}", p.subject, p.detail))
            .collect()
    }

    #[test]
    fn what_is_on_disk_is_listed_with_its_state() {
        let states = [
            ("not-installed", false),
            ("config-files", false),
            ("half-installed", true),
            ("unpacked", true),
            ("half-configured", true),
            ("triggers-awaited", true),
            ("triggers-pending", true),
            ("installed", true),
        ];
        for (state, is_listed) in states {
            let status = format!("deinstall ok {state}");
            let inventory = parse(&format!("Package: a\nStatus: {status}\nVersion: 1\n"));
            let listed: Vec<_> = inventory
                .packages()
                .iter()
                .filter_map(|p| p.state)
                .collect();
            let expected = is_listed.then(|| status.parse().unwrap());
            assert_eq!(listed, Vec::from_iter(expected), "{state}");
            assert!(inventory.is_complete());
            assert!(listed.iter().all(|s: &State| s.to_string() == status));
        }
    }

    #[test]
    fn stanzas_that_are_broken_are_problems() {
        let good = "Package: good\nStatus: install ok installed\nVersion: 1\n\n";
        let cases = [
            ("Package: a\nVersion: 1\n", "a: no Status"),
            (
                "Package: a\nStatus: install ok installed\n",
                "a: no Package or no Version",
            ),
            (
                "Status: install ok installed\nVersion: 1\n",
                "line 5: no Package or no Version",
            ),
        ];
        for (text, problem) in cases {
            let inventory = parse(&format!("{good}{text}"));
            assert_eq!(inventory.packages().len(), 1);
            assert_eq!(problems(&format!("{good}{text}")), [problem]);
        }
    }

    #[test]
    fn doubtful_packages_are_listed_and_reported() {
        let end = "Package: a\nVersion: 1\n";
        for (start, problem) in [
            (
                "Status: install ok half-done\n",
                "a: dpkg status: unknown Status \"install ok half-done\"",
            ),
            (
                "Status: install ok\n",
                "a: dpkg status: unknown Status \"install ok\"",
            ),
            (
                "Status: x ok installed\n",
                "a: dpkg status: unknown Status \"x ok installed\"",
            ),
            (
                "Status: install x installed\n",
                "a: dpkg status: unknown Status \"install x installed\"",
            ),
            (
                "Status: install ok installed x\n",
                "a: dpkg status: unknown Status \"install ok installed x\"",
            ),
            (
                "Status: install ok installed\nversion: 2\n",
                "a: Version is given twice",
            ),
            (
                "Status: install ok installed\nstray\n",
                "a: line 2 is neither a field nor continues one",
            ),
            (
                " x\nStatus: install ok installed\n",
                "a: line 1 is neither a field nor continues one",
            ),
            (
                ": x\nStatus: install ok installed\n",
                "a: line 1 is neither a field nor continues one",
            ),
        ] {
            let text = format!("{start}{end}");
            assert_eq!(parse(&text).packages().len(), 1, "{text}");
            assert_eq!(problems(&text), [problem]);
        }
    }

    #[test]
    fn a_long_field_is_left_out_and_reported() {
        let long = "x, ".repeat(limits::MAX_VALUE_BYTES / 3 + 1);
        let start = "Package: a\nStatus: install ok installed\nVersion: 1\n";
        let inventory = parse(&format!("{start}Depends: {long}\n"));
        assert_eq!(inventory.packages()[0].depends, [""; 0]);
        assert_eq!(inventory.problems()[0].kind, ProblemKind::LimitExceeded);
        assert!(parse(&format!("{start}Conffiles: {long}\n")).is_complete());
    }

    #[test]
    fn line_ends_of_other_systems_are_accepted() {
        let unix = "Package: a\nStatus: install ok installed\nVersion: 1\nDescription: d\n e\n\n\
            Package: b\nStatus: install ok installed\nVersion: 1\nDepends: x,\n y\n";
        assert_eq!(parse(unix), parse(&unix.replace('\n', "\r\n")));
        assert_eq!(parse(unix).packages()[1].depends, ["x", "y"]);
    }

    #[test]
    fn an_installed_size_that_is_no_number_is_no_problem() {
        let start = "Package: a\nStatus: install ok installed\nVersion: 1\nInstalled-Size: ";
        for (size, expected) in [
            ("4", Some(4096)),
            ("4KB", None),
            ("18446744073709551615", None),
        ] {
            let inventory = parse(&format!("{start}{size}\n"));
            assert!(inventory.is_complete());
            assert_eq!(inventory.packages()[0].installed_size, expected, "{size}");
        }
    }

    #[test]
    fn sources_that_are_empty_are_problems() {
        let start = "Package: a\nStatus: install ok installed\nVersion: 1\nSource: ";
        for (source, name, version, problems) in [
            ("b", "b", "1", 0),
            ("b (2)", "b", "2", 0),
            ("b(2", "b", "2", 0),
            ("(2)", "a", "2", 1),
            ("b ()", "b", "1", 1),
        ] {
            let inventory = parse(&format!("{start}{source}\n"));
            let package = &inventory.packages()[0];
            assert_eq!(
                (package.source_name(), package.source_version()),
                (name, version)
            );
            assert_eq!(inventory.problems().len(), problems, "{source}");
        }
    }

    #[test]
    fn status_d_needs_no_status() {
        let files: [(&str, &[u8]); 3] = [
            ("base", b"Package: base-files\nVersion: 12\n"),
            ("base.md5sums", b"0123  etc/x\n"),
            ("broken", b"x\n"),
        ];
        let inventory = parse_status_d(files).unwrap();
        assert_eq!(inventory.packages().len(), 1);
        assert_eq!(inventory.packages()[0].state, None);
        assert!(
            inventory
                .problems()
                .iter()
                .all(|p| p.subject == "broken: line 1")
        );
        assert!(!inventory.is_complete());
    }

    #[test]
    fn size_is_limited() {
        let error = parse_status(&vec![b'\n'; limits::MAX_STATUS_BYTES + 1]).unwrap_err();
        assert!(matches!(error, ParseError::TooLarge { .. }));
    }

    #[test]
    fn a_name_that_dpkg_does_not_allow_is_a_problem() {
        let parse = |name: &str| {
            parse(&format!(
                "Package: {name}\nStatus: install ok installed\nVersion: 1\n"
            ))
        };
        for name in ["curl", "libstdc++6", "g++-12", "python3.11", "0ad"] {
            assert!(parse(name).is_complete(), "{name}");
        }
        for name in ["curl:amd64", "cu\u{200b}rl", "-curl", "curl/x", "curl@1"] {
            let inventory = parse(name);
            assert!(
                inventory.packages().is_empty() && !inventory.is_complete(),
                "{name}"
            );
        }
    }
}
