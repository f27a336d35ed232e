//! The version orders against the tools whose orders they are, on random pairs.
//!
//! Each tool runs in another process, which reads pairs of lines and answers every pair with a
//! line of three characters: whether the tool takes each text for a version (`1` or `0`), and
//! how they compare (`<`, `=`, `>`, or `?` where the tool has no answer). The pairs are recorded
//! versions and changes to them.
//!
//! A tool that is missing is named and skipped, since `.ci/run` installs none of these. By
//! default each order sees 2,000 pairs, and 100,000 with `OMG_LONG=1`.
//!
//! Three orders have no tool here: NuGet's and Pub's are in no distribution, and opam's has no
//! command that compares two versions.

// A test fails by panicking, and says in its log what it has counted.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod support {
    pub(crate) mod data;
    pub(crate) mod random;
    pub(crate) mod vectors;
}

use std::cmp::Ordering;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use omg_vuln::version::Order;
use support::random::Random;
use support::vectors;

const SEED: u64 = 20_261_201;

/// A tool, the order for which it stands, and the pieces of its versions.
struct Oracle {
    name: &'static str,
    order: Order,
    files: &'static [&'static str],
    pieces: &'static [&'static str],
    shape: Shape,
}

/// How the tool's word on what is a version relates to [`Order::is_version`].
#[derive(Clone, Copy, Eq, PartialEq)]
enum Shape {
    /// Both say the same.
    Same,
    /// `is_version` takes all that the tool takes, and perhaps more.
    Wider,
    /// The tool takes everything.
    Unknown,
}

/// One answer of a tool.
struct Answer {
    versions: (bool, bool),
    order: Option<Ordering>,
}

/// Zeros and empty parts at the end count in some orders and not in others.
const ENDS: [&str; 4] = [".0", "-0", ".", ".0.0"];
const NUMBERS: &[&str] = &["0", "0", "1", "2", "9", "10", "01", ".", ".", ".", "-"];

#[test]
fn rubygems_compares_as_ruby() {
    let oracle = Oracle {
        name: "Gem::Version of ruby",
        order: Order::RubyGems,
        files: &["rubygems-versions.txt", "rubygems-versions-generated.txt"],
        pieces: &["a", "b", "rc", "pre", "Z", "_", "+", "x"],
        shape: Shape::Same,
    };
    const PROGRAM: &str = r#"
        # Gem::Version takes blanks around a version and the empty text; a wildcard is none here.
        ok = ->(v) { Gem::Version.correct?(v) && v !~ /\s|\A\z|\.[xX](-dev)?\z/ ? 1 : 0 }
        while (a = gets)
          a, b = a.chomp, gets.chomp
          order = begin
            "<=>"[(Gem::Version.new(a) <=> Gem::Version.new(b)) + 1]
          rescue ArgumentError
            "?"
          end
          puts [ok.(a), ok.(b), order].join
        end"#;
    if works(
        Command::new("ruby").args(["-e", "Gem::Version"]),
        oracle.name,
    ) {
        agree(&oracle, Command::new("ruby").args(["-e", PROGRAM]));
    }
}

