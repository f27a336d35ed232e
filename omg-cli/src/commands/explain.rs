//! `omg explain`: what an advisory is and what it affects here, or what is known of a package.

use omg_vuln::epss::EpssScore;
use omg_vuln::kev::KevEntry;
use omg_vuln::{Finding, Record};

use crate::args::{self, Common, Explain};
use crate::commands::{Context, scan};
use crate::env::Env;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, Plan};
use crate::render;

const FORMATS: [Format; 2] = [Format::Table, Format::Json];

/// What a result shows.
pub struct Explained {
    /// What was asked for.
    pub what: String,
    /// In which versions it is installed, if it is a package.
    pub versions: Vec<String>,
    pub advisories: Vec<Told>,
    /// What is installed, and what is known of it; else why that cannot be said.
    pub here: Result<scan::Scanned, String>,
    /// What could not be read.
    pub problems: Vec<String>,
}

/// An advisory as a source tells of it.
pub struct Told {
    pub source: String,
    pub record: Record,
    pub kev: Option<KevEntry>,
    pub epss: Option<EpssScore>,
}

impl Explained {
    pub fn is_package(&self) -> bool {
        !self.versions.is_empty()
    }

    /// What here is affected by it, or by what the package is affected.
    pub fn findings(&self) -> Vec<&Finding> {
        let Ok(scanned) = &self.here else {
            return Vec::new();
        };
        let all = scanned.report.findings.iter();
        let about = |finding: &&Finding| match self.is_package() {
            true => {
                finding.package.name == self.what
                    || scanned
                        .subjects
                        .installed_as(&finding.package)
                        .contains(&self.what)
            }
            false => self.advisories.iter().any(|told| {
                let id = &told.record.advisory.id;
                finding.is_known_as(id) || finding.is_known_as(&self.what)
            }),
        };
        all.filter(about).collect()
    }

    pub fn exit(&self) -> Exit {
        let whole = match &self.here {
            Ok(scanned) => scanned.status() == omg_vuln::Status::Complete,
            Err(_) => false,
        };
        let known = self.is_package() || !self.advisories.is_empty();
        match known && whole && self.problems.is_empty() {
            true => Exit::Ok,
            false => Exit::Incomplete,
        }
    }
}

pub fn run(mut common: Common, env: Env, args: &Explain) -> Result<Exit, Failure> {
    common.offline = true;
    let plan = Plan::new(&common, &FORMATS)?;
    let context = Context::new(common, env)?;
    let explained = explain(&context, args)?;
    if !explained.is_package() && explained.advisories.is_empty() {
        return Err(unknown(&explained));
    }
    let style = context.style();
    plan.write(|format, terminal| {
        let colour = style.colour && terminal;
        render::explain(&explained, format, render::Style { colour, ..style })
    })?;
    Ok(explained.exit())
}

fn explain(context: &Context, args: &Explain) -> Result<Explained, Failure> {
    let scan = args::Scan {
        advisories: args.advisories.clone(),
        ..args::Scan::default()
    };
    let here = scan::perform(context, &scan);
    let versions = here
        .as_ref()
        .map(|scanned| scanned.subjects.versions(&args.what));
    let versions = versions.unwrap_or_default();
    let mut explained = Explained {
        what: args.what.clone(),
        versions,
        advisories: Vec::new(),
        here: match here {
            Ok(scanned) => Ok(scanned),
            // An invalid ignore file is no matter of what is installed.
            Err(failure) if failure.exit == Exit::Config => return Err(failure),
            Err(failure) => Err(failure.message().to_owned()),
        },
        problems: Vec::new(),
    };
    if explained.is_package() {
        return Ok(explained);
    }
    let known = scan::records(context, &args.advisories, &args.what)?;
    explained.problems = known.problems;
    if known.sources == 0 && explained.problems.is_empty() {
        explained.problems.push("no advisory is stored".to_owned());
    }
    for (source, record) in known.records {
        let advisory = &record.advisory;
        let ids = || advisory.aliases.iter().chain([&advisory.id]);
        let kev = known.kev.as_ref().and_then(|kev| {
            let mut entries = ids().filter_map(|id| kev.entries.get(id));
            entries.next().cloned()
        });
        let scores = known
            .epss
            .as_ref()
            .map(|epss| ids().filter_map(|id| epss.get(id)));
        let epss = scores.and_then(|scores| scores.max_by_key(|score| score.probability_e5));
        explained.advisories.push(Told {
            source,
            record,
            kev,
            epss,
        });
    }
    Ok(explained)
}

fn unknown(explained: &Explained) -> Failure {
    let what = render::clean(&explained.what);
    let text = format!("no advisory and no installed package is known as {what}");
    let failure = Failure::incomplete(match explained.problems.first() {
        Some(problem) => format!("{text}: {}", render::clean(problem)),
        None => text,
    });
    failure.try_this("omg audit db update, or --advisories FILE")
}
