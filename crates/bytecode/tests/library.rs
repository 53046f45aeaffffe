//! The whole library that CPython compiled: every code object must be read, verified and
//! written back. Does nothing where no python3.11 is installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use habu_bytecode::{dis, linetable, marshal, pyc, verify};

/// The output of a script under python3.11, or `None` if there is no such program.
fn python(script: &str) -> Option<String> {
    let output = Command::new("python3.11").args(["-I", "-c", script]).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn compiled_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = folder.read_dir() else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            compiled_files(&path, files);
        } else if path.to_string_lossy().ends_with(".cpython-311.pyc") {
            files.push(path);
        }
    }
}

#[test]
fn every_compiled_file_of_the_library() {
    let Some(folder) = python("import sysconfig; print(sysconfig.get_path('stdlib'))") else { return };
    let mut files = Vec::new();
    compiled_files(Path::new(folder.trim()), &mut files);
    for path in &files {
        let data = std::fs::read(path).unwrap();
        let (header, rest) = pyc::Header::parse(&data).unwrap();
        assert!(data.starts_with(&header.to_bytes()));
        let code = marshal::read_code(rest).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if let Err(error) = verify::verify(&code) {
            panic!("{}: {error}\n{}", path.display(), dis::disassemble(&code));
        }
        let again = marshal::read_code(&marshal::write_code(&code).unwrap()).unwrap();
        assert_eq!(code, again, "{}", path.display());
        let mut pending = vec![&*code];
        while let Some(code) = pending.pop() {
            pending.extend(code.children().map(|code| &**code));
            let entries: Vec<_> = linetable::Entries::new(&code.linetable, code.firstlineno).collect();
            assert_eq!(entries.last().map(|entry| entry.end), Some(code.code.len()));
            assert_eq!(rebuilt(code), code.linetable, "{} {}", path.display(), code.qualname);
        }
    }
    println!("{} files", files.len());
}

/// The location table built anew, with one entry for each instruction, as CPython's compiler does.
fn rebuilt(code: &habu_bytecode::Code) -> Box<[u8]> {
    let mut builder = linetable::LineTableBuilder::new(code.firstlineno);
    let mut entries = linetable::Entries::new(&code.linetable, code.firstlineno).peekable();
    for instruction in code.instructions() {
        while entries.next_if(|entry| entry.end <= instruction.start).is_some() {}
        let entry = entries.peek().unwrap();
        let known = |value: Option<i32>| value.unwrap_or(-1);
        let location = linetable::Location {
            line: known(entry.line),
            end_line: known(entry.end_line),
            column: known(entry.column),
            end_column: known(entry.end_column),
        };
        builder.push((instruction.end - instruction.start) / 2, location);
    }
    builder.finish()
}
