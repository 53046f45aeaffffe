//! Displays of lists, tuples, sets and dictionaries, and the unpacking of sequences into targets.

use super::{Compiler, Done, MOST_ON_STACK};
use crate::ast::{Constant, Expr, ExprContext, ExprKind};
use crate::flowgraph::Op;

/// How a sequence is built.
#[derive(Clone, Copy)]
pub(super) struct Build {
    /// Makes it of values on the stack.
    pub(super) make: Op,
    /// Adds one value.
    pub(super) add: Op,
    /// Adds the values of an iterable.
    pub(super) extend: Op,
    /// Whether it becomes a tuple in the end.
    pub(super) is_tuple: bool,
}

impl Build {
    const LIST: Build = Build { make: Op::BuildList, add: Op::ListAppend, extend: Op::ListExtend, is_tuple: false };
    pub(super) const TUPLE: Build = Build { is_tuple: true, ..Build::LIST };
    const SET: Build = Build { make: Op::BuildSet, add: Op::SetAdd, extend: Op::SetUpdate, is_tuple: false };
}

/// The constants that expressions are, if all are.
fn constants<'e>(nodes: impl IntoIterator<Item = &'e Expr>) -> Option<Box<[Constant]>> {
    let constant = |node: &Expr| match &node.kind {
        ExprKind::Constant { value, .. } => Some(value.clone()),
        _ => None,
    };
    nodes.into_iter().map(constant).collect()
}

impl<'a> Compiler<'a> {
    pub(super) fn list(&mut self, elements: &'a [Expr], context: ExprContext) -> Done {
        match context {
            ExprContext::Store => self.unpack(elements),
            ExprContext::Load => self.build(elements, 0, Build::LIST),
            ExprContext::Del => self.expressions(elements),
        }
    }

    pub(super) fn tuple(&mut self, elements: &'a [Expr], context: ExprContext) -> Done {
        match context {
            ExprContext::Store => self.unpack(elements),
            ExprContext::Load => self.build(elements, 0, Build::TUPLE),
            ExprContext::Del => self.expressions(elements),
        }
    }

    pub(super) fn set(&mut self, elements: &'a [Expr]) -> Done {
        self.build(elements, 0, Build::SET)
    }

    /// Builds a sequence of `pushed` values that are on the stack, and of `elements`.
    pub(super) fn build(&mut self, elements: &'a [Expr], pushed: usize, build: Build) -> Done {
        if elements.len() > 2
            && let Some(items) = constants(elements)
        {
            if build.is_tuple && pushed == 0 {
                self.load_constant(Constant::Tuple(items));
                return Ok(());
            }
            self.emit_count(build.make, pushed);
            self.load_constant(if build.add == Op::SetAdd {
                Constant::FrozenSet(crate::fold::distinct(items))
            } else {
                Constant::Tuple(items)
            });
            self.emit(build.extend, 1);
            if build.is_tuple {
                self.emit(Op::ListToTuple, 0);
            }
            return Ok(());
        }
        let is_big = elements.len() + pushed > MOST_ON_STACK;
        let has_starred = elements.iter().any(|element| matches!(element.kind, ExprKind::Starred { .. }));
        if !has_starred && !is_big {
            self.expressions(elements)?;
            let make = if build.is_tuple { Op::BuildTuple } else { build.make };
            self.emit_count(make, elements.len() + pushed);
            return Ok(());
        }
        let mut is_made = false;
        if is_big {
            self.emit_count(build.make, pushed);
            is_made = true;
        }
        for (index, element) in elements.iter().enumerate() {
            if let ExprKind::Starred { value, .. } = &element.kind {
                if !is_made {
                    self.emit_count(build.make, index + pushed);
                    is_made = true;
                }
                self.expression(value)?;
                self.emit(build.extend, 1);
            } else {
                self.expression(element)?;
                if is_made {
                    self.emit(build.add, 1);
                }
            }
        }
        if build.is_tuple {
            self.emit(Op::ListToTuple, 0);
        }
        Ok(())
    }

