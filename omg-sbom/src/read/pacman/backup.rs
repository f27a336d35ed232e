use std::collections::HashSet;

/// The paths under `%BACKUP%` of a `files` file: configuration that an update must not
/// overwrite. In every line a path, a tab and an MD5 (alpm-db-files(5)).
pub(crate) fn backup_files(bytes: &[u8]) -> HashSet<Vec<u8>> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    if !lines.any(|line| line == b"%BACKUP%") {
        return HashSet::new();
    }
    let lines = lines.take_while(|line| !line.is_empty());
    let paths = lines.filter_map(|line| {
        let tab = line.iter().position(|byte| *byte == b'\t')?;
        line.get(..tab).map(<[u8]>::to_vec)
    });
    paths.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_under_the_key_are_found() {
        let text = b"%FILES%\netc/\netc/a\n\n%BACKUP%\netc/a\t0\netc/b c\t1\n\netc/d\t2\n";
        let found = backup_files(text);
        assert_eq!(
            found,
            HashSet::from([b"etc/a".to_vec(), b"etc/b c".to_vec()])
        );
        assert_eq!(backup_files(b"%FILES%\netc/a\t0\n"), HashSet::new());
    }
}
