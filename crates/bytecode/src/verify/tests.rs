//! Tests of the verifier: what it refuses, and that it survives anything.

use super::{Problem, verify};
use crate::exceptiontable::{self, Handler};
use crate::{Code, Constant, Opcode, code};

use Opcode::*;

/// A code object from opcodes with operands; caches are filled in.
fn assemble(instructions: &[(Opcode, u8)]) -> Code {
    let mut bytes = Vec::new();
    for &(op, arg) in instructions {
        bytes.extend([op as u8, arg]);
        bytes.resize(bytes.len() + 2 * op.caches(), 0);
    }
    Code {
        stacksize: 5,
        flags: code::CO_OPTIMIZED | code::CO_NEWLOCALS,
        code: bytes.into(),
        consts: [Constant::None, Constant::Tuple([Constant::from("k")].into())].into(),
        names: ["n".into()].into(),
        localsplusnames: ["a".into(), "b".into(), "c".into()].into(),
        localspluskinds: [code::CO_FAST_LOCAL, code::CO_FAST_LOCAL | code::CO_FAST_CELL, code::CO_FAST_FREE].into(),
        qualname: "q".into(),
        ..Code::default()
    }
}

const PROLOGUE: [(Opcode, u8); 3] = [(CopyFreeVars, 1), (MakeCell, 1), (Resume, 0)];

/// The problem of a function with the prologue before these instructions.
fn problem(instructions: &[(Opcode, u8)]) -> Option<Problem> {
    let whole: Vec<_> = PROLOGUE.iter().chain(instructions).copied().collect();
    verify(&assemble(&whole)).err().map(|error| error.problem)
}

const RETURN: [(Opcode, u8); 2] = [(LoadConst, 0), (ReturnValue, 0)];

#[test]
fn good_functions() {
    assert_eq!(problem(&RETURN), None);
    assert_eq!(problem(&[(LoadFast, 0), (StoreDeref, 1), (LoadDeref, 2), (ReturnValue, 0)]), None);
    let call = [(PushNull, 0), (LoadFast, 0), (LoadFast, 0), (KwNames, 1), (Precall, 1), (Call, 1), (ReturnValue, 0)];
    assert_eq!(problem(&call), None);
    let looping = [(LoadFast, 0), (GetIter, 0), (ForIter, 2), (StoreFast, 0), (JumpBackward, 3)];
    assert_eq!(problem(&[&looping[..], &RETURN].concat()), None);
}

#[test]
fn bad_operands() {
    for (instructions, expected) in [
        (&[(LoadConst, 2), (ReturnValue, 0)][..], Problem::ConstantRange),
        (&[(LoadName, 1), (ReturnValue, 0)], Problem::NameRange),
        (&[(LoadGlobal, 2), (ReturnValue, 0)], Problem::NameRange),
        (&[(LoadFast, 3), (ReturnValue, 0)], Problem::LocalRange),
        (&[(LoadFast, 1), (ReturnValue, 0)], Problem::LocalKind),
        (&[(LoadDeref, 0), (ReturnValue, 0)], Problem::LocalKind),
        (&[(LoadFast, 0), (LoadFast, 0), (CompareOp, 6), (ReturnValue, 0)], Problem::OperandRange),
        (&[(LoadFast, 0), (LoadFast, 0), (BinaryOp, 26), (ReturnValue, 0)], Problem::OperandRange),
        (&[(LoadFast, 0), (Copy, 0), (ReturnValue, 0)], Problem::OperandRange),
        (&[(JumpForward, 9)], Problem::JumpTarget),
        (&[(JumpBackward, 3)], Problem::JumpTarget),
        (&[(JumpBackward, 200)], Problem::JumpTarget),
        (&[(LoadFast, 0), (JumpForward, 1), (LoadAttr, 0), (ReturnValue, 0)], Problem::JumpTarget),
        (&[(MakeCell, 1)], Problem::Prologue),
        (&[(LoadConst, 0), (YieldValue, 0), (ReturnValue, 0)], Problem::GeneratorFlags),
        (&[(LoadConst, 0), (BinaryOpAddInt, 0)], Problem::SpecialisedOpcode),
        (&[(ExtendedArg, 0)], Problem::DanglingExtendedArg),
        (&[(ExtendedArg, 0), (ExtendedArg, 0), (ExtendedArg, 0), (ExtendedArg, 0), (Nop, 0)], Problem::LongExtendedArg),
        (&[(Cache, 0)], Problem::UnknownOpcode),
        (&[(PushNull, 0), (LoadFast, 0), (Precall, 0), (ReturnValue, 0)], Problem::CallPair),
        (&[(PushNull, 0), (LoadFast, 0), (Call, 0), (ReturnValue, 0)], Problem::CallPair),
        (
            &[(PushNull, 0), (LoadFast, 0), (KwNames, 1), (Precall, 0), (Call, 0), (ReturnValue, 0)],
            Problem::KeywordNames,
        ),
        (
            &[(PushNull, 0), (LoadFast, 0), (KwNames, 0), (Precall, 0), (Call, 0), (ReturnValue, 0)],
            Problem::KeywordNames,
        ),
    ] {
        assert_eq!(problem(instructions), Some(expected), "{instructions:?}");
    }
}

