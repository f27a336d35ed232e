//! Metrics: what they say, that they can be read, and that what is built upon them names them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use support::{Sandbox, tool, workspace};

/// Samples by name and labels, as in the "Exposition formats" of Prometheus, version 0.0.4.
type Samples = BTreeMap<String, f64>;

/// A strict reader of the part of the format that omg writes.
fn read(text: &str) -> Result<Samples, String> {
    if !text.ends_with('\n') {
        return Err("the last line has no end".to_owned());
    }
    let (mut samples, mut typed, mut help) = (Samples::new(), BTreeSet::new(), BTreeSet::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, words) = rest.split_once(' ').ok_or(line)?;
            if words.is_empty() || !help.insert(name) {
                return Err(format!("help: {line}"));
            }
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').ok_or(line)?;
            let late = samples
                .keys()
                .any(|key| key.split('{').next() == Some(name));
            if kind != "gauge" || late || !typed.insert(name) {
                return Err(format!("type: {line}"));
            }
        } else {
            let (series, value) = line.rsplit_once(' ').ok_or(line)?;
            let name = series.split('{').next().unwrap_or_default();
            let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if !name.starts_with("omg_") || !name.chars().all(legal) || !typed.contains(name) {
                return Err(format!("name: {line}"));
            }
            if let Some(labels) = series.strip_prefix(name).filter(|rest| !rest.is_empty()) {
                let inner = labels.strip_prefix('{').and_then(|l| l.strip_suffix('}'));
                for label in inner.ok_or(line)?.split(',') {
                    let (key, quoted) = label.split_once('=').ok_or(line)?;
                    let value = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"'));
                    let plain = |c: char| !matches!(c, '"' | '\\');
                    if !key.chars().all(legal) || !value.is_some_and(|v| v.chars().all(plain)) {
                        return Err(format!("label: {line}"));
                    }
                }
            }
            let value = value.parse().map_err(|_| format!("value: {line}"))?;
            if samples.insert(series.to_owned(), value).is_some() {
                return Err(format!("twice: {line}"));
            }
        }
    }
    Ok(samples)
}

fn demo(sandbox: &Sandbox, more: &[&str]) -> String {
    let demo = ["audit", "scan", "--root", "examples/demo-root", "--no-log"];
    let advisories = [
        "--advisories",
        "examples/demo-root/advisories",
        "-f",
        "prom",
    ];
    let run = sandbox.run(&[&demo[..], &advisories, more].concat());
    assert_eq!(run.code, 1, "{}", run.stderr);
    run.stdout
}

#[test]
fn the_metrics_say_what_the_scan_says() {
    let text = demo(&Sandbox::new(), &["--at", "2026-11-24T12:00:00Z"]);
    let samples = read(&text).unwrap();
    assert_eq!(samples["omg_scan_packages"], 8.0);
    assert_eq!(samples["omg_scan_failing"], 3.0);
    assert_eq!(samples["omg_last_scan_success"], 1.0);
    assert_eq!(samples["omg_last_scan_timestamp_seconds"], 1_795_521_600.0);
    let of = |severity: &str, kev: bool| {
        let labels = format!("severity=\"{severity}\",fix=\"available\",kev=\"{kev}\"");
        samples[&format!("omg_vulnerabilities{{{labels},excepted=\"false\"}}")]
    };
    assert_eq!(
        (of("critical", false), of("high", true), of("high", false)),
        (1.0, 1.0, 1.0)
    );
    let all = samples
        .iter()
        .filter(|(key, _)| key.starts_with("omg_vulnerabilities{"));
    assert_eq!(all.clone().count(), 48);
    assert_eq!(all.map(|(_, value)| value).sum::<f64>(), 3.0);
    assert_eq!(
        samples["omg_vulnerabilities_unconfirmed{state=\"likely_stale\"}"],
        2.0
    );
    assert!(!text.contains("duration"), "not reproducible");
    let now = read(&demo(&Sandbox::new(), &[])).unwrap();
    assert!((0.0..60.0).contains(&now["omg_scan_duration_seconds"]));
}

