//! Policies in Rego, which may only add warnings and rejections.

mod calls;
mod input;
mod shape;

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use regorus::utils::limits::{ExecutionTimerConfig, PolicyLengthConfig};
use regorus::{Engine, Value};

use self::input::input;
use crate::decision::{Added, Decision, Fact, Place, Reason, Step, StepResult, Verdict};
use crate::evidence::Evidence;
use crate::facts::Facts;
use crate::layer::LayerKind;

/// The largest policy in Rego that is read: 64 KiB.
pub const MAX_REGO_BYTES: usize = 64 << 10;
/// The time that a policy in Rego has for one package: a quarter of a second. What takes longer
/// rejects the package. The interpreter looks at its clock between steps.
pub const MAX_REGO_TIME: Duration = Duration::from_millis(250);

/// How much evidence is handed to a policy.
const MAX_INPUT_BYTES: usize = 8 << 20;
/// How many of a policy's messages about one package are told.
const MAX_MESSAGES: usize = 64;
/// The length up to which a message is told, in characters.
const MAX_MESSAGE: usize = 500;
/// The stack that a policy may use, of which only what is touched is ever there: the deepest that
/// is accepted takes an eighth of it in a debug build.
const STACK: usize = 128 << 20;

/// What a policy that depends on nothing but its input has no use for, and what makes much of
/// little in one step, where no limit on time helps. With the number of arguments.
const REFUSED: [(&str, u8); 4] = [
    ("rand.intn", 2),
    ("numbers.range", 2),
    ("numbers.range_step", 3),
    ("bits.lsh", 2),
];

/// A policy in [Rego](https://www.openpolicyagent.org/docs/policy-language), version 1.
///
/// ```
/// # #[cfg(feature = "rego")] {
/// use omg_policy::{Evidence, Policy, Rego, Subject, Verdict};
///
/// let rego = Rego::parse("rules.rego", br#"
///     package omg
///
///     deny contains sprintf("%s comes from the AUR", [input.name]) if input.origin.aur
///     warn contains "nobody rebuilt it" if input.rebuilds == null
/// "#)?;
/// let (policy, now) = (Policy::default(), "2026-11-24T12:00:00Z".parse()?);
/// let evidence = Evidence::about(Subject::new("foo-bin", "1.0-1"));
/// let decision = policy.decide(&evidence, now, &|a, b| a.cmp(b));
/// let decision = rego.tighten(decision, &evidence, now);
/// assert_eq!(decision.verdict, Verdict::Warn);
/// assert!(decision.violated().any(|(rule, _)| rule == "rego.warn"));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The file is of the package `omg`, and has the rule `deny`; it may have the rule `warn`. Each is
/// a set or list of messages. Every message of `deny` is a rejection, every one of `warn` a
/// warning; whatever else it defines, such as `allow`, is not looked at. So nothing in it can
/// loosen what other policies say.
///
/// As in OPA, no rule may refer to itself, be it by way of others; nor may rules and functions be
/// over 64 deep in one another. There is no data but the policy itself, `with` replaces the input
/// only, and whatever else is asked of them is an error when the policy is read.
///
/// A package is rejected if `deny` or `warn` is undefined, is something else than messages, ends in
/// an error, or takes more than [`MAX_REGO_TIME`]. Memory has no limit of its own: what can be
/// made of [`MAX_REGO_BYTES`] in that time, and a program that runs out of it ends.
///
/// `input` is the evidence as JSON; `schemas/evidence.schema.json` describes it. Whatever is not
/// known is there as `null`, which in Rego is less than every number, so that an unknown age is
/// a young one; it is not false, so that `not` of it does not hold. `input.now` is the time of the decision; `input.age_seconds` has the ages of what
/// has a time. There is no clock, no chance, no network and no file: `rand.intn`, `numbers.range`,
/// `numbers.range_step` and `bits.lsh` are errors, and what is beyond Rego's core is not built in.
#[derive(Clone)]
pub struct Rego {
    file: Arc<str>,
    engine: Engine,
    warns: bool,
}

/// A policy in Rego that is not accepted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{file}: {problem}")]
#[non_exhaustive]
pub struct RegoError {
    /// The file, as the caller named it.
    pub file: String,
    /// What is wrong.
    pub problem: RegoProblem,
}

