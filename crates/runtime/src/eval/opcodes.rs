//! The numbers of the instructions, as the loop's `match` has them.
//!
//! The loop matches on bytes, not on `Opcode`: all 256 of them are in its jump table then, without a check of the range before the jump.

#![expect(non_upper_case_globals, reason = "the names are those of `Opcode`")]

macro_rules! numbers {
    (
        base { $(($variant:ident, $number:literal, $name:literal, $caches:literal, $operand:ident, $reads:expr, $effect:expr))* }
        specialised { $(($form:ident, $form_number:literal, $form_name:literal, $base:ident))* }
    ) => {
        $(#[doc = concat!("`", $name, "`")] pub(super) const $variant: u8 = $number;)*
        $(#[doc = concat!("`", $form_name, "`")] #[allow(dead_code, reason = "not all forms are made")] pub(super) const $form: u8 = $form_number;)*
    };
}

habu_bytecode::for_each_op!(numbers);

/// `DO_TRACING`: what every instruction is taken for while there is a hook. It stands in no code.
pub(super) const Tracing: u8 = 255;
