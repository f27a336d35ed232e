//! What is looked for in a line.

use super::names::{
    ACCOUNTS, FETCHERS, INSTALLERS, LANGUAGES, PROGRAMS, SHELLS, STARTED, TEMPORARY,
};
use super::shell::{Command, commands};
use super::{Report, ScriptKind, ScriptRule};

/// Looks at a line that was made plain.
pub(super) fn look(report: &mut Report<'_>, line: u32, plain: &str) {
    let commands = commands(plain);
    for command in &commands {
        network(report, line, plain, command);
        accounts(report, line, plain, command);
        writes(report, line, plain, command);
        programs(report, line, plain, command);
    }
    interpreters(report, line, plain, &commands);
    words(report, line, plain);
}

/// Looks at a line as it was written, for what gets lost when it is made plain.
pub(super) fn look_at_raw(report: &mut Report<'_>, line: u32, raw: &str) {
    // Escapes of letters, several in a row, have no use but to hide.
    let escaped = raw.matches("\\x").count() + raw.matches("\\u00").count();
    if escaped >= 6 {
        report.add(ScriptRule::Encoded, line, raw);
    }
}

fn fetches(command: &Command<'_>, kind: ScriptKind) -> bool {
    let program = command.program();
    let verb = command
        .arguments()
        .iter()
        .find(|word| !word.starts_with('-'));
    let installs = matches!(
        verb.copied(),
        Some("install" | "i" | "add" | "clone" | "run" | "exec" | "get" | "pull" | "fetch")
    ) || matches!(program, "npx" | "bunx" | "uvx");
    FETCHERS.contains(&program) && !command.arguments().is_empty()
        || INSTALLERS.contains(&program) && installs && kind != ScriptKind::Recipe
        || program == "git" && verb == Some(&"clone")
        || program == "openssl" && verb == Some(&"s_client")
        || matches!(program, "ssh" | "scp" | "sftp" | "rsync")
            && command
                .arguments()
                .iter()
                .any(|word| word.contains('@') || word.contains("::"))
}

fn network(report: &mut Report<'_>, line: u32, plain: &str, command: &Command<'_>) {
    if fetches(command, report.kind) {
        report.add(ScriptRule::Network, line, plain);
    }
}

fn is_interpreter(program: &str) -> bool {
    SHELLS.contains(&program) || LANGUAGES.iter().any(|l| program.starts_with(l))
}

/// Text that becomes code: through a pipe, a substitution, an argument.
fn interpreters(report: &mut Report<'_>, line: u32, plain: &str, commands: &[Command<'_>]) {
    let fetched = commands
        .iter()
        .any(|command| fetches(command, report.kind) || prints_fetcher(command));
    let decoded = commands.iter().any(decodes);
    let mut ran = false;
    for command in commands {
        let program = command.program();
        let arguments = command.arguments();
        // An interpreter that is given no file reads what to run.
        let no_file = arguments
            .iter()
            .all(|word| word.starts_with('-') || *word == "<");
        if is_interpreter(program) && command.piped && no_file || program == "xargs" && decoded {
            ran = true;
            let rule = if fetched {
                ScriptRule::FetchRun
            } else {
                ScriptRule::PipedCode
            };
            report.add(rule, line, plain);
        }
        let takes_code = arguments.iter().any(|word| {
            word.starts_with('-') && !word.starts_with("--") && word.contains(['c', 'e', 'r', 'E'])
        });
        if is_interpreter(program) && takes_code {
            ran = true;
            inline(report, line, plain, program);
        }
        if matches!(program, "eval" | "source" | ".") || is_interpreter(program) {
            ran = ran || program == "eval" || no_file || arguments.contains(&"<");
        }
        if program == "eval" && !harmless(plain) {
            report.add(ScriptRule::Eval, line, plain);
        }
    }
    if decoded {
        report.add(ScriptRule::Encoded, line, plain);
    }
    let substituted = ["$(", "`", "<("].iter().any(|open| plain.contains(open));
    if fetched && ran && substituted {
        report.add(ScriptRule::FetchRun, line, plain);
    }
}

/// Whether the text that it prints would fetch something.
fn prints_fetcher(command: &Command<'_>) -> bool {
    matches!(command.program(), "echo" | "printf")
        && command
            .arguments()
            .iter()
            .any(|word| FETCHERS[..2].contains(word))
}

/// What programs print for this very purpose.
fn harmless(plain: &str) -> bool {
    [
        "apt-config shell",
        "dpkg-architecture",
        "dircolors",
        "resize",
    ]
    .iter()
    .any(|known| plain.contains(known))
}

