//! The abstract grammar of Python 3.11: one table, three forms of row.
//!
//! - `enumeration!`: a sum type whose constructors have no fields (`operator`).
//! - `sum!`: a sum type with fields (`expr`). With `located`, the Rust type is a struct of a `kind` and a `location`.
//! - `product!`: a type with a single constructor (`arguments`).
//!
//! Each row gives the Rust type, its `TypeDef` and its conversions.

use super::convert::{Field, Node, Reader, Writer, read_field};
use super::schema::{Arity, FieldDef, FieldKind, NodeDef, TypeDef};
use super::{Constant, Name, Text};

/// Where a node stands in the source: from the first byte to after the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Location {
    /// The first line, from 1 (`lineno`).
    pub line: u32,
    /// The first byte in its line, from 0 (`col_offset`).
    pub column: u32,
    /// The last line (`end_lineno`).
    pub end_line: u32,
    /// After the last byte in its line (`end_col_offset`).
    pub end_column: u32,
}

/// A field's name in Python: without the `r#` of a Rust keyword.
const fn field_name(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        _ => name,
    }
}

/// Stands in for a field that the tables do not have, which cannot be.
static NO_FIELD: FieldDef = FieldDef { name: "?", kind: FieldKind::Int, arity: Arity::One };

/// Every type of the grammar, in its order.
pub static TYPES: [&TypeDef; 18] = [
    &MOD,
    &STMT,
    &EXPR,
    &EXPR_CONTEXT,
    &BOOLOP,
    &OPERATOR,
    &UNARYOP,
    &CMPOP,
    &COMPREHENSION,
    &EXCEPTHANDLER,
    &ARGUMENTS,
    &ARG,
    &KEYWORD,
    &ALIAS,
    &WITHITEM,
    &MATCH_CASE,
    &PATTERN,
    &TYPE_IGNORE,
];

sum! {
    plain
    /// What a source text is as a whole.
    Mod "mod" MOD {
        /// A file of source.
        Module {
            /// `stmt* body`
            body: Vec<Stmt>,
            /// `type_ignore* type_ignores`
            type_ignores: Vec<TypeIgnore>,
        },
        /// What a prompt reads.
        Interactive {
            /// `stmt* body`
            body: Vec<Stmt>,
        },
        /// What `eval` takes.
        Expression {
            /// `expr body`
            body: Box<Expr>,
        },
        /// The signature in a type comment.
        FunctionType {
            /// `expr* argtypes`
            argtypes: Vec<Expr>,
            /// `expr returns`
            returns: Box<Expr>,
        },
    }
}

