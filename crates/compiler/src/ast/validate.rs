//! The rules that a tree must keep beyond its shape: contexts of targets, bodies that are not empty, names that are no
//! constants, what patterns may hold (CPython's `_PyAST_Validate`).
//!
//! Trees of the parser keep them all; a program may make others and hand them to `compile`, which answers with ValueError or
//! TypeError. Order and messages are CPython's.

use super::*;
use crate::depth::{Depth, grow};
use crate::error::Fault;

/// What is wrong with a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// `ValueError`
    Value(String),
    /// `TypeError`
    Type(String),
    /// `RecursionError`
    TooDeep,
}

impl From<Fault> for Invalid {
    fn from(_: Fault) -> Invalid {
        Invalid::TooDeep
    }
}

type Check = Result<(), Invalid>;

fn value_error<T>(message: impl Into<String>) -> Result<T, Invalid> {
    Err(Invalid::Value(message.into()))
}

/// Checks a tree that a program made; `limit` is how deep it may be.
pub fn validate(tree: &Mod, limit: u32) -> Check {
    let mut validator = Validator { depth: Depth::new(limit) };
    match tree {
        Mod::Module { body, .. } | Mod::Interactive { body } => validator.statements(body),
        Mod::Expression { body } => validator.load(body),
        Mod::FunctionType { argtypes, returns } => {
            validator.loads(argtypes)?;
            validator.load(returns)
        }
    }
}

struct Validator {
    depth: Depth,
}

fn context_name(context: ExprContext) -> &'static str {
    match context {
        ExprContext::Load => "Load",
        ExprContext::Store => "Store",
        ExprContext::Del => "Del",
    }
}

/// A name must not be one of the constants.
fn name(name: &str) -> Check {
    match name {
        "None" | "True" | "False" => value_error(format!("identifier field can't represent '{name}' constant")),
        _ => Ok(()),
    }
}

/// A name that a pattern binds.
fn capture(captured: &str) -> Check {
    if captured == "_" {
        return value_error("can't capture name '_' in patterns");
    }
    name(captured)
}

fn not_empty<T>(items: &[T], what: &str, owner: &str) -> Check {
    if items.is_empty() {
        return value_error(format!("empty {what} on {owner}"));
    }
    Ok(())
}

impl Validator {
    fn load(&mut self, expression: &Expr) -> Check {
        self.expression(expression, ExprContext::Load)
    }

    fn loads(&mut self, expressions: &[Expr]) -> Check {
        self.expressions(expressions, ExprContext::Load)
    }

    fn optional(&mut self, expression: Option<&Expr>) -> Check {
        expression.map_or(Ok(()), |expression| self.load(expression))
    }

    fn expressions(&mut self, expressions: &[Expr], context: ExprContext) -> Check {
        expressions.iter().try_for_each(|expression| self.expression(expression, context))
    }

    /// An expression, in a place that has this context.
    fn expression(&mut self, expression: &Expr, context: ExprContext) -> Check {
        self.depth.enter()?;
        let result = grow(|| {
            Self::context(expression, context)?;
            self.parts(expression, context)
        });
        self.depth.leave();
        result
    }

    fn context(expression: &Expr, context: ExprContext) -> Check {
        let actual = match &expression.kind {
            ExprKind::Name { id, ctx } => {
                name(id)?;
                *ctx
            }
            ExprKind::Attribute { ctx, .. }
            | ExprKind::Subscript { ctx, .. }
            | ExprKind::Starred { ctx, .. }
            | ExprKind::List { ctx, .. }
            | ExprKind::Tuple { ctx, .. } => *ctx,
            _ if context != ExprContext::Load => {
                let context = context_name(context);
                return value_error(format!("expression which can't be assigned to in {context} context"));
            }
            _ => return Ok(()),
        };
        if actual != context {
            let (wanted, actual) = (context_name(context), context_name(actual));
            return value_error(format!("expression must have {wanted} context but has {actual} instead"));
        }
        Ok(())
    }

