//! What is allowed and why: for people, and as `omg.policy/1` (`schemas/omg.policy.1.json`).

use omg_policy::{CaseResult, Comparison, Grade, Place, Reason, Review, Subject, Verdict, Witness};
use serde_json::{Value, json};

use super::words::{clean, plural};
use super::wrap::wrapped;
use crate::checks::policy::active::ActivePolicy;
use crate::checks::policy::result::{PackageDecision, PolicyResult};
use crate::render::json_text::pretty;
use crate::session::format::Format;
use crate::session::style::Style;

pub fn policy(named: &ActivePolicy, shown: &PolicyResult, format: Format, style: Style) -> String {
    match format {
        Format::Json => pretty(&document(named, shown)),
        _ => table(named, shown, style),
    }
}

/// Which policy it was.
pub fn header(named: &ActivePolicy) -> Value {
    let layers = named.policy.layers();
    let layers = layers.map(|layer| json!({ "layer": layer.kind(), "file": layer.file() }));
    json!({
        "sha256": named.sha256,
        "layers": layers.collect::<Vec<_>>(),
        "rego": named.rego.files(),
    })
}

fn document(named: &ActivePolicy, shown: &PolicyResult) -> Value {
    let mut document = json!({
        "schema": "omg.policy/1",
        "policy": header(named),
        "decisions": [],
    });
    match shown {
        PolicyResult::Rules => document["rules"] = json!(named.policy.rules()),
        PolicyResult::Decisions {
            packages,
            review,
            problems,
            whole,
        } => {
            let status = if problems.is_empty() {
                "complete"
            } else {
                "incomplete"
            };
            document["status"] = json!(status);
            let decisions = packages.iter().map(|package| decision(package, *whole));
            document["decisions"] = decisions.collect();
            document["exceptions"] = json!({
                "expired": review.expired,
                "unused": review.unused,
            });
            document["problems"] = problems.iter().map(|text| clean(text)).collect();
        }
        PolicyResult::Diff(comparison) => document["comparison"] = json!(comparison),
        PolicyResult::Cases(cases) => document["cases"] = cases.iter().map(case).collect(),
    }
    document
}

/// A decision; with every rule that was looked at, if it is the only one.
pub fn decision(package: &PackageDecision, whole: bool) -> Value {
    let decision = &package.decision;
    let mut value = json!({
        "package": subject(decision.subject()),
        "verdict": decision.verdict,
        "grade": decision.grade,
        "reasons": decision.reasons().iter().map(reason).collect::<Vec<_>>(),
        "excepted": decision.excepted().iter().map(|excepted| json!({
            "reason": reason(&excepted.reason),
            "because": clean(&excepted.because),
            "owner": clean(&excepted.owner),
            "until": excepted.until,
            "origin": excepted.origin,
        })).collect::<Vec<_>>(),
    });
    if whole {
        value["trace"] = json!(decision.trace());
    }
    value
}

/// The package that a decision is about, with every part of its identity that is known.
fn subject(subject: &Subject) -> Value {
    let mut value = json!({ "name": clean(&subject.name), "version": clean(&subject.version) });
    let parts = [
        ("purl", &subject.purl),
        ("architecture", &subject.architecture),
        ("source", &subject.pkgbase),
        ("source_version", &subject.pkgbase_version),
    ];
    for (name, part) in parts {
        if let Some(part) = part {
            value[name] = json!(clean(part));
        }
    }
    if let Some(sha256) = subject.sha256 {
        value["sha256"] = json!(sha256);
    }
    value
}

fn reason(reason: &Reason) -> Value {
    json!({
        "rule": reason.rule,
        "verdict": reason.verdict,
        "origin": reason.origin,
        "detail": clean(&reason.detail),
        "evidence": clean(&reason.evidence),
        "passes_if": clean(&reason.passes_if),
    })
}

