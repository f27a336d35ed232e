//! The one enum of exit codes.

/// What a run ends with. Ordered by strength: when several apply, the greatest wins.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Exit {
    Ok,
    Findings,
    Incomplete,
    Config,
    Integrity,
    /// A usage error is found before anything else is, and stands alone.
    Usage,
    /// So does an interruption.
    Interrupted,
}

/// Every code with its meaning, in the order of the codes.
pub const CODES: [(Exit, &str); 7] = [
    (Exit::Ok, "done, nothing at or over the threshold"),
    (
        Exit::Findings,
        "findings at or over the threshold; the policy says no; a signature or\n\
         provenance is valid but not the one expected or trusted",
    ),
    (Exit::Usage, "usage: the command line is not understood"),
    (
        Exit::Incomplete,
        "incomplete evidence: a source unreachable, a database stale or partly\n\
         unreadable, something that was asked for missing",
    ),
    (
        Exit::Config,
        "a configuration, policy, keyring, ignore file or VEX document is invalid,\n\
         empty, or missing where one was named",
    ),
    (
        Exit::Integrity,
        "integrity alarm: a log tampered with, truncated or rolled back; a\n\
         signature, provenance or checksum invalid",
    ),
    (
        Exit::Interrupted,
        "interrupted by Ctrl-C, after printing what was known",
    ),
];

impl Exit {
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Config => 4,
            Self::Integrity => 5,
            Self::Interrupted => 130,
        }
    }

    /// `--exit-zero` turns findings into success, and nothing else.
    pub fn with_exit_zero(self, exit_zero: bool) -> Self {
        match self {
            Self::Findings if exit_zero => Self::Ok,
            other => other,
        }
    }
}

/// The text of `omg help exit-codes`.
pub fn help() -> String {
    let mut text = String::from("Exit codes of every omg command:\n\n");
    for (exit, meaning) in CODES {
        for (line, part) in meaning.lines().enumerate() {
            let code = if line == 0 {
                exit.code().to_string()
            } else {
                String::new()
            };
            text.push_str(&format!("{code:>5}  {part}\n"));
        }
    }
    text.push_str(
        "\nWhen several apply, 5 wins over 4, 3 and 1. --exit-zero turns 1 into 0 and\n\
         nothing else.\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strength_is_5_4_3_1_0() {
        let order = [
            Exit::Ok,
            Exit::Findings,
            Exit::Incomplete,
            Exit::Config,
            Exit::Integrity,
        ];
        assert!(order.is_sorted());
        assert_eq!(order.map(Exit::code), [0, 1, 3, 4, 5]);
    }

    #[test]
    fn exit_zero_turns_only_findings() {
        for (exit, _) in CODES {
            let expected = if exit == Exit::Findings {
                0
            } else {
                exit.code()
            };
            assert_eq!(exit.with_exit_zero(true).code(), expected);
            assert_eq!(exit.with_exit_zero(false), exit);
        }
    }
}
