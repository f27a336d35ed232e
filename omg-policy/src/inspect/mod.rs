//! Static inspection of install scripts and build recipes: nothing is run.
//!
//! It looks for what install scripts have no reason to do: fetch something and run it, decode
//! something and run it, open sockets, plant themselves in start-up files, make programs setuid,
//! hide. Before it looks it undoes the usual disguises: quotes and backslashes inside words,
//! variables that are put together, escapes, substitutions of constant text, and encoded text,
//! which is inspected in turn.
//!
//! It is a reading aid and no proof: a script without findings can still be hostile, and one
//! with findings harmless. A decision therefore rests on it in one direction only.

mod decode;
mod names;
mod normal;
mod rules;
mod shell;

use std::fmt;

use serde::{Deserialize, Serialize};

/// The largest script that is inspected: 1 MiB. A larger one is itself a finding.
pub const MAX_SCRIPT_BYTES: usize = 1 << 20;

/// How deep encoded text in encoded text is followed.
const MAX_DEPTH: u8 = 4;

/// At most this many findings a script are reported; there is at least one for more.
const MAX_FINDINGS: usize = 64;

/// What kind of script it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ScriptKind {
    /// `.INSTALL` in a package of pacman, or the file that `install=` of a recipe names.
    PacmanInstall,
    /// `preinst`, `postinst`, `prerm`, `postrm`, `config` in a package of dpkg.
    DebianMaintainer,
    /// A `PKGBUILD`. Build tools that fetch what they are told are usual in it; programs that
    /// fetch anything are not, since makepkg does that by `source`.
    Recipe,
}

/// Something that install scripts have no reason to do.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ScriptFinding {
    /// What it is.
    pub rule: ScriptRule,
    /// The file, as the caller named it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What was seen, after disguises were undone; at most 160 characters, none of them control
    /// characters.
    pub seen: String,
}

impl ScriptFinding {
    /// Something that the caller saw in a package, beside its scripts. `seen` is cut and cleaned
    /// as those of scripts are.
    pub fn new(rule: ScriptRule, file: &str, line: u32, seen: &str) -> Self {
        let shown = |c: char| {
            if c.is_control() || normal::is_hidden(c) {
                '\u{fffd}'
            } else {
                c
            }
        };
        Self {
            rule,
            file: file.to_owned(),
            line,
            seen: seen.trim().chars().take(160).map(shown).collect(),
        }
    }
}

impl fmt::Display for ScriptFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            file,
            line,
            seen,
        } = self;
        write!(
            f,
            "{file}:{line}: {} ({}): {seen}",
            rule.as_str(),
            rule.why()
        )
    }
}

macro_rules! script_rules {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $why:literal;)+) => {
        /// What is looked for.
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum ScriptRule {
            $($(#[$doc])* $name,)+
        }

        impl ScriptRule {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The name that exceptions use.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }

            /// What is wrong with it.
            pub const fn why(self) -> &'static str {
                match self { $(Self::$name => $why,)+ }
            }
        }
    };
}

script_rules! {
    /// The script is larger than what is inspected, or not text.
    Unreadable = "unreadable", "cannot be inspected";
    /// Characters that are not seen, or that change the order of what is seen.
    HiddenText = "hidden-text", "characters that hide what a reader sees";
    /// A program that fetches something from the network.
    Network = "network", "fetches something from the network";
    /// What was fetched is run.
    FetchRun = "fetch-run", "runs what it fetched";
    /// Text is handed to an interpreter through a pipe or a substitution.
    PipedCode = "piped-code", "runs text that it puts together";
    /// Something encoded is decoded.
    Encoded = "encoded", "decodes something hidden";
    /// Code in a string that is evaluated.
    Eval = "eval", "evaluates text as code";
    /// A socket that the shell or awk opens itself.
    RawSocket = "raw-socket", "opens a connection by itself";
    /// Code in another language that decodes, connects or evaluates.
    InlineCode = "inline-code", "suspicious code in another language";
    /// A file of a user is written.
    UserFile = "user-file", "writes to a user's files";
    /// What is run at start-up, log-in or on a schedule is changed.
    Persistence = "persistence", "plants something that runs later";
    /// Accounts or their rights are changed.
    Account = "account", "changes accounts or rights";
    /// A library is forced into programs.
    Preload = "preload", "forces a library into programs";
    /// A program becomes setuid, or is given the rights of root.
    Setuid = "setuid", "gives a program the rights of root";
    /// A unit is switched on.
    EnablesUnit = "enables-unit", "switches a service on";
    /// Something is run from a place that anybody can write to.
    TemporaryProgram = "temporary-program", "runs a program from a temporary place";
    /// Files are written that are no part of the package.
    OutsideWrite = "outside-write", "writes where only packages write";
    /// A protection is switched off, or traces are removed.
    Hides = "hides", "switches off protection or removes traces";
    /// The name of a command is disguised.
    Disguised = "disguised", "disguises what it runs";
    /// A program of the package is setuid, and was not in the version that is installed.
    NewSetuid = "new-setuid", "runs with the rights of root, and did not before";
    /// The package is put together as no honest tool does it.
    OddArchive = "odd-archive", "no honest tool makes such a package";
}

