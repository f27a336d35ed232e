//! pacman's databases against the real pacman, on trees that are made here.
#![cfg(feature = "fs")]
// clippy.toml allows these within `#[test]` functions only.
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::GzEncoder};
use omg_sbom::inventory::{
    Detail, InstallReason, Inventory, Machine, Origin, Package, Validation, pacman,
};
use tempfile::TempDir;

const COUNT: usize = 400;
const FOREIGN_EVERY: usize = 9;

/// A root directory with a synthetic local database, sync databases and `pacman.conf`.
struct Tree(TempDir);

impl Tree {
    fn new() -> Self {
        let tree = Self(TempDir::new().unwrap());
        fs::create_dir_all(tree.database().join("sync")).unwrap();
        tree.write(
            "etc/pacman.conf",
            "[options]\nArchitecture = auto\n[core]\n[extra]\n[multilib]\n",
        );
        tree.write(
            "etc/os-release",
            "NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\n",
        );
        tree.write("var/lib/pacman/local/ALPM_DB_VERSION", "9\n");
        for index in 0..COUNT {
            let (name, version) = name_and_version(index);
            let path = format!("var/lib/pacman/local/{name}-{version}");
            tree.write(&format!("{path}/desc"), desc(index));
            tree.write(&format!("{path}/files"), "%FILES%\nusr/\n\n");
        }
        for (number, repository) in ["core", "extra", "multilib"].iter().enumerate() {
            tree.write_sync(repository, number);
        }
        tree
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn database(&self) -> PathBuf {
        self.root().join("var/lib/pacman")
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        common::write(&self.root().join(path), content);
    }

    fn write_sync(&self, repository: &str, number: usize) {
        let mut archive = tar::Builder::new(Vec::new());
        for index in (0..COUNT).filter(|index| index % 3 == number && index % FOREIGN_EVERY != 0) {
            let (name, mut version) = name_and_version(index);
            if index % 7 == 0 {
                version.push_str(".1");
            }
            let text = format!(
                "%FILENAME%\n{name}.pkg.tar.zst\n\n%NAME%\n{name}\n\n%VERSION%\n{version}\n\n\
                 %CSIZE%\n{index}\n\n%SHA256SUM%\n{index:064x}\n\n%PGPSIG%\naGVsbG8=\n\n"
            );
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            let path = format!("{name}-{version}/desc");
            archive
                .append_data(&mut header, path, text.as_bytes())
                .unwrap();
        }
        let plain = archive.into_inner().unwrap();
        let path = format!("var/lib/pacman/sync/{repository}.db");
        if number == 0 {
            return self.write(&path, plain);
        }
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&plain).unwrap();
        self.write(&path, gzip.finish().unwrap());
    }

    fn pacman(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("pacman");
        command
            .arg("--root")
            .arg(self.root())
            .arg("--dbpath")
            .arg(self.database());
        command
            .arg("--config")
            .arg(self.root().join("etc/pacman.conf"))
            .args(arguments);
        command
    }

    fn inventory(&self, detail: Detail) -> Inventory {
        let mut machine = Machine::read_root(self.root(), detail).unwrap();
        assert_eq!(machine.inventories.len(), 1);
        machine.inventories.remove(0)
    }
}

fn name_and_version(index: usize) -> (String, String) {
    let name = match index % 5 {
        0 => format!("lib-odd-{index}"),
        1 => format!("gtk+{index}"),
        2 => format!("python-a.b_{index}"),
        3 => format!("r{index}-1-2"),
        _ => format!("pkg@{index}"),
    };
    let version = match index % 4 {
        0 => format!("{}:1.{index}-1", index % 3 + 1),
        1 => format!("1.{index}+r3+gabc-2"),
        2 => format!("{index}_rc1-1.1"),
        _ => format!("20240101.{index}~x-3"),
    };
    (name, version)
}

