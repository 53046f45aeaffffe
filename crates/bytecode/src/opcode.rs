//! The instructions of CPython 3.11, in one table.
//!
//! An instruction is one 16-bit [`CodeUnit`] (opcode in the low byte, operand in the high
//! one), preceded by up to three `EXTENDED_ARG` for larger operands and followed by its
//! inline cache entries, which are `CACHE` units that the interpreter overwrites.
//!
//! `for_each_op!` is the single source: it feeds the enum, the names, the cache counts, the
//! stack effects and the disassembler, and an interpreter may feed its own tables from it.
//! Adding an instruction is one row. The columns of the first part are: variant, number, name,
//! cache entries, operand kind, how many values at the top of the stack it looks at (taken
//! off or not), and how it changes the depth of the stack, as `dis.stack_effect` says it:
//! a function of the operand and of whether the instruction jumps. The second part lists the
//! specialised forms, each with the instruction that it is a form of; they exist only in
//! running code, never in what a compiler emits or a `.pyc` holds.

/// Calls `$callback! { base { rows } specialised { rows } }` with the whole instruction table.
#[macro_export]
macro_rules! for_each_op {
    ($callback:ident) => { $callback! {
        base {
            // variant                 number  name                     caches operand     reads     effect
            (Cache,                         0, "CACHE",                         0, None,         |_| 0,     |_, _| 0)
            (PopTop,                        1, "POP_TOP",                       0, None,         |_| 1,     |_, _| -1)
            (PushNull,                      2, "PUSH_NULL",                     0, None,         |_| 0,     |_, _| 1)
            (Nop,                           9, "NOP",                           0, None,         |_| 0,     |_, _| 0)
            (UnaryPositive,                10, "UNARY_POSITIVE",                0, None,         |_| 1,     |_, _| 0)
            (UnaryNegative,                11, "UNARY_NEGATIVE",                0, None,         |_| 1,     |_, _| 0)
            (UnaryNot,                     12, "UNARY_NOT",                     0, None,         |_| 1,     |_, _| 0)
            (UnaryInvert,                  15, "UNARY_INVERT",                  0, None,         |_| 1,     |_, _| 0)
            (BinarySubscr,                 25, "BINARY_SUBSCR",                 4, None,         |_| 2,     |_, _| -1)
            (GetLen,                       30, "GET_LEN",                       0, None,         |_| 1,     |_, _| 1)
            (MatchMapping,                 31, "MATCH_MAPPING",                 0, None,         |_| 1,     |_, _| 1)
            (MatchSequence,                32, "MATCH_SEQUENCE",                0, None,         |_| 1,     |_, _| 1)
            (MatchKeys,                    33, "MATCH_KEYS",                    0, None,         |_| 2,     |_, _| 1)
            (PushExcInfo,                  35, "PUSH_EXC_INFO",                 0, None,         |_| 1,     |_, _| 1)
            (CheckExcMatch,                36, "CHECK_EXC_MATCH",               0, None,         |_| 2,     |_, _| 0)
            (CheckEgMatch,                 37, "CHECK_EG_MATCH",                0, None,         |_| 2,     |_, _| 0)
            (WithExceptStart,              49, "WITH_EXCEPT_START",             0, None,         |_| 4,     |_, _| 1)
            (GetAiter,                     50, "GET_AITER",                     0, None,         |_| 1,     |_, _| 0)
            (GetAnext,                     51, "GET_ANEXT",                     0, None,         |_| 1,     |_, _| 1)
            (BeforeAsyncWith,              52, "BEFORE_ASYNC_WITH",             0, None,         |_| 1,     |_, _| 1)
            (BeforeWith,                   53, "BEFORE_WITH",                   0, None,         |_| 1,     |_, _| 1)
            (EndAsyncFor,                  54, "END_ASYNC_FOR",                 0, None,         |_| 2,     |_, _| -2)
            (StoreSubscr,                  60, "STORE_SUBSCR",                  1, None,         |_| 3,     |_, _| -3)
            (DeleteSubscr,                 61, "DELETE_SUBSCR",                 0, None,         |_| 2,     |_, _| -2)
            (GetIter,                      68, "GET_ITER",                      0, None,         |_| 1,     |_, _| 0)
            (GetYieldFromIter,             69, "GET_YIELD_FROM_ITER",           0, None,         |_| 1,     |_, _| 0)
            (PrintExpr,                    70, "PRINT_EXPR",                    0, None,         |_| 1,     |_, _| -1)
            (LoadBuildClass,               71, "LOAD_BUILD_CLASS",              0, None,         |_| 0,     |_, _| 1)
            (LoadAssertionError,           74, "LOAD_ASSERTION_ERROR",          0, None,         |_| 0,     |_, _| 1)
            (ReturnGenerator,              75, "RETURN_GENERATOR",              0, None,         |_| 0,     |_, _| 0)
            (ListToTuple,                  82, "LIST_TO_TUPLE",                 0, None,         |_| 1,     |_, _| 0)
            (ReturnValue,                  83, "RETURN_VALUE",                  0, None,         |_| 1,     |_, _| -1)
            (ImportStar,                   84, "IMPORT_STAR",                   0, None,         |_| 1,     |_, _| -1)
            (SetupAnnotations,             85, "SETUP_ANNOTATIONS",             0, None,         |_| 0,     |_, _| 0)
            (YieldValue,                   86, "YIELD_VALUE",                   0, None,         |_| 1,     |_, _| 0)
            (AsyncGenWrap,                 87, "ASYNC_GEN_WRAP",                0, None,         |_| 1,     |_, _| 0)
            (PrepReraiseStar,              88, "PREP_RERAISE_STAR",             0, None,         |_| 2,     |_, _| -1)
            (PopExcept,                    89, "POP_EXCEPT",                    0, None,         |_| 1,     |_, _| -1)
            (StoreName,                    90, "STORE_NAME",                    0, Name,         |_| 1,     |_, _| -1)
            (DeleteName,                   91, "DELETE_NAME",                   0, Name,         |_| 0,     |_, _| 0)
            (UnpackSequence,               92, "UNPACK_SEQUENCE",               1, Number,       |_| 1,     |n, _| n - 1)
            (ForIter,                      93, "FOR_ITER",                      0, Forward,      |_| 1,     |_, jump| if jump { -1 } else { 1 })
            (UnpackEx,                     94, "UNPACK_EX",                     0, Number,       |_| 1,     |n, _| (n & 0xFF) + (n >> 8))
            (StoreAttr,                    95, "STORE_ATTR",                    4, Name,         |_| 2,     |_, _| -2)
            (DeleteAttr,                   96, "DELETE_ATTR",                   0, Name,         |_| 1,     |_, _| -1)
            (StoreGlobal,                  97, "STORE_GLOBAL",                  0, Name,         |_| 1,     |_, _| -1)
            (DeleteGlobal,                 98, "DELETE_GLOBAL",                 0, Name,         |_| 0,     |_, _| 0)
            (Swap,                         99, "SWAP",                          0, Number,       |n| n,     |_, _| 0)
            (LoadConst,                   100, "LOAD_CONST",                    0, Const,        |_| 0,     |_, _| 1)
            (LoadName,                    101, "LOAD_NAME",                     0, Name,         |_| 0,     |_, _| 1)
            (BuildTuple,                  102, "BUILD_TUPLE",                   0, Number,       |n| n,     |n, _| 1 - n)
            (BuildList,                   103, "BUILD_LIST",                    0, Number,       |n| n,     |n, _| 1 - n)
            (BuildSet,                    104, "BUILD_SET",                     0, Number,       |n| n,     |n, _| 1 - n)
            (BuildMap,                    105, "BUILD_MAP",                     0, Number,       |n| 2 * n, |n, _| 1 - 2 * n)
            (LoadAttr,                    106, "LOAD_ATTR",                     4, Name,         |_| 1,     |_, _| 0)
            (CompareOp,                   107, "COMPARE_OP",                    2, Compare,      |_| 2,     |_, _| -1)
            (ImportName,                  108, "IMPORT_NAME",                   0, Name,         |_| 2,     |_, _| -1)
            (ImportFrom,                  109, "IMPORT_FROM",                   0, Name,         |_| 1,     |_, _| 1)
            (JumpForward,                 110, "JUMP_FORWARD",                  0, Forward,      |_| 0,     |_, _| 0)
            (JumpIfFalseOrPop,            111, "JUMP_IF_FALSE_OR_POP",          0, Forward,      |_| 1,     |_, jump| if jump { 0 } else { -1 })
            (JumpIfTrueOrPop,             112, "JUMP_IF_TRUE_OR_POP",           0, Forward,      |_| 1,     |_, jump| if jump { 0 } else { -1 })
            (PopJumpForwardIfFalse,       114, "POP_JUMP_FORWARD_IF_FALSE",     0, Forward,      |_| 1,     |_, _| -1)
            (PopJumpForwardIfTrue,        115, "POP_JUMP_FORWARD_IF_TRUE",      0, Forward,      |_| 1,     |_, _| -1)
            (LoadGlobal,                  116, "LOAD_GLOBAL",                   5, NameWithNull, |_| 0,     |n, _| 1 + (n & 1))
            (IsOp,                        117, "IS_OP",                         0, Number,       |_| 2,     |_, _| -1)
            (ContainsOp,                  118, "CONTAINS_OP",                   0, Number,       |_| 2,     |_, _| -1)
            (Reraise,                     119, "RERAISE",                       0, Number,       |n| n + 1, |_, _| -1)
            (Copy,                        120, "COPY",                          0, Number,       |n| n,     |_, _| 1)
            (BinaryOp,                    122, "BINARY_OP",                     1, Binary,       |_| 2,     |_, _| -1)
            (Send,                        123, "SEND",                          0, Forward,      |_| 2,     |_, jump| if jump { -1 } else { 0 })
            (LoadFast,                    124, "LOAD_FAST",                     0, Local,        |_| 0,     |_, _| 1)
            (StoreFast,                   125, "STORE_FAST",                    0, Local,        |_| 1,     |_, _| -1)
            (DeleteFast,                  126, "DELETE_FAST",                   0, Local,        |_| 0,     |_, _| 0)
            (PopJumpForwardIfNotNone,     128, "POP_JUMP_FORWARD_IF_NOT_NONE",  0, Forward,      |_| 1,     |_, _| -1)
            (PopJumpForwardIfNone,        129, "POP_JUMP_FORWARD_IF_NONE",      0, Forward,      |_| 1,     |_, _| -1)
            (RaiseVarargs,                130, "RAISE_VARARGS",                 0, Number,       |n| n,     |n, _| -n)
            (GetAwaitable,                131, "GET_AWAITABLE",                 0, Number,       |_| 1,     |_, _| 0)
            (MakeFunction,                132, "MAKE_FUNCTION",                 0, Number,       |n| 1 + i64::from((n & 15).count_ones()), |n, _| -i64::from((n & 15).count_ones()))
            (BuildSlice,                  133, "BUILD_SLICE",                   0, Number,       |n| if n == 3 { 3 } else { 2 }, |n, _| if n == 3 { -2 } else { -1 })
            (JumpBackwardNoInterrupt,     134, "JUMP_BACKWARD_NO_INTERRUPT",    0, Backward,     |_| 0,     |_, _| 0)
            (MakeCell,                    135, "MAKE_CELL",                     0, Free,         |_| 0,     |_, _| 0)
            (LoadClosure,                 136, "LOAD_CLOSURE",                  0, Free,         |_| 0,     |_, _| 1)
            (LoadDeref,                   137, "LOAD_DEREF",                    0, Free,         |_| 0,     |_, _| 1)
            (StoreDeref,                  138, "STORE_DEREF",                   0, Free,         |_| 1,     |_, _| -1)
            (DeleteDeref,                 139, "DELETE_DEREF",                  0, Free,         |_| 0,     |_, _| 0)
            (JumpBackward,                140, "JUMP_BACKWARD",                 0, Backward,     |_| 0,     |_, _| 0)
            (CallFunctionEx,              142, "CALL_FUNCTION_EX",              0, Number,       |n| 3 + (n & 1), |n, _| -2 - (n & 1))
            (ExtendedArg,                 144, "EXTENDED_ARG",                  0, Number,       |_| 0,     |_, _| 0)
            (ListAppend,                  145, "LIST_APPEND",                   0, Number,       |n| n + 1, |_, _| -1)
            (SetAdd,                      146, "SET_ADD",                       0, Number,       |n| n + 1, |_, _| -1)
            (MapAdd,                      147, "MAP_ADD",                       0, Number,       |n| n + 2, |_, _| -2)
            (LoadClassderef,              148, "LOAD_CLASSDEREF",               0, Free,         |_| 0,     |_, _| 1)
            (CopyFreeVars,                149, "COPY_FREE_VARS",                0, Number,       |_| 0,     |_, _| 0)
            (Resume,                      151, "RESUME",                        0, Number,       |_| 0,     |_, _| 0)
            (MatchClass,                  152, "MATCH_CLASS",                   0, Number,       |_| 3,     |_, _| -2)
            (FormatValue,                 155, "FORMAT_VALUE",                  0, Number,       |n| if n & 4 != 0 { 2 } else { 1 }, |n, _| if n & 4 != 0 { -1 } else { 0 })
            (BuildConstKeyMap,            156, "BUILD_CONST_KEY_MAP",           0, Number,       |n| n + 1, |n, _| -n)
            (BuildString,                 157, "BUILD_STRING",                  0, Number,       |n| n,     |n, _| 1 - n)
            (LoadMethod,                  160, "LOAD_METHOD",                  10, Name,         |_| 1,     |_, _| 1)
            (ListExtend,                  162, "LIST_EXTEND",                   0, Number,       |n| n + 1, |_, _| -1)
            (SetUpdate,                   163, "SET_UPDATE",                    0, Number,       |n| n + 1, |_, _| -1)
            (DictMerge,                   164, "DICT_MERGE",                    0, Number,       |n| n + 3, |_, _| -1)
            (DictUpdate,                  165, "DICT_UPDATE",                   0, Number,       |n| n + 1, |_, _| -1)
            (Precall,                     166, "PRECALL",                       1, Number,       |n| n + 2, |n, _| -n)
            (Call,                        171, "CALL",                          4, Number,       |_| 2,     |_, _| -1)
            (KwNames,                     172, "KW_NAMES",                      0, Const,        |_| 0,     |_, _| 0)
            (PopJumpBackwardIfNotNone,    173, "POP_JUMP_BACKWARD_IF_NOT_NONE", 0, Backward,     |_| 1,     |_, _| -1)
            (PopJumpBackwardIfNone,       174, "POP_JUMP_BACKWARD_IF_NONE",     0, Backward,     |_| 1,     |_, _| -1)
            (PopJumpBackwardIfFalse,      175, "POP_JUMP_BACKWARD_IF_FALSE",    0, Backward,     |_| 1,     |_, _| -1)
            (PopJumpBackwardIfTrue,       176, "POP_JUMP_BACKWARD_IF_TRUE",     0, Backward,     |_| 1,     |_, _| -1)
        }
        specialised {
            (BinaryOpAdaptive,                         3, "BINARY_OP_ADAPTIVE",                         BinaryOp)
            (BinaryOpAddFloat,                         4, "BINARY_OP_ADD_FLOAT",                        BinaryOp)
            (BinaryOpAddInt,                           5, "BINARY_OP_ADD_INT",                          BinaryOp)
            (BinaryOpAddUnicode,                       6, "BINARY_OP_ADD_UNICODE",                      BinaryOp)
            (BinaryOpInplaceAddUnicode,                7, "BINARY_OP_INPLACE_ADD_UNICODE",              BinaryOp)
            (BinaryOpMultiplyFloat,                    8, "BINARY_OP_MULTIPLY_FLOAT",                   BinaryOp)
            (BinaryOpMultiplyInt,                     13, "BINARY_OP_MULTIPLY_INT",                     BinaryOp)
            (BinaryOpSubtractFloat,                   14, "BINARY_OP_SUBTRACT_FLOAT",                   BinaryOp)
            (BinaryOpSubtractInt,                     16, "BINARY_OP_SUBTRACT_INT",                     BinaryOp)
            (BinarySubscrAdaptive,                    17, "BINARY_SUBSCR_ADAPTIVE",                     BinarySubscr)
            (BinarySubscrDict,                        18, "BINARY_SUBSCR_DICT",                         BinarySubscr)
            (BinarySubscrGetitem,                     19, "BINARY_SUBSCR_GETITEM",                      BinarySubscr)
            (BinarySubscrListInt,                     20, "BINARY_SUBSCR_LIST_INT",                     BinarySubscr)
            (BinarySubscrTupleInt,                    21, "BINARY_SUBSCR_TUPLE_INT",                    BinarySubscr)
            (CallAdaptive,                            22, "CALL_ADAPTIVE",                              Call)
            (CallPyExactArgs,                         23, "CALL_PY_EXACT_ARGS",                         Call)
            (CallPyWithDefaults,                      24, "CALL_PY_WITH_DEFAULTS",                      Call)
            (CompareOpAdaptive,                       26, "COMPARE_OP_ADAPTIVE",                        CompareOp)
            (CompareOpFloatJump,                      27, "COMPARE_OP_FLOAT_JUMP",                      CompareOp)
            (CompareOpIntJump,                        28, "COMPARE_OP_INT_JUMP",                        CompareOp)
            (CompareOpStrJump,                        29, "COMPARE_OP_STR_JUMP",                        CompareOp)
            (ExtendedArgQuick,                        34, "EXTENDED_ARG_QUICK",                         ExtendedArg)
            (JumpBackwardQuick,                       38, "JUMP_BACKWARD_QUICK",                        JumpBackward)
            (LoadAttrAdaptive,                        39, "LOAD_ATTR_ADAPTIVE",                         LoadAttr)
            (LoadAttrInstanceValue,                   40, "LOAD_ATTR_INSTANCE_VALUE",                   LoadAttr)
            (LoadAttrModule,                          41, "LOAD_ATTR_MODULE",                           LoadAttr)
            (LoadAttrSlot,                            42, "LOAD_ATTR_SLOT",                             LoadAttr)
            (LoadAttrWithHint,                        43, "LOAD_ATTR_WITH_HINT",                        LoadAttr)
            (LoadConstLoadFast,                       44, "LOAD_CONST__LOAD_FAST",                      LoadConst)
            (LoadFastLoadConst,                       45, "LOAD_FAST__LOAD_CONST",                      LoadFast)
            (LoadFastLoadFast,                        46, "LOAD_FAST__LOAD_FAST",                       LoadFast)
            (LoadGlobalAdaptive,                      47, "LOAD_GLOBAL_ADAPTIVE",                       LoadGlobal)
            (LoadGlobalBuiltin,                       48, "LOAD_GLOBAL_BUILTIN",                        LoadGlobal)
            (LoadGlobalModule,                        55, "LOAD_GLOBAL_MODULE",                         LoadGlobal)
            (LoadMethodAdaptive,                      56, "LOAD_METHOD_ADAPTIVE",                       LoadMethod)
            (LoadMethodClass,                         57, "LOAD_METHOD_CLASS",                          LoadMethod)
            (LoadMethodModule,                        58, "LOAD_METHOD_MODULE",                         LoadMethod)
            (LoadMethodNoDict,                        59, "LOAD_METHOD_NO_DICT",                        LoadMethod)
            (LoadMethodWithDict,                      62, "LOAD_METHOD_WITH_DICT",                      LoadMethod)
            (LoadMethodWithValues,                    63, "LOAD_METHOD_WITH_VALUES",                    LoadMethod)
            (PrecallAdaptive,                         64, "PRECALL_ADAPTIVE",                           Precall)
            (PrecallBoundMethod,                      65, "PRECALL_BOUND_METHOD",                       Precall)
            (PrecallBuiltinClass,                     66, "PRECALL_BUILTIN_CLASS",                      Precall)
            (PrecallBuiltinFastWithKeywords,          67, "PRECALL_BUILTIN_FAST_WITH_KEYWORDS",         Precall)
            (PrecallMethodDescriptorFastWithKeywords, 72, "PRECALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS", Precall)
            (PrecallNoKwBuiltinFast,                  73, "PRECALL_NO_KW_BUILTIN_FAST",                 Precall)
            (PrecallNoKwBuiltinO,                     76, "PRECALL_NO_KW_BUILTIN_O",                    Precall)
            (PrecallNoKwIsinstance,                   77, "PRECALL_NO_KW_ISINSTANCE",                   Precall)
            (PrecallNoKwLen,                          78, "PRECALL_NO_KW_LEN",                          Precall)
            (PrecallNoKwListAppend,                   79, "PRECALL_NO_KW_LIST_APPEND",                  Precall)
            (PrecallNoKwMethodDescriptorFast,         80, "PRECALL_NO_KW_METHOD_DESCRIPTOR_FAST",       Precall)
            (PrecallNoKwMethodDescriptorNoargs,       81, "PRECALL_NO_KW_METHOD_DESCRIPTOR_NOARGS",     Precall)
            (PrecallNoKwMethodDescriptorO,           113, "PRECALL_NO_KW_METHOD_DESCRIPTOR_O",          Precall)
            (PrecallNoKwStr1,                        121, "PRECALL_NO_KW_STR_1",                        Precall)
            (PrecallNoKwTuple1,                      127, "PRECALL_NO_KW_TUPLE_1",                      Precall)
            (PrecallNoKwType1,                       141, "PRECALL_NO_KW_TYPE_1",                       Precall)
            (PrecallPyfunc,                          143, "PRECALL_PYFUNC",                             Precall)
            (ResumeQuick,                            150, "RESUME_QUICK",                               Resume)
            (StoreAttrAdaptive,                      153, "STORE_ATTR_ADAPTIVE",                        StoreAttr)
            (StoreAttrInstanceValue,                 154, "STORE_ATTR_INSTANCE_VALUE",                  StoreAttr)
            (StoreAttrSlot,                          158, "STORE_ATTR_SLOT",                            StoreAttr)
            (StoreAttrWithHint,                      159, "STORE_ATTR_WITH_HINT",                       StoreAttr)
            (StoreFastLoadFast,                      161, "STORE_FAST__LOAD_FAST",                      StoreFast)
            (StoreFastStoreFast,                     167, "STORE_FAST__STORE_FAST",                     StoreFast)
            (StoreSubscrAdaptive,                    168, "STORE_SUBSCR_ADAPTIVE",                      StoreSubscr)
            (StoreSubscrDict,                        169, "STORE_SUBSCR_DICT",                          StoreSubscr)
            (StoreSubscrListInt,                     170, "STORE_SUBSCR_LIST_INT",                      StoreSubscr)
            (UnpackSequenceAdaptive,                 177, "UNPACK_SEQUENCE_ADAPTIVE",                   UnpackSequence)
            (UnpackSequenceList,                     178, "UNPACK_SEQUENCE_LIST",                       UnpackSequence)
            (UnpackSequenceTuple,                    179, "UNPACK_SEQUENCE_TUPLE",                      UnpackSequence)
            (UnpackSequenceTwoTuple,                 180, "UNPACK_SEQUENCE_TWO_TUPLE",                  UnpackSequence)
        }
    } };
}

