//! What a policy looks like before it is parsed. The parser is recursive, and looks at no limit of
//! its own: what nests in it is bounded here, by a look at brackets, operators and keywords only.

/// How deep brackets may nest.
const MAX_NESTING: usize = 12;
/// How often the parser may look at something. It tries each bracket twice, so that what stands in
/// twelve of them is looked at 4,096 times; with thirty it would be busy for days.
const MAX_LOOKS: usize = 1 << 18;
/// How many characters of operators, and keywords, may follow one another between two statements
/// or two members of a list: each may be one more level of the parser.
const MAX_OPERATORS: usize = 200;
/// Words that do not end what they stand in.
const KEYWORDS: [&str; 12] = [
    "as", "contains", "default", "else", "every", "if", "import", "in", "not", "package", "some",
    "with",
];

/// Looks over the text of a policy; the error is for people.
pub(super) fn check(text: &str) -> Result<(), String> {
    let (mut nesting, mut operators, mut looks) = (0usize, 0usize, 0usize);
    // Whether what was last could be the end of a statement, and whether a line ended since.
    let (mut ended, mut line_ended) = (false, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let token = token(rest, c);
        rest = rest.get(token.len()..).unwrap_or_default();
        match c {
            '\n' => line_ended = true,
            '#' => {}
            c if c.is_whitespace() => {}
            ',' | ';' => (operators, ended) = (0, false),
            _ => {
                let operand = is_operand(token);
                if operand && ended && line_ended {
                    operators = 0;
                }
                nesting = match c {
                    '(' | '[' | '{' => nesting + 1,
                    ')' | ']' | '}' => nesting.saturating_sub(1),
                    _ => nesting,
                };
                let closes = matches!(c, ')' | ']' | '}');
                operators += usize::from(!operand && !closes);
                (ended, line_ended) = (operand || closes, false);
            }
        }
        if nesting > MAX_NESTING {
            return Err(format!("brackets nest over {MAX_NESTING} deep"));
        }
        looks += usize::from(!c.is_whitespace()) << nesting;
        if looks > MAX_LOOKS {
            return Err("too much of it is deep in brackets".to_owned());
        }
        if operators > MAX_OPERATORS {
            return Err(format!("over {MAX_OPERATORS} operators in one expression"));
        }
    }
    Ok(())
}

/// The token at the start of the text: a comment, string or word, or one character.
fn token(text: &str, first: char) -> &str {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let end = match first {
        '#' => text.find('\n'),
        '`' => text.get(1..).and_then(|t| t.find('`')).map(|at| at + 2),
        '"' => string(text),
        c if word(c) => text.find(|c| !word(c)),
        c => Some(c.len_utf8()),
    };
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Where a string ends: at its quotes, or at the end of the line, where it ends whatever it is.
fn string(text: &str) -> Option<usize> {
    let mut escaped = false;
    let quoted = text.char_indices().skip(1).find(|&(_, c)| {
        let ends = c == '\n' || c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    quoted.map(|(at, c)| at + usize::from(c == '"'))
}

fn is_operand(token: &str) -> bool {
    let starts = |c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | '`');
    token.starts_with(starts) && !KEYWORDS.contains(&token)
}