fn decodes(command: &Command<'_>) -> bool {
    let program = command.program();
    let has = |wanted: &[&str]| command.arguments().iter().any(|word| wanted.contains(word));
    match program {
        "base64" | "base32" | "basenc" => has(&["-d", "-D", "--decode", "-di", "-id", "-d;"]),
        "xxd" => command
            .arguments()
            .iter()
            .any(|w| w.starts_with("-r") || w.contains("-p -r")),
        "openssl" => has(&["-d"]) || has(&["-a"]) && has(&["-base64"]),
        "uudecode" => true,
        _ => false,
    }
}

/// Code in an argument.
fn inline(report: &mut Report<'_>, line: u32, plain: &str, program: &str) {
    const SUSPICIOUS: [&str; 24] = [
        "exec(",
        "eval(",
        "eval ",
        "base64",
        "b64decode",
        "fromhex",
        "unhexlify",
        "zlib",
        "marshal",
        "socket",
        "urllib",
        "urlopen",
        "requests",
        "http.client",
        "LWP",
        "IO::Socket",
        "pack(",
        "pack ",
        "chr(",
        "String.fromCharCode",
        "Buffer.from",
        "child_process",
        "Net::HTTP",
        "__import__",
    ];
    let language = LANGUAGES.iter().any(|name| program.starts_with(name));
    if language && SUSPICIOUS.iter().any(|word| plain.contains(word)) {
        report.add(ScriptRule::InlineCode, line, plain);
    }
}

fn accounts(report: &mut Report<'_>, line: u32, plain: &str, command: &Command<'_>) {
    let arguments = command.arguments();
    let has = |wanted: &str| arguments.contains(&wanted);
    let privileged = ["sudo", "wheel", "root", "docker", "shadow"]
        .iter()
        .any(|group| has(group));
    let hit = match command.program() {
        "chpasswd" | "visudo" => true,
        "useradd" | "usermod" => {
            privileged || has("-o") || arguments.windows(2).any(|w| matches!(w, ["-u", "0"]))
        }
        "gpasswd" | "adduser" => privileged && arguments.len() > 1 && !has("--group"),
        _ => false,
    };
    if hit {
        report.add(ScriptRule::Account, line, plain);
    }
}

/// Where a command writes: redirections, and the last argument of what copies.
fn targets<'a>(command: &Command<'a>) -> Vec<&'a str> {
    let mut targets = command.writes.clone();
    let arguments = command.arguments();
    match command.program() {
        "cp" | "mv" | "ln" | "install" | "rsync" => targets.extend(arguments.last().copied()),
        "tee" => targets.extend(
            arguments
                .iter()
                .copied()
                .filter(|word| !word.starts_with('-')),
        ),
        "sed" if arguments.iter().any(|word| word.starts_with("-i")) => {
            targets.extend(arguments.last().copied());
        }
        "dd" => targets.extend(arguments.iter().filter_map(|word| word.strip_prefix("of="))),
        "curl" | "wget" => {
            let out = |w: &&[&str]| matches!(w[0], "-o" | "-O" | "--output");
            targets.extend(arguments.windows(2).filter(out).map(|w| w[1]));
        }
        _ => {}
    }
    targets
}

fn writes(report: &mut Report<'_>, line: u32, plain: &str, command: &Command<'_>) {
    let redirected = command.writes.clone();
    for target in targets(command) {
        let begins = |list: &[&str]| list.iter().any(|prefix| target.starts_with(prefix));
        let home = target.starts_with('~')
            || begins(&["/home/", "/root/", "$HOME", "${HOME"])
            || target.contains("authorized_keys");
        let dotfile = [
            ".bashrc",
            ".zshrc",
            ".profile",
            ".bash_profile",
            ".config/autostart",
        ];
        if home
            || dotfile
                .iter()
                .any(|name| target.ends_with(name) && !target.contains("skel"))
        {
            report.add(ScriptRule::UserFile, line, plain);
        }
        if target.starts_with("/etc/ld.so.preload") {
            report.add(ScriptRule::Preload, line, plain);
        }
        let appended = redirected.contains(&target) || command.program() == "tee";
        if begins(&STARTED) && appended {
            report.add(ScriptRule::Persistence, line, plain);
        }
        if begins(&ACCOUNTS) && appended {
            report.add(ScriptRule::Account, line, plain);
        }
        let fetched = matches!(command.program(), "curl" | "wget");
        let recipe = report.kind == ScriptKind::Recipe
            && target.starts_with('/')
            && !begins(&["/dev/", "/tmp/", "/proc/"]);
        if begins(&PROGRAMS) && (appended || fetched) || recipe {
            report.add(ScriptRule::OutsideWrite, line, plain);
        }
    }
}

