//! The folder's walk: children first, then the node.

use super::{
    Folder, become_constant, constant, fold_binary, fold_compare, fold_iterable, fold_subscript, fold_tuple, fold_unary,
};
use crate::ast::{
    Arg, Arguments, Comprehension, Constant, ExceptHandlerKind, Expr, ExprContext, ExprKind, Keyword, MatchCase, Mod,
    Pattern, PatternKind, Stmt, StmtKind,
};
use crate::depth::grow;
use crate::error::Fault;

type Done = Result<(), Fault>;

/// Whether a body begins with a docstring.
fn has_docstring(body: &[Stmt]) -> bool {
    match body.first().map(|statement| &statement.kind) {
        Some(StmtKind::Expr { value }) => matches!(constant(value), Some(Constant::Str(_))),
        _ => false,
    }
}

impl Folder {
    pub(super) fn module(&mut self, tree: &mut Mod) -> Done {
        match tree {
            Mod::Module { body, .. } => self.body(body),
            Mod::Interactive { body } => self.statements(body),
            Mod::Expression { body } => self.expression(body),
            Mod::FunctionType { .. } => Ok(()),
        }
    }

    fn statements(&mut self, statements: &mut [Stmt]) -> Done {
        statements.iter_mut().try_for_each(|statement| self.statement(statement))
    }

    /// A body that may have a docstring. A string that only folding made is none.
    fn body(&mut self, body: &mut [Stmt]) -> Done {
        let had_docstring = has_docstring(body);
        self.statements(body)?;
        if !had_docstring
            && has_docstring(body)
            && let Some(Stmt { kind: StmtKind::Expr { value }, .. }) = body.first_mut()
        {
            let location = value.location;
            let kind = std::mem::replace(&mut value.kind, ExprKind::JoinedStr { values: Vec::new() });
            if let ExprKind::JoinedStr { values } = &mut value.kind {
                values.push(Expr::new(kind, location));
            }
        }
        Ok(())
    }

    fn expressions(&mut self, expressions: &mut [Expr]) -> Done {
        expressions.iter_mut().try_for_each(|expression| self.expression(expression))
    }

    fn optional(&mut self, expression: &mut Option<Box<Expr>>) -> Done {
        expression.as_mut().map_or(Ok(()), |expression| self.expression(expression))
    }

    fn annotation(&mut self, annotation: &mut Option<Box<Expr>>) -> Done {
        if self.text_annotations { Ok(()) } else { self.optional(annotation) }
    }

    fn keywords(&mut self, keywords: &mut [Keyword]) -> Done {
        keywords.iter_mut().try_for_each(|keyword| self.expression(&mut keyword.value))
    }

    fn arguments(&mut self, args: &mut Arguments) -> Done {
        let named = args.posonlyargs.iter_mut().chain(&mut args.args).chain(args.vararg.as_deref_mut());
        for Arg { annotation, .. } in named.chain(&mut args.kwonlyargs).chain(args.kwarg.as_deref_mut()) {
            self.annotation(annotation)?;
        }
        args.kw_defaults.iter_mut().flatten().try_for_each(|default| self.expression(default))?;
        self.expressions(&mut args.defaults)
    }

    fn statement(&mut self, node: &mut Stmt) -> Done {
        self.depth.enter()?;
        grow(|| self.statement_kind(&mut node.kind))?;
        self.depth.leave();
        Ok(())
    }