sum! {
    located
    /// A statement.
    Stmt StmtKind "stmt" STMT {
        /// `def`.
        FunctionDef {
            /// `identifier name`
            name: Name,
            /// `arguments args`
            args: Box<Arguments>,
            /// `stmt* body`
            body: Vec<Stmt>,
            /// `expr* decorator_list`
            decorator_list: Vec<Expr>,
            /// `expr? returns`
            returns: Option<Box<Expr>>,
            /// `string? type_comment`
            type_comment: Option<Text>,
        },
        /// `async def`.
        AsyncFunctionDef {
            /// `identifier name`
            name: Name,
            /// `arguments args`
            args: Box<Arguments>,
            /// `stmt* body`
            body: Vec<Stmt>,
            /// `expr* decorator_list`
            decorator_list: Vec<Expr>,
            /// `expr? returns`
            returns: Option<Box<Expr>>,
            /// `string? type_comment`
            type_comment: Option<Text>,
        },
        /// `class`.
        ClassDef {
            /// `identifier name`
            name: Name,
            /// `expr* bases`
            bases: Vec<Expr>,
            /// `keyword* keywords`
            keywords: Vec<Keyword>,
            /// `stmt* body`
            body: Vec<Stmt>,
            /// `expr* decorator_list`
            decorator_list: Vec<Expr>,
        },
        /// `return`.
        Return {
            /// `expr? value`
            value: Option<Box<Expr>>,
        },
        /// `del`.
        Delete {
            /// `expr* targets`
            targets: Vec<Expr>,
        },
        /// `a = b = value`.
        Assign {
            /// `expr* targets`
            targets: Vec<Expr>,
            /// `expr value`
            value: Box<Expr>,
            /// `string? type_comment`
            type_comment: Option<Text>,
        },
        /// `target op= value`.
        AugAssign {
            /// `expr target`
            target: Box<Expr>,
            /// `operator op`
            op: Operator,
            /// `expr value`
            value: Box<Expr>,
        },
        /// `target: annotation = value`.
        AnnAssign {
            /// `expr target`
            target: Box<Expr>,
            /// `expr annotation`
            annotation: Box<Expr>,
            /// `expr? value`
            value: Option<Box<Expr>>,
            /// `int simple`
            simple: i32,
        },
        /// `for`.
        For {
            /// `expr target`
            target: Box<Expr>,
            /// `expr iter`
            iter: Box<Expr>,
            /// `stmt* body`
            body: Vec<Stmt>,
            /// `stmt* orelse`
            orelse: Vec<Stmt>,
            /// `string? type_comment`
            type_comment: Option<Text>,
        },
        /// `async for`.
        AsyncFor {
            /// `expr target`
            target: Box<Expr>,
            /// `expr iter`
            iter: Box<Expr>,
            /// `stmt* body`
            body: Vec<Stmt>,
            /// `stmt* orelse`
            orelse: Vec<Stmt>,
            /// `string? type_comment`
            type_comment: Option<Text>,
        },
        /// `while`.
        While {
            /// `expr test`
            test: Box<Expr>,
            /// `stmt* body`
            body: Vec<Stmt>,
            /// `stmt* orelse`
            orelse: Vec<Stmt>,
        },
        /// `if`; an `elif` is an `If` alone in `orelse`.
        If {
            /// `expr test`
            test: Box<Expr>,
            /// `stmt* body`
            body: Vec<Stmt>,
            /// `stmt* orelse`
            orelse: Vec<Stmt>,
        },
        /// `with`.
        With {
            /// `withitem* items`
            items: Vec<WithItem>,
            /// `stmt* body`
            body: Vec<Stmt>,
            /// `string? type_comment`
            type_comment: Option<Text>,
        },
        /// `async with`.
        AsyncWith {
            /// `withitem* items`
            items: Vec<WithItem>,
            /// `stmt* body`
            body: Vec<Stmt>,
            /// `string? type_comment`
            type_comment: Option<Text>,
        },
        /// `match`.
        Match {
            /// `expr subject`
            subject: Box<Expr>,
            /// `match_case* cases`
            cases: Vec<MatchCase>,
        },
        /// `raise`.
        Raise {
            /// `expr? exc`
            exc: Option<Box<Expr>>,
            /// `expr? cause`
            cause: Option<Box<Expr>>,
        },
        /// `try`.
        Try {
            /// `stmt* body`
            body: Vec<Stmt>,
            /// `excepthandler* handlers`
            handlers: Vec<ExceptHandler>,
            /// `stmt* orelse`
            orelse: Vec<Stmt>,
            /// `stmt* finalbody`
            finalbody: Vec<Stmt>,
        },
        /// `try` with `except*`.
        TryStar {
            /// `stmt* body`
            body: Vec<Stmt>,
            /// `excepthandler* handlers`
            handlers: Vec<ExceptHandler>,
            /// `stmt* orelse`
            orelse: Vec<Stmt>,
            /// `stmt* finalbody`
            finalbody: Vec<Stmt>,
        },
        /// `assert`.
        Assert {
            /// `expr test`
            test: Box<Expr>,
            /// `expr? msg`
            msg: Option<Box<Expr>>,
        },
        /// `import`.
        Import {
            /// `alias* names`
            names: Vec<Alias>,
        },
        /// `from ... import`.
        ImportFrom {
            /// `identifier? module`
            module: Option<Name>,
            /// `alias* names`
            names: Vec<Alias>,
            /// `int? level`
            level: Option<i32>,
        },
        /// `global`.
        Global {
            /// `identifier* names`
            names: Vec<Name>,
        },
        /// `nonlocal`.
        Nonlocal {
            /// `identifier* names`
            names: Vec<Name>,
        },
        /// An expression for its effect.
        Expr {
            /// `expr value`
            value: Box<Expr>,
        },
        /// `pass`.
        Pass,
        /// `break`.
        Break,
        /// `continue`.
        Continue,
    }
}