#[test]
fn packagist_compares_as_composer() {
    let oracle = Oracle {
        name: "Composer\\Semver of php",
        order: Order::Packagist,
        files: &["packagist-versions.txt", "packagist-versions-generated.txt"],
        pieces: &[
            "a", "b", "beta", "RC", "rc1", "p", "pl1", "-dev", "-patch", "-alpha.2", "stable", "v",
            "+x",
        ],
        shape: Shape::Wider,
    };
    const LOAD: &str = "require '/usr/share/php/Composer/Semver/autoload.php';";
    // Dates are not padded to four numbers in the normal form, and branches are not ordered.
    const PROGRAM: &str = r#"
        $parser = new Composer\Semver\VersionParser();
        function normal($parser, $v) {
            if (!preg_match('/^[vV]?[0-9][^\s@]*$/', $v)) return null;
            try { $n = $parser->normalize($v); }
            catch (UnexpectedValueException $e) { return null; }
            $ordered = strpos($n, '9999999') === false && preg_match('/^\d+(\.\d+){3}/', $n);
            return $ordered ? $n : null;
        }
        while (($a = fgets(STDIN)) !== false) {
            $a = normal($parser, rtrim($a, "\n")); $b = normal($parser, rtrim(fgets(STDIN), "\n"));
            $order = $a !== null && $b !== null ? "<=>"[version_compare($a, $b) + 1] : "?";
            echo (int) ($a !== null), (int) ($b !== null), $order, "\n";
        }"#;
    if works(Command::new("php").args(["-r", LOAD]), oracle.name) {
        agree(
            &oracle,
            Command::new("php").args(["-r", &format!("{LOAD}{PROGRAM}")]),
        );
    }
}

#[test]
fn cran_compares_as_r() {
    let oracle = Oracle {
        name: "compareVersion of R",
        order: Order::Cran,
        files: &["cran-versions.txt", "cran-versions-generated.txt"],
        pieces: &["a", "-", "3"],
        shape: Shape::Same,
    };
    // R's numbers end at 31 bits.
    const PROGRAM: &str = r#"
        lines <- readLines(file("stdin"))
        long <- grepl("[0-9]{10}", lines)
        lines[long] <- "0"
        ok <- !is.na(numeric_version(lines, strict = FALSE))
        odd <- seq(1, length(lines), 2)
        even <- odd + 1
        known <- ok[odd] & ok[even] & !long[odd] & !long[even]
        order <- rep("?", length(odd))
        sign <- mapply(utils::compareVersion, lines[odd][known], lines[even][known])
        order[known] <- c("<", "=", ">")[sign + 2]
        cat(paste0(as.integer(ok[odd]), as.integer(ok[even]), order), sep = "\n")
        cat("\n")"#;
    if works(
        Command::new("Rscript").args(["-e", "utils::compareVersion('1', '2')"]),
        oracle.name,
    ) {
        agree(
            &oracle,
            Command::new("Rscript").args(["--vanilla", "-e", PROGRAM]),
        );
    }
}

#[test]
fn maven_compares_as_maven() {
    let oracle = Oracle {
        name: "ComparableVersion of libmaven3-core-java with a JDK",
        order: Order::Maven,
        files: &["maven-versions.txt", "maven-versions-generated.txt"],
        pieces: &[
            "a",
            "b1",
            "m2",
            "-alpha",
            "-beta-",
            "rc",
            "CR1",
            "-SNAPSHOT",
            ".Final",
            "ga",
            "-sp",
            "release",
            "x",
            "_",
            "-",
            "--",
            "..",
            ".0",
            "-0",
            "+",
        ],
        shape: Shape::Unknown,
    };
    const PROGRAM: &str = r#"
        import java.io.*;
        import org.apache.maven.artifact.versioning.ComparableVersion;
        public class Versions {
            public static void main(String[] args) throws Exception {
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
                StringBuilder out = new StringBuilder();
                String a;
                while ((a = in.readLine()) != null) {
                    ComparableVersion b = new ComparableVersion(in.readLine());
                    int order = new ComparableVersion(a).compareTo(b);
                    out.append("11").append(order < 0 ? '<' : order > 0 ? '>' : '=').append('\n');
                }
                System.out.print(out);
            }
        }"#;
    const CLASSES: &str = "/usr/share/java/maven3-artifact.jar:/usr/share/java/commons-lang3.jar";
    let source = temporary("Versions.java", PROGRAM);
    let jar = CLASSES.split(':').all(|jar| Path::new(jar).exists());
    if works(Command::new("javac").arg("-version"), oracle.name) && (jar || missing(oracle.name)) {
        agree(
            &oracle,
            Command::new("java").args(["-cp", CLASSES]).arg(source),
        );
    }
}

