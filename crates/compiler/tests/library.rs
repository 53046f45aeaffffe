//! The trees of CPython's own library, compared node by node with those that CPython 3.11 makes.
//!
//! Skipped where there is no `python3.11`. `HABU_TREES=FOLDER` compares the files of another folder, and
//! `HABU_TREES_TESTS=1` includes the library's own tests.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use habu_compiler::ast::dump::dump;
use habu_compiler::parse::{CodecError, Flags, Mode, decode, parse};

/// The folder of the library, or `None` without a `python3.11`.
fn library() -> Option<PathBuf> {
    let script = "import os; print(os.path.dirname(os.__file__))";
    let output = Command::new("python3.11").args(["-I", "-c", script]).output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(folder.trim()))
}

fn collect(folder: &Path, tests: bool, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !path.is_symlink() {
            let is_test = matches!(name.as_str(), "test" | "tests" | "idle_test");
            if name != "site-packages" && name != "__pycache__" && (tests || !is_test) {
                collect(&path, tests, files);
            }
        } else if name.ends_with(".py") {
            files.push(path);
        }
    }
}

/// Decode by one of CPython's codecs.
fn python_codec(name: &str, source: &[u8]) -> Result<String, CodecError> {
    let script = format!("import sys; print(sys.stdin.buffer.read().decode({name:?}), end='')");
    let mut child = Command::new("python3.11")
        .args(["-I", "-X", "utf8", "-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|_| CodecError::Unknown)?;
    child.stdin.take().expect("it is piped").write_all(source).expect("it reads all of it");
    let output = child.wait_with_output().expect("it ends");
    String::from_utf8(output.stdout).map_err(|_| CodecError::Unknown)
}

/// Our dump of a file, or the type of its error.
fn ours(path: &Path, flags: Flags) -> String {
    let source = std::fs::read(path).unwrap_or_default();
    let text = decode(&source, &mut python_codec);
    match text.and_then(|text| parse(&text, Mode::Exec, flags)) {
        Ok(parsed) => dump(&parsed.tree, 10_000).unwrap_or_else(|| "too deep".into()),
        Err(error) => format!("error: {:?}Error", error.kind),
    }
}

/// Compare all files; return what differs.
fn compare(files: &[PathBuf], flags: Flags) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dump_trees.py");
    let mut command = Command::new("python3.11");
    command.args(["-I", "-W", "ignore"]).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
    if flags.type_comments {
        command.arg("--type-comments");
    }
    let mut child = command.spawn().expect("python3.11 ran before");
    let list: String = files.iter().map(|path| format!("{}\n", path.display())).collect();
    child.stdin.take().expect("it is piped").write_all(list.as_bytes()).expect("it reads all of it");
    let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut failures = Vec::new();
    for path in files {
        let mut length = String::new();
        output.read_line(&mut length).expect("a length");
        let mut expected = vec![0; length.trim().parse().expect("a number")];
        output.read_exact(&mut expected).expect("a dump");
        let expected = String::from_utf8(expected).expect("UTF-8");
        let ours = ours(path, flags);
        if ours != expected {
            failures.push(format!("{}: {}", path.display(), difference(&ours, &expected)));
        }
    }
    child.wait().expect("it ends");
    failures
}

/// The first place where two dumps differ.
fn difference(ours: &str, expected: &str) -> String {
    let same = ours.bytes().zip(expected.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        let start = same.saturating_sub(150);
        String::from_utf8_lossy(&text.as_bytes()[start.min(text.len())..(same + 120).min(text.len())]).into_owned()
    };
    format!("\n  ours:    {}\n  cpython: {}", around(ours), around(expected))
}

#[test]
fn library_trees_are_those_of_cpython() {
    let Some(library) = library() else {
        eprintln!("skipped: no python3.11");
        return;
    };
    let folder = std::env::var_os("HABU_TREES").map_or(library, PathBuf::from);
    let mut files = Vec::new();
    collect(&folder, std::env::var_os("HABU_TREES_TESTS").is_some(), &mut files);
    let failures = compare(&files, Flags::default());
    assert!(
        failures.is_empty(),
        "{} of {} files differ:\n{}",
        failures.len(),
        files.len(),
        failures[..failures.len().min(12)].join("\n")
    );
}

#[test]
fn trees_with_type_comments_are_those_of_cpython() {
    if library().is_none() {
        eprintln!("skipped: no python3.11");
        return;
    }
    let file = std::env::temp_dir().join(format!("habu-type-comments-{}.py", std::process::id()));
    std::fs::write(&file, include_str!("type_comments.txt")).expect("a writable folder");
    let failures = compare(std::slice::from_ref(&file), Flags { type_comments: true, ..Flags::default() });
    let _ = std::fs::remove_file(&file);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