fn case(case: &CaseResult) -> Value {
    json!({
        "name": clean(&case.name),
        "line": case.line,
        "passed": case.failures.is_empty(),
        "failures": case.failures,
        "verdict": case.decision.verdict,
        "grade": case.decision.grade,
    })
}

fn table(named: &ActivePolicy, shown: &PolicyResult, style: Style) -> String {
    match shown {
        PolicyResult::Rules => rules(named, style),
        PolicyResult::Decisions {
            packages,
            review,
            problems,
            whole,
        } => {
            let mut out = format!(
                "omg audit policy: {}\n\n",
                plural(packages.len(), "package")
            );
            for package in packages {
                if *whole || package.decision.verdict > Verdict::Allow {
                    out.push_str(&one(package, *whole, style));
                }
            }
            out.push_str(&reviewed(review, style));
            for problem in problems {
                let line = format!("not checked: {}", clean(problem));
                out.push_str(&wrapped(&line, style.width, 2));
            }
            out.push_str(&summary(packages, shown.exit().code()));
            out
        }
        PolicyResult::Diff(comparison) => compared(comparison, shown.exit().code(), style),
        PolicyResult::Cases(cases) => tested(cases, shown.exit().code(), style),
    }
}

fn rules(named: &ActivePolicy, style: Style) -> String {
    let mut out = String::from("omg audit policy\n");
    for layer in named.policy.layers() {
        let (kind, file) = (layer.kind(), clean(layer.file()));
        out.push_str(&format!("\n{} layer, {file}\n", kind.as_str()));
        for rule in named.policy.rules() {
            if rule.origin.layer == kind && &*rule.origin.file == layer.file() {
                let line = match rule.origin.line {
                    0 => "default".to_owned(),
                    line => format!("line {line}"),
                };
                let text = format!("  {line:>8}  {}", clean(&rule.text));
                out.push_str(&wrapped(&text, style.width, 12));
            }
        }
    }
    for file in named.rego.files() {
        out.push_str(&format!("\nin Rego, {}\n", clean(file)));
    }
    out.push_str(&format!("\nSHA-256 {}\n", named.sha256));
    out
}

/// A package with its reasons.
pub fn one(package: &PackageDecision, whole: bool, style: Style) -> String {
    let decision = &package.decision;
    let verdict = verdict(decision.verdict, style);
    let (name, version) = (clean(package.name()), clean(package.version()));
    let mut out = format!("{verdict} {name} {version}, grade {}\n", decision.grade);
    for reason in &decision.reasons() {
        out.push_str(&explained(reason, style));
    }
    for excepted in &decision.excepted() {
        let until = excepted.until.format("%Y-%m-%d");
        let line = format!(
            "  excepted until {until} by {}: {}, {} ({})",
            clean(&excepted.owner),
            excepted.reason.rule,
            clean(&excepted.because),
            place(&excepted.origin),
        );
        out.push_str(&wrapped(&line, style.width, 4));
    }
    if whole {
        for step in &decision.trace() {
            if step.result == omg_policy::StepResult::Holds {
                let line = format!("  holds: {} ({})", clean(&step.asks), place(&step.origin));
                out.push_str(&wrapped(&line, style.width, 4));
            }
        }
    }
    out.push('\n');
    out
}

fn explained(reason: &Reason, style: Style) -> String {
    let place = place(&reason.origin);
    let mut out = wrapped(
        &format!("  {} ({place})", clean(&reason.detail)),
        style.width,
        4,
    );
    let found = format!("    {}", clean(&reason.evidence));
    out.push_str(&wrapped(&found, style.width, 6));
    let passes = format!("    passes if {}", clean(&reason.passes_if));
    out.push_str(&wrapped(&passes, style.width, 6));
    out
}

fn place(place: &Place) -> String {
    clean(&place.to_string())
}