#[test]
fn what_was_set_aside_is_counted_apart_and_what_is_missing_is_said() {
    let sandbox = Sandbox::new();
    let ignore = [
        "--ignore",
        "omg-cli/tests/fixtures/ignore.toml",
        "--at",
        "2026-11-24T12:00:00Z",
    ];
    let samples = read(&demo(&sandbox, &ignore)).unwrap();
    let set_aside = samples
        .iter()
        .filter(|(key, _)| key.contains("excepted=\"true\""));
    assert_eq!(set_aside.map(|(_, value)| value).sum::<f64>(), 2.0);
    let nothing = [
        "audit",
        "scan",
        "--root",
        "examples/demo-root",
        "--offline",
        "--no-log",
        "-f",
        "prom",
    ];
    let run = sandbox.run(&nothing);
    assert_eq!(run.code, 3);
    assert_eq!(read(&run.stdout).unwrap()["omg_last_scan_success"], 0.0);
}

#[test]
fn the_reader_refuses_what_prometheus_would() {
    let good = "# HELP omg_a x\n# TYPE omg_a gauge\nomg_a{b=\"c\"} 1\n";
    assert!(read(good).is_ok());
    for bad in [
        "# HELP omg_a x\n# TYPE omg_a gauge\nomg_a 1",
        "omg_a 1\n",
        "# HELP omg_a x\n# TYPE omg_a gauge\nomg_a{b=c} 1\n",
        "# HELP omg_a x\n# TYPE omg_a gauge\nomg_a{b=\"c\" 1\n",
        "# HELP omg_a x\n# TYPE omg_a gauge\nomg_a one\n",
        "# HELP omg_a x\n# TYPE omg_a gauge\nomg_a 1\nomg_a 1\n",
        "# HELP omg_a x\n# TYPE omg_a gauge\n# TYPE omg_a gauge\nomg_a 1\n",
    ] {
        assert!(read(bad).is_err(), "{bad}");
    }
}

/// A report after a scan, a valid signature and a refused one, under a policy with an exception.
fn report(sandbox: &Sandbox) -> Samples {
    let demo = ["--root", "examples/demo-root"];
    let feed = ["--advisories", "examples/demo-root/advisories"];
    sandbox.run(&[&["audit", "scan"][..], &demo, &feed].concat());
    for signature in ["good", "large-subkey"] {
        let vectors = "omg-pgp/tests/vectors";
        let (file, signature) = (
            format!("{vectors}/data.bin"),
            format!("{vectors}/{signature}.sig"),
        );
        let keyring = format!("{vectors}/good.cert");
        let pgp = ["audit", "pgp", &file, "--signature", &signature];
        sandbox.run(&[&pgp[..], &["--keyring", &keyring]].concat());
    }
    let policy = sandbox.write(
        "policy.toml",
        "schema = 1\nrequire_pgp = true\n[[exception]]\nrule = 'signature'\npackage = 'xz'\n\
         reason = 'watched'\nowner = 'ops'\ngranted = 2026-11-01\nuntil = 2999-01-01\n",
    );
    let policy = ["--policy", policy.to_str().unwrap(), "-f", "prom"];
    let run = sandbox.run(&[&["audit", "report"][..], &demo, &feed, &policy].concat());
    read(&run.stdout).unwrap_or_else(|line| panic!("{line}: {}", run.stderr))
}

