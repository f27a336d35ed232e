//! Entries for other programs, from where the last run ended; and the log as tiles.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use omg_auditlog::fs::{Cursor, LogReader};
use omg_auditlog::merkle::{Tile, TileBuilder};
use omg_auditlog::{Entry, export};
use serde_json::{Value, json};

use super::seal;
use crate::args::Export;
use crate::session::context::Context;
use crate::session::exit::Exit;
use crate::session::failure::Failure;
use crate::session::files::{Output, read_small, write_atomically};
use crate::session::newfile::Access;

/// The longest cursor file, in bytes.
const MAX_CURSOR: u64 = 4096;

/// The line of an entry.
type Form = fn(&Entry) -> String;

pub fn run(context: &Context, args: &Export) -> Result<Exit, Failure> {
    let form: Form = match context.common.format.as_deref() {
        Some("jsonl") => |entry| entry.line().to_owned(),
        Some("ocsf") => export::ocsf,
        Some("rfc5424") => export::rfc5424,
        Some("otlp") => export::otlp,
        Some("tiles") => return tiles(context, args),
        other => {
            let why = match other {
                Some(name) => format!("no format {name:?} here"),
                None => "an export has no format of its own".to_owned(),
            };
            return Err(Failure::usage(why).try_this("-f jsonl, ocsf, rfc5424, otlp or tiles"));
        }
    };
    let target = target(context)?;
    let reader = context.readable_log()?;
    let from = args
        .cursor
        .as_deref()
        .map(read_cursor)
        .transpose()?
        .flatten();
    let reached = match target {
        Some(path) => to_file(context, &reader, from.as_ref(), args, form, Path::new(path))?,
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            match lines(context, &reader, from.as_ref(), args, form, &mut out)? {
                Ok(reached) => reached,
                // Nobody reads any more: nothing was handed over, as far as we know.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Exit::Ok),
                Err(error) => return Err(not_written("standard output", &error)),
            }
        }
    };
    if let (Some(path), Some(cursor)) = (&args.cursor, reached) {
        let document = json!({
            "hash": cursor.hash.to_string(),
            "offset": cursor.offset,
            "seq": cursor.seq,
        });
        write_atomically(path, format!("{document}\n").as_bytes())
            .map_err(|error| not_written(&path.display().to_string(), &error))?;
    }
    Ok(Exit::Ok)
}

/// The one file of `-o`; none is standard output.
fn target(context: &Context) -> Result<Option<&str>, Failure> {
    match context.common.output.as_slice() {
        [] => Ok(None),
        [path] => Ok(Some(path)),
        _ => Err(Failure::usage("an export goes to one place").try_this("one -o")),
    }
}

/// Writes the entries' lines; the inner error is of the writer.
fn lines(
    context: &Context,
    reader: &LogReader,
    from: Option<&Cursor>,
    args: &Export,
    form: Form,
    out: &mut impl Write,
) -> Result<io::Result<Option<Cursor>>, Failure> {
    let first = args.since_seq.unwrap_or(0);
    let mut written = Ok(());
    let reached = reader.after(from, |entry| {
        if entry.seq() >= first {
            written = writeln!(out, "{}", form(&entry));
        }
        written.is_ok()
    });
    let reached = reached.map_err(|error| context.log_failure(&error))?;
    Ok(written.and_then(|()| out.flush()).map(|()| reached))
}

/// A file appears whole or not at all; a pipe and a device are written to.
fn to_file(
    context: &Context,
    reader: &LogReader,
    from: Option<&Cursor>,
    args: &Export,
    form: Form,
    path: &Path,
) -> Result<Option<Cursor>, Failure> {
    let fail = |error: &io::Error| not_written(&path.display().to_string(), error);
    let mut new = Output::open(path, Access::Usual).map_err(|error| fail(&error))?;
    let mut out = BufWriter::new(new.file());
    let reached = lines(context, reader, from, args, form, &mut out)?;
    let reached = reached.map_err(|error| fail(&error))?;
    drop(out);
    new.publish().map_err(|error| fail(&error))?;
    Ok(reached)
}

/// Where the last run ended; nothing for a file that is not there yet.
fn read_cursor(path: &Path) -> Result<Option<Cursor>, Failure> {
    let text = match read_small(path, MAX_CURSOR) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| {
            Failure::config(format!("cannot read the cursor {}", path.display())).because(&error)
        })?,
    };
    let json: Value = serde_json::from_str(&text).unwrap_or_default();
    let number = |name: &str| json[name].as_u64();
    let hash = json["hash"].as_str().and_then(|hash| hash.parse().ok());
    match (number("offset"), number("seq"), hash) {
        (Some(offset), Some(seq), Some(hash)) => Ok(Some(Cursor::new(offset, seq, hash))),
        _ => Err(Failure::config(format!("{} is no cursor", path.display()))
            .try_this("removing it exports everything anew")),
    }
}

/// The log as C2SP tlog-tiles, with a checkpoint: what a web server needs to serve it.
fn tiles(context: &Context, args: &Export) -> Result<Exit, Failure> {
    let Some(directory) = target(context)?.map(Path::new) else {
        return Err(Failure::usage("tiles are many files").try_this("-o DIR"));
    };
    if args.since_seq.is_some() || args.cursor.is_some() {
        return Err(Failure::usage("tiles are of the whole log")
            .try_this("leave --since-seq and --cursor out"));
    }
    let note = seal::signed(context, args.key.as_deref())?;
    let reader = context.readable_log()?;
    if reader.first_seq() > 0 {
        return Err(Failure::incomplete(
            "the log was pruned, and tiles are of the whole log",
        ));
    }
    let (size, mut builder) = (note.checkpoint().size, TileBuilder::default());
    let mut written = Ok(());
    let reached = reader.after(None, |entry| {
        builder.push(&entry.leaf_bytes(), |tile| {
            if written.is_ok() {
                written = write_tile(directory, &tile);
            }
        });
        written.is_ok() && entry.seq() + 1 < size
    });
    reached.map_err(|error| context.log_failure(&error))?;
    written?;
    for tile in builder.finish() {
        write_tile(directory, &tile)?;
    }
    // Last: whoever reads it finds the tiles that it speaks of.
    write_tile_file(&directory.join("checkpoint"), note.to_string().as_bytes())?;
    Ok(Exit::Ok)
}

fn write_tile(directory: &Path, tile: &Tile) -> Result<(), Failure> {
    write_tile_file(&directory.join(&tile.path), &tile.bytes)
}

fn write_tile_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let write = || {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        write_atomically(path, bytes)
    };
    write().map_err(|error| not_written(&path.display().to_string(), &error))
}

fn not_written(what: &str, error: &io::Error) -> Failure {
    Failure::incomplete(format!("cannot write {what}")).because(error)
}
