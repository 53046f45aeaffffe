//! The module `habu`: what this runtime has beyond CPython. Its parts: `habu.memory`, `habu.gil`.

pub mod gil;
pub mod memory;

use habu_macros::pymodule;
use habu_runtime::object::{Raised, Ref};
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;

/// The module.
pub struct Habu;

/// What Habu has beyond CPython: habu.memory looks into the memory system and sets limits, habu.gil into the lock.
#[pymodule(name = "habu")]
impl Habu {
    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        // A package without a folder: its parts are imported with it.
        module.set("__path__", &*List::new()?)?;
        module.set("__version__", &*habu_runtime::types::str::Str::new(env!("CARGO_PKG_VERSION"))?)?;
        let memory: Ref<Module> = Module::from_definition(&memory::Memory::DEFINITION)?;
        habu_runtime::import::modules()?.set_str("habu.memory", &memory)?;
        module.set("memory", &memory)?;
        let gil: Ref<Module> = Module::from_definition(&gil::Gil::DEFINITION)?;
        habu_runtime::import::modules()?.set_str("habu.gil", &gil)?;
        module.set("gil", &gil)
    }
}
