//! `if` and the loops.

use super::unit::UnitKind;
use super::unwind::Block;
use super::{Compiler, Done};
use crate::ast::{Constant, Expr, Stmt};
use crate::flowgraph::Op;

impl<'a> Compiler<'a> {
    pub(super) fn if_statement(&mut self, test: &'a Expr, body: &'a [Stmt], orelse: &'a [Stmt]) -> Done {
        let end = self.new_block();
        let otherwise = if orelse.is_empty() { end } else { self.new_block() };
        self.jump_if(test, otherwise, false)?;
        self.statements(body)?;
        if !orelse.is_empty() {
            self.unlocate();
            self.emit_jump(Op::Jump, end);
            self.use_block(otherwise);
            self.statements(orelse)?;
        }
        self.use_block(end);
        Ok(())
    }

    pub(super) fn for_loop(
        &mut self,
        target: &'a Expr,
        iterable: &'a Expr,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
    ) -> Done {
        let start = self.new_block();
        let inside = self.new_block();
        let exhausted = self.new_block();
        let end = self.new_block();
        self.push_block(Block::ForLoop(start, end))?;
        self.expression(iterable)?;
        self.emit(Op::GetIter, 0);
        self.use_block(start);
        self.emit_jump(Op::ForIter, exhausted);
        self.use_block(inside);
        self.expression(target)?;
        self.statements(body)?;
        self.unlocate();
        self.emit_jump(Op::Jump, start);
        self.use_block(exhausted);
        self.pop_block();
        self.statements(orelse)?;
        self.use_block(end);
        Ok(())
    }

    pub(super) fn async_for(
        &mut self,
        target: &'a Expr,
        iterable: &'a Expr,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
    ) -> Done {
        if self.allows_top_level_await() {
            self.unit.is_coroutine = true;
        } else if self.unit.kind != UnitKind::AsyncFunction {
            return self.error("'async for' outside async function");
        }
        let start = self.new_block();
        let exhausted = self.new_block();
        let end = self.new_block();
        self.expression(iterable)?;
        self.emit(Op::GetAiter, 0);
        self.use_block(start);
        self.push_block(Block::ForLoop(start, end))?;
        self.emit_jump(Op::SetupFinally, exhausted);
        self.emit(Op::GetAnext, 0);
        self.load_constant(Constant::None);
        self.emit_yield_from(true);
        self.emit(Op::PopBlock, 0);
        self.expression(target)?;
        self.statements(body)?;
        self.unlocate();
        self.emit_jump(Op::Jump, start);
        self.pop_block();
        self.use_block(exhausted);
        // The end of the iteration belongs to the `for`, not to the body.
        self.unit.at = iterable.location.into();
        self.emit(Op::EndAsyncFor, 0);
        self.statements(orelse)?;
        self.use_block(end);
        Ok(())
    }

    pub(super) fn while_loop(&mut self, node: &'a Stmt, test: &'a Expr, body: &'a [Stmt], orelse: &'a [Stmt]) -> Done {
        let start = self.new_block();
        let inside = self.new_block();
        let done = self.new_block();
        let end = self.new_block();
        self.use_block(start);
        self.push_block(Block::WhileLoop(start, end))?;
        self.jump_if(test, done, false)?;
        self.use_block(inside);
        self.statements(body)?;
        self.unit.at = node.location.into();
        self.jump_if(test, inside, true)?;
        self.pop_block();
        self.use_block(done);
        self.statements(orelse)?;
        self.use_block(end);
        Ok(())
    }
}
