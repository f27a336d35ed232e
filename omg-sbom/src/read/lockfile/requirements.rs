use std::borrow::Cow;

use crate::{
    model::{
        error::ParseError,
        inventory::Inventory,
        limits,
        name::normalise_python_name,
        package::{Origin, Package, PackageKind},
        problem::{Problem, ProblemKind, shorten},
        source::Source,
    },
    read::collector::Collector,
};

/// pip documentation, "Requirements File Format"; PEP 508 for one requirement.
pub(super) fn parse(bytes: &[u8]) -> Result<Inventory, ParseError> {
    let text = decoded(bytes)?;
    let mut collector = Collector::default();
    for (number, line) in logical_lines(text.strip_prefix('\u{feff}').unwrap_or(&text)) {
        if line.len() > limits::MAX_VALUE_BYTES {
            let detail = format!("longer than {} bytes", limits::MAX_VALUE_BYTES);
            let subject = format!("line {number}");
            collector.problem(Problem::new(subject, ProblemKind::LimitExceeded, detail))?;
            continue;
        }
        match requirement(&line) {
            Requirement::Nothing => {}
            Requirement::Pinned(name, version) => {
                let mut package = Package::new(PackageKind::Pypi, name, version);
                package.origin = Origin::Registry(None);
                collector.package(package)?;
            }
            Requirement::NotPinned(detail) => {
                let subject = format!("line {number}: {}", shorten(line.trim()));
                collector.problem(Problem::new(subject, ProblemKind::NotPinned, detail))?;
            }
            Requirement::Malformed => {
                collector.malformed(format!("line {number}"), "not a requirement")?;
            }
        }
    }
    Ok(collector.finish(Source::Requirements))
}

enum Requirement {
    /// An option that names no package.
    Nothing,
    /// A normalised name and a version.
    Pinned(String, String),
    NotPinned(&'static str),
    Malformed,
}

/// The text as pip decodes it: UTF-16 where a byte order mark says so (`pip freeze` in PowerShell
/// writes that), else UTF-8.
fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, ParseError> {
    let units = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let pairs = rest.chunks(2).map(|pair| match pair {
            [a, b] => unit([*a, *b]),
            // Half a unit is none: a lone surrogate fails below.
            _ => 0xd800,
        });
        char::decode_utf16(pairs)
            .collect::<Result<String, _>>()
            .map(Cow::Owned)
            .map_err(|e| ParseError::syntax("requirements.txt", e))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        _ => str::from_utf8(bytes)
            .map(Cow::Borrowed)
            .map_err(|e| ParseError::syntax("requirements.txt", e)),
    }
}

/// The lines that Python's `str.splitlines` makes, by which pip reads the file: other programs do
/// not see the end of a line at a form feed, and would take what follows for a comment.
fn python_lines(text: &str) -> impl Iterator<Item = &str> {
    let is_end = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'
                ..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let mut rest = Some(text).filter(|text| !text.is_empty());
    std::iter::from_fn(move || {
        let text = rest?;
        let (line, after) = match text.find(is_end) {
            Some(at) => {
                let (line, end) = text.split_at(at);
                let end_len = match end.starts_with("\r\n") {
                    true => 2,
                    false => end.chars().next().map_or(0, char::len_utf8),
                };
                (line, end.get(end_len..).unwrap_or(""))
            }
            None => (text, ""),
        };
        rest = Some(after).filter(|after| !after.is_empty());
        Some(line)
    })
}

/// Lines with those joined that end in `\`, without comments, and the number of the first.
fn logical_lines(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut lines = python_lines(text).enumerate();
    std::iter::from_fn(move || {
        let (index, first) = lines.next()?;
        let mut joined = String::new();
        let mut line = first;
        // A comment line within a continuation ends it, as in pip.
        while let Some(start) = line
            .strip_suffix('\\')
            .filter(|l| !l.trim_start().starts_with('#'))
        {
            joined.push_str(start);
            line = lines.next().map_or("", |(_, next)| next);
        }
        joined.push_str(line);
        Some((index + 1, without_comment(&joined).trim().to_owned()))
    })
}

/// A `#` begins a comment at the start of a line or after white space; addresses contain others.
fn without_comment(line: &str) -> &str {
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if c == '#' && before.is_whitespace() {
            return line.get(..at).unwrap_or_default();
        }
        before = c;
    }
    line
}

fn requirement(line: &str) -> Requirement {
    if line.is_empty() {
        return Requirement::Nothing;
    }
    if line.starts_with('-') {
        return option(line);
    }
    let name_length = line.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)));
    let (name, rest) = line.split_at(name_length.unwrap_or(line.len()));
    let rest = without_extras(rest.trim_start()).trim_start();
    if rest.starts_with('@') {
        return Requirement::NotPinned("an address instead of a version");
    }
    if rest.starts_with([':', '/', '+', '\\']) || name.is_empty() || name.starts_with('.') {
        return Requirement::NotPinned("an address or a path instead of a name and version");
    }
    // The version ends at an environment marker or at an option such as `--hash`.
    let specifier = rest.split(';').next().unwrap_or_default();
    let specifier = specifier.split(" --").next().unwrap_or_default().trim();
    let specifier = specifier
        .strip_prefix('(')
        .and_then(|s| s.strip_suffix(')'))
        .unwrap_or(specifier);
    pinned(name, specifier)
}