#[test]
fn bad_stacks() {
    for (instructions, expected) in [
        (&[(PopTop, 0), (LoadConst, 0), (ReturnValue, 0)][..], Problem::StackUnderflow),
        (&[(LoadConst, 0), (ListAppend, 1)], Problem::StackUnderflow),
        (&[(LoadConst, 0), (Copy, 2), (ReturnValue, 0)], Problem::StackUnderflow),
        (&[(LoadConst, 0), (LoadConst, 0), (ReturnValue, 0)], Problem::ReturnDepth),
        (&[(LoadConst, 0); 7], Problem::StackOverflow),
        (&[(LoadConst, 0), (JumpBackward, 2)], Problem::StackMismatch),
        (&[(Nop, 0)], Problem::OffTheEnd),
        (&[], Problem::OffTheEnd),
        (&[(LoadFast, 0), (PopJumpForwardIfTrue, 0)], Problem::JumpTarget),
    ] {
        assert_eq!(problem(instructions), Some(expected), "{instructions:?}");
    }
}

#[test]
fn kinds_of_values() {
    let listed = [(BuildList, 0), (LoadFast, 0), (ListAppend, 1), (ReturnValue, 0)];
    assert_eq!(problem(&listed), None);
    let merged = [(BuildMap, 0), (LoadFast, 0), (DictUpdate, 1), (ReturnValue, 0)];
    assert_eq!(problem(&merged), None);
    for instructions in [
        &[(LoadFast, 0), (LoadFast, 0), (ListAppend, 1), (ReturnValue, 0)][..],
        &[(BuildTuple, 0), (LoadFast, 0), (SetAdd, 1), (ReturnValue, 0)],
        &[(BuildList, 0), (LoadFast, 0), (LoadFast, 0), (MapAdd, 1), (ReturnValue, 0)],
        &[(BuildList, 0), (LoadFast, 0), (Swap, 2), (ListAppend, 1), (ReturnValue, 0)],
        &[(PushNull, 0), (ReturnValue, 0)],
        &[(PushNull, 0), (Copy, 1), (PopTop, 0), (ReturnValue, 0)],
        &[(LoadFast, 0), (LoadMethod, 0), (PopTop, 0), (ReturnValue, 0)],
        // The list of one way is a dictionary on the other one.
        &[
            (BuildList, 0),
            (LoadFast, 0),
            (PopJumpForwardIfTrue, 2),
            (PopTop, 0),
            (BuildMap, 0),
            (LoadFast, 0),
            (ListAppend, 1),
            (ReturnValue, 0),
        ],
    ] {
        assert_eq!(problem(instructions), Some(Problem::StackKind), "{instructions:?}");
    }
}

