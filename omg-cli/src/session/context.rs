//! One run of the program: its options, configuration, environment and reference time.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::config::Config;
use super::env::Env;
use super::failure::Failure;
use super::options::{Color, Common};
use super::output::{self, say};
use super::style::Style;

/// What every command has at hand.
pub struct Context {
    pub common: Common,
    pub config: Config,
    pub env: Env,
    /// The reference time.
    pub at: DateTime<Utc>,
}

impl Context {
    /// Reads the configuration. Whether a named policy can be used is for
    /// `checks::policy::layers::check_named`.
    pub fn new(common: Common, env: Env) -> Result<Self, Failure> {
        let config = Config::load(common.config.as_deref(), &env)?;
        let at = common.at.unwrap_or(env.now);
        let context = Self {
            common,
            config,
            env,
            at,
        };
        context.spare_the_log()?;
        Ok(context)
    }

    /// Refuses a result in the place of the audit log or of its lock, also with `--no-log`.
    fn spare_the_log(&self) -> Result<(), Failure> {
        let Ok(log) = self.log_path() else {
            return Ok(());
        };
        let mut lock = log.clone().into_os_string();
        lock.push(".lock");
        for output in &self.common.output {
            let (_, file) = output::parts(output);
            let file = Path::new(file);
            if is_same(file, &log) || is_same(file, Path::new(&lock)) {
                let message = format!("-o {output}: the audit log is there");
                return Err(Failure::usage(message).try_this("-o with another file"));
            }
        }
        Ok(())
    }

    /// Prints a warning that leaves the result as it is.
    pub fn warn(&self, text: &str) {
        if !self.common.quiet {
            say(&format!("warning: {text}"));
        }
    }

    /// How results on standard output look.
    pub fn style(&self) -> Style {
        Style {
            width: self.env.width(),
            colour: self.colour(),
            verbose: self.common.verbose > 0,
            links: self.links(),
        }
    }

    /// Whether results on standard output have links: where they may have colours, on a
    /// terminal. `FORCE_HYPERLINK` is what other programs listen to as well.
    fn links(&self) -> bool {
        match self.env.var("FORCE_HYPERLINK") {
            Some(value) => value != "0",
            None => self.env.stdout_is_terminal && self.colour(),
        }
    }

    /// Whether results on standard output are coloured: no-color.org, and bixense.com/clicolors.
    fn colour(&self) -> bool {
        match self.common.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let forced = self
                    .env
                    .var("CLICOLOR_FORCE")
                    .is_some_and(|value| value != "0");
                let dumb = self.env.var("TERM") == Some("dumb");
                let plain = self.env.var("NO_COLOR").is_some() || dumb;
                !plain && (forced || self.env.stdout_is_terminal)
            }
        }
    }
}

/// Whether two paths name one file, under whatever names.
fn is_same(one: &Path, other: &Path) -> bool {
    let file = |path: &Path| path.metadata().map(|file| (file.dev(), file.ino()));
    one == other || matches!((file(one), file(other)), (Ok(one), Ok(other)) if one == other)
}
