//! `with` and `async with`.

use super::unit::UnitKind;
use super::unwind::Block;
use super::{Compiler, Done};
use crate::ast::{Constant, Stmt, WithItem};
use crate::flowgraph::{BlockId, Op};

impl<'a> Compiler<'a> {
    /// A `with` statement: the first item, and inside it the others.
    pub(super) fn with(&mut self, node: &'a Stmt, items: &'a [WithItem], body: &'a [Stmt], is_async: bool) -> Done {
        let Some((item, rest)) = items.split_first() else { return self.statements(body) };
        if is_async {
            if self.allows_top_level_await() {
                self.unit.is_coroutine = true;
            } else if self.unit.kind != UnitKind::AsyncFunction {
                return self.error("'async with' outside async function");
            }
        }
        let inside = self.new_block();
        let raised = self.new_block();
        let exit = self.new_block();
        let cleanup = self.new_block();
        self.expression(&item.context_expr)?;
        if is_async {
            self.emit(Op::BeforeAsyncWith, 0);
            self.emit_await(1);
        } else {
            self.emit(Op::BeforeWith, 0);
        }
        self.emit_jump(Op::SetupWith, raised);
        self.use_block(inside);
        self.push_block(if is_async { Block::AsyncWith(node) } else { Block::With(node) })?;
        match &item.optional_vars {
            Some(target) => self.expression(target)?,
            None => self.emit(Op::PopTop, 0),
        }
        if rest.is_empty() {
            self.statements(body)?;
        } else {
            crate::depth::grow(|| self.with(node, rest, body, is_async))?;
        }
        self.pop_block();
        // In an `async with`, the end of the region stays part of the body's last statement.
        if !is_async {
            self.unlocate();
        }
        self.emit(Op::PopBlock, 0);
        // The end without an exception.
        self.unit.at = node.location.into();
        self.call_exit_with_none();
        if is_async {
            self.emit_await(2);
        }
        self.emit(Op::PopTop, 0);
        self.emit_jump(Op::Jump, exit);
        // The end with one.
        self.use_block(raised);
        self.emit_jump(Op::SetupCleanup, cleanup);
        self.emit(Op::PushExcInfo, 0);
        self.emit(Op::WithExceptStart, 0);
        if is_async {
            self.emit_await(2);
        }
        self.finish_exception(cleanup);
        self.use_block(exit);
        Ok(())
    }

    /// Calls `__exit__(None, None, None)`.
    pub(super) fn call_exit_with_none(&mut self) {
        for _ in 0..3 {
            self.load_constant(Constant::None);
        }
        self.emit(Op::Precall, 2);
        self.emit(Op::Call, 2);
    }

    /// Raises the exception again unless `__exit__` answered true.
    fn finish_exception(&mut self, cleanup: BlockId) {
        self.unlocate();
        let suppress = self.new_block();
        self.emit_jump(Op::PopJumpIfTrue, suppress);
        self.emit(Op::Reraise, 2);
        self.use_block(cleanup);
        self.restore_and_reraise();
        self.use_block(suppress);
        self.emit(Op::PopTop, 0);
        self.emit(Op::PopBlock, 0);
        self.emit(Op::PopExcept, 0);
        self.emit(Op::PopTop, 0);
        self.emit(Op::PopTop, 0);
    }
}
