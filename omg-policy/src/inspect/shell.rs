//! Commands of a line, as far as rules need them.

/// A command: its words, and what connects it with the one before.
pub(super) struct Command<'a> {
    pub(super) words: Vec<&'a str>,
    /// Whether it reads what the command before writes.
    pub(super) piped: bool,
    /// Files that it writes by redirection.
    pub(super) writes: Vec<&'a str>,
}

/// What stands before a command without changing what it does.
const BEFORE: [&str; 22] = [
    "sudo", "env", "command", "exec", "nohup", "busybox", "if", "then", "do", "else", "elif",
    "while", "until", "!", "time", "nice", "setsid", "builtin", "toybox", "doas", "[[", "timeout",
];

impl<'a> Command<'a> {
    /// The program's name without its folder.
    pub(super) fn program(&self) -> &'a str {
        let path = self.words.first().copied().unwrap_or_default();
        path.rsplit('/').next().unwrap_or(path)
    }

    pub(super) fn arguments(&self) -> &[&'a str] {
        self.words.get(1..).unwrap_or_default()
    }
}

/// The commands of a line that was made plain.
pub(super) fn commands(line: &str) -> Vec<Command<'_>> {
    let mut commands = Vec::new();
    let mut start = 0;
    let mut piped = false;
    let bytes = line.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        let byte = bytes[index];
        let redirects = index > 0 && matches!(bytes[index - 1], b'>' | b'<');
        let ends = matches!(byte, b';' | b'|' | b'(' | b')' | b'`' | b'{' | b'}' | b'\n')
            || (byte == b'&' && !redirects && bytes.get(index + 1) != Some(&b'>'));
        if ends {
            commands.push(command(&line[start..index], piped));
            let doubled = bytes.get(index + 1) == Some(&byte);
            piped = byte == b'|' && !doubled;
            index += usize::from(doubled);
            start = index + 1;
        }
        index += 1;
    }
    if let Some(rest) = line.get(start..) {
        commands.push(command(rest, piped));
    }
    commands.retain(|command| !command.words.is_empty() || !command.writes.is_empty());
    commands
}

fn command(text: &str, piped: bool) -> Command<'_> {
    let mut words = Vec::new();
    let mut writes = Vec::new();
    let mut parts = text.split_whitespace();
    while let Some(part) = parts.next() {
        if let Some(at) = part.find('>') {
            let target = part[at..].trim_start_matches(['>', '|', '&']);
            let before = &part[..at];
            if !before.is_empty() && !before.bytes().all(|b| b.is_ascii_digit() || b == b'&') {
                words.push(before);
            }
            match target {
                "" => writes.extend(parts.next()),
                target => writes.push(target),
            }
            continue;
        }
        let is_assignment = words.is_empty()
            && part.split_once('=').is_some_and(|(name, _)| {
                name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            });
        let name = part.rsplit('/').next().unwrap_or(part);
        if !is_assignment && (!words.is_empty() || !BEFORE.contains(&name)) {
            words.push(part);
        }
    }
    Command {
        words,
        piped,
        writes,
    }
}
