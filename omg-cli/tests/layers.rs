//! The order of layers: within each crate named here, imports run one way.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

#[path = "support/imports.rs"]
mod imports_of;
mod support;

use imports_of::{Imports, circles, imports};
use support::workspace;

fn read(krate: &str) -> Imports {
    let imports = imports(&workspace().join(krate).join("src"));
    assert!(imports.len() > 5, "{krate} has hardly any sources");
    imports
}

/// The first folder of a file, or the file itself at the top.
fn top(file: &str) -> &str {
    let top = file.split_once('/').map_or(file, |(top, _)| top);
    top.strip_suffix(".rs").unwrap_or(top)
}

/// No file imports one of a layer above its own. The layers are named from the lowest to the
/// highest, and every file belongs to one.
fn assert_order(krate: &str, imports: &Imports, layers: &[&str]) {
    let level = |file: &str| {
        let found = layers.iter().position(|layer| *layer == top(file));
        found.unwrap_or_else(|| panic!("{krate}/src/{file} is in no layer"))
    };
    for (file, imported) in imports {
        for other in imported {
            assert!(
                level(file) >= level(other),
                "{krate}: {file} imports {other}, which is of a higher layer"
            );
        }
    }
}

#[test]
fn the_program_is_in_layers_without_a_circle() {
    let imports = read("omg-cli");
    let layers = [
        "session", "convert", "checks", "render", "args", "hooks", "commands", "main",
    ];
    assert_order("omg-cli", &imports, &layers);
    assert_eq!(circles(&imports), Vec::<Vec<String>>::new());
}

/// From candidates to findings: omg-secrets/src/lib.rs says why.
#[test]
fn the_scanner_of_secrets_is_in_layers() {
    let layers = [
        "text", "error", "rules", "finding", "allow", "search", "extract", "classify", "resolve",
        "baseline", "scanner", "sources", "config", "lib",
    ];
    assert_order("omg-secrets", &read("omg-secrets"), &layers);
}

/// From packages to documents.
#[test]
fn the_inventory_is_in_layers() {
    let layers = [
        "model", "read", "machine", "relate", "document", "write", "lib",
    ];
    assert_order("omg-sbom", &read("omg-sbom"), &layers);
}

#[test]
fn no_command_knows_another() {
    fn command(file: &str) -> Option<&str> {
        file.strip_prefix("commands/").map(top)
    }
    for (file, imported) in read("omg-cli") {
        for other in imported.iter().filter(|other| command(other).is_some()) {
            let fine = command(&file).is_none() || command(&file) == command(other);
            assert!(fine, "{file} imports {other}");
        }
    }
}

/// Checks hand their results on. Warnings go through the context, which knows `--quiet`.
#[test]
fn checks_neither_print_nor_parse_options() {
    for (file, imported) in read("omg-cli") {
        if top(&file) == "checks" || top(&file) == "convert" {
            assert!(!imported.contains("session/output.rs"), "{file} prints");
            let text = std::fs::read_to_string(workspace().join("omg-cli/src").join(&file));
            assert!(!text.unwrap().contains("clap"), "{file} parses options");
        }
    }
}

/// Evidence is made in one place, from values that checks gave: nothing else puts a digest and an
/// outcome together.
#[test]
fn only_conversions_make_evidence() {
    const MAKERS: [&str; 6] = [
        "Checked::new",
        "Evidence::about",
        "Evidence::simulated",
        ".add_scan(",
        ".add_record(",
        "Facts::new",
    ];
    for file in read("omg-cli").keys() {
        let text = std::fs::read_to_string(workspace().join("omg-cli/src").join(file)).unwrap();
        for maker in MAKERS {
            let is_made = text.contains(maker) && top(file) != "convert";
            assert!(!is_made, "{file} calls {maker}");
        }
    }
}

/// The reader of imports sees what it should: a broken order is found.
#[test]
fn a_broken_order_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("lib.rs", "mod low; mod high; pub use high::b::B;");
    write("low/mod.rs", "pub mod a;");
    write(
        "low/a.rs",
        "use crate::{high::b::B, other}; fn f() { m!(super::super::high::c::g()) }",
    );
    write("high/mod.rs", "pub mod b; pub mod c;");
    write(
        "high/b.rs",
        "use super::c; #[cfg(test)] mod tests { use crate::low::a::A; }",
    );
    write(
        "high/c.rs",
        "fn f() -> crate::low::a::A { crate::high::b::B }",
    );
    let imports = imports(folder.path());
    let of = |file: &str| imports[file].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(of("low/a.rs"), ["high/b.rs", "high/c.rs", "lib.rs"]);
    assert_eq!(of("high/b.rs"), ["high/c.rs"]);
    assert_eq!(of("high/c.rs"), ["high/b.rs", "low/a.rs"]);
    assert_eq!(circles(&imports).len(), 1);
    let order = || assert_order("example", &imports, &["low", "high", "lib"]);
    assert!(std::panic::catch_unwind(order).is_err());
}