/// What an instruction's operand means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    /// There is none: the operand byte is ignored.
    None,
    /// A count or a set of flags.
    Number,
    /// An index into `co_consts`.
    Const,
    /// An index into `co_names`.
    Name,
    /// An index into `co_names` times two, plus one to push a null first: `LOAD_GLOBAL`.
    NameWithNull,
    /// The distance of a jump, in code units, forward from the next instruction.
    Forward,
    /// The distance of a jump, in code units, back from the next instruction.
    Backward,
    /// An index into the locals.
    Local,
    /// An index into the locals of one that is a cell or a free variable.
    Free,
    /// An index into [`COMPARE_OPS`].
    Compare,
    /// An index into [`BINARY_OPS`].
    Binary,
}

/// The comparison operators, in the order of `COMPARE_OP`'s operand: `dis.cmp_op`.
pub const COMPARE_OPS: [&str; 6] = ["<", "<=", "==", "!=", ">", ">="];

/// The binary operators, in the order of `BINARY_OP`'s operand: `opcode._nb_ops`.
pub const BINARY_OPS: [&str; 26] = [
    "+", "&", "//", "<<", "@", "*", "%", "|", "**", ">>", "-", "/", "^", "+=", "&=", "//=", "<<=", "@=", "*=", "%=",
    "|=", "**=", ">>=", "-=", "/=", "^=",
];

