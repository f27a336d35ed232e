use std::collections::HashMap;

use crate::{
    model::files::recorded::{Digest, FileKind, Recorded},
    read::stanza::stanzas,
};

/// The fields that are read here.
const FIELDS: &[&str] = &["Architecture", "Conffiles", "Package"];

/// Reads the configuration files of every package from `status`, by package and architecture:
/// under `Conffiles`, a path and its MD5 in every line. Other lines there are passed over; so
/// are files that are obsolete or were never installed, which have more or other words.
pub(crate) fn parse_conffiles(status: &[u8]) -> HashMap<(String, String), Vec<Recorded>> {
    let mut all = HashMap::new();
    for stanza in stanzas(status, FIELDS, 0) {
        let lines = stanza
            .raw("Conffiles")
            .unwrap_or_default()
            .split(|byte| *byte == b'\n');
        // The files begin below the name of the field.
        let files: Vec<_> = lines.skip(1).filter_map(conffile).collect();
        if !files.is_empty() {
            let text = |field| stanza.get(field).unwrap_or_default();
            all.insert((text("Package"), text("Architecture")), files);
        }
    }
    all
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
