//! Marshal against CPython's: what either writes, the other reads. Does nothing where no
//! python3.11 is installed.

use std::io::Write;
use std::process::{Command, Stdio};

use habu_bytecode::{Code, Constant, dis, marshal, verify};

/// Values of every kind.
const VALUES: &str = r#"
import marshal, sys
code = compile("def f(a, *, b: int = 2):\n  x = 'é'\n  class C:\n    def g(self): return __class__, x, a\n  return C, 1e300j, -0.0, ...\n", "é.py", "exec")
shared = ("shared", 10**40, (1, 2))
values = [
    None, True, False, ..., StopIteration, 0, 1, -1, 2**15, -2**15, 2**30, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**62,
    2**63 - 1, 2**63, -2**63, 2**64, 2**90 + 5, -3**500, 0.0, -0.0, 1.5, 1e-300, 0.1, 123456.789e17, float("inf"),
    1j, -0.0 + 2.5j, "", "a", "é" * 3, "\ud800\U0001f600", "x" * 255, "x" * 256, "x y" * 300, b"", b"\x00\xff" * 200,
    (), (1,), tuple(range(255)), tuple(range(256)), [], [1, [2, [3]]], {}, {"a": 1, 2: [None]}, set(), {1, "a", 2.0},
    frozenset(), frozenset([1, (2, frozenset("abc"))]), [shared, shared, shared], code,
]
"#;

const WRITE: &str = "for value in values:\n  print(*[marshal.dumps(value, version).hex() for version in range(5)])\n";

const READ: &str = r#"
for value in values:
    for version in range(5):
        have = marshal.loads(bytes.fromhex(sys.stdin.readline()))
        # Sets print in any order.
        same = have == value if isinstance(value, (set, frozenset)) else repr(have) == repr(value) or have == value
        assert same and type(have) is type(value), (version, value, have)
print("done")
"#;

fn python(script: &str, input: &str) -> Option<String> {
    let mut process = Command::new("python3.11")
        .args(["-I", "-c", &format!("{VALUES}{script}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    process.stdin.take()?.write_all(input.as_bytes()).ok()?;
    Some(String::from_utf8_lossy(&process.wait_with_output().ok()?.stdout).into_owned())
}

fn from_hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().map(|byte| (byte as char).to_digit(16).unwrap() as u8).collect();
    digits.as_chunks().0.iter().map(|&[high, low]| high << 4 | low).collect()
}

#[test]
fn values_of_every_kind() {
    let Some(written) = python(WRITE, "") else { return };
    let mut answers = String::new();
    for line in written.lines() {
        let mut first = None;
        for (version, data) in line.split(' ').map(from_hex).enumerate() {
            let value = marshal::read(&data).unwrap();
            let again = marshal::write(&value, version as i32).unwrap();
            assert_eq!(marshal::write(&marshal::read(&again).unwrap(), version as i32).unwrap(), again);
            answers.extend(again.iter().map(|byte| format!("{byte:02x}")));
            answers.push('\n');
            // The elements of sets come in different orders; written, they are sorted.
            let canonical = marshal::write(&value, marshal::VERSION).unwrap();
            assert_eq!(first.get_or_insert_with(|| canonical.clone()), &canonical);
        }
    }
    assert_eq!(python(READ, &answers).unwrap().trim(), "done");
}

#[test]
fn mutated_code_is_survived() {
    let Some(written) = python(WRITE, "") else { return };
    let Some(data) = written.lines().last().and_then(|line| line.split(' ').next_back()).map(from_hex) else { return };
    let code = marshal::read_code(&data).unwrap();
    assert_eq!(verify::verify(&code), Ok(()));
    let mut state = 7u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    let mut passed = 0;
    for _ in 0..20_000 {
        let mut data = data.clone();
        for _ in 0..=random(3) {
            let at = random(data.len());
            data[at] = random(256) as u8;
        }
        data.truncate(data.len() - if random(10) == 0 { random(data.len()) } else { 0 });
        if let Ok(code) = marshal::read_code(&data) {
            passed += usize::from(verify::verify(&code).is_ok());
            dis::disassemble(&code);
        }
    }
    // Most mutations hit names and constants, or tables, and many of those are harmless.
    assert!((100..19_900).contains(&passed), "{passed}");
}

#[test]
fn a_code_object_can_be_deep() {
    let mut code = Code { qualname: "q".into(), ..Code::default() };
    for _ in 0..3000 {
        code = Code { consts: [Constant::Code(code.into())].into(), ..Code::default() };
    }
    assert_eq!(marshal::write_code(&code), Err(marshal::MarshalError::WriteTooDeep));
}
