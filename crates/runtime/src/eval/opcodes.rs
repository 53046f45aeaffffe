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

/// The instructions that `rare` has, and the numbers of none: the pattern of the last arm of the loop's `match`. It names all of them instead of
/// being a `_`, since with that the range of the byte would be asked before each jump.
#[rustfmt::skip]
macro_rules! rare {
    () => {
            opcodes::UnaryPositive | opcodes::UnaryInvert    |  opcodes::GetLen | opcodes::MatchMapping | opcodes::MatchSequence | opcodes::MatchKeys |
            opcodes::PushExcInfo | opcodes::CheckExcMatch | opcodes::CheckEgMatch | opcodes::WithExceptStart | opcodes::GetAiter |
            opcodes::GetAnext | opcodes::BeforeAsyncWith | opcodes::BeforeWith | opcodes::DeleteSubscr     | 
            opcodes::GetYieldFromIter | opcodes::PrintExpr | opcodes::LoadBuildClass   |  opcodes::LoadAssertionError       |  opcodes::ListToTuple |
            opcodes::ImportStar | opcodes::SetupAnnotations | opcodes::AsyncGenWrap | opcodes::PrepReraiseStar | opcodes::PopExcept
            | opcodes::StoreName | opcodes::DeleteName | opcodes::UnpackEx | opcodes::DeleteAttr | opcodes::StoreGlobal |
            opcodes::DeleteGlobal | opcodes::LoadName | opcodes::BuildSet | opcodes::BuildMap | opcodes::ImportName |
            opcodes::ImportFrom    |   opcodes::GetAwaitable | opcodes::MakeFunction | opcodes::DeleteFast | opcodes::MakeCell |
            opcodes::DeleteDeref  |  opcodes::CallFunctionEx  |  opcodes::SetAdd |
            opcodes::MapAdd | opcodes::LoadClassderef | opcodes::CopyFreeVars | opcodes::MatchClass |
            opcodes::BuildConstKeyMap | opcodes::ListExtend | opcodes::SetUpdate | opcodes::DictMerge |
            opcodes::DictUpdate    
            // No instructions.
            | 181 | 182 | 183 | 184 | 185 | 186 | 187 | 188 | 189 | 190 | 191 | 192 | 193 | 194 | 195 | 196 | 197 | 198 | 199 | 200 |
            201 | 202 | 203 | 204 | 205 | 206 | 207 | 208 | 209 | 210 | 211 | 212 | 213 | 214 | 215 | 216 | 217 | 218 | 219 | 220 |
            221 | 222 | 223 | 224 | 225 | 226 | 227 | 228 | 229 | 230 | 231 | 232 | 233 | 234 | 235 | 236 | 237 | 238 | 239 | 240 |
            241 | 242 | 243 | 244 | 245 | 246 | 247 | 248 | 249 | 250 | 251 | 252 | 253 | 254
    };
}
pub(super) use rare;

/// The adaptive instructions.
macro_rules! adaptive {
    () => {
        opcodes::BinaryOpAdaptive
            | opcodes::CompareOpAdaptive
            | opcodes::BinarySubscrAdaptive
            | opcodes::StoreSubscrAdaptive
            | opcodes::LoadGlobalAdaptive
            | opcodes::LoadAttrAdaptive
            | opcodes::StoreAttrAdaptive
            | opcodes::LoadMethodAdaptive
            | opcodes::PrecallAdaptive
            | opcodes::CallAdaptive
            | opcodes::UnpackSequenceAdaptive
    };
}
pub(super) use adaptive;
