//! How a result looks to people.

/// How a result is shown to people.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Columns.
    pub width: usize,
    pub colour: bool,
    /// With the reason and the other names of each finding.
    pub verbose: bool,
    /// With links to what a feed refers to.
    pub links: bool,
}

impl Style {
    /// For a file, which is no terminal.
    pub fn plain(self) -> Self {
        Self {
            colour: false,
            links: false,
            ..self
        }
    }

    /// For this terminal, or without colours for a file. Widths and links stay.
    pub fn on(self, terminal: bool) -> Self {
        Self {
            colour: self.colour && terminal,
            ..self
        }
    }
}
