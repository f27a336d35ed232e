//! What is stored, as a list.

use super::words::{age, clean, source_status, thousands};
use crate::checks::database::StoredSource;

pub fn table(rows: &[StoredSource]) -> String {
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
        let (name, status) = (&row.name, source_status(row.status));
        out.push_str(&format!(
            "{name:width$}  {status:<11}  {records} records{age}\n"
        ));
        if !row.detail.is_empty() {
            out.push_str(&format!("{:width$}  {}\n", "", clean(&row.detail)));
        }
    }
    out
}
