//! `cargo xtask order`: which functions run at every start, for `crates/cli/startup.order`.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use crate::Outcome;
use crate::arguments::Arguments;

/// What a small program does before it comes to its own work.
const PROGRAM: &str = "
import re, json, collections, typing, functools, dataclasses
class A:
    def __init__(self, x): self.x = x
    def __repr__(self): return f'A({self.x!r})'
print(A(1), [i * i for i in range(5)], {1: 2}, 'a%sb' % 3, sum(map(len, ['a', 'b'])))
";

const LIST: &str = "crates/cli/startup.order";

/// Runs a program under valgrind, which knows each function that is called, and writes their names.
pub(crate) fn run(mut arguments: Arguments) -> Outcome {
    let exe = arguments.option("--exe")?.unwrap_or_else(|| "target/release/habu".to_owned());
    arguments.rest()?;
    let record = std::env::temp_dir().join(format!("habu-order-{}", std::process::id()));
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--demangle=no"])
        .arg(format!("--callgrind-out-file={}", record.display()))
        .args([&exe, "-c", PROGRAM])
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
    let text = String::from_utf8_lossy(&text);
    let names = names_in(&text);
    let list: String = names.iter().flat_map(|name| [name, "\n"]).collect();
    fs::write(LIST, list).map_err(|error| format!("{LIST}: {error}"))?;
    println!("{LIST}: {} functions", names.len());
    Ok(true)
}

/// The names of functions of the program's own, without hashes and what the compiler appends.
fn names_in(record: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for line in record.lines() {
        let Some((_, rest)) = line.split_once("fn=(") else { continue };
        let Some((_, name)) = rest.split_once(") ") else { continue };
        let name = name.split('\'').next().unwrap_or(name);
        let is_own = ["_ZN", "_R", "Py", "_Py"].iter().any(|start| name.starts_with(start));
        if is_own {
            let short = name.rfind("17h").filter(|_| name.starts_with("_ZN")).map_or(name, |at| &name[..at]);
            names.insert(short.split('.').next().filter(|_| !name.starts_with("_ZN")).unwrap_or(short));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::names_in;

    #[test]
    fn names_lose_hashes() {
        let record = "fn=(12) _ZN4habu3run17h0123456789abcdefE'2\ncfn=(3) _RNvC3std3env.244\nfn=(4) malloc\nfn=(12)\nfl=(1) x.rs\n";
        assert_eq!(Vec::from_iter(names_in(record)), ["_RNvC3std3env", "_ZN4habu3run"]);
    }
}