sum! {
    located
    /// An expression.
    Expr ExprKind "expr" EXPR {
        /// `a and b and c`.
        BoolOp {
            /// `boolop op`
            op: BoolOp,
            /// `expr* values`
            values: Vec<Expr>,
        },
        /// `(target := value)`.
        NamedExpr {
            /// `expr target`
            target: Box<Expr>,
            /// `expr value`
            value: Box<Expr>,
        },
        /// `left op right`.
        BinOp {
            /// `expr left`
            left: Box<Expr>,
            /// `operator op`
            op: Operator,
            /// `expr right`
            right: Box<Expr>,
        },
        /// `op operand`.
        UnaryOp {
            /// `unaryop op`
            op: UnaryOp,
            /// `expr operand`
            operand: Box<Expr>,
        },
        /// `lambda args: body`.
        Lambda {
            /// `arguments args`
            args: Box<Arguments>,
            /// `expr body`
            body: Box<Expr>,
        },
        /// `body if test else orelse`.
        IfExp {
            /// `expr test`
            test: Box<Expr>,
            /// `expr body`
            body: Box<Expr>,
            /// `expr orelse`
            orelse: Box<Expr>,
        },
        /// `{key: value, **value}`: a key that is `None` stands for `**`.
        Dict {
            /// `expr* keys`
            keys: Vec<Option<Expr>>,
            /// `expr* values`
            values: Vec<Expr>,
        },
        /// `{a, b}`.
        Set {
            /// `expr* elts`
            elts: Vec<Expr>,
        },
        /// `[elt for ...]`.
        ListComp {
            /// `expr elt`
            elt: Box<Expr>,
            /// `comprehension* generators`
            generators: Vec<Comprehension>,
        },
        /// `{elt for ...}`.
        SetComp {
            /// `expr elt`
            elt: Box<Expr>,
            /// `comprehension* generators`
            generators: Vec<Comprehension>,
        },
        /// `{key: value for ...}`.
        DictComp {
            /// `expr key`
            key: Box<Expr>,
            /// `expr value`
            value: Box<Expr>,
            /// `comprehension* generators`
            generators: Vec<Comprehension>,
        },
        /// `(elt for ...)`.
        GeneratorExp {
            /// `expr elt`
            elt: Box<Expr>,
            /// `comprehension* generators`
            generators: Vec<Comprehension>,
        },
        /// `await value`.
        Await {
            /// `expr value`
            value: Box<Expr>,
        },
        /// `yield value`.
        Yield {
            /// `expr? value`
            value: Option<Box<Expr>>,
        },
        /// `yield from value`.
        YieldFrom {
            /// `expr value`
            value: Box<Expr>,
        },
        /// `left op comparator op comparator`.
        Compare {
            /// `expr left`
            left: Box<Expr>,
            /// `cmpop* ops`
            ops: Vec<CmpOp>,
            /// `expr* comparators`
            comparators: Vec<Expr>,
        },
        /// `func(args, keywords)`.
        Call {
            /// `expr func`
            func: Box<Expr>,
            /// `expr* args`
            args: Vec<Expr>,
            /// `keyword* keywords`
            keywords: Vec<Keyword>,
        },
        /// One replacement field of an f-string.
        FormattedValue {
            /// `expr value`
            value: Box<Expr>,
            /// `int conversion`
            conversion: i32,
            /// `expr? format_spec`
            format_spec: Option<Box<Expr>>,
        },
        /// An f-string.
        JoinedStr {
            /// `expr* values`
            values: Vec<Expr>,
        },
        /// A literal.
        Constant {
            /// `constant value`
            value: Constant,
            /// `string? kind`
            kind: Option<Text>,
        },
        /// `value.attr`.
        Attribute {
            /// `expr value`
            value: Box<Expr>,
            /// `identifier attr`
            attr: Name,
            /// `expr_context ctx`
            ctx: ExprContext,
        },
        /// `value[slice]`.
        Subscript {
            /// `expr value`
            value: Box<Expr>,
            /// `expr slice`
            slice: Box<Expr>,
            /// `expr_context ctx`
            ctx: ExprContext,
        },
        /// `*value`.
        Starred {
            /// `expr value`
            value: Box<Expr>,
            /// `expr_context ctx`
            ctx: ExprContext,
        },
        /// A variable.
        Name {
            /// `identifier id`
            id: Name,
            /// `expr_context ctx`
            ctx: ExprContext,
        },
        /// `[a, b]`.
        List {
            /// `expr* elts`
            elts: Vec<Expr>,
            /// `expr_context ctx`
            ctx: ExprContext,
        },
        /// `a, b`.
        Tuple {
            /// `expr* elts`
            elts: Vec<Expr>,
            /// `expr_context ctx`
            ctx: ExprContext,
        },
        /// `lower:upper:step` in a subscript.
        Slice {
            /// `expr? lower`
            lower: Option<Box<Expr>>,
            /// `expr? upper`
            upper: Option<Box<Expr>>,
            /// `expr? step`
            step: Option<Box<Expr>>,
        },
    }
}