/// What is wrong with a policy in Rego.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RegoProblem {
    /// The file is larger than what is read.
    #[error("over {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The file is no UTF-8.
    #[error("not UTF-8")]
    NotText,
    /// It is no Rego, or names what there is not.
    #[error("{detail}")]
    Invalid {
        /// What the interpreter says, with its place.
        detail: String,
    },
    /// It is of another package, whose rules nobody would ask for.
    #[error("the package is {found}, not omg")]
    Package {
        /// Its package.
        found: String,
    },
    /// It has no rule `deny`, and so asks for nothing.
    #[error("there is no rule named deny")]
    NoDeny,
}

impl std::fmt::Debug for Rego {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rego").field("file", &self.file).finish()
    }
}

impl Rego {
    /// Reads a policy; `file` is the name that its reasons are shown with.
    ///
    /// # Errors
    ///
    /// When it is over [`MAX_REGO_BYTES`], no Rego of version 1, of another package than `omg`, or
    /// without the rule `deny`.
    pub fn parse(file: &str, source: &[u8]) -> Result<Self, RegoError> {
        let fail = |problem| RegoError {
            file: file.to_owned(),
            problem,
        };
        if source.len() > MAX_REGO_BYTES {
            let limit = MAX_REGO_BYTES;
            return Err(fail(RegoProblem::TooLarge { limit }));
        }
        let text = std::str::from_utf8(source).map_err(|_| fail(RegoProblem::NotText))?;
        let invalid = |detail| fail(RegoProblem::Invalid { detail });
        shape::check(text).map_err(invalid)?;
        let read = isolated(|| read(file, text));
        let (engine, warns) = read.map_err(invalid)?.map_err(fail)?;
        Ok(Self {
            file: file.into(),
            engine,
            warns,
        })
    }

    /// The file's name, as it was given.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// What a policy sees of a package, as JSON: for trying rules out with other tools.
    pub fn input(facts: &Facts, now: DateTime<Utc>) -> String {
        input(facts, now).to_string()
    }

    /// Adds what this policy says of the package to what was decided about it. The verdict never
    /// gets better, and the grade stays.
    pub fn tighten(
        &self,
        mut decision: Decision,
        evidence: &Evidence,
        now: DateTime<Utc>,
    ) -> Decision {
        let judged = isolated(|| self.judge(evidence.facts(), now));
        let messages = match judged.unwrap_or_else(Err) {
            Ok(messages) => messages,
            Err(detail) => vec![Message::failed(detail)],
        };
        for message in &messages {
            decision.verdict = decision.verdict.max(message.verdict);
        }
        let origin = Place {
            layer: LayerKind::CommandLine,
            file: Arc::clone(&self.file),
            line: 0,
        };
        let result = match messages.is_empty() {
            true => StepResult::Holds,
            false => StepResult::Violated,
        };
        let step = Step {
            rule: "rego",
            origin: origin.clone(),
            asks: "rego: neither deny nor warn has anything to say".to_owned(),
            result,
        };
        let reasons = messages.into_iter().map(|m| m.reason(&origin)).collect();
        decision.added.push(Added { step, reasons });
        decision
    }

    /// What it says of a package; the error is for people.
    fn judge(&self, facts: &Facts, now: DateTime<Utc>) -> Result<Vec<Message>, String> {
        let input = input(facts, now).to_string();
        if input.len() > MAX_INPUT_BYTES {
            return Err(format!("the evidence is over {MAX_INPUT_BYTES} bytes"));
        }
        let mut engine = self.engine.clone();
        let text = |error: anyhow::Error| cut(&error.to_string());
        engine.set_input_json(&input).map_err(text)?;
        let mut said = Vec::new();
        let rules = [("deny", Verdict::Reject), ("warn", Verdict::Warn)];
        for (rule, verdict) in rules.into_iter().take(1 + usize::from(self.warns)) {
            let value = engine.eval_rule(format!("data.omg.{rule}")).map_err(text)?;
            let found = messages(&value).map_err(|detail| format!("{rule} {detail}"))?;
            said.extend(found.into_iter().map(|text| Message {
                rule: if verdict == Verdict::Reject {
                    "rego.deny"
                } else {
                    "rego.warn"
                },
                verdict,
                text,
            }));
        }
        Ok(said)
    }
}