/// Operands of this number and above belong to instructions that have one: `dis.HAVE_ARGUMENT`.
pub const HAVE_ARGUMENT: u8 = 90;

macro_rules! define_opcode {
    (
        base { $(($variant:ident, $number:literal, $name:literal, $caches:literal, $operand:ident, $reads:expr, $effect:expr))* }
        specialised { $(($form:ident, $form_number:literal, $form_name:literal, $base:ident))* }
    ) => {
        /// An instruction of CPython 3.11, the specialised forms included.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Opcode {
            $(#[doc = concat!("`", $name, "`")] $variant = $number,)*
            $(#[doc = concat!("`", $form_name, "`, a form of `", stringify!($base), "`")] $form = $form_number,)*
        }

        const fn from_number(number: u8) -> Option<Opcode> {
            match number {
                $($number => Some(Opcode::$variant),)*
                $($form_number => Some(Opcode::$form),)*
                _ => None,
            }
        }

        impl Opcode {
            /// The instructions that a compiler may emit.
            pub const BASE: &[Opcode] = &[$(Opcode::$variant),*];

            /// The forms that only the interpreter makes.
            pub const SPECIALISED: &[Opcode] = &[$(Opcode::$form),*];

            /// CPython's name of the instruction.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Opcode::$variant => $name,)*
                    $(Opcode::$form => $form_name,)*
                }
            }

            const fn base(self) -> Opcode {
                match self {
                    $(Opcode::$form => Opcode::$base,)*
                    _ => self,
                }
            }

            const fn cache_count(self) -> usize {
                match self.base() {
                    $(Opcode::$variant => $caches,)*
                    _ => 0,
                }
            }

            const fn operand_kind(self) -> Operand {
                match self.base() {
                    $(Opcode::$variant => Operand::$operand,)*
                    _ => Operand::None,
                }
            }

            /// How many values at the top of the stack the instruction looks at, whether it takes
            /// them off or not.
            pub fn reads(self, arg: u32) -> i64 {
                let reads: fn(i64) -> i64 = match self.deopt() {
                    $(Opcode::$variant => $reads,)*
                    _ => |_| 0,
                };
                reads(i64::from(arg))
            }

            /// The change of the stack's depth when the instruction jumps, or does not.
            fn effect(self, arg: u32, jump: bool) -> i64 {
                let effect: fn(i64, bool) -> i64 = match self.deopt() {
                    $(Opcode::$variant => $effect,)*
                    _ => |_, _| 0,
                };
                effect(i64::from(arg), jump)
            }
        }
    };
}

