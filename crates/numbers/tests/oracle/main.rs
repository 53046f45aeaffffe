//! Random cases against CPython: each is a Python expression and what this crate makes of it.
//!
//! The expressions go to one `python3.11` for each test; it is found on PATH, or the test passes without a word.

mod digits;
mod floats;
mod formats;
mod functions;
mod random;

use std::io::Write;
use std::process::{Command, Stdio};

const SCRIPT: &str = "\
import sys, math, cmath, random, operator
sys.set_int_max_str_digits(0)
for line in sys.stdin:
    try:
        result = eval(line)
        result = result if isinstance(result, str) else repr(result)
    except Exception as e:
        result = f'{type(e).__name__}: {e}'
    print(ascii(result))
";

/// Cases collected by a test; compared all at once.
#[derive(Default)]
pub(crate) struct Cases {
    expressions: Vec<String>,
    answers: Vec<String>,
}

impl Cases {
    /// Adds a case: Python must give `answer` for `expression` (its `repr`, or itself if a string).
    pub(crate) fn add(&mut self, expression: String, answer: impl Into<String>) {
        self.expressions.push(expression);
        self.answers.push(answer.into());
    }

    /// Asks Python, and fails with the first few that differ.
    pub(crate) fn check(self) {
        let Ok(mut python) = Command::new("python3.11")
            .args(["-I", "-S", "-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
        else {
            eprintln!("no python3.11 on PATH: {} cases skipped", self.expressions.len());
            return;
        };
        let mut input = python.stdin.take().expect("a pipe");
        let lines = self.expressions.join("\n") + "\n";
        let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
        let output = python.wait_with_output().expect("python ends");
        writer.join().expect("the writer ends").expect("python reads");
        let text = String::from_utf8(output.stdout).expect("ASCII");
        let mut wrong = Vec::new();
        let mut count = 0;
        for ((line, expression), answer) in text.lines().zip(&self.expressions).zip(&self.answers) {
            count += 1;
            if line != ascii(answer) {
                wrong.push(format!("{expression}\n  python {line}\n  here   {}", ascii(answer)));
            }
        }
        assert_eq!(count, self.expressions.len(), "python answered every line");
        assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    }
}

/// Python's `ascii()` of a string, for what occurs in answers.
fn ascii(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
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
