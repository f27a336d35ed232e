//! Who maintains a recipe of the AUR, and since when: what its interface says now, and what this
//! machine saw before.
//!
//! An account that takes a recipe over is what an attack looks like. The interface has no history:
//! this machine keeps one, in which the first sight of a recipe is the earliest that is known.

mod memory;
mod rpc;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use omg_policy::{Aur, MaintainerChanged};

use self::memory::{Memory, Seen};
use self::rpc::Info;
use super::Check;
use super::content::Content;
use crate::commands::Context;
use crate::failure::{Failure, chain};
use crate::network::{self, Ended};

/// Where the interface is: <https://wiki.archlinux.org/title/Aurweb_RPC_interface>, version 5.
pub const ADDRESS: &str = "https://aur.archlinux.org";
/// How many packages one request asks for; a request may have 4443 bytes.
const MAX_NAMES: usize = 20;

/// What is known of some packages.
pub struct Recipes {
    /// By name; absent is not in the AUR.
    found: BTreeMap<String, (Info, Seen)>,
    /// Why nothing is known, if so.
    unknown: Option<String>,
    pub problems: Vec<String>,
}

impl Recipes {
    /// Asks about these packages, and remembers who maintains them.
    pub fn ask(context: &Context, files: &[Content]) -> Result<Self, Failure> {
        let names: Vec<&str> = files
            .iter()
            .map(|file| file.archive.package.name.as_str())
            .collect();
        let mut recipes = Self {
            found: BTreeMap::new(),
            unknown: None,
            problems: Vec::new(),
        };
        if names.is_empty() {
            return Ok(recipes);
        }
        match fetch(context, &names)? {
            Ok(infos) => recipes.remember(context, infos)?,
            Err(detail) => {
                recipes.problems.push(format!("AUR: {detail}"));
                recipes.unknown = Some(detail);
            }
        }
        Ok(recipes)
    }

    fn remember(&mut self, context: &Context, infos: Vec<Info>) -> Result<(), Failure> {
        let path = context.env.state_dir()?.join("aur.json");
        let mut memory = match Memory::read(&path) {
            Ok(memory) => memory,
            // What it knew would be lost if it was written anew; nothing is known meanwhile.
            Err(detail) => {
                self.problems.push(format!("{}: {detail}", path.display()));
                for info in infos {
                    self.found.insert(info.name.clone(), (info, Seen::Unknown));
                }
                return Ok(());
            }
        };
        let seen: BTreeMap<String, Seen> = infos
            .iter()
            .map(|info| (info.base.clone(), memory.see(info, context.at)))
            .collect();
        for info in infos {
            let seen = seen.get(&info.base).cloned().unwrap_or(Seen::Unknown);
            self.found.insert(info.name.clone(), (info, seen));
        }
        if let Err(error) = memory.write(&path) {
            self.problems.push(format!("{}: {error}", path.display()));
        }
        Ok(())
    }

    /// What is known of one package, and how it is shown.
    pub fn of(&self, name: &str, new_install_script: bool) -> (Aur, Check) {
        let mut aur = Aur::default();
        aur.new_install_script = Some(new_install_script);
        if let Some(detail) = &self.unknown {
            return (aur, Check::new("aur", "unknown", detail));
        }
        let Some((info, seen)) = self.found.get(name) else {
            let detail = "the AUR has no package of this name";
            return (aur, Check::new("aur", "missing", detail));
        };
        aur.maintainer.clone_from(&info.maintainer);
        aur.last_change = Some(info.last_modified);
        aur.maintainer_changed = match seen {
            Seen::Unknown | Seen::First => MaintainerChanged::Unknown,
            // It may have changed the moment before.
            Seen::Unchanged { since } => MaintainerChanged::At(*since),
            Seen::Changed { at, .. } => MaintainerChanged::At(*at),
        };
        (aur, check(info, seen))
    }
}

fn check(info: &Info, seen: &Seen) -> Check {
    let who = info.maintainer.as_deref().unwrap_or("nobody");
    let day = |at: &DateTime<Utc>| at.format("%Y-%m-%d").to_string();
    let (status, history) = match seen {
        Seen::Unknown => ("unknown", "since when is unknown".to_owned()),
        Seen::First => ("first", "seen for the first time".to_owned()),
        Seen::Unchanged { since } => ("unchanged", format!("at least since {}", day(since))),
        Seen::Changed { at, from } => {
            let from = from.as_deref().unwrap_or("nobody");
            ("changed", format!("seen on {}, before {from}", day(at)))
        }
    };
    let mut detail = format!("maintained by {who}, {history}");
    if !info.co_maintainers.is_empty() {
        let names = info.co_maintainers.join(", ");
        detail.push_str(&format!("; also by {names}"));
    }
    let (changed, first) = (day(&info.last_modified), day(&info.first_submitted));
    detail.push_str(&format!("; changed on {changed}, there since {first}"));
    if let Some(at) = &info.out_of_date {
        detail.push_str(&format!("; out of date since {}", day(at)));
    }
    Check::new("aur", status, detail)
}

/// What the interface says; the inner error is for people, and no evidence of anything.
fn fetch(context: &Context, names: &[&str]) -> Result<Result<Vec<Info>, String>, Failure> {
    if context.common.offline {
        return Ok(Err("not asked, --offline".to_owned()));
    }
    let client = network::client(context)?;
    let base = context.config.sources.aur.as_deref().unwrap_or(ADDRESS);
    let asked = async {
        let mut infos = Vec::new();
        for some in names.chunks(MAX_NAMES) {
            let mut bytes = Vec::new();
            let url = rpc::address(base, some);
            client
                .fetch_to(&url, &mut bytes, rpc::MAX_ANSWER)
                .await
                .map_err(|error| chain(&error))?;
            infos.extend(rpc::parse(&bytes, some)?);
        }
        Ok(infos)
    };
    match network::block_on(asked)? {
        Ended::Done(answer) => Ok(answer),
        Ended::Interrupted => Ok(Err("interrupted".to_owned())),
    }
}
