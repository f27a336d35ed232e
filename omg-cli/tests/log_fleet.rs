//! The configurations of `examples/fleet`: they can be read, they name the files that a log has
//! and no other, and nothing in them drops, cuts or changes a line.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use globset::{GlobBuilder, GlobMatcher};
use support::{Sandbox, workspace};
use yaml_rust2::{Yaml, YamlLoader};

/// The folder that the configurations speak of.
const FOLDER: &str = "/var/log/omg/audit";

/// The longest line, with its line feed.
const LONGEST: i64 = 65_536;

fn read(name: &str) -> String {
    std::fs::read_to_string(workspace().join("examples/fleet").join(name)).unwrap()
}

fn yaml(name: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(&read(name)).unwrap();
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

fn glob(pattern: &str) -> GlobMatcher {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    glob.unwrap().compile_matcher()
}

/// The files of a log that was signed, torn, rotated and pruned: those with entries, and others.
fn files() -> (Vec<String>, Vec<String>) {
    let sandbox = Sandbox::new();
    let log = sandbox.path("audit.jsonl");
    let scan = || {
        let at = ["--log", log.to_str().unwrap()];
        let args = ["audit", "scan", "--root", "examples/demo-root", "--offline"];
        sandbox.run(&[&args[..], &at].concat());
    };
    let run = |args: &[&str]| {
        let at = ["--log", log.to_str().unwrap()];
        let run = sandbox.run(&[&["audit", "log"], args, &at].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
    };
    run(&["keygen"]);
    scan();
    run(&["rotate"]);
    let mut torn = std::fs::read(&log).unwrap();
    torn.extend_from_slice(b"torn");
    std::fs::write(&log, torn).unwrap();
    scan();
    run(&["rotate"]);
    run(&["rotate-key"]);
    run(&["checkpoint"]);
    run(&["prune", "--before", "3"]);
    let names = std::fs::read_dir(sandbox.dir.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = names.filter(|name| name.starts_with("audit.jsonl"));
    let with_entries = |name: &String| {
        let end = name.strip_prefix("audit.jsonl").unwrap();
        end.is_empty() || end[1..].bytes().all(|byte| byte.is_ascii_digit())
    };
    names.partition(with_entries)
}

fn check(name: &str, patterns: &[String]) {
    let (entries, others) = files();
    assert!(entries.len() >= 2, "{entries:?}");
    for suffix in ["checkpoint", "keys", "lock", "pruned", "torn-", "tree"] {
        let there = others.iter().any(|name| name.contains(suffix));
        assert!(there, "{suffix} of {others:?}");
    }
    let globs: Vec<_> = patterns.iter().map(|pattern| glob(pattern)).collect();
    let matched = |file: &String| {
        globs
            .iter()
            .any(|glob| glob.is_match(format!("{FOLDER}/{file}")))
    };
    assert!(entries.iter().all(matched), "{name}: {entries:?}");
    assert!(!others.iter().any(matched), "{name}: {others:?}");
}

#[test]
fn vector_sends_every_line_as_it_is() {
    let config: toml::Table = toml::from_str(&read("vector.toml")).unwrap();
    let source = &config["sources"]["omg_audit"];
    let include = source["include"].as_array().unwrap().iter();
    let include: Vec<String> = include
        .map(|path| path.as_str().unwrap().to_owned())
        .collect();
    check("vector.toml", &include);
    assert_eq!(source["type"].as_str(), Some("file"));
    assert_eq!(source["read_from"].as_str(), Some("beginning"));
    assert!(source["max_line_bytes"].as_integer().unwrap() >= LONGEST);
    let sink = &config["sinks"]["kafka"];
    assert_eq!(sink["inputs"][0].as_str(), Some("omg_audit"));
    assert_eq!(sink["encoding"]["codec"].as_str(), Some("text"));
    assert_eq!(sink["acknowledgements"]["enabled"].as_bool(), Some(true));
    assert_eq!(sink["buffer"]["when_full"].as_str(), Some("block"));
    // Vector refuses less.
    assert!(sink["buffer"]["max_size"].as_integer().unwrap() >= 268_435_488);
}

#[test]
fn fluent_bit_sends_every_line_as_it_is() {
    let config = yaml("fluent-bit.yaml");
    let input = &config["pipeline"]["inputs"][0];
    let path = input["path"]
        .as_str()
        .unwrap()
        .split(',')
        .map(str::to_owned);
    check("fluent-bit.yaml", &path.collect::<Vec<_>>());
    assert_eq!(input["name"].as_str(), Some("tail"));
    assert_eq!(input["read_from_head"].as_bool(), Some(true));
    assert_eq!(input["skip_long_lines"].as_bool(), Some(false));
    assert_eq!(input["storage.type"].as_str(), Some("filesystem"));
    assert!(input["parser"].is_badvalue());
    let kilobytes = input["buffer_max_size"]
        .as_str()
        .unwrap()
        .strip_suffix('k')
        .unwrap();
    assert!(kilobytes.parse::<i64>().unwrap() * 1024 >= LONGEST);
    let output = &config["pipeline"]["outputs"][0];
    assert_eq!(output["match"], input["tag"]);
    assert_eq!(output["format"].as_str(), Some("raw"));
    // The key that `tail` gives a line without a parser.
    assert_eq!(output["raw_log_key"].as_str(), Some("log"));
}

#[test]
fn the_collector_sends_every_line_as_it_is() {
    let config = yaml("otel-collector.yaml");
    let receiver = &config["receivers"]["file_log"];
    let include = receiver["include"].as_vec().unwrap().iter();
    let include: Vec<String> = include
        .map(|path| path.as_str().unwrap().to_owned())
        .collect();
    check("otel-collector.yaml", &include);
    assert_eq!(receiver["start_at"].as_str(), Some("beginning"));
    assert_eq!(receiver["force_flush_period"].as_str(), Some("0s"));
    let size = receiver["max_log_size"]
        .as_str()
        .unwrap()
        .strip_suffix("KiB")
        .unwrap();
    assert!(size.parse::<i64>().unwrap() * 1024 >= LONGEST);
    assert_eq!(
        config["exporters"]["kafka"]["logs"]["encoding"].as_str(),
        Some("raw")
    );
    // Every part that a pipeline names is there.
    for (_, pipeline) in config["service"]["pipelines"].as_hash().unwrap() {
        for kind in ["receivers", "exporters"] {
            for name in pipeline[kind].as_vec().unwrap() {
                assert!(
                    !config[kind][name.as_str().unwrap()].is_badvalue(),
                    "{name:?}"
                );
            }
        }
    }
    let storage = config["service"]["extensions"][0].as_str().unwrap();
    assert!(!config["extensions"][storage].is_badvalue());
    assert_eq!(receiver["storage"].as_str(), Some(storage));
}
