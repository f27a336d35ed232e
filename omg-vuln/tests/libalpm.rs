//! `version::alpm` against the libalpm that is installed, on a million fresh pairs.
//!
//! libalpm runs in another process: a C program of a few lines, compiled by this test.
//! Without a C compiler or the library to link fewer pairs go through vercmp(8).

// A test fails by panicking, and says in its log what it has counted.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod support {
    pub(crate) mod data;
    pub(crate) mod random;
}

use std::cmp::Ordering;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use omg_vuln::version::alpm;
use support::data;
use support::random::Random;

const PAIRS: usize = 1_000_000;
const PAIRS_BY_VERCMP: usize = 500;
const SEED: u64 = 20_261_124;

/// Reads pairs of lines, and prints `<`, `=` or `>` for each.
const PROGRAM: &str = r#"
#include <stdio.h>
#include <string.h>
/* As in alpm.h, which would pull in libarchive's headers. */
int alpm_pkg_vercmp(const char *a, const char *b);
int main(void) {
    static char a[4096], b[4096];
    while (fgets(a, sizeof a, stdin) && fgets(b, sizeof b, stdin)) {
        a[strcspn(a, "\n")] = b[strcspn(b, "\n")] = '\0';
        int order = alpm_pkg_vercmp(a, b);
        putchar(order < 0 ? '<' : order > 0 ? '>' : '=');
    }
    return 0;
}
"#;

#[test]
fn a_million_random_pairs_compare_as_libalpm_does() {
    let mut pairs = Pairs::new(SEED);
    let pairs: Vec<(String, String)> = (0..PAIRS).map(|_| pairs.next()).collect();
    let (pairs, expected) = match compile() {
        Some(program) => {
            let expected = by_libalpm(&program, &pairs);
            (pairs, expected)
        }
        None => {
            // vercmp takes arguments with a leading dash for options.
            let plain = |text: &String| !text.is_empty() && !text.starts_with('-');
            let fewer = pairs
                .into_iter()
                .filter(|(a, b)| plain(a) && plain(b))
                .take(PAIRS_BY_VERCMP);
            let pairs: Vec<_> = fewer.collect();
            let expected = by_vercmp(&pairs);
            (pairs, expected)
        }
    };
    let Some(expected) = expected else {
        data::missing("libalpm with a C compiler, or vercmp");
        return;
    };
    let mut counts = [0_usize; 3];
    for ((a, b), expected) in pairs.iter().zip(&expected) {
        assert_eq!(alpm::compare(a, b), *expected, "{a:?} {b:?}");
        assert_eq!(alpm::compare(b, a), expected.reverse(), "{b:?} {a:?}");
        counts[match expected {
            Ordering::Less => 0,
            Ordering::Equal => 1,
            Ordering::Greater => 2,
        }] += 1;
    }
    println!(
        "libalpm: {} pairs agree, {counts:?} (less, equal, greater)",
        expected.len()
    );
    // The generator must not drift into one trivial answer.
    assert!(
        counts.iter().all(|count| *count * 50 > expected.len()),
        "{counts:?}"
    );
}

fn compile() -> Option<PathBuf> {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (source, program) = (
        directory.join("vercmp_pairs.c"),
        directory.join("vercmp_pairs"),
    );
    fs::write(&source, PROGRAM).unwrap();
    let output = Command::new("cc")
        .arg("-O1")
        .arg("-o")
        .args([&program, &source])
        .arg("-lalpm")
        .output();
    output
        .is_ok_and(|output| output.status.success())
        .then_some(program)
}

fn by_libalpm(program: &Path, pairs: &[(String, String)]) -> Option<Vec<Ordering>> {
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().unwrap();
    let text: String = pairs.iter().map(|(a, b)| format!("{a}\n{b}\n")).collect();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let answers: Vec<Ordering> = output
        .stdout
        .iter()
        .map(|byte| (*byte).cmp(&b'='))
        .collect();
    assert_eq!(answers.len(), pairs.len());
    Some(answers)
}

fn by_vercmp(pairs: &[(String, String)]) -> Option<Vec<Ordering>> {
    let one = |(a, b): &(String, String)| {
        let output = Command::new("vercmp").args([a, b]).output().ok()?;
        let answer: i32 = String::from_utf8(output.stdout).ok()?.trim().parse().ok()?;
        Some(answer.cmp(&0))
    };
    pairs.iter().map(one).collect()
}

/// Makes pairs of three kinds: real versions, versions with small changes, and short
/// strings over an alphabet in which everything has a meaning.
struct Pairs {
    random: Random,
    real: Vec<String>,
}

impl Pairs {
    fn new(seed: u64) -> Self {
        let real = [
            "1.0-1",
            "1:2.3.4-1",
            "3.6.1-1.1",
            "1.1.1.o-1",
            "2.36.02+ga7c869v-1",
            "6.12.arch1-1",
            "0.99rc1-3",
            "20240101-1",
            "5.15.0~rc1-2",
            "1.2.3_beta4-1",
            "r1234.abcdef0-1",
            "2:1.0a-1",
            "9.0.1224-1",
            "1.0.0",
            "7.88.1-10+deb12u5",
            "1.36.1-r15",
            "4.19.0.r5.g1234abc-1",
            "1.0+git20200101-2",
            "11.426+rc_9.11-10",
        ];
        Self {
            random: Random(seed),
            real: real.map(str::to_owned).to_vec(),
        }
    }

    fn next(&mut self) -> (String, String) {
        let a = self.version();
        // Half of the pairs are relatives, where the finer rules decide.
        let b = if self.random.below(2) == 0 {
            self.changed(&a)
        } else {
            self.version()
        };
        (a, b)
    }

    fn version(&mut self) -> String {
        match self.random.below(3) {
            0 => self.random.pick(&self.real).clone(),
            1 => {
                let version = self.random.pick(&self.real).clone();
                self.changed(&version)
            }
            _ => {
                let length = self.random.below(10);
                (0..length).map(|_| self.character()).collect()
            }
        }
    }

    fn changed(&mut self, version: &str) -> String {
        let mut characters: Vec<char> = version.chars().collect();
        for _ in 0..=self.random.below(3) {
            let place = self.random.below(characters.len() + 1);
            let character = self.character();
            match self.random.below(4) {
                0 => characters.truncate(place),
                1 if place < characters.len() => {
                    characters.remove(place);
                }
                2 if place < characters.len() => characters[place] = character,
                _ => characters.insert(place, character),
            }
        }
        characters.into_iter().collect()
    }

    fn character(&mut self) -> char {
        *self.random.pick(&[
            '0', '0', '1', '2', '9', '.', '.', '-', '-', ':', '_', '+', '~', 'a', 'b', 'r', 'Z',
            'é',
        ])
    }
}
