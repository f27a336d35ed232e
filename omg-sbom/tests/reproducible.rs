//! The same machine gives the same bytes, in whatever order its directories are read and on
//! however many threads.
#![cfg(all(feature = "cyclonedx", feature = "fs"))]
#![allow(clippy::unwrap_used)] // A test may fail anywhere.

use std::{cmp::Ordering, fs, io::Write as _, num::NonZeroUsize, path::Path, thread};

use chrono::DateTime;
use flate2::{Compression, write::GzEncoder};
use omg_sbom::{
    Sbom, SbomBuilder, Serial,
    cyclonedx::{self, Version},
    inventory::{Detail, Machine, OsRelease, PackageKind, dpkg, pacman::LocalDatabase},
};

const RUNS: u64 = 1000;
const PACKAGES: u64 = 24;

/// A generator whose numbers are the same everywhere (Knuth, MMIX).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// Directory name and `desc` of packages that need each other, some in circles.
fn packages() -> Vec<(String, String)> {
    let one = |n: u64| {
        let (next, far) = ((n + 1) % PACKAGES, n * 7 % PACKAGES);
        let desc = format!(
            "%NAME%\np{n}\n\n%VERSION%\n1:{n}-1\n\n%DESC%\nnumber {n}\n\n%ARCH%\nany\n\n\
             %LICENSE%\nMIT\nGPL3\n\n%PACKAGER%\nJane <jane@omg.example>\n\n\
             %DEPENDS%\np{next}>=1:0\nso{far}\ngone\n\n%PROVIDES%\nso{n}\nso\n\n"
        );
        (format!("p{n}-1:{n}-1"), desc)
    };
    (0..PACKAGES).map(one).collect()
}

fn stanzas() -> Vec<String> {
    let one = |n: u64| {
        let next = (n + 1) % PACKAGES;
        format!(
            "Package: d{n}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {n}\n\
             Depends: d{next} | other, virtual\nProvides: virtual\n\n"
        )
    };
    (0..PACKAGES).map(one).collect()
}

fn by_text(_: &PackageKind, a: &str, b: &str) -> Ordering {
    a.cmp(b)
}

fn builder() -> SbomBuilder {
    let os = OsRelease::parse(b"ID=arch\nBUILD_ID=rolling\n").unwrap();
    Sbom::builder(DateTime::UNIX_EPOCH, Serial::FromContent).system(os)
}

fn written(sbom: &Sbom) -> Vec<u8> {
    let mut out = Vec::new();
    for version in [Version::V1_5, Version::V1_7] {
        cyclonedx::write_json(sbom, version, &mut out).unwrap();
    }
    out
}

fn document(order: u64) -> Vec<u8> {
    let (mut packages, mut stanzas) = (packages(), stanzas());
    let mut random = Random(order);
    // Order 0 is the one that everything else is compared with.
    if order > 0 {
        random.shuffle(&mut packages);
        random.shuffle(&mut stanzas);
    }
    let mut database = LocalDatabase::new(Detail::Full);
    for (name, desc) in &packages {
        database
            .add(name.as_bytes(), Some(desc.as_bytes()))
            .unwrap();
    }
    let dpkg = dpkg::parse_status(stanzas.concat().as_bytes()).unwrap();
    written(
        &builder()
            .inventory(database.finish())
            .inventory(dpkg)
            .build(&by_text),
    )
}

#[test]
fn a_thousand_orders_on_several_threads_give_the_same_bytes() {
    let first = document(0);
    assert!(first.len() > 40_000 && String::from_utf8_lossy(&first).contains("cdx:reproducible"));
    let counts = [1, 2, 4, 8];
    for (round, threads) in (0..).zip(counts) {
        let share = RUNS / 4;
        thread::scope(|scope| {
            for worker in 0..threads {
                let first = &first;
                let orders = (1..=share).filter(move |order| order % threads == worker);
                scope.spawn(move || {
                    for order in orders {
                        assert!(document(round * share + order) == *first, "order {order}");
                    }
                });
            }
        });
    }
}

fn make_root(root: &Path, order: u64) {
    let mut packages = packages();
    Random(order).shuffle(&mut packages);
    let local = root.join("var/lib/pacman/local");
    for (number, (name, desc)) in packages.iter().enumerate() {
        let directory = local.join(name);
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("desc"), desc).unwrap();
        let mtree =
            format!("#mtree\n./usr/{name} type=file mode=644 size=3\n./usr/gone{name} size=1\n");
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(mtree.as_bytes()).unwrap();
        fs::write(directory.join("mtree"), gzip.finish().unwrap()).unwrap();
        fs::create_dir_all(root.join("usr")).unwrap();
        fs::write(root.join("usr").join(name), "abc").unwrap();
        fs::write(
            root.join(format!("usr/extra{}", packages.len() - number)),
            "",
        )
        .unwrap();
    }
    fs::create_dir_all(root.join("etc")).unwrap();
    fs::write(root.join("etc/os-release"), "ID=arch\n").unwrap();
}

#[test]
fn directories_in_any_order_give_the_same_bytes() {
    let mut first = None;
    for order in 0..12 {
        let root = tempfile::tempdir().unwrap();
        make_root(root.path(), order);
        let machine = Machine::read_root(root.path(), Detail::Full).unwrap();
        for threads in [1, 2, 5] {
            let threads = NonZeroUsize::new(threads).unwrap();
            let files = machine.check_files(root.path(), threads);
            let sbom = builder()
                .machine(machine.clone())
                .files(files)
                .build(&by_text);
            let bytes = written(&sbom);
            assert!(
                first.get_or_insert_with(|| bytes.clone()) == &bytes,
                "order {order}"
            );
        }
    }
    assert!(String::from_utf8_lossy(&first.unwrap()).contains("omg:file-missing"));
}
