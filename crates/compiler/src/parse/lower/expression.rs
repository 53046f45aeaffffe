//! Expressions.

use ruff_python_ast as ruff;
use ruff_text_size::{Ranged, TextRange};

use super::super::literal;
use super::{Unit, deep};
use crate::ast::{
    Arg, Arguments, BoolOp, CmpOp, Comprehension, Constant, Expr, ExprContext, ExprKind, Keyword, Operator, UnaryOp,
};

impl Unit<'_> {
    pub(in super::super) fn boxed(&mut self, expr: ruff::Expr) -> Box<Expr> {
        Box::new(self.expr(expr))
    }

    pub(super) fn optional(&mut self, expr: Option<Box<ruff::Expr>>) -> Option<Box<Expr>> {
        expr.map(|expr| self.boxed(*expr))
    }

    pub(super) fn exprs(&mut self, exprs: impl IntoIterator<Item = ruff::Expr>) -> Vec<Expr> {
        exprs.into_iter().map(|expr| self.expr(expr)).collect()
    }

    /// Lower one expression.
    pub(in super::super) fn expr(&mut self, expr: ruff::Expr) -> Expr {
        deep(|| {
            let location = self.location(&expr);
            let kind = self.expr_kind(expr);
            match kind {
                Lowered::Kind(kind) => Expr::new(kind, location),
                Lowered::Whole(expr) => expr,
            }
        })
    }

    fn expr_kind(&mut self, expr: ruff::Expr) -> Lowered {
        let range = expr.range();
        Lowered::Kind(match expr {
            ruff::Expr::BoolOp(node) => ExprKind::BoolOp { op: bool_op(node.op), values: self.exprs(node.values) },
            ruff::Expr::Named(node) => {
                ExprKind::NamedExpr { target: self.boxed(*node.target), value: self.boxed(*node.value) }
            }
            ruff::Expr::BinOp(node) => {
                ExprKind::BinOp { left: self.boxed(*node.left), op: operator(node.op), right: self.boxed(*node.right) }
            }
            ruff::Expr::UnaryOp(node) => {
                ExprKind::UnaryOp { op: unary_op(node.op), operand: self.boxed(*node.operand) }
            }
            ruff::Expr::Lambda(node) => ExprKind::Lambda {
                args: Box::new(self.arguments(node.parameters.map(|parameters| *parameters))),
                body: self.boxed(*node.body),
            },
            ruff::Expr::If(node) => ExprKind::IfExp {
                test: self.boxed(*node.test),
                body: self.boxed(*node.body),
                orelse: self.boxed(*node.orelse),
            },
            ruff::Expr::Await(node) => ExprKind::Await { value: self.boxed(*node.value) },
            ruff::Expr::Yield(node) => ExprKind::Yield { value: self.optional(node.value) },
            ruff::Expr::YieldFrom(node) => ExprKind::YieldFrom { value: self.boxed(*node.value) },
            ruff::Expr::Compare(node) => ExprKind::Compare {
                left: self.boxed(*node.left),
                ops: node.ops.iter().map(|&op| cmp_op(op)).collect(),
                comparators: self.exprs(node.comparators),
            },
            ruff::Expr::Call(node) => self.call(node),
            ruff::Expr::Starred(node) => ExprKind::Starred { value: self.boxed(*node.value), ctx: context(node.ctx) },
            ruff::Expr::Name(node) => self.name_expression(node),
            ruff::Expr::Attribute(node) => ExprKind::Attribute {
                value: self.boxed(*node.value),
                attr: self.name(&node.attr),
                ctx: context(node.ctx),
            },
            ruff::Expr::Subscript(node) => ExprKind::Subscript {
                value: self.boxed(*node.value),
                slice: self.boxed(*node.slice),
                ctx: context(node.ctx),
            },
            ruff::Expr::Slice(node) => ExprKind::Slice {
                lower: self.optional(node.lower),
                upper: self.optional(node.upper),
                step: self.optional(node.step),
            },
            ruff::Expr::NumberLiteral(_) => self.number(range),
            ruff::Expr::BooleanLiteral(node) => constant(Constant::from_bool(node.value)),
            ruff::Expr::NoneLiteral(_) => constant(Constant::None),
            ruff::Expr::EllipsisLiteral(_) => constant(Constant::Ellipsis),
            ruff::Expr::StringLiteral(_) | ruff::Expr::BytesLiteral(_) | ruff::Expr::FString(_) => {
                return Lowered::Whole(self.strings(range));
            }
            // Both are newer than 3.11 and were refused before the lowering.
            ruff::Expr::TString(_) | ruff::Expr::IpyEscapeCommand(_) => constant(Constant::None),
            other => self.display(other),
        })
    }

    /// Tuples, lists, sets, dicts and comprehensions.
    fn display(&mut self, expr: ruff::Expr) -> ExprKind {
        match expr {
            ruff::Expr::List(node) => ExprKind::List { elts: self.exprs(node.elts), ctx: context(node.ctx) },
            ruff::Expr::Tuple(node) => ExprKind::Tuple { elts: self.exprs(node.elts), ctx: context(node.ctx) },
            ruff::Expr::Set(node) => ExprKind::Set { elts: self.exprs(node.elts) },
            ruff::Expr::Dict(node) => {
                let (mut keys, mut values) = (Vec::new(), Vec::new());
                for item in node.items {
                    keys.push(item.key.map(|key| self.expr(key)));
                    values.push(self.expr(item.value));
                }
                ExprKind::Dict { keys, values }
            }
            ruff::Expr::ListComp(node) => {
                let elt = self.boxed(*node.elt);
                ExprKind::ListComp { elt, generators: self.generators(node.generators) }
            }
            ruff::Expr::SetComp(node) => {
                let elt = self.boxed(*node.elt);
                ExprKind::SetComp { elt, generators: self.generators(node.generators) }
            }
            ruff::Expr::Generator(node) => {
                let elt = self.boxed(*node.elt);
                ExprKind::GeneratorExp { elt, generators: self.generators(node.generators) }
            }
            ruff::Expr::DictComp(node) => {
                let key = match node.key {
                    Some(key) => self.boxed(*key),
                    // `{**a for ...}` is refused by 3.11's grammar.
                    None => Box::new(Expr::new(constant(Constant::None), self.range(node.range))),
                };
                let value = self.boxed(*node.value);
                ExprKind::DictComp { key, value, generators: self.generators(node.generators) }
            }
            _ => constant(Constant::None),
        }
    }

    fn generators(&mut self, generators: Vec<ruff::Comprehension>) -> Vec<Comprehension> {
        let lower = |node: ruff::Comprehension| Comprehension {
            target: self.boxed(node.target),
            iter: self.boxed(node.iter),
            ifs: self.exprs(node.ifs),
            is_async: node.is_async.into(),
        };
        generators.into_iter().map(lower).collect()
    }

    fn call(&mut self, node: ruff::ExprCall) -> ExprKind {
        let func = self.boxed(*node.func);
        let parentheses = node.arguments.range;
        // A generator that is the only argument takes the call's parentheses as its own.
        let is_bare = matches!(&node.arguments.args[..], [ruff::Expr::Generator(node)] if !node.parenthesized);
        let (mut args, keywords) = self.call_arguments(node.arguments);
        if let (true, [generator]) = (is_bare, &mut args[..]) {
            generator.location = self.range(parentheses);
        }
        ExprKind::Call { func, args, keywords }
    }

    /// The arguments of a call or a class.
    pub(super) fn call_arguments(&mut self, arguments: ruff::Arguments) -> (Vec<Expr>, Vec<Keyword>) {
        let args = self.exprs(arguments.args);
        let keyword = |node: ruff::Keyword| Keyword {
            location: self.location(&node),
            arg: node.arg.map(|arg| self.name(&arg)),
            value: self.boxed(node.value),
        };
        (args, arguments.keywords.into_iter().map(keyword).collect())
    }

    /// The parameters of a function.
    pub(super) fn arguments(&mut self, parameters: Option<ruff::Parameters>) -> Arguments {
        let mut arguments = Arguments {
            posonlyargs: Vec::new(),
            args: Vec::new(),
            vararg: None,
            kwonlyargs: Vec::new(),
            kw_defaults: Vec::new(),
            kwarg: None,
            defaults: Vec::new(),
        };
        let Some(parameters) = parameters else { return arguments };
        for parameter in parameters.posonlyargs {
            arguments.posonlyargs.push(self.parameter(parameter.parameter));
            arguments.defaults.extend(parameter.default.map(|default| self.expr(*default)));
        }
        for parameter in parameters.args {
            arguments.args.push(self.parameter(parameter.parameter));
            arguments.defaults.extend(parameter.default.map(|default| self.expr(*default)));
        }
        arguments.vararg = parameters.vararg.map(|parameter| Box::new(self.parameter(*parameter)));
        for parameter in parameters.kwonlyargs {
            arguments.kwonlyargs.push(self.parameter(parameter.parameter));
            arguments.kw_defaults.push(parameter.default.map(|default| self.expr(*default)));
        }
        arguments.kwarg = parameters.kwarg.map(|parameter| Box::new(self.parameter(*parameter)));
        arguments
    }

    fn parameter(&mut self, parameter: ruff::Parameter) -> Arg {
        // The parser counts the stars to a parameter, 3.11 does not.
        let start = parameter.name.range.start();
        let end = parameter.annotation.as_ref().map_or(parameter.name.range.end(), |_| parameter.range.end());
        let type_comment = self.parameter_type_comment(end.to_u32());
        Arg {
            arg: self.name(&parameter.name),
            annotation: self.optional(parameter.annotation),
            type_comment,
            location: self.range(TextRange::new(start, end.max(start))),
        }
    }

    fn name_expression(&mut self, node: ruff::ExprName) -> ExprKind {
        // From the text, because the parser may have seen another name.
        let text: &str = self.text;
        let spelled = text.get(node.range.start().to_usize()..node.range.end().to_usize()).unwrap_or_default();
        ExprKind::Name { id: self.intern(spelled), ctx: context(node.ctx) }
    }

    fn number(&mut self, range: TextRange) -> ExprKind {
        let max_digits = self.shared.flags.max_int_digits;
        match literal::number(self.slice(range), max_digits) {
            Ok(value) => constant(value),
            Err(message) => {
                let mut error = self.source().syntax_error(message, range.start().to_u32(), range.end().to_u32());
                // CPython knows only the line of this one.
                (error.offset, error.end_offset) = (0, 0);
                self.problem(error);
                constant(Constant::None)
            }
        }
    }
}

