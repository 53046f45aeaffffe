//! Allocations that fail: every program of `tests/faults/programs.py` and `library.py`, with the n-th allocation failing for every third n until
//! it passes, or for every `HABU_FAULT_STRIDE`-th: 1 for all. See `tests/faults/fail.py` for what must hold then.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/faults")
}

fn habu(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_habu"))
        .arg("-B")
        .args(arguments)
        .current_dir(folder())
        .env("PYTHONHASHSEED", "0")
        .stdin(Stdio::null())
        .output()
        .expect("habu starts")
}

#[test]
fn programs_survive_the_failure_of_any_allocation() {
    let listed = habu(&["-c", "from library import PROGRAMS; print(*PROGRAMS)"]);
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    let mut names: Vec<&str> = names.split_whitespace().collect();
    assert!(names.len() > 80, "{}", String::from_utf8_lossy(&listed.stderr));
    names.reverse();
    let stride = std::env::var("HABU_FAULT_STRIDE").ok().filter(|value| !value.is_empty());
    let stride = stride.as_deref().unwrap_or("3");
    let (waiting, wrong) = (Mutex::new(names), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let Some(name) = waiting.lock().expect("no test thread panics with it").pop() else { break };
                    let run = habu(&["fail.py", stride, name]);
                    if !run.status.success() {
                        let text = [run.stdout, run.stderr].concat();
                        let text = format!("{name}: {}\n{}", run.status, String::from_utf8_lossy(&text));
                        wrong.lock().expect("no test thread panics with it").push(text);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no test thread panics with it");
    assert!(wrong.is_empty(), "{} programs:\n{}", wrong.len(), wrong.join("\n"));
}
