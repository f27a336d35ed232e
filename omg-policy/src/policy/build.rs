//! From the sections of a file to rules.

use std::ops::Range;
use std::sync::Arc;

use chrono::Duration;
use toml::Spanned;

use super::file::{
    ChecksumRequire, Criterion as FileCriterion, File, FixCondition, GradeSection, OneOrMany,
    ProvenanceSection, SignatureRequire, Vulnerabilities,
};
use super::{Section, defaults_of};
use crate::decision::{Place, Verdict};
use crate::error::{PolicyError, Text};
use crate::grade::Grade;
use crate::layer::{BundleHead, Delegate, Exception, Grading, Layer, LayerKind, LockedNeeds};
use crate::licence::LicenceList;
use crate::period;
use crate::rule::{ChecksumNeed, Criterion, Kind, Rule, SignatureNeed};

/// A layer that is being read.
pub(super) struct Builder<'a> {
    pub(super) text: Text<'a>,
    kind: LayerKind,
    file: Arc<str>,
    rules: Vec<Rule>,
    grading: Grading,
    pub(super) exceptions: Vec<Exception>,
    pub(super) delegate: Option<Delegate>,
    pub(super) bundle: Option<BundleHead>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: Text<'a>, kind: LayerKind, file: &str) -> Self {
        Self {
            text,
            kind,
            file: file.into(),
            rules: Vec::new(),
            grading: Grading::default_of_files(),
            exceptions: Vec::new(),
            delegate: None,
            bundle: None,
        }
    }

    pub(super) fn place(&self, span: &Range<usize>) -> Place {
        Place {
            layer: self.kind,
            file: self.file.clone(),
            line: self.text.line(span),
        }
    }

    /// A rule, unless nothing follows from it.
    pub(super) fn rule(&mut self, span: &Range<usize>, kind: Kind, action: Verdict) {
        if action > Verdict::Allow {
            let place = self.place(span);
            self.rules.push(Rule {
                kind,
                action,
                place,
            });
        }
    }

    fn default_of(&mut self, section: Section) {
        let place = Place {
            layer: self.kind,
            file: self.file.clone(),
            line: 0,
        };
        defaults_of(section, &place, &mut self.rules);
    }

    /// The same option in both forms is a contradiction that nobody should have to resolve.
    pub(super) fn once(
        &self,
        span: &Range<usize>,
        twice: bool,
        key: &str,
        other: &str,
    ) -> Result<(), PolicyError> {
        if twice {
            return Err(self
                .text
                .value(span, key, format!("given twice, also as {other}")));
        }
        Ok(())
    }

    pub(super) fn minimum(&mut self, grade: &Spanned<Grade>) {
        if *grade.get_ref() > Grade::Risk {
            let kind = Kind::MinimumGrade(*grade.get_ref());
            self.rule(&grade.span(), kind, Verdict::Reject);
        }
    }

    pub(super) fn licences(
        &self,
        key: &str,
        list: &[Spanned<String>],
    ) -> Result<LicenceList, PolicyError> {
        LicenceList::parse(list.iter().map(|entry| entry.get_ref().as_str()))
            .map_err(|(index, detail)| self.text.value(&list[index].span(), key, detail))
    }

    /// Everything but the lists of tables.
    pub(super) fn sections(&mut self, file: &File) -> Result<(), PolicyError> {
        self.grade(file.grade.as_ref().map(Spanned::get_ref))?;
        self.vulnerabilities(file.vulnerabilities.as_ref())?;
        if let Some(require) = file
            .signature
            .as_ref()
            .and_then(|s| s.get_ref().require.as_ref())
        {
            let need = match require.get_ref() {
                SignatureRequire::None => None,
                SignatureRequire::Any => Some(SignatureNeed::Any),
                SignatureRequire::Trusted => Some(SignatureNeed::Trusted),
            };
            if let Some(need) = need {
                self.rule(&require.span(), Kind::Signature(need), Verdict::Reject);
            }
        }
        if let Some(section) = &file.provenance {
            self.provenance(section.get_ref())?;
        }
        if let Some(require) = file
            .checksum
            .as_ref()
            .and_then(|s| s.get_ref().require.as_ref())
        {
            let need = match require.get_ref() {
                ChecksumRequire::None => None,
                ChecksumRequire::Match => Some(ChecksumNeed::Match),
                ChecksumRequire::Signed => Some(ChecksumNeed::Signed),
            };
            if let Some(need) = need {
                self.rule(&require.span(), Kind::Checksum(need), Verdict::Reject);
            }
        }
        if let Some(section) = &file.origin {
            self.origin(section)?;
        }
        if let Some(section) = &file.release {
            self.release(section.get_ref())?;
        }
        if let Some(section) = &file.licenses {
            self.licenses(section)?;
        }
        let scripts = file.scripts.as_ref().map(Spanned::get_ref);
        match scripts.and_then(|scripts| scripts.suspicious.as_ref()) {
            Some(action) => self.action(action, Kind::ScriptsClean),
            None => self.default_of(Section::Scripts),
        }
        if let Some(action) = scripts.and_then(|scripts| scripts.not_inspected.as_ref()) {
            self.action(action, Kind::ScriptsInspected);
        }
        Ok(())
    }

    pub(super) fn action(&mut self, action: &Spanned<Verdict>, kind: Kind) {
        self.rule(&action.span(), kind, *action.get_ref());
    }

    fn grade(&mut self, section: Option<&GradeSection>) -> Result<(), PolicyError> {
        if let Some(minimum) = section.and_then(|section| section.minimum.as_ref()) {
            self.minimum(minimum);
        }
        if let Some(after) = section.and_then(|section| section.stale_after.as_ref()) {
            self.grading.stale_after = Some(self.period("grade.stale_after", after)?);
        }
        match section.and_then(|section| section.unscanned.as_ref()) {
            Some(action) => self.action(action, Kind::Scanned),
            None => self.default_of(Section::Unscanned),
        }
        let limit = self.grading.stale_after;
        match section.and_then(|section| section.stale.as_ref()) {
            Some(action) => self.action(action, Kind::Current(limit)),
            None => {
                let span = section.and_then(|section| section.stale_after.as_ref());
                match span {
                    Some(after) => self.rule(&after.span(), Kind::Current(limit), Verdict::Warn),
                    None => self.default_of(Section::Stale),
                }
            }
        }
        Ok(())
    }

    fn vulnerabilities(
        &mut self,
        section: Option<&Spanned<Vulnerabilities>>,
    ) -> Result<(), PolicyError> {
        let Some(section) = section.map(Spanned::get_ref) else {
            self.default_of(Section::Vulnerabilities);
            return Ok(());
        };
        let lists = [
            (&section.reject, Verdict::Reject),
            (&section.warn, Verdict::Warn),
        ];
        for (list, action) in lists {
            for criterion in list.iter().flat_map(|OneOrMany(list)| list) {
                let kind = Kind::Finding(self.criterion(criterion)?);
                self.rule(&criterion.span(), kind, action);
            }
        }
        if let Some(action) = &section.kev {
            let kev = Criterion {
                kev: true,
                ..Criterion::default()
            };
            self.action(action, Kind::Finding(kev));
        }
        if let Some(least) = &section.epss_at_least {
            let epss = Criterion {
                epss: Some(self.epss("vulnerabilities.epss_at_least", least)?),
                ..Criterion::default()
            };
            self.rule(&least.span(), Kind::Finding(epss), Verdict::Reject);
        }
        Ok(())
    }

    fn criterion(&self, from: &Spanned<FileCriterion>) -> Result<Criterion, PolicyError> {
        let key = "vulnerabilities";
        let (span, from) = (from.span(), from.get_ref());
        if let Some(kev) = from.kev.as_ref().filter(|kev| !*kev.get_ref()) {
            return Err(self
                .text
                .value(&kev.span(), key, "kev = false would match nothing new"));
        }
        let epss = match &from.epss_at_least {
            Some(least) => Some(self.epss("epss_at_least", least)?),
            None => None,
        };
        let fix = from.fix.as_ref().map(|fix| *fix.get_ref());
        if from.severity.is_none() && from.kev.is_none() && epss.is_none() && fix.is_none() {
            return Err(self.text.value(
                &span,
                key,
                "no condition; for every finding write fix = \"any\"",
            ));
        }
        Ok(Criterion {
            severity: from.severity.as_ref().map(|severity| *severity.get_ref()),
            kev: from.kev.is_some(),
            epss,
            fix: fix == Some(FixCondition::Available),
        })
    }

    /// No number is no threshold: nothing would ever reach it.
    fn epss(&self, key: &str, least: &Spanned<f64>) -> Result<f64, PolicyError> {
        let value = *least.get_ref();
        if !(0.0..=1.0).contains(&value) {
            return Err(self.text.value(&least.span(), key, "not between 0 and 1"));
        }
        Ok(value)
    }

    pub(super) fn period(
        &self,
        key: &str,
        text: &Spanned<String>,
    ) -> Result<Duration, PolicyError> {
        period::parse(text.get_ref()).map_err(|detail| self.text.value(&text.span(), key, detail))
    }

    fn provenance(&mut self, section: &ProvenanceSection) -> Result<(), PolicyError> {
        if let Some(require) = &section.require
            && require.get_ref() != "none"
        {
            let level = level(require.get_ref()).ok_or_else(|| {
                let detail = "not one of none, slsa1, slsa2, slsa3";
                self.text
                    .value(&require.span(), "provenance.require", detail)
            })?;
            self.rule(
                &require.span(),
                Kind::ProvenanceLevel(level),
                Verdict::Reject,
            );
        }
        let Some(OneOrMany(list)) = &section.locked_needs else {
            return Ok(());
        };
        let mut needs = LockedNeeds {
            level: None,
            rebuilds: None,
        };
        for item in list {
            let text = item.get_ref();
            let count = text.strip_prefix("rebuilds:").and_then(|n| n.parse().ok());
            match (level(text), count) {
                (Some(level), _) => needs.level = Some(level),
                (None, Some(count @ 1..)) => needs.rebuilds = Some(count),
                _ => {
                    let detail = "not one of slsa1, slsa2, slsa3, rebuilds:N";
                    return Err(self
                        .text
                        .value(&item.span(), "provenance.locked_needs", detail));
                }
            }
        }
        self.grading.locked = needs;
        Ok(())
    }

    pub(super) fn finish(self, signed: bool) -> Result<Layer, PolicyError> {
        if signed && self.bundle.is_none() {
            let detail = "missing; an organisation's policy has a revision and an expiry";
            return Err(self.text.value(&(0..0), "bundle", detail));
        }
        Ok(Layer {
            kind: self.kind,
            file: self.file,
            rules: self.rules,
            grading: self.grading,
            exceptions: self.exceptions,
            delegate: self.delegate,
            bundle: self.bundle,
        })
    }
}

/// `slsa1` to `slsa3`.
fn level(text: &str) -> Option<u8> {
    match text {
        "slsa1" => Some(1),
        "slsa2" => Some(2),
        "slsa3" => Some(3),
        _ => None,
    }
}
