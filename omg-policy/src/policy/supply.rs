//! Sections about where packages come from, how old they are, and their licences.

use toml::Spanned;

use super::build::Builder;
use super::file::{AurSection, Licenses, OriginSection, Release};
use super::not_empty;
use crate::decision::Verdict;
use crate::error::PolicyError;
use crate::rule::{Kind, Wait};

impl Builder<'_> {
    pub(super) fn origin(&mut self, section: &Spanned<OriginSection>) -> Result<(), PolicyError> {
        let section = section.get_ref();
        // With a list of what is allowed, what is on no list is not.
        let listed = section.allow.as_ref().map(Spanned::span);
        if let Some(list) = &section.allow {
            not_empty(&self.text, &list.span(), "origin.allow", list.get_ref())?;
            self.rule(
                &list.span(),
                Kind::Repositories(names(list)),
                Verdict::Reject,
            );
        }
        match (&section.allow_third_party, &listed) {
            (Some(list), _) => {
                self.rule(
                    &list.span(),
                    Kind::ThirdParties(names(list)),
                    Verdict::Reject,
                );
            }
            (None, Some(span)) => {
                self.rule(span, Kind::ThirdParties(Vec::new()), Verdict::Reject);
            }
            (None, None) => {}
        }
        let choices = [
            (&section.local_file, Kind::NoLocalFile),
            (&section.unknown, Kind::OriginKnown),
        ];
        for (choice, kind) in choices {
            match (choice, &listed) {
                (Some(action), _) => self.action(action, kind),
                (None, Some(span)) => self.rule(span, kind, Verdict::Reject),
                (None, None) => {}
            }
        }
        if let Some(aur) = &section.aur {
            self.aur(aur.get_ref())?;
        }
        let says = section
            .aur
            .as_ref()
            .is_some_and(|aur| aur.get_ref().allow.is_some());
        if let Some(span) = listed.filter(|_| !says) {
            self.rule(&span, Kind::NoAur, Verdict::Reject);
        }
        Ok(())
    }

    fn aur(&mut self, section: &AurSection) -> Result<(), PolicyError> {
        if let Some(allow) = section.allow.as_ref().filter(|allow| !*allow.get_ref()) {
            self.rule(&allow.span(), Kind::NoAur, Verdict::Reject);
        }
        let waived = section.waive_for_security_fixes.unwrap_or(true);
        if let Some(age) = &section.min_commit_age {
            let time = self.period("origin.aur.min_commit_age", age)?;
            self.rule(
                &age.span(),
                Kind::AurAge(Wait { time, waived }),
                Verdict::Reject,
            );
        }
        if let Some(age) = &section.adoption_quarantine {
            let time = self.period("origin.aur.adoption_quarantine", age)?;
            self.rule(
                &age.span(),
                Kind::AurQuarantine(Wait { time, waived }),
                Verdict::Reject,
            );
        }
        let forbid = &section.forbid_new_install_scripts;
        if let Some(forbid) = forbid.as_ref().filter(|forbid| *forbid.get_ref()) {
            self.rule(&forbid.span(), Kind::NoNewInstallScript, Verdict::Reject);
        }
        Ok(())
    }

    pub(super) fn release(&mut self, section: &Release) -> Result<(), PolicyError> {
        if let Some(age) = &section.min_age {
            let time = self.period("release.min_age", age)?;
            let waived = section.waive_for_security_fixes.unwrap_or(true);
            self.rule(
                &age.span(),
                Kind::ReleaseAge(Wait { time, waived }),
                Verdict::Reject,
            );
        }
        Ok(())
    }

    pub(super) fn licenses(&mut self, section: &Spanned<Licenses>) -> Result<(), PolicyError> {
        let (span, section) = (section.span(), section.get_ref());
        let mut lists = [None, None];
        let keys = [
            ("licenses.allow", &section.allow),
            ("licenses.deny", &section.deny),
        ];
        for (slot, (key, list)) in lists.iter_mut().zip(keys) {
            if let Some(list) = list {
                not_empty(&self.text, &list.span(), key, list.get_ref())?;
                *slot = Some((list.span(), self.licences(key, list.get_ref())?));
            }
        }
        let [allow, deny] = lists;
        let place = allow
            .as_ref()
            .or(deny.as_ref())
            .map_or(span, |(span, _)| span.clone());
        if let Some((span, list)) = &allow {
            self.rule(span, Kind::LicencesAllowed(list.clone()), Verdict::Reject);
        }
        if let Some((span, list)) = &deny {
            self.rule(span, Kind::LicencesDenied(list.clone()), Verdict::Reject);
        }
        let unambiguous = Kind::LicencesUnambiguous {
            allow: allow.map(|(_, list)| list),
            deny: deny.map(|(_, list)| list),
        };
        let choices = [
            (&section.unresolved, Kind::LicencesResolved),
            (&section.ambiguous, unambiguous),
            (&section.unknown, Kind::LicencesKnown),
        ];
        for (choice, kind) in choices {
            match choice {
                Some(action) => self.action(action, kind),
                None => self.rule(&place, kind, Verdict::Reject),
            }
        }
        Ok(())
    }
}

fn names(list: &Spanned<Vec<Spanned<String>>>) -> Vec<String> {
    let mut names: Vec<String> = list
        .get_ref()
        .iter()
        .map(|name| name.get_ref().clone())
        .collect();
    names.sort();
    names.dedup();
    names
}
