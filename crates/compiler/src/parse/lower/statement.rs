//! Statements.

use ruff_python_ast as ruff;
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::super::tokens::Kind;
use super::expression::operator;
use super::{Unit, deep};
use crate::ast::{
    Alias, Constant, ExceptHandler, ExceptHandlerKind, Expr, Location, MatchCase, Mod, Name, Stmt, StmtKind, WithItem,
};

impl Unit<'_> {
    /// Lower a block.
    pub(in super::super) fn body(&mut self, body: impl IntoIterator<Item = ruff::Stmt>) -> Vec<Stmt> {
        body.into_iter().map(|stmt| self.stmt(stmt)).collect()
    }

    fn stmt(&mut self, stmt: ruff::Stmt) -> Stmt {
        deep(|| {
            let range = stmt.range();
            match stmt {
                ruff::Stmt::FunctionDef(node) => self.function(node),
                ruff::Stmt::ClassDef(node) => self.class(node),
                ruff::Stmt::If(node) => self.if_statement(node),
                ruff::Stmt::For(_)
                | ruff::Stmt::While(_)
                | ruff::Stmt::With(_)
                | ruff::Stmt::Match(_)
                | ruff::Stmt::Try(_) => {
                    let location = self.block_location(range.start(), range.end());
                    Stmt::new(self.compound(stmt), location)
                }
                ruff::Stmt::Assign(node) => self.assign(node),
                simple => {
                    let kind = self.simple(simple);
                    Stmt::new(kind, self.range(range))
                }
            }
        })
    }

    /// The place of a function or class: from its first word after the decorators.
    fn definition_start(&self, start: TextSize, decorators: &[ruff::Decorator]) -> TextSize {
        let Some(last) = decorators.last() else { return start };
        let mut index = self.token_at(last.range.end().to_u32());
        while self.token(index).is_some_and(|token| token.kind != Kind::Name) {
            index += 1;
        }
        self.token(index).map_or(start, |token| TextSize::new(token.start))
    }

    fn function(&mut self, node: ruff::StmtFunctionDef) -> Stmt {
        let start = self.definition_start(node.range.start(), &node.decorator_list);
        let location = self.block_location(start, node.range.end());
        let decorator_list = self.exprs(node.decorator_list.into_iter().map(|decorator| decorator.expression));
        let name = self.name(&node.name);
        let args = Box::new(self.arguments(Some(*node.parameters)));
        let returns = self.optional(node.returns);
        let body_start = node.body.first().map(|stmt| stmt.range().start().to_u32());
        let type_comment = body_start.and_then(|start| self.function_type_comment(start));
        let body = self.body(node.body);
        let kind = if node.is_async {
            StmtKind::AsyncFunctionDef { name, args, body, decorator_list, returns, type_comment }
        } else {
            StmtKind::FunctionDef { name, args, body, decorator_list, returns, type_comment }
        };
        Stmt::new(kind, location)
    }

    fn class(&mut self, node: ruff::StmtClassDef) -> Stmt {
        let start = self.definition_start(node.range.start(), &node.decorator_list);
        let location = self.block_location(start, node.range.end());
        let decorator_list = self.exprs(node.decorator_list.into_iter().map(|decorator| decorator.expression));
        let name = self.name(&node.name);
        let (bases, keywords) = match node.arguments {
            Some(arguments) => self.call_arguments(*arguments),
            None => (Vec::new(), Vec::new()),
        };
        let body = self.body(node.body);
        Stmt::new(StmtKind::ClassDef { name, bases, keywords, body, decorator_list }, location)
    }

    /// An `if` with its `elif`s, each of which is an `if` in the `else` of the one before.
    fn if_statement(&mut self, node: ruff::StmtIf) -> Stmt {
        let end = node.range.end();
        let mut clauses = Vec::new();
        let mut starts = vec![node.range.start()];
        let test = self.boxed(*node.test);
        let body = self.body(node.body);
        clauses.push((test, body));
        let mut orelse = Vec::new();
        for clause in node.elif_else_clauses {
            match clause.test {
                Some(test) => {
                    starts.push(clause.range.start());
                    let test = self.boxed(test);
                    let body = self.body(clause.body);
                    clauses.push((test, body));
                }
                None => orelse = self.body(clause.body),
            }
        }
        // From the last clause to the first, so that a long chain does not recurse.
        let mut rest: Option<Stmt> = None;
        for ((test, body), start) in clauses.into_iter().zip(starts).rev() {
            let orelse = match rest.take() {
                Some(inner) => vec![inner],
                None => std::mem::take(&mut orelse),
            };
            rest = Some(Stmt::new(StmtKind::If { test, body, orelse }, self.block_location(start, end)));
        }
        rest.unwrap_or_else(|| Stmt::new(StmtKind::Pass, self.range(node.range)))
    }

    fn compound(&mut self, stmt: ruff::Stmt) -> StmtKind {
        match stmt {
            ruff::Stmt::For(node) => {
                let target = self.boxed(*node.target);
                let iter = self.boxed(*node.iter);
                let body_start = node.body.first().map(|stmt| stmt.range().start().to_u32());
                let type_comment = body_start.and_then(|start| self.block_type_comment(start));
                let body = self.body(node.body);
                let orelse = self.body(node.orelse);
                if node.is_async {
                    StmtKind::AsyncFor { target, iter, body, orelse, type_comment }
                } else {
                    StmtKind::For { target, iter, body, orelse, type_comment }
                }
            }
            ruff::Stmt::While(node) => StmtKind::While {
                test: self.boxed(*node.test),
                body: self.body(node.body),
                orelse: self.body(node.orelse),
            },
            ruff::Stmt::With(node) => {
                let item = |node: ruff::WithItem| WithItem {
                    context_expr: self.boxed(node.context_expr),
                    optional_vars: self.optional(node.optional_vars),
                };
                let items = node.items.into_iter().map(item).collect();
                let body_start = node.body.first().map(|stmt| stmt.range().start().to_u32());
                let type_comment = body_start.and_then(|start| self.block_type_comment(start));
                let body = self.body(node.body);
                if node.is_async {
                    StmtKind::AsyncWith { items, body, type_comment }
                } else {
                    StmtKind::With { items, body, type_comment }
                }
            }
            ruff::Stmt::Match(node) => {
                let subject = self.boxed(*node.subject);
                let case = |node: ruff::MatchCase| MatchCase {
                    pattern: Box::new(self.pattern(node.pattern)),
                    guard: self.optional(node.guard),
                    body: self.body(node.body),
                };
                StmtKind::Match { subject, cases: node.cases.into_iter().map(case).collect() }
            }
            ruff::Stmt::Try(node) => {
                let body = self.body(node.body);
                let handlers = node.handlers.into_iter().map(|handler| self.handler(handler)).collect();
                let orelse = self.body(node.orelse);
                let finalbody = self.body(node.finalbody);
                if node.is_star {
                    StmtKind::TryStar { body, handlers, orelse, finalbody }
                } else {
                    StmtKind::Try { body, handlers, orelse, finalbody }
                }
            }
            _ => StmtKind::Pass,
        }
    }

    fn handler(&mut self, handler: ruff::ExceptHandler) -> ExceptHandler {
        let ruff::ExceptHandler::ExceptHandler(node) = handler;
        let location = self.block_location(node.range.start(), node.range.end());
        let kind = ExceptHandlerKind::ExceptHandler {
            r#type: self.optional(node.type_),
            name: node.name.map(|name| self.name(&name)),
            body: self.body(node.body),
        };
        ExceptHandler::new(kind, location)
    }

    fn assign(&mut self, node: ruff::StmtAssign) -> Stmt {
        let end = node.range.end().to_u32();
        let targets = self.exprs(node.targets);
        let value = self.boxed(*node.value);
        let (type_comment, end) = match self.assignment_type_comment(end) {
            Some((text, end)) => (Some(text), end),
            None => (None, end),
        };
        let location = self.range(TextRange::new(node.range.start(), TextSize::new(end)));
        Stmt::new(StmtKind::Assign { targets, value, type_comment }, location)
    }

    fn simple(&mut self, stmt: ruff::Stmt) -> StmtKind {
        match stmt {
            ruff::Stmt::Return(node) => StmtKind::Return { value: self.optional(node.value) },
            ruff::Stmt::Delete(node) => StmtKind::Delete { targets: self.exprs(node.targets) },
            ruff::Stmt::AugAssign(node) => StmtKind::AugAssign {
                target: self.boxed(*node.target),
                op: operator(node.op),
                value: self.boxed(*node.value),
            },
            ruff::Stmt::AnnAssign(node) => StmtKind::AnnAssign {
                target: self.boxed(*node.target),
                annotation: self.boxed(*node.annotation),
                value: self.optional(node.value),
                simple: node.simple.into(),
            },
            ruff::Stmt::Raise(node) => {
                StmtKind::Raise { exc: self.optional(node.exc), cause: self.optional(node.cause) }
            }
            ruff::Stmt::Assert(node) => StmtKind::Assert { test: self.boxed(*node.test), msg: self.optional(node.msg) },
            ruff::Stmt::Import(node) => StmtKind::Import { names: self.aliases(node.names) },
            ruff::Stmt::ImportFrom(node) => StmtKind::ImportFrom {
                module: node.module.map(|module| self.name(&module)),
                names: self.aliases(node.names),
                level: Some(node.level.try_into().unwrap_or(i32::MAX)),
            },
            ruff::Stmt::Global(node) => StmtKind::Global { names: self.identifiers(node.names) },
            ruff::Stmt::Nonlocal(node) => StmtKind::Nonlocal { names: self.identifiers(node.names) },
            ruff::Stmt::Expr(node) => StmtKind::Expr { value: self.boxed(*node.value) },
            // See `mask`.
            ruff::Stmt::Break(node) if self.slice(node.range) == "raise" => StmtKind::Raise { exc: None, cause: None },
            ruff::Stmt::Break(_) => StmtKind::Break,
            ruff::Stmt::Continue(_) => StmtKind::Continue,
            // `pass`; all else is newer than 3.11 and was refused.
            _ => StmtKind::Pass,
        }
    }

    fn aliases(&mut self, names: Vec<ruff::Alias>) -> Vec<Alias> {
        let alias = |node: ruff::Alias| Alias {
            location: self.location(&node),
            name: self.name(&node.name),
            asname: node.asname.map(|asname| self.name(&asname)),
        };
        names.into_iter().map(alias).collect()
    }

    fn identifiers(&mut self, names: Vec<ruff::Identifier>) -> Vec<Name> {
        names.into_iter().map(|name| self.name(&name)).collect()
    }

    /// The signature that `mask_function_type` made a pair of.
    pub(in super::super) fn function_type(&mut self, pair: ruff::Expr) -> Mod {
        let mut argtypes = Vec::new();
        let mut returns = None;
        if let ruff::Expr::Tuple(pair) = pair {
            let mut parts = pair.elts.into_iter();
            if let Some(arguments) = parts.next() {
                match arguments {
                    // The parentheses are the signature's own only if they are the first in the text.
                    ruff::Expr::Tuple(tuple)
                        if tuple.parenthesized && self.token_at(tuple.range.start().to_u32()) == 0 =>
                    {
                        argtypes = self.exprs(tuple.elts);
                    }
                    single => argtypes.push(self.expr(single)),
                }
            }
            returns = parts.next().map(|returns| self.boxed(returns));
        }
        let nothing = || Box::new(Expr::new(super::expression::constant(Constant::None), Location::default()));
        Mod::FunctionType { argtypes, returns: returns.unwrap_or_else(nothing) }
    }

    /// The whole of an expression's source.
    pub(in super::super) fn expression_body(&mut self, module: ruff::ModExpression) -> Box<Expr> {
        self.boxed(*module.body)
    }
}
