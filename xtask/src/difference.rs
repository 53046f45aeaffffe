//! The first difference between two code objects, as CPython and as Habu compiled them.

use habu_bytecode::{Code, Constant, Instruction, dis, exceptiontable, linetable};

/// Where two code objects differ.
pub(crate) struct Difference {
    /// The name of the field, which differences are counted by.
    pub(crate) field: &'static str,
    /// The function.
    pub(crate) qualname: String,
    /// One line: where, what CPython has, what Habu has.
    pub(crate) detail: String,
    /// Some instructions around it, of CPython and of Habu.
    pub(crate) context: Option<(String, String)>,
}

/// How many code objects there are, and how many are the same.
#[derive(Default)]
pub(crate) struct Count {
    pub(crate) all: usize,
    pub(crate) same: usize,
}

/// Compares two code objects and those inside them, outer ones first. Gives the first difference.
pub(crate) fn compare(want: &Code, have: &Code, count: &mut Count) -> Option<Difference> {
    let mut first = None;
    let mut pending = std::collections::VecDeque::from([(want, Some(have))]);
    while let Some((want, have)) = pending.pop_front() {
        count.all += 1;
        let mut children = Vec::new();
        if let Some(have) = have {
            children = have.children().map(|code| &**code).collect();
            match compare_one(want, have) {
                None => count.same += 1,
                difference => first = first.or(difference),
            }
        }
        for (index, inner) in want.children().enumerate() {
            pending.push_back((&**inner, children.get(index).copied()));
        }
    }
    first
}

fn compare_one(want: &Code, have: &Code) -> Option<Difference> {
    let difference =
        |field, detail| Some(Difference { field, qualname: want.qualname.to_string(), detail, context: None });
    let numbers = [
        ("co_argcount", want.argcount, have.argcount),
        ("co_posonlyargcount", want.posonlyargcount, have.posonlyargcount),
        ("co_kwonlyargcount", want.kwonlyargcount, have.kwonlyargcount),
        ("co_firstlineno", want.firstlineno as u32, have.firstlineno as u32),
    ];
    for (field, want, have) in numbers {
        if want != have {
            return difference(field, format!("{want} is {have}"));
        }
    }
    for (field, want, have) in [
        ("co_name", &want.name, &have.name),
        ("co_qualname", &want.qualname, &have.qualname),
        ("co_filename", &want.filename, &have.filename),
    ] {
        if want != have {
            return difference(field, format!("{want:?} is {have:?}"));
        }
    }
    if want.flags != have.flags {
        return difference("co_flags", format!("{:#x} is {:#x}", want.flags, have.flags));
    }
    if (&want.localsplusnames, &want.localspluskinds) != (&have.localsplusnames, &have.localspluskinds) {
        let slots = |code: &Code| {
            let kinds = code.localspluskinds.iter().zip(&code.localsplusnames);
            kinds.map(|(kind, name)| format!("{name}:{kind:x}")).collect::<Vec<_>>().join(" ")
        };
        return difference("localsplus", format!("[{}] is [{}]", slots(want), slots(have)));
    }
    compare_instructions(want, have)
        .or_else(|| compare_names(want, have))
        .or_else(|| compare_constants(want, have))
        .or_else(|| compare_locations(want, have))
        .or_else(|| compare_handlers(want, have))
        .or_else(|| {
            let detail = || format!("{} is {}", want.stacksize, have.stacksize);
            (want.stacksize != have.stacksize).then(detail).and_then(|detail| difference("co_stacksize", detail))
        })
        // The instructions meant the same, so what is left are other numbers, or caches that are not zero.
        .or_else(|| {
            (want.code != have.code).then(|| "other bytes".into()).and_then(|detail| difference("co_code", detail))
        })
}