fn desc(index: usize) -> Vec<u8> {
    let (name, version) = name_and_version(index);
    let mut text = format!("%NAME%\n{name}\n\n%VERSION%\n{version}\n\n%BASE%\nbase-{index}\n\n");
    let _ = write!(
        text,
        "%DESC%\nNumber {index}: an \u{e9}toile\n\n%ARCH%\nx86_64\n\n"
    );
    let _ = write!(text, "%BUILDDATE%\n{}\n\n", 1_700_000_000 + index);
    let _ = write!(
        text,
        "%INSTALLDATE%\n{}\n\n",
        1_710_000_000 + index * 86_399
    );
    let packager = match index % 3 {
        0 => "Jane Doe <jane@example.org>",
        1 => "Unknown Packager",
        _ => "CI (msys2/1a2b3c)",
    };
    let _ = write!(
        text,
        "%PACKAGER%\n{packager}\n\n%SIZE%\n{}\n\n",
        index * 12_347
    );
    if index % 2 == 1 {
        text.push_str("%URL%\nhttps://example.org/?a=b#c\n\n%REASON%\n1\n\n");
        text.push_str("%GROUPS%\nbase\nbase-devel\n\n%LICENSE%\nGPL-2.0-or-later\ncustom: own\n\n");
        text.push_str("%DEPENDS%\nglibc>=2.38\nlibfoo.so=1-64\n\n%CONFLICTS%\nother<2\n\n");
        text.push_str("%OPTDEPENDS%\npython: for the bindings: all of them\nperl\n\n");
        text.push_str("%PROVIDES%\nvirtual=1:2\n\n%REPLACES%\nolder\n\n");
    }
    let validation = ["none", "md5", "sha256", "pgp", "md5\nsha256"][index % 5];
    let _ = write!(
        text,
        "%VALIDATION%\n{validation}\n\n%XDATA%\npkgtype=pkg\n\n"
    );
    if index.is_multiple_of(11) {
        text.push_str("%SOME_NEW_SECTION%\na\nb\n\n");
    }
    let mut bytes = text.into_bytes();
    if index.is_multiple_of(13) {
        // A name in Latin-1, as old packages have it; of a section given twice the last counts.
        bytes.extend(b"%PACKAGER%\nJ\xf6rg <j@example.org>\n\n");
    }
    bytes
}

#[test]
fn names_and_versions_are_those_of_pacman_q() {
    if !common::have(&["pacman"]) {
        return;
    }
    let tree = Tree::new();
    let expected = common::lines(&common::run(&mut tree.pacman(&["-Q"])));
    assert_eq!(expected.len(), COUNT);
    for detail in [Detail::Names, Detail::Full] {
        let inventory = tree.inventory(detail);
        assert!(inventory.is_complete(), "{:?}", inventory.problems());
        assert_eq!(listed(inventory.packages()), expected);
    }
    let inventory = pacman::read_local(&tree.database(), Detail::Full).unwrap();
    assert_eq!(inventory, tree.inventory(Detail::Full));
}

#[test]
fn foreign_packages_are_those_of_pacman_qm() {
    if !common::have(&["pacman"]) {
        return;
    }
    let tree = Tree::new();
    let foreign = |inventory: &Inventory| {
        let is_foreign = |package: &&Package| package.origin == Origin::Foreign;
        listed(inventory.packages().iter().filter(is_foreign))
    };
    let expected = common::lines(&common::run(&mut tree.pacman(&["-Qm"])));
    assert_eq!(expected.len(), COUNT.div_ceil(FOREIGN_EVERY));
    assert_eq!(foreign(&tree.inventory(Detail::Full)), expected);

    // A database that is left over from a repository no longer configured does not count.
    tree.write("etc/pacman.conf", "[options]\n[core]\n[multilib]\n");
    let expected = common::lines(&common::run(&mut tree.pacman(&["-Qm"])));
    assert!(expected.len() > COUNT / 3);
    assert_eq!(foreign(&tree.inventory(Detail::Full)), expected);
}

#[test]
fn archives_are_described_only_where_the_versions_are_equal() {
    if !common::have(&["pacman"]) {
        return;
    }
    let tree = Tree::new();
    let outdated = common::lines(&common::run(&mut tree.pacman(&["-Qu"])));
    let outdated: Vec<_> = outdated
        .iter()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(!outdated.is_empty());
    for package in tree.inventory(Detail::Full).packages() {
        let in_repository = matches!(package.origin, Origin::Repository(_));
        let current = in_repository && !outdated.contains(&package.name.as_str());
        assert_eq!(
            package.archive_sha256.is_some(),
            current,
            "{}",
            package.name
        );
        assert_eq!(
            package.archive_signature.as_deref(),
            current.then_some(&b"hello"[..])
        );
    }
}

