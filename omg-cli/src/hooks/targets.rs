//! The targets that a package manager gives a hook on standard input.

use std::io::Read as _;

use crate::session::failure::Failure;

/// The longest list of targets that is read.
const MAX_TARGETS: u64 = 4 << 20;

/// The lines of standard input.
pub fn targets() -> Result<Vec<String>, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(MAX_TARGETS + 1)
        .read_to_string(&mut text)
        .map_err(|error| Failure::incomplete("cannot read the targets").because(&error))?;
    if text.len() as u64 > MAX_TARGETS {
        return Err(Failure::incomplete("the list of targets is too long"));
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.map(str::to_owned).collect())
}
