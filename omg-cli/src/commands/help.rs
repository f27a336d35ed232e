//! `omg help`: commands, and topics that belong to no command.

use clap::CommandFactory as _;

use crate::args::{Cli, Help};
use crate::session::exit::{self, Exit};
use crate::session::failure::Failure;
use crate::session::output::print;

const ENVIRONMENT: &str = "\
Variables that omg reads. Each is stronger than the configuration file; an
address is https, or http to this machine.

  OMG_OSV_URL        the OSV interface           https://api.osv.dev
  OMG_OSV_DUMPS_URL  OSV's dumps by ecosystem    https://storage.googleapis.com/osv-vulnerabilities
  OMG_ARCH_URL       the Arch security tracker   https://security.archlinux.org/all.json
  OMG_AUR_URL        who maintains AUR packages  https://aur.archlinux.org
  OMG_KEV_URL        CISA's exploited list       https://www.cisa.gov/… (JSON)
  OMG_EPSS_URL       EPSS scores                 https://epss.empiricalsecurity.com/… (CSV)
  OMG_REKOR_URL      the log of signatures       https://rekor.sigstore.dev
  OMG_TUF_URL        trusted roots of Sigstore   https://tuf-repo-cdn.sigstore.dev

  XDG_CACHE_HOME     where the database is       ~/.cache
  XDG_CONFIG_HOME    where config.toml is        ~/.config
  XDG_STATE_HOME     who maintained what before  ~/.local/state
  OMG_LOG            what happens inside, on standard error: error, warn, info,
                     debug or trace, or by part: warn,omg_auditlog=debug
  OTEL_EXPORTER_OTLP_ENDPOINT    an OpenTelemetry collector that is told the same,
                     where the program was built with the feature otel
  NO_COLOR, CLICOLOR_FORCE, TERM=dumb, COLUMNS   how results look
  FORCE_HYPERLINK    1 for links in tables, 0 for none
  SSL_CERT_FILE, SSL_CERT_DIR                    certificates instead of the system's

The configuration is /etc/omg/config.toml, and over it, key by key,
$XDG_CONFIG_HOME/omg/config.toml; omg config show --origin says what holds:

  [sources]      osv, osv_dumps, arch, aur, kev, epss, rekor, tuf, proxy: addresses
  [scan]         fail_on, ignore, vex, max_age: as the options of omg audit scan
  [pins]         \"host\" = [\"SHA-256 of a certificate's public key, in hex\"]
";

pub fn run(help: &Help) -> Result<Exit, Failure> {
    let topic = match help.topic.as_slice() {
        [topic] if topic == "exit-codes" => Some(exit::help()),
        [topic] if topic == "environment" => Some(ENVIRONMENT.to_owned()),
        _ => None,
    };
    if let Some(text) = topic {
        print(&text)?;
        return Ok(Exit::Ok);
    }
    let mut command = Cli::command();
    command.build();
    let mut found = &mut command;
    for name in &help.topic {
        found = found.find_subcommand_mut(name).ok_or_else(|| {
            Failure::usage(format!("no command or topic {name:?}"))
                .try_this("omg help, omg help exit-codes, or omg help environment")
        })?;
    }
    print(&found.render_long_help().to_string())?;
    Ok(Exit::Ok)
}
