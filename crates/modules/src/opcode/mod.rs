//! `_opcode`: what instructions do to the stack, for the module `opcode`.

use habu_bytecode::Opcode;
use habu_bytecode::opcode::HAVE_ARGUMENT;
use habu_macros::pymodule;
use habu_runtime::object::protocol::number::index_as_size;
use habu_runtime::object::{Object, Raised};
use habu_runtime::raise;
use habu_runtime::types::boolean;
use habu_runtime::types::singletons::is_none;

/// Opcode support module.
pub struct OpcodeModule;

#[pymodule(name = "_opcode")]
impl OpcodeModule {
    /// Compute the stack effect of the opcode.
    #[signature(opcode, oparg = None, /, *, jump = None)]
    fn stack_effect(opcode: i32, oparg: Option<&Object>, jump: Option<&Object>) -> Result<i32, Raised> {
        let oparg = oparg.filter(|oparg| !is_none(oparg));
        let argument = match oparg {
            None if opcode >= i32::from(HAVE_ARGUMENT) => {
                return Err(raise!(ValueError, "stack_effect: opcode requires oparg but oparg was not specified"));
            }
            Some(_) if opcode < i32::from(HAVE_ARGUMENT) => {
                return Err(raise!(ValueError, "stack_effect: opcode does not permit oparg but oparg was specified"));
            }
            Some(oparg) => index_as_size(oparg, Some(habu_runtime::exceptions::exc::OverflowError()))?,
            None => 0,
        };
        let jump = match jump {
            None => None,
            Some(jump) if is_none(jump) => None,
            Some(jump) if jump.is(&boolean(true)) => Some(true),
            Some(jump) if jump.is(&boolean(false)) => Some(false),
            Some(_) => return Err(raise!(ValueError, "stack_effect: jump must be False, True or None")),
        };
        let effect = u8::try_from(opcode)
            .ok()
            .and_then(Opcode::from_u8)
            .and_then(|opcode| opcode.stack_effect(argument as u32, jump));
        effect.ok_or_else(|| raise!(ValueError, "invalid opcode or oparg"))
    }

    /// Return the specialization stats
    fn get_specialization_stats() -> Result<(), Raised> {
        Ok(())
    }
}
