//! `tidy`: what every file of the repository must look like.

use std::path::Path;
use std::process::Command;

use crate::Outcome;
use crate::arguments::Arguments;

/// Longer files are to be split by topic.
const MAX_LINES: usize = 1000;

/// Words that do not belong in any file, in pieces so that this file may name them.
const FORBIDDEN: &[[&str; 2]] = &[["crates", ".io"], ["pypi", ".org"], ["pythonhosted", ".org"], ["/work", "/"]];

/// Macros that say that something is missing.
const UNFINISHED: &[[&str; 2]] = &[["todo", "!("], ["unimplemented", "!("]];

/// Checks every file that git knows.
pub(crate) fn run(arguments: Arguments) -> Outcome {
    arguments.rest()?;
    let root = root();
    let listing = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(&root)
        .output()
        .map_err(|error| format!("git: {error}"))?;
    let mut complaints = Vec::new();
    for name in String::from_utf8_lossy(&listing.stdout).lines() {
        // Files that are not text, and the lock file, which names the registry, are left alone.
        if name.ends_with("Cargo.lock") {
            continue;
        }
        if let Ok(text) = std::fs::read_to_string(root.join(name)) {
            check(name, &text, &mut complaints);
        }
    }
    for complaint in &complaints {
        println!("{complaint}");
    }
    Ok(complaints.is_empty())
}

/// The folder of the workspace.
pub(crate) fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}

/// What is wrong with one file.
fn check(name: &str, text: &str, complaints: &mut Vec<String>) {
    if name.ends_with(".rs") {
        if !text.starts_with("//!") {
            complaints.push(format!("{name}: does not open with //!"));
        }
        let lines = text.lines().count();
        if lines > MAX_LINES {
            complaints.push(format!("{name}: {lines} lines, more than {MAX_LINES}"));
        }
        find(name, text, UNFINISHED, complaints);
    }
    find(name, text, FORBIDDEN, complaints);
}

fn find(name: &str, text: &str, words: &[[&str; 2]], complaints: &mut Vec<String>) {
    for word in words {
        let word = word.concat();
        for (index, _) in text.lines().enumerate().filter(|(_, line)| line.contains(&word)) {
            complaints.push(format!("{name}:{}: {word}", index + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn complaints() {
        let mut complaints = Vec::new();
        check("a.rs", "//! Fine.\nfn main() {}\n", &mut complaints);
        assert!(complaints.is_empty());
        check("b.rs", "fn main() {}\n", &mut complaints);
        check("c.rs", &format!("//! Long.\n{}", "\n".repeat(1000)), &mut complaints);
        check("d.md", &["see crates", ".io\n"].concat(), &mut complaints);
        assert_eq!(complaints.len(), 3, "{complaints:?}");
    }
}
