//! Calls.

use std::collections::HashSet;

use super::sequence::Build;
use super::{Compiler, Done, MOST_ON_STACK};
use crate::ast::{Constant, Expr, ExprContext, ExprKind, Keyword, Name, Text};
use crate::flowgraph::Op;
use crate::symtable::{DEF_IMPORT, SymbolTable};

/// The names of keyword arguments.
fn keyword_names(keywords: &[Keyword]) -> Constant {
    let names = keywords.iter().filter_map(|keyword| keyword.arg.as_ref());
    Constant::Tuple(names.map(|name| Constant::Str(Text::from(name.as_str()))).collect())
}

fn has_starred(args: &[Expr]) -> bool {
    args.iter().any(|arg| matches!(arg.kind, ExprKind::Starred { .. }))
}

fn has_double_starred(keywords: &[Keyword]) -> bool {
    keywords.iter().any(|keyword| keyword.arg.is_none())
}

impl<'a> Compiler<'a> {
    pub(super) fn call(
        &mut self,
        node: &'a Expr,
        function: &'a Expr,
        args: &'a [Expr],
        keywords: &'a [Keyword],
    ) -> Done {
        self.check_keywords(keywords)?;
        if let ExprKind::Attribute { value, attr, ctx: ExprContext::Load } = &function.kind
            && self.can_call_method(value, args, keywords)
        {
            return self.call_method(node, function, value, attr, args, keywords);
        }
        self.check_called(function);
        self.unit.at = function.location.into();
        self.emit(Op::PushNull, 0);
        self.unit.at = node.location.into();
        self.expression(function)?;
        self.call_with(0, args, keywords)
    }

    /// Whether a call of an attribute is compiled as one of a method, which spares the bound method. What comes from an imported
    /// module is likely no method.
    fn can_call_method(&self, value: &Expr, args: &[Expr], keywords: &[Keyword]) -> bool {
        if let ExprKind::Name { id, .. } = &value.kind {
            let top = self.program.table.scope(SymbolTable::TOP);
            if top.symbols.get(id).is_some_and(|flags| flags & DEF_IMPORT != 0) {
                return false;
            }
        }
        let values = args.len() + keywords.len() + usize::from(!keywords.is_empty());
        values < MOST_ON_STACK && !has_starred(args) && !has_double_starred(keywords)
    }

    fn call_method(
        &mut self,
        node: &'a Expr,
        method: &'a Expr,
        value: &'a Expr,
        attribute: &Name,
        args: &'a [Expr],
        keywords: &'a [Keyword],
    ) -> Done {
        self.expression(value)?;
        self.unit.at = method.location.into();
        self.start_at_attribute(method, attribute);
        self.emit_name(Op::LoadMethod, attribute);
        self.expressions(args)?;
        self.simple_keywords(keywords)?;
        self.unit.at = node.location.into();
        self.start_at_attribute(method, attribute);
        self.emit_call(args.len() + keywords.len());
        Ok(())
    }

    fn emit_call(&mut self, count: usize) {
        self.emit_count(Op::Precall, count);
        self.emit_count(Op::Call, count);
    }

    /// Pushes the values of keyword arguments, and says which they are.
    fn simple_keywords(&mut self, keywords: &'a [Keyword]) -> Done {
        if keywords.is_empty() {
            return Ok(());
        }
        for keyword in keywords {
            self.expression(&keyword.value)?;
        }
        let names = self.add_constant(keyword_names(keywords));
        self.emit(Op::KwNames, names);
        Ok(())
    }

    /// Calls what is on the stack, with `pushed` positional arguments that are there too, and these.
    pub(super) fn call_with(&mut self, pushed: usize, args: &'a [Expr], keywords: &'a [Keyword]) -> Done {
        self.check_keywords(keywords)?;
        if args.len() + keywords.len() * 2 <= MOST_ON_STACK && !has_starred(args) && !has_double_starred(keywords) {
            self.expressions(args)?;
            self.simple_keywords(keywords)?;
            self.emit_call(pushed + args.len() + keywords.len());
            return Ok(());
        }
        match args {
            [Expr { kind: ExprKind::Starred { value, .. }, .. }] if pushed == 0 => self.expression(value)?,
            _ => self.build(args, pushed, Build::TUPLE)?,
        }
        if !keywords.is_empty() {
            self.merge_keywords(keywords)?;
        }
        self.emit(Op::CallFunctionEx, u32::from(!keywords.is_empty()));
        Ok(())
    }

    /// Makes the dictionary of keyword arguments, with other dictionaries among them.
    fn merge_keywords(&mut self, keywords: &'a [Keyword]) -> Done {
        let mut is_made = false;
        let mut waiting = 0;
        for (index, keyword) in keywords.iter().enumerate() {
            if keyword.arg.is_some() {
                waiting += 1;
                continue;
            }
            if waiting > 0 {
                self.keyword_items(&keywords[index - waiting..index], &mut is_made)?;
                waiting = 0;
            }
            if !is_made {
                self.emit(Op::BuildMap, 0);
                is_made = true;
            }
            self.expression(&keyword.value)?;
            self.emit(Op::DictMerge, 1);
        }
        if waiting > 0 {
            self.keyword_items(&keywords[keywords.len() - waiting..], &mut is_made)?;
        }
        Ok(())
    }

    fn keyword_items(&mut self, keywords: &'a [Keyword], is_made: &mut bool) -> Done {
        let is_big = keywords.len() * 2 > MOST_ON_STACK;
        if keywords.len() > 1 && !is_big {
            for keyword in keywords {
                self.expression(&keyword.value)?;
            }
            self.load_constant(keyword_names(keywords));
            self.emit_count(Op::BuildConstKeyMap, keywords.len());
        } else {
            if is_big {
                self.emit_unlocated(Op::BuildMap, 0);
            }
            for keyword in keywords {
                if let Some(name) = &keyword.arg {
                    self.load_constant(Constant::Str(Text::from(name.as_str())));
                }
                self.expression(&keyword.value)?;
                if is_big {
                    self.emit_unlocated(Op::MapAdd, 1);
                }
            }
            if !is_big {
                self.emit_count(Op::BuildMap, keywords.len());
            }
        }
        if std::mem::replace(is_made, true) {
            self.emit(Op::DictMerge, 1);
        }
        Ok(())
    }

    /// Refuses keyword arguments that are repeated or named `__debug__`.
    fn check_keywords(&mut self, keywords: &[Keyword]) -> Done {
        for keyword in keywords {
            if let Some(name) = &keyword.arg {
                self.refuse_debug(name, ExprContext::Store)?;
            }
        }
        let repeated = |this: &Self, name: &Name, at: &Keyword| {
            let _ = this;
            Err(crate::error::Fault::syntax(format!("keyword argument repeated: {name}"), at.location))
        };
        // Of several repetitions, CPython reports the one whose first occurrence comes first.
        let mut seen = HashSet::new();
        if keywords.iter().filter_map(|keyword| keyword.arg.as_ref()).all(|name| seen.insert(name)) {
            return Ok(());
        }
        for (index, keyword) in keywords.iter().enumerate() {
            let Some(name) = &keyword.arg else { continue };
            if let Some(other) = keywords[index + 1..].iter().find(|other| other.arg.as_ref() == Some(name)) {
                return repeated(self, name, other);
            }
        }
        Ok(())
    }
}
