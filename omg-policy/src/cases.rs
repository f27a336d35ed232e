//! Tests of policies: evidence, and what a policy is expected to say of it.

use serde::Deserialize;
use toml::{Spanned, Value};

use crate::decision::Verdict;
use crate::effective::Policy;
use crate::error::{PolicyError, Problem, Text};
use crate::evidence::Evidence;
use crate::facts::Facts;
use crate::grade::Grade;
use crate::matcher::Order;
use crate::period;

/// The largest file of tests that is read: 4 MiB.
pub const MAX_CASES_BYTES: usize = 4 << 20;

/// A file of tests.
#[derive(Clone, Debug)]
pub struct PolicyTests {
    cases: Vec<Case>,
}

#[derive(Clone, Debug)]
struct Case {
    name: String,
    line: u32,
    at: chrono::DateTime<chrono::Utc>,
    expect: Verdict,
    grade: Option<Grade>,
    rules: Option<Vec<String>>,
    evidence: Facts,
}

/// What became of one test.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CaseResult {
    /// The test's name.
    pub name: String,
    /// The line in the file, from 1.
    pub line: u32,
    /// What is not as expected; empty for a test that passed.
    pub failures: Vec<String>,
    /// What the policy said.
    pub decision: crate::Decision,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: Spanned<i64>,
    #[serde(default)]
    case: Vec<Spanned<FileCase>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileCase {
    name: String,
    at: Spanned<Value>,
    expect: Verdict,
    grade: Option<Grade>,
    rules: Option<Vec<String>>,
    evidence: Facts,
}

impl PolicyTests {
    /// Reads a file of tests:
    ///
    /// ```
    /// use omg_policy::{Layer, LayerKind, Policy, PolicyTests};
    ///
    /// let tests = PolicyTests::parse("tests.toml", br#"
    ///     schema = 1
    ///     [[case]]
    ///     name = "nothing from the AUR"
    ///     at = 2026-11-24
    ///     expect = "reject"               # the verdict
    ///     grade = "community"             # optional
    ///     rules = ["origin.aur.allow"]    # optional: exactly these rules are violated
    ///     [case.evidence]
    ///     name = "foo-bin"
    ///     coverage = { fresh = { as_of = "2026-11-24T00:00:00Z" } }
    ///     origin = { aur = {} }
    /// "#)?;
    /// let layer = Layer::parse(LayerKind::System, "policy.toml", b"allow_aur = false")?;
    /// let results = tests.run(&Policy::new([layer]), &|a, b| a.cmp(b));
    /// assert!(results[0].failures.is_empty());
    /// # Ok::<(), omg_policy::PolicyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the file is over [`MAX_CASES_BYTES`], has no case, or is not understood: a test that
    /// is not run must not look like one that passed.
    pub fn parse(file: &str, toml: &[u8]) -> Result<Self, PolicyError> {
        let text = Text::new(file, toml, MAX_CASES_BYTES)?;
        let parsed: File = text.parse()?;
        let schema = *parsed.schema.get_ref();
        if schema != 1 {
            return Err(text.error(&parsed.schema.span(), Problem::Schema { found: schema }));
        }
        if parsed.case.is_empty() {
            return Err(text.error(&(0..0), Problem::Empty));
        }
        let case = |case: Spanned<FileCase>| {
            let line = text.line(&case.span());
            let case = case.into_inner();
            let at = period::moment(case.at.get_ref())
                .map_err(|detail| text.value(&case.at.span(), "case.at", detail))?;
            Ok(Case {
                name: case.name,
                line,
                at,
                expect: case.expect,
                grade: case.grade,
                rules: case.rules,
                evidence: case.evidence,
            })
        };
        let cases = parsed
            .case
            .into_iter()
            .map(case)
            .collect::<Result<_, _>>()?;
        Ok(Self { cases })
    }

    /// How many tests there are.
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Never: a file without tests is not accepted.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// Runs all of them, in the file's order.
    pub fn run(&self, policy: &Policy, order: Order<'_>) -> Vec<CaseResult> {
        self.cases
            .iter()
            .map(|case| case.run(policy, order))
            .collect()
    }
}

impl Case {
    fn run(&self, policy: &Policy, order: Order<'_>) -> CaseResult {
        let decision = policy.decide(&Evidence::simulated(self.evidence.clone()), self.at, order);
        let mut failures = Vec::new();
        if decision.verdict != self.expect {
            failures.push(format!("expected {}, is {}", self.expect, decision.verdict));
        }
        if let Some(grade) = self.grade.filter(|grade| *grade != decision.grade) {
            failures.push(format!("expected the grade {grade}, is {}", decision.grade));
        }
        if let Some(expected) = &self.rules {
            let sorted = |names: Vec<&str>| {
                let set: std::collections::BTreeSet<&str> = names.into_iter().collect();
                set.into_iter().collect::<Vec<_>>().join(", ")
            };
            let expected = sorted(expected.iter().map(String::as_str).collect());
            let found = sorted(decision.violated().map(|(rule, _)| rule).collect());
            if expected != found {
                failures.push(format!("expected the rules [{expected}], are [{found}]"));
            }
        }
        CaseResult {
            name: self.name.clone(),
            line: self.line,
            failures,
            decision,
        }
    }
}
