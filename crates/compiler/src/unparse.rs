//! Expressions back to source: the text of annotations that are not evaluated (PEP 563).
//!
//! The text is what CPython 3.11 makes: parentheses where the grammar needs them, and some where it does not.
//! It is built as generalised UTF-8, since strings may hold lone surrogates.

use habu_bytecode::{Constant, Text};
use habu_numbers::complex::{self, Complex};
use habu_numbers::float;
use habu_text::codec::bytes_escape;
use habu_text::{Chars, TextBuffer, TextSink};

use crate::ast::{Arguments, BoolOp, CmpOp, Comprehension, Expr, ExprKind, Keyword, Operator, UnaryOp};
use crate::depth::grow;
use crate::error::Fault;

/// How tightly an operator binds; what stands where something tighter is wanted gets parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Level(u8);

const TUPLE: Level = Level(0);
const TEST: Level = Level(1);
const OR: Level = Level(2);
const AND: Level = Level(3);
const NOT: Level = Level(4);
const COMPARE: Level = Level(5);
const EXPR: Level = Level(6);
const XOR: Level = Level(7);
const BIT_AND: Level = Level(8);
const SHIFT: Level = Level(9);
const ARITHMETIC: Level = Level(10);
const TERM: Level = Level(11);
const FACTOR: Level = Level(12);
const POWER: Level = Level(13);
const AWAIT: Level = Level(14);
const ATOM: Level = Level(15);

impl Level {
    fn tighter(self) -> Level {
        Level(self.0 + 1)
    }
}

/// The text of an expression.
pub(crate) fn expression(node: &Expr) -> Result<Text, Fault> {
    let mut writer = Writer { out: Vec::new() };
    writer.expression(node, TEST);
    Text::from_bytes(writer.out).ok_or(Fault::Internal("malformed text"))
}

/// The `repr` of a constant, with surrogates escaped.
pub(crate) fn constant(value: &Constant) -> String {
    let mut writer = Writer { out: Vec::new() };
    writer.constant(value);
    String::from_utf8_lossy(&writer.out).into_owned()
}

/// The `repr` of text, in UTF-8: what does not print is escaped.
fn repr(text: &Text) -> String {
    let mut buffer = TextBuffer::default();
    // Only memory can run out, and then what is left is cut off.
    let _ = text.code_points().try_for_each(|code| buffer.push_code(code));
    let mut shown: Vec<u32> = Vec::new();
    let chars = match &buffer {
        TextBuffer::One(units) => Chars::One(units),
        TextBuffer::Two(units) => Chars::Two(units),
        TextBuffer::Four(units) => Chars::Four(units),
    };
    let _ = habu_text::search::repr::repr(chars, &mut shown);
    shown.into_iter().filter_map(char::from_u32).collect()
}

struct Writer {
    out: Vec<u8>,
}

impl Writer {
    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Writes with `f`, in parentheses if `inner` binds less tightly than `outer` wants.
    fn parenthesised(&mut self, outer: Level, inner: Level, f: impl FnOnce(&mut Writer)) {
        if outer > inner {
            self.push("(");
        }
        f(self);
        if outer > inner {
            self.push(")");
        }
    }

