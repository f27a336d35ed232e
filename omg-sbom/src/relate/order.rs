use std::cmp::Ordering;

use crate::model::package::PackageKind;

/// How two versions of one kind of package compare.
///
/// Asked for kinds whose relations name versions: [`PackageKind::Alpm`], as libalpm's
/// `alpm_pkg_vercmp` orders them, and [`PackageKind::Deb`], as deb-version(7) does.
pub type Order<'a> = &'a dyn Fn(&PackageKind, &str, &str) -> Ordering;
