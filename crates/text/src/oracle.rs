//! Asks `python3.11` in tests. Where it is absent the tests that need it end early.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What a Python program prints, given a standard input; `None` without Python 3.11.
pub(crate) fn python(program: &str, input: &str) -> Option<String> {
    let mut child = Command::new("python3.11")
        .args(["-X", "utf8", "-I", "-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take()?;
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().ok()?;
    writer.join().ok()?.ok()?;
    assert!(output.status.success(), "the program for the oracle failed");
    Some(String::from_utf8(output.stdout).expect("the oracle prints UTF-8"))
}

/// A line of hexadecimal code points, separated by commas.
pub(crate) fn codes(text: &str) -> Vec<u32> {
    text.split(',')
        .filter(|code| !code.is_empty())
        .map(|code| u32::from_str_radix(code, 16).expect("a code point"))
        .collect()
}

/// The reverse of [`codes`].
pub(crate) fn hex(codes: impl IntoIterator<Item = u32>) -> String {
    codes.into_iter().map(|code| format!("{code:x}")).collect::<Vec<_>>().join(",")
}

/// Code points in the smallest kind that holds them.
pub(crate) fn buffer(codes: &[u32]) -> crate::TextBuffer {
    let mut buffer = crate::TextBuffer::default();
    for &code in codes {
        crate::TextSink::push_code(&mut buffer, code).expect("memory");
    }
    buffer
}

/// Numbers that look random and are the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }
}