#[test]
fn bad_frames() {
    let good = || assemble(&[&PROLOGUE[..], &RETURN].concat());
    let refused = |change: fn(&mut Code)| {
        let mut code = good();
        change(&mut code);
        verify(&code).err().map(|error| error.problem)
    };
    assert_eq!(verify(&good()), Ok(()));
    assert_eq!(refused(|code| code.code = code.code[..code.code.len() - 1].into()), Some(Problem::OddLength));
    assert_eq!(refused(|code| code.localspluskinds = [].into()), Some(Problem::Locals));
    assert_eq!(refused(|code| code.localspluskinds = [0x80, 0x20, 0x20].into()), Some(Problem::Locals));
    assert_eq!(refused(|code| code.localspluskinds = [0x20, 0x20, 0x20].into()), Some(Problem::Prologue));
    assert_eq!(refused(|code| code.argcount = 3), Some(Problem::Parameters));
    assert_eq!(refused(|code| code.posonlyargcount = 1), Some(Problem::Parameters));
    assert_eq!(refused(|code| code.stacksize = u32::MAX), Some(Problem::FrameSize));
    assert_eq!(refused(|code| code.stacksize = 0), Some(Problem::StackOverflow));
    assert_eq!(refused(|code| code.flags |= code::CO_GENERATOR), Some(Problem::GeneratorFlags));
    assert_eq!(refused(|code| code.linetable = [1].into()), Some(Problem::LineTable));
    assert_eq!(refused(|code| code.exceptiontable = [1].into()), Some(Problem::HandlerTable));
    assert_eq!(refused(|code| code.code = [].into()), Some(Problem::Prologue));
}

#[test]
fn handlers() {
    // 6 NOP; 8 LOAD_CONST; 10 RETURN_VALUE; 12 RERAISE
    let whole = [&PROLOGUE[..], &[(Nop, 0)], &RETURN, &[(Reraise, 0)]].concat();
    let with = |handler: Handler| {
        let code = Code { exceptiontable: exceptiontable::encode(&[handler]), ..assemble(&whole) };
        verify(&code).err().map(|error| error.problem)
    };
    let good = Handler { start: 6, end: 10, target: 12, depth: 0, push_lasti: false };
    assert_eq!(with(good), None);
    assert_eq!(with(Handler { depth: 1, ..good }), Some(Problem::HandlerDepth));
    assert_eq!(with(Handler { depth: 9, ..good }), Some(Problem::HandlerDepth));
    assert_eq!(with(Handler { target: 20, ..good }), Some(Problem::HandlerTarget));
    assert_eq!(with(Handler { target: 0, ..good }), Some(Problem::HandlerTarget));
    assert_eq!(with(Handler { end: 20, ..good }), Some(Problem::HandlerTable));
    assert_eq!(with(Handler { end: 6, ..good }), Some(Problem::HandlerTable));
    assert_eq!(with(Handler { target: 6, ..good }), Some(Problem::StackMismatch));
}

#[test]
fn nested_code_is_verified() {
    let mut outer = assemble(&[&PROLOGUE[..], &RETURN].concat());
    let inner = Code { qualname: "inner".into(), ..assemble(&[(Nop, 0)]) };
    let tuple = Constant::Tuple([Constant::Code(inner.into())].into());
    outer.consts = [Constant::None, tuple].into();
    assert_eq!(verify(&outer).unwrap_err().to_string(), "inner: cells are not made first");
}

#[test]
fn any_bytes_are_survived() {
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    for _ in 0..20_000 {
        let mut instructions = PROLOGUE.to_vec();
        for _ in 0..random(20) {
            instructions.push((Opcode::BASE[random(Opcode::BASE.len())], random(4) as u8));
        }
        let mut code = assemble(&[&instructions[..], &RETURN].concat());
        code.exceptiontable = (0..random(12)).map(|_| random(256) as u8).collect();
        code.linetable = (0..random(12)).map(|_| random(256) as u8).collect();
        if random(2) == 0 {
            code.code = (0..random(60)).map(|_| random(256) as u8).collect();
        }
        // Either answer will do; the disassembler must cope with both.
        let _ = verify(&code);
        assert!(!crate::dis::disassemble(&code).is_empty());
    }
}
