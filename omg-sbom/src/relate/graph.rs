//! Which installed packages meet which recorded needs, as the package managers themselves see it.

use std::{cmp::Ordering, collections::HashMap};

use super::order::Order;
use crate::model::package::{Package, PackageKind};

/// What one package needs.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Needs {
    /// The packages that meet a need, as positions in the list, sorted. Where several packages
    /// meet one need, all of them: that is what `pacman -Qi` calls "Required By".
    pub(crate) on: Vec<u32>,
    /// Needs that no installed package meets, as recorded.
    pub(crate) unmet: Vec<String>,
}

/// Resolves what `packages` depend on among themselves.
///
/// `None` for a package of a kind whose rules are not known here.
pub(crate) fn resolve(packages: &[&Package], order: Order<'_>) -> Vec<Option<Needs>> {
    let index = Index::new(packages);
    let needs = |(position, package): (usize, &&Package)| index.needs(position, package, order);
    packages.iter().enumerate().map(needs).collect()
}

/// How the relations of a kind are written and compared.
#[derive(Clone, Copy, PartialEq)]
enum Rules {
    Alpm,
    Debian,
    Apk,
}

impl Rules {
    fn of(kind: &PackageKind) -> Option<Self> {
        match kind {
            PackageKind::Alpm => Some(Self::Alpm),
            PackageKind::Deb => Some(Self::Debian),
            PackageKind::Apk => Some(Self::Apk),
            _ => None,
        }
    }
}

/// Something that a package answers to.
struct Offer<'a> {
    position: u32,
    architecture: Option<&'a str>,
    /// The version; a virtual name can be without one.
    version: Option<&'a str>,
}

struct Index<'a> {
    /// By kind and name.
    offers: HashMap<(&'a str, &'a str), Vec<Offer<'a>>>,
}

impl<'a> Index<'a> {
    fn new(packages: &[&'a Package]) -> Self {
        let mut offers: HashMap<_, Vec<Offer<'_>>> = HashMap::with_capacity(packages.len() * 2);
        for (position, package) in (0..).zip(packages) {
            let Some(rules) = Rules::of(&package.kind) else {
                continue;
            };
            let kind = package.kind.purl_type();
            let own = (package.name.as_str(), Some(package.version.as_str()));
            let provided = package.provides.iter().map(|text| {
                let relation = Relation::parse(rules, text);
                (relation.name, relation.version)
            });
            for (name, version) in std::iter::once(own).chain(provided) {
                let offer = Offer {
                    position,
                    architecture: package.architecture.as_deref(),
                    version,
                };
                offers.entry((kind, name)).or_default().push(offer);
            }
        }
        Self { offers }
    }

    fn needs(&self, position: usize, package: &Package, order: Order<'_>) -> Option<Needs> {
        let rules = Rules::of(&package.kind)?;
        let kind = package.kind.purl_type();
        let order = |offered: &str, wanted: &str| order(&package.kind, offered, wanted);
        let mut needs = Needs::default();
        for text in &package.depends {
            let before = needs.on.len();
            for alternative in alternatives(rules, text) {
                let wanted = Relation::parse(rules, alternative);
                let offers = self.offers.get(&(kind, wanted.name));
                let fitting = offers.into_iter().flatten();
                let fitting =
                    fitting.filter(|offer| wanted.is_met_by(rules, offer.version, &order));
                let fitting: Vec<_> = fitting.collect();
                // Of a package that is installed for several architectures, the one that fits.
                let is_close = |offer: &&&Offer<'_>| {
                    offer.architecture == package.architecture.as_deref()
                        || offer.architecture == Some("all")
                };
                let close = fitting.iter().filter(is_close).count();
                let chosen = fitting
                    .iter()
                    .filter(|offer| rules != Rules::Debian || close == 0 || is_close(offer));
                needs.on.extend(chosen.map(|offer| offer.position));
            }
            if needs.on.len() == before {
                needs.unmet.push(text.clone());
            }
        }
        needs.on.sort_unstable();
        needs.on.dedup();
        // A package that provides what it needs.
        needs.on.retain(|on| *on as usize != position);
        Some(needs)
    }
}

fn alternatives(rules: Rules, text: &str) -> impl Iterator<Item = &str> {
    let is_list = rules == Rules::Debian;
    text.split(move |c| is_list && c == '|').map(str::trim)
}

/// `glibc>=2.38`, `libc6 (>= 2.36)`, `so:libc.so=1`.
#[derive(Debug, Eq, PartialEq)]
struct Relation<'a> {
    name: &'a str,
    operator: &'a str,
    version: Option<&'a str>,
}

