//! The sandbox: bubblewrap(1), with nothing in it but what a build needs.

use std::fs::{File, TryLockError};
use std::os::fd::AsFd as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use crate::session::context::Context;
use crate::session::failure::Failure;

/// Files of the system that a build reads beside `/usr`; what is not there is left out. No
/// passwords, no keys of the machine, nothing of users.
const SYSTEM: [&str; 22] = [
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ca-certificates.conf",
    "/etc/group",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/locale.conf",
    "/etc/localtime",
    "/etc/makepkg.conf",
    "/etc/makepkg.conf.d",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/pacman.conf",
    "/etc/pacman.d/mirrorlist",
    "/etc/passwd",
    "/etc/pki",
    "/etc/resolv.conf",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/var/lib/pacman",
];
/// Folders that are links into `/usr` on merged systems, and folders on others.
const MERGED: [&str; 5] = ["/bin", "/sbin", "/lib", "/lib64", "/lib32"];
/// Variables that say how the network is reached.
const PROXIES: [&str; 8] = [
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "all_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
];
/// `nobody`, for a build that root asked for without sudo.
const NOBODY: u32 = 65_534;

/// The beginning of a sandbox's folder. So many random letters and digits follow that no folder
/// of the user's has such a name.
const PREFIX: &str = "omg-build-";
const RANDOM: usize = 16;
/// Another run can remove a new folder before its lock is held; so often another is tried.
const TRIES: usize = 8;