for_each_op!(define_opcode);

/// For each number the inline cache entries of that instruction: `opcode._inline_cache_entries`,
/// the specialised forms included.
pub static CACHES: [u8; 256] = {
    let mut table = [0; 256];
    let mut number = 0;
    while number < 256 {
        if let Some(op) = from_number(number as u8) {
            table[number] = op.cache_count() as u8;
        }
        number += 1;
    }
    table
};

/// For each number that of the unspecialised instruction; numbers of no instruction stay.
pub static DEOPT: [u8; 256] = {
    let mut table = [0; 256];
    let mut number = 0;
    while number < 256 {
        table[number] = match from_number(number as u8) {
            Some(op) => op.base() as u8,
            None => number as u8,
        };
        number += 1;
    }
    table
};

/// For each instruction by its number: the unspecialised one, and what its operand means.
static FACTS: [(Opcode, Operand); 256] = {
    let mut table = [(Opcode::Cache, Operand::None); 256];
    let mut number = 0;
    while number < 256 {
        if let Some(op) = from_number(number as u8) {
            table[number] = (op.base(), op.operand_kind());
        }
        number += 1;
    }
    table
};

static BY_NUMBER: [Option<Opcode>; 256] = {
    let mut table = [None; 256];
    let mut number = 0;
    while number < 256 {
        table[number] = from_number(number as u8);
        number += 1;
    }
    table
};

