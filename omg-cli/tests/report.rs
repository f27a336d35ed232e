//! The report: what it shows, and that nothing in it comes alive.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)] // A test may fail anywhere.

mod support;

use html5ever::tendril::TendrilSink as _;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use serde_json::Value;
use support::{Sandbox, workspace};

const AT: [&str; 3] = ["--at", "2026-11-24T12:00:00Z", "--no-log"];

fn demo() -> (i32, String) {
    demo_in(&Sandbox::new())
}

fn demo_in(sandbox: &Sandbox) -> (i32, String) {
    let run = sandbox.run(
        &[
            &["audit", "report", "--root", "examples/demo-root"][..],
            &["--advisories", "examples/demo-root/advisories"],
            &AT,
        ]
        .concat(),
    );
    assert_eq!(run.stderr, "");
    (run.code, run.stdout)
}

/// An element: its depth, name and attributes.
type Element = (usize, String, Vec<(String, String)>);

/// Every element as its depth, name and attributes, with the values of the latter.
fn elements(html: &str) -> Vec<Element> {
    fn walk(node: &Handle, depth: usize, out: &mut Vec<Element>) {
        match &node.data {
            NodeData::Element { name, attrs, .. } => {
                let attrs = attrs.borrow();
                let attrs = attrs.iter();
                let attrs = attrs.map(|a| (a.name.local.to_string(), a.value.to_string()));
                out.push((depth, name.local.to_string(), attrs.collect()));
            }
            NodeData::Comment { .. } | NodeData::ProcessingInstruction { .. } => {
                panic!("a comment or instruction in the report")
            }
            _ => {}
        }
        for child in node.children.borrow().iter() {
            walk(child, depth + 1, out);
        }
    }
    let dom = html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default());
    let dom = dom.one(html);
    assert!(dom.errors.borrow().is_empty(), "{:?}", dom.errors.borrow());
    let mut out = Vec::new();
    walk(&dom.document, 0, &mut out);
    out
}

/// The text of the element that holds the data.
fn data(html: &str) -> Value {
    let (_, rest) = html.split_once("id=\"omg-data\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn it_says_what_the_scan_says() {
    let (code, html) = demo();
    assert_eq!(code, 1, "as the scan");
    for text in [
        "Security report of Arch Linux (omg demonstration), 2026-11-24 12:00 UTC",
        "AVG-2851",
        "CVE-2024-3094",
        "known to be exploited",
        "3 updates would remove 100 % of the weight",
        "There is no audit log.",
    ] {
        assert!(html.contains(text), "{text}");
    }
    let data = data(&html);
    assert_eq!(data["schema"], "omg.report/1");
    assert_eq!(data["scan"]["schema"], "omg.scan/1");
    assert_eq!(data["policy"]["schema"], "omg.policy/1");
    assert_eq!(data["verify"]["schema"], "omg.verify/1");
    assert_eq!(data["scan"]["findings"].as_array().unwrap().len(), 5);
}

#[test]
fn the_same_evidence_gives_the_same_bytes() {
    let sandbox = Sandbox::new();
    assert!(demo_in(&sandbox) == demo_in(&sandbox));
}

/// No request can leave it, by what it holds and by its own policy.
#[test]
fn it_asks_nothing_of_the_network_and_runs_nothing() {
    let (_, html) = demo();
    let mut policies = 0;
    for (_, name, attrs) in elements(&html) {
        let of = |key: &str| {
            attrs
                .iter()
                .find(|(k, _)| k == key)
                .map(|(_, v)| v.as_str())
        };
        match name.as_str() {
            "script" => assert_eq!(of("type"), Some("application/json")),
            "link" | "img" | "iframe" | "object" | "embed" | "form" | "base" | "svg" => {
                panic!("{name}")
            }
            "meta" if of("http-equiv").is_some() => {
                assert!(
                    of("content")
                        .unwrap()
                        .starts_with("default-src 'none'; style-src 'sha256-")
                );
                policies += 1;
            }
            _ => {}
        }
        for (key, value) in &attrs {
            assert!(
                !key.starts_with("on") && key != "style" && key != "src",
                "{key}"
            );
            if key == "href" {
                let web = value.starts_with("https://") || value.starts_with("http://");
                assert!(web || value.starts_with('#'), "{value}");
            }
        }
    }
    assert_eq!(policies, 1);
    let style = html
        .split_once("<style>")
        .unwrap()
        .1
        .split_once("</style>")
        .unwrap()
        .0;
    assert!(!style.contains("url(") && !style.contains("@import"));
}

/// Landmarks, language, title, headings in order, headed tables.
#[test]
fn it_can_be_read_aloud() {
    let (_, html) = demo();
    let all = elements(&html);
    let count = |name: &str| all.iter().filter(|(_, n, _)| n == name).count();
    for landmark in ["header", "nav", "main", "footer", "h1", "title"] {
        assert_eq!(count(landmark), 1, "{landmark}");
    }
    assert!(all.iter().any(|(_, name, attrs)| {
        name == "html" && attrs.contains(&("lang".to_owned(), "en".to_owned()))
    }));
    assert_eq!(count("table"), count("caption"));
    for (_, name, attrs) in &all {
        assert!(name != "th" || attrs.iter().any(|(key, _)| key == "scope"));
        if name == "section" {
            let (_, id) = attrs
                .iter()
                .find(|(key, _)| key == "aria-labelledby")
                .unwrap();
            let heads = |(_, n, a): &&(usize, String, Vec<(String, String)>)| {
                n == "h2" && a.contains(&("id".to_owned(), id.clone()))
            };
            assert_eq!(all.iter().filter(heads).count(), 1, "{id}");
        }
    }
}

#[test]
fn it_shows_the_trend_that_the_log_remembers() {
    let sandbox = Sandbox::new();
    let demo = ["--root", "examples/demo-root"];
    let feed = ["--advisories", "examples/demo-root/advisories"];
    sandbox.run(&[&["audit", "scan"][..], &demo, &feed].concat());
    let ignore = ["--ignore", "omg-cli/tests/fixtures/ignore.toml"];
    sandbox.run(&[&["audit", "scan"][..], &demo, &feed, &ignore].concat());
    let run = sandbox.run(&[&["audit", "report"][..], &demo, &feed].concat());
    for text in [
        "at or over the threshold (3 then,",
        "The newest scans in the audit log",
        "remembers no verdict on a signature",
    ] {
        assert!(run.stdout.contains(text), "{text}: {}", run.stdout);
    }
}

/// Ways out of text, attribute, script and style, as attackers write them.
const HOSTILE: [&str; 18] = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "\" autofocus onfocus=\"alert(1)",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "https://a\" onclick=\"alert(1)",
    "https://a/'><b>",
    "<!--",
    "--><script>",
    "]]><script>",
    "<style>*{display:none}</style>",
    "</title><h1>x</h1>",
    "</table></main>",
    "<meta http-equiv=refresh content=0;url=//evil>",
    "&lt;script&gt;&#60;b&#62;",
];

