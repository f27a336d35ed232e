/// Names that a documented convention gives one meaning.
///
/// Sources: the files of Arch's package `licenses` before 20231011 (`/usr/share/licenses/common`),
/// and the convention that ArchWiki stated for the GNU licences: without a number the second
/// version or later, `GPL2` that version only, `GPL3` that version or later. A plus says "or later"
/// itself.
const LEGACY: &[(&str, &str)] = &[
    ("AGPL3", "AGPL-3.0-or-later"),
    ("APACHE", "Apache-2.0"),
    ("Apache2", "Apache-2.0"),
    ("Artistic2.0", "Artistic-2.0"),
    ("Boost", "BSL-1.0"),
    ("CCPL:by-sa", "CC-BY-SA-3.0"),
    ("CDDL", "CDDL-1.0"),
    ("CPL", "CPL-1.0"),
    ("EPL", "EPL-1.0"),
    ("FDL1.2", "GFDL-1.2-or-later"),
    ("FDL1.3", "GFDL-1.3-or-later"),
    ("GPL", "GPL-2.0-or-later"),
    ("GPL2", "GPL-2.0-only"),
    ("GPL3", "GPL-3.0-or-later"),
    ("GPLv2+", "GPL-2.0-or-later"),
    ("GPLv3+", "GPL-3.0-or-later"),
    ("LGPL", "LGPL-2.0-or-later"),
    ("LGPL2", "LGPL-2.0-only"),
    ("LGPL2.1", "LGPL-2.1-only"),
    ("LGPL3", "LGPL-3.0-or-later"),
    ("LGPLv2.1+", "LGPL-2.1-or-later"),
    ("LGPLv3+", "LGPL-3.0-or-later"),
    ("LPPL", "LPPL-1.3c"),
    ("MPL2", "MPL-2.0"),
    ("PerlArtistic", "Artistic-1.0-Perl"),
    ("PSF", "PSF-2.0"),
    ("RUBY", "Ruby"),
    ("ZPL", "ZPL-2.1"),
];

/// Names that are used for several licences.
const AMBIGUOUS: &[(&str, &[&str])] = &[
    ("AGPL", &["AGPL-1.0-or-later", "AGPL-3.0-or-later"]),
    (
        "Artistic",
        &["Artistic-1.0", "Artistic-1.0-Perl", "Artistic-2.0"],
    ),
    ("BSD", &["BSD-2-Clause", "BSD-3-Clause", "BSD-4-Clause"]),
    ("CCPL", &["CC-BY-3.0", "CC-BY-SA-3.0", "CC-BY-NC-SA-3.0"]),
    (
        "FDL",
        &[
            "GFDL-1.1-or-later",
            "GFDL-1.2-or-later",
            "GFDL-1.3-or-later",
        ],
    ),
    (
        "GFDL",
        &[
            "GFDL-1.1-or-later",
            "GFDL-1.2-or-later",
            "GFDL-1.3-or-later",
        ],
    ),
    ("MPL", &["MPL-1.0", "MPL-1.1", "MPL-2.0"]),
    ("OFL", &["OFL-1.0", "OFL-1.1"]),
    ("PHP", &["PHP-3.0", "PHP-3.01"]),
];

pub(super) fn legacy(text: &str) -> Option<&'static str> {
    let found = LEGACY
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map(|(_, id)| *id)
}

pub(super) fn ambiguous(text: &str) -> Option<&'static [&'static str]> {
    let found = AMBIGUOUS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map(|(_, candidates)| *candidates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meaning_is_on_the_list_of_spdx() {
        for (name, id) in LEGACY {
            assert!(::spdx::license_id(id).is_some(), "{name}: {id}");
        }
        for (name, candidates) in AMBIGUOUS {
            for id in *candidates {
                assert!(::spdx::license_id(id).is_some(), "{name}: {id}");
            }
        }
    }
}
