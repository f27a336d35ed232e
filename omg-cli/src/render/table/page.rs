//! Lines for a terminal: coloured, wrapped, and never cut within a word.

use unicode_width::UnicodeWidthStr as _;

use crate::render::words::{clean, plural};
use crate::session::style::Style;

/// At most this many lines of each kind of trouble; the machine forms have all of it.
const SHOWN: usize = 5;

#[derive(Clone, Copy)]
pub enum Paint {
    None,
    Red,
    Yellow,
    Faint,
}

pub struct Page {
    pub out: String,
    pub style: Style,
}

impl Page {
    pub fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    pub fn bold(&mut self, text: &str) {
        match self.style.colour {
            true => self.line(&format!("\x1b[1m{}\x1b[0m", text.trim_end())),
            false => self.line(text),
        }
    }

    /// Colours the first `length` bytes of a line, or all of it if faint.
    pub fn painted(&mut self, text: &str, paint: Paint, length: usize) {
        let (code, length) = match paint {
            _ if !self.style.colour => return self.line(text),
            Paint::None => return self.line(text),
            Paint::Red => ("31;1", length),
            Paint::Yellow => ("33", length),
            Paint::Faint => ("2", text.trim_end().len()),
        };
        let (head, tail) = text.split_at(length.min(text.len()));
        self.line(&format!("\x1b[{code}m{head}\x1b[0m{tail}"));
    }

    /// Breaks at spaces; a word that is longer than a line is left whole, so that an
    /// identifier or a path can still be copied.
    pub fn wrapped(&mut self, text: &str, indent: usize) {
        let width = self.style.width;
        let start = text.len() - text.trim_start().len();
        let mut line = " ".repeat(start);
        let mut empty = true;
        for word in text.split_whitespace() {
            let longer = line.width() + 1 + word.width();
            if !empty && longer > width {
                self.line(&line);
                line = " ".repeat(indent);
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        self.line(&line);
    }

    pub fn trouble(&mut self, title: &str, items: &[String]) {
        if items.is_empty() {
            return;
        }
        self.line("");
        self.line(&format!(
            "{}: {}",
            title,
            plural(items.len(), "entry").replace("entrys", "entries")
        ));
        for item in items.iter().take(SHOWN) {
            self.wrapped(&format!("  {}", clean(item)), 4);
        }
        if items.len() > SHOWN {
            self.line(&format!(
                "  and {} more; -f json has all",
                items.len() - SHOWN
            ));
        }
    }
}