/// A report in which everything that somebody else writes is this text.
fn report_of(text: &str) -> String {
    let sandbox = Sandbox::new();
    let root = sandbox.arch_root(&[("good", "1-1"), ("other", "1-1"), ("third", "1-1")]);
    let release = format!("ID=arch\nPRETTY_NAME='{}'\n", text.replace('\'', "’"));
    sandbox.write("root/etc/os-release", release);
    let desc = format!(
        "%NAME%\nother\n\n%VERSION%\n1-1\n\n%ARCH%\nx86_64\n\n%LICENSE%\n{text}\n\n%VALIDATION%\npgp\n\n"
    );
    sandbox.write("root/var/lib/pacman/local/other-1-1/desc", desc);
    let group = |id: &str, package: &str, fixed: Option<&str>| {
        serde_json::json!({ "name": id, "packages": [package], "status": "Vulnerable",
            "severity": "High", "type": text, "affected": "1-1", "fixed": fixed,
            "ticket": null, "issues": [text], "advisories": [] })
    };
    // Newer than what is installed, whatever the text.
    let later = format!("9{text}");
    let feed = serde_json::json!([
        group(text, "good", None),
        group("AVG-2", "other", Some(&later)),
        group("AVG-3", "third", Some(&later)),
    ]);
    let feed = sandbox.write("feed.json", feed.to_string());
    let ignore = format!(
        "[[ignore]]\nid = \"AVG-2\"\nreason = {}\nexpires = \"2027-01-01\"\n",
        serde_json::json!(text)
    );
    let ignore = sandbox.write("ignore.toml", ignore);
    let run = sandbox.run(
        &[
            &["audit", "report", "--root", root.to_str().unwrap()][..],
            &["--advisories", feed.to_str().unwrap()],
            &["--ignore", ignore.to_str().unwrap()],
            &AT,
        ]
        .concat(),
    );
    assert!(
        run.code == 0 || run.code == 1 || run.code == 3,
        "{}",
        run.stderr
    );
    assert!(!run.stdout.is_empty(), "{}", run.stderr);
    run.stdout
}

/// The structure of the report is the same whatever the data say: no element and no attribute
/// comes from them.
#[test]
fn hostile_text_stays_text() {
    let structure = |html: &str| -> Vec<(usize, String, Vec<String>)> {
        let names = |attrs: Vec<(String, String)>| attrs.into_iter().map(|(k, _)| k).collect();
        let all = elements(html).into_iter();
        all.map(|(depth, name, attrs)| (depth, name, names(attrs)))
            .collect()
    };
    let harmless = report_of("harmless words");
    assert!(harmless.matches("harmless words").count() >= 10);
    let expected = structure(&harmless);
    for text in HOSTILE {
        let html = report_of(text);
        assert!(structure(&html) == expected, "{text}");
        assert_eq!(data(&html)["scan"]["schema"], "omg.scan/1", "{text}");
        for (_, _, attrs) in elements(&html) {
            for (key, value) in attrs {
                let script = value.trim_start().to_ascii_lowercase();
                assert!(
                    key != "href" || !script.starts_with("javascript:"),
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn lock_files_have_a_report_too() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("report.html");
    let fixtures = workspace().join("omg-cli/tests/fixtures");
    let run = sandbox.run(
        &[
            &["audit", "report", "-o", file.to_str().unwrap()][..],
            &["--lockfile", fixtures.join("Cargo.lock").to_str().unwrap()],
            &[
                "--advisories",
                fixtures.join("smallvec.json").to_str().unwrap(),
            ],
            &AT,
        ]
        .concat(),
    );
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    let html = std::fs::read_to_string(file).unwrap();
    assert!(html.contains("Policies decide on what is installed"));
    assert_eq!(data(&html)["policy"], Value::Null);
}