impl<'a> Relation<'a> {
    fn parse(rules: Rules, text: &'a str) -> Self {
        let is_operator = |c: char| matches!(c, '<' | '=' | '>' | '~');
        let (name, rest) = match rules {
            Rules::Debian => match text.split_once('(') {
                Some((name, rest)) => (name, rest.trim_end().trim_end_matches(')')),
                None => (text, ""),
            },
            // libalpm takes the first operator (deps.c, alpm_dep_from_string); a name has none.
            Rules::Alpm => {
                let end = text.find(['<', '=', '>']).unwrap_or(text.len());
                text.split_at(end)
            }
            Rules::Apk => {
                let end = text.find(is_operator).unwrap_or(text.len());
                text.split_at(end)
            }
        };
        let rest = rest.trim();
        let operator = rest.len() - rest.trim_start_matches(is_operator).len();
        let (operator, version) = rest.split_at(operator);
        let version = Some(version.trim()).filter(|version| !version.is_empty());
        let name = match rules {
            // `python3:any` and `libc6:i386`; a name has no colon.
            Rules::Debian => name.split(':').next().unwrap_or(name).trim(),
            // `name@repository`
            Rules::Apk => name.split('@').next().unwrap_or(name),
            Rules::Alpm => name,
        };
        Self {
            name,
            operator,
            version,
        }
    }

    fn is_met_by(
        &self,
        rules: Rules,
        offered: Option<&str>,
        order: &impl Fn(&str, &str) -> Ordering,
    ) -> bool {
        let Some(wanted) = self.version else {
            return true;
        };
        // A virtual name without a version meets no need for a version, with both managers.
        let Some(offered) = offered else { return false };
        // apk installs nothing whose needs are not met, so that what answers to the name is what
        // meets the need.
        if rules == Rules::Apk {
            return true;
        }
        let order = order(offered, wanted);
        match self.operator {
            "=" => order.is_eq(),
            ">=" => order.is_ge(),
            "<=" => order.is_le(),
            ">" | ">>" => order.is_gt(),
            "<" | "<<" => order.is_lt(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the numbers in both; pacman's release counts only where both versions have one.
    fn order(kind: &PackageKind, a: &str, b: &str) -> Ordering {
        let numbers = |text: &str| -> Vec<u64> {
            let parts = text.split(|c: char| !c.is_ascii_digit());
            parts.filter_map(|part| part.parse().ok()).collect()
        };
        let is_lax = *kind == PackageKind::Alpm && !(a.contains('-') && b.contains('-'));
        let part = |text| match is_lax {
            true => str::split(text, '-').next().map(numbers),
            false => Some(numbers(text)),
        };
        part(a).cmp(&part(b))
    }

    fn package(kind: &PackageKind, name: &str, version: &str) -> Package {
        Package::new(kind.clone(), name, version)
    }

    fn resolved(depends: &str, packages: &[Package]) -> (Vec<String>, Vec<String>) {
        let mut subject = package(&packages[0].kind, "subject", "1-1");
        subject.depends = depends.split(',').map(|d| d.trim().to_owned()).collect();
        let all: Vec<_> = packages.iter().chain([&subject]).collect();
        let needs = resolve(&all, &order).pop().flatten().unwrap();
        let names = needs.on.iter().map(|on| all[*on as usize].name.clone());
        (names.collect(), needs.unmet)
    }

    #[test]
    fn pacman() {
        let kind = PackageKind::Alpm;
        let mut zlib = package(&kind, "zlib", "1:1.3.1-2");
        zlib.provides = ["libz.so=1-64", "virtual"].map(str::to_owned).to_vec();
        let packages = [zlib, package(&kind, "zlib-ng", "2.0-1")];
        for (depends, met) in [
            ("zlib", true),
            ("zlib>=1:1.3", true),
            ("zlib=1:1.3.1", true),
            ("zlib>=1:1.4", false),
            ("libz.so=1-64", true),
            ("libz.so=1-32", false),
            ("libz.so=2-64", false),
            ("virtual", true),
            ("virtual>=1", false),
            ("nothing", false),
        ] {
            let (on, unmet) = resolved(depends, &packages);
            assert_eq!(on == ["zlib"], met, "{depends}");
            assert_eq!(unmet.is_empty(), met, "{depends}");
        }
    }

    #[test]
    fn dpkg() {
        let kind = PackageKind::Deb;
        let mut exim = package(&kind, "exim4", "4.96-15");
        exim.provides = vec!["mail-transport-agent".to_owned(), "x (= 2)".to_owned()];
        let packages = [exim, package(&kind, "libc6", "2.36-9")];
        for (depends, expected) in [
            ("libc6 (>= 2.36)", &["libc6"][..]),
            ("libc6 (>> 2.36-9)", &[]),
            ("libc6:any (<< 3)", &["libc6"]),
            ("postfix | mail-transport-agent", &["exim4"]),
            ("exim4 (>= 5) | libc6", &["libc6"]),
            ("mail-transport-agent (>= 1)", &[]),
            ("x (= 2)", &["exim4"]),
        ] {
            assert_eq!(resolved(depends, &packages).0, expected, "{depends}");
        }
    }

    #[test]
    fn apk() {
        let kind = PackageKind::Apk;
        let mut musl = package(&kind, "musl", "1.2.4-r2");
        musl.provides = vec!["so:libc.musl-x86_64.so.1=1".to_owned()];
        let (on, unmet) = resolved("so:libc.musl-x86_64.so.1, musl~1.2, busybox", &[musl]);
        assert_eq!(
            (on, unmet),
            (vec!["musl".to_owned()], vec!["busybox".to_owned()])
        );
    }
}
