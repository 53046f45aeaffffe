//! The layouts of all types that can be reached: what `tests/types/walk.py` prints under Habu is what it printed under CPython 3.11
//! (`cargo xtask types`), but for the lines in `tests/types/differences.txt`, each with its reason.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/types")
}

fn lines(text: &str) -> BTreeSet<String> {
    text.lines().map(str::to_owned).collect()
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

#[test]
fn layouts_are_those_of_cpython() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_habu")).arg("-I").arg(folder().join("walk.py")).output().expect("habu starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (have, want) = (lines(&String::from_utf8_lossy(&output.stdout)), lines(&read("cpython.txt")));
    assert!(want.len() > 600, "the table is there");
    let found: BTreeSet<String> = want
        .difference(&have)
        .map(|line| format!("- {line}"))
        .chain(have.difference(&want).map(|line| format!("+ {line}")))
        .collect();
    let explained: BTreeSet<String> =
        read("differences.txt").lines().filter(|line| line.starts_with(['-', '+'])).map(str::to_owned).collect();
    let new: Vec<_> = found.difference(&explained).cloned().collect();
    assert!(new.is_empty(), "not as CPython (-) but otherwise (+):\n{}", new.join("\n"));
    let gone: Vec<_> = explained.difference(&found).cloned().collect();
    assert!(gone.is_empty(), "no longer a difference:\n{}", gone.join("\n"));
}
