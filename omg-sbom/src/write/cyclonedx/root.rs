//! What the document is of: the operating system, as its os-release(5) describes it.

use chrono::NaiveDate;

use super::{
    members::{Member, Reference, Supplier, is_short, name, said},
    property::Property,
};
use crate::{
    document::{address::is_web, sbom::Sbom, text::clean},
    model::os_release::OsRelease,
};

pub(super) fn root(sbom: &Sbom) -> Member<'_> {
    let version = sbom.system_version().filter(|v| is_short(v)).map(clean);
    let mut root = Member::bare("operating-system", name(sbom.system_name()), version);
    root.reference = Some(Sbom::ROOT);
    root.supplier = supplier(sbom);
    let mut add = |name, value| root.properties.push(Property { name, value });
    if let Some(host) = &sbom.host {
        add("omg:host", clean(host));
    }
    let Some(system) = &sbom.system else {
        return root;
    };
    add("omg:os-id", clean(&system.id));
    if let Some(day) = system.support_end.as_deref().filter(|day| is_day(day)) {
        // CycloneDX property taxonomy, namespace `cdx:lifecycle`.
        add("cdx:lifecycle:milestone:endOfSupport", day.into());
    }
    root.cpe = system.cpe_name.as_deref().filter(|cpe| is_cpe(cpe));
    root.references = references(system);
    root
}

/// Who supplies the system, with an address where the system names one.
pub(super) fn supplier(sbom: &Sbom) -> Option<Supplier<'_>> {
    let url = match (&sbom.supplier, &sbom.system) {
        (None, Some(system)) => address(system),
        _ => None,
    };
    Some(Supplier {
        name: said(sbom.supplier()?)?,
        url: url.into_iter().collect(),
        contact: Vec::new(),
    })
}

/// The vendor's; the system's own where it is named after those who make it.
fn address(system: &OsRelease) -> Option<&str> {
    let address = match &system.vendor_name {
        Some(_) => &system.vendor_url,
        None => &system.home_url,
    };
    address.as_deref().filter(|url| is_web(url))
}

fn references(system: &OsRelease) -> Vec<Reference<'_>> {
    let all = [
        (&system.home_url, "website"),
        (&system.documentation_url, "documentation"),
        (&system.support_url, "support"),
        (&system.bug_report_url, "issue-tracker"),
    ];
    let known = all.into_iter().filter_map(|(url, kind)| {
        let url = url.as_deref().filter(|url| is_web(url))?;
        Some(Reference { url, kind })
    });
    known.collect()
}

/// os-release(5): `YYYY-MM-DD`.
fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<NaiveDate>().is_ok()
}

/// os-release(5) wants the URI binding (NISTIR 7695, 6.1) of a name of an operating system.
fn is_cpe(text: &str) -> bool {
    let parts = text.strip_prefix("cpe:/o:");
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"._-~%:".contains(&b);
    parts.is_some_and(|parts| parts.matches(':').count() < 6 && parts.bytes().all(is_plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_reader_takes_is_written() {
        assert!(is_day("2026-05-13"));
        for bad in ["2026-5-13", "2026-02-30", "soon", "2026-05-13T00:00:00Z"] {
            assert!(!is_day(bad), "{bad}");
        }
        assert!(is_cpe("cpe:/o:fedoraproject:fedora:40"));
        for bad in [
            "cpe:2.3:o:amazon:amazon_linux:2023",
            "cpe:/a:x:y",
            "cpe:/o:x y",
            "cpe:/o:1:2:3:4:5:6:7",
            "",
        ] {
            assert!(!is_cpe(bad), "{bad}");
        }
    }
}
