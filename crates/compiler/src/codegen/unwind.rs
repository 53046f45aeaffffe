//! Leaving statements early: what `return`, `break` and `continue` have to undo on their way out.
//!
//! Each statement that keeps something on the value stack, or protects a region, has a [`Block`] while its inside is compiled.
//! A jump out emits, for each of them from the inside out, the code that leaves it; a `finally` body is compiled again
//! for each way out.

use super::{Compiler, Done};
use crate::ast::{Name, Stmt};
use crate::error::Fault;
use crate::flowgraph::{BlockId, Location, Op};

/// More statements than this cannot be nested.
const MOST_BLOCKS: usize = 20;

/// A statement around the walk.
#[derive(Clone, Copy)]
pub(super) enum Block<'a> {
    /// Where `continue` and `break` lead.
    WhileLoop(BlockId, BlockId),
    /// The same; the iterator is on the stack.
    ForLoop(BlockId, BlockId),
    /// The body of a `try` with handlers.
    TryExcept,
    /// The body and handlers of a `try` with this `finally`.
    FinallyTry(&'a [Stmt]),
    /// A `finally` body that runs for an exception, which is on the stack.
    FinallyEnd,
    /// The body of this `with`.
    With(&'a Stmt),
    /// The body of this `async with`.
    AsyncWith(&'a Stmt),
    /// The body of a handler, which binds the exception to this name.
    HandlerCleanup(Option<&'a Name>),
    /// A value is on the stack: that of a `return` whose way out runs a `finally` body.
    PopValue,
    /// The handlers of a `try`.
    ExceptionHandler,
    /// The handlers of a `try` with `except*`.
    ExceptionGroupHandler,
    /// A `for` in an asynchronous comprehension.
    AsyncComprehension,
}

impl<'a> Compiler<'a> {
    /// Notes that what follows is inside a statement.
    pub(super) fn push_block(&mut self, block: Block<'a>) -> Done {
        if self.unit.blocks.len() >= MOST_BLOCKS {
            return self.error("too many statically nested blocks");
        }
        self.unit.blocks.push(block);
        Ok(())
    }

    /// Leaves the innermost statement.
    pub(super) fn pop_block(&mut self) {
        self.unit.blocks.pop();
    }

    /// Emits what leaves one statement. If `keeps_top`, the value on top of the stack stays there.
    pub(super) fn unwind(&mut self, block: Block<'a>, keeps_top: bool) -> Done {
        match block {
            Block::WhileLoop(..)
            | Block::ExceptionHandler
            | Block::ExceptionGroupHandler
            | Block::AsyncComprehension => {}
            Block::ForLoop(..) | Block::PopValue => self.drop_below(keeps_top),
            Block::FinallyTry(body) => {
                self.emit(Op::PopBlock, 0);
                if keeps_top {
                    self.push_block(Block::PopValue)?;
                }
                self.statements(body)?;
                if keeps_top {
                    self.pop_block();
                }
                // A tracer should see the `finally` after the statement that leaves, and not that statement again.
                self.unlocate();
            }
            Block::FinallyEnd => {
                self.drop_below(keeps_top);
                if keeps_top {
                    self.emit(Op::Swap, 2);
                }
                self.emit(Op::PopBlock, 0);
                self.emit(Op::PopExcept, 0);
            }
            Block::TryExcept => self.emit(Op::PopBlock, 0),
            Block::With(statement) | Block::AsyncWith(statement) => {
                self.unit.at = Location::from(statement.location);
                self.emit(Op::PopBlock, 0);
                if keeps_top {
                    self.emit(Op::Swap, 2);
                }
                self.call_exit_with_none();
                if matches!(block, Block::AsyncWith(_)) {
                    self.emit_await(2);
                }
                self.emit(Op::PopTop, 0);
                self.unlocate();
            }
            Block::HandlerCleanup(name) => {
                if name.is_some() {
                    self.emit(Op::PopBlock, 0);
                }
                if keeps_top {
                    self.emit(Op::Swap, 2);
                }
                self.emit(Op::PopBlock, 0);
                self.emit(Op::PopExcept, 0);
                if let Some(name) = name {
                    self.forget_name(name)?;
                }
            }
        }
        Ok(())
    }

    /// Removes the top of the stack, or what is below it.
    fn drop_below(&mut self, keeps_top: bool) {
        if keeps_top {
            self.emit(Op::Swap, 2);
        }
        self.emit(Op::PopTop, 0);
    }

    /// Emits what leaves all statements up to the innermost loop, which it answers, or all of them.
    pub(super) fn unwind_to_loop(&mut self) -> Result<Option<Block<'a>>, Fault> {
        self.unwind_all(false, true)
    }

    /// Emits what a `return` leaves.
    pub(super) fn unwind_for_return(&mut self, keeps_top: bool) -> Done {
        self.unwind_all(keeps_top, false).map(|_| ())
    }

    fn unwind_all(&mut self, keeps_top: bool, stops_at_loop: bool) -> Result<Option<Block<'a>>, Fault> {
        let blocks = self.unit.blocks.clone();
        let mut found = None;
        // While a statement is left, only what encloses it counts as around the walk.
        while let Some(&block) = self.unit.blocks.last() {
            match block {
                Block::ExceptionGroupHandler => {
                    return self.error("'break', 'continue' and 'return' cannot appear in an except* block");
                }
                Block::WhileLoop(..) | Block::ForLoop(..) if stops_at_loop => {
                    found = Some(block);
                    break;
                }
                _ => {}
            }
            self.pop_block();
            self.unwind(block, keeps_top)?;
        }
        self.unit.blocks = blocks;
        Ok(found)
    }
}
