use super::{error::ParseError, limits};

/// The distribution's own description of itself, `/etc/os-release`.
///
/// Format: os-release(5). Values that are not given are `None`.
///
/// # Examples
///
/// ```
/// use omg_sbom::inventory::{Family, OsRelease};
///
/// let os = OsRelease::parse(
///     b"ID=linuxmint\nID_LIKE=\"ubuntu debian\"\nVERSION_ID=21.3\nUBUNTU_CODENAME=jammy\n",
/// )?;
/// let base = os.distribution();
/// assert_eq!(base.family, Family::Ubuntu);
/// assert!(base.is_derivative);
/// assert_eq!(base.release.as_deref(), Some("22.04"));
/// # Ok::<(), omg_sbom::ParseError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct OsRelease {
    /// `ID`, in lower case; `linux` where it is not set, as the manual says.
    pub id: String,
    /// `ID_LIKE`: the distributions that it is derived from, the closest first.
    pub id_like: Vec<String>,
    /// `VERSION_ID`.
    pub version_id: Option<String>,
    /// `VERSION_CODENAME`.
    pub version_codename: Option<String>,
    /// `UBUNTU_CODENAME`, which Ubuntu and its derivatives set.
    pub ubuntu_codename: Option<String>,
    /// `DEBIAN_CODENAME`, which Linux Mint's Debian edition sets.
    pub debian_codename: Option<String>,
    /// `PRETTY_NAME`.
    pub pretty_name: Option<String>,
    /// `BUILD_ID`, which Arch sets to `rolling`.
    pub build_id: Option<String>,
    /// `VENDOR_NAME`: the organisation that makes it; few distributions set it.
    pub vendor_name: Option<String>,
    /// `VENDOR_URL`.
    pub vendor_url: Option<String>,
    /// `CPE_NAME`, which Fedora and SUSE set.
    pub cpe_name: Option<String>,
    /// `SUPPORT_END`: the day on which support ends, `YYYY-MM-DD`.
    pub support_end: Option<String>,
    /// `HOME_URL`.
    pub home_url: Option<String>,
    /// `DOCUMENTATION_URL`.
    pub documentation_url: Option<String>,
    /// `SUPPORT_URL`.
    pub support_url: Option<String>,
    /// `BUG_REPORT_URL`.
    pub bug_report_url: Option<String>,
}

impl OsRelease {
    /// Reads the file. Lines that are no assignment are passed over, as every reader of this
    /// file does; of a key given twice the last value counts, as in a shell.
    ///
    /// # Errors
    ///
    /// [`ParseError::TooLarge`] above [`limits::MAX_CONFIG_BYTES`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        ParseError::check_size("os-release", bytes, limits::MAX_CONFIG_BYTES)?;
        let mut os = Self::with_id("linux");
        for (key, value) in String::from_utf8_lossy(bytes)
            .lines()
            .filter_map(assignment)
        {
            os.set(key, value);
        }
        Ok(os)
    }

    pub(super) fn with_id(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            id_like: Vec::new(),
            version_id: None,
            version_codename: None,
            ubuntu_codename: None,
            debian_codename: None,
            pretty_name: None,
            build_id: None,
            vendor_name: None,
            vendor_url: None,
            cpe_name: None,
            support_end: None,
            home_url: None,
            documentation_url: None,
            support_url: None,
            bug_report_url: None,
        }
    }

    fn set(&mut self, key: &str, value: String) {
        if value.is_empty() {
            return;
        }
        match key {
            "ID" => self.id = value.to_ascii_lowercase(),
            "ID_LIKE" => {
                self.id_like = value
                    .split_ascii_whitespace()
                    .map(str::to_ascii_lowercase)
                    .collect();
            }
            "VERSION_ID" => self.version_id = Some(value),
            "VERSION_CODENAME" => self.version_codename = Some(value),
            "UBUNTU_CODENAME" => self.ubuntu_codename = Some(value),
            "DEBIAN_CODENAME" => self.debian_codename = Some(value),
            "PRETTY_NAME" => self.pretty_name = Some(value),
            "BUILD_ID" => self.build_id = Some(value),
            "VENDOR_NAME" => self.vendor_name = Some(value),
            "VENDOR_URL" => self.vendor_url = Some(value),
            "CPE_NAME" => self.cpe_name = Some(value),
            "SUPPORT_END" => self.support_end = Some(value),
            "HOME_URL" => self.home_url = Some(value),
            "DOCUMENTATION_URL" => self.documentation_url = Some(value),
            "SUPPORT_URL" => self.support_url = Some(value),
            "BUG_REPORT_URL" => self.bug_report_url = Some(value),
            _ => {}
        }
    }

    /// Who makes the system: `VENDOR_NAME`, and for the distributions that this crate knows and
    /// that set none, the project or company that publishes them. Of any other nothing is known,
    /// not even where it is derived from one of these.
    ///
    /// # Examples
    ///
    /// ```
    /// use omg_sbom::inventory::OsRelease;
    ///
    /// let arch = OsRelease::parse(b"ID=arch\nNAME=\"Arch Linux\"\n")?;
    /// assert_eq!(arch.vendor(), Some("Arch Linux"));
    /// let derived = OsRelease::parse(b"ID=other\nID_LIKE=arch\n")?;
    /// assert_eq!(derived.vendor(), None);
    /// # Ok::<(), omg_sbom::ParseError>(())
    /// ```
    pub fn vendor(&self) -> Option<&str> {
        let known = || match self.id.as_str() {
            "arch" => Some("Arch Linux"),
            "debian" => Some("Debian"),
            "ubuntu" => Some("Canonical Ltd."),
            "alpine" => Some("Alpine Linux"),
            _ => None,
        };
        self.vendor_name.as_deref().or_else(known)
    }
}

