//! Which file of a crate imports which, read from its sources.

#![allow(unreachable_pub)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Macro, UseTree, Visibility};

/// Files, relative to the crate's `src`, with the files that each imports. A path that a module
/// only hands on counts as an import of that module.
pub type Imports = BTreeMap<String, BTreeSet<String>>;

/// Reads all sources below a crate's `src`. Modules under `#[cfg(test)]` are left out.
pub fn imports(src: &Path) -> Imports {
    let mut files = Vec::new();
    list(src, &mut files);
    let modules: BTreeMap<Vec<String>, String> = files
        .iter()
        .map(|file| {
            let relative = file.strip_prefix(src).unwrap();
            (module(relative), relative.to_str().unwrap().to_owned())
        })
        .collect();
    files
        .iter()
        .map(|file| {
            let relative = file.strip_prefix(src).unwrap();
            let name = relative.to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(file).unwrap();
            let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            let mut reader = Reader {
                module: module(relative),
                paths: BTreeSet::new(),
            };
            reader.visit_file(&parsed);
            let imported = reader
                .paths
                .iter()
                .filter_map(|path| file_of(path, &modules));
            let imported = imported.filter(|other| *other != name).collect();
            (name, imported)
        })
        .collect()
}

/// Groups of files that import each other in a circle.
pub fn circles(imports: &Imports) -> Vec<Vec<String>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> = imports
        .keys()
        .map(|file| (file.as_str(), reachable(imports, file)))
        .collect();
    let mut circles = BTreeSet::new();
    for (file, reached) in &reach {
        let same = reached.iter().filter(|other| reach[*other].contains(file));
        let same: Vec<String> = same.map(|other| (*other).to_owned()).collect();
        if !same.is_empty() {
            circles.insert(same);
        }
    }
    circles.into_iter().collect()
}

fn reachable<'a>(imports: &'a Imports, from: &str) -> BTreeSet<&'a str> {
    let mut open: Vec<&str> = imports[from].iter().map(String::as_str).collect();
    let mut seen = BTreeSet::new();
    while let Some(file) = open.pop() {
        if seen.insert(file) {
            open.extend(imports[file].iter().map(String::as_str));
        }
    }
    seen
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
}

/// `a/mod.rs` and `a.rs` are `a`; `main.rs` and `lib.rs` are the root.
fn module(file: &Path) -> Vec<String> {
    let mut parts: Vec<String> = file
        .with_extension("")
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .collect();
    let is_root = parts.len() == 1 && matches!(parts[0].as_str(), "main" | "lib");
    if is_root || parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// The file of the longest part of a path that is a module.
fn file_of(path: &[String], modules: &BTreeMap<Vec<String>, String>) -> Option<String> {
    (0..=path.len())
        .rev()
        .find_map(|length| modules.get(&path[..length]).cloned())
}

struct Reader {
    module: Vec<String>,
    paths: BTreeSet<Vec<String>>,
}

impl Reader {
    /// Keeps a path of this crate, as one from its root.
    fn keep(&mut self, path: &[String]) {
        let mut absolute = match path.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("self" | "super") => self.module.clone(),
            _ => return,
        };
        for part in path {
            match part.as_str() {
                "crate" | "self" => {}
                "super" => {
                    absolute.pop();
                }
                other => absolute.push(other.to_owned()),
            }
        }
        self.paths.insert(absolute);
    }

    fn keep_tree(&mut self, tree: &UseTree, before: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.keep_tree(&path.tree, before);
                before.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.keep_tree(tree, before);
                }
            }
            UseTree::Name(name) => self.keep_with(before, name.ident.to_string()),
            UseTree::Rename(name) => self.keep_with(before, name.ident.to_string()),
            UseTree::Glob(_) => self.keep(before),
        }
    }

    fn keep_with(&mut self, before: &[String], last: String) {
        let mut path = before.to_vec();
        path.push(last);
        self.keep(&path);
    }

    /// Paths within the tokens of a macro, which are not parsed further.
    fn keep_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => path.push(ident.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {}
                TokenTree::Group(group) => {
                    self.keep(&std::mem::take(&mut path));
                    self.keep_tokens(group.stream());
                }
                _ => self.keep(&std::mem::take(&mut path)),
            }
        }
        self.keep(&path);
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_cfg = attribute.path().is_ident("cfg");
        is_cfg
            && attribute
                .meta
                .require_list()
                .is_ok_and(|list| list.tokens.to_string() == "test")
    })
}

impl<'a> Visit<'a> for Reader {
    fn visit_item(&mut self, item: &'a Item) {
        match item {
            Item::Mod(module) if is_test(&module.attrs) => {}
            Item::Impl(item) if is_test(&item.attrs) => {}
            Item::Fn(item) if is_test(&item.attrs) => {}
            other => visit::visit_item(self, other),
        }
    }

    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        self.keep_tree(&item.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        self.keep(&parts);
        visit::visit_path(self, path);
    }

    /// `pub(crate)` imports nothing.
    fn visit_visibility(&mut self, _: &'a Visibility) {}

    fn visit_macro(&mut self, item: &'a Macro) {
        self.keep_tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }
}