/// Inspects a script; `file` is the name that findings are shown with. Never fails: what cannot
/// be read is a finding. Findings are in the order of lines, each kind at most once a line.
///
/// # Examples
///
/// ```
/// use omg_policy::inspect::{ScriptKind, ScriptRule, inspect};
///
/// let script = b"post_install() {\n  c\"\"url -s https://example.org/x | s\\h\n}\n";
/// let findings = inspect(ScriptKind::PacmanInstall, ".INSTALL", script);
/// assert_eq!(findings[1].rule, ScriptRule::FetchRun);
/// assert_eq!(findings[1].line, 2);
/// ```
pub fn inspect(kind: ScriptKind, file: &str, script: &[u8]) -> Vec<ScriptFinding> {
    let mut report = Report {
        kind,
        file,
        findings: Vec::new(),
    };
    if script.len() > MAX_SCRIPT_BYTES {
        report.add(ScriptRule::Unreadable, 1, "over 1 MiB");
        return report.findings;
    }
    match std::str::from_utf8(script) {
        Ok(text) if !text.contains(['\0', '\u{7f}']) => report.text(text, 1, 0),
        // A maintainer's name in another encoding is no reason; anything else is looked at too.
        _ => {
            let text: String = script.iter().map(|byte| char::from(*byte)).collect();
            if script.contains(&0) || script.contains(&0x7f) {
                report.add(ScriptRule::Unreadable, 1, "not text");
            }
            report.text(&text, 1, 0);
        }
    }
    let mut findings = report.findings;
    findings.sort_by_key(|finding| (finding.line, finding.rule));
    findings.dedup_by_key(|finding| (finding.line, finding.rule));
    findings
}

/// What was found so far.
struct Report<'a> {
    kind: ScriptKind,
    file: &'a str,
    findings: Vec<ScriptFinding>,
}

impl Report<'_> {
    fn add(&mut self, rule: ScriptRule, line: u32, seen: &str) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings
                .push(ScriptFinding::new(rule, self.file, line, seen));
        }
    }

    /// Looks at a text whose first line is `first`.
    fn text(&mut self, text: &str, first: u32, depth: u8) {
        if let Some(index) = text.find(normal::is_hidden) {
            let before = text.get(..index).unwrap_or_default();
            let line = before.bytes().filter(|byte| *byte == b'\n').count();
            let line = u32::try_from(line)
                .unwrap_or(u32::MAX)
                .saturating_add(first);
            self.add(
                ScriptRule::HiddenText,
                line,
                text.lines().next().unwrap_or_default(),
            );
        }
        let mut shell = normal::Normaliser::default();
        for (line, raw) in normal::logical_lines(text) {
            let line = if depth == 0 { first + line } else { first };
            let plain = shell.plain(&raw);
            rules::look(self, line, &plain);
            if plain != raw {
                rules::look_at_raw(self, line, &raw);
            }
            if depth >= MAX_DEPTH {
                continue;
            }
            for hidden in decode::hidden_texts(&raw, &plain) {
                let before = self.findings.len();
                self.text(&hidden, line, depth + 1);
                if self.findings.len() > before {
                    self.add(ScriptRule::Encoded, line, &raw);
                }
            }
        }
    }
}