/// What an expression was lowered to: mostly its kind only.
enum Lowered {
    Kind(ExprKind),
    Whole(Expr),
}

pub(super) fn constant(value: Constant) -> ExprKind {
    ExprKind::Constant { value, kind: None }
}

fn context(context: ruff::ExprContext) -> ExprContext {
    match context {
        ruff::ExprContext::Load | ruff::ExprContext::Invalid => ExprContext::Load,
        ruff::ExprContext::Store => ExprContext::Store,
        ruff::ExprContext::Del => ExprContext::Del,
    }
}

fn bool_op(op: ruff::BoolOp) -> BoolOp {
    match op {
        ruff::BoolOp::And => BoolOp::And,
        ruff::BoolOp::Or => BoolOp::Or,
    }
}

fn unary_op(op: ruff::UnaryOp) -> UnaryOp {
    match op {
        ruff::UnaryOp::Invert => UnaryOp::Invert,
        ruff::UnaryOp::Not => UnaryOp::Not,
        ruff::UnaryOp::UAdd => UnaryOp::UAdd,
        ruff::UnaryOp::USub => UnaryOp::USub,
    }
}

pub(super) fn operator(op: ruff::Operator) -> Operator {
    match op {
        ruff::Operator::Add => Operator::Add,
        ruff::Operator::Sub => Operator::Sub,
        ruff::Operator::Mult => Operator::Mult,
        ruff::Operator::MatMult => Operator::MatMult,
        ruff::Operator::Div => Operator::Div,
        ruff::Operator::Mod => Operator::Mod,
        ruff::Operator::Pow => Operator::Pow,
        ruff::Operator::LShift => Operator::LShift,
        ruff::Operator::RShift => Operator::RShift,
        ruff::Operator::BitOr => Operator::BitOr,
        ruff::Operator::BitXor => Operator::BitXor,
        ruff::Operator::BitAnd => Operator::BitAnd,
        ruff::Operator::FloorDiv => Operator::FloorDiv,
    }
}

fn cmp_op(op: ruff::CmpOp) -> CmpOp {
    match op {
        ruff::CmpOp::Eq => CmpOp::Eq,
        ruff::CmpOp::NotEq => CmpOp::NotEq,
        ruff::CmpOp::Lt => CmpOp::Lt,
        ruff::CmpOp::LtE => CmpOp::LtE,
        ruff::CmpOp::Gt => CmpOp::Gt,
        ruff::CmpOp::GtE => CmpOp::GtE,
        ruff::CmpOp::Is => CmpOp::Is,
        ruff::CmpOp::IsNot => CmpOp::IsNot,
        ruff::CmpOp::In => CmpOp::In,
        ruff::CmpOp::NotIn => CmpOp::NotIn,
    }
}
