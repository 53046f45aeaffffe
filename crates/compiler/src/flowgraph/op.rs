//! What an instruction can be before it is assembled: the opcodes that a compiler emits, and the ones that exist only here.
//!
//! The pseudo-instructions at the end of the table say what later passes decide: a jump whose direction is not known, and
//! the beginnings and ends of protected regions, which the exception table replaces. None of them is left when code is
//! written. CPython 3.11 numbers the same pseudo-instructions below zero.

use habu_bytecode::Opcode;

use super::Arg;

/// Declares [`Op`]: each opcode under the name that it has in the instruction table, then the pseudo-instructions.
macro_rules! ops {
    ($($op:ident,)* ; $($pseudo:ident,)*) => {
        /// An instruction's operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the names are those of the instructions in the reference of `dis`")]
        pub enum Op {
            $($op,)*
            $($pseudo,)*
        }

        impl Op {
            /// The instruction that this is in 3.11's table; `None` for a pseudo-instruction.
            pub fn opcode(self) -> Option<Opcode> {
                match self {
                    $(Op::$op => Some(Opcode::$op),)*
                    $(Op::$pseudo => None,)*
                }
            }
        }
    };
}

ops! {
    Nop,
    PopTop,
    PushNull,
    UnaryPositive,
    UnaryNegative,
    UnaryNot,
    UnaryInvert,
    BinarySubscr,
    GetLen,
    MatchMapping,
    MatchSequence,
    MatchKeys,
    MatchClass,
    PushExcInfo,
    CheckExcMatch,
    CheckEgMatch,
    WithExceptStart,
    GetAiter,
    GetAnext,
    BeforeAsyncWith,
    BeforeWith,
    EndAsyncFor,
    StoreSubscr,
    DeleteSubscr,
    GetIter,
    GetYieldFromIter,
    PrintExpr,
    LoadBuildClass,
    LoadAssertionError,
    ReturnGenerator,
    ListToTuple,
    ReturnValue,
    ImportStar,
    SetupAnnotations,
    YieldValue,
    AsyncGenWrap,
    PrepReraiseStar,
    PopExcept,
    StoreName,
    DeleteName,
    UnpackSequence,
    ForIter,
    UnpackEx,
    StoreAttr,
    DeleteAttr,
    StoreGlobal,
    DeleteGlobal,
    Swap,
    LoadConst,
    LoadName,
    BuildTuple,
    BuildList,
    BuildSet,
    BuildMap,
    LoadAttr,
    CompareOp,
    ImportName,
    ImportFrom,
    JumpForward,
    JumpIfFalseOrPop,
    JumpIfTrueOrPop,
    PopJumpForwardIfFalse,
    PopJumpForwardIfTrue,
    LoadGlobal,
    IsOp,
    ContainsOp,
    Reraise,
    Copy,
    BinaryOp,
    Send,
    LoadFast,
    StoreFast,
    DeleteFast,
    PopJumpForwardIfNotNone,
    PopJumpForwardIfNone,
    RaiseVarargs,
    GetAwaitable,
    MakeFunction,
    BuildSlice,
    JumpBackwardNoInterrupt,
    MakeCell,
    LoadClosure,
    LoadDeref,
    StoreDeref,
    DeleteDeref,
    JumpBackward,
    CallFunctionEx,
    ListAppend,
    SetAdd,
    MapAdd,
    LoadClassderef,
    CopyFreeVars,
    Resume,
    FormatValue,
    BuildConstKeyMap,
    BuildString,
    LoadMethod,
    ListExtend,
    SetUpdate,
    DictMerge,
    DictUpdate,
    Precall,
    Call,
    KwNames,
    PopJumpBackwardIfNotNone,
    PopJumpBackwardIfNone,
    PopJumpBackwardIfFalse,
    PopJumpBackwardIfTrue,
    ;
    SetupFinally,
    SetupCleanup,
    SetupWith,
    PopBlock,
    Jump,
    JumpNoInterrupt,
    PopJumpIfFalse,
    PopJumpIfTrue,
    PopJumpIfNone,
    PopJumpIfNotNone,
}

impl Op {
    /// Whether the instruction transfers control to its target itself (and so ends its block).
    pub(crate) fn is_jump(self) -> bool {
        use Op::*;
        matches!(
            self,
            Jump | JumpNoInterrupt
                | PopJumpIfFalse
                | PopJumpIfTrue
                | PopJumpIfNone
                | PopJumpIfNotNone
                | JumpIfFalseOrPop
                | JumpIfTrueOrPop
                | ForIter
                | Send
                | JumpForward
                | JumpBackward
                | JumpBackwardNoInterrupt
                | PopJumpForwardIfFalse
                | PopJumpForwardIfTrue
                | PopJumpForwardIfNone
                | PopJumpForwardIfNotNone
                | PopJumpBackwardIfFalse
                | PopJumpBackwardIfTrue
                | PopJumpBackwardIfNone
                | PopJumpBackwardIfNotNone
        )
    }

    /// Whether the instruction opens a protected region whose handler is its target.
    pub(crate) fn opens_region(self) -> bool {
        matches!(self, Op::SetupFinally | Op::SetupCleanup | Op::SetupWith)
    }

    /// Whether nothing after the instruction runs unless something jumps there.
    pub(crate) fn ends_flow(self) -> bool {
        self.leaves_code() || self.is_unconditional_jump()
    }

    /// Whether the instruction leaves the code object, by a return or an exception.
    pub(crate) fn leaves_code(self) -> bool {
        matches!(self, Op::ReturnValue | Op::RaiseVarargs | Op::Reraise)
    }

    /// Whether the instruction always jumps.
    pub(crate) fn is_unconditional_jump(self) -> bool {
        use Op::*;
        matches!(self, Jump | JumpNoInterrupt | JumpForward | JumpBackward | JumpBackwardNoInterrupt)
    }

    /// Whether the instruction is the last of its block.
    pub(crate) fn ends_block(self) -> bool {
        self.is_jump() || self.leaves_code()
    }

    /// The change in the stack's depth, on the way to the next instruction or (`jumped`) to the target or handler.
    pub(crate) fn stack_effect(self, arg: Arg, jumped: bool) -> i64 {
        if let Some(opcode) = self.opcode() {
            // An effect that does not fit cannot be measured: it makes the graph malformed or too large.
            return opcode.stack_effect(arg, Some(jumped)).map_or(i64::MIN / 4, i64::from);
        }
        match self {
            Op::PopJumpIfFalse | Op::PopJumpIfTrue | Op::PopJumpIfNone | Op::PopJumpIfNotNone => -1,
            // The handler finds the exception, and below it, if it wants it, the offset of what raised; the exception
            // takes the place of what `__enter__` gave where `SetupWith` opens the region.
            Op::SetupFinally | Op::SetupWith => i64::from(jumped),
            Op::SetupCleanup => 2 * i64::from(jumped),
            _ => 0,
        }
    }
}
