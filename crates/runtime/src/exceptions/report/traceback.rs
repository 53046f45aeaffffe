//! A traceback as text: a line for each frame, with the source and carets under what failed.  Repeated frames are shown three times.

use habu_compiler::parse::CodecError;

use super::carets;
use super::output::Output;
use crate::object::{Raised, Ref};
use crate::types::bytes::Bytes;
use crate::types::code::Code;
use crate::types::int::Int;
use crate::types::str::Str;
use crate::types::traceback::Traceback;

/// How often the same line is shown.
const REPEATS: usize = 3;
/// How many frames are shown unless `sys.tracebacklimit` says otherwise.
const LIMIT: i64 = 1000;

/// Writes a traceback under a header; `header_margin` stands before that.
pub(super) fn write(
    output: &mut Output,
    traceback: &Ref<Traceback>,
    header: &str,
    header_margin: &str,
) -> Result<(), Raised> {
    let mut limit = LIMIT;
    if let Some(value) = super::sys_attribute("tracebacklimit")
        && let Some(value) = value.downcast::<Int>()
    {
        limit = value.to_i64().unwrap_or(if value.is_negative() { 0 } else { LIMIT });
        if limit <= 0 {
            return Ok(());
        }
    }
    output.indent()?;
    output.push_str(header_margin)?;
    output.push_str(header)?;
    let mut depth = 0i64;
    let mut at = Some(traceback.clone());
    while let Some(entry) = at {
        depth += 1;
        at = entry.next.get();
    }
    let mut last: Option<(usize, usize, Option<i32>)> = None;
    let mut repeated = 0usize;
    let mut at = Some(traceback.clone());
    while let Some(entry) = at {
        at = entry.next.get();
        depth -= 1;
        if depth >= limit {
            continue;
        }
        let Some(code) = code_of(&entry) else { continue };
        let line = entry.line();
        let place = (code.filename().address(), code.name().address(), line);
        if last != Some(place) {
            write_repeated(output, repeated)?;
            last = Some(place);
            repeated = 0;
        }
        repeated += 1;
        if repeated <= REPEATS {
            write_frame(output, &entry, &code, line)?;
        }
    }
    write_repeated(output, repeated)
}

/// The code of a traceback's frame.
pub(super) fn code_of(entry: &Traceback) -> Option<Ref<Code>> {
    let frame = entry.frame.get()?;
    // SAFETY: the frame is alive as long as its object.
    Some(Ref::from_borrowed(unsafe { frame.frame()?.as_ref() }.code()))
}

fn write_repeated(output: &mut Output, count: usize) -> Result<(), Raised> {
    if count <= REPEATS {
        return Ok(());
    }
    let more = count - REPEATS;
    let plural = if more > 1 { "s" } else { "" };
    output.push_str(&format!("  [Previous line repeated {more} more time{plural}]\n"))
}

fn write_frame(output: &mut Output, entry: &Traceback, code: &Code, line: Option<i32>) -> Result<(), Raised> {
    output.margin()?;
    output.push_str("  File \"")?;
    output.push(&code.filename())?;
    output.push_str("\", line ")?;
    match line {
        Some(line) => output.push_str(&line.to_string())?,
        None => output.push_str("None")?,
    }
    output.push_str(", in ")?;
    output.push(code.name())?;
    output.push_str("\n")?;
    let Some(line) = line.filter(|line| *line > 0) else { return Ok(()) };
    let Some(source) = source_line(&code.filename(), line as usize) else { return Ok(()) };
    let stripped = source.trim_start_matches([' ', '\t', '\u{c}']);
    let cut = source.chars().count() - stripped.chars().count();
    output.margin()?;
    output.push_str("    ")?;
    output.push_str(stripped)?;
    output.push_str("\n")?;
    let offset = entry.last_instruction.get();
    if offset < 0 {
        return Ok(());
    }
    let found = habu_bytecode::linetable::entry_at(code.linetable(), code.firstlineno.get(), offset as usize);
    let Some(found) = found else { return Ok(()) };
    let (Some(first), Some(last)) = (found.line, found.end_line) else { return Ok(()) };
    let (Some(start), Some(end)) = (found.column, found.end_column) else { return Ok(()) };
    if let Some(marks) = carets::marks(&source, cut, first == last, start.max(0) as usize, end.max(0) as usize) {
        output.margin()?;
        // A range within the indentation, as that of a function's first instruction, leaves an empty line.
        if end.max(0) as usize >= cut {
            output.push_str("    ")?;
            output.push_str(&marks)?;
        }
        output.push_str("\n")?;
    }
    Ok(())
}

/// A line of a file, without its end; nothing when it cannot be read.
pub(super) fn source_line(filename: &Str, line: usize) -> Option<String> {
    let name = filename.to_string_lossy();
    if name.starts_with('<') && name.ends_with('>') {
        return None;
    }
    // CPython reads sources through `io`, which is gone once the modules are.
    let interpreter = crate::threads::Thread::current().interpreter();
    if interpreter.finalizing.get() && interpreter.modules.get().is_none_or(|modules| modules.len() == 0) {
        return None;
    }
    let bytes = std::fs::read(&name).ok().or_else(|| search(&name))?;
    let text = habu_compiler::parse::decode(&bytes, &mut decode_with_codec).ok()?;
    lines(&text).nth(line.checked_sub(1)?).map(str::to_owned)
}

/// Decodes source in an encoding that the compiler does not know, by the codec of that name.
fn decode_with_codec(encoding: &str, bytes: &[u8]) -> Result<String, CodecError> {
    let decode = || {
        let bytes = Bytes::new(bytes)?;
        crate::types::str::codecs::decode_method(&bytes, Some(&*Str::new(encoding)?), None)
    };
    decode().map(|text: Ref<Str>| text.to_string_lossy()).map_err(|raised| {
        raised.clear();
        CodecError::Unknown
    })
}

/// The lines of a text with any of the three ends.
fn lines(mut rest: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (line, after) = rest.split_at(rest.find(['\n', '\r']).unwrap_or(rest.len()));
        rest = after.strip_prefix("\r\n").or_else(|| after.get(1..)).unwrap_or("");
        Some(line)
    })
}

/// Looks for the last part of a path in the folders of `sys.path`.
fn search(name: &str) -> Option<Vec<u8>> {
    let tail = name.rsplit('/').next()?;
    let path = super::sys_attribute("path")?;
    let path = path.downcast::<crate::types::list::List>()?;
    let mut index = 0;
    while let Some(folder) = path.get(index) {
        index += 1;
        let Some(folder) = folder.downcast::<Str>() else { continue };
        if let Ok(bytes) = std::fs::read(std::path::Path::new(&folder.to_string_lossy()).join(tail)) {
            return Some(bytes);
        }
    }
    None
}