    fn parts(&mut self, expression: &Expr, context: ExprContext) -> Check {
        match &expression.kind {
            ExprKind::BoolOp { values, .. } => {
                if values.len() < 2 {
                    return value_error("BoolOp with less than 2 values");
                }
                self.loads(values)
            }
            ExprKind::BinOp { left, right, .. } => {
                self.load(left)?;
                self.load(right)
            }
            ExprKind::UnaryOp { operand, .. } => self.load(operand),
            ExprKind::Lambda { args, body } => {
                self.arguments(args)?;
                self.load(body)
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.load(test)?;
                self.load(body)?;
                self.load(orelse)
            }
            ExprKind::Dict { keys, values } => {
                if keys.len() != values.len() {
                    return value_error("Dict doesn't have the same number of keys as values");
                }
                keys.iter().flatten().try_for_each(|key| self.load(key))?;
                self.loads(values)
            }
            ExprKind::Set { elts } => self.loads(elts),
            ExprKind::ListComp { elt, generators }
            | ExprKind::SetComp { elt, generators }
            | ExprKind::GeneratorExp { elt, generators } => {
                self.comprehension(generators)?;
                self.load(elt)
            }
            ExprKind::DictComp { key, value, generators } => {
                self.comprehension(generators)?;
                self.load(key)?;
                self.load(value)
            }
            ExprKind::Yield { value } => self.optional(value.as_deref()),
            ExprKind::YieldFrom { value } | ExprKind::Await { value } => self.load(value),
            ExprKind::Compare { left, ops, comparators } => {
                if comparators.is_empty() {
                    return value_error("Compare with no comparators");
                }
                if comparators.len() != ops.len() {
                    return value_error("Compare has a different number of comparators and operands");
                }
                self.loads(comparators)?;
                self.load(left)
            }
            ExprKind::Call { func, args, keywords } => {
                self.load(func)?;
                self.loads(args)?;
                self.keywords(keywords)
            }
            ExprKind::JoinedStr { values } => self.loads(values),
            ExprKind::FormattedValue { value, format_spec, .. } => {
                self.load(value)?;
                self.optional(format_spec.as_deref())
            }
            ExprKind::Attribute { value, .. } => self.load(value),
            ExprKind::Subscript { value, slice, .. } => {
                self.load(slice)?;
                self.load(value)
            }
            ExprKind::Starred { value, .. } => self.expression(value, context),
            ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => self.expressions(elts, context),
            ExprKind::Slice { lower, upper, step } => {
                self.optional(lower.as_deref())?;
                self.optional(upper.as_deref())?;
                self.optional(step.as_deref())
            }
            ExprKind::NamedExpr { target, value } => {
                if !matches!(target.kind, ExprKind::Name { .. }) {
                    return Err(Invalid::Type("NamedExpr target must be a Name".to_owned()));
                }
                self.load(value)
            }
            ExprKind::Constant { .. } | ExprKind::Name { .. } => Ok(()),
        }
    }

    fn comprehension(&mut self, generators: &[Comprehension]) -> Check {
        if generators.is_empty() {
            return value_error("comprehension with no generators");
        }
        generators.iter().try_for_each(|generator| {
            self.expression(&generator.target, ExprContext::Store)?;
            self.load(&generator.iter)?;
            self.loads(&generator.ifs)
        })
    }

    fn keywords(&mut self, keywords: &[Keyword]) -> Check {
        keywords.iter().try_for_each(|keyword| self.load(&keyword.value))
    }

