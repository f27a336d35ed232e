//! Bans, exceptions, and what a layer delegates.

use std::ops::Range;

use chrono::{DateTime, Utc};
use toml::{Spanned, Value};

use super::build::Builder;
use super::file::{Ban as FileBan, Delegate as FileDelegate, Exception as FileException, File};
use super::not_empty;
use crate::decision::Verdict;
use crate::error::{PolicyError, distance};
use crate::layer::{BundleHead, Delegate, Exception};
use crate::matcher::{By, Glob, Matcher, Versions};
use crate::period;
use crate::rule::{Ban, EXCEPTABLE, Kind, names_rule};

impl Builder<'_> {
    /// The lists of tables, and what a layer says of itself and of those below it.
    pub(super) fn entries(&mut self, file: File) -> Result<(), PolicyError> {
        for ban in file.ban {
            self.ban(&ban.span(), ban.into_inner())?;
        }
        for exception in file.exception {
            let place = exception.span();
            let exception = self.exception(&place, exception.into_inner())?;
            self.exceptions.push(exception);
        }
        if let Some(delegate) = file.delegate {
            self.delegate = Some(self.delegation(&delegate.span(), delegate.into_inner())?);
        }
        if let Some(bundle) = file.bundle {
            let bundle = bundle.into_inner();
            let revision = u64::try_from(*bundle.revision.get_ref()).map_err(|_| {
                let detail = "negative";
                self.text
                    .value(&bundle.revision.span(), "bundle.revision", detail)
            })?;
            let expires = self.moment("bundle.expires", &bundle.expires)?;
            self.bundle = Some(BundleHead { revision, expires });
        }
        Ok(())
    }

    fn ban(&mut self, span: &Range<usize>, ban: FileBan) -> Result<(), PolicyError> {
        let keys = [
            (By::Any, "ban.package", &ban.package),
            (By::Name, "ban.name", &ban.name),
            (By::Pkgbase, "ban.pkgbase", &ban.pkgbase),
            (By::Provides, "ban.provides", &ban.provides),
        ];
        let mut given = keys
            .into_iter()
            .filter_map(|(by, key, value)| Some((by, key, value.as_ref()?)));
        let (Some((by, key, name)), None) = (given.next(), given.next()) else {
            let detail = "exactly one of package, name, pkgbase and provides is needed";
            return Err(self.text.value(span, "ban", detail));
        };
        let glob = self.glob(key, name)?;
        let versions = self.versions("ban.versions", ban.versions.as_ref())?;
        let matcher = Matcher { by, glob, versions };
        let action = ban
            .action
            .as_ref()
            .map_or(Verdict::Reject, |action| *action.get_ref());
        if action == Verdict::Allow {
            return Err(self
                .text
                .value(span, "ban.action", "a ban that allows is none"));
        }
        let reason = match ban.reason {
            Some(reason) => Some(self.words("ban.reason", &reason)?),
            None => None,
        };
        let instead = ban.use_instead;
        let ban = Ban {
            matcher,
            reason,
            instead,
        };
        self.rule(span, Kind::Ban(ban), action);
        Ok(())
    }

    fn exception(
        &self,
        place: &Range<usize>,
        from: FileException,
    ) -> Result<Exception, PolicyError> {
        let rule = self.rule_name("exception.rule", &from.rule)?;
        let by_id = |name: &str| names_rule(name, &rule) || names_rule(&rule, name);
        let needs_id = by_id("vulnerabilities") || by_id("scripts.suspicious");
        match (&from.id, needs_id) {
            (None, true) => {
                let detail = "missing; an exception names the one finding that it is about";
                return Err(self.text.value(place, "exception.id", detail));
            }
            (Some(id), false) => {
                let detail = "only exceptions about findings have one";
                return Err(self.text.value(&id.span(), "exception.id", detail));
            }
            _ => {}
        }
        let until = self.moment("exception.until", &from.until)?;
        let granted = match &from.granted {
            Some(granted) => Some(self.moment("exception.granted", granted)?),
            None => None,
        };
        if granted.is_some_and(|granted| granted >= until) {
            let detail = "not after the time at which it was granted";
            return Err(self
                .text
                .value(&from.until.span(), "exception.until", detail));
        }
        Ok(Exception {
            matcher: Matcher {
                by: By::Name,
                glob: self.glob("exception.package", &from.package)?,
                versions: self.versions("exception.versions", from.versions.as_ref())?,
            },
            id: match &from.id {
                Some(id) => Some(self.words("exception.id", id)?),
                None => None,
            },
            reason: self.words("exception.reason", &from.reason)?,
            owner: self.words("exception.owner", &from.owner)?,
            rule,
            granted,
            until,
            place: self.place(place),
        })
    }

    fn delegation(&self, span: &Range<usize>, from: FileDelegate) -> Result<Delegate, PolicyError> {
        not_empty(
            &self.text,
            span,
            "delegate.user_may_except",
            &from.user_may_except,
        )?;
        let rules = from
            .user_may_except
            .iter()
            .map(|name| self.rule_name("delegate.user_may_except", name))
            .collect::<Result<_, _>>()?;
        let longest = match &from.max_exception {
            Some(text) => Some(self.period("delegate.max_exception", text)?),
            None => None,
        };
        Ok(Delegate { rules, longest })
    }

    /// A rule that exists, or a group of them.
    fn rule_name(&self, key: &str, name: &Spanned<String>) -> Result<String, PolicyError> {
        let text = name.get_ref();
        if EXCEPTABLE.iter().any(|id| names_rule(text, id)) {
            return Ok(text.clone());
        }
        let nearest = EXCEPTABLE
            .iter()
            .flat_map(|id| [*id, id.split('.').next().unwrap_or(id)])
            .min_by_key(|id| distance(text, id))
            .unwrap_or_default();
        let detail = format!("no rule {text:?} that can have exceptions; did you mean {nearest}?");
        Err(self.text.value(&name.span(), key, detail))
    }

    fn glob(&self, key: &str, name: &Spanned<String>) -> Result<Glob, PolicyError> {
        Glob::parse(name.get_ref()).map_err(|detail| self.text.value(&name.span(), key, detail))
    }

    fn versions(
        &self,
        key: &str,
        text: Option<&Spanned<String>>,
    ) -> Result<Option<Versions>, PolicyError> {
        match text {
            None => Ok(None),
            Some(text) => Versions::parse(text.get_ref())
                .map(Some)
                .map_err(|detail| self.text.value(&text.span(), key, detail)),
        }
    }

    /// A text that says something.
    fn words(&self, key: &str, text: &Spanned<String>) -> Result<String, PolicyError> {
        let words = text.get_ref().trim();
        if words.is_empty() {
            return Err(self.text.value(&text.span(), key, "empty"));
        }
        Ok(words.to_owned())
    }

    fn moment(&self, key: &str, value: &Spanned<Value>) -> Result<DateTime<Utc>, PolicyError> {
        period::moment(value.get_ref())
            .map_err(|detail| self.text.value(&value.span(), key, detail))
    }
}