fn compare_instructions(want: &Code, have: &Code) -> Option<Difference> {
    let (wanted, had): (Vec<_>, Vec<_>) = (want.instructions().collect(), have.instructions().collect());
    let same = |index: usize| match (wanted.get(index), had.get(index)) {
        (Some(a), Some(b)) => {
            // Constants and names are compared by what they are, so that one that is missing
            // is not taken for a wrong instruction everywhere after it.
            (a.op_number, a.end) == (b.op_number, b.end)
                && (a.arg == b.arg || meaning(want, a).is_some() && meaning(want, a) == meaning(have, b))
        }
        (None, None) => true,
        _ => false,
    };
    let index = (0..wanted.len().max(had.len())).find(|&index| !same(index));
    let index = index?;
    let show = |code: &Code, instruction: Option<&Instruction>| match instruction {
        Some(instruction) => one_line(code, instruction),
        None => "the end".into(),
    };
    let (a, b) = (wanted.get(index), had.get(index));
    let offset = a.or(b).map_or(0, |instruction| instruction.offset);
    let line = linetable::line_at(&want.linetable, want.firstlineno, offset).unwrap_or(0);
    let window = |code: &Code, instructions: &[Instruction]| {
        let from = index.saturating_sub(8);
        let lines = instructions.iter().enumerate().skip(from).take(20).map(|(at, instruction)| {
            let mark = if at == index { "->" } else { "  " };
            format!("{mark} {:>5} {}\n", instruction.offset, one_line(code, instruction))
        });
        lines.collect::<String>()
    };
    Some(Difference {
        field: "co_code",
        qualname: want.qualname.to_string(),
        detail: format!("at {offset}, line {line}: {} is {}", show(want, a), show(have, b)),
        context: Some((window(want, &wanted), window(have, &had))),
    })
}

/// The constant or the name that an instruction refers to.
fn meaning(code: &Code, instruction: &Instruction) -> Option<String> {
    let op = instruction.op()?;
    let arg = instruction.arg as usize;
    if op.has_const() {
        return Some(constant(code.consts.get(arg)?));
    }
    match op.operand() {
        habu_bytecode::Operand::Name => Some(code.names.get(arg)?.to_string()),
        habu_bytecode::Operand::NameWithNull => Some(format!("{}{}", arg & 1, code.names.get(arg >> 1)?)),
        _ => None,
    }
}

fn one_line(code: &Code, instruction: &Instruction) -> String {
    let text = dis::describe(code, instruction);
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    shorten(format!("{name} {}", rest.join(" ")).trim().to_owned())
}

fn constant(constant: &Constant) -> String {
    match constant {
        // Code objects are compared on their own.
        Constant::Code(code) => format!("<code {}>", code.name),
        other => dis::Repr(other).to_string(),
    }
}

fn shorten(text: String) -> String {
    if text.chars().count() <= 90 { text } else { text.chars().take(87).chain("...".chars()).collect() }
}

fn compare_names(want: &Code, have: &Code) -> Option<Difference> {
    let index = first_difference(&want.names, &have.names, |a, b| a == b)?;
    let show = |code: &Code| code.names.get(index).map_or("missing".into(), |name| format!("{name:?}"));
    Some(Difference {
        field: "co_names",
        qualname: want.qualname.to_string(),
        detail: format!("name {index}: {} is {}", show(want), show(have)),
        context: None,
    })
}

fn compare_constants(want: &Code, have: &Code) -> Option<Difference> {
    let same = |a: &Constant, b: &Constant| match (a, b) {
        (Constant::Code(_), Constant::Code(_)) => true,
        _ => a == b,
    };
    let index = first_difference(&want.consts, &have.consts, same)?;
    let show = |code: &Code| shorten(code.consts.get(index).map_or("missing".into(), constant));
    Some(Difference {
        field: "co_consts",
        qualname: want.qualname.to_string(),
        detail: format!("constant {index}: {} is {}", show(want), show(have)),
        context: None,
    })
}

fn first_difference<T>(want: &[T], have: &[T], same: impl Fn(&T, &T) -> bool) -> Option<usize> {
    (0..want.len().max(have.len())).find(|&index| match (want.get(index), have.get(index)) {
        (Some(a), Some(b)) => !same(a, b),
        _ => true,
    })
}

fn compare_locations(want: &Code, have: &Code) -> Option<Difference> {
    if want.linetable == have.linetable {
        return None;
    }
    let entries = |code: &Code| linetable::Entries::new(&code.linetable, code.firstlineno).collect::<Vec<_>>();
    let (wanted, had) = (entries(want), entries(have));
    let detail = match first_difference(&wanted, &had, |a, b| a == b) {
        None => "same locations in other forms".into(),
        Some(index) => {
            let show = |entry: Option<&linetable::Entry>| match entry {
                None => "nothing".into(),
                Some(entry) => {
                    let number = |value: Option<i32>| value.map_or("-".into(), |value| value.to_string());
                    format!(
                        "{}:{}-{}:{} ({} units)",
                        number(entry.line),
                        number(entry.column),
                        number(entry.end_line),
                        number(entry.end_column),
                        (entry.end - entry.start) / 2
                    )
                }
            };
            let offset = wanted.get(index).or(had.get(index)).map_or(0, |entry| entry.start);
            let instruction = want.instructions().find(|instruction| instruction.end > offset);
            let instruction = instruction.map_or(String::new(), |instruction| one_line(want, &instruction));
            format!("at {offset}, {instruction}: {} is {}", show(wanted.get(index)), show(had.get(index)))
        }
    };
    Some(Difference { field: "co_linetable", qualname: want.qualname.to_string(), detail, context: None })
}