/// Removes the folders that builds left which were killed. A lock that is held says that a build
/// still goes on; folders of other users stay.
fn remove_left(folder: &Path, builder: Option<u32>) {
    let ours = [Some(rustix::process::geteuid().as_raw()), builder];
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let random = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let is_sandbox = random.is_some_and(|random| {
            random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        let is_ours =
            |metadata: std::fs::Metadata| metadata.is_dir() && ours.contains(&Some(metadata.uid()));
        if !is_sandbox || !std::fs::symlink_metadata(entry.path()).is_ok_and(is_ours) {
            continue;
        }
        let folder = File::open(entry.path());
        if folder.is_ok_and(|folder| folder.try_lock().is_ok()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// A new folder, with the lock that says that it is in use.
fn make(within: &Path) -> std::io::Result<(tempfile::TempDir, File)> {
    for _ in 0..TRIES {
        let mut builder = tempfile::Builder::new();
        let folder = builder
            .prefix(PREFIX)
            .rand_bytes(RANDOM)
            .tempdir_in(within)?;
        // Another run may have removed the folder before its lock was held.
        if let Some(lock) = hold(folder.path())? {
            return Ok((folder, lock));
        }
    }
    Err(std::io::ErrorKind::ResourceBusy.into())
}

/// A folder's lock; `None` if another has it, or the folder is gone.
fn hold(folder: &Path) -> std::io::Result<Option<File>> {
    let lock = match File::open(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(None),
        locked => locked?,
    }
    let is_there = lock.metadata()?.nlink() > 0;
    Ok(is_there.then_some(lock))
}

/// Whether a step may use the network.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Network {
    Shared,
    None,
}

/// A folder of its own, removed afterwards, and the user who builds in it.
pub struct Sandbox {
    folder: tempfile::TempDir,
    /// Says that the folder is in use, and is gone with the process.
    _lock: File,
    /// Another user than who runs this; only root can have one.
    user: Option<(u32, u32)>,
    proxies: Vec<(String, String)>,
}

impl Sandbox {
    /// A sandbox with a copy of the folder.
    pub fn new(context: &Context, from: &Path) -> Result<Self, Failure> {
        let fail = |error: std::io::Error| {
            Failure::incomplete(format!("cannot copy {}", from.display())).because(&error)
        };
        let is_root = rustix::process::geteuid().is_root();
        let id = |name: &str| context.env.var(name).and_then(|id| id.parse::<u32>().ok());
        let sudo = id("SUDO_UID")
            .zip(id("SUDO_GID"))
            .filter(|(uid, _)| *uid != 0);
        let user = is_root.then(|| sudo.unwrap_or((NOBODY, NOBODY)));
        let within = std::env::temp_dir();
        remove_left(&within, user.map(|(uid, _)| uid));
        let (folder, lock) = make(&within).map_err(fail)?;
        let sandbox = Self {
            folder,
            _lock: lock,
            user,
            proxies: PROXIES
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), context.env.var(name)?.to_owned())))
                .collect(),
        };
        sandbox.own(sandbox.folder.path()).map_err(fail)?;
        for part in ["out", "sources"] {
            let path = sandbox.folder.path().join(part);
            std::fs::DirBuilder::new()
                .mode(0o755)
                .create(&path)
                .map_err(fail)?;
            sandbox.own(&path).map_err(fail)?;
        }
        let to = sandbox.folder.path().join("recipe");
        sandbox.copy(from, &to, 0).map_err(fail)?;
        Ok(sandbox)
    }

    fn own(&self, path: &Path) -> std::io::Result<()> {
        match self.user {
            Some((uid, gid)) => std::os::unix::fs::lchown(path, Some(uid), Some(gid)),
            None => Ok(()),
        }
    }

    /// Copies folders, files and links; what else there is has no place in a recipe.
    fn copy(&self, from: &Path, to: &Path, depth: u8) -> std::io::Result<()> {
        if depth > 32 {
            return Err(std::io::Error::other("folders are nested too deep"));
        }
        std::fs::create_dir(to)?;
        self.own(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            let (path, target) = (entry.path(), to.join(entry.file_name()));
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.copy(&path, &target, depth + 1)?;
                continue;
            } else if kind.is_symlink() {
                std::os::unix::fs::symlink(std::fs::read_link(&path)?, &target)?;
            } else if kind.is_file() {
                std::fs::copy(&path, &target)?;
            } else {
                continue;
            }
            self.own(&target)?;
        }
        Ok(())
    }

    /// Runs makepkg with these options in the sandbox. What it says goes to standard error.
    pub fn makepkg(&self, options: &[&str], network: Network) -> Result<ExitStatus, Failure> {
        let fail = |error: std::io::Error| {
            Failure::incomplete("cannot run bubblewrap")
                .because(&error)
                .try_this("install bubblewrap and makepkg")
        };
        let said = std::io::stderr()
            .as_fd()
            .try_clone_to_owned()
            .map_err(fail)?;
        let mut command = Command::new("bwrap");
        command
            .args(self.arguments(network))
            .arg("makepkg")
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::from(said));
        if let Some((uid, gid)) = self.user {
            // The standard library then gives up the other groups, too.
            command.uid(uid).gid(gid);
        }
        command.status().map_err(fail)
    }

    /// See bwrap(1). Everything is unshared, and then shared one by one.
    fn arguments(&self, network: Network) -> Vec<String> {
        let mut args: Vec<String> = Vec::new();
        let mut add = |words: &[&str]| args.extend(words.iter().map(|word| (*word).to_owned()));
        add(&[
            "--unshare-user",
            "--unshare-ipc",
            "--unshare-pid",
            "--unshare-uts",
        ]);
        add(&[
            "--unshare-cgroup-try",
            "--disable-userns",
            "--uid",
            "1000",
            "--gid",
            "1000",
        ]);
        if network == Network::None {
            add(&["--unshare-net"]);
        }
        add(&[
            "--die-with-parent",
            "--new-session",
            "--cap-drop",
            "ALL",
            "--clearenv",
        ]);
        add(&["--hostname", "omg-build", "--ro-bind", "/usr", "/usr"]);
        for path in MERGED {
            match std::fs::read_link(path) {
                Ok(target) => add(&["--symlink", &target.to_string_lossy(), path]),
                Err(_) => add(&["--ro-bind-try", path, path]),
            }
        }
        for path in SYSTEM {
            add(&["--ro-bind-try", path, path]);
        }
        // makepkg asks pacman what is installed, and pacman then makes a database if there is none.
        if !Path::new("/var/lib/pacman/local").is_dir() {
            add(&["--tmpfs", "/var/lib/pacman"]);
        }
        add(&[
            "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/var/tmp",
        ]);
        add(&["--tmpfs", "/home/build", "--setenv", "HOME", "/home/build"]);
        add(&[
            "--setenv",
            "PATH",
            "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        ]);
        add(&["--setenv", "LANG", "C.UTF-8", "--setenv", "USER", "build"]);
        for (inside, outside) in [
            ("/build", "recipe"),
            ("/out", "out"),
            ("/sources", "sources"),
        ] {
            let outside = self.folder.path().join(outside);
            add(&["--bind", &outside.to_string_lossy(), inside]);
        }
        add(&[
            "--setenv", "PKGDEST", "/out", "--setenv", "SRCDEST", "/sources",
        ]);
        add(&[
            "--setenv",
            "SRCPKGDEST",
            "/out",
            "--setenv",
            "BUILDDIR",
            "/home/build",
        ]);
        add(&["--setenv", "LOGDEST", "/home/build", "--chdir", "/build"]);
        if network == Network::Shared {
            for (name, value) in &self.proxies {
                add(&["--setenv", name, value]);
            }
        }
        // The folders that hold these mounts are no more to write to than the system is.
        add(&["--remount-ro", "/", "--"]);
        args
    }

    /// The packages that came out: regular files, and no links to what is outside.
    pub fn packages(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path().join("out"));
        let mut found: Vec<PathBuf> = entries
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        found.retain(|path| {
            let is_file = std::fs::symlink_metadata(path)
                .is_ok_and(|metadata| metadata.is_file() && metadata.nlink() == 1);
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            is_file && name.is_some_and(|name| name.contains(".pkg.tar") && !name.ends_with(".sig"))
        });
        found.sort();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_build_left_is_removed_and_what_goes_on_stays() {
        let within = tempfile::tempdir().unwrap();
        let left = within.path().join("omg-build-0123456789abcdef");
        std::fs::create_dir_all(left.join("recipe/src")).unwrap();
        std::fs::write(left.join("recipe/src/a"), "half").unwrap();
        // Folders of the user, and a file.
        let kept = ["omg-build-output", "omg-build-0123456789abcde!"];
        for name in kept {
            std::fs::create_dir(within.path().join(name)).unwrap();
        }
        let file = within.path().join("omg-build-fedcba9876543210");
        std::fs::write(&file, "").unwrap();
        let (going_on, lock) = make(within.path()).unwrap();
        remove_left(within.path(), None);
        assert!(!left.exists() && file.exists() && going_on.path().exists());
        for name in kept {
            assert!(within.path().join(name).exists(), "{name}");
        }
        assert!(hold(going_on.path()).unwrap().is_none());
        drop(lock);
        remove_left(within.path(), None);
        assert!(!going_on.path().exists());
        assert!(hold(going_on.path()).unwrap().is_none());
    }
}
