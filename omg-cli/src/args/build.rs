//! `omg audit build`.

use std::path::PathBuf;

use clap::Args;

pub const EXAMPLES: &str = "Examples:
  omg audit build foo                        the PKGBUILD in the folder foo
  omg audit build foo --nodeps --dest out    with what is installed, whatever it asks for
The recipe and its install script are inspected before anything of them is run. Sources are
fetched, and everything is built, in a sandbox (bubblewrap) as an unprivileged user: it sees the
system read-only, a home of its own, no other processes, and no network once the sources are
fetched. The packages then go through omg audit package, and are left in the folder if they are
allowed.
Exit codes: 0 built and allowed, 1 rejected, 3 it could not be built, or a source is not what
the recipe says, 4 a policy is invalid.";

/// Builds a PKGBUILD in a sandbox, and asks the gate about what comes out.
#[derive(Args, Clone, Debug)]
pub struct Build {
    /// The folder with the PKGBUILD
    pub dir: PathBuf,
    /// Build whatever is installed, without looking at dependencies
    #[arg(long)]
    pub nodeps: bool,
    /// Leave out the recipe's own tests
    #[arg(long)]
    pub nocheck: bool,
    /// Where the packages go (default: the folder with the PKGBUILD)
    #[arg(long, value_name = "DIR")]
    pub dest: Option<PathBuf>,
    /// Use these advisories instead of the network, as `omg audit scan` does; repeatable
    #[arg(long, value_name = "FILE|DIR|ZIP")]
    pub advisories: Vec<PathBuf>,
}
