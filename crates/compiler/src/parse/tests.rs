//! Tests of the parser that need no reference: depth, warnings, encodings, conversion.
//!
//! Trees and errors are compared with CPython's in `tests/library.rs` and `tests/syntax_errors.rs`.

use super::{CodecError, ErrorKind, Flags, Mode, Parsed, SyntaxError, decode, parse};
use crate::ast::dump::dump;
use crate::ast::{Constant, ExprKind, Mod, StmtKind};

fn exec(source: &str) -> Result<Parsed, SyntaxError> {
    parse(source, Mode::Exec, Flags::default())
}

/// Run on a stack that is too small for any recursion without bounds.
fn on_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(test);
    thread.expect("a thread").join().expect("no panic");
}

#[test]
fn chains_are_as_long_as_you_like() {
    on_small_stack(|| {
        for source in [
            "a+".repeat(50_000) + "1",
            "a".to_owned() + &".b".repeat(50_000),
            "a".to_owned() + &"()".repeat(50_000),
            "a and ".repeat(50_000) + "1",
            "a < ".repeat(50_000) + "1",
            "if a: b\n".to_owned() + &"elif c: d\n".repeat(5_000),
            "[a, ".repeat(100) + &"]".repeat(100),
        ] {
            assert!(exec(&source).is_ok(), "{}", &source[..20]);
        }
    });
}

#[test]
fn nesting_is_bounded() {
    on_small_stack(|| {
        for prefix in ["-", "not ", "a if b else ", "lambda:", "a**"] {
            assert!(exec(&(prefix.repeat(2_000) + "1")).is_ok(), "{prefix}");
            let error = exec(&(prefix.repeat(10_000) + "1")).expect_err("too deep");
            assert_eq!(error.kind, ErrorKind::Memory, "{prefix}");
        }
        for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("f(", ")"), ("a[", "]")] {
            assert!(exec(&(open.repeat(200) + "1" + &close.repeat(200))).is_ok(), "{open}");
            let error = exec(&(open.repeat(10_000) + "1" + &close.repeat(10_000))).expect_err("too deep");
            assert_eq!(error.message, "too many nested parentheses");
        }
        let blocks: String = (0..101).map(|depth| " ".repeat(depth) + "if x:\n").collect();
        assert_eq!(exec(&blocks).expect_err("too deep").message, "too many levels of indentation");
        // Wrong and deep, so that the mistakes are looked for.
        for source in ["a b ".repeat(20_000), "(".repeat(150) + &"a b ".repeat(5_000), "f(a=".repeat(199) + "1 2"] {
            assert!(exec(&source).is_err());
        }
    });
}

#[test]
fn deprecated_spellings_are_warned_of() {
    let parsed = exec("x = '\\d'\ny = b'\\d' if 1else f'{1if 2else 3}\\q'\n").expect("valid");
    let warnings: Vec<_> = parsed.warnings.iter().map(|warning| (warning.line, warning.message.as_str())).collect();
    assert!(warnings.contains(&(1, "invalid escape sequence '\\d'")));
    assert!(warnings.contains(&(2, "invalid escape sequence '\\d'")));
    assert!(warnings.contains(&(2, "invalid escape sequence '\\q'")));
    assert_eq!(warnings.iter().filter(|(_, message)| *message == "invalid decimal literal").count(), 3);
}

#[test]
fn surrogates_and_huge_numbers_survive() {
    let parsed = exec("'\\ud800\\N{BULLET}'; 0x1_0000_0000_0000_0000; 1_0.5e1j").expect("valid");
    let Mod::Module { body, .. } = &parsed.tree else { panic!("a module") };
    let values: Vec<_> = body
        .iter()
        .filter_map(|stmt| match &stmt.kind {
            StmtKind::Expr { value } => match &value.kind {
                ExprKind::Constant { value, .. } => Some(value.clone()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let [Constant::Str(text), Constant::BigInt(number), Constant::Complex(0.0, 105.0)] = &values[..] else {
        panic!("{values:?}");
    };
    assert_eq!(text.code_points().collect::<Vec<_>>(), [0xD800, 0x2022]);
    assert_eq!(number.to_string(), "18446744073709551616");
}

#[test]
fn newer_syntax_is_refused() {
    for source in [
        "type X = int\n",
        "def f[T](x): pass\n",
        "class A[T]: pass\n",
        "f'{a['b']}'",
        "f'{a!r:{b['c']}}'",
        "t'{a}'",
        "try: pass\nexcept A, B: pass\n",
        "lazy import a\n",
        "f'{a\\n}'",
    ] {
        assert!(exec(source).is_err(), "{source}");
    }
}

#[test]
fn sources_are_decoded() {
    let mut none = |_: &str, _: &[u8]| Err(CodecError::Unknown);
    assert_eq!(decode(b"\xef\xbb\xbfx = '\xc3\xa9'", &mut none).as_deref(), Ok("x = 'é'"));
    assert_eq!(
        decode(b"# -*- coding: latin-1 -*-\n'\xe9'", &mut none).as_deref(),
        Ok("# -*- coding: latin-1 -*-\n'é'")
    );
    assert_eq!(decode(b"\n#coding=iso-8859-15\n'\xa4'", &mut none).as_deref(), Ok("\n#coding=iso-8859-15\n'€'"));
    assert!(decode(b"x = 1\n\n# coding: latin-1\n'\xe9'", &mut none).is_err());
    assert!(decode(b"# coding: nonsense\n", &mut none).expect_err("unknown").message.contains("unknown encoding"));
    assert!(decode(b"\xef\xbb\xbf# coding: latin-1\n", &mut none).is_err());
    assert!(decode(b"a\0b", &mut none).is_err());
    let mut rot = |name: &str, source: &[u8]| {
        assert_eq!(name, "cp1252");
        Ok(format!("{}", source.len()))
    };
    assert_eq!(decode(b"# coding: cp1252\n", &mut rot).as_deref(), Ok("17"));
}

#[test]
fn dumps_know_when_to_stop() {
    let parsed = exec(&("-".repeat(100) + "1")).expect("valid");
    assert!(dump(&parsed.tree, 50).is_none());
    let text = dump(&parsed.tree, 200).expect("not so deep");
    assert!(text.starts_with("Module(body=[Expr(value=UnaryOp(op=USub(), operand=UnaryOp("));
}