impl Opcode {
    /// The instruction of that number.
    #[inline]
    pub fn from_u8(number: u8) -> Option<Opcode> {
        BY_NUMBER[usize::from(number)]
    }

    /// The instruction of that name, as in `dis.opmap` and `dis._specialized_instructions`.
    pub fn from_name(name: &str) -> Option<Opcode> {
        Opcode::BASE.iter().chain(Opcode::SPECIALISED).copied().find(|op| op.name() == name)
    }

    /// The instruction that this is a specialised form of; itself, if it is none.
    #[inline]
    pub fn deopt(self) -> Opcode {
        FACTS[usize::from(self as u8)].0
    }

    /// The number of inline cache entries (code units) that follow the instruction.
    #[inline]
    pub fn caches(self) -> usize {
        usize::from(CACHES[usize::from(self as u8)])
    }

    /// What the operand means.
    #[inline]
    pub fn operand(self) -> Operand {
        FACTS[usize::from(self as u8)].1
    }

    /// Whether this is a form that only the interpreter makes.
    #[inline]
    pub const fn is_specialised(self) -> bool {
        self.base() as u8 != self as u8
    }

    /// Whether the operand means something.
    #[inline]
    pub fn has_arg(self) -> bool {
        !matches!(self.operand(), Operand::None)
    }