/// Splits `KEY=value` and removes the quotes and escapes of os-release(5).
fn assignment(line: &str) -> Option<(&str, String)> {
    let (key, value) = line.trim().split_once('=')?;
    let is_key = !key.is_empty()
        && key
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if is_key {
        Some((key, unquote(value)?))
    } else {
        None
    }
}

/// The value of a quoted or bare word; `None` where a shell would not see one word.
fn unquote(text: &str) -> Option<String> {
    let quoted = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    if text.starts_with('\'') {
        // POSIX shell, 2.2.2: nothing is special between single quotes.
        return quoted('\'')
            .filter(|inner| !inner.contains('\''))
            .map(str::to_owned);
    }
    if text.starts_with('"') {
        return unescape(
            quoted('"')?,
            |c| matches!(c, '"' | '$' | '`' | '\\'),
            |c| c == '"',
        );
    }
    unescape(
        text,
        |_| true,
        |c| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '&' | '|'),
    )
}

/// Resolves backslashes before characters of `special`, and keeps them before others
/// (POSIX shell, 2.2.1 and 2.2.3). `None` for a bare character of `forbidden`.
fn unescape(
    text: &str,
    special: impl Fn(char) -> bool,
    forbidden: impl Fn(char) -> bool,
) -> Option<String> {
    let mut value = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if forbidden(c) {
            return None;
        }
        if c != '\\' {
            value.push(c);
            continue;
        }
        let escaped = chars.next()?;
        if !special(escaped) {
            value.push('\\');
        }
        value.push(escaped);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_follows_the_shell() {
        let value = |line: &str| assignment(line).map(|(_, value)| value);
        assert_eq!(
            value(r#"A="a \"b\" \$c \`d\` \\ \n""#).as_deref(),
            Some(r#"a "b" $c `d` \ \n"#)
        );
        assert_eq!(value(r"A='a \b $c'").as_deref(), Some(r"a \b $c"));
        assert_eq!(value(r"A=a\ b").as_deref(), Some("a b"));
        assert_eq!(value("A=").as_deref(), Some(""));
        for refused in [
            "A=\"a",
            "A='a'b'",
            "A=a b",
            "A=\"a\"b\"",
            "a=b",
            "=b",
            "# A=b",
            "A",
            "A=b\\",
        ] {
            assert_eq!(value(refused), None, "{refused}");
        }
    }

    #[test]
    fn the_last_assignment_counts_and_an_empty_one_does_not() {
        let os = OsRelease::parse(b"ID=a\r\nID=Arch\r\nVERSION_ID=\r\n").unwrap();
        assert_eq!((os.id.as_str(), os.version_id), ("arch", None));
        assert_eq!(OsRelease::parse(b"NAME=x").unwrap().id, "linux");
    }

    #[test]
    fn size_is_limited() {
        let limit = limits::MAX_CONFIG_BYTES;
        assert!(OsRelease::parse(&vec![b'\n'; limit]).is_ok());
        assert!(OsRelease::parse(&vec![b'\n'; limit + 1]).is_err());
    }
}
