//! `omg audit secrets hook install`: a pre-commit hook that others may live beside.

use std::os::unix::fs::PermissionsExt as _;

use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::files::write_atomically;
use crate::session::output::print;

const HOOK: &str = "#!/bin/sh
# Installed by `omg audit secrets hook install`: refuses a commit that would add a credential.
# A finding that is none can be allowed on its line: omg:allow and the reason.
exec omg audit secrets --staged
";

/// Writes the hook into the repository's folder of hooks. A hook of somebody else is left
/// alone.
pub fn install() -> Result<Exit, Failure> {
    let folder = omg_secrets::git::hooks_dir(std::path::Path::new("."))
        .map_err(|error| Failure::incomplete("no repository here").because(&error))?;
    let path = folder.join("pre-commit");
    let shown = path.display().to_string();
    let fail = |error: std::io::Error| {
        Failure::incomplete(format!("cannot write {shown}")).because(&error)
    };
    match std::fs::read_to_string(&path) {
        Ok(text) if text == HOOK => {}
        Ok(_) => {
            return Err(Failure::config(format!("{shown} is another hook"))
                .try_this("adding the line `omg audit secrets --staged || exit 1` to it"));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            std::fs::create_dir_all(&folder)
                .and_then(|()| write_atomically(&path, HOOK.as_bytes()))
                .map_err(fail)?;
        }
        Err(error) => {
            return Err(Failure::incomplete(format!("cannot read {shown}")).because(&error));
        }
    }
    // Repairs an older hook, too: git ignores the one that a killed run left without this mode.
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&path, executable).map_err(fail)?;
    print(&format!("{shown}\n"))?;
    Ok(Exit::Ok)
}