    /// Whether the operand is a distance to jump.
    #[inline]
    pub fn has_jump(self) -> bool {
        matches!(self.operand(), Operand::Forward | Operand::Backward)
    }

    /// Whether the operand is an index into the constants: `dis.hasconst`.
    #[inline]
    pub fn has_const(self) -> bool {
        matches!(self.operand(), Operand::Const)
    }

    /// Whether the operand is an index into the names: `dis.hasname`.
    #[inline]
    pub fn has_name(self) -> bool {
        matches!(self.operand(), Operand::Name | Operand::NameWithNull)
    }

    /// Whether the operand is an index of a local: `dis.haslocal`.
    #[inline]
    pub fn has_local(self) -> bool {
        matches!(self.operand(), Operand::Local)
    }

    /// Whether the operand is an index of a cell or a free variable: `dis.hasfree`.
    #[inline]
    pub fn has_free(self) -> bool {
        matches!(self.operand(), Operand::Free)
    }

    /// Whether control never goes on to the next instruction.
    pub const fn ends_flow(self) -> bool {
        matches!(
            self.base(),
            Opcode::ReturnValue
                | Opcode::Reraise
                | Opcode::RaiseVarargs
                | Opcode::JumpForward
                | Opcode::JumpBackward
                | Opcode::JumpBackwardNoInterrupt
        )
    }

