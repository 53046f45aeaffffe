//! `cargo xtask order`: which functions run at every start, and which in many programs, for `crates/cli/startup.order`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::arguments::Arguments;

/// What many programs do.
const TYPICAL: &str = "xtask/src/typical.py";

/// Programs of all kinds.
const PROGRAMS: &str = "tests/programs";

const LIST: &str = "crates/cli/startup.order";

/// Runs programs under valgrind, which knows each function that is called, and writes their names: first those that every start calls, then
/// what a typical program does, then the others by the number of programs that call them.
pub(crate) fn run(mut arguments: Arguments) -> Outcome {
    let exe = arguments.option("--exe")?.unwrap_or_else(|| "target/release/habu".to_owned());
    arguments.rest()?;
    let first = functions_of(&exe, &["-c", "pass"])?;
    let typical = functions_of(&exe, &[TYPICAL])?;
    let mut callers = callers_in(&exe, programs()?);
    callers.retain(|name, _| !first.contains(name) && !typical.contains(name));
    let mut others: Vec<(&String, &usize)> = callers.iter().collect();
    // The sort is stable: equal numbers stay in the order of names.
    others.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let list: Vec<&str> = first
        .iter()
        .chain(typical.difference(&first))
        .chain(others.iter().map(|(name, _)| *name))
        .map(String::as_str)
        .collect();
    fs::write(LIST, list.join("\n") + "\n").map_err(|error| format!("{LIST}: {error}"))?;
    println!(
        "{LIST}: {} functions at every start, {} in typical programs, {} in all",
        first.len(),
        typical.len(),
        list.len()
    );
    Ok(true)
}

/// How many of the programs call each function; they run side by side.
fn callers_in(exe: &str, programs: Vec<String>) -> BTreeMap<String, usize> {
    let (waiting, callers) = (Mutex::new(programs), Mutex::new(BTreeMap::new()));
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(program) = waiting.lock().ok().and_then(|mut programs| programs.pop()) {
                    let names = if is_short(exe, &program) { functions_of(exe, &[&program]) } else { continue };
                    let Ok(mut callers) = callers.lock() else { break };
                    for name in names.unwrap_or_default() {
                        *callers.entry(name).or_default() += 1;
                    }
                }
            });
        }
    });
    callers.into_inner().unwrap_or_default()
}

/// Whether a program ends soon: valgrind takes fifty times as long. One that does not is stopped.
fn is_short(exe: &str, program: &str) -> bool {
    let begin = Instant::now();
    let run = Command::new(exe).arg(program).stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).spawn();
    let Ok(mut run) = run else { return false };
    while begin.elapsed() < Duration::from_millis(500) {
        if let Ok(Some(_)) = run.try_wait() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    // It may have ended by itself meanwhile.
    let _ = run.kill();
    let _ = run.wait();
    false
}

/// The programs of the tests, by name.
fn programs() -> Result<Vec<String>, String> {
    let entries = fs::read_dir(PROGRAMS).map_err(|error| format!("{PROGRAMS}: {error}"))?;
    let mut paths: Vec<String> = entries.flatten().map(|entry| entry.path().display().to_string()).collect();
    paths.retain(|path| path.ends_with(".py"));
    paths.sort();
    Ok(paths)
}

fn functions_of(exe: &str, arguments: &[&str]) -> Result<BTreeSet<String>, String> {
    let thread = std::thread::current().id();
    let record = std::env::temp_dir().join(format!("habu-order-{}-{thread:?}", std::process::id()));
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--demangle=no"])
        .arg(format!("--callgrind-out-file={}", record.display()))
        .arg(exe)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match run {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(format!("valgrind {exe}: {status}")),
        Err(error) => return Err(format!("valgrind cannot be run: {error}")),
    }
    let text = fs::read(&record).map_err(|error| format!("{}: {error}", record.display()))?;
    let _ = fs::remove_file(&record);
    Ok(names_in(&String::from_utf8_lossy(&text)))
}

/// Patterns for the names of the program's own functions: without what the compiler appends, and with any hash of a crate, which changes
/// with its version and the compiler's.
fn names_in(record: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for line in record.lines() {
        let Some((_, rest)) = line.split_once("fn=(") else { continue };
        let Some((_, name)) = rest.split_once(") ") else { continue };
        let name = name.split(['\'', '.']).next().unwrap_or(name);
        if ["_R", "Py", "_Py"].iter().any(|start| name.starts_with(start)) {
            names.insert(without_hashes(name));
        }
    }
    names
}

/// `Cs1a2B3c_4core` is a crate of a name, with a hash in base 62 before it.
fn without_hashes(name: &str) -> String {
    let mut pattern = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once("Cs") {
        pattern.push_str(before);
        pattern.push_str("Cs");
        let hash = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
        let is_hash = hash >= 8 && after[hash..].starts_with('_');
        if is_hash {
            pattern.push('*');
        }
        rest = if is_hash { &after[hash..] } else { after };
    }
    pattern + rest
}

#[cfg(test)]
mod tests {
    use super::names_in;

    #[test]
    fn names_lose_hashes() {
        let record = "fn=(12) _RNvNtCs7Rh2dYgqkTz_4habu3run4main'2\ncfn=(3) _RNvC3std3env.llvm.244\nfn=(4) malloc\nfn=(12)\nfl=(1) x.rs\n";
        assert_eq!(Vec::from_iter(names_in(record)), ["_RNvC3std3env", "_RNvNtCs*_4habu3run4main"]);
    }
}