#[test]
fn hackage_compares_as_ghc() {
    let oracle = Oracle {
        name: "Data.Version of ghc",
        order: Order::Hackage,
        files: &["hackage-versions.txt", "cran-versions-generated.txt"],
        pieces: &["a", "-", "3"],
        shape: Shape::Same,
    };
    // Haskell's `Int` ends at 64 bits.
    const PROGRAM: &str = r#"
import Data.Char (isDigit)
import Data.List (group)
import Data.Version
import Text.ParserCombinators.ReadP (readP_to_S)

parse :: String -> Maybe Version
parse s = case [v | (v, "") <- readP_to_S parseVersion s, null (versionTags v)] of
    (v : _) -> Just v
    [] -> Nothing

answer :: [String] -> [String]
answer (a : b : rest) = (ok (parse a) ++ ok (parse b) ++ order) : answer rest
  where
    ok = maybe "0" (const "1")
    long = any (> 17) . map length . words . map (\c -> if isDigit c then c else ' ')
    order = case (parse a, parse b) of
        (Just x, Just y) | not (long a || long b) -> case compare x y of
            LT -> "<"
            EQ -> "="
            GT -> ">"
        _ -> "?"
answer _ = []

main :: IO ()
main = interact (unlines . answer . lines)
"#;
    if !works(Command::new("ghc").arg("--version"), oracle.name) {
        return;
    }
    let source = temporary("versions.hs", PROGRAM);
    let program = source.with_file_name("versions-hs");
    let mut compile = Command::new("ghc");
    compile
        .arg("-v0")
        .arg("-outputdir")
        .arg(source.with_file_name("versions-hs-objects"));
    let output = compile
        .arg("-o")
        .args([&program, &source])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    agree(&oracle, &mut Command::new(program));
}

#[test]
fn semver_compares_as_elixir_for_hex() {
    let oracle = Oracle {
        name: "Version of elixir",
        order: Order::SemVer,
        files: &["semver-versions.txt"],
        pieces: &["a", "rc", "-rc.1", "+b", "-a-b", ".x"],
        shape: Shape::Wider,
    };
    const PROGRAM: &str = r#"
        parse = fn text -> case Version.parse(text) do {:ok, v} -> v; :error -> nil end end
        ok = fn nil -> "0"; _ -> "1" end
        lines = IO.stream(:stdio, :line) |> Enum.map(&String.trim_trailing(&1, "\n"))
        lines |> Enum.chunk_every(2) |> Enum.map(fn [a, b] ->
          {a, b} = {parse.(a), parse.(b)}
          order = if a && b, do: %{lt: "<", eq: "=", gt: ">"}[Version.compare(a, b)], else: "?"
          [ok.(a), ok.(b), order, "\n"]
        end) |> IO.write()"#;
    if works(Command::new("elixir").args(["-e", "Version"]), oracle.name) {
        agree(&oracle, Command::new("elixir").args(["-e", PROGRAM]));
    }
}

#[test]
fn semver_compares_as_npm() {
    let oracle = Oracle {
        name: "semver of node",
        order: Order::SemVer,
        files: &["semver-versions.txt"],
        pieces: &["a", "rc", "-rc.1", "+b", "-a-b", ".x", "v"],
        shape: Shape::Wider,
    };
    // npm drops blanks, `=` and more in front, and refuses numbers over 53 bits.
    const PROGRAM: &str = r#"
        const semver = require('semver');
        const parse = text => /^[v0-9]\S*$/.test(text) ? semver.parse(text) : null;
        const lines = require('fs').readFileSync(0, 'utf8').split('\n');
        const out = [];
        for (let i = 0; i + 1 < lines.length; i += 2) {
            const [a, b] = [parse(lines[i]), parse(lines[i + 1])];
            out.push((a ? '1' : '0') + (b ? '1' : '0') + (a && b ? '<=>'[a.compare(b) + 1] : '?'));
        }
        console.log(out.join('\n'));"#;
    if works(&mut node("require('semver')"), oracle.name) {
        agree(&oracle, &mut node(PROGRAM));
    }
}

