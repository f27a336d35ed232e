//! Hooks of package managers: they ask omg before a transaction, and tell it afterwards.

mod after;
mod apt;
mod before;
pub mod git;
mod pacman;
mod targets;

use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

use crate::args::{HookFor, PackageHook};
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::files::write_atomically;
use crate::session::output::{print, say};

/// The first line of every file that is installed; a file without it is somebody else's.
const MARK: &str = "# Installed by omg audit package hook install.";

pub fn run(context: &Context, command: &PackageHook) -> Result<Exit, Failure> {
    match command {
        PackageHook::Install { manager, yes } => install(context, *manager, *yes),
        PackageHook::Before { manager } => before::run(context, *manager),
        PackageHook::After { what } => after::run(context, *what),
    }
}

/// The files of a hook, and their content.
fn files(root: &Path, manager: HookFor, omg: &str) -> Vec<(PathBuf, String)> {
    let program = omg.split(' ').next().unwrap_or(omg);
    match manager {
        HookFor::Apt => {
            let text = format!(
                "{MARK}\n// Before dpkg runs, omg looks at every package file; afterwards it tells its \
                 log.\nDPkg::Pre-Install-Pkgs {{ \"{omg} before apt\"; }};\n\
                 DPkg::Tools::Options::{program}::Version \"3\";\n\
                 DPkg::Post-Invoke {{ \"{omg} after apt\"; }};\n"
            );
            vec![(root.join("etc/apt/apt.conf.d/90omg"), text)]
        }
        HookFor::Pacman => {
            let folder = root.join("etc/pacman.d/hooks");
            let trigger = |operations: &[&str]| {
                let lines = operations.iter().map(|o| format!("Operation = {o}\n"));
                format!(
                    "[Trigger]\n{}Type = Package\nTarget = *\n",
                    lines.collect::<String>()
                )
            };
            let mut files = vec![(
                folder.join("00-omg-before.hook"),
                format!(
                    "{MARK}\n{}\n[Action]\nDescription = Asking omg whether these packages are \
                     allowed...\nWhen = PreTransaction\nExec = {omg} before pacman\n\
                     NeedsTargets\nAbortOnFail\n",
                    trigger(&["Install", "Upgrade"]),
                ),
            )];
            let after = [
                ("Install", "install"),
                ("Upgrade", "upgrade"),
                ("Remove", "remove"),
            ];
            files.extend(after.map(|(operation, what)| {
                let text = format!(
                    "{MARK}\n{}\n[Action]\nDescription = Telling omg's audit log...\n\
                     When = PostTransaction\nExec = {omg} after {what}\nNeedsTargets\n",
                    trigger(&[operation]),
                );
                (folder.join(format!("zz-omg-after-{what}.hook")), text)
            }));
            files
        }
    }
}

fn install(context: &Context, manager: HookFor, yes: bool) -> Result<Exit, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::incomplete("cannot tell where omg is").because(&error))?;
    let program = program.to_string_lossy().into_owned();
    if program.contains([' ', '"', '\\', '\'']) {
        let message = format!("a hook cannot name {program}");
        return Err(Failure::incomplete(message).try_this("move omg to /usr/local/bin"));
    }
    let mut omg = format!("{program} --offline --log /var/log/omg/audit.jsonl");
    for path in &context.common.rego {
        let path = path.to_string_lossy();
        if !path.starts_with('/') || path.contains([' ', '"', '\\', '\'']) {
            let message = format!("a hook cannot name {path}");
            return Err(Failure::usage(message).try_this("an absolute path without spaces"));
        }
        omg.push_str(&format!(" --rego {path}"));
    }
    omg.push_str(" audit package hook");
    let files = files(&context.common.root, manager, &omg);
    for (path, _) in &files {
        refuse_others(path)?;
    }
    let names: Vec<String> = files
        .iter()
        .map(|(path, _)| path.display().to_string())
        .collect();
    say(&format!("This writes:\n  {}", names.join("\n  ")));
    if !yes && !agreed()? {
        say("nothing was written");
        return Ok(Exit::Ok);
    }
    for (path, text) in &files {
        let fail = |error: std::io::Error| {
            Failure::incomplete(format!("cannot write {}", path.display())).because(&error)
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(fail)?;
        }
        write_atomically(path, text.as_bytes()).map_err(fail)?;
    }
    print(&format!("installed {} for {manager:?}\n", names.len()).to_lowercase())?;
    Ok(Exit::Ok)
}

/// A file of somebody else stays as it is.
fn refuse_others(path: &Path) -> Result<(), Failure> {
    match std::fs::read_to_string(path) {
        Ok(text) if !text.starts_with(MARK) => {
            let message = format!("{} is there already, and not omg's", path.display());
            Err(Failure::incomplete(message).try_this("remove it first"))
        }
        _ => Ok(()),
    }
}

fn agreed() -> Result<bool, Failure> {
    let mut input = std::io::stdin().lock();
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage("nobody can be asked").try_this("--yes"));
    }
    say("Write it? [y/N]");
    let mut answer = String::new();
    input
        .read_line(&mut answer)
        .map_err(|error| Failure::incomplete("cannot read the answer").because(&error))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
