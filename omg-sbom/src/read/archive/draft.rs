use std::{collections::BTreeMap, io::Read};

use super::{
    error::ArchiveError,
    finding::{Finding, FindingKind},
    format::Format,
    member::{Member, MemberKind},
    tar::{Rest, Tally},
};

/// What is gathered before the package is known.
pub(super) struct Draft {
    pub(super) format: Format,
    pub(super) metadata: BTreeMap<String, Vec<u8>>,
    pub(super) configuration: Vec<String>,
    pub(super) members: Vec<Member>,
    pub(super) findings: Vec<Finding>,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            format: Format::Pacman,
            metadata: BTreeMap::new(),
            configuration: Vec::new(),
            members: Vec::new(),
            findings: Vec::new(),
        }
    }
}

impl Draft {
    pub(super) fn find(&mut self, subject: &[u8], kind: FindingKind, detail: impl Into<String>) {
        self.findings.push(Finding::new(subject, kind, detail));
    }

    /// Keeps a metadata member; what is there twice or is no file is a finding.
    pub(super) fn keep(
        &mut self,
        name: &str,
        member: &Member,
        content: &mut dyn Read,
        part: &'static str,
        tally: &Tally,
    ) -> Result<(), ArchiveError> {
        if member.kind != MemberKind::File {
            self.find(
                &member.path,
                FindingKind::Metadata,
                "metadata that is no regular file",
            );
            return Ok(());
        }
        let bytes = tally.metadata(part, content)?;
        if self.metadata.contains_key(name) {
            self.find(
                &member.path,
                FindingKind::Metadata,
                "metadata that is there twice",
            );
        } else {
            self.metadata.insert(name.to_owned(), bytes);
        }
        Ok(())
    }

    pub(super) fn surplus(&mut self, part: &'static str, rest: Rest) {
        if rest == Rest::Bytes {
            let detail = "bytes after the end of the archive";
            self.find(part.as_bytes(), FindingKind::Surplus, detail);
        }
    }

    /// Keeps what is installed, under its path without `./` before and `/` behind.
    pub(super) fn install(&mut self, mut member: Member) {
        let mut path = member.path.as_slice();
        while let Some(short) = path.strip_suffix(b"/").filter(|short| !short.is_empty()) {
            path = short;
        }
        while let Some(short) = path.strip_prefix(b"./").filter(|short| !short.is_empty()) {
            path = short;
        }
        if path.len() < member.path.len() {
            member.path = path.to_vec();
        }
        self.members.push(member);
    }
}
