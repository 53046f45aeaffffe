//! `try` statements.
//!
//! A protected region is opened by `SETUP_FINALLY` with its handler and closed by `POP_BLOCK`; both become entries of the
//! exception table. Handlers are themselves inside a region whose handler restores the exception that was handled before
//! and raises again.

use super::unwind::Block;
use super::{Compiler, Done};
use crate::ast::{ExceptHandler, ExceptHandlerKind, Name, Stmt};
use crate::flowgraph::{BlockId, Op};

impl<'a> Compiler<'a> {
    pub(super) fn try_statement(
        &mut self,
        body: &'a [Stmt],
        handlers: &'a [ExceptHandler],
        orelse: &'a [Stmt],
        finally: &'a [Stmt],
        is_group: bool,
    ) -> Done {
        if finally.is_empty() {
            return self.try_with_handlers(body, handlers, orelse, is_group);
        }
        let inside = self.new_block();
        let raised = self.new_block();
        let exit = self.new_block();
        let cleanup = self.new_block();
        self.emit_jump(Op::SetupFinally, raised);
        self.use_block(inside);
        self.push_block(Block::FinallyTry(finally))?;
        if handlers.is_empty() {
            self.statements(body)?;
        } else {
            self.try_with_handlers(body, handlers, orelse, is_group)?;
        }
        self.emit_unlocated(Op::PopBlock, 0);
        self.pop_block();
        self.statements(finally)?;
        self.emit_unlocated_jump(Op::Jump, exit);
        self.use_block(raised);
        self.push_block(Block::FinallyEnd)?;
        self.unlocate();
        self.emit_jump(Op::SetupCleanup, cleanup);
        self.emit(Op::PushExcInfo, 0);
        self.statements(finally)?;
        self.pop_block();
        self.emit(Op::Reraise, 0);
        self.use_block(cleanup);
        self.restore_and_reraise();
        self.use_block(exit);
        Ok(())
    }

    fn try_with_handlers(
        &mut self,
        body: &'a [Stmt],
        handlers: &'a [ExceptHandler],
        orelse: &'a [Stmt],
        is_group: bool,
    ) -> Done {
        if is_group { self.try_star(body, handlers, orelse) } else { self.try_except(body, handlers, orelse) }
    }

    /// Restores the exception that was handled before, and raises this one again.
    pub(super) fn restore_and_reraise(&mut self) {
        self.emit(Op::Copy, 3);
        self.emit(Op::PopExcept, 0);
        self.emit(Op::Reraise, 1);
    }

