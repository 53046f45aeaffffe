//! A disassembler for debugging: the lines of `dis.dis`, without the source.

use std::fmt::{self, Write};

use crate::opcode::{BINARY_OPS, COMPARE_OPS};
use crate::{Code, Constant, Instruction, Opcode, Operand, exceptiontable, linetable};

/// Disassembles a code object and those among its constants, each under a heading.
pub fn disassemble(code: &Code) -> String {
    let mut text = String::new();
    let mut pending = vec![code];
    while let Some(code) = pending.pop() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}{}", if text.is_empty() { "" } else { "\n" }, Heading(code));
        let _ = disassemble_one(code, &mut text);
        let inner: Vec<_> = code.children().collect();
        pending.extend(inner.into_iter().rev().map(|code| &**code));
    }
    text
}

struct Heading<'a>(&'a Code);

impl fmt::Display for Heading<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Heading(code) = self;
        writeln!(f, "Disassembly of {}, {:?}, line {}:", code.qualname, code.filename, code.firstlineno)
    }
}

fn disassemble_one(code: &Code, text: &mut String) -> fmt::Result {
    let mut handlers: Vec<_> = exceptiontable::Handlers::new(&code.exceptiontable).collect();
    handlers.sort_by_key(|handler| handler.start);
    let mut targets: Vec<usize> = code.instructions().filter_map(|instruction| instruction.target()).collect();
    targets.extend(handlers.iter().map(|handler| handler.target as usize));
    targets.sort_unstable();
    let mut entries = linetable::Entries::new(&code.linetable, code.firstlineno).peekable();
    let mut previous_line = None;
    for instruction in code.instructions() {
        while entries.next_if(|entry| entry.end <= instruction.offset).is_some() {}
        let line = entries.peek().and_then(|entry| entry.line);
        if line != previous_line && previous_line.is_some() {
            writeln!(text)?;
        }
        match line {
            Some(number) if line != previous_line => write!(text, "{number:>4} ")?,
            _ => write!(text, "     ")?,
        }
        previous_line = line;
        let mark = if targets.binary_search(&instruction.start).is_ok() { ">>" } else { "  " };
        writeln!(text, "{mark} {:>6} {}", instruction.offset, describe(code, &instruction))?;
    }
    if !handlers.is_empty() {
        writeln!(text, "ExceptionTable:")?;
    }
    for handler in handlers {
        let lasti = if handler.push_lasti { " lasti" } else { "" };
        let last = handler.end.saturating_sub(2);
        writeln!(text, "  {} to {last} -> {} [{}]{lasti}", handler.start, handler.target, handler.depth)?;
    }
    Ok(())
}

/// One instruction with its operand and what that means: `LOAD_CONST 1 ('a')`.
pub fn describe(code: &Code, instruction: &Instruction) -> String {
    let Some(op) = instruction.op() else {
        return format!("<{}> {}", instruction.op_number, instruction.arg);
    };
    if !op.has_arg() {
        return op.name().into();
    }
    match meaning(code, op, instruction) {
        Some(meaning) => format!("{op:<30} {} ({meaning})", instruction.arg),
        None => format!("{op:<30} {}", instruction.arg),
    }
}

fn meaning(code: &Code, op: Opcode, instruction: &Instruction) -> Option<String> {
    let arg = instruction.arg as usize;
    match op.operand() {
        Operand::None => None,
        Operand::Const => Some(Repr(code.consts.get(arg)?).to_string()),
        Operand::Name => Some(code.names.get(arg)?.to_string()),
        Operand::NameWithNull => {
            let name = code.names.get(arg >> 1)?;
            Some(if arg & 1 != 0 { format!("NULL + {name}") } else { name.to_string() })
        }
        Operand::Forward | Operand::Backward => Some(format!("to {}", instruction.target()?)),
        Operand::Local | Operand::Free => Some(code.localsplusnames.get(arg)?.to_string()),
        Operand::Compare => Some((*COMPARE_OPS.get(arg)?).into()),
        Operand::Binary => Some((*BINARY_OPS.get(arg)?).into()),
        Operand::Number if op == Opcode::MakeFunction && arg != 0 => {
            let parts = [(1, "defaults"), (2, "kwdefaults"), (4, "annotations"), (8, "closure")];
            let set: Vec<_> = parts.iter().filter(|part| arg & part.0 != 0).map(|part| part.1).collect();
            Some(set.join(", "))
        }
        Operand::Number if op == Opcode::FormatValue => {
            let conversion = ["as it is", "str", "repr", "ascii"].get(arg & 3)?;
            Some(format!("{conversion}{}", if arg & 4 != 0 { ", with format" } else { "" }))
        }
        Operand::Number => None,
    }
}

