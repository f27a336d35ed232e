//! The configuration: TOML files, of which every key is known or refused, below the environment.
//!
//! From weak to strong: what is built in, the system's file, the user's file, the environment.
//! `--config FILE` stands in for both files. Options of commands are stronger than all of it.
//! Each key is taken from the strongest layer that has it; lists are replaced, not joined.

pub mod defaults;
mod layers;
pub mod settings;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Value;

use self::layers::Layer;
pub use self::settings::{Config, Origin, Setting};
use crate::session::env::Env;
use crate::session::failure::Failure;

/// The system's file.
pub const SYSTEM: &str = "/etc/omg/config.toml";

/// The variables that name sources, with the key that each stands for.
const VARIABLES: [(&str, &str); 8] = [
    ("OMG_OSV_URL", "sources.osv"),
    ("OMG_OSV_DUMPS_URL", "sources.osv_dumps"),
    ("OMG_ARCH_URL", "sources.arch"),
    ("OMG_AUR_URL", "sources.aur"),
    ("OMG_KEV_URL", "sources.kev"),
    ("OMG_EPSS_URL", "sources.epss"),
    ("OMG_REKOR_URL", "sources.rekor"),
    ("OMG_TUF_URL", "sources.tuf"),
];

/// What all layers together say.
#[derive(Debug, Default)]
pub struct Effective {
    pub config: Config,
    /// By key, sorted; without what is not set.
    pub settings: Vec<Setting>,
}

/// A file that is looked for.
#[derive(Debug)]
pub struct Place {
    pub kind: &'static str,
    pub path: PathBuf,
}

/// The files that count, from weak to strong.
pub fn places(named: Option<&Path>, env: &Env) -> Vec<Place> {
    let place = |kind, path| Place { kind, path };
    match named {
        Some(path) => vec![place("named", path.to_owned())],
        None => {
            let user = env.config_dir().map(|dir| dir.join("config.toml"));
            let system = place("system", PathBuf::from(SYSTEM));
            let user = user.map(|path| place("user", path));
            [Some(system), user].into_iter().flatten().collect()
        }
    }
}

impl Config {
    pub fn load(named: Option<&Path>, env: &Env) -> Result<Self, Failure> {
        Ok(Effective::load(named, env)?.config)
    }
}

impl Effective {
    /// Reads the files and puts the environment over them. A file that was named has to exist.
    pub fn load(named: Option<&Path>, env: &Env) -> Result<Self, Failure> {
        let mut layers = Vec::new();
        for place in places(named, env) {
            if named.is_some() || place.path.exists() {
                layers.push(Layer::read(&place.path)?);
            }
        }
        Self::of(layers, |variable| env.var(variable))
    }

    fn of<'a>(layers: Vec<Layer>, var: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Failure> {
        let mut settings: BTreeMap<String, Setting> = BTreeMap::new();
        let mut set = |key: String, value, origin| {
            settings.insert(key.clone(), Setting { key, value, origin });
        };
        for layer in layers {
            for (key, value, line) in layer.settings {
                let path = layer.path.clone();
                set(key, value, Origin::File { path, line });
            }
        }
        for (variable, key) in VARIABLES {
            if let Some(value) = var(variable) {
                let value = Value::from(value);
                set(key.to_owned(), value, Origin::Variable(variable));
            }
        }
        let settings: Vec<Setting> = settings.into_values().collect();
        let config = layers::assemble(&settings)?;
        Ok(Self { config, settings })
    }

    /// The settings, with what is built in where nothing is set.
    pub fn with_defaults(&self) -> Vec<Setting> {
        let mut all: BTreeMap<String, Setting> = BTreeMap::new();
        for (key, value) in defaults::all() {
            let (key, origin) = (key.to_owned(), Origin::Default);
            all.insert(key.clone(), Setting { key, value, origin });
        }
        for setting in &self.settings {
            all.insert(setting.key.clone(), setting.clone());
        }
        all.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(path: &str, text: &str) -> Layer {
        Layer::parse(Path::new(path), text).unwrap()
    }

    #[test]
    fn the_stronger_layer_wins_key_by_key() {
        let system = "[sources]\narch = \"https://a\"\nosv = \"https://o\"\n\
                      [scan]\nmax_age = 3\nignore = [\"/etc/omg/ignore.toml\"]\n\
                      [pins]\n\"a.example\" = [\"00\"]\n";
        let user = "scan.max_age = 9\nscan.ignore = []\n\n[sources]\nosv = \"https://u\"\n";
        let layers = vec![layer("/s", system), layer("/u", user)];
        let variables = |name: &str| (name == "OMG_ARCH_URL").then_some("https://e");
        let effective = Effective::of(layers, variables).unwrap();
        let config = &effective.config;
        assert_eq!(config.sources.arch.as_deref(), Some("https://e"));
        assert_eq!(config.sources.osv.as_deref(), Some("https://u"));
        assert_eq!(config.scan.max_age, Some(9));
        assert!(config.scan.ignore.is_empty(), "a list is replaced");
        assert_eq!(config.pins["a.example"], ["00"]);
        let of = |key: &str| {
            let found = effective.settings.iter().find(|s| s.key == key);
            found.unwrap().origin.clone()
        };
        let file = |path: &str, line| Origin::File {
            path: path.into(),
            line,
        };
        assert_eq!(of("sources.arch"), Origin::Variable("OMG_ARCH_URL"));
        assert_eq!(of("sources.osv"), file("/u", 5));
        assert_eq!(of("scan.max_age"), file("/u", 1));
        assert_eq!(of("pins.\"a.example\""), file("/s", 8));
    }

    #[test]
    fn nothing_is_a_configuration() {
        let effective = Effective::of(Vec::new(), |_| None).unwrap();
        assert!(effective.settings.is_empty());
        assert_eq!(effective.with_defaults().len(), 9);
    }
}