/// Options that bring in packages of their own cannot be passed over.
fn option(line: &str) -> Requirement {
    let word = line.split([' ', '=', '\t']).next().unwrap_or_default();
    match word {
        "-r" | "--requirement" => Requirement::NotPinned("another file, which is not read"),
        "-e" | "--editable" => Requirement::NotPinned("a source tree instead of a version"),
        _ if word.starts_with("-r") || word.starts_with("-e") => {
            Requirement::NotPinned("another file or a source tree")
        }
        _ => Requirement::Nothing,
    }
}

fn without_extras(rest: &str) -> &str {
    match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']').map_or(rest, |(_, after)| after),
        None => rest,
    }
}

/// PEP 440: `==` without a wildcard, and `===`, match one version; other clauses beside it can
/// only contradict it.
fn pinned(name: &str, specifier: &str) -> Requirement {
    if !specifier.is_empty() && !specifier.starts_with(['=', '<', '>', '!', '~']) {
        return Requirement::Malformed;
    }
    let exact = specifier.split(',').find_map(|clause| {
        let version = clause.trim().strip_prefix("==")?;
        let version = version.strip_prefix('=').unwrap_or(version).trim();
        (!version.contains('*')).then_some(version)
    });
    let Some(version) = exact else {
        return Requirement::NotPinned("no exact version");
    };
    if !version
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || ".!+_-".contains(c))
    {
        return Requirement::Malformed;
    }
    Requirement::Pinned(normalise_python_name(name), version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pins(text: &str) -> Vec<String> {
        let inventory = parse(text.as_bytes()).unwrap();
        assert!(
            inventory.is_complete(),
            "{text}: {:?}",
            inventory.problems()
        );
        inventory
            .packages()
            .iter()
            .map(|p| format!("{} {}", p.name, p.version))
            .collect()
    }

    fn problem(text: &str) -> ProblemKind {
        let inventory = parse(text.as_bytes()).unwrap();
        assert!(
            inventory.packages().is_empty(),
            "{text}: {:?}",
            inventory.packages()
        );
        assert_eq!(inventory.problems().len(), 1, "{text}");
        inventory.problems()[0].kind
    }

    #[test]
    fn exact_versions() {
        assert_eq!(pins("\u{feff}Flask==3.0.0  # web\r\n"), ["flask 3.0.0"]);
        assert_eq!(
            pins("zope.Interface__x [test,docs] == 1!2.0+local ; python_version<'3'"),
            ["zope-interface-x 1!2.0+local"]
        );
        assert_eq!(pins("a (==1.0)"), ["a 1.0"]);
        assert_eq!(pins("a===1.0rc1"), ["a 1.0rc1"]);
        assert_eq!(pins("a==1.\\\n0"), ["a 1.0"]);
        assert_eq!(pins("a>=1,==1.5"), ["a 1.5"]);
        assert_eq!(
            pins("a==1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\nb==2"),
            ["a 1", "b 2"]
        );
        assert_eq!(
            pins("# a==1 \\\nb==2\n\n--index-url https://example.org/\n-c c.txt"),
            ["b 2"]
        );
    }

    #[test]
    fn everything_else_is_reported() {
        for text in [
            "a",
            "a>=1",
            "a~=1.0",
            "a==1.*",
            "a!=1",
            "a<2,>1",
            "-r other.txt",
            "--requirement=x",
            "-rother.txt",
            "-e .",
            "--editable=.",
            "-e git+https://example.org/a#egg=a",
            "a @ https://example.org/a-1.0.whl",
            "https://example.org/a-1.0.whl",
            "./a.whl",
            "../a",
            "git+https://example.org/a@v1",
            "/srv/a",
        ] {
            assert_eq!(problem(text), ProblemKind::NotPinned, "{text}");
        }
        for text in ["a b==1", "a==1 2", "a==", "a==$X", "a[b==1"] {
            assert_eq!(problem(text), ProblemKind::Malformed, "{text}");
        }
    }

    #[test]
    fn a_long_line_is_reported() {
        let text = format!("a==1 ;{}", "x".repeat(limits::MAX_VALUE_BYTES));
        assert_eq!(problem(&text), ProblemKind::LimitExceeded);
    }

    #[test]
    fn lines_end_where_python_ends_them() {
        for end in [
            "\n", "\r\n", "\r", "\u{b}", "\u{c}", "\u{1c}", "\u{85}", "\u{2028}",
        ] {
            let text = format!("# note{end}django==1.2{end}flask==1.0");
            let inventory = parse(text.as_bytes()).unwrap();
            assert_eq!(inventory.packages().len(), 2, "{end:?}");
        }
        let inventory = parse(b"# note django==1.2\n\n").unwrap();
        assert!(inventory.packages().is_empty() && inventory.is_complete());
    }

    #[test]
    fn utf_16_is_read_where_a_byte_order_mark_says_so() {
        let units: Vec<u16> = "django==1.2\r\nflask==1.0\r\n".encode_utf16().collect();
        let little = units.iter().flat_map(|unit| unit.to_le_bytes());
        let big = units.iter().flat_map(|unit| unit.to_be_bytes());
        let little: Vec<u8> = [0xff, 0xfe].into_iter().chain(little).collect();
        let big: Vec<u8> = [0xfe, 0xff].into_iter().chain(big).collect();
        for bytes in [&little, &big] {
            assert_eq!(parse(bytes).unwrap().packages().len(), 2);
        }
        assert!(parse(&little[..little.len() - 1]).is_err());
        assert!(parse(&[0xff, 0xfe, 0x00, 0xd8]).is_err());
    }
}
