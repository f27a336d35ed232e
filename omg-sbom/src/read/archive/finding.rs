use std::fmt;

use super::{
    format::Format,
    member::{Member, MemberKind},
};

/// A path is shown up to here.
const MAX_SUBJECT_CHARS: usize = 200;

/// Something in a readable package file that packages do not have for good reasons.
///
/// No finding is a verdict; [`kind`](Self::kind) says what each means.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct Finding {
    /// What it is about: the path in the package, printable and shortened, or the part of the
    /// package file.
    pub subject: String,
    /// What was found.
    pub kind: FindingKind,
    /// For a person to read.
    pub detail: String,
}

impl Finding {
    pub(super) fn new(subject: &[u8], kind: FindingKind, detail: impl Into<String>) -> Self {
        let mut text = String::new();
        for c in String::from_utf8_lossy(subject)
            .chars()
            .take(MAX_SUBJECT_CHARS)
        {
            match c.is_control() {
                true => text.extend(c.escape_default()),
                false => text.push(c),
            }
        }
        Self {
            subject: text,
            kind,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.detail)
    }
}

/// The kinds of [`Finding`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum FindingKind {
    /// The path of a member starts at the root of the file system.
    AbsolutePath,
    /// The path of a member has a component `..`.
    Traversal,
    /// Two members have the same path, and not both are directories.
    Duplicate,
    /// A metadata member is there twice, or is not a regular file; the first file counts.
    Metadata,
    /// A hard link to something that is not in the package before it, or a symbolic link that
    /// leads above the root.
    LinkOutside,
    /// A member lies beneath a path that is a symbolic link in the same package.
    BeneathLink,
    /// A path has control characters, is empty, or is not UTF-8.
    UnusualName,
    /// A device or a named pipe.
    SpecialFile,
    /// pacman does not install members whose path starts with a dot.
    Ignored,
    /// The package file holds more than package files do: bytes after the end, or unknown parts.
    Surplus,
    /// Two parts of the package contradict each other.
    Inconsistent,
    /// A value of the metadata cannot be read.
    Value,
}

/// Looks at the list of members, which it leaves as it is.
pub(super) fn inspect(members: &[Member], format: Format, findings: &mut Vec<Finding>) {
    for member in members {
        inspect_one(member, format, findings);
    }
    let mut order: Vec<usize> = (0..members.len()).collect();
    let path = |at: &usize| members.get(*at).map_or(&b""[..], |member| &member.path);
    // By components, so that what lies beneath a path follows it directly.
    order.sort_by(|a, b| components(path(a)).cmp(components(path(b))).then(a.cmp(b)));
    hard_links(members, &order, findings);
    let mut above: Vec<&[u8]> = Vec::new();
    let mut last: Option<&Member> = None;
    for at in order {
        let Some(member) = members.get(at) else {
            continue;
        };
        while above
            .last()
            .is_some_and(|link| !is_beneath(&member.path, link))
        {
            above.pop();
        }
        if let Some(link) = above.last() {
            let detail = format!("beneath the link {:?}", String::from_utf8_lossy(link));
            findings.push(Finding::new(&member.path, FindingKind::BeneathLink, detail));
        }
        let is_again = last.is_some_and(|last| {
            let both = (last.kind, member.kind);
            components(&last.path).eq(components(&member.path))
                && both != (MemberKind::Directory, MemberKind::Directory)
        });
        if is_again {
            let detail = "in the package more than once";
            findings.push(Finding::new(&member.path, FindingKind::Duplicate, detail));
        }
        if member.kind == MemberKind::Symlink {
            above.push(&member.path);
        }
        last = Some(member);
    }
}

fn inspect_one(member: &Member, format: Format, findings: &mut Vec<Finding>) {
    let path = &member.path;
    let mut add = |kind, detail: &str| findings.push(Finding::new(path, kind, detail));
    if path.starts_with(b"/") {
        add(FindingKind::AbsolutePath, "an absolute path");
    }
    if path.split(|byte| *byte == b'/').any(|part| part == b"..") {
        add(FindingKind::Traversal, "a path through \"..\"");
    }
    if path.is_empty() || path.iter().any(u8::is_ascii_control) {
        add(
            FindingKind::UnusualName,
            "a path that is empty or has control characters",
        );
    } else if std::str::from_utf8(path).is_err() {
        add(FindingKind::UnusualName, "a path that is not UTF-8");
    }
    if member.kind.is_special() {
        add(FindingKind::SpecialFile, "a device or named pipe");
    }
    // libalpm's add.c, extract_single_file.
    if format == Format::Pacman && path.starts_with(b".") {
        add(FindingKind::Ignored, "not installed by pacman");
    }
    if member.kind == MemberKind::Symlink && leads_above(path, member.link.as_deref()) {
        add(FindingKind::LinkOutside, "a link that leads above the root");
    }
}

fn hard_links(members: &[Member], order: &[usize], findings: &mut Vec<Finding>) {
    let links = members.iter().enumerate();
    for (at, member) in links.filter(|(_, member)| member.kind == MemberKind::HardLink) {
        let target = member.link.as_deref().unwrap_or_default();
        let place = |other: &usize| members.get(*other).map_or(&b""[..], |other| &other.path);
        let first = order.partition_point(|other| components(place(other)).lt(components(target)));
        let same = order.get(first..).unwrap_or_default().iter();
        let mut same = same.take_while(|other| components(place(other)).eq(components(target)));
        // The first of that path; that there are several is a finding of its own.
        let is_known = same.next().is_some_and(|other| {
            *other < at
                && members
                    .get(*other)
                    .is_some_and(|other| other.kind.is_file())
        });
        if !is_known || target.starts_with(b"/") {
            let detail = format!("a hard link to {:?}", String::from_utf8_lossy(target));
            findings.push(Finding::new(&member.path, FindingKind::LinkOutside, detail));
        }
    }
}

/// The components that lead somewhere: neither empty ones nor `.`.
fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let parts = path.split(|byte| *byte == b'/');
    parts.filter(|part| !part.is_empty() && *part != b".")
}

fn is_beneath(path: &[u8], link: &[u8]) -> bool {
    let mut parts = components(path);
    components(link).all(|part| parts.next() == Some(part)) && parts.next().is_some()
}

fn leads_above(path: &[u8], target: Option<&[u8]>) -> bool {
    let target = target.unwrap_or_default();
    let mut depth = match target.starts_with(b"/") {
        true => 0,
        false => components(path).count().saturating_sub(1),
    };
    for part in components(target) {
        if part == b".." {
            match depth.checked_sub(1) {
                Some(above) => depth = above,
                None => return true,
            }
        } else {
            depth += 1;
        }
    }
    false
}
