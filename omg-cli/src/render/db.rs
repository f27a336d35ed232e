//! What is stored, as a list.

use chrono::{DateTime, Utc};
use omg_vuln::SourceStatus;
use serde::Serialize;

use super::table::word;
use super::words::{age, clean, thousands};

/// One stored source.
#[derive(Debug, Serialize)]
pub struct DbRow {
    pub name: String,
    pub status: SourceStatus,
    pub records: u64,
    pub as_of: Option<DateTime<Utc>>,
    pub detail: String,
    #[serde(skip)]
    now: DateTime<Utc>,
}

impl DbRow {
    pub fn new(
        name: impl Into<String>,
        records: u64,
        as_of: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Self {
        let (name, status) = (name.into(), SourceStatus::Complete);
        Self {
            name,
            status,
            records,
            as_of,
            detail: String::new(),
            now,
        }
    }

    pub fn failed(name: String, status: SourceStatus, detail: impl Into<String>) -> Self {
        let mut row = Self::new(name, 0, None, DateTime::UNIX_EPOCH);
        row.degrade(status, detail.into());
        row
    }

    pub fn degrade(&mut self, status: SourceStatus, detail: String) {
        self.status = self.status.max(status);
        self.note(detail);
    }

    pub fn note(&mut self, detail: String) {
        if !self.detail.is_empty() {
            self.detail.push_str("; ");
        }
        self.detail.push_str(&detail);
    }
}

pub fn db(rows: &[DbRow]) -> String {
    if rows.is_empty() {
        return "nothing is stored\nnext: omg audit db update\n".to_owned();
    }
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for row in rows {
        let records = thousands(usize::try_from(row.records).unwrap_or(usize::MAX));
        let age = row
            .as_of
            .map_or_else(String::new, |as_of| format!(", {}", age(as_of, row.now)));
        let (name, status) = (&row.name, word(row.status));
        out.push_str(&format!(
            "{name:width$}  {status:<11}  {records} records{age}\n"
        ));
        if !row.detail.is_empty() {
            out.push_str(&format!("{:width$}  {}\n", "", clean(&row.detail)));
        }
    }
    out
}
