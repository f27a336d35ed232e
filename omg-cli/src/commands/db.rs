//! `omg audit db`: the local database and its caches.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use omg_vuln::SourceStatus;
use omg_vuln::http::Client;
use serde_json::json;

use crate::args::{self, Db, DbCommand, DbUpdate};
use crate::commands::Context;
use crate::commands::scan::{ARCH_NAME, DEFAULT_MAX_AGE_DAYS, gather};
use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::network::{self, Ended};
use crate::output::{Format, Plan, print};
use crate::progress::Progress;
use crate::render::{self, DbRow};
use crate::store::{Store, Stored};
use crate::update::{self, Change, UpdateError};

const FORMATS: [Format; 2] = [Format::Table, Format::Json];

pub fn run(context: &Context, db: &Db) -> Result<Exit, Failure> {
    let plan = Plan::new(&context.common, &FORMATS)?;
    let store = Store::new(&context.env)?;
    match &db.command {
        DbCommand::Path => {
            print(&format!("{}\n", store.dir().display()))?;
            Ok(Exit::Ok)
        }
        DbCommand::Clear => clear(&store),
        DbCommand::Status => show(&plan, "omg.db-status/1", &status(context, &store)),
        DbCommand::Update(args) => {
            if context.common.offline {
                return Err(Failure::usage(
                    "an update needs the network: --offline forbids it",
                ));
            }
            show(
                &plan,
                "omg.db-update/1",
                &update_all(context, &store, args)?,
            )
        }
    }
}

fn clear(store: &Store) -> Result<Exit, Failure> {
    let dir = store.dir().display();
    let files = store
        .clear()
        .map_err(|error| Failure::incomplete(format!("cannot clear {dir}")).because(&error))?;
    print(&format!("removed {files} files from {dir}\n"))?;
    Ok(Exit::Ok)
}

fn show(plan: &Plan, schema: &str, rows: &[DbRow]) -> Result<Exit, Failure> {
    let whole = !rows.is_empty() && rows.iter().all(|row| row.status == SourceStatus::Complete);
    plan.write(|format, _| match format {
        Format::Json => {
            let status = if whole { "complete" } else { "incomplete" };
            let value = json!({ "schema": schema, "status": status, "sources": rows });
            render::pretty(&value)
        }
        _ => render::db(rows),
    })?;
    Ok(if whole { Exit::Ok } else { Exit::Incomplete })
}

/// What is stored, whether it can be used, and how old it is.
fn status(context: &Context, store: &Store) -> Vec<DbRow> {
    let mut rows: Vec<DbRow> = Vec::new();
    for name in store.indexes() {
        rows.push(match store.index(&name) {
            Stored::Usable(index) => {
                let meta = index.meta();
                let mut row = DbRow::new(name, meta.records, meta.fetched, context.at);
                if meta.broken > 0 {
                    row.degrade(
                        SourceStatus::Partial,
                        format!("broken records: {}", meta.broken),
                    );
                }
                row
            }
            Stored::Missing => DbRow::failed(name, SourceStatus::Unreadable, "of another version"),
            Stored::Damaged(reason) => DbRow::failed(name, SourceStatus::Unreadable, reason),
        });
    }
    if let Some(kev) = store.document::<omg_vuln::Kev>(update::KEV) {
        let records = kev.value.entries.len() as u64;
        rows.push(DbRow::new("kev", records, Some(kev.fetched), context.at));
    }
    if let Some(epss) = store.document::<omg_vuln::Epss>(update::EPSS) {
        let records = epss.value.len() as u64;
        rows.push(DbRow::new("epss", records, Some(epss.fetched), context.at));
    }
    let max_age = context.config.scan.max_age.unwrap_or(DEFAULT_MAX_AGE_DAYS);
    for row in &mut rows {
        let age = row
            .as_of
            .map(|as_of| context.at.signed_duration_since(as_of));
        if age.is_some_and(|age| age > TimeDelta::days(i64::from(max_age))) {
            row.degrade(SourceStatus::Stale, format!("over {max_age} days old"));
        }
    }
    rows
}

fn update_all(context: &Context, store: &Store, args: &DbUpdate) -> Result<Vec<DbRow>, Failure> {
    let mut ecosystems: BTreeSet<String> = args.ecosystem.iter().cloned().collect();
    match gather(context, &args::Scan::default()) {
        Ok(subjects) => {
            let names = subjects
                .asked
                .iter()
                .map(|package| package.ecosystem.name().to_owned());
            ecosystems.extend(names);
        }
        Err(failure) if ecosystems.is_empty() => return Err(failure),
        Err(_) => {}
    }
    let client = network::client(context)?;
    let progress = Progress::new(context);
    let update = Update {
        client: &client,
        store,
        progress: &progress,
        now: context.env.now,
    };
    let mut rows = Vec::new();
    let all = update.all(&ecosystems, args.full, &mut rows);
    if let Ended::Interrupted = network::block_on(all)? {
        return Err(Failure::new(
            Exit::Interrupted,
            "interrupted; what was updated is kept",
        ));
    }
    Ok(rows)
}

struct Update<'a> {
    client: &'a Client,
    store: &'a Store,
    progress: &'a Progress,
    now: DateTime<Utc>,
}

impl Update<'_> {
    async fn all(&self, ecosystems: &BTreeSet<String>, full: bool, rows: &mut Vec<DbRow>) {
        for ecosystem in ecosystems {
            self.progress.say(format!("fetching {ecosystem}"));
            let (name, updated) = match ecosystem.as_str() {
                ARCH_NAME => {
                    let updated = update::arch(self.client, self.store, self.now, full).await;
                    (update::ARCH.to_owned(), updated)
                }
                other => {
                    let updated = update::osv(self.client, self.store, other, self.now, full);
                    (Store::osv_name(other), updated.await)
                }
            };
            let updated = updated.map(|(index, change)| {
                let meta = index.meta();
                let mut row = DbRow::new(name.clone(), meta.records, meta.fetched, self.now);
                if meta.broken > 0 {
                    row.degrade(
                        SourceStatus::Partial,
                        format!("broken records: {}", meta.broken),
                    );
                }
                (row, change)
            });
            rows.push(row(name, updated));
        }
        self.progress.say("fetching CISA's catalogue");
        let kev = update::kev(self.client, self.store, self.now)
            .await
            .map(|(kev, change)| {
                let records = kev.value.entries.len() as u64;
                (
                    DbRow::new("kev", records, Some(kev.fetched), self.now),
                    change,
                )
            });
        rows.push(row("kev".into(), kev));
        self.progress.say("fetching EPSS");
        let epss = update::epss(self.client, self.store, self.now)
            .await
            .map(|(epss, change)| {
                let records = epss.value.len() as u64;
                (
                    DbRow::new("epss", records, Some(epss.fetched), self.now),
                    change,
                )
            });
        rows.push(row("epss".into(), epss));
    }
}

fn row(name: String, updated: Result<(DbRow, Change), UpdateError>) -> DbRow {
    match updated {
        Ok((mut row, change)) => {
            row.note(match change {
                Change::Unchanged => "unchanged".to_owned(),
                Change::Delta(count) => format!("{count} changed"),
                Change::Whole => "fetched".to_owned(),
            });
            row
        }
        Err(error) => {
            let status = match error {
                UpdateError::Http(_) => SourceStatus::Unreachable,
                _ => SourceStatus::Unreadable,
            };
            DbRow::failed(name, status, chain(&error))
        }
    }
}
