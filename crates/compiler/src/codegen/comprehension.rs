//! Comprehensions and generator expressions: functions of one argument, the iterator of the outermost `for`.

use super::unit::UnitKind;
use super::unwind::Block;
use super::{Compiler, Done};
use crate::ast::{Comprehension, Constant, Expr, ExprKind};
use crate::error::Fault;
use crate::flowgraph::{Location, Op};

/// What a comprehension makes of each round.
#[derive(Clone, Copy)]
enum Element<'a> {
    List(&'a Expr),
    Set(&'a Expr),
    Dict(&'a Expr, &'a Expr),
    Generator(&'a Expr),
}

impl<'a> Compiler<'a> {
    pub(super) fn comprehension(&mut self, node: &'a Expr) -> Done {
        let (name, element, generators) = match &node.kind {
            ExprKind::ListComp { elt, generators } => ("<listcomp>", Element::List(elt), generators),
            ExprKind::SetComp { elt, generators } => ("<setcomp>", Element::Set(elt), generators),
            ExprKind::DictComp { key, value, generators } => ("<dictcomp>", Element::Dict(key, value), generators),
            ExprKind::GeneratorExp { elt, generators } => ("<genexpr>", Element::Generator(elt), generators),
            _ => return Ok(()),
        };
        let Some(outermost) = generators.first() else {
            return Err(Fault::Internal("a comprehension without generators"));
        };
        let outer_kind = self.unit.kind;
        let is_top_level_await = self.allows_top_level_await();
        let scope = self.program.table.of_expression(node)?;
        let location = Location::from(node.location);
        self.enter(scope, UnitKind::Comprehension, name.into(), location.line);
        self.unit.at = location;
        let is_async = self.unit.is_coroutine;
        let make = match element {
            Element::List(_) => Some(Op::BuildList),
            Element::Set(_) => Some(Op::BuildSet),
            Element::Dict(..) => Some(Op::BuildMap),
            Element::Generator(_) => None,
        };
        if is_async
            && make.is_some()
            && !matches!(outer_kind, UnitKind::AsyncFunction | UnitKind::Comprehension)
            && !is_top_level_await
        {
            return self.error("asynchronous comprehension outside of an asynchronous function");
        }
        if let Some(make) = make {
            self.emit(make, 0);
        }
        self.generator(generators, 0, 0, element)?;
        if make.is_some() {
            self.emit(Op::ReturnValue, 0);
        }
        let code = self.pop_unit(true)?;
        if is_top_level_await && is_async {
            self.unit.is_coroutine = true;
        }
        self.make_closure(code, 0)?;
        self.expression(&outermost.iter)?;
        self.emit(if outermost.is_async != 0 { Op::GetAiter } else { Op::GetIter }, 0);
        self.emit(Op::Precall, 0);
        self.emit(Op::Call, 0);
        if is_async && make.is_some() {
            self.emit_await(0);
        }
        Ok(())
    }

    /// One `for` with its `if`s, and inside it the others. `depth` is how many iterators are on the stack.
    fn generator(&mut self, all: &'a [Comprehension], index: usize, depth: u32, element: Element<'a>) -> Done {
        match all.get(index) {
            Some(generator) if generator.is_async != 0 => {
                crate::depth::grow(|| self.async_generator(all, index, generator, depth, element))
            }
            Some(generator) => crate::depth::grow(|| self.sync_generator(all, index, generator, depth, element)),
            None => self.element(element, depth),
        }
    }

    fn sync_generator(
        &mut self,
        all: &'a [Comprehension],
        index: usize,
        generator: &'a Comprehension,
        mut depth: u32,
        element: Element<'a>,
    ) -> Done {
        let start = self.new_block();
        let rejected = self.new_block();
        let exhausted = self.new_block();
        let mut iterates = true;
        if index == 0 {
            self.unit.argcount = 1;
            self.emit(Op::LoadFast, 0);
        } else if let Some(only) = only_element(&generator.iter) {
            // `for x in [value]` is an assignment.
            self.expression(only)?;
            iterates = false;
        } else {
            self.expression(&generator.iter)?;
            self.emit(Op::GetIter, 0);
        }
        if iterates {
            depth += 1;
            self.use_block(start);
            self.emit_jump(Op::ForIter, exhausted);
        }
        self.expression(&generator.target)?;
        for condition in &generator.ifs {
            self.jump_if(condition, rejected, false)?;
        }
        self.generator(all, index + 1, depth, element)?;
        self.use_block(rejected);
        if iterates {
            self.emit_jump(Op::Jump, start);
            self.use_block(exhausted);
        }
        Ok(())
    }

    fn async_generator(
        &mut self,
        all: &'a [Comprehension],
        index: usize,
        generator: &'a Comprehension,
        depth: u32,
        element: Element<'a>,
    ) -> Done {
        let start = self.new_block();
        let exhausted = self.new_block();
        let rejected = self.new_block();
        if index == 0 {
            self.unit.argcount = 1;
            self.emit(Op::LoadFast, 0);
        } else {
            self.expression(&generator.iter)?;
            self.emit(Op::GetAiter, 0);
        }
        self.use_block(start);
        self.push_block(Block::AsyncComprehension)?;
        self.emit_jump(Op::SetupFinally, exhausted);
        self.emit(Op::GetAnext, 0);
        self.load_constant(Constant::None);
        self.emit_yield_from(true);
        self.emit(Op::PopBlock, 0);
        self.expression(&generator.target)?;
        for condition in &generator.ifs {
            self.jump_if(condition, rejected, false)?;
        }
        self.generator(all, index + 1, depth + 1, element)?;
        self.use_block(rejected);
        self.emit_jump(Op::Jump, start);
        self.pop_block();
        self.use_block(exhausted);
        self.emit(Op::EndAsyncFor, 0);
        Ok(())
    }

    /// What happens in the innermost round.
    fn element(&mut self, element: Element<'a>, depth: u32) -> Done {
        match element {
            Element::Generator(value) => {
                self.expression(value)?;
                self.emit_yield();
                self.emit(Op::PopTop, 0);
            }
            Element::List(value) => {
                self.expression(value)?;
                self.emit(Op::ListAppend, depth + 1);
            }
            Element::Set(value) => {
                self.expression(value)?;
                self.emit(Op::SetAdd, depth + 1);
            }
            Element::Dict(key, value) => {
                self.expression(key)?;
                self.expression(value)?;
                self.emit(Op::MapAdd, depth + 1);
            }
        }
        Ok(())
    }
}

/// The element of a list or tuple of one element.
fn only_element(node: &Expr) -> Option<&Expr> {
    match &node.kind {
        ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => match &elts[..] {
            [only] if !matches!(only.kind, ExprKind::Starred { .. }) => Some(only),
            _ => None,
        },
        _ => None,
    }
}