fn compare_handlers(want: &Code, have: &Code) -> Option<Difference> {
    if want.exceptiontable == have.exceptiontable {
        return None;
    }
    let handlers = |code: &Code| exceptiontable::Handlers::new(&code.exceptiontable).collect::<Vec<_>>();
    let (wanted, had) = (handlers(want), handlers(have));
    let index = first_difference(&wanted, &had, |a, b| a == b).unwrap_or(0);
    let show = |handler: Option<&exceptiontable::Handler>| match handler {
        None => "nothing".into(),
        Some(handler) => {
            let exceptiontable::Handler { start, end, target, depth, push_lasti } = handler;
            format!("{start}..{end} -> {target} [{depth}]{}", if *push_lasti { " lasti" } else { "" })
        }
    };
    Some(Difference {
        field: "co_exceptiontable",
        qualname: want.qualname.to_string(),
        detail: format!("entry {index}: {} is {}", show(wanted.get(index)), show(had.get(index))),
        context: None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Count, compare};
    use habu_bytecode::{Code, Constant};

    /// `def f(a): return a + 1`, inside a module.
    fn module(change: impl FnOnce(&mut Code)) -> Code {
        let mut function = Code {
            argcount: 1,
            stacksize: 2,
            code: [151, 0, 124, 0, 100, 1, 122, 0, 0, 0, 83, 0].into(),
            consts: [Constant::None, Constant::Int(1)].into(),
            localsplusnames: ["a".into()].into(),
            localspluskinds: [0x20].into(),
            qualname: "f".into(),
            firstlineno: 7,
            linetable: (*b"\x80\x00\xd8\x0f\x10\x881\x81u\x80\x30").into(),
            ..Code::default()
        };
        change(&mut function);
        Code { qualname: "<module>".into(), consts: [Constant::Code(function.into())].into(), ..Code::default() }
    }

    fn difference(change: impl FnOnce(&mut Code)) -> Option<(&'static str, String)> {
        let mut count = Count::default();
        let difference = compare(&module(|_| ()), &module(change), &mut count);
        assert_eq!((count.all, count.same), (2, if difference.is_some() { 1 } else { 2 }));
        difference.map(|difference| {
            assert_eq!(difference.qualname, "f");
            (difference.field, difference.detail)
        })
    }

    #[test]
    fn each_field_is_compared() {
        assert_eq!(difference(|_| ()), None);
        let expect = |change: fn(&mut Code), field, detail: &str| {
            assert_eq!(difference(change), Some((field, detail.to_owned())));
        };
        expect(|code| code.argcount = 0, "co_argcount", "1 is 0");
        expect(|code| code.flags = 3, "co_flags", "0x0 is 0x3");
        expect(|code| code.localspluskinds = [0x60].into(), "localsplus", "[a:20] is [a:60]");
        expect(|code| code.stacksize = 3, "co_stacksize", "2 is 3");
        expect(|code| code.names = ["n".into()].into(), "co_names", "name 0: missing is 'n'");
        expect(|code| code.consts = [Constant::None].into(), "co_consts", "constant 1: 1 is missing");
        expect(|code| code.consts = [Constant::True, Constant::Int(1)].into(), "co_consts", "constant 0: None is True");
        expect(|code| code.code[5] = 0, "co_code", "at 4, line 8: LOAD_CONST 1 (1) is LOAD_CONST 0 (None)");
        expect(|code| code.code[8] = 9, "co_code", "other bytes");
        expect(
            |code| code.exceptiontable = [0x81, 1, 2, 3].into(),
            "co_exceptiontable",
            "entry 0: nothing is 2..4 -> 4 [1] lasti",
        );
        expect(
            |code| code.linetable[10] = 0x35,
            "co_linetable",
            "at 10, RETURN_VALUE: 8:3-8:3 (1 units) is 8:3-8:8 (1 units)",
        );
    }
}
