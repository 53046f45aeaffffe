//! The right operand of `%`: a tuple, a mapping, or a single value, for both str and bytes.

use habu_numbers::percent::{Amount, Conversion, ParseError};

use crate::exceptions::exc;
use crate::object::protocol::mapping::is_mapping;
use crate::object::protocol::{get_item, number::index_as_size};
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::bytearray::ByteArray;
use crate::types::bytes::Bytes;
use crate::types::int::Int;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// A value: the caller's, or one that a mapping gave.
pub(crate) enum Value<'a> {
    /// Of the operand, which the caller holds.
    Lent(&'a Object),
    /// Of a mapping.
    Given(Ref),
}

impl Value<'_> {
    /// The value, held.
    pub(crate) fn into_ref(self) -> Ref {
        match self {
            Value::Lent(value) => value.to_ref(),
            Value::Given(value) => value,
        }
    }
}

impl std::ops::Deref for Value<'_> {
    type Target = Object;

    fn deref(&self) -> &Object {
        match self {
            Value::Lent(value) => value,
            Value::Given(value) => value,
        }
    }
}

/// The values that conversions take, in turn.
pub(crate) struct Arguments<'a> {
    tuple: Option<&'a Tuple>,
    index: usize,
    single: Option<Value<'a>>,
    mapping: Option<&'a Object>,
    /// "string" or "bytes", for messages.
    what: &'static str,
}

/// Width and precision of a conversion, with the arguments for `*` taken.
pub(crate) struct Amounts {
    /// The least width.
    pub(crate) width: usize,
    /// The precision.
    pub(crate) precision: Option<usize>,
    /// Whether a negative width asked for alignment to the left.
    pub(crate) left: bool,
}

impl<'a> Arguments<'a> {
    /// The right operand; `what` is "string" or "bytes".
    pub(crate) fn new(operand: &'a Object, what: &'static str) -> Arguments<'a> {
        let tuple = operand.downcast::<Tuple>();
        // Texts have subscripts, but are no mappings here.
        let is_text = if what == "string" {
            operand.isinstance::<Str>()
        } else {
            operand.isinstance::<Bytes>() || operand.isinstance::<ByteArray>() || operand.isinstance::<Str>()
        };
        let mapping = (tuple.is_none() && !is_text && is_mapping(operand)).then_some(operand);
        let single = tuple.is_none().then_some(Value::Lent(operand));
        Arguments { tuple, index: 0, single, mapping, what }
    }

    /// The next value.
    pub(crate) fn next(&mut self) -> Result<Value<'a>, Raised> {
        let value = match self.tuple {
            Some(tuple) => {
                self.index += 1;
                tuple.as_borrowed_slice().get(self.index - 1).copied().map(Value::Lent)
            }
            None => self.single.take(),
        };
        value.ok_or_else(|| raise!(TypeError, "not enough arguments for format string"))
    }

    /// Makes the value of `key` the next one.
    pub(crate) fn select(&mut self, key: &Object) -> Result<(), Raised> {
        let Some(mapping) = self.mapping else { return Err(self.no_mapping()) };
        self.single = Some(Value::Given(get_item(mapping, key)?));
        self.tuple = None;
        Ok(())
    }

    /// Refuses a key where there is no mapping, before the key is made.
    pub(crate) fn check_mapping(&self) -> Result<(), Raised> {
        if self.mapping.is_some() { Ok(()) } else { Err(self.no_mapping()) }
    }

    fn no_mapping(&self) -> Raised {
        raise!(TypeError, "format requires a mapping")
    }

    /// Takes what stands for `*`.
    pub(crate) fn amounts(&mut self, conversion: &Conversion) -> Result<Amounts, Raised> {
        let mut amounts = Amounts { width: 0, precision: None, left: conversion.flags.left };
        match conversion.width {
            None => {}
            Some(Amount::Fixed(width)) => amounts.width = width,
            Some(Amount::Argument) => {
                let width = self.star(isize::MAX, "Python int too large to convert to C ssize_t")?;
                amounts.left |= width < 0;
                // The least integer has no opposite: CPython goes on with a width below zero, which is none.
                amounts.width = width.checked_abs().map_or(0, isize::unsigned_abs);
            }
        }
        match conversion.precision {
            None => {}
            Some(Amount::Fixed(precision)) => amounts.precision = Some(precision),
            Some(Amount::Argument) => {
                let precision = self.star(i32::MAX as isize, "Python int too large to convert to C int")?;
                amounts.precision = Some(usize::try_from(precision).unwrap_or(0));
            }
        }
        Ok(amounts)
    }

    fn star(&mut self, most: isize, message: &str) -> Result<isize, Raised> {
        let value = self.next()?;
        if !value.isinstance::<Int>() {
            return Err(raise!(TypeError, "* wants int"));
        }
        match index_as_size(&value, Some(exc::OverflowError())) {
            Ok(value) if value <= most && value >= -most - 1 => Ok(value),
            Ok(_) => Err(raise!(OverflowError, "{message}")),
            Err(raised) => {
                raised.clear();
                Err(raise!(OverflowError, "{message}"))
            }
        }
    }

    /// Refuses values that are left over.
    pub(crate) fn finish(self) -> Result<(), Raised> {
        let left = match self.tuple {
            Some(tuple) => self.index < tuple.len(),
            None => self.single.is_some(),
        };
        if left && self.mapping.is_none() {
            return Err(raise!(TypeError, "not all arguments converted during {} formatting", self.what));
        }
        Ok(())
    }

    /// The error of a conversion that cannot be read.
    pub(crate) fn unreadable(&self, error: ParseError) -> Raised {
        match error {
            ParseError::PrecisionTooBig if self.what == "bytes" => raise!(ValueError, "prec too big"),
            error => raise!(ValueError, "{}", error.message()),
        }
    }
}