#[test]
fn records_are_those_of_pacman_qi() {
    if !common::have(&["pacman"]) {
        return;
    }
    let tree = Tree::new();
    let printed = common::run(&mut tree.pacman(&["-Qi"]));
    let printed = String::from_utf8_lossy(&printed);
    let mut expected: Vec<_> = printed
        .split("\n\n")
        .filter(|text| !text.trim().is_empty())
        .collect();
    expected.sort();
    let inventory = tree.inventory(Detail::Full);
    let mut rendered: Vec<_> = inventory.packages().iter().map(render).collect();
    rendered.sort();
    assert_eq!(rendered.len(), expected.len());
    for (rendered, expected) in rendered.iter().zip(expected) {
        let expected: Vec<_> = expected.lines().filter(|line| !is_computed(line)).collect();
        assert_eq!(rendered.trim_end(), expected.join("\n"));
    }
}

/// What pacman takes from the other packages and from `install`, not from `desc`.
fn is_computed(line: &str) -> bool {
    ["Required By", "Optional For", "Install Script"]
        .iter()
        .any(|key| line.starts_with(key))
}

/// The package as `pacman -Qi` prints it.
fn render(package: &Package) -> String {
    let none = || "None".to_owned();
    let list = |values: &[String]| {
        if values.is_empty() {
            none()
        } else {
            values.join("  ")
        }
    };
    let date = |date: Option<chrono::DateTime<chrono::Utc>>| {
        date.unwrap().format("%a %b %e %H:%M:%S %Y").to_string()
    };
    let optional = package.optional_depends.join(&format!("\n{:18}", ""));
    let reason = match package.reason.unwrap() {
        InstallReason::Explicit => "Explicitly installed",
        _ => "Installed as a dependency for another package",
    };
    let validation: Vec<_> = package.validation.iter().map(validation_name).collect();
    let fields = [
        ("Name", package.name.clone()),
        ("Version", package.version.clone()),
        (
            "Description",
            package.description.clone().unwrap_or_else(none),
        ),
        ("Architecture", package.architecture.clone().unwrap()),
        ("URL", package.url.clone().unwrap_or_else(none)),
        ("Licenses", list(&package.licences)),
        ("Groups", list(&package.groups)),
        ("Provides", list(&package.provides)),
        ("Depends On", list(&package.depends)),
        (
            "Optional Deps",
            if optional.is_empty() {
                none()
            } else {
                optional
            },
        ),
        ("Conflicts With", list(&package.conflicts)),
        ("Replaces", list(&package.replaces)),
        ("Installed Size", size(package.installed_size.unwrap())),
        ("Packager", package.maintainer.clone().unwrap()),
        ("Build Date", date(package.built_at)),
        ("Install Date", date(package.installed_at)),
        ("Install Reason", reason.to_owned()),
        ("Validated By", validation.join("  ")),
    ];
    fields.iter().fold(String::new(), |text, (key, value)| {
        text + &format!("{key:<16}: {value}\n")
    })
}

fn validation_name(validation: &Validation) -> &'static str {
    match validation {
        Validation::None => "None",
        Validation::Md5 => "MD5 Sum",
        Validation::Sha256 => "SHA-256 Sum",
        Validation::Pgp => "Signature",
        _ => "Unknown",
    }
}

/// pacman's `humanize_size`: two decimals, the next unit from 2048 on.
#[allow(clippy::cast_precision_loss)]
fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut units = ["B", "KiB", "MiB", "GiB"].iter();
    let mut unit = units.next().unwrap();
    while value >= 2048.0 {
        value /= 1024.0;
        unit = units.next().unwrap();
    }
    format!("{value:.2} {unit}")
}

fn listed<'a>(packages: impl IntoIterator<Item = &'a Package>) -> Vec<String> {
    let line = |package: &Package| format!("{} {}", package.name, package.version);
    let mut lines: Vec<_> = packages.into_iter().map(line).collect();
    lines.sort();
    lines
}

#[test]
fn the_order_of_the_directory_does_not_matter() {
    let tree = Tree::new();
    let full = tree.inventory(Detail::Full);
    let mut by_name = BTreeMap::new();
    for package in full.packages() {
        by_name.insert(
            (package.name.clone(), package.version.clone()),
            package.clone(),
        );
    }
    assert!(full.packages().iter().eq(by_name.values()));
    let mut shuffled = pacman::LocalDatabase::new(Detail::Names);
    for index in (0..COUNT).rev() {
        let (name, version) = name_and_version(index);
        shuffled
            .add(format!("{name}-{version}").as_bytes(), None)
            .unwrap();
    }
    assert_eq!(shuffled.finish(), tree.inventory(Detail::Names));
}