    /// The change of the stack's depth, as `dis.stack_effect(self, arg, jump=jump)` gives it:
    /// the larger of the two when it is not said whether the instruction jumps. `None` for
    /// specialised forms, and for operands whose effect does not fit.
    pub fn stack_effect(self, arg: u32, jump: Option<bool>) -> Option<i32> {
        if self.is_specialised() {
            return None;
        }
        let effect = match jump {
            Some(jump) => self.effect(arg, jump),
            None => self.effect(arg, false).max(self.effect(arg, true)),
        };
        i32::try_from(effect).ok()
    }
}

impl std::fmt::Debug for Opcode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::fmt::Display for Opcode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// One unit of code: an opcode and the low eight bits of its operand, or a cache entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(transparent)]
pub struct CodeUnit(pub u16);

impl CodeUnit {
    /// The unit for an instruction with the low byte of its operand.
    pub const fn new(op: Opcode, arg: u8) -> CodeUnit {
        CodeUnit(u16::from_le_bytes([op as u8, arg]))
    }

    /// The unit whose first byte is the opcode and whose second is the operand.
    pub const fn from_bytes(bytes: [u8; 2]) -> CodeUnit {
        CodeUnit(u16::from_le_bytes(bytes))
    }

    /// The two bytes as they stand in `co_code`.
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0.to_le_bytes()
    }

    /// The number of the instruction.
    pub const fn op_number(self) -> u8 {
        self.to_bytes()[0]
    }

    /// The instruction, if the number is one.
    pub fn op(self) -> Option<Opcode> {
        Opcode::from_u8(self.op_number())
    }

    /// The operand byte.
    pub const fn arg(self) -> u8 {
        self.to_bytes()[1]
    }
}