    /// Writes items with `, ` between them.
    fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut f: impl FnMut(&mut Writer, T)) {
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            f(self, item);
        }
    }

    fn expression(&mut self, node: &Expr, level: Level) {
        grow(|| self.expression_kind(node, level));
    }

    fn expressions(&mut self, nodes: &[Expr]) {
        self.list(nodes, |writer, node| writer.expression(node, TEST));
    }

    fn expression_kind(&mut self, node: &Expr, level: Level) {
        match &node.kind {
            ExprKind::BoolOp { op, values } => {
                let (own, word) = if *op == BoolOp::And { (AND, " and ") } else { (OR, " or ") };
                self.parenthesised(level, own, |writer| {
                    for (index, value) in values.iter().enumerate() {
                        if index > 0 {
                            writer.push(word);
                        }
                        writer.expression(value, own.tighter());
                    }
                });
            }
            ExprKind::BinOp { left, op, right } => self.binary(left, *op, right, level),
            ExprKind::UnaryOp { op, operand } => {
                let (own, sign) = match op {
                    UnaryOp::Invert => (FACTOR, "~"),
                    UnaryOp::Not => (NOT, "not "),
                    UnaryOp::UAdd => (FACTOR, "+"),
                    UnaryOp::USub => (FACTOR, "-"),
                };
                self.parenthesised(level, own, |writer| {
                    writer.push(sign);
                    writer.expression(operand, own);
                });
            }
            ExprKind::Lambda { args, body } => self.parenthesised(level, TEST, |writer| {
                let is_positional = !(args.args.is_empty() && args.posonlyargs.is_empty());
                writer.push(if is_positional { "lambda " } else { "lambda" });
                writer.arguments(args);
                writer.push(": ");
                writer.expression(body, TEST);
            }),
            ExprKind::IfExp { test, body, orelse } => self.parenthesised(level, TEST, |writer| {
                writer.expression(body, TEST.tighter());
                writer.push(" if ");
                writer.expression(test, TEST.tighter());
                writer.push(" else ");
                writer.expression(orelse, TEST);
            }),
            ExprKind::Dict { keys, values } => {
                self.push("{");
                self.list(keys.iter().zip(values), |writer, (key, value)| match key {
                    Some(key) => {
                        writer.expression(key, TEST);
                        writer.push(": ");
                        writer.expression(value, TEST);
                    }
                    None => {
                        writer.push("**");
                        writer.expression(value, EXPR);
                    }
                });
                self.push("}");
            }
            ExprKind::Set { elts } => {
                self.push("{");
                self.expressions(elts);
                self.push("}");
            }
            ExprKind::GeneratorExp { elt, generators } => self.comprehension("(", elt, None, generators, ")"),
            ExprKind::ListComp { elt, generators } => self.comprehension("[", elt, None, generators, "]"),
            ExprKind::SetComp { elt, generators } => self.comprehension("{", elt, None, generators, "}"),
            ExprKind::DictComp { key, value, generators } => {
                self.comprehension("{", key, Some(value), generators, "}");
            }
            ExprKind::Yield { value: None } => self.push("(yield)"),
            ExprKind::Yield { value: Some(value) } => {
                self.push("(yield ");
                self.expression(value, TEST);
                self.push(")");
            }
            ExprKind::YieldFrom { value } => {
                self.push("(yield from ");
                self.expression(value, TEST);
                self.push(")");
            }
            ExprKind::Await { value } => self.parenthesised(level, AWAIT, |writer| {
                writer.push("await ");
                writer.expression(value, ATOM);
            }),
            ExprKind::Compare { left, ops, comparators } => self.parenthesised(level, COMPARE, |writer| {
                writer.expression(left, COMPARE.tighter());
                for (op, comparator) in ops.iter().zip(comparators) {
                    writer.push(comparison(*op));
                    writer.expression(comparator, COMPARE.tighter());
                }
            }),
            ExprKind::Call { func, args, keywords } => self.call(func, args, keywords),
            ExprKind::Constant { value, kind } => {
                if kind.is_some() {
                    self.push("u");
                }
                self.constant(value);
            }
            ExprKind::JoinedStr { .. } | ExprKind::FormattedValue { .. } => {
                let mut inner = Writer { out: Vec::new() };
                inner.format_piece(node, false);
                let body = Text::from_bytes(inner.out).unwrap_or_default();
                self.push("f");
                self.push(&repr(&body));
            }
            ExprKind::Attribute { value, attr, .. } => {
                self.expression(value, ATOM);
                // `1.real` would be a float and a name.
                let is_int =
                    matches!(&value.kind, ExprKind::Constant { value: Constant::Int(_) | Constant::BigInt(_), .. });
                self.push(if is_int { " ." } else { "." });
                self.push(attr);
            }
            ExprKind::Starred { value, .. } => {
                self.push("*");
                self.expression(value, EXPR);
            }
            ExprKind::Name { id, .. } => self.push(id),
            ExprKind::List { elts, .. } => {
                self.push("[");
                self.expressions(elts);
                self.push("]");
            }
            ExprKind::Tuple { elts, .. } if elts.is_empty() => self.push("()"),
            ExprKind::Tuple { elts, .. } => self.parenthesised(level, TUPLE, |writer| {
                writer.expressions(elts);
                if elts.len() == 1 {
                    writer.push(",");
                }
            }),
            ExprKind::Subscript { value, slice, .. } => {
                self.expression(value, ATOM);
                self.push("[");
                self.expression(slice, TUPLE);
                self.push("]");
            }
            ExprKind::Slice { lower, upper, step } => {
                lower.iter().for_each(|lower| self.expression(lower, TEST));
                self.push(":");
                upper.iter().for_each(|upper| self.expression(upper, TEST));
                if let Some(step) = step {
                    self.push(":");
                    self.expression(step, TEST);
                }
            }
            ExprKind::NamedExpr { target, value } => self.parenthesised(level, TUPLE, |writer| {
                writer.expression(target, ATOM);
                writer.push(" := ");
                writer.expression(value, ATOM);
            }),
        }
    }

    fn binary(&mut self, left: &Expr, op: Operator, right: &Expr, level: Level) {
        let (own, sign) = match op {
            Operator::Add => (ARITHMETIC, " + "),
            Operator::Sub => (ARITHMETIC, " - "),
            Operator::Mult => (TERM, " * "),
            Operator::MatMult => (TERM, " @ "),
            Operator::Div => (TERM, " / "),
            Operator::Mod => (TERM, " % "),
            Operator::FloorDiv => (TERM, " // "),
            Operator::LShift => (SHIFT, " << "),
            Operator::RShift => (SHIFT, " >> "),
            Operator::BitOr => (EXPR, " | "),
            Operator::BitXor => (XOR, " ^ "),
            Operator::BitAnd => (BIT_AND, " & "),
            Operator::Pow => (POWER, " ** "),
        };
        let (left_level, right_level) = if op == Operator::Pow { (own.tighter(), own) } else { (own, own.tighter()) };
        self.parenthesised(level, own, |writer| {
            writer.expression(left, left_level);
            writer.push(sign);
            writer.expression(right, right_level);
        });
    }

    fn arguments(&mut self, args: &Arguments) {
        let mut is_first = true;
        let mut separate = |writer: &mut Writer| {
            if !std::mem::replace(&mut is_first, false) {
                writer.push(", ");
            }
        };
        let positional = args.posonlyargs.iter().chain(&args.args);
        let count = args.posonlyargs.len() + args.args.len();
        let without_default = count.saturating_sub(args.defaults.len());
        for (index, arg) in positional.enumerate() {
            separate(self);
            self.push(&arg.arg);
            if let Some(default) = index.checked_sub(without_default).and_then(|index| args.defaults.get(index)) {
                self.push("=");
                self.expression(default, TEST);
            }
            if index + 1 == args.posonlyargs.len() {
                self.push(", /");
            }
        }
        if args.vararg.is_some() || !args.kwonlyargs.is_empty() {
            separate(self);
            self.push("*");
            args.vararg.iter().for_each(|arg| self.push(&arg.arg));
        }
        for (index, arg) in args.kwonlyargs.iter().enumerate() {
            separate(self);
            self.push(&arg.arg);
            if let Some(Some(default)) = args.kw_defaults.get(index) {
                self.push("=");
                self.expression(default, TEST);
            }
        }
        if let Some(arg) = &args.kwarg {
            separate(self);
            self.push("**");
            self.push(&arg.arg);
        }
    }

    fn comprehension(
        &mut self,
        open: &str,
        element: &Expr,
        value: Option<&Expr>,
        generators: &[Comprehension],
        close: &str,
    ) {
        self.push(open);
        self.expression(element, TEST);
        if let Some(value) = value {
            self.push(": ");
            self.expression(value, TEST);
        }
        for generator in generators {
            self.push(if generator.is_async != 0 { " async for " } else { " for " });
            self.expression(&generator.target, TUPLE);
            self.push(" in ");
            self.expression(&generator.iter, TEST.tighter());
            for condition in &generator.ifs {
                self.push(" if ");
                self.expression(condition, TEST.tighter());
            }
        }
        self.push(close);
    }

    fn call(&mut self, function: &Expr, args: &[Expr], keywords: &[Keyword]) {
        self.expression(function, ATOM);
        // A generator expression that is the only argument brings its own parentheses.
        if let ([only @ Expr { kind: ExprKind::GeneratorExp { .. }, .. }], []) = (args, keywords) {
            self.expression(only, TEST);
            return;
        }
        self.push("(");
        self.expressions(args);
        if !args.is_empty() && !keywords.is_empty() {
            self.push(", ");
        }
        self.list(keywords, |writer, keyword| {
            match &keyword.arg {
                Some(name) => {
                    writer.push(name);
                    writer.push("=");
                }
                None => writer.push("**"),
            }
            writer.expression(&keyword.value, TEST);
        });
        self.push(")");
    }

    /// A part of an f-string, as it stands between the quotes before those are chosen.
    fn format_piece(&mut self, node: &Expr, is_spec: bool) {
        match &node.kind {
            ExprKind::Constant { value: Constant::Str(text), .. } => {
                for &byte in text.as_bytes() {
                    self.out.push(byte);
                    if matches!(byte, b'{' | b'}') {
                        self.out.push(byte);
                    }
                }
            }
            ExprKind::JoinedStr { values } if is_spec => {
                values.iter().for_each(|value| grow(|| self.format_piece(value, true)));
            }
            ExprKind::JoinedStr { values } => {
                values.iter().for_each(|value| grow(|| self.format_piece(value, false)));
            }
            ExprKind::FormattedValue { value, conversion, format_spec } => {
                let mut inner = Writer { out: Vec::new() };
                inner.expression(value, TEST.tighter());
                // `{{` would be a brace.
                self.push(if inner.out.starts_with(b"{") { "{ " } else { "{" });
                self.out.extend(inner.out);
                if let Ok(conversion @ (b'a' | b'r' | b's')) = u8::try_from(*conversion) {
                    self.out.extend([b'!', conversion]);
                }
                if let Some(spec) = format_spec {
                    self.push(":");
                    grow(|| self.format_piece(spec, true));
                }
                self.push("}");
            }
            _ => self.expression(node, TEST),
        }
    }

    fn constant(&mut self, value: &Constant) {
        // An infinity has no literal; the least float literal that overflows stands for it.
        let finite = |text: String| text.replace("inf", "1e309");
        match value {
            Constant::None => self.push("None"),
            Constant::True => self.push("True"),
            Constant::False => self.push("False"),
            Constant::Ellipsis => self.push("..."),
            Constant::Int(value) => self.push(&value.to_string()),
            Constant::BigInt(value) => self.push(&value.to_string()),
            Constant::Float(value) => self.push(&finite(float::text::repr(*value))),
            Constant::Complex(real, imaginary) => {
                self.push(&finite(complex::text::repr(Complex::new(*real, *imaginary))));
            }
            Constant::Str(text) => self.push(&repr(text)),
            Constant::Bytes(bytes) => {
                // Only memory can run out here.
                let _ = bytes_escape::repr(bytes, &mut self.out);
            }
            Constant::Tuple(items) => {
                self.push("(");
                self.list(items, |writer, item| writer.constant(item));
                self.push(if items.len() == 1 { ",)" } else { ")" });
            }
            Constant::FrozenSet(items) => {
                self.push("frozenset({");
                self.list(items, |writer, item| writer.constant(item));
                self.push("})");
            }
            Constant::Code(code) => self.push(&format!("<code object {}>", code.name)),
        }
    }
}

/// The text of a comparison operator.
fn comparison(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => " == ",
        CmpOp::NotEq => " != ",
        CmpOp::Lt => " < ",
        CmpOp::LtE => " <= ",
        CmpOp::Gt => " > ",
        CmpOp::GtE => " >= ",
        CmpOp::Is => " is ",
        CmpOp::IsNot => " is not ",
        CmpOp::In => " in ",
        CmpOp::NotIn => " not in ",
    }
}
