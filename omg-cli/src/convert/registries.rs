//! Whether a registry holds the packages that the ecosystem's advisories are about.

use omg_sbom::inventory::PackageKind;
use url::Url;

/// The public registries: host and the beginning of the path.
const CARGO: [(&str, &str); 2] = [
    ("github.com", "/rust-lang/crates.io-index"),
    ("index.crates.io", "/"),
];
const NPM: [(&str, &str); 2] = [("registry.npmjs.org", "/"), ("registry.yarnpkg.com", "/")];
const PYPI: [(&str, &str); 3] = [
    ("pypi.org", "/"),
    ("pypi.python.org", "/"),
    ("files.pythonhosted.org", "/"),
];

/// Mirrors of npm's registry alone.
const NPM_MIRRORS: [&str; 7] = [
    "cdn.npmmirror.com",
    "npmreg.proxy.ustclug.org",
    "r.cnpmjs.org",
    "registry.cnpmjs.org",
    "registry.npm.taobao.org",
    "registry.nlark.com",
    "registry.npmmirror.com",
];

/// Mirrors of PyPI alone.
const PYPI_MIRRORS: [&str; 5] = [
    "mirror-pypi.runflare.com",
    "pypi.douban.com",
    "pypi.mirrors.ustc.edu.cn",
    "pypi.doubanio.com",
    "pypi.tuna.tsinghua.edu.cn",
];

/// Hosts that mirror several registries and hold no packages of their own; the path names the
/// registry. The lists of the mirrors themselves (`mirrorz.org` for those of universities).
const MIRRORS: [&str; 25] = [
    "mirror.bjtu.edu.cn",
    "mirror.iscas.ac.cn",
    "mirror.lzu.edu.cn",
    "mirror.nju.edu.cn",
    "mirror.nyist.edu.cn",
    "mirror.sjtu.edu.cn",
    "mirrors.163.com",
    "mirrors.aliyun.com",
    "mirrors.bfsu.edu.cn",
    "mirrors.cernet.edu.cn",
    "mirrors.cloud.tencent.com",
    "mirrors.cqu.edu.cn",
    "mirrors.hit.edu.cn",
    "mirrors.huaweicloud.com",
    "mirrors.hust.edu.cn",
    "mirrors.nju.edu.cn",
    "mirrors.pku.edu.cn",
    "mirrors.sjtug.sjtu.edu.cn",
    "mirrors.sustech.edu.cn",
    "mirrors.tencent.com",
    "mirrors.tuna.tsinghua.edu.cn",
    "mirrors.ustc.edu.cn",
    "mirrors.zju.edu.cn",
    "repo.huaweicloud.com",
    "rsproxy.cn",
];

/// Whether a registry in a lock file is the public one of the ecosystem, or a mirror of it.
pub fn is_public(kind: &PackageKind, address: &str) -> bool {
    let (public, mirrors, segments): (&[(&str, &str)], &[&str], &[&str]) = match kind {
        PackageKind::Cargo => (&CARGO, &[], &["crates.io-index", "index"]),
        PackageKind::Npm => (&NPM, &NPM_MIRRORS, &["npm"]),
        PackageKind::Pypi => (&PYPI, &PYPI_MIRRORS, &["pypi", "pypi-packages"]),
        _ => return true,
    };
    // Cargo puts the protocol of an index in front of its address.
    let address = address.strip_prefix("sparse+").unwrap_or(address);
    let Ok(address) = Url::parse(address) else {
        return false;
    };
    // Compared by their parts: letters of a host have no case, and a default port says nothing.
    let is_web = matches!(address.scheme(), "http" | "https");
    let (Some(host), true, None) = (address.host_str(), is_web, address.port()) else {
        return false;
    };
    let path = address.path();
    let named = |part: &str| {
        let part = part.strip_suffix(".git").unwrap_or(part);
        segments.contains(&part)
    };
    let starts = |begin: &str| {
        let rest = path.strip_prefix(begin);
        rest.is_some_and(|rest| {
            begin.ends_with('/') || matches!(rest, "" | ".git") || rest.starts_with('/')
        })
    };
    public
        .iter()
        .any(|(public, begin)| *public == host && starts(begin))
        || mirrors.contains(&host)
        || (MIRRORS.contains(&host) && path.split('/').any(named))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_hold_the_public_packages_and_other_hosts_do_not() {
        let is = |kind: PackageKind, address: &str| is_public(&kind, address);
        for address in [
            "https://github.com/rust-lang/crates.io-index",
            "sparse+https://index.crates.io/",
            "https://mirrors.ustc.edu.cn/crates.io-index",
            "https://mirrors.tuna.tsinghua.edu.cn/git/crates.io-index.git",
            "sparse+https://rsproxy.cn/index/",
        ] {
            assert!(is(PackageKind::Cargo, address), "{address}");
        }
        for address in [
            "https://github.com/rust-lang/crates.io-index-of-mine",
            "https://github.com/corp/crates.io-index",
            "https://mirrors.ustc.edu.cn/pypi",
            "ssh://github.com/rust-lang/crates.io-index",
            "pypi",
        ] {
            assert!(!is(PackageKind::Cargo, address), "{address}");
        }
        for address in [
            "https://pypi.org/simple",
            "HTTPS://PyPI.org:443/simple/",
            "https://pypi.tuna.tsinghua.edu.cn/simple",
            "https://mirrors.aliyun.com/pypi/simple/",
        ] {
            assert!(is(PackageKind::Pypi, address), "{address}");
        }
        for address in [
            "https://python.example.org/simple",
            "https://pypi.org.example.org/simple",
            "https://pypi.org:8443/simple",
            "https://example.org/https://pypi.org/simple",
            "https://mirrors.aliyun.com/own/simple/",
            "corp",
        ] {
            assert!(!is(PackageKind::Pypi, address), "{address}");
        }
        assert!(is(PackageKind::Npm, "https://registry.npmmirror.com"));
        assert!(is(
            PackageKind::Npm,
            "https://mirrors.cloud.tencent.com/npm"
        ));
        assert!(!is(PackageKind::Npm, "https://npm.example.org"));
    }
}
