//! The graph of dependencies against the real pacman, on a tree that is made here.
#![cfg(all(feature = "document", feature = "fs"))]
// clippy.toml allows these within `#[test]` functions only.
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod common;

use std::{
    cell::RefCell,
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
    process::Command,
};

use omg_sbom::{
    Sbom, Serial,
    inventory::{Detail, Machine, PackageKind},
};

const COUNT: usize = 300;

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

const VERSIONS: [&str; 8] = [
    "1.0-1",
    "1:0.9-2",
    "2.0rc1-1",
    "2.0-3",
    "1.0.a-1",
    "2024.10-1",
    "1.0+r3-1",
    "3-1",
];
const WANTED: [&str; 9] = [
    "1.0", "1.0-1", "1:0.9", "2.0", "2.0rc1", "2.0-3", "0", "1:1", "2024.9",
];
const OPERATORS: [&str; 5] = ["=", ">=", "<=", ">", "<"];

fn package(number: usize, numbers: &mut Numbers) -> (String, String) {
    let (name, version) = (format!("p{number}"), VERSIONS[number % VERSIONS.len()]);
    let mut text = format!("%NAME%\n{name}\n\n%VERSION%\n{version}\n\n%ARCH%\nx86_64\n\n");
    text.push_str("%PROVIDES%\n");
    for _ in 0..numbers.below(4) {
        let virtual_name = format!("v{}", numbers.below(40));
        match numbers.below(3) {
            0 => writeln!(text, "{virtual_name}").unwrap(),
            1 => writeln!(text, "{virtual_name}={}", WANTED[numbers.below(9)]).unwrap(),
            _ => writeln!(text, "lib{virtual_name}.so={}-64", numbers.below(3)).unwrap(),
        }
    }
    text.push_str("\n%DEPENDS%\n");
    for _ in 0..numbers.below(6) {
        let target = match numbers.below(4) {
            0 => format!("v{}", numbers.below(45)),
            1 => format!("libv{}.so={}-64", numbers.below(40), numbers.below(3)),
            _ => format!("p{}", numbers.below(COUNT + 10)),
        };
        if target.contains('=') || numbers.below(2) == 0 {
            writeln!(text, "{target}").unwrap();
        } else {
            let (operator, version) = (OPERATORS[numbers.below(5)], WANTED[numbers.below(9)]);
            writeln!(text, "{target}{operator}{version}").unwrap();
        }
    }
    text.push('\n');
    (format!("{name}-{version}"), text)
}

fn tree(root: &Path) {
    let local = root.join("var/lib/pacman/local");
    common::write(&local.join("ALPM_DB_VERSION"), "9\n");
    common::write(&root.join("etc/os-release"), "ID=arch\n");
    common::write(
        &root.join("etc/pacman.conf"),
        "[options]\nArchitecture = auto\n",
    );
    std::fs::create_dir_all(root.join("var/lib/pacman/sync")).unwrap();
    let mut numbers = Numbers(7);
    for number in 0..COUNT {
        let (directory, desc) = package(number, &mut numbers);
        common::write(&local.join(&directory).join("desc"), desc);
        common::write(&local.join(&directory).join("files"), "%FILES%\nusr/\n\n");
    }
}

/// What pacman says: (who needs, what is needed).
fn edges_of_pacman(root: &Path) -> BTreeSet<(String, String)> {
    let mut command = Command::new("pacman");
    command
        .arg("--root")
        .arg(root)
        .arg("--dbpath")
        .arg(root.join("var/lib/pacman"));
    command
        .arg("--config")
        .arg(root.join("etc/pacman.conf"))
        .arg("-Qi");
    let output = common::run(&mut command);
    let (mut edges, mut name) = (BTreeSet::new(), String::new());
    for line in String::from_utf8(output).unwrap().lines() {
        let Some((key, value)) = line.split_once(" : ") else {
            continue;
        };
        match key.trim() {
            "Name" => name = value.to_owned(),
            "Required By" if value != "None" => {
                let needing = value.split_whitespace();
                edges.extend(needing.map(|by| (by.to_owned(), name.clone())));
            }
            _ => {}
        }
    }
    edges
}

/// pacman's own order of versions.
fn vercmp(a: &str, b: &str) -> Ordering {
    let said = common::run(Command::new("vercmp").args([a, b]));
    let said: i32 = String::from_utf8(said).unwrap().trim().parse().unwrap();
    said.cmp(&0)
}

#[test]
fn the_edges_are_those_of_pacman() {
    if !common::have(&["pacman", "vercmp"]) {
        return;
    }
    let root = tempfile::TempDir::new().unwrap();
    tree(root.path());
    let machine = Machine::read_root(root.path(), Detail::Full).unwrap();
    let known = RefCell::new(BTreeMap::new());
    let order = |_: &PackageKind, a: &str, b: &str| {
        let pair = (a.to_owned(), b.to_owned());
        *known
            .borrow_mut()
            .entry(pair)
            .or_insert_with(|| vercmp(a, b))
    };
    let sbom = Sbom::builder(chrono::DateTime::UNIX_EPOCH, Serial::FromContent)
        .machine(machine)
        .build(&order);
    let mut ours = BTreeSet::new();
    for component in sbom.components() {
        for on in sbom.needs_of(component) {
            ours.insert((component.package().name.clone(), on.package().name.clone()));
        }
    }
    let mut theirs = edges_of_pacman(root.path());
    // A package that provides what it needs is no edge of a graph.
    theirs.retain(|(by, on)| by != on);
    let missing: Vec<_> = theirs.difference(&ours).take(5).collect();
    let more: Vec<_> = ours.difference(&theirs).take(5).collect();
    assert!(
        missing.is_empty() && more.is_empty(),
        "{missing:?} {more:?}"
    );
    assert!(ours.len() > 500, "only {} edges", ours.len());
    eprintln!("{} edges, all pacman's", ours.len());
}
