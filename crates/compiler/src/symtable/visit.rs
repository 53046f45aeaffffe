//! The walk of the first pass over every node.

use super::build::Builder;
use super::{ComprehensionKind, DEF_ANNOT, DEF_GLOBAL, DEF_IMPORT, DEF_LOCAL, DEF_NONLOCAL, DEF_PARAM, ScopeKind, USE};
use crate::ast::{
    Alias, Arg, Arguments, Comprehension, ExceptHandler, ExceptHandlerKind, Expr, ExprContext, ExprKind, Keyword,
    MatchCase, Name, Pattern, PatternKind, Stmt, StmtKind, WithItem,
};
use crate::depth::grow;
use crate::error::Fault;

type Done = Result<(), Fault>;

/// The address that names a node in the table.
fn address<T>(node: &T) -> Option<usize> {
    Some(std::ptr::from_ref(node).addr())
}

impl Builder {
    pub(super) fn statements(&mut self, statements: &[Stmt]) -> Done {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn expressions(&mut self, expressions: &[Expr]) -> Done {
        expressions.iter().try_for_each(|expression| self.expression(expression))
    }

    fn optional(&mut self, expression: &Option<Box<Expr>>) -> Done {
        expression.as_ref().map_or(Ok(()), |expression| self.expression(expression))
    }

    fn statement(&mut self, node: &Stmt) -> Done {
        self.depth.enter()?;
        grow(|| self.statement_kind(node))?;
        self.depth.leave();
        Ok(())
    }

    fn statement_kind(&mut self, node: &Stmt) -> Done {
        match &node.kind {
            StmtKind::FunctionDef { name, args, body, decorator_list, returns, .. } => {
                self.function(node, name, args, body, decorator_list, returns, false)
            }
            StmtKind::AsyncFunctionDef { name, args, body, decorator_list, returns, .. } => {
                self.function(node, name, args, body, decorator_list, returns, true)
            }
            StmtKind::ClassDef { name, bases, keywords, body, decorator_list } => {
                self.define(name, DEF_LOCAL, node.location)?;
                self.expressions(bases)?;
                self.keywords(keywords)?;
                self.expressions(decorator_list)?;
                self.enter(name.clone(), ScopeKind::Class, address(node), node.location);
                let outer = self.class.replace(name.clone());
                self.statements(body)?;
                self.class = outer;
                self.exit();
                Ok(())
            }
            StmtKind::Return { value } => {
                self.optional(value)?;
                self.scope().returns_value |= value.is_some();
                Ok(())
            }
            StmtKind::Delete { targets } => self.expressions(targets),
            StmtKind::Assign { targets, value, .. } => {
                self.expressions(targets)?;
                self.expression(value)
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expression(target)?;
                self.expression(value)
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                self.annotated_target(node, target, value.is_some(), *simple != 0)?;
                self.annotation(annotation)?;
                self.optional(value)
            }
            StmtKind::For { target, iter, body, orelse, .. }
            | StmtKind::AsyncFor { target, iter, body, orelse, .. } => {
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
                for WithItem { context_expr, optional_vars } in items {
                    self.expression(context_expr)?;
                    self.optional(optional_vars)?;
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
                self.statements(orelse)?;
                handlers.iter().try_for_each(|handler| self.handler(handler))?;
                self.statements(finalbody)
            }
            StmtKind::Assert { test, msg } => {
                self.expression(test)?;
                self.optional(msg)
            }
            StmtKind::Import { names } | StmtKind::ImportFrom { names, .. } => {
                names.iter().try_for_each(|alias| self.alias(alias))
            }
            StmtKind::Global { names } => self.declare(names, true, node.location),
            StmtKind::Nonlocal { names } => self.declare(names, false, node.location),
            StmtKind::Expr { value } => self.expression(value),
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => Ok(()),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of the two kinds of function definition")]
    fn function(
        &mut self,
        node: &Stmt,
        name: &Name,
        args: &Arguments,
        body: &[Stmt],
        decorators: &[Expr],
        returns: &Option<Box<Expr>>,
        is_async: bool,
    ) -> Done {
        self.define(name, DEF_LOCAL, node.location)?;
        self.defaults(args)?;
        self.annotations(node, args, returns)?;
        self.expressions(decorators)?;
        self.enter(name.clone(), ScopeKind::Function, address(node), node.location);
        self.scope().is_coroutine = is_async;
        self.parameters(args)?;
        self.statements(body)?;
        self.exit();
        Ok(())
    }

    fn defaults(&mut self, args: &Arguments) -> Done {
        self.expressions(&args.defaults)?;
        args.kw_defaults.iter().flatten().try_for_each(|default| self.expression(default))
    }

    fn parameters(&mut self, args: &Arguments) -> Done {
        let named = args.posonlyargs.iter().chain(&args.args).chain(&args.kwonlyargs);
        let rest = args.vararg.as_deref().into_iter().chain(args.kwarg.as_deref());
        for arg in named.chain(rest) {
            self.define(&arg.arg, DEF_PARAM, arg.location)?;
        }
        let scope = self.scope();
        scope.has_varargs |= args.vararg.is_some();
        scope.has_varkeywords |= args.kwarg.is_some();
        Ok(())
    }

    fn annotations(&mut self, node: &Stmt, args: &Arguments, returns: &Option<Box<Expr>>) -> Done {
        if self.text_annotations {
            self.enter(Name::from("_annotation"), ScopeKind::Annotation, None, node.location);
        }
        let annotated = |arg: &Arg| arg.annotation.is_some();
        let named = args.posonlyargs.iter().chain(&args.args);
        let rest = args.vararg.as_deref().into_iter().chain(args.kwarg.as_deref()).chain(&args.kwonlyargs);
        for arg in named.chain(rest).filter(|arg| annotated(arg)) {
            self.optional(&arg.annotation)?;
        }
        if self.text_annotations {
            self.exit();
        }
        returns.as_ref().map_or(Ok(()), |returns| self.annotation(returns))
    }

    fn annotation(&mut self, annotation: &Expr) -> Done {
        if self.text_annotations {
            self.enter(Name::from("_annotation"), ScopeKind::Annotation, None, annotation.location);
        }
        self.expression(annotation)?;
        if self.text_annotations {
            self.exit();
        }
        Ok(())
    }

    fn annotated_target(&mut self, node: &Stmt, target: &Expr, has_value: bool, simple: bool) -> Done {
        let ExprKind::Name { id, .. } = &target.kind else { return self.expression(target) };
        let known = self.lookup(id);
        if known & (DEF_GLOBAL | DEF_NONLOCAL) != 0 && self.stack.len() > 1 && simple {
            let declaration = if known & DEF_GLOBAL != 0 { "global" } else { "nonlocal" };
            let message = format!("annotated name '{id}' can't be {declaration}");
            return Err(Fault::syntax(message, node.location));
        }
        if simple {
            self.define(id, DEF_ANNOT | DEF_LOCAL, target.location)
        } else if has_value {
            self.define(id, DEF_LOCAL, target.location)
        } else {
            Ok(())
        }
    }

    fn handler(&mut self, node: &ExceptHandler) -> Done {
        let ExceptHandlerKind::ExceptHandler { r#type, name, body } = &node.kind;
        self.optional(r#type)?;
        if let Some(name) = name {
            self.define(name, DEF_LOCAL, node.location)?;
        }
        self.statements(body)
    }

    fn alias(&mut self, alias: &Alias) -> Done {
        let name = alias.asname.as_ref().unwrap_or(&alias.name);
        if name == "*" {
            if self.scope().kind != ScopeKind::Module {
                return Err(Fault::syntax("import * only allowed at module level", alias.location));
            }
            return Ok(());
        }
        match name.split_once('.') {
            Some((first, _)) => self.define(&Name::from(first), DEF_IMPORT, alias.location),
            None => self.define(name, DEF_IMPORT, alias.location),
        }
    }

    fn keywords(&mut self, keywords: &[Keyword]) -> Done {
        keywords.iter().try_for_each(|keyword| self.expression(&keyword.value))
    }

    fn pattern(&mut self, node: &Pattern) -> Done {
        self.depth.enter()?;
        grow(|| self.pattern_kind(node))?;
        self.depth.leave();
        Ok(())
    }

    fn pattern_kind(&mut self, node: &Pattern) -> Done {
        let at = node.location;
        let bind = |this: &mut Self, name: &Option<Name>| match name {
            Some(name) => this.define(name, DEF_LOCAL, at),
            None => Ok(()),
        };
        match &node.kind {
            PatternKind::MatchValue { value } => self.expression(value),
            PatternKind::MatchSingleton { .. } => Ok(()),
            PatternKind::MatchSequence { patterns } | PatternKind::MatchOr { patterns } => self.patterns(patterns),
            PatternKind::MatchStar { name } => bind(self, name),
            PatternKind::MatchMapping { keys, patterns, rest } => {
                self.expressions(keys)?;
                self.patterns(patterns)?;
                bind(self, rest)
            }
            PatternKind::MatchClass { cls, patterns, kwd_patterns, .. } => {
                self.expression(cls)?;
                self.patterns(patterns)?;
                self.patterns(kwd_patterns)
            }
            PatternKind::MatchAs { pattern, name } => {
                if let Some(pattern) = pattern {
                    self.pattern(pattern)?;
                }
                bind(self, name)
            }
        }
    }

    fn patterns(&mut self, patterns: &[Pattern]) -> Done {
        patterns.iter().try_for_each(|pattern| self.pattern(pattern))
    }

    pub(super) fn expression(&mut self, node: &Expr) -> Done {
        self.depth.enter()?;
        grow(|| self.expression_kind(node))?;
        self.depth.leave();
        Ok(())
    }

    fn expression_kind(&mut self, node: &Expr) -> Done {
        match &node.kind {
            ExprKind::BoolOp { values, .. } | ExprKind::JoinedStr { values } => self.expressions(values),
            ExprKind::NamedExpr { target, value } => self.named_expression(node, target, value),
            ExprKind::BinOp { left, right, .. } => {
                self.expression(left)?;
                self.expression(right)
            }
            ExprKind::UnaryOp { operand: value, .. }
            | ExprKind::Attribute { value, .. }
            | ExprKind::Starred { value, .. } => self.expression(value),
            ExprKind::Lambda { args, body } => {
                self.defaults(args)?;
                self.enter(Name::from("lambda"), ScopeKind::Function, address(node), node.location);
                self.parameters(args)?;
                self.expression(body)?;
                self.exit();
                Ok(())
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.expression(test)?;
                self.expression(body)?;
                self.expression(orelse)
            }
            ExprKind::Dict { keys, values } => {
                keys.iter().flatten().try_for_each(|key| self.expression(key))?;
                self.expressions(values)
            }
            ExprKind::Set { elts } | ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => {
                self.expressions(elts)
            }
            ExprKind::ListComp { elt, generators } => {
                self.comprehension(node, ComprehensionKind::List, generators, elt, None)
            }
            ExprKind::SetComp { elt, generators } => {
                self.comprehension(node, ComprehensionKind::Set, generators, elt, None)
            }
            ExprKind::GeneratorExp { elt, generators } => {
                self.comprehension(node, ComprehensionKind::Generator, generators, elt, None)
            }
            ExprKind::DictComp { key, value, generators } => {
                self.comprehension(node, ComprehensionKind::Dict, generators, key, Some(value))
            }
            ExprKind::Yield { value } => {
                self.refuse_in_annotation("yield expression", node.location)?;
                self.optional(value)?;
                self.scope().is_generator = true;
                self.refuse_in_comprehension(node.location)
            }
            ExprKind::YieldFrom { value } => {
                self.refuse_in_annotation("yield expression", node.location)?;
                self.expression(value)?;
                self.scope().is_generator = true;
                self.refuse_in_comprehension(node.location)
            }
            ExprKind::Await { value } => {
                self.refuse_in_annotation("await expression", node.location)?;
                self.expression(value)?;
                self.scope().is_coroutine = true;
                Ok(())
            }
            ExprKind::Compare { left, comparators, .. } => {
                self.expression(left)?;
                self.expressions(comparators)
            }
            ExprKind::Call { func, args, keywords } => {
                self.expression(func)?;
                self.expressions(args)?;
                self.keywords(keywords)
            }
            ExprKind::FormattedValue { value, format_spec, .. } => {
                self.expression(value)?;
                self.optional(format_spec)
            }
            ExprKind::Subscript { value, slice, .. } => {
                self.expression(value)?;
                self.expression(slice)
            }
            ExprKind::Slice { lower, upper, step } => {
                self.optional(lower)?;
                self.optional(upper)?;
                self.optional(step)
            }
            ExprKind::Name { id, ctx } => {
                let loads = *ctx == ExprContext::Load;
                self.define(id, if loads { USE } else { DEF_LOCAL }, node.location)?;
                // `super()` without arguments finds its class through `__class__`.
                if loads && id == "super" && self.scope().kind == ScopeKind::Function {
                    self.define(&Name::from("__class__"), USE, node.location)?;
                }
                Ok(())
            }
            ExprKind::Constant { .. } => Ok(()),
        }
    }

    fn named_expression(&mut self, node: &Expr, target: &Expr, value: &Expr) -> Done {
        self.refuse_in_annotation("named expression", node.location)?;
        if self.scope().iterable_depth > 0 {
            let message = "assignment expression cannot be used in a comprehension iterable expression";
            return Err(Fault::syntax(message, node.location));
        }
        if self.scope().comprehension.is_some()
            && let ExprKind::Name { id, .. } = &target.kind
        {
            self.bind_outside_comprehension(id, target.location)?;
        }
        self.expression(value)?;
        self.expression(target)
    }

    fn comprehension(
        &mut self,
        node: &Expr,
        kind: ComprehensionKind,
        generators: &[Comprehension],
        element: &Expr,
        value: Option<&Expr>,
    ) -> Done {
        let Some((outermost, inner)) = generators.split_first() else {
            return Err(Fault::Internal("a comprehension without generators"));
        };
        // The outermost iterable is evaluated in the enclosing scope, and arrives as an argument.
        self.scope().iterable_depth += 1;
        self.expression(&outermost.iter)?;
        self.scope().iterable_depth -= 1;
        let name = match kind {
            ComprehensionKind::List => "listcomp",
            ComprehensionKind::Set => "setcomp",
            ComprehensionKind::Dict => "dictcomp",
            ComprehensionKind::Generator => "genexpr",
        };
        self.enter(Name::from(name), ScopeKind::Function, address(node), node.location);
        let scope = self.scope();
        scope.comprehension = Some(kind);
        scope.is_coroutine |= outermost.is_async != 0;
        self.define(&Name::from(".0"), DEF_PARAM, node.location)?;
        self.iteration_target(&outermost.target)?;
        self.expressions(&outermost.ifs)?;
        for generator in inner {
            self.iteration_target(&generator.target)?;
            self.scope().iterable_depth += 1;
            self.expression(&generator.iter)?;
            self.scope().iterable_depth -= 1;
            self.expressions(&generator.ifs)?;
            self.scope().is_coroutine |= generator.is_async != 0;
        }
        if let Some(value) = value {
            self.expression(value)?;
        }
        self.expression(element)?;
        let is_generator = kind == ComprehensionKind::Generator;
        let scope = self.scope();
        scope.is_generator = is_generator;
        let makes_coroutine = scope.is_coroutine && !is_generator;
        self.exit();
        self.scope().is_coroutine |= makes_coroutine;
        Ok(())
    }

    fn iteration_target(&mut self, target: &Expr) -> Done {
        self.scope().in_iteration_target = true;
        self.expression(target)?;
        self.scope().in_iteration_target = false;
        Ok(())
    }
}
