//! Packages that makepkg builds.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// makepkg asks pacman what is installed, and pacman cannot make its database on a machine that
/// never had one, unless root asks: it gets one of its own.
const PACMAN: &str = "#!/bin/sh\nexec pacman --dbpath \"$HOME/db\" \"$@\"\n";

/// Builds the PKGBUILD in a folder, all of which belongs to nobody afterwards: makepkg refuses to
/// run as root, which tests often are. The package is in the folder.
pub fn build(folder: &Path, recipe: &str, extension: &str) -> PathBuf {
    fs::create_dir_all(folder.join("db")).unwrap();
    fs::write(folder.join("PKGBUILD"), recipe).unwrap();
    let pacman = folder.join("pacman.sh");
    fs::write(&pacman, PACMAN).unwrap();
    fs::set_permissions(&pacman, PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = Command::new("makepkg");
    if rustix::process::geteuid().is_root() {
        let mut give = Command::new("chown");
        run(give.args(["-R", "65534:65534"]).arg(folder));
        command = Command::new("setpriv");
        command.args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "makepkg",
        ]);
    }
    command.args(["--nodeps", "--force"]).current_dir(folder);
    command.env("PACMAN", pacman).env("PKGEXT", extension);
    run(command.env("HOME", folder).env("PKGDEST", folder));
    let files = fs::read_dir(folder).unwrap();
    let mut files = files.map(|entry| entry.unwrap().path());
    let made = files.find(|path| path.to_string_lossy().ends_with(extension));
    made.unwrap()
}

fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
