//! The C API of CPython 3.11: functions and variables that compiled extensions link to, each over the runtime's own.
//!
//! A file stands for one header of `Include/`, or for a few small ones. Type objects, exceptions and singletons carry their C names in the
//! runtime itself, where they are defined. `border` says what arguments and results are; `export!` and `variadic!` declare functions, and
//! list them in tables, which [`keep`] refers to so that the linker keeps every function in a program that exports them.
//!
//! Invariants: no function lets a panic pass to C (`extern "C"` ends the process instead); a null result says that an exception is set,
//! where the C API does not say otherwise.
#![allow(non_snake_case, reason = "the names are C's")]
#![allow(
    improper_ctypes_definitions,
    reason = "a `Result<Ref, Raised>` is one word that is null for an error: Rust promises the layout of a pointer that is never null in an enum \
              whose other variant has no size, `runtime/src/object/raised.rs` asserts it, but the lint knows only `Option`"
)]

pub mod abstract_;
mod border;
pub mod build_value;
pub mod bytesobject;
pub mod call;
pub mod ceval;
pub mod complexobject;
pub mod dictobject;
pub mod fileobject;
pub mod floatobject;
pub mod format;
pub mod functions;
pub mod getargs;
mod getargs_plain;
pub mod identifier;
pub mod inittab;
pub mod listobject;
pub mod longobject;
pub mod marshal;
pub mod memoryobject;
pub mod modsupport;
pub mod moduleobject;
pub mod object;
pub mod objimpl;
pub mod odictobject;
pub mod pydebug;
pub mod pyerrors;
pub mod pymem;
pub mod pystate;
pub mod pythonrun;
pub mod rare;
pub mod setobject;
pub mod structseq;
pub mod sysmodule;
pub mod unicode_codecs;
pub mod unicode_writer;
pub mod unicodeobject;

use border::Export;

/// The tables of all functions.
static ALL: &[&[Export]] = &[
    abstract_::EXPORTS,
    build_value::EXPORTS,
    bytesobject::EXPORTS,
    call::EXPORTS,
    ceval::EXPORTS,
    dictobject::EXPORTS,
    fileobject::EXPORTS,
    complexobject::EXPORTS,
    floatobject::EXPORTS,
    format::EXPORTS,
    functions::EXPORTS,
    identifier::EXPORTS,
    inittab::EXPORTS,
    listobject::EXPORTS,
    longobject::EXPORTS,
    marshal::EXPORTS,
    memoryobject::EXPORTS,
    modsupport::EXPORTS,
    moduleobject::EXPORTS,
    object::EXPORTS,
    objimpl::EXPORTS,
    odictobject::EXPORTS,
    pyerrors::EXPORTS,
    pymem::EXPORTS,
    pymem::raw::EXPORTS,
    pymem::buffers::EXPORTS,
    pymem::objects::EXPORTS,
    pystate::EXPORTS,
    pythonrun::EXPORTS,
    rare::EXPORTS,
    setobject::EXPORTS,
    structseq::EXPORTS,
    sysmodule::EXPORTS,
    unicode_codecs::EXPORTS,
    unicode_writer::EXPORTS,
    unicodeobject::EXPORTS,
    build_value::VARIADIC,
    call::VARIADIC,
    format::VARIADIC,
    listobject::VARIADIC,
    modsupport::VARIADIC,
    moduleobject::VARIADIC,
    pyerrors::VARIADIC,
];

/// Refers to every exported function, so that a program that calls this has them all. Gives their number.
pub fn keep() -> usize {
    std::hint::black_box(ALL).iter().map(|table| table.iter().filter(|export| !export.1.is_null()).count()).sum()
}

/// Readies the public types that only modules in Rust define, whether or not those were imported.
fn ready_public_types() -> Result<(), habu_runtime::object::Raised> {
    use habu_runtime::object::PyType;
    habu_modules::contextvars::ready()?;
    habu_runtime::types::type_::ready::ready_static(habu_modules::pickle::buffer::PickleBuffer::static_type())?;
    odictobject::ready()
}

/// Tells C what the interpreter was started with, by the variables that older interfaces have.
pub fn configure(config: &habu_runtime::threads::Config) {
    pydebug::set_flags(&config.flags);
    habu_runtime::import::extension::prepare_with(ready_public_types);
    let checks = std::env::var("PYTHONMALLOC").is_ok_and(|allocator| allocator.ends_with("debug"));
    if config.flags.dev_mode || (checks && config.flags.ignore_environment == 0) {
        habu_runtime::object::protocol::call::be_strict();
    }
}

/// The names of all functions, for the table in the documentation.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().copied().flatten().map(|export| export.0)
}
