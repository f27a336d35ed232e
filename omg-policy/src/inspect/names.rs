//! Programs and places that rules know.

pub(super) const FETCHERS: [&str; 18] = [
    "curl", "wget", "wget2", "fetch", "aria2c", "axel", "lynx", "links", "w3m", "ftp", "tftp",
    "lftp", "nc", "ncat", "netcat", "socat", "telnet", "http",
];
/// These fetch what an install script would have brought along; in recipes they are usual.
pub(super) const INSTALLERS: [&str; 14] = [
    "npm", "npx", "pnpm", "yarn", "bun", "bunx", "pip", "pip3", "pipx", "uvx", "gem", "cargo",
    "go", "git",
];
pub(super) const SHELLS: [&str; 8] = ["sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "mksh"];
pub(super) const LANGUAGES: [&str; 10] = [
    "python",
    "python2",
    "python3",
    "perl",
    "ruby",
    "node",
    "php",
    "lua",
    "deno",
    "osascript",
];
pub(super) const TEMPORARY: [&str; 3] = ["/tmp/", "/var/tmp/", "/dev/shm/"];
/// What runs at start-up, log-in, on a schedule, or decides about rights.
pub(super) const STARTED: [&str; 16] = [
    "/etc/profile",
    "/etc/bash",
    "/etc/zsh",
    "/etc/cron",
    "/var/spool/cron",
    "/etc/rc.local",
    "/etc/init.d/",
    "/etc/systemd/",
    "/etc/pam.d/",
    "/etc/xdg/autostart",
    "/etc/ld.so.",
    "/etc/environment",
    "/etc/udev/rules.d",
    "/etc/modules",
    "/etc/pacman.d/hooks",
    "/etc/apt/apt.conf.d",
];
pub(super) const ACCOUNTS: [&str; 5] = [
    "/etc/passwd",
    "/etc/shadow",
    "/etc/sudoers",
    "/etc/group",
    "/etc/doas.conf",
];
pub(super) const PROGRAMS: [&str; 8] = [
    "/usr/bin/",
    "/usr/sbin/",
    "/bin/",
    "/sbin/",
    "/usr/local/",
    "/usr/lib/",
    "/lib/",
    "/boot/",
];
