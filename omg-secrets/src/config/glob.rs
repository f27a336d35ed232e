//! The patterns of paths in an allow-list: `*` within a folder, `**` across folders, `?` one byte.
//! All else stands for itself, so that a path with brackets or braces is written as it is.

use globset::{GlobBuilder, GlobMatcher};

/// The longest pattern, in bytes: the longest path that Linux opens (`PATH_MAX`).
const MAX_BYTES: usize = 4096;

/// A pattern of a path.
pub(super) fn compiled(pattern: &str) -> Result<GlobMatcher, String> {
    if pattern.len() > MAX_BYTES {
        return Err(format!("a path has at most {MAX_BYTES} bytes"));
    }
    let glob = GlobBuilder::new(&translated(pattern))
        .literal_separator(true)
        .backslash_escape(false)
        .empty_alternates(true)
        .build()
        .map_err(|error| error.to_string())?;
    Ok(glob.compile_matcher())
}

/// The pattern as globset writes it. For globset, `**` crosses folders only as a whole component
/// (`a/**/b`) and is a `*` elsewhere (`a**b`), where its alternatives are written out; and `**/`
/// alone is for globset everything, where here it is the folders only.
fn translated(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let at_component = out.is_empty() || out.ends_with('/');
        let (text, length) = match c {
            '*' if at_component && rest.starts_with("**/") && rest != "**/" => ("**/", 3),
            '*' if at_component && rest == "**" => ("**", 2),
            '*' if rest.starts_with("**/") => ("{,*/**/}", 3),
            '*' if rest.starts_with("**") => ("{*,*/**/*}", 2),
            '[' => ("[[]", 1),
            ']' => ("[]]", 1),
            '{' => ("[{]", 1),
            '}' => ("[}]", 1),
            _ => (&rest[..c.len_utf8()], c.len_utf8()),
        };
        out.push_str(text);
        rest = &rest[length..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, inside: &[&str], outside: &[&str]) {
        let glob = compiled(pattern).unwrap();
        for path in inside {
            assert!(glob.is_match(path), "{pattern} does not match {path}");
        }
        for path in outside {
            assert!(!glob.is_match(path), "{pattern} matches {path}");
        }
    }

    #[test]
    fn one_star_stays_within_a_folder() {
        check(
            "*.pem",
            &["a.pem", ".pem", ".a.pem"],
            &["a/b.pem", "a.pem/"],
        );
        check("src/*/a", &["src/x/a", "src//a"], &["src/a", "src/x/y/a"]);
        check("a?c", &["abc", "a.c"], &["a/c", "ac", "abbc"]);
    }

    #[test]
    fn two_stars_as_a_component_cross_folders() {
        check("**", &["a", "a/b", "", ".a/b"], &[]);
        check(
            "tests/**",
            &["tests/a", "tests/a/b", "tests/"],
            &["tests", "src/tests/a"],
        );
        check(
            "**/a.conf",
            &["a.conf", "x/a.conf", "x/y/a.conf", "/a.conf"],
            &["xa.conf", "x/ya.conf"],
        );
        check(
            "a/**/b",
            &["a/b", "a/x/b", "a/x/y/b"],
            &["ab", "a/xb", "x/a/b"],
        );
        check("**/a/**", &["a/b", "x/a/b/c"], &["a", "xa/b"]);
        check("**/", &["a/", ""], &["a", "a/b"]);
        check("a/**/**/b", &["a/b", "a/x/b"], &["ab"]);
    }

    #[test]
    fn two_stars_within_a_component_cross_folders_too() {
        check(
            "**.pem",
            &["a.pem", "a/b.pem", "a/b/c.pem", ".pem"],
            &["a.pem/b"],
        );
        check("src**", &["src", "src/a", "src/a/b", "srcs/a"], &["a/src"]);
        check(
            "a**z",
            &["az", "abz", "a/z", "a/b/z", "ab/yz"],
            &["za", "a/z/b"],
        );
        check(
            "a**/z",
            &["az", "a/z", "ab/z", "a/b/z", "ab/c/z"],
            &["a/bz", "abz"],
        );
        check("a/**b", &["a/b", "a/xb", "a/x/b"], &["ab", "a/bx"]);
        check("a/***", &["a/", "a/b", "a/b/c"], &["a"]);
    }

    #[test]
    fn all_else_stands_for_itself() {
        check("[id].ts", &["[id].ts"], &["i.ts", "d.ts"]);
        check("a]b[!c", &["a]b[!c"], &["a]bd"]);
        check("{a,b}.c", &["{a,b}.c"], &["a.c", "b.c"]);
        check(r"a\*b", &[r"a\b", r"a\xb"], &["a*b", r"a\/b"]);
        check("\u{e9}*", &["\u{e9}a"], &["e"]);
        check("A", &["A"], &["a"]);
        check("", &[""], &["a"]);
    }

    #[test]
    fn every_pattern_that_is_short_enough_can_be_compiled() {
        for part in ["a", "*", "**", "**/", "?", "[", "a**", "\u{e9}**/"] {
            let longest = part.repeat(MAX_BYTES / part.len());
            assert!(compiled(&longest).is_ok(), "{part}");
        }
        assert!(compiled(&"a".repeat(MAX_BYTES + 1)).is_err());
    }
}