/// Debian's modules of node, which other builds of node do not find.
fn node(program: &str) -> Command {
    let mut command = Command::new("node");
    command
        .env("NODE_PATH", "/usr/share/nodejs")
        .args(["-e", program]);
    command
}

#[test]
fn pep440_compares_as_packaging() {
    let oracle = Oracle {
        name: "packaging of python3",
        order: Order::Pep440,
        files: &["pypi-versions.txt", "pypi-versions-generated.txt"],
        pieces: &[
            "a", "b1", "rc", ".post1", ".dev0", "+local", "!", "-1", "_", "v", "x",
        ],
        shape: Shape::Same,
    };
    const PROGRAM: &str = r#"
import sys
from packaging.version import InvalidVersion, Version
def parse(text):
    try:
        return Version(text) if text == text.strip() else None
    except InvalidVersion:
        return None
lines = sys.stdin.read().split("\n")
for a, b in zip(lines[0::2], lines[1::2]):
    a, b = parse(a), parse(b)
    order = "?" if a is None or b is None else "<" if a < b else ">" if a > b else "="
    print(f"{int(a is not None)}{int(b is not None)}{order}")
"#;
    if works(
        Command::new("python3").args(["-c", "import packaging.version"]),
        oracle.name,
    ) {
        agree(&oracle, Command::new("python3").args(["-c", PROGRAM]));
    }
}

#[test]
fn conan_compares_as_conan() {
    let oracle = Oracle {
        name: "conan of python3",
        order: Order::Conan,
        files: &["semver-versions.txt", "maven-versions-generated.txt"],
        pieces: &["a", "b", "cci.", "-rc", "+b1", "+", "_", "1.1.1w"],
        shape: Shape::Unknown,
    };
    // Python reads more for numbers than digits: `-1` and `1_0`.
    const PROGRAM: &str = r#"
import re, sys
from conan.tools.scm import Version
odd = re.compile(r"[0-9]_+[0-9]|[-.+]-[0-9]|[-.][+][0-9]|[+].*[+]")
lines = sys.stdin.read().split("\n")
for a, b in zip(lines[0::2], lines[1::2]):
    if odd.search(a) or odd.search(b):
        print("11?")
        continue
    a, b = Version(a), Version(b)
    print("11" + ("<" if a < b else ">" if b < a else "="))
"#;
    if works(
        Command::new("python3").args(["-c", "import conan.tools.scm"]),
        oracle.name,
    ) {
        agree(&oracle, Command::new("python3").args(["-c", PROGRAM]));
    }
}

/// Compares random pairs as the tool does, and expects no difference.
fn agree(oracle: &Oracle, command: &mut Command) {
    let Some(mut pairs) = Pairs::new(oracle) else {
        return;
    };
    let long = std::env::var_os("OMG_LONG").is_some_and(|value| value == "1");
    let count = if long { 100_000 } else { 2_000 };
    let pairs: Vec<(String, String)> = (0..count).map(|_| pairs.next()).collect();
    let answers = ask(command, &pairs);
    let mut wrong = Vec::new();
    let mut counts = [0_usize; 3];
    for ((a, b), answer) in pairs.iter().zip(&answers) {
        for (text, version) in [(a, answer.versions.0), (b, answer.versions.1)] {
            let ours = oracle.order.is_version(text);
            let same = match oracle.shape {
                Shape::Same => ours == version,
                Shape::Wider => ours || !version,
                Shape::Unknown => true,
            };
            if !same {
                wrong.push(format!("{text:?}: is_version {ours}"));
            }
        }
        let Some(expected) = answer.order else {
            continue;
        };
        let there = oracle.order.compare(a, b);
        if there != expected || oracle.order.compare(b, a) != expected.reverse() {
            wrong.push(format!("{a:?} {expected:?} {b:?}, got {there:?}"));
        }
        counts[match expected {
            Ordering::Less => 0,
            Ordering::Equal => 1,
            Ordering::Greater => 2,
        }] += 1;
    }
    println!(
        "{}: {count} pairs, {counts:?} compared (less, equal, greater), {} differences",
        oracle.name,
        wrong.len()
    );
    wrong.truncate(40);
    assert!(wrong.is_empty(), "{}\n{}", oracle.name, wrong.join("\n"));
    // The generator must not drift into one trivial answer.
    let sum: usize = counts.iter().sum();
    assert!(sum * 8 > count, "{counts:?}");
    assert!(counts.iter().all(|part| part * 100 > sum), "{counts:?}");
}

