//! Runs every program of `tests/programs` under Habu and compares what it prints with what CPython 3.11 printed (`cargo xtask bless`).
//!
//! Programs run side by side, as many at a time as there are processors; all that differ are told, not only the first.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/programs")
}

fn programs(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().expect("the folder is there");
    let mut programs: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    programs.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    programs.sort();
    programs
}

/// The standard output of a program, and the line on how it ended, as `bless` records them.
fn output(program: &Path) -> Vec<u8> {
    let run = Command::new(env!("CARGO_BIN_EXE_habu"))
        .arg(program.file_name().unwrap_or_default())
        .current_dir(folder())
        .env("PYTHONHASHSEED", "0")
        .env("PYTHONWARNINGS", "ignore")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .expect("habu starts");
    let end = run.status.code().map_or("exit by signal\n".into(), |code| format!("exit {code}\n"));
    [run.stdout, end.into_bytes()].concat()
}

fn first_difference(expected: &[u8], got: &[u8]) -> String {
    let (expected, got) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(got));
    let mut lines = got.lines();
    for (index, want) in expected.lines().enumerate() {
        let have = lines.next().unwrap_or("the end");
        if want != have {
            return format!("line {}: {want:?} is {have:?}", index + 1);
        }
    }
    format!("more output: {:?}", lines.next().unwrap_or_default())
}

#[test]
fn programs_print_what_cpython_prints() {
    let programs = programs(&folder());
    assert!(programs.len() > 50, "the programs are there");
    let next = AtomicUsize::new(0);
    let differences = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(program) = programs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let expected = std::fs::read(program.with_extension("out")).expect("blessed");
                    let got = output(program);
                    if got != expected {
                        let name = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                        let difference = first_difference(&expected, &got);
                        differences
                            .lock()
                            .expect("no test thread panics with it")
                            .push(format!("{name}: {difference}"));
                    }
                }
            });
        }
    });
    let differences = differences.into_inner().expect("no test thread panics with it");
    assert!(differences.is_empty(), "{} programs differ:\n{}", differences.len(), differences.join("\n"));
}

/// What CPython does not survive, so that there is nothing to compare with: the programs of `tests/beyond` say themselves what must hold.
#[test]
fn programs_that_end_cpython_pass_their_own_assertions() {
    let folder = folder().join("../beyond");
    let programs = programs(&folder);
    assert!(!programs.is_empty(), "the programs are there");
    for program in programs {
        let run = Command::new(env!("CARGO_BIN_EXE_habu")).arg("-B").arg(&program).output().expect("habu starts");
        assert!(run.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&run.stderr));
    }
}