    fn try_except(&mut self, body: &'a [Stmt], handlers: &'a [ExceptHandler], orelse: &'a [Stmt]) -> Done {
        let inside = self.new_block();
        let mut next = self.new_block();
        let end = self.new_block();
        let cleanup = self.new_block();
        self.emit_jump(Op::SetupFinally, next);
        self.use_block(inside);
        self.push_block(Block::TryExcept)?;
        self.statements(body)?;
        self.pop_block();
        self.emit_unlocated(Op::PopBlock, 0);
        self.statements(orelse)?;
        self.emit_unlocated_jump(Op::Jump, end);
        self.use_block(next);
        self.unlocate();
        self.emit_jump(Op::SetupCleanup, cleanup);
        self.emit(Op::PushExcInfo, 0);
        self.push_block(Block::ExceptionHandler)?;
        for (index, handler) in handlers.iter().enumerate() {
            let ExceptHandlerKind::ExceptHandler { r#type, name, body } = &handler.kind;
            self.unit.at = handler.location.into();
            if r#type.is_none() && index + 1 < handlers.len() {
                return self.error("default 'except:' must be last");
            }
            next = self.new_block();
            if let Some(class) = r#type {
                self.expression(class)?;
                self.emit(Op::CheckExcMatch, 0);
                self.emit_jump(Op::PopJumpIfFalse, next);
            }
            match name {
                Some(name) => self.named_handler(name, body, end)?,
                None => {
                    let inside = self.new_block();
                    self.emit(Op::PopTop, 0);
                    self.use_block(inside);
                    self.push_block(Block::HandlerCleanup(None))?;
                    self.statements(body)?;
                    self.pop_block();
                    self.unlocate();
                    self.emit(Op::PopBlock, 0);
                    self.emit(Op::PopExcept, 0);
                    self.emit_jump(Op::Jump, end);
                }
            }
            self.use_block(next);
        }
        self.pop_block();
        self.unlocate();
        self.emit(Op::Reraise, 0);
        self.use_block(cleanup);
        self.restore_and_reraise();
        self.use_block(end);
        Ok(())
    }

    /// `except ... as name`: the name is gone after the body, whichever way that ends.
    fn named_handler(&mut self, name: &'a Name, body: &'a [Stmt], end: BlockId) -> Done {
        let raised = self.new_block();
        let inside = self.new_block();
        self.store_name(name)?;
        self.emit_jump(Op::SetupCleanup, raised);
        self.use_block(inside);
        self.push_block(Block::HandlerCleanup(Some(name)))?;
        self.statements(body)?;
        self.pop_block();
        self.unlocate();
        self.emit(Op::PopBlock, 0);
        self.emit(Op::PopBlock, 0);
        self.emit(Op::PopExcept, 0);
        self.forget_name(name)?;
        self.emit_jump(Op::Jump, end);
        self.use_block(raised);
        self.unlocate();
        self.forget_name(name)?;
        self.emit(Op::Reraise, 1);
        Ok(())
    }

    /// `except*`: each handler takes its part of the group; what they raise is collected in a list, and raised at the end
    /// together with what no handler took.
    fn try_star(&mut self, body: &'a [Stmt], handlers: &'a [ExceptHandler], orelse: &'a [Stmt]) -> Done {
        let inside = self.new_block();
        let raised = self.new_block();
        let no_exception = self.new_block();
        let end = self.new_block();
        let cleanup = self.new_block();
        let reraise_star = self.new_block();
        self.emit_jump(Op::SetupFinally, raised);
        self.use_block(inside);
        self.push_block(Block::TryExcept)?;
        self.statements(body)?;
        self.pop_block();
        self.emit_unlocated(Op::PopBlock, 0);
        self.emit_unlocated_jump(Op::Jump, no_exception);
        self.use_block(raised);
        self.unlocate();
        self.emit_jump(Op::SetupCleanup, cleanup);
        self.emit(Op::PushExcInfo, 0);
        self.push_block(Block::ExceptionGroupHandler)?;
        for (index, handler) in handlers.iter().enumerate() {
            let ExceptHandlerKind::ExceptHandler { r#type, name, body } = &handler.kind;
            self.unit.at = handler.location.into();
            let done = self.new_block();
            let next = self.new_block();
            let no_match = self.new_block();
            if index == 0 {
                self.emit(Op::Copy, 1);
                self.emit(Op::BuildList, 0);
                self.emit(Op::Swap, 2);
            }
            if let Some(class) = r#type {
                self.expression(class)?;
                self.emit(Op::CheckEgMatch, 0);
                self.emit(Op::Copy, 1);
                self.emit_jump(Op::PopJumpIfNone, no_match);
            }
            self.group_handler(name.as_ref(), body, done, next)?;
            // The no-op keeps the jump to here from being led on: each way shows its own line.
            self.use_block(done);
            self.emit(Op::Nop, 0);
            self.emit_jump(Op::Jump, next);
            self.use_block(no_match);
            self.emit(Op::PopTop, 0);
            self.use_block(next);
            if index + 1 == handlers.len() {
                self.emit(Op::ListAppend, 1);
                self.emit_jump(Op::Jump, reraise_star);
            }
        }
        self.pop_block();
        let reraise = self.new_block();
        self.use_block(reraise_star);
        self.emit(Op::PrepReraiseStar, 0);
        self.emit(Op::Copy, 1);
        self.emit_jump(Op::PopJumpIfNotNone, reraise);
        self.emit(Op::PopTop, 0);
        self.emit(Op::PopBlock, 0);
        self.emit(Op::PopExcept, 0);
        self.emit_jump(Op::Jump, end);
        self.use_block(reraise);
        self.emit(Op::PopBlock, 0);
        self.emit(Op::Swap, 2);
        self.emit(Op::PopExcept, 0);
        self.emit(Op::Reraise, 0);
        self.use_block(cleanup);
        self.restore_and_reraise();
        self.use_block(no_exception);
        self.statements(orelse)?;
        self.use_block(end);
        Ok(())
    }

    /// The body of one `except*`, whose part of the group is on top of the stack. It goes on at `done`, or at `next` with what
    /// it raised in the list.
    fn group_handler(&mut self, name: Option<&'a Name>, body: &'a [Stmt], done: BlockId, next: BlockId) -> Done {
        let raised = self.new_block();
        let inside = self.new_block();
        match name {
            Some(name) => self.store_name(name)?,
            None => self.emit(Op::PopTop, 0),
        }
        self.emit_jump(Op::SetupCleanup, raised);
        self.use_block(inside);
        self.push_block(Block::HandlerCleanup(name))?;
        self.statements(body)?;
        self.pop_block();
        self.unlocate();
        self.emit(Op::PopBlock, 0);
        if let Some(name) = name {
            self.forget_name(name)?;
        }
        self.emit_jump(Op::Jump, done);
        self.use_block(raised);
        self.unlocate();
        if let Some(name) = name {
            self.forget_name(name)?;
        }
        self.emit(Op::ListAppend, 3);
        self.emit(Op::PopTop, 0);
        self.emit_jump(Op::Jump, next);
        Ok(())
    }
}
