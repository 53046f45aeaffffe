//! The whole library that CPython compiled: every code object must be read, verified and
//! written back. Does nothing where no python3.11 is installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use habu_bytecode::{Opcode, dis, exceptiontable, linetable, marshal, pyc, verify};

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

/// `dis.stack_effect` and the tables of `opcode`, one line for each instruction.
const INSTRUCTIONS: &str = r#"
import dis, opcode
for name in dis._all_opname:
    if name.startswith("<"):
        continue
    number = dis._all_opmap[name]
    base = opcode.opname[dis.deoptmap.get(name) and opcode.opmap[dis.deoptmap[name]] or number]
    caches = opcode._inline_cache_entries[opcode.opmap[base]]
    effects = []
    if name == base:
        for arg in (0, 1, 2, 3, 4, 5, 8, 255, 258, 65536):
            for jump in (False, True, None):
                effects.append(dis.stack_effect(number, arg if number >= 90 else None, jump=jump))
    print(number, name, base, caches, *effects)
"#;

#[test]
fn the_instruction_table() {
    let Some(table) = python(INSTRUCTIONS) else { return };
    let mut count = 0;
    for line in table.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [number, name, base, caches, effects @ ..] = &words[..] else { panic!("{line}") };
        let op = Opcode::from_u8(number.parse().unwrap()).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(op.name(), *name);
        assert_eq!(op.deopt().name(), *base);
        assert_eq!(op.caches().to_string(), *caches, "{name}");
        let mut expected = effects.iter();
        if !op.is_specialised() {
            for arg in [0, 1, 2, 3, 4, 5, 8, 255, 258, 65536] {
                for jump in [Some(false), Some(true), None] {
                    let effect = op.stack_effect(arg, jump).unwrap().to_string();
                    assert_eq!(Some(&&*effect), expected.next(), "{name} {arg} {jump:?}");
                }
            }
        }
        count += 1;
    }
    assert_eq!(count, Opcode::BASE.len() + Opcode::SPECIALISED.len());
}

/// A function, marshalled in hexadecimal, and what CPython makes of its location table.
const LOCATIONS: &str = r#"
import inspect, marshal, argparse, typing, asyncio.base_events, dataclasses, tarfile
def codes(code):
    yield code
    for const in code.co_consts:
        if inspect.iscode(const):
            yield from codes(const)
for module in argparse, typing, asyncio.base_events, dataclasses, tarfile:
    with open(module.__file__) as file:
        for code in codes(compile(file.read(), module.__file__, "exec")):
            if any(map(inspect.iscode, code.co_consts)):
                continue
            print(marshal.dumps(code).hex())
            print(*[" ".join(map(str, position)) for position in code.co_positions()], sep=";")
            print(*[" ".join(map(str, line)) for line in code.co_lines()], sep=";")
"#;

#[test]
fn locations_and_lines() {
    let Some(output) = python(LOCATIONS) else { return };
    let lines: Vec<&str> = output.lines().collect();
    let show = |value: Option<i32>| value.map_or("None".to_owned(), |value| value.to_string());
    for chunk in lines.chunks(3) {
        let [data, positions, ranges] = chunk else { panic!("{chunk:?}") };
        let digits: Vec<u8> = data.bytes().map(|byte| (byte as char).to_digit(16).unwrap() as u8).collect();
        let data: Vec<u8> = digits.as_chunks().0.iter().map(|&[high, low]| high << 4 | low).collect();
        let code = marshal::read_code(&data).unwrap();
        let mut had = Vec::new();
        for entry in linetable::Entries::new(&code.linetable, code.firstlineno) {
            for _ in (entry.start..entry.end).step_by(2) {
                let fields = [entry.line, entry.end_line, entry.column, entry.end_column];
                had.push(fields.map(show).join(" "));
            }
        }
        assert_eq!(had.join(";"), *positions, "{}", code.qualname);
        let had = linetable::lines(&code.linetable, code.firstlineno);
        let had: Vec<_> = had.map(|(start, end, line)| format!("{start} {end} {}", show(line))).collect();
        assert_eq!(had.join(";"), *ranges, "{}", code.qualname);
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
            let handlers = exceptiontable::decode(&code.exceptiontable).unwrap();
            assert_eq!(exceptiontable::encode(&handlers), code.exceptiontable);
            for handler in handlers {
                assert_eq!(exceptiontable::find(&code.exceptiontable, handler.start), Some(handler));
                assert_eq!(exceptiontable::find(&code.exceptiontable, handler.end - 2), Some(handler));
            }
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
