//! Statements: the dispatch, and those that are simple.

use super::unwind::Block;
use super::{Compiler, Done};
use crate::ast::{Constant, ExceptHandlerKind, Expr, ExprKind, Stmt, StmtKind};
use crate::depth::grow;
use crate::error::Fault;
use crate::flowgraph::{Arg, Op};
use crate::symtable::ScopeKind;

/// Whether a body has an annotated assignment, outside of functions and classes inside it.
pub(super) fn has_annotation(body: &[Stmt]) -> bool {
    let mut pending = vec![body];
    while let Some(body) = pending.pop() {
        for statement in body {
            match &statement.kind {
                StmtKind::AnnAssign { .. } => return true,
                StmtKind::For { body, orelse, .. }
                | StmtKind::AsyncFor { body, orelse, .. }
                | StmtKind::While { body, orelse, .. }
                | StmtKind::If { body, orelse, .. } => pending.extend([&body[..], &orelse[..]]),
                StmtKind::With { body, .. } | StmtKind::AsyncWith { body, .. } => pending.push(body),
                StmtKind::Match { cases, .. } => pending.extend(cases.iter().map(|case| &case.body[..])),
                StmtKind::Try { body, handlers, orelse, finalbody }
                | StmtKind::TryStar { body, handlers, orelse, finalbody } => {
                    pending.extend([&body[..], &orelse[..], &finalbody[..]]);
                    for handler in handlers {
                        let ExceptHandlerKind::ExceptHandler { body, .. } = &handler.kind;
                        pending.push(body);
                    }
                }
                _ => {}
            }
        }
    }
    false
}

impl<'a> Compiler<'a> {
    pub(super) fn statement(&mut self, node: &'a Stmt) -> Done {
        self.unit.at = node.location.into();
        grow(|| self.statement_kind(node))
    }

