use crate::model::{
    error::ParseError,
    inventory::Inventory,
    limits,
    name::fault_of,
    package::Package,
    problem::{Problem, ProblemKind, shorten},
    source::Source,
};

/// Gathers what a reader finds and applies the rules that hold for all of them.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    packages: Vec<Package>,
    problems: Vec<Problem>,
}

impl Collector {
    pub(crate) fn with_capacity(packages: usize) -> Self {
        Self {
            packages: Vec::with_capacity(packages),
            problems: Vec::new(),
        }
    }

    /// Keeps `package`, or reports it if its name or version cannot be one. What else names
    /// something that is looked up is left out and reported.
    pub(crate) fn package(&mut self, mut package: Package) -> Result<(), ParseError> {
        let fault = fault_of("name", &package.name).or(fault_of("version", &package.version));
        if let Some((kind, detail)) = fault {
            return self.problem(Problem::new(shorten(&package.name), kind, detail));
        }
        for (what, field) in [
            ("architecture", &mut package.architecture),
            ("source", &mut package.base),
            ("source version", &mut package.base_version),
        ] {
            let fault = field.as_deref().and_then(|text| fault_of(what, text));
            if let Some((kind, detail)) = fault {
                *field = None;
                self.problem(Problem::new(shorten(&package.name), kind, detail))?;
            }
        }
        self.count()?;
        self.packages.push(package);
        Ok(())
    }

    pub(crate) fn problem(&mut self, problem: Problem) -> Result<(), ParseError> {
        self.count()?;
        self.problems.push(problem);
        Ok(())
    }

    pub(crate) fn malformed(
        &mut self,
        subject: impl Into<String>,
        detail: impl Into<String>,
    ) -> Result<(), ParseError> {
        self.problem(Problem::new(subject, ProblemKind::Malformed, detail))
    }

    /// Makes one of packages that lie in several places: the same name, version and origin. What
    /// one of them is needed for at run time, the package is needed for.
    pub(crate) fn merge_copies(&mut self) {
        let key = |p: &Package| (p.name.clone(), p.version.clone(), p.origin.clone());
        self.packages.sort_by_cached_key(key);
        self.packages.dedup_by(|copy, kept| {
            let is_copy = key(copy) == key(kept);
            if is_copy {
                kept.scope = kept.scope.min(copy.scope);
            }
            is_copy
        });
    }

    pub(crate) fn finish(self, source: Source) -> Inventory {
        Inventory::new(source, self.packages, self.problems)
    }

    fn count(&self) -> Result<(), ParseError> {
        if self.packages.len() + self.problems.len() >= limits::MAX_ENTRIES {
            return Err(ParseError::TooManyEntries {
                limit: limits::MAX_ENTRIES,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::package::PackageKind;

    fn faults(name: &str, version: &str) -> Vec<ProblemKind> {
        let mut collector = Collector::default();
        collector
            .package(Package::new(PackageKind::Deb, name, version))
            .unwrap();
        let (packages, problems) = collector.finish(Source::Dpkg).into_parts();
        assert_eq!(packages.len() + problems.len(), 1);
        problems.into_iter().map(|problem| problem.kind).collect()
    }

    #[test]
    fn names_and_versions_that_cannot_be_ones() {
        let longest = "x".repeat(limits::MAX_NAME_BYTES);
        assert_eq!(faults("a", "1"), []);
        assert_eq!(faults(&longest, &longest), []);
        let longer = format!("{longest}x");
        for bad in ["", "a b", "a\u{1b}[2J", "a\u{a0}b", "a\u{fffd}", "\u{85}"] {
            assert_eq!(faults(bad, "1"), [ProblemKind::Malformed], "{bad:?}");
            assert_eq!(faults("a", bad), [ProblemKind::Malformed], "{bad:?}");
        }
        assert_eq!(faults(&longer, "1"), [ProblemKind::LimitExceeded]);
        assert_eq!(faults("a", &longer), [ProblemKind::LimitExceeded]);
    }

    #[test]
    fn what_is_looked_up_is_left_out_where_it_cannot_be_one() {
        let mut package = Package::new(PackageKind::Deb, "a", "1");
        package.architecture = Some("amd 64".to_owned());
        package.base = Some(String::new());
        package.base_version = Some("1\u{7}".to_owned());
        let mut collector = Collector::default();
        collector.package(package).unwrap();
        let inventory = collector.finish(Source::Dpkg);
        assert_eq!(
            inventory.packages(),
            [Package::new(PackageKind::Deb, "a", "1")]
        );
        assert_eq!(inventory.problems().len(), 3);
    }

    #[test]
    fn entries_are_counted() {
        let mut collector = Collector::default();
        for _ in 1..limits::MAX_ENTRIES {
            collector.malformed("", "").unwrap();
        }
        let package = || Package::new(PackageKind::Deb, "a", "1");
        collector.package(package()).unwrap();
        let limit = limits::MAX_ENTRIES;
        assert_eq!(
            collector.package(package()),
            Err(ParseError::TooManyEntries { limit })
        );
        assert_eq!(
            collector.malformed("", ""),
            Err(ParseError::TooManyEntries { limit })
        );
    }
}
