use std::borrow::Cow;

/// Text as every format can hold it: without control characters, which XML 1.0 cannot express
/// and which would change what a terminal shows, and without the two code points that are no
/// characters of XML. In their place stands U+FFFD, and a space for line ends and tabs.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let is_bad = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    if !text.contains(is_bad) {
        return Cow::Borrowed(text);
    }
    let replaced = text.chars().map(|c| match c {
        '\n' | '\r' | '\t' => ' ',
        c if is_bad(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    });
    Cow::Owned(replaced.collect())
}