    fn statement_kind(&mut self, node: &'a Stmt) -> Done {
        match &node.kind {
            StmtKind::FunctionDef { .. } | StmtKind::AsyncFunctionDef { .. } => self.function(node),
            StmtKind::ClassDef { .. } => self.class(node),
            StmtKind::Return { value } => self.return_statement(node, value.as_deref()),
            StmtKind::Delete { targets } => self.expressions(targets),
            StmtKind::Assign { targets, value, .. } => {
                self.expression(value)?;
                for (index, target) in targets.iter().enumerate() {
                    if index + 1 < targets.len() {
                        self.emit(Op::Copy, 1);
                    }
                    self.expression(target)?;
                }
                Ok(())
            }
            StmtKind::AugAssign { target, op, value } => self.augmented(node, target, *op, value),
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                self.annotated(target, annotation, value.as_deref(), *simple != 0)
            }
            StmtKind::For { target, iter, body, orelse, .. } => self.for_loop(target, iter, body, orelse),
            StmtKind::AsyncFor { target, iter, body, orelse, .. } => self.async_for(target, iter, body, orelse),
            StmtKind::While { test, body, orelse } => self.while_loop(node, test, body, orelse),
            StmtKind::If { test, body, orelse } => self.if_statement(test, body, orelse),
            StmtKind::With { items, body, .. } => self.with(node, items, body, false),
            StmtKind::AsyncWith { items, body, .. } => self.with(node, items, body, true),
            StmtKind::Match { subject, cases } => self.match_statement(subject, cases),
            StmtKind::Raise { exc, cause } => {
                let mut count: Arg = 0;
                for value in exc.iter().chain(cause) {
                    self.expression(value)?;
                    count += 1;
                }
                self.emit(Op::RaiseVarargs, count);
                Ok(())
            }
            StmtKind::Try { body, handlers, orelse, finalbody } => {
                self.try_statement(body, handlers, orelse, finalbody, false)
            }
            StmtKind::TryStar { body, handlers, orelse, finalbody } => {
                self.try_statement(body, handlers, orelse, finalbody, true)
            }
            StmtKind::Assert { test, msg } => self.assert_statement(test, msg.as_deref()),
            StmtKind::Import { names } => self.import(names),
            StmtKind::ImportFrom { module, names, level } => self.import_from(node, module.as_ref(), names, *level),
            StmtKind::Global { .. } | StmtKind::Nonlocal { .. } => Ok(()),
            StmtKind::Expr { value } => self.expression_statement(value),
            StmtKind::Pass => {
                self.emit(Op::Nop, 0);
                Ok(())
            }
            StmtKind::Break => self.break_statement(),
            StmtKind::Continue => self.continue_statement(),
        }
    }

    fn expression_statement(&mut self, value: &'a Expr) -> Done {
        if self.interactive && self.outer.is_empty() {
            self.expression(value)?;
            self.emit(Op::PrintExpr, 0);
            return Ok(());
        }
        if matches!(value.kind, ExprKind::Constant { .. }) {
            self.emit(Op::Nop, 0);
            return Ok(());
        }
        self.expression(value)?;
        self.unlocate();
        self.emit(Op::PopTop, 0);
        Ok(())
    }

    fn return_statement(&mut self, node: &'a Stmt, value: Option<&'a Expr>) -> Done {
        let scope = self.program.table.scope(self.unit.scope);
        if scope.kind != ScopeKind::Function {
            return self.error("'return' outside function");
        }
        if value.is_some() && self.unit.is_coroutine && self.unit.is_generator {
            return self.error("'return' with value in async generator");
        }
        let constant = value.and_then(|value| match &value.kind {
            ExprKind::Constant { value, .. } => Some(value),
            _ => None,
        });
        let keeps_top = value.is_some() && constant.is_none();
        if let Some(value) = value {
            if keeps_top {
                self.expression(value)?;
            } else {
                // The line of the constant shows, although it is loaded only on the way out.
                self.unit.at = value.location.into();
                self.emit(Op::Nop, 0);
            }
        }
        if value.is_none_or(|value| value.location.line != node.location.line) {
            self.unit.at = node.location.into();
            self.emit(Op::Nop, 0);
        }
        self.unwind_for_return(keeps_top)?;
        if value.is_none() {
            self.load_constant(Constant::None);
        } else if let Some(constant) = constant {
            self.load_constant(constant.clone());
        }
        self.emit(Op::ReturnValue, 0);
        Ok(())
    }

    fn break_statement(&mut self) -> Done {
        self.emit(Op::Nop, 0);
        let at = self.unit.at;
        let Some(innermost @ (Block::WhileLoop(_, end) | Block::ForLoop(_, end))) = self.unwind_to_loop()? else {
            return Err(Fault::syntax("'break' outside loop", at));
        };
        self.unwind(innermost, false)?;
        self.emit_jump(Op::Jump, end);
        Ok(())
    }

    fn continue_statement(&mut self) -> Done {
        self.emit(Op::Nop, 0);
        let at = self.unit.at;
        let Some(Block::WhileLoop(start, _) | Block::ForLoop(start, _)) = self.unwind_to_loop()? else {
            return Err(Fault::syntax("'continue' not properly in loop", at));
        };
        self.emit_jump(Op::Jump, start);
        Ok(())
    }

    fn assert_statement(&mut self, test: &'a Expr, message: Option<&'a Expr>) -> Result<(), Fault> {
        let is_tuple = match &test.kind {
            ExprKind::Tuple { elts, .. } => !elts.is_empty(),
            ExprKind::Constant { value: Constant::Tuple(items), .. } => !items.is_empty(),
            _ => false,
        };
        if is_tuple {
            self.warn("assertion is always true, perhaps remove parentheses?");
        }
        if self.program.optimize > 0 {
            return Ok(());
        }
        let end = self.new_block();
        self.jump_if(test, end, true)?;
        self.emit(Op::LoadAssertionError, 0);
        if let Some(message) = message {
            self.expression(message)?;
            self.emit(Op::Precall, 0);
            self.emit(Op::Call, 0);
        }
        self.emit(Op::RaiseVarargs, 1);
        self.use_block(end);
        Ok(())
    }
}
