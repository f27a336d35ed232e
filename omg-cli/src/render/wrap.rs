//! Lines as wide as a terminal.

use unicode_width::UnicodeWidthStr as _;

/// Breaks a line at spaces; further lines are indented. A word that is longer than a line is left
/// whole, so that an identifier can still be copied. Runs of spaces are kept within a line.
pub fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    let mut spaces = text.len() - text.trim_start().len();
    for (index, word) in text.trim_start().split(' ').enumerate() {
        if word.is_empty() && index > 0 {
            spaces += 1;
            continue;
        }
        let length = word.width();
        if index > 0 && column + spaces + length > width {
            out.push('\n');
            column = 0;
            spaces = indent;
        }
        out.push_str(&" ".repeat(spaces));
        out.push_str(word);
        column += spaces + length;
        spaces = 1;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_spaces_and_words_stay_whole() {
        assert_eq!(
            wrapped("  one  two three", 12, 4),
            "  one  two\n    three\n"
        );
        assert_eq!(
            wrapped("a longer-than-that b", 6, 2),
            "a\n  longer-than-that\n  b\n"
        );
        assert_eq!(wrapped("one  two", usize::MAX, 4), "one  two\n");
        assert_eq!(wrapped("", 10, 2), "\n");
        // East Asian characters take two columns (Unicode Standard Annex 11).
        assert_eq!(wrapped("漢字 漢字", 8, 0), "漢字\n漢字\n");
    }
}
