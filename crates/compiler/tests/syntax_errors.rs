//! What is wrong with wrong sources: type, message, place and text as CPython 3.11 gives them.
//!
//! Skipped where there is no `python3.11`. `HABU_SOURCES=FILE` compares the sources of a file, separated by null bytes.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use habu_compiler::parse::{ErrorKind, Flags, Mode, SyntaxError, parse};

/// Python's `ascii`.
fn ascii(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            c if (c as u32) < 0x100 => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if (c as u32) < 0x10000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out.push(quote);
    out
}

fn describe(error: &SyntaxError) -> String {
    let name = match error.kind {
        ErrorKind::Syntax => "SyntaxError",
        ErrorKind::Indentation => "IndentationError",
        ErrorKind::Tab => "TabError",
        ErrorKind::Value => return "ValueError".into(),
        ErrorKind::Memory => return "MemoryError".into(),
        ErrorKind::Recursion => return "RecursionError".into(),
    };
    let text = error.text.as_deref().map_or("None".into(), ascii);
    let SyntaxError { line, offset, end_line, end_offset, .. } = error;
    format!("{name} {} {line} {offset} {end_line} {end_offset} {text}", ascii(&error.message))
}

fn ours(source: &str) -> String {
    match parse(source, Mode::Exec, Flags::default()) {
        Ok(_) => "fine".into(),
        Err(error) => describe(&error),
    }
}

#[test]
fn errors_are_those_of_cpython() {
    let sources = match std::env::var_os("HABU_SOURCES") {
        Some(file) => std::fs::read_to_string(file).expect("a readable file"),
        None => include_str!("syntax_errors.txt").replace("\n----\n", "\0"),
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/print_errors.py");
    let child = Command::new("python3.11")
        .args(["-I", "-W", "ignore"])
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: no python3.11");
        return;
    };
    child.stdin.take().expect("it is piped").write_all(sources.as_bytes()).expect("it reads all of it");
    let output = child.wait_with_output().expect("it ends");
    let expected = String::from_utf8(output.stdout).expect("UTF-8");
    let sources: Vec<&str> = sources.split_terminator('\0').collect();
    assert_eq!(sources.len(), expected.lines().count());
    let mut failures = Vec::new();
    for (source, expected) in sources.iter().zip(expected.lines()) {
        let ours = ours(source);
        if ours != expected {
            failures.push(format!("{source:?}\n  ours:    {ours}\n  cpython: {expected}"));
        }
    }
    assert!(failures.is_empty(), "{} of {} differ:\n{}", failures.len(), sources.len(), failures.join("\n"));
}
