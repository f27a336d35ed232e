//! The columns of the table of findings.

use omg_vuln::Finding;
use unicode_width::UnicodeWidthStr as _;

/// Widths of the columns before the last, which is never padded.
pub struct Columns {
    widths: [usize; 5],
    width: usize,
}

impl Columns {
    /// Each as wide as its widest cell, but together no wider than the page; severity and
    /// advisory are never narrowed.
    pub fn fit(rows: &[&Finding], width: usize) -> Self {
        let widest = |of: fn(&Finding) -> usize, least: usize| {
            rows.iter().map(|f| of(f)).max().unwrap_or(0).max(least)
        };
        let advisory = widest(|f| f.advisory.width(), 8);
        let mut flexible = [
            widest(|f| f.package.name.width(), 7),
            widest(|f| f.package.version.width(), 9),
            widest(|f| f.fixed_in.as_ref().map_or(12, |v| v.width()), 8),
        ];
        let room = width.saturating_sub(8 + advisory + 4 * 2);
        while flexible.iter().sum::<usize>() > room {
            let Some(longest) = flexible.iter_mut().max() else {
                break;
            };
            if *longest <= 9 {
                break;
            }
            *longest -= 1;
        }
        let [name, installed, fixed] = flexible;
        Self {
            widths: [8, name, installed, fixed, advisory],
            width,
        }
    }

    /// One line, or more if a cell is wider than its column: then the rest of the row goes on
    /// below, and nothing is cut.
    pub fn row(&self, cells: [&str; 5]) -> Vec<String> {
        let mut lines = vec![String::new()];
        let mut column = 0;
        for (cell, width) in cells.into_iter().zip(self.widths) {
            let line = lines.last_mut().map(|line| line.width()).unwrap_or(0);
            let length = cell.width();
            let occupied = line > column;
            if occupied || (column + length > self.width && line > 0) {
                // Right-align what does not fit at its column.
                let start = column.min(self.width.saturating_sub(length));
                lines.push(" ".repeat(start));
            } else if let Some(last) = lines.last_mut() {
                last.push_str(&" ".repeat(column - line));
            }
            if let Some(last) = lines.last_mut() {
                last.push_str(cell);
                last.push_str("  ");
            }
            column += width + 2;
        }
        lines
    }
}