/// A constant as Python's `repr` shows it, near enough for messages.
#[derive(Debug)]
pub struct Repr<'a>(pub &'a Constant);

impl fmt::Display for Repr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Constant::None => f.write_str("None"),
            Constant::True => f.write_str("True"),
            Constant::False => f.write_str("False"),
            Constant::Ellipsis => f.write_str("Ellipsis"),
            Constant::Int(value) => write!(f, "{value}"),
            Constant::BigInt(value) => write!(f, "{value}"),
            Constant::Float(value) => write!(f, "{value:?}"),
            Constant::Complex(real, imaginary) => write!(f, "({real:?}{imaginary:+?}j)"),
            Constant::Str(text) => write!(f, "{text:?}"),
            Constant::Bytes(bytes) => write!(f, "b'{}'", bytes.escape_ascii()),
            Constant::Tuple(items) => {
                let comma = if items.len() == 1 { "," } else { "" };
                write!(f, "({}{comma})", Items(items))
            }
            Constant::FrozenSet(items) if items.is_empty() => f.write_str("frozenset()"),
            Constant::FrozenSet(items) => write!(f, "frozenset({{{}}})", Items(items)),
            Constant::Code(code) => {
                write!(f, "<code object {}, file {:?}, line {}>", code.name, code.filename, code.firstlineno)
            }
        }
    }
}

struct Items<'a>(&'a [Constant]);

impl fmt::Display for Items<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.iter().enumerate() {
            write!(f, "{}{}", if index == 0 { "" } else { ", " }, Repr(item))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Repr, disassemble};
    use crate::{Code, Constant};

    #[test]
    fn a_small_function() {
        // def f(a): return a + 1
        let code = Code {
            argcount: 1,
            stacksize: 2,
            flags: 3,
            code: [151, 0, 124, 0, 100, 1, 122, 0, 0, 0, 83, 0].into(),
            consts: [Constant::None, Constant::Int(1)].into(),
            localsplusnames: ["a".into()].into(),
            localspluskinds: [0x20].into(),
            filename: "f.py".into(),
            name: "f".into(),
            qualname: "f".into(),
            firstlineno: 1,
            linetable: (*b"\x80\x00\xd8\x0f\x10\x881\x81u\x80\x30").into(),
            ..Code::default()
        };
        let text = disassemble(&code);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "Disassembly of f, 'f.py', line 1:");
        assert_eq!(lines[1], "   1         0 RESUME                         0");
        let shown = lines[2..].iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        let shown: Vec<_> = shown.filter(|line| !line.is_empty()).collect();
        assert!(shown[0].ends_with("2 LOAD_FAST 0 (a)"), "{text}");
        assert_eq!(shown[1..], ["4 LOAD_CONST 1 (1)", "6 BINARY_OP 0 (+)", "10 RETURN_VALUE"]);
    }

    #[test]
    fn constants_look_like_python() {
        let set = Constant::FrozenSet([Constant::Float(1.0), Constant::True].into());
        let tuple = Constant::Tuple([set, Constant::Tuple([Constant::Bytes(b"\0a".as_slice().into())].into())].into());
        assert_eq!(Repr(&tuple).to_string(), r"(frozenset({1.0, True}), (b'\x00a',))");
        assert_eq!(Repr(&Constant::Complex(-0.0, -1.5)).to_string(), "(-0.0-1.5j)");
    }
}
