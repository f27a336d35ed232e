//! Who maintains a recipe of the AUR, and since when: what its interface says now, and what this
//! machine saw before.
//!
//! An account that takes a recipe over is what an attack looks like. The interface has no history:
//! this machine keeps one, in which the first sight of a recipe is the earliest that is known.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use omg_policy::{Aur, MAX_HISTORY_BYTES, MaintainerHistory, Maintainers, Observation};

use super::rpc::{self, RecipeInfo};
use crate::checks::package::result::AurCheck;
use crate::checks::package::vouched::Vouched;
use crate::session::config::defaults::AUR;
use crate::session::context::Context;
use crate::session::failure::{Failure, chain};
use crate::session::files::{read_private, write_private};
use crate::session::network::{self, Ended};

/// How many packages one request asks for; a request may have 4443 bytes.
const MAX_NAMES: usize = 20;

/// What is known of some packages.
pub struct Recipes {
    /// By name; absent is not in the AUR.
    found: BTreeMap<String, (RecipeInfo, Observation)>,
    /// Why nothing is known, if so.
    unknown: Option<String>,
    pub problems: Vec<String>,
}

impl Recipes {
    /// Asks about these packages, and remembers who maintains them.
    pub fn ask(context: &Context, files: &[Vouched]) -> Result<Self, Failure> {
        let names: Vec<&str> = files
            .iter()
            .map(|file| file.content.archive.package.name.as_str())
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

    fn remember(&mut self, context: &Context, infos: Vec<RecipeInfo>) -> Result<(), Failure> {
        let path = context.env.state_dir()?.join("aur.json");
        let mut history = match read_history(&path) {
            Ok(history) => history,
            // A history that is written anew would lose what it knew; nothing is known meanwhile.
            Err(detail) => {
                self.problems.push(format!("{}: {detail}", path.display()));
                for info in infos {
                    let name = info.name.clone();
                    self.found.insert(name, (info, Observation::Unknown));
                }
                return Ok(());
            }
        };
        let mut seen: BTreeMap<String, Observation> = BTreeMap::new();
        for info in &infos {
            let maintainers = Maintainers {
                maintainer: info.maintainer.clone(),
                co_maintainers: info.co_maintainers.clone(),
            };
            let observed = history.observe(&info.base, &maintainers, context.at);
            seen.insert(info.base.clone(), observed);
        }
        for info in infos {
            let seen = seen.get(&info.base).cloned();
            let seen = seen.unwrap_or(Observation::Unknown);
            self.found.insert(info.name.clone(), (info, seen));
        }
        if let Err(error) = write_private(&path, &history.to_bytes()) {
            self.problems.push(format!("{}: {error}", path.display()));
        }
        Ok(())
    }

    /// What is known of one package.
    pub fn of(&self, name: &str, new_install_script: bool) -> (Aur, AurCheck) {
        let mut aur = Aur::default();
        aur.new_install_script = Some(new_install_script);
        if let Some(detail) = &self.unknown {
            return (aur, AurCheck::NotAsked(detail.clone()));
        }
        let Some((info, seen)) = self.found.get(name) else {
            return (aur, AurCheck::NoRecipe);
        };
        aur.maintainer.clone_from(&info.maintainer);
        aur.last_change = Some(info.last_modified);
        aur.maintainer_changed = seen.maintainer_changed();
        let (info, seen) = (info.clone(), seen.clone());
        (aur, AurCheck::Recipe { info, seen })
    }
}

/// Reads the history; a missing one is empty. The error is for people.
fn read_history(path: &Path) -> Result<MaintainerHistory, String> {
    match read_private(path, MAX_HISTORY_BYTES as u64) {
        Ok(bytes) => MaintainerHistory::parse(&bytes).map_err(|error| error.to_string()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(MaintainerHistory::default()),
        Err(error) => Err(error.to_string()),
    }
}

/// What the interface says; the inner error is for people, and no evidence of anything.
fn fetch(context: &Context, names: &[&str]) -> Result<Result<Vec<RecipeInfo>, String>, Failure> {
    if context.common.offline {
        return Ok(Err("not asked, --offline".to_owned()));
    }
    let client = network::client(context)?;
    let base = context.config.sources.aur.as_deref().unwrap_or(AUR);
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
