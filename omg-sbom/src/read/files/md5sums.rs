use crate::model::{
    error::ParseError,
    files::recorded::{Digest, FileKind, Recorded},
    limits,
};

const FORMAT: &str = "md5sums";

/// Reads dpkg's `info/PACKAGE.md5sums`: a digest, two spaces and a path in every line.
///
/// # Errors
///
/// [`ParseError::TooLarge`] above [`limits::MAX_MTREE_BYTES`], [`ParseError::TooManyEntries`],
/// and [`ParseError::Syntax`] for any other line.
///
/// # Examples
///
/// ```
/// use omg_sbom::files::parse_md5sums;
///
/// let files = parse_md5sums(b"d41d8cd98f00b204e9800998ecf8427e  usr/bin/a b\n")?;
/// assert_eq!(files[0].path, b"usr/bin/a b");
/// # Ok::<(), omg_sbom::ParseError>(())
/// ```
pub fn parse_md5sums(bytes: &[u8]) -> Result<Vec<Recorded>, ParseError> {
    let mut files = Vec::new();
    for (number, line) in lines(bytes)? {
        let broken = || ParseError::syntax(FORMAT, format!("line {number} cannot be read"));
        let (digits, path) = line.split_at_checked(32).ok_or_else(broken)?;
        let mut digest = [0; 16];
        hex::decode_to_slice(digits, &mut digest).map_err(|_| broken())?;
        let path = path
            .strip_prefix(b"  ")
            .and_then(inside)
            .ok_or_else(broken)?;
        let mut file = Recorded::new(path);
        file.kind = Some(FileKind::File);
        file.digest = Some(Digest::Md5(digest));
        files.push(file);
    }
    Ok(files)
}

/// Reads dpkg's `info/PACKAGE.list`: every path of the package, one in a line.
#[cfg(feature = "fs")]
pub(crate) fn parse_list(bytes: &[u8]) -> Result<Vec<Vec<u8>>, ParseError> {
    let paths = lines(bytes)?.into_iter();
    let paths = paths.filter(|(_, line)| *line != b"/.");
    let inside = |(number, line)| {
        let broken = || ParseError::syntax(FORMAT, format!("line {number} cannot be read"));
        inside(line).map(<[u8]>::to_vec).ok_or_else(broken)
    };
    paths.map(inside).collect()
}

fn lines(bytes: &[u8]) -> Result<Vec<(usize, &[u8])>, ParseError> {
    ParseError::check_size(FORMAT, bytes, limits::MAX_MTREE_BYTES)?;
    let lines = (1..).zip(bytes.split(|byte| *byte == b'\n'));
    let lines = lines.filter(|(_, line)| !line.is_empty());
    let lines: Vec<_> = lines.take(limits::MAX_FILES + 1).collect();
    if lines.len() > limits::MAX_FILES {
        let limit = limits::MAX_FILES;
        return Err(ParseError::TooManyEntries { limit });
    }
    Ok(lines)
}

/// The path without what stands for the root before it; `None` if it leaves the root.
fn inside(path: &[u8]) -> Option<&[u8]> {
    let path = path
        .strip_prefix(b"./")
        .or(path.strip_prefix(b"/"))
        .unwrap_or(path);
    let mut parts = path.split(|byte| *byte == b'/');
    let is_inside = parts.all(|part| !part.is_empty() && part != b".." && part != b".");
    is_inside.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_lines_refuse_the_file() {
        let digest = "0".repeat(32);
        assert!(parse_md5sums(format!("{digest}  ./a\n").as_bytes()).is_ok());
        for line in [
            format!("{digest} a"),
            format!("{digest}  ../a"),
            format!("{digest}  a//b"),
            format!("{digest}  "),
            format!("{}x  a", &digest[1..]),
            "00  a".to_owned(),
        ] {
            assert!(parse_md5sums(line.as_bytes()).is_err(), "{line}");
        }
    }

    #[test]
    fn size_and_number_are_limited() {
        let long = vec![b'\n'; limits::MAX_MTREE_BYTES + 1];
        assert!(matches!(
            parse_md5sums(&long),
            Err(ParseError::TooLarge { .. })
        ));
        let many = format!("{}  a\n", "0".repeat(32)).repeat(limits::MAX_FILES + 1);
        let read = parse_md5sums(many.as_bytes());
        assert!(matches!(read, Err(ParseError::TooManyEntries { .. })));
    }
}