/// One thing that a policy says.
struct Message {
    rule: &'static str,
    verdict: Verdict,
    text: String,
}

impl Message {
    fn failed(detail: String) -> Self {
        Self {
            rule: "rego.failed",
            verdict: Verdict::Reject,
            text: detail,
        }
    }

    fn reason(self, origin: &Place) -> Reason {
        let passes_if = match self.rule {
            "rego.failed" => "the policy in Rego comes to a result",
            _ => "the policy in Rego no longer says so",
        };
        Reason {
            rule: self.rule,
            verdict: self.verdict,
            origin: origin.clone(),
            detail: format!("{}: {}", self.rule, self.verdict),
            evidence: self.text,
            passes_if: passes_if.to_owned(),
            facts: vec![Fact::Whole],
        }
    }
}

fn read(file: &str, text: &str) -> Result<(Engine, bool), RegoProblem> {
    let invalid = |error: anyhow::Error| RegoProblem::Invalid {
        detail: cut(&error.to_string()),
    };
    let mut engine = Engine::new();
    engine.set_strict_builtin_errors(true);
    // Else they would be printed.
    engine.set_gather_prints(true);
    engine.set_policy_length_config(PolicyLengthConfig {
        max_file_bytes: NonZeroUsize::new(MAX_REGO_BYTES).unwrap_or(NonZeroUsize::MIN),
        ..PolicyLengthConfig::default()
    });
    engine.set_execution_timer_config(ExecutionTimerConfig {
        limit: MAX_REGO_TIME,
        check_interval: NonZeroU32::MIN,
    });
    for (name, arguments) in REFUSED {
        let refuse = move |_: Vec<Value>| -> anyhow::Result<Value> { Err(refused(name)) };
        engine
            .add_extension(name.to_owned(), arguments, Box::new(refuse))
            .map_err(invalid)?;
    }
    let package = engine
        .add_policy(file.to_owned(), text.to_owned())
        .map_err(invalid)?;
    if package != "data.omg" {
        let found = package.strip_prefix("data.").unwrap_or(&package);
        let found = cut(found);
        return Err(RegoProblem::Package { found });
    }
    let tree = engine.get_ast_as_json().map_err(invalid)?;
    calls::check(&tree).map_err(|detail| RegoProblem::Invalid { detail })?;
    let has = |rule| engine.has_declared_rule_rooted_at(file, rule);
    if !has("deny").map_err(invalid)? {
        return Err(RegoProblem::NoDeny);
    }
    let warns = has("warn").map_err(invalid)?;
    // What can be found wrong without a package is.
    let entry = regorus::Rc::from("data.omg.deny");
    engine.compile_with_entrypoint(&entry).map_err(invalid)?;
    Ok((engine, warns))
}

fn refused(name: &str) -> anyhow::Error {
    anyhow::Error::msg(format!("{name} is not available to policies"))
}

/// Runs with a stack of its own, and turns a panic into an error: the interpreter is somebody
/// else's, and a policy that cannot be evaluated allows nothing.
fn isolated<T: Send>(run: impl FnOnce() -> T + Send) -> Result<T, String> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(STACK);
        let thread = builder
            .spawn_scoped(scope, run)
            .map_err(|e| e.to_string())?;
        let panicked = |_| "the interpreter of Rego failed".to_owned();
        thread.join().map_err(panicked)
    })
}

/// The messages of a set or list.
fn messages(value: &Value) -> Result<Vec<String>, String> {
    let items: Vec<&Value> = match value {
        Value::Undefined => return Err("is undefined".to_owned()),
        Value::Set(set) => set.iter_sorted().collect(),
        Value::Array(list) => list.iter().collect(),
        _ => return Err("is neither a set nor a list".to_owned()),
    };
    let mut texts = Vec::new();
    for item in items.iter().take(MAX_MESSAGES) {
        match item {
            Value::String(text) => texts.push(cut(text)),
            _ => return Err("has something in it that is no text".to_owned()),
        }
    }
    if items.len() > MAX_MESSAGES {
        texts.push(format!("and {} more", items.len() - MAX_MESSAGES));
    }
    Ok(texts)
}

fn cut(text: &str) -> String {
    text.trim().chars().take(MAX_MESSAGE).collect()
}
