//! Programs that are nested as deep as their authors like: an error or code, on a small native stack, and never a crash.

use habu_compiler::{CompileError, ErrorKind, Mode, Options, compile};

/// Compiles on a thread with a small stack, and answers the kind of the error, if there is one.
fn outcome(source: String, recursion_limit: u32) -> Result<(), ErrorKind> {
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        let options = Options { recursion_limit, ..Options::default() };
        match compile(source.as_bytes(), "<test>", Mode::Exec, &options) {
            Ok(_) => Ok(()),
            Err(CompileError::Syntax(error)) => Err(error.kind),
            Err(other) => panic!("{other}"),
        }
    });
    thread.expect("a thread").join().expect("no panic")
}

/// Programs of some depth.
fn deep(depth: usize) -> Vec<String> {
    let chain = |link: &str| format!("x{}", link.repeat(depth));
    let mut blocks = String::new();
    for level in 0..depth.min(90) {
        blocks.push_str(&format!("{}if x:\n", " ".repeat(level)));
    }
    blocks.push_str(&format!("{}pass\n", " ".repeat(depth.min(90))));
    let elifs = format!("if x: pass\n{}", "elif x: pass\n".repeat(depth));
    vec![
        chain(" + a"),
        chain(".a"),
        chain("[0]"),
        chain("()"),
        chain(" and a"),
        chain(" < a"),
        format!("{}x", "not ".repeat(depth)),
        format!("{}x", "-".repeat(depth)),
        format!("if {}x: pass", "not ".repeat(depth)),
        format!("{}x", "lambda: ".repeat(depth)),
        format!("x{}", " if y else x".repeat(depth)),
        format!("x = {}1", "y = ".repeat(depth)),
        format!("from __future__ import annotations\nx: a{}", ".b".repeat(depth)),
        blocks,
        elifs,
    ]
}

#[test]
fn depth_within_the_limit_compiles() {
    for source in deep(400) {
        assert_eq!(outcome(source.clone(), 3000), Ok(()), "{}", &source[..40]);
    }
}

#[test]
fn depth_beyond_the_limit_is_an_error() {
    for source in deep(4000) {
        // What is a list in the tree (`a and a and a`, `a = b = c`) is not deep at all.
        match outcome(source.clone(), 3000) {
            Ok(()) | Err(ErrorKind::Recursion | ErrorKind::Memory | ErrorKind::Syntax) => {}
            other => panic!("{other:?} for {}", &source[..40]),
        }
    }
    assert_eq!(outcome(format!("x{}", " + a".repeat(4000)), 3000), Err(ErrorKind::Recursion));
    assert_eq!(outcome(format!("x{}", ".a".repeat(4000)), 3000), Err(ErrorKind::Recursion));
}

#[test]
fn a_high_limit_is_safe() {
    for source in deep(20_000) {
        let _ = outcome(source, 1_000_000);
    }
}