#[cfg(test)]
mod tests {
    use super::{Opcode, Operand};

    #[test]
    fn numbers_and_names_lead_back() {
        for number in 0..=255u8 {
            if let Some(op) = Opcode::from_u8(number) {
                assert_eq!(op as u8, number);
                assert_eq!(Opcode::from_name(op.name()), Some(op));
                assert!(!op.deopt().is_specialised());
                assert_eq!(op.caches(), op.deopt().caches());
            }
        }
        assert_eq!(Opcode::BASE.len(), 110);
        assert_eq!(Opcode::BASE.len() + Opcode::SPECIALISED.len(), 181);
    }

    #[test]
    fn effects() {
        assert_eq!(Opcode::ForIter.stack_effect(0, None), Some(1));
        assert_eq!(Opcode::ForIter.stack_effect(0, Some(true)), Some(-1));
        assert_eq!(Opcode::MakeFunction.stack_effect(0xFF, None), Some(-4));
        assert_eq!(Opcode::UnpackEx.stack_effect(0x102, None), Some(3));
        assert_eq!(Opcode::BuildMap.stack_effect(u32::MAX, None), None);
        assert_eq!(Opcode::BinaryOpAddInt.stack_effect(0, None), None);
        assert_eq!(Opcode::MapAdd.reads(2), 4);
    }

    #[test]
    fn kinds_of_operands() {
        assert!(Opcode::LoadGlobal.has_name() && Opcode::LoadGlobal.operand() == Operand::NameWithNull);
        assert!(Opcode::KwNames.has_const());
        assert!(Opcode::Send.has_jump() && !Opcode::EndAsyncFor.has_arg());
        assert!(Opcode::JumpBackwardQuick.has_jump() && Opcode::JumpBackwardQuick.ends_flow());
    }
}