enumeration! {
    /// What is done with a target.
    ExprContext "expr_context" EXPR_CONTEXT {
        /// The value is read.
        Load,
        /// It is assigned.
        Store,
        /// It is deleted.
        Del,
    }
}

enumeration! {
    /// A boolean operator.
    BoolOp "boolop" BOOLOP {
        /// `and`
        And,
        /// `or`
        Or,
    }
}

enumeration! {
    /// A binary operator.
    Operator "operator" OPERATOR {
        /// `+`
        Add,
        /// `-`
        Sub,
        /// `*`
        Mult,
        /// `@`
        MatMult,
        /// `/`
        Div,
        /// `%`
        Mod,
        /// `**`
        Pow,
        /// `<<`
        LShift,
        /// `>>`
        RShift,
        /// `|`
        BitOr,
        /// `^`
        BitXor,
        /// `&`
        BitAnd,
        /// `//`
        FloorDiv,
    }
}

enumeration! {
    /// A unary operator.
    UnaryOp "unaryop" UNARYOP {
        /// `~`
        Invert,
        /// `not`
        Not,
        /// `+`
        UAdd,
        /// `-`
        USub,
    }
}

enumeration! {
    /// A comparison.
    CmpOp "cmpop" CMPOP {
        /// `==`
        Eq,
        /// `!=`
        NotEq,
        /// `<`
        Lt,
        /// `<=`
        LtE,
        /// `>`
        Gt,
        /// `>=`
        GtE,
        /// `is`
        Is,
        /// `is not`
        IsNot,
        /// `in`
        In,
        /// `not in`
        NotIn,
    }
}

product! {
    /// One `for` of a comprehension, with its `if`s.
    plain Comprehension "comprehension" COMPREHENSION {
        /// `expr target`
        target: Box<Expr>,
        /// `expr iter`
        iter: Box<Expr>,
        /// `expr* ifs`
        ifs: Vec<Expr>,
        /// `int is_async`
        is_async: i32,
    }
}

sum! {
    located
    /// One `except` clause.
    ExceptHandler ExceptHandlerKind "excepthandler" EXCEPTHANDLER {
        /// `except type as name`.
        ExceptHandler {
            /// `expr? type`
            r#type: Option<Box<Expr>>,
            /// `identifier? name`
            name: Option<Name>,
            /// `stmt* body`
            body: Vec<Stmt>,
        },
    }
}