#[test]
fn a_report_counts_policy_log_and_signatures_as_well() {
    let samples = report(&Sandbox::new());
    assert_eq!(samples["omg_scan_failing"], 3.0);
    assert_eq!(samples["omg_audit_log_verified"], 1.0);
    assert!(samples["omg_audit_log_entries"] >= 6.0);
    assert_eq!(samples["omg_signatures{result=\"verified\"}"], 1.0);
    assert_eq!(samples["omg_signatures{result=\"failed\"}"], 1.0);
    let sum = |name: &str| -> f64 {
        let of = |(key, _): &(&String, &f64)| key.split('{').next() == Some(name);
        samples.iter().filter(of).map(|(_, value)| value).sum()
    };
    assert_eq!(sum("omg_packages"), 8.0);
    assert_eq!(sum("omg_policy_verdicts"), 8.0);
    assert_eq!(sum("omg_packages_validated"), 8.0);
    assert!(sum("omg_policy_decisions") >= 1.0, "{samples:?}");
}

/// Every metric that the alerts and the dashboard speak of is one that a report writes.
#[test]
fn alerts_and_dashboard_name_metrics_that_there_are() {
    let sandbox = Sandbox::new();
    let samples = report(&sandbox);
    let names: BTreeSet<&str> = samples
        .keys()
        .filter_map(|key| key.split('{').next())
        .collect();
    let folder = workspace().join("examples/monitoring");
    let alerts = std::fs::read_to_string(folder.join("alerts.yaml")).unwrap();
    let parsed = yaml_rust2::YamlLoader::load_from_str(&alerts).unwrap();
    let rules = parsed[0]["groups"][0]["rules"].as_vec().unwrap();
    let expressions = rules
        .iter()
        .map(|rule| rule["expr"].as_str().unwrap().to_owned());
    let dashboard = std::fs::read(folder.join("dashboard.json")).unwrap();
    let dashboard: serde_json::Value = serde_json::from_slice(&dashboard).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let panels = panels.map(|panel| panel["targets"][0]["expr"].as_str().unwrap().to_owned());
    let all: Vec<String> = expressions.chain(panels).collect();
    assert!(all.len() >= 14);
    for expression in all {
        let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        let mut used = expression
            .split(word)
            .filter(|w| w.starts_with("omg_"))
            .peekable();
        assert!(used.peek().is_some(), "{expression}");
        for name in used {
            assert!(names.contains(name), "{expression}: {name}");
        }
    }
}

/// The command of the unit is one that omg understands.
#[test]
fn the_service_runs_a_command_that_there_is() {
    let unit = workspace().join("examples/monitoring/omg-scan.service");
    let unit = std::fs::read_to_string(unit).unwrap();
    let line = unit
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart=/usr/bin/omg "));
    let sandbox = Sandbox::new();
    let state = sandbox.path("state");
    std::fs::create_dir_all(state.join("metrics")).unwrap();
    let line = line
        .unwrap()
        .replace("/var/lib/omg", state.to_str().unwrap());
    let demo = ["--root", "examples/demo-root", "--offline"];
    let args: Vec<&str> = line.split(' ').chain(demo).collect();
    let run = sandbox.run(&args);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let written = std::fs::read_to_string(state.join("metrics/omg.prom")).unwrap();
    read(&written).unwrap();
    let folder = std::fs::read_dir(state.join("metrics")).unwrap();
    assert_eq!(folder.count(), 1, "no temporary file is left");
}

/// The real node_exporter serves the file.
#[test]
fn node_exporter_serves_it() {
    let Some(exporter) = tool("prometheus-node-exporter") else {
        return;
    };
    let sandbox = Sandbox::new();
    let file = sandbox.write(
        "metrics/omg.prom",
        demo(&sandbox, &["--at", "2026-11-24T12:00:00Z"]),
    );
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let folder = file.parent().unwrap().display();
    let mut running = Command::new(exporter)
        .args(["--collector.disable-defaults", "--collector.textfile"])
        .arg(format!("--collector.textfile.directory={folder}"))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    let mut served = String::new();
    while served.is_empty() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
            let request = "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n";
            stream.write_all(request.as_bytes()).unwrap();
            stream.read_to_string(&mut served).unwrap();
        }
    }
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(served.contains("omg_scan_packages 8\n"), "{served}");
    assert!(
        served.contains("node_textfile_scrape_error 0\n"),
        "{served}"
    );
}