    fn annotations<'a>(&mut self, parameters: impl IntoIterator<Item = &'a Arg>) -> Check {
        parameters.into_iter().try_for_each(|parameter| self.optional(parameter.annotation.as_deref()))
    }

    fn arguments(&mut self, arguments: &Arguments) -> Check {
        self.annotations(&arguments.posonlyargs)?;
        self.annotations(&arguments.args)?;
        self.annotations(arguments.vararg.as_deref())?;
        self.annotations(&arguments.kwonlyargs)?;
        self.annotations(arguments.kwarg.as_deref())?;
        if arguments.defaults.len() > arguments.posonlyargs.len() + arguments.args.len() {
            return value_error("more positional defaults than args on arguments");
        }
        if arguments.kw_defaults.len() != arguments.kwonlyargs.len() {
            return value_error("length of kwonlyargs is not the same as kw_defaults on arguments");
        }
        self.loads(&arguments.defaults)?;
        arguments.kw_defaults.iter().flatten().try_for_each(|default| self.load(default))
    }

    fn body(&mut self, body: &[Stmt], owner: &str) -> Check {
        not_empty(body, "body", owner)?;
        self.statements(body)
    }

    fn targets(&mut self, targets: &[Expr], context: ExprContext, owner: &str) -> Check {
        not_empty(targets, "targets", owner)?;
        self.expressions(targets, context)
    }

    fn statements(&mut self, statements: &[Stmt]) -> Check {
        statements.iter().try_for_each(|statement| {
            self.depth.enter()?;
            let result = grow(|| self.statement(statement));
            self.depth.leave();
            result
        })
    }

    fn statement(&mut self, statement: &Stmt) -> Check {
        let owner = owner(&statement.kind);
        match &statement.kind {
            StmtKind::FunctionDef { args, body, decorator_list, returns, .. }
            | StmtKind::AsyncFunctionDef { args, body, decorator_list, returns, .. } => {
                self.body(body, owner)?;
                self.arguments(args)?;
                self.loads(decorator_list)?;
                self.optional(returns.as_deref())
            }
            StmtKind::ClassDef { bases, keywords, body, decorator_list, .. } => {
                self.body(body, owner)?;
                self.loads(bases)?;
                self.keywords(keywords)?;
                self.loads(decorator_list)
            }
            StmtKind::Return { value } => self.optional(value.as_deref()),
            StmtKind::Delete { targets } => self.targets(targets, ExprContext::Del, owner),
            StmtKind::Assign { targets, value, .. } => {
                self.targets(targets, ExprContext::Store, owner)?;
                self.load(value)
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expression(target, ExprContext::Store)?;
                self.load(value)
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                if *simple != 0 && !matches!(target.kind, ExprKind::Name { .. }) {
                    return Err(Invalid::Type("AnnAssign with simple non-Name target".to_owned()));
                }
                self.expression(target, ExprContext::Store)?;
                self.optional(value.as_deref())?;
                self.load(annotation)
            }
            StmtKind::For { target, iter, body, orelse, .. }
            | StmtKind::AsyncFor { target, iter, body, orelse, .. } => {
                self.expression(target, ExprContext::Store)?;
                self.load(iter)?;
                self.body(body, owner)?;
                self.statements(orelse)
            }
            StmtKind::While { test, body, orelse } | StmtKind::If { test, body, orelse } => {
                self.load(test)?;
                self.body(body, owner)?;
                self.statements(orelse)
            }
            StmtKind::With { items, body, .. } | StmtKind::AsyncWith { items, body, .. } => {
                not_empty(items, "items", owner)?;
                for item in items {
                    self.load(&item.context_expr)?;
                    if let Some(target) = &item.optional_vars {
                        self.expression(target, ExprContext::Store)?;
                    }
                }
                self.body(body, owner)
            }
            StmtKind::Match { subject, cases } => {
                self.load(subject)?;
                not_empty(cases, "cases", owner)?;
                for case in cases {
                    self.pattern(&case.pattern, false)?;
                    self.optional(case.guard.as_deref())?;
                    self.body(&case.body, "match_case")?;
                }
                Ok(())
            }
            StmtKind::Raise { exc, cause } => {
                if exc.is_none() && cause.is_some() {
                    return value_error("Raise with cause but no exception");
                }
                self.optional(exc.as_deref())?;
                self.optional(cause.as_deref())
            }
            StmtKind::Try { body, handlers, orelse, finalbody }
            | StmtKind::TryStar { body, handlers, orelse, finalbody } => {
                self.body(body, owner)?;
                if handlers.is_empty() && finalbody.is_empty() {
                    return value_error(format!("{owner} has neither except handlers nor finalbody"));
                }
                if handlers.is_empty() && !orelse.is_empty() {
                    return value_error(format!("{owner} has orelse but no except handlers"));
                }
                for handler in handlers {
                    let ExceptHandlerKind::ExceptHandler { r#type, body, .. } = &handler.kind;
                    self.optional(r#type.as_deref())?;
                    self.body(body, "ExceptHandler")?;
                }
                self.statements(finalbody)?;
                self.statements(orelse)
            }
            StmtKind::Assert { test, msg } => {
                self.load(test)?;
                self.optional(msg.as_deref())
            }
            StmtKind::Import { names } => not_empty(names, "names", owner),
            StmtKind::ImportFrom { names, level, .. } => {
                if level.is_some_and(|level| level < 0) {
                    return value_error("Negative ImportFrom level");
                }
                not_empty(names, "names", owner)
            }
            StmtKind::Global { names } | StmtKind::Nonlocal { names } => not_empty(names, "names", owner),
            StmtKind::Expr { value } => self.load(value),
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => Ok(()),
        }
    }

    fn patterns(&mut self, patterns: &[Pattern], star_allowed: bool) -> Check {
        patterns.iter().try_for_each(|pattern| self.pattern(pattern, star_allowed))
    }

    fn pattern(&mut self, pattern: &Pattern, star_allowed: bool) -> Check {
        self.depth.enter()?;
        let result = grow(|| self.pattern_parts(pattern, star_allowed));
        self.depth.leave();
        result
    }

    fn pattern_parts(&mut self, pattern: &Pattern, star_allowed: bool) -> Check {
        match &pattern.kind {
            PatternKind::MatchValue { value } => self.match_value(value),
            PatternKind::MatchSingleton { value } => match value {
                Constant::None | Constant::True | Constant::False => Ok(()),
                _ => value_error("MatchSingleton can only contain True, False and None"),
            },
            PatternKind::MatchSequence { patterns } => self.patterns(patterns, true),
            PatternKind::MatchMapping { keys, patterns, rest } => {
                if keys.len() != patterns.len() {
                    return value_error("MatchMapping doesn't have the same number of keys as patterns");
                }
                rest.as_deref().map_or(Ok(()), capture)?;
                for key in keys {
                    let singleton =
                        |value: &Constant| matches!(value, Constant::None | Constant::True | Constant::False);
                    if !matches!(&key.kind, ExprKind::Constant { value, .. } if singleton(value)) {
                        self.match_value(key)?;
                    }
                }
                self.patterns(patterns, false)
            }
            PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } => {
                if kwd_attrs.len() != kwd_patterns.len() {
                    return value_error("MatchClass doesn't have the same number of keyword attributes as patterns");
                }
                self.load(cls)?;
                let mut class = cls;
                while let ExprKind::Attribute { value, .. } = &class.kind {
                    class = value;
                }
                if !matches!(class.kind, ExprKind::Name { .. }) {
                    return value_error("MatchClass cls field can only contain Name or Attribute nodes.");
                }
                kwd_attrs.iter().try_for_each(|attribute| name(attribute))?;
                self.patterns(patterns, false)?;
                self.patterns(kwd_patterns, false)
            }
            PatternKind::MatchStar { name } => {
                if !star_allowed {
                    return value_error("can't use MatchStar here");
                }
                name.as_deref().map_or(Ok(()), capture)
            }
            PatternKind::MatchAs { pattern, name } => {
                name.as_deref().map_or(Ok(()), capture)?;
                match (pattern, name) {
                    (None, _) => Ok(()),
                    (Some(_), None) => value_error("MatchAs must specify a target name if a pattern is given"),
                    (Some(pattern), Some(_)) => self.pattern(pattern, false),
                }
            }
            PatternKind::MatchOr { patterns } => {
                if patterns.len() < 2 {
                    return value_error("MatchOr requires at least 2 patterns");
                }
                self.patterns(patterns, false)
            }
        }
    }

    /// The value of a pattern: a literal, or an attribute.
    fn match_value(&mut self, value: &Expr) -> Check {
        self.load(value)?;
        match &value.kind {
            ExprKind::Constant { value, .. } => match value {
                Constant::Int(_)
                | Constant::BigInt(_)
                | Constant::Float(_)
                | Constant::Complex(..)
                | Constant::Str(_)
                | Constant::Bytes(_) => Ok(()),
                _ => value_error("unexpected constant inside of a literal pattern"),
            },
            ExprKind::Attribute { .. } | ExprKind::JoinedStr { .. } => Ok(()),
            ExprKind::UnaryOp { .. } if is_negative(value, true) => Ok(()),
            ExprKind::BinOp { left, op: Operator::Add | Operator::Sub, right }
                if (is_number(left, false) || is_negative(left, false)) && is_imaginary(right) =>
            {
                Ok(())
            }
            _ => value_error("patterns may only match literals and attribute lookups"),
        }
    }
}