pub fn verdict(verdict: Verdict, style: Style) -> String {
    let (word, colour) = match verdict {
        Verdict::Allow => ("allow ", "32"),
        Verdict::Warn => ("warn  ", "33"),
        Verdict::Reject => ("REJECT", "1;31"),
    };
    match style.colour {
        true => format!("\u{1b}[{colour}m{word}\u{1b}[0m"),
        false => word.to_owned(),
    }
}

fn reviewed(review: &Review, style: Style) -> String {
    let mut out = String::new();
    let lists = [
        ("expired", &review.expired),
        ("covers nothing", &review.unused),
    ];
    for (what, list) in lists {
        for exception in list {
            let text = clean(&exception.text);
            let line = format!("exception {what}: {text} ({})", place(&exception.origin));
            out.push_str(&wrapped(&line, style.width, 2));
        }
    }
    out
}

/// How many of each grade, and of each verdict.
pub fn summary(packages: &[PackageDecision], exit: u8) -> String {
    let graded = |grade| {
        packages
            .iter()
            .filter(|p| p.decision.grade == grade)
            .count()
    };
    let decided = |verdict| {
        packages
            .iter()
            .filter(|p| p.decision.verdict == verdict)
            .count()
    };
    let grades: Vec<String> = Grade::ALL
        .iter()
        .rev()
        .map(|grade| format!("{grade} {}", graded(*grade)))
        .collect();
    format!(
        "{}: {} rejected, {} warned, {} allowed. [exit {exit}]\n",
        grades.join(", "),
        decided(Verdict::Reject),
        decided(Verdict::Warn),
        decided(Verdict::Allow),
    )
}

fn compared(comparison: &Comparison, exit: u8, style: Style) -> String {
    let (text, witnesses): (&str, Vec<&Witness>) = match comparison {
        Comparison::Equal => ("B says the same as A of every package", Vec::new()),
        Comparison::Stricter { tightened } => ("B is stricter than A", vec![tightened]),
        Comparison::Looser { loosened } => ("B is looser than A", vec![loosened]),
        Comparison::Incomparable {
            tightened,
            loosened,
        } => (
            "B is stricter than A, and looser",
            vec![tightened, loosened],
        ),
        _ => ("B and A cannot be compared", Vec::new()),
    };
    let mut out = String::from("omg audit policy diff\n");
    for witness in witnesses {
        let (first, second) = (witness.first, witness.second);
        out.push_str(&format!(
            "\nA says {first}, B says {second} of this package:\n"
        ));
        let evidence = &witness.evidence;
        let or_unknown = |text: &Option<String>| text.as_deref().unwrap_or("?").to_owned();
        let (name, version) = (or_unknown(&evidence.name), or_unknown(&evidence.version));
        let at = witness.at.format("%Y-%m-%d");
        out.push_str(&format!(
            "  {} {}, on {at}\n",
            clean(&name),
            clean(&version)
        ));
        for rule in &witness.rules {
            out.push_str(&wrapped(&format!("  {}", clean(rule)), style.width, 4));
        }
    }
    out.push_str(&format!("\n{text}. [exit {exit}]\n"));
    out
}

fn tested(cases: &[CaseResult], exit: u8, style: Style) -> String {
    let mut out = String::from("omg audit policy test\n\n");
    let mut failed = 0;
    for case in cases {
        if case.failures.is_empty() {
            if style.verbose {
                out.push_str(&format!("ok      {}\n", clean(&case.name)));
            }
            continue;
        }
        failed += 1;
        out.push_str(&format!(
            "FAILED  {} (line {})\n",
            clean(&case.name),
            case.line
        ));
        for failure in &case.failures {
            out.push_str(&wrapped(&format!("  {}", clean(failure)), style.width, 4));
        }
        for reason in &case.decision.reasons() {
            out.push_str(&explained(reason, style));
        }
    }
    out.push_str(&format!(
        "{}, {failed} failed. [exit {exit}]\n",
        plural(cases.len(), "test")
    ));
    out
}
