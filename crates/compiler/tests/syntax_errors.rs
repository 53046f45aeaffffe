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

fn ours(source: &str, mode: Mode, flags: Flags) -> String {
    match parse(source, mode, flags) {
        Ok(_) => "fine".into(),
        Err(error) => describe(&error),
    }
}

/// Compare the errors of all `sources`; `None` without a `python3.11`.
fn compare(sources: &[&str], mode: Mode, flags: Flags) -> Option<Vec<String>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/print_errors.py");
    let name = match mode {
        Mode::Exec => "exec",
        Mode::Eval => "eval",
        Mode::Single => "single",
        Mode::FuncType => "func_type",
    };
    let bits = i32::from(flags.dont_imply_dedent) * 0x200
        + i32::from(flags.allow_incomplete_input) * 0x4000
        + i32::from(flags.type_comments) * 0x1000;
    let child = Command::new("python3.11")
        .args(["-I", "-W", "ignore"])
        .arg(script)
        .args([name, &bits.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: no python3.11");
        return None;
    };
    let input: String = sources.iter().map(|source| format!("{source}\0")).collect();
    let mut stdin = child.stdin.take().expect("it is piped");
    std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    let expected = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(sources.len(), expected.lines().count());
    let mut failures = Vec::new();
    for (source, expected) in sources.iter().zip(expected.lines()) {
        let ours = ours(source, mode, flags);
        if ours != expected {
            failures.push(format!("{source:?}\n  ours:    {ours}\n  cpython: {expected}"));
        }
    }
    Some(failures)
}

fn check(sources: &[&str], mode: Mode, flags: Flags) {
    if let Some(failures) = compare(sources, mode, flags) {
        let count = sources.len();
        assert!(failures.is_empty(), "{} of {count} differ:\n{}", failures.len(), failures.join("\n"));
    }
}

#[test]
fn errors_are_those_of_cpython() {
    let sources = match std::env::var_os("HABU_SOURCES") {
        Some(file) => std::fs::read_to_string(file).expect("a readable file"),
        None => include_str!("syntax_errors.txt").replace("\n----\n", "\0"),
    };
    let sources: Vec<&str> = sources.split_terminator('\0').collect();
    check(&sources, Mode::Exec, Flags::default());
}

#[test]
fn interactive_errors_are_those_of_cpython() {
    let sources = include_str!("interactive.txt").replace("\n----\n", "\0");
    let sources: Vec<&str> = sources.split_terminator('\0').collect();
    check(&sources, Mode::Single, Flags::default());
    let flags = Flags { dont_imply_dedent: true, allow_incomplete_input: true, ..Flags::default() };
    check(&sources, Mode::Single, flags);
    check(&sources, Mode::Eval, Flags::default());
    check(&sources, Mode::Exec, Flags { allow_incomplete_input: true, ..Flags::default() });
}

#[test]
fn signature_errors_are_those_of_cpython() {
    let sources = [
        "(int, str) -> x",
        "() -> y",
        "(int) -> a",
        "((int,str)) -> a",
        "(*int) -> a",
        "(**int) -> a",
        "(a, *b, **c) -> d",
        "(a,) -> b",
        "(a, **b, *c) -> d",
        "int -> x",
        "(a) -> b -> c",
        "(a)",
        "(a, *b, c) -> d",
        "(a=1)->b",
        "(a b) -> c",
        "",
        "(a:b) -> c",
        "(*a, b) -> c",
        "(a) -> b\n\n",
    ];
    check(&sources, Mode::FuncType, Flags::default());
}

#[test]
fn misplaced_type_comments_are_errors() {
    let sources = [
        "x = 1 # type: int\n # type: str\n",
        "# type: int\nx=1\n",
        "for x in y: # type: int\n  pass\nelse: # type: int\n  pass",
        "x += 1 # type: int\n",
        "f(a, # type: int\n b)\n",
        "x: int = 1 # type: int",
        "if x: # type: int\n  pass",
        "pass # type: ignore",
        "pass # type: int",
        "def f(): pass # type: int",
        "class A: # type: int\n pass",
        "x = 4  # type:ignore-not\n",
        "x = 4  # type:ignorenot\n",
    ];
    check(&sources, Mode::Exec, Flags { type_comments: true, ..Flags::default() });
}