product! {
    /// The parameters of a function.
    plain Arguments "arguments" ARGUMENTS {
        /// `arg* posonlyargs`
        posonlyargs: Vec<Arg>,
        /// `arg* args`
        args: Vec<Arg>,
        /// `arg? vararg`
        vararg: Option<Box<Arg>>,
        /// `arg* kwonlyargs`
        kwonlyargs: Vec<Arg>,
        /// `expr* kw_defaults`
        kw_defaults: Vec<Option<Expr>>,
        /// `arg? kwarg`
        kwarg: Option<Box<Arg>>,
        /// `expr* defaults`
        defaults: Vec<Expr>,
    }
}

product! {
    /// One parameter.
    located Arg "arg" ARG {
        /// `identifier arg`
        arg: Name,
        /// `expr? annotation`
        annotation: Option<Box<Expr>>,
        /// `string? type_comment`
        type_comment: Option<Text>,
    }
}

product! {
    /// A keyword argument; without a name, `**value`.
    located Keyword "keyword" KEYWORD {
        /// `identifier? arg`
        arg: Option<Name>,
        /// `expr value`
        value: Box<Expr>,
    }
}

product! {
    /// One name of an import.
    located Alias "alias" ALIAS {
        /// `identifier name`
        name: Name,
        /// `identifier? asname`
        asname: Option<Name>,
    }
}

product! {
    /// One context manager of a `with`.
    plain WithItem "withitem" WITHITEM {
        /// `expr context_expr`
        context_expr: Box<Expr>,
        /// `expr? optional_vars`
        optional_vars: Option<Box<Expr>>,
    }
}

product! {
    /// One `case`.
    plain MatchCase "match_case" MATCH_CASE {
        /// `pattern pattern`
        pattern: Box<Pattern>,
        /// `expr? guard`
        guard: Option<Box<Expr>>,
        /// `stmt* body`
        body: Vec<Stmt>,
    }
}

sum! {
    located
    /// A pattern.
    Pattern PatternKind "pattern" PATTERN {
        /// A value to compare with.
        MatchValue {
            /// `expr value`
            value: Box<Expr>,
        },
        /// `None`, `True` or `False`.
        MatchSingleton {
            /// `constant value`
            value: Constant,
        },
        /// `[a, b]`.
        MatchSequence {
            /// `pattern* patterns`
            patterns: Vec<Pattern>,
        },
        /// `{key: pattern, **rest}`.
        MatchMapping {
            /// `expr* keys`
            keys: Vec<Expr>,
            /// `pattern* patterns`
            patterns: Vec<Pattern>,
            /// `identifier? rest`
            rest: Option<Name>,
        },
        /// `cls(a, b=c)`.
        MatchClass {
            /// `expr cls`
            cls: Box<Expr>,
            /// `pattern* patterns`
            patterns: Vec<Pattern>,
            /// `identifier* kwd_attrs`
            kwd_attrs: Vec<Name>,
            /// `pattern* kwd_patterns`
            kwd_patterns: Vec<Pattern>,
        },
        /// `*name`; no name for `*_`.
        MatchStar {
            /// `identifier? name`
            name: Option<Name>,
        },
        /// `pattern as name`, `name`, or `_` without both.
        MatchAs {
            /// `pattern? pattern`
            pattern: Option<Box<Pattern>>,
            /// `identifier? name`
            name: Option<Name>,
        },
        /// `a | b`.
        MatchOr {
            /// `pattern* patterns`
            patterns: Vec<Pattern>,
        },
    }
}

sum! {
    plain
    /// A comment that tells type checkers to ignore a line.
    TypeIgnore "type_ignore" TYPE_IGNORE {
        /// A `# type: ignore` comment.
        TypeIgnore {
            /// `int lineno`
            lineno: i32,
            /// `string tag`
            tag: Text,
        },
    }
}