    /// Unpacks the sequence on top of the stack into targets.
    fn unpack(&mut self, elements: &'a [Expr]) -> Done {
        let is_starred = |element: &Expr| matches!(element.kind, ExprKind::Starred { .. });
        self.emit_unpacking(
            elements.len(),
            elements.iter().map(is_starred),
            "too many expressions in star-unpacking assignment",
            "multiple starred expressions in assignment",
        )?;
        for element in elements {
            match &element.kind {
                ExprKind::Starred { value, .. } => self.expression(value)?,
                _ => self.expression(element)?,
            }
        }
        Ok(())
    }

    /// Emits the instruction that unpacks a sequence into `count` values, one of which may take a rest.
    pub(super) fn emit_unpacking(
        &mut self,
        count: usize,
        starred: impl Iterator<Item = bool>,
        too_many: &str,
        multiple: &str,
    ) -> Done {
        let mut seen = false;
        for (index, _) in starred.enumerate().filter(|&(_, is_starred)| is_starred) {
            if seen {
                return self.error(multiple);
            }
            let after = count - index - 1;
            if index >= 1 << 8 || after >= i32::MAX as usize >> 8 {
                return self.error(too_many);
            }
            self.emit_count(Op::UnpackEx, index + (after << 8));
            seen = true;
        }
        if !seen {
            self.emit_count(Op::UnpackSequence, count);
        }
        Ok(())
    }

    /// A dictionary display: runs of items, and other dictionaries between them.
    pub(super) fn dict(&mut self, keys: &'a [Option<Expr>], values: &'a [Expr]) -> Done {
        let mut is_made = false;
        // The items that are not emitted yet are those before the current one, as many as this.
        let mut waiting = 0;
        for (index, (key, value)) in keys.iter().zip(values).enumerate() {
            if key.is_none() {
                if waiting > 0 {
                    self.dict_items(keys, values, index - waiting, index, &mut is_made)?;
                    waiting = 0;
                }
                if !is_made {
                    self.emit(Op::BuildMap, 0);
                    is_made = true;
                }
                self.expression(value)?;
                self.emit(Op::DictUpdate, 1);
            } else if waiting * 2 > MOST_ON_STACK {
                self.dict_items(keys, values, index - waiting, index + 1, &mut is_made)?;
                waiting = 0;
            } else {
                waiting += 1;
            }
        }
        if waiting > 0 {
            self.dict_items(keys, values, values.len() - waiting, values.len(), &mut is_made)?;
        }
        if !is_made {
            self.emit(Op::BuildMap, 0);
        }
        Ok(())
    }

    /// Makes a dictionary of some items, and adds it to one that is made already.
    fn dict_items(
        &mut self,
        keys: &'a [Option<Expr>],
        values: &'a [Expr],
        begin: usize,
        end: usize,
        is_made: &mut bool,
    ) -> Done {
        let (keys, values) = (&keys[begin..end], &values[begin..end]);
        let is_big = values.len() * 2 > MOST_ON_STACK;
        let constant_keys = if values.len() > 1 && !is_big { constants(keys.iter().flatten()) } else { None };
        if let Some(constant_keys) = constant_keys {
            self.expressions(values)?;
            self.load_constant(Constant::Tuple(constant_keys));
            self.emit_count(Op::BuildConstKeyMap, values.len());
        } else {
            if is_big {
                self.emit(Op::BuildMap, 0);
            }
            for (key, value) in keys.iter().flatten().zip(values) {
                self.expression(key)?;
                self.expression(value)?;
                if is_big {
                    self.emit(Op::MapAdd, 1);
                }
            }
            if !is_big {
                self.emit_count(Op::BuildMap, values.len());
            }
        }
        if std::mem::replace(is_made, true) {
            self.emit(Op::DictUpdate, 1);
        }
        Ok(())
    }
}
