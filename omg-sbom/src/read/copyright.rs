//! Debian's machine-readable copyright files.
//!
//! Format: <https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/>.

/// The `License` fields of one of Debian's machine-readable copyright files that speak of files,
/// each once, sorted; nothing for a file that is not machine-readable.
///
/// # Examples
///
/// ```
/// use omg_sbom::licence::read_debian;
///
/// let text = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n\
///     Files: *\nCopyright: 2024 Jane Doe\nLicense: Expat\n";
/// assert_eq!(read_debian(text), ["Expat"]);
/// ```
pub fn read_debian(copyright: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (number, paragraph) in copyright.split("\n\n").enumerate() {
        let field = |name: &str| {
            let mut lines = paragraph.lines();
            lines.find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim())
            })
        };
        if number == 0 {
            let format = field("Format").or(field("Format-Specification"));
            if !format.is_some_and(|format| {
                format.contains("copyright-format/1.0") || format.contains("dep5")
            }) {
                return Vec::new();
            }
        } else if field("Files").is_none() {
            // A paragraph of its own holds the text of a licence that others name.
            continue;
        }
        if let Some(name) = field("License").filter(|name| !name.is_empty()) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_files() {
        let text = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n\
            Files: *\nCopyright: x\nLicense: GPL-2+\n text\n\nFiles: a\nLicense: Expat\n\n\
            License: MIT-own\n text\n";
        assert_eq!(read_debian(text), ["Expat", "GPL-2+"]);
        assert_eq!(read_debian("License: GPL-2+\n"), [""; 0]);
    }
}
