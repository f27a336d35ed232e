//! `omg-sbom`'s inventories of an installed system, beside the bare listing of the folder.
#![allow(clippy::unwrap_used, missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use omg_sbom::inventory::{Detail, Machine};

const PACKAGES: usize = 2_000;

fn pacman(c: &mut Criterion) {
    let root = tempfile::tempdir().unwrap();
    let local = root.path().join("var/lib/pacman/local");
    for number in 0..PACKAGES {
        let (name, version) = (
            format!("package{number:05}"),
            format!("{}.{}-1", number % 7, number),
        );
        let folder = local.join(format!("{name}-{version}"));
        std::fs::create_dir_all(&folder).unwrap();
        let desc = format!(
            "%NAME%\n{name}\n\n%VERSION%\n{version}\n\n%BASE%\n{name}\n\n%DESC%\nsynthetic\n\n\
             %ARCH%\nx86_64\n\n%LICENSE%\nMIT\n\n%DEPENDS%\nglibc\nbash>=5\n\n"
        );
        std::fs::write(folder.join("desc"), desc).unwrap();
    }
    let mut group = c.benchmark_group("inventory");
    group.sample_size(30);
    group.bench_function("pacman, 2,000 names", |b| {
        b.iter(|| {
            Machine::read_root(root.path(), Detail::Names)
                .unwrap()
                .inventories
                .len()
        });
    });
    group.bench_function("pacman, 2,000 full records", |b| {
        b.iter(|| {
            Machine::read_root(root.path(), Detail::Full)
                .unwrap()
                .inventories
                .len()
        });
    });
    group.bench_function("limit: list the folder", |b| {
        b.iter(|| std::fs::read_dir(&local).unwrap().count());
    });
    group.finish();
}

criterion_group!(benches, pacman);
criterion_main!(benches);