fn programs(report: &mut Report<'_>, line: u32, plain: &str, command: &Command<'_>) {
    let arguments = command.arguments();
    let has = |wanted: &str| arguments.contains(&wanted);
    let first = command.words.first().copied().unwrap_or_default();
    match command.program() {
        "chmod" if arguments.first().is_some_and(|mode| is_setuid(mode)) => {
            report.add(ScriptRule::Setuid, line, plain);
        }
        "install"
            if arguments
                .windows(2)
                .any(|w| w[0] == "-m" && is_setuid(w[1])) =>
        {
            report.add(ScriptRule::Setuid, line, plain);
        }
        "setcap"
            if ["setuid", "sys_admin", "dac_", "sys_ptrace", "=ep"]
                .iter()
                .any(|cap| {
                    arguments
                        .first()
                        .is_some_and(|a| a.contains(cap) && !a.contains("net_"))
                }) =>
        {
            report.add(ScriptRule::Setuid, line, plain);
        }
        "systemctl" if has("enable") || has("link") => {
            report.add(ScriptRule::EnablesUnit, line, plain);
        }
        "crontab" if !has("-l") => report.add(ScriptRule::Persistence, line, plain),
        "at" | "batch" if command.piped || has("now") => {
            report.add(ScriptRule::Persistence, line, plain);
        }
        "systemd-run" | "insmod" => report.add(ScriptRule::Persistence, line, plain),
        "history" if has("-c") => report.add(ScriptRule::Hides, line, plain),
        "setenforce" | "auditctl" => report.add(ScriptRule::Hides, line, plain),
        "iptables" | "nft" if has("-F") || has("flush") => {
            report.add(ScriptRule::Hides, line, plain);
        }
        "chattr"
            if arguments
                .iter()
                .any(|a| a.starts_with('+') && a.contains('i')) =>
        {
            report.add(ScriptRule::Hides, line, plain);
        }
        _ => {}
    }
    let temporary = |path: &str| TEMPORARY.iter().any(|prefix| path.starts_with(prefix));
    let executable = command.program() == "chmod"
        && arguments
            .first()
            .is_some_and(|mode| mode.contains('x') || mode.contains('7'));
    let given = |list: &[&str]| list.iter().any(|path| temporary(path));
    if temporary(first)
        || executable && given(arguments)
        || is_interpreter(command.program()) && arguments.first().is_some_and(|a| temporary(a))
        || matches!(command.program(), "." | "source") && given(arguments)
    {
        report.add(ScriptRule::TemporaryProgram, line, plain);
    }
    // A path in which the shell has to look for the command's letters.
    if first.starts_with('/') && first.contains(['?', '[', '*']) && !arguments.is_empty() {
        report.add(ScriptRule::Disguised, line, plain);
    }
}

/// `u+s`, `+s`, `4755`, `06755`; not the group's bit, which folders need.
fn is_setuid(mode: &str) -> bool {
    let digits = mode.trim_start_matches('0');
    let numeric = digits.len() == 4
        && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'))
        && matches!(digits.as_bytes()[0], b'4'..=b'7');
    let symbolic = mode.split(',').any(|part| {
        part.split_once(['+', '=']).is_some_and(|(who, what)| {
            !who.contains('g') && !who.contains('o') && what.contains('s')
        })
    });
    numeric || symbolic
}

/// What is told by a word alone.
fn words(report: &mut Report<'_>, line: u32, plain: &str) {
    let found: [(ScriptRule, &[&str]); 5] = [
        (
            ScriptRule::RawSocket,
            &["/dev/tcp/", "/dev/udp/", "/inet/tcp/", "/inet/udp/"],
        ),
        (
            ScriptRule::Preload,
            &["LD_PRELOAD=", "LD_AUDIT=", "/etc/ld.so.preload"],
        ),
        (ScriptRule::Hides, &["HISTFILE", "HISTSIZE=0"]),
        // Other languages, in here-documents too.
        (
            ScriptRule::InlineCode,
            &[
                "urllib.request",
                "urlopen(",
                "socket.socket",
                "b64decode(",
                "IO::Socket",
            ],
        ),
        (ScriptRule::UserFile, &["authorized_keys"]),
    ];
    for (rule, marks) in found {
        if marks.iter().any(|mark| plain.contains(mark)) {
            report.add(rule, line, plain);
        }
    }
}
