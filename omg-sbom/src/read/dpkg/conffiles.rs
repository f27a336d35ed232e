use std::collections::HashMap;

use crate::model::files::recorded::{Digest, FileKind, Recorded};

/// Reads the configuration files of every package from `status`, by package and architecture:
/// under `Conffiles`, a path and its MD5 in every line. Other lines there are passed over; so
/// are files that are obsolete or were never installed, which have more or other words.
pub(crate) fn parse_conffiles(status: &[u8]) -> HashMap<(String, String), Vec<Recorded>> {
    let mut all = HashMap::new();
    let mut stanza = Stanza::default();
    for line in status.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.iter().all(u8::is_ascii_whitespace) {
            std::mem::take(&mut stanza).finish(&mut all);
        } else if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            stanza.field(line);
        } else if stanza.is_within {
            stanza.files.extend(conffile(line));
        }
    }
    stanza.finish(&mut all);
    all
}

#[derive(Default)]
struct Stanza {
    name: String,
    architecture: String,
    files: Vec<Recorded>,
    is_within: bool,
}

impl Stanza {
    fn field(&mut self, line: &[u8]) {
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = line.split_at(colon.unwrap_or(line.len()));
        let value = String::from_utf8_lossy(value.get(1..).unwrap_or_default());
        self.is_within = name.eq_ignore_ascii_case(b"Conffiles");
        if name.eq_ignore_ascii_case(b"Package") {
            value.trim().clone_into(&mut self.name);
        } else if name.eq_ignore_ascii_case(b"Architecture") {
            value.trim().clone_into(&mut self.architecture);
        }
    }

    fn finish(self, all: &mut HashMap<(String, String), Vec<Recorded>>) {
        if !self.files.is_empty() {
            all.insert((self.name, self.architecture), self.files);
        }
    }
}

fn conffile(line: &[u8]) -> Option<Recorded> {
    let line = line.trim_ascii();
    let space = line.iter().rposition(|byte| *byte == b' ')?;
    let (path, digits) = line.split_at(space);
    let mut digest = [0; 16];
    hex::decode_to_slice(digits.trim_ascii(), &mut digest).ok()?;
    let mut file = Recorded::new(path.strip_prefix(b"/")?);
    file.kind = Some(FileKind::File);
    file.digest = Some(Digest::Md5(digest));
    file.is_configuration = true;
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_files_are_found_in_their_stanza() {
        let digest = "0".repeat(32);
        let text = format!(
            "Package: a\nConffiles:\n /etc/a b {digest}\n /etc/old {digest} obsolete\n\
             \x20/etc/new newconffile\nArchitecture: all\nDescription: x\n /etc/no {digest}\n\n\
             Package: b\nConffiles: \n /etc/c {digest}\n"
        );
        let all = parse_conffiles(text.as_bytes());
        let paths = |name: &str, architecture: &str| {
            let files = &all[&(name.to_owned(), architecture.to_owned())];
            let paths = files
                .iter()
                .map(|file| String::from_utf8_lossy(&file.path).into_owned());
            paths.collect::<Vec<_>>()
        };
        assert_eq!(paths("a", "all"), ["etc/a b"]);
        assert_eq!(paths("b", ""), ["etc/c"]);
        assert_eq!(all.len(), 2);
    }
}
