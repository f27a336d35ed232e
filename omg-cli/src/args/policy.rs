//! `omg audit policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub const EXAMPLES: &str = "Examples:
  omg audit policy                              the rules that hold here, and where they stand
  omg audit policy check --offline              whether what is installed is allowed
  omg audit policy check xz --policy strict.toml
  omg audit policy explain xz                   every rule, and what would make it pass
  omg audit policy diff old.toml new.toml       stricter or looser, with an example
  omg audit policy test tests.toml --policy new.toml
Policies: /usr/share/omg/policy.d/*.toml, /etc/omg/policy.toml, the organisation's signed
/etc/omg/organisation.toml, and ~/.config/omg/policy.toml or, in its place, --policy FILE.
Each may only tighten what those before it say.
Exit codes: 0 allowed, 1 something is rejected, a test fails, or B is looser,
3 something was not checked, 4 a policy is missing where one was named, or invalid.";

/// What is allowed here, and why.
#[derive(Args, Clone, Debug)]
pub struct Policy {
    #[command(subcommand)]
    pub command: Option<PolicyCommand>,
}

#[derive(Clone, Debug, Subcommand)]
pub enum PolicyCommand {
    /// The rules that hold here, and where they stand; the same as no subcommand
    Show,
    /// Whether installed packages are allowed
    Check(PolicyCheck),
    /// Every rule about one installed package, and what would make it pass
    Explain(PolicyExplain),
    /// Whether policy B is stricter or looser than A, with a package for which they differ
    Diff {
        /// The one that held so far
        a: PathBuf,
        /// The one that is to hold
        b: PathBuf,
    },
    /// Run tests of the policy: evidence, and the verdict that is expected
    Test {
        /// The file of tests
        file: PathBuf,
    },
}

#[derive(Args, Clone, Debug, Default)]
pub struct PolicyCheck {
    /// These packages (default: all that are installed)
    pub package: Vec<String>,
    #[command(flatten)]
    pub advisories: PolicyAdvisories,
}

#[derive(Args, Clone, Debug)]
pub struct PolicyExplain {
    /// The package
    pub package: String,
    #[command(flatten)]
    pub advisories: PolicyAdvisories,
}

#[derive(Args, Clone, Debug, Default)]
pub struct PolicyAdvisories {
    /// Use these advisories instead of the network, as `omg audit scan` does; repeatable
    #[arg(long, value_name = "FILE|DIR|ZIP")]
    pub advisories: Vec<PathBuf>,
}