fn is_imaginary(value: &Expr) -> bool {
    matches!(&value.kind, ExprKind::Constant { value: Constant::Complex(..), .. })
}

fn is_number(value: &Expr, may_be_imaginary: bool) -> bool {
    let is_real = |value: &Constant| matches!(value, Constant::Int(_) | Constant::BigInt(_) | Constant::Float(_));
    matches!(&value.kind, ExprKind::Constant { value, .. } if is_real(value)) || may_be_imaginary && is_imaginary(value)
}

fn is_negative(value: &Expr, may_be_imaginary: bool) -> bool {
    matches!(&value.kind, ExprKind::UnaryOp { op: UnaryOp::USub, operand } if is_number(operand, may_be_imaginary))
}

/// The statement's class, for messages.
fn owner(statement: &StmtKind) -> &'static str {
    match statement {
        StmtKind::FunctionDef { .. } => "FunctionDef",
        StmtKind::AsyncFunctionDef { .. } => "AsyncFunctionDef",
        StmtKind::ClassDef { .. } => "ClassDef",
        StmtKind::Delete { .. } => "Delete",
        StmtKind::Assign { .. } => "Assign",
        StmtKind::For { .. } => "For",
        StmtKind::AsyncFor { .. } => "AsyncFor",
        StmtKind::While { .. } => "While",
        StmtKind::If { .. } => "If",
        StmtKind::With { .. } => "With",
        StmtKind::AsyncWith { .. } => "AsyncWith",
        StmtKind::Match { .. } => "Match",
        StmtKind::Try { .. } => "Try",
        StmtKind::TryStar { .. } => "TryStar",
        StmtKind::Import { .. } => "Import",
        StmtKind::ImportFrom { .. } => "ImportFrom",
        StmtKind::Global { .. } => "Global",
        StmtKind::Nonlocal { .. } => "Nonlocal",
        _ => "statement",
    }
}
