use crate::model::{
    error::ParseError,
    files::recorded::{Digest, FileKind, Recorded},
    limits,
};

const FORMAT: &str = "mtree";

/// Reads a decompressed `mtree` file of pacman. Members that describe the package itself, whose
/// names start with a dot, are left out.
///
/// # Errors
///
/// [`ParseError::TooLarge`] above [`limits::MAX_MTREE_BYTES`], [`ParseError::TooManyEntries`],
/// and [`ParseError::Syntax`] for a line or value that cannot be read: a record that is half
/// understood proves nothing.
///
/// # Examples
///
/// ```
/// use omg_sbom::files::{FileKind, parse_mtree};
///
/// let text = b"#mtree\n/set type=file uid=0 gid=0 mode=644\n./.PKGINFO size=3\n\
///     ./usr time=1.0 type=dir mode=755\n./usr/a\\040b time=1.0 size=3 sha256digest=\
///     ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n";
/// let files = parse_mtree(text)?;
/// assert_eq!(files.len(), 2);
/// assert_eq!(files[1].path, b"usr/a b");
/// assert_eq!((files[1].kind, files[1].mode), (Some(FileKind::File), Some(0o644)));
/// # Ok::<(), omg_sbom::ParseError>(())
/// ```
pub fn parse_mtree(bytes: &[u8]) -> Result<Vec<Recorded>, ParseError> {
    ParseError::check_size(FORMAT, bytes, limits::MAX_MTREE_BYTES)?;
    let mut defaults = Recorded::default();
    let mut files = Vec::new();
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let broken = |what: &str| ParseError::syntax(FORMAT, format!("line {number}: {what}"));
        let mut words = line
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty());
        let Some(first) = words.next().filter(|word| !word.starts_with(b"#")) else {
            continue;
        };
        if line.ends_with(b"\\") {
            return Err(broken("continued lines are not read"));
        }
        match first {
            b"/set" => {
                for word in words {
                    set(&mut defaults, word).ok_or_else(|| broken("a value cannot be read"))?;
                }
            }
            b"/unset" => return Err(broken("/unset is not read")),
            _ => {
                let path = unescaped(first).ok_or_else(|| broken("a path cannot be read"))?;
                let path = path.strip_prefix(b"./").unwrap_or(&path);
                let mut file = Recorded {
                    path: path.to_vec(),
                    ..defaults.clone()
                };
                for word in words {
                    set(&mut file, word).ok_or_else(|| broken("a value cannot be read"))?;
                }
                if path.is_empty() || path == b"." {
                    continue;
                }
                // A path that leaves the root is nothing that pacman installs.
                let mut parts = path.split(|byte| *byte == b'/');
                if parts.any(|part| part.is_empty() || part == b"..") {
                    return Err(broken("a path that leaves the root"));
                }
                if path.starts_with(b".") {
                    continue;
                }
                if files.len() >= limits::MAX_FILES {
                    let limit = limits::MAX_FILES;
                    return Err(ParseError::TooManyEntries { limit });
                }
                files.push(file);
            }
        }
    }
    Ok(files)
}

/// Takes one `keyword=value`; `None` if a value that is used cannot be read.
fn set(file: &mut Recorded, word: &[u8]) -> Option<()> {
    let equals = word.iter().position(|byte| *byte == b'=');
    // `optional`, `nochange`.
    let Some((key, value)) = equals.and_then(|at| word.split_at_checked(at)) else {
        return Some(());
    };
    let value = value.get(1..)?;
    let text = || std::str::from_utf8(value).ok();
    match key {
        b"type" => {
            file.kind = Some(match value {
                b"file" => FileKind::File,
                b"dir" => FileKind::Directory,
                b"link" => FileKind::Symlink,
                b"block" | b"char" | b"fifo" | b"socket" => FileKind::Other,
                _ => return None,
            });
        }
        b"mode" => file.mode = Some(u32::from_str_radix(text()?, 8).ok()? & 0o7777),
        b"uid" => file.uid = Some(text()?.parse().ok()?),
        b"gid" => file.gid = Some(text()?.parse().ok()?),
        b"size" => file.size = Some(text()?.parse().ok()?),
        b"link" => file.link = Some(unescaped(value)?),
        b"sha256digest" | b"sha256" => file.digest = Some(Digest::Sha256(text()?.parse().ok()?)),
        b"md5digest" | b"md5" if !matches!(file.digest, Some(Digest::Sha256(_))) => {
            let mut digest = [0; 16];
            hex::decode_to_slice(value, &mut digest).ok()?;
            file.digest = Some(Digest::Md5(digest));
        }
        _ => {}
    }
    Some(())
}

/// libarchive's archive_read_support_format_mtree.c, `parse_escapes`.
fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, more)) = rest.split_first() {
        if *first != b'\\' {
            plain.push(*first);
            rest = more;
            continue;
        }
        let (byte, used) = match more {
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
                ((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'), 3)
            }
            [b'\\', ..] => (b'\\', 1),
            [b's', ..] => (b' ', 1),
            [b'n', ..] => (b'\n', 1),
            [b't', ..] => (b'\t', 1),
            [b'r', ..] => (b'\r', 1),
            _ => return None,
        };
        plain.push(byte);
        rest = more.get(used..)?;
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_refuses_the_file() {
        for line in [
            "./a type=other",
            "./a mode=9",
            "./a uid=-1",
            "./a size=x",
            "./a sha256digest=00",
            "./a md5digest=00",
            "./a link=\\9",
            "./a\\0",
            "./../a",
            "./a//b",
            "./a \\",
            "/unset uid",
            "/set uid=x",
        ] {
            let read = parse_mtree(line.as_bytes());
            assert!(matches!(read, Err(ParseError::Syntax { .. })), "{line}");
        }
    }

    #[test]
    fn values_are_read() {
        let text =
            b"/set type=link uid=7\n./b\\\\\\303\\244 link=a\\sb gid=8 optional\n./.X size=1\n";
        let read = parse_mtree(text).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].path, "b\\\u{e4}".as_bytes());
        assert_eq!(read[0].link.as_deref(), Some(&b"a b"[..]));
        assert_eq!((read[0].uid, read[0].gid), (Some(7), Some(8)));
        assert_eq!(read[0].kind, Some(FileKind::Symlink));
        // The stronger digest counts, in either order.
        let (md5, sha) = ("0".repeat(32), "1".repeat(64));
        for words in [
            format!("md5digest={md5} sha256digest={sha}"),
            format!("sha256digest={sha} md5digest={md5}"),
        ] {
            let read = parse_mtree(format!("./a {words}").as_bytes()).unwrap();
            assert_eq!(read[0].digest, Some(Digest::Sha256([0x11; 32].into())));
        }
    }

    #[test]
    fn size_and_number_are_limited() {
        let long = vec![b'\n'; limits::MAX_MTREE_BYTES + 1];
        assert!(matches!(
            parse_mtree(&long),
            Err(ParseError::TooLarge { .. })
        ));
        let many = "a\n".repeat(limits::MAX_FILES + 1);
        let read = parse_mtree(many.as_bytes());
        assert!(matches!(read, Err(ParseError::TooManyEntries { .. })));
        assert!(parse_mtree(&many.as_bytes()[2..]).is_ok());
    }
}