    fn statement_kind(&mut self, node: &mut StmtKind) -> Done {
        match node {
            StmtKind::FunctionDef { args, body, decorator_list, returns, .. }
            | StmtKind::AsyncFunctionDef { args, body, decorator_list, returns, .. } => {
                self.arguments(args)?;
                self.body(body)?;
                self.expressions(decorator_list)?;
                self.annotation(returns)
            }
            StmtKind::ClassDef { bases, keywords, body, decorator_list, .. } => {
                self.expressions(bases)?;
                self.keywords(keywords)?;
                self.body(body)?;
                self.expressions(decorator_list)
            }
            StmtKind::Return { value } => self.optional(value),
            StmtKind::Delete { targets } => self.expressions(targets),
            StmtKind::Assign { targets, value, .. } => {
                self.expressions(targets)?;
                self.expression(value)
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expression(target)?;
                self.expression(value)
            }
            StmtKind::AnnAssign { target, annotation, value, .. } => {
                self.expression(target)?;
                if !self.text_annotations {
                    self.expression(annotation)?;
                }
                self.optional(value)
            }
            StmtKind::For { target, iter, body, orelse, .. } => {
                self.expression(target)?;
                self.expression(iter)?;
                self.statements(body)?;
                self.statements(orelse)?;
                fold_iterable(iter);
                Ok(())
            }
            StmtKind::AsyncFor { target, iter, body, orelse, .. } => {
                self.expression(target)?;
                self.expression(iter)?;
                self.statements(body)?;
                self.statements(orelse)
            }
            StmtKind::While { test, body, orelse } | StmtKind::If { test, body, orelse } => {
                self.expression(test)?;
                self.statements(body)?;
                self.statements(orelse)
            }
            StmtKind::With { items, body, .. } | StmtKind::AsyncWith { items, body, .. } => {
                for item in items {
                    self.expression(&mut item.context_expr)?;
                    self.optional(&mut item.optional_vars)?;
                }
                self.statements(body)
            }
            StmtKind::Match { subject, cases } => {
                self.expression(subject)?;
                for MatchCase { pattern, guard, body } in cases {
                    self.pattern(pattern)?;
                    self.optional(guard)?;
                    self.statements(body)?;
                }
                Ok(())
            }
            StmtKind::Raise { exc, cause } => {
                self.optional(exc)?;
                self.optional(cause)
            }
            StmtKind::Try { body, handlers, orelse, finalbody }
            | StmtKind::TryStar { body, handlers, orelse, finalbody } => {
                self.statements(body)?;
                for handler in handlers {
                    let ExceptHandlerKind::ExceptHandler { r#type, body, .. } = &mut handler.kind;
                    self.optional(r#type)?;
                    self.statements(body)?;
                }
                self.statements(orelse)?;
                self.statements(finalbody)
            }
            StmtKind::Assert { test, msg } => {
                self.expression(test)?;
                self.optional(msg)
            }
            StmtKind::Expr { value } => self.expression(value),
            StmtKind::Import { .. }
            | StmtKind::ImportFrom { .. }
            | StmtKind::Global { .. }
            | StmtKind::Nonlocal { .. }
            | StmtKind::Pass
            | StmtKind::Break
            | StmtKind::Continue => Ok(()),
        }
    }

    fn pattern(&mut self, node: &mut Pattern) -> Done {
        self.depth.enter()?;
        grow(|| self.pattern_kind(&mut node.kind))?;
        self.depth.leave();
        Ok(())
    }

    fn pattern_kind(&mut self, node: &mut PatternKind) -> Done {
        match node {
            PatternKind::MatchValue { value } => self.expression(value),
            PatternKind::MatchSingleton { .. } | PatternKind::MatchStar { .. } => Ok(()),
            PatternKind::MatchSequence { patterns } | PatternKind::MatchOr { patterns } => self.patterns(patterns),
            PatternKind::MatchMapping { keys, patterns, .. } => {
                self.expressions(keys)?;
                self.patterns(patterns)
            }
            PatternKind::MatchClass { cls, patterns, kwd_patterns, .. } => {
                self.expression(cls)?;
                self.patterns(patterns)?;
                self.patterns(kwd_patterns)
            }
            PatternKind::MatchAs { pattern, .. } => pattern.as_mut().map_or(Ok(()), |pattern| self.pattern(pattern)),
        }
    }

    fn patterns(&mut self, patterns: &mut [Pattern]) -> Done {
        patterns.iter_mut().try_for_each(|pattern| self.pattern(pattern))
    }

    fn generators(&mut self, generators: &mut [Comprehension]) -> Done {
        for Comprehension { target, iter, ifs, .. } in generators {
            self.expression(target)?;
            self.expression(iter)?;
            self.expressions(ifs)?;
            fold_iterable(iter);
        }
        Ok(())
    }

    fn expression(&mut self, node: &mut Expr) -> Done {
        self.depth.enter()?;
        grow(|| self.expression_kind(node))?;
        self.depth.leave();
        Ok(())
    }

    fn expression_kind(&mut self, node: &mut Expr) -> Done {
        match &mut node.kind {
            ExprKind::BoolOp { values, .. } | ExprKind::JoinedStr { values } => self.expressions(values)?,
            ExprKind::NamedExpr { target, value } => {
                self.expression(target)?;
                self.expression(value)?;
            }
            ExprKind::BinOp { left, right, .. } => {
                self.expression(left)?;
                self.expression(right)?;
                fold_binary(node);
            }
            ExprKind::UnaryOp { operand, .. } => {
                self.expression(operand)?;
                fold_unary(node);
            }
            ExprKind::Lambda { args, body } => {
                self.arguments(args)?;
                self.expression(body)?;
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.expression(test)?;
                self.expression(body)?;
                self.expression(orelse)?;
            }
            ExprKind::Dict { keys, values } => {
                keys.iter_mut().flatten().try_for_each(|key| self.expression(key))?;
                self.expressions(values)?;
            }
            ExprKind::Set { elts } | ExprKind::List { elts, .. } => self.expressions(elts)?,
            ExprKind::Tuple { elts, .. } => {
                self.expressions(elts)?;
                fold_tuple(node);
            }
            ExprKind::ListComp { elt, generators }
            | ExprKind::SetComp { elt, generators }
            | ExprKind::GeneratorExp { elt, generators } => {
                self.expression(elt)?;
                self.generators(generators)?;
            }
            ExprKind::DictComp { key, value, generators } => {
                self.expression(key)?;
                self.expression(value)?;
                self.generators(generators)?;
            }
            ExprKind::Await { value }
            | ExprKind::YieldFrom { value }
            | ExprKind::Attribute { value, .. }
            | ExprKind::Starred { value, .. } => self.expression(value)?,
            ExprKind::Yield { value } => self.optional(value)?,
            ExprKind::Compare { left, comparators, .. } => {
                self.expression(left)?;
                self.expressions(comparators)?;
                fold_compare(node);
            }
            ExprKind::Call { func, args, keywords } => {
                self.expression(func)?;
                self.expressions(args)?;
                self.keywords(keywords)?;
            }
            ExprKind::FormattedValue { value, format_spec, .. } => {
                self.expression(value)?;
                self.optional(format_spec)?;
            }
            ExprKind::Subscript { value, slice, .. } => {
                self.expression(value)?;
                self.expression(slice)?;
                fold_subscript(node);
            }
            ExprKind::Slice { lower, upper, step } => {
                self.optional(lower)?;
                self.optional(upper)?;
                self.optional(step)?;
            }
            ExprKind::Name { id, ctx: ExprContext::Load } if id == "__debug__" => {
                become_constant(node, Constant::from_bool(self.optimize <= 0));
            }
            ExprKind::Name { .. } | ExprKind::Constant { .. } => {}
        }
        Ok(())
    }
}