/// Whether a tool is there; says so if not.
fn works(probe: &mut Command, name: &str) -> bool {
    let output = probe.stdin(Stdio::null()).output();
    output.is_ok_and(|output| output.status.success()) || missing(name)
}

fn missing(name: &str) -> bool {
    println!("skipped: {name} is missing");
    false
}

fn temporary(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    path
}

fn ask(command: &mut Command, pairs: &[(String, String)]) -> Vec<Answer> {
    let text: String = pairs.iter().map(|(a, b)| format!("{a}\n{b}\n")).collect();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    writer.join().unwrap().unwrap();
    let answers: Vec<Answer> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter_map(answer)
        .collect();
    assert_eq!(answers.len(), pairs.len(), "{errors}");
    answers
}

fn answer(line: &[u8]) -> Option<Answer> {
    let [a, b, order] = line else {
        assert!(line.is_empty(), "{}", String::from_utf8_lossy(line));
        return None;
    };
    let order = match order {
        b'<' => Some(Ordering::Less),
        b'=' => Some(Ordering::Equal),
        b'>' => Some(Ordering::Greater),
        _ => None,
    };
    Some(Answer {
        versions: (*a == b'1', *b == b'1'),
        order,
    })
}

/// Makes pairs of recorded versions, and of these with small changes.
struct Pairs {
    random: Random,
    real: Vec<String>,
    pieces: Vec<&'static str>,
}

impl Pairs {
    fn new(oracle: &Oracle) -> Option<Self> {
        let mut real = Vec::new();
        for file in oracle.files {
            let vectors = vectors::read(&format!("vuln/versions/{file}"))?;
            // Tools differ beyond ASCII; `no_order_panics` has it.
            real.extend(
                vectors
                    .into_iter()
                    .flat_map(|vector| [vector.a, vector.b])
                    .filter(|text| text.is_ascii()),
            );
        }
        let pieces = [NUMBERS, oracle.pieces].concat();
        Some(Self {
            random: Random(SEED),
            real,
            pieces,
        })
    }

    fn next(&mut self) -> (String, String) {
        let a = self.version();
        // Most pairs are relatives, where the finer rules decide.
        let b = match self.random.below(4) {
            0 => self.version(),
            _ => self.changed(&a),
        };
        (a, b)
    }

    fn version(&mut self) -> String {
        let version = self.random.pick(&self.real).clone();
        match self.random.below(2) {
            0 => version,
            _ => self.changed(&version),
        }
    }

    fn changed(&mut self, version: &str) -> String {
        let mut text = version.to_owned();
        for _ in 0..=self.random.below(2) {
            let place = self.random.below(text.len() + 1);
            let piece = *self.random.pick(&self.pieces);
            match self.random.below(6) {
                0 => text.truncate(place),
                1 if place < text.len() => drop(text.remove(place)),
                2 if place < text.len() => text.replace_range(place..=place, piece),
                3 => text.push_str(piece),
                4 => text.push_str(ENDS[self.random.below(ENDS.len())]),
                _ => text.insert_str(place, piece),
            }
        }
        text
    }
}
