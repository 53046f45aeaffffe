//! Starting and ending an interpreter from C (`initconfig.h`, `pylifecycle.h`). The program exports these functions too: extensions that can
//! also start an interpreter, as those made with PyO3 can, refer to them.
//!
//! Invariants: an interpreter is started once in a process; what C set before it starts is kept in `before`, and nowhere else.
#![allow(non_snake_case, reason = "the names are C's")]
#![allow(unreachable_pub, reason = "C sees them")]

mod before;
mod config;
mod lifecycle;
mod preconfig;
mod served;
mod status;
mod wide;

/// An address that other threads may see.
struct Address(*const ());

// SAFETY: the address of a function.
unsafe impl Sync for Address {}

/// The functions, so that the linker keeps them.
static ALL: &[Address] = &[
    Address(before::Py_SetStandardStreamEncoding as *const ()),
    Address(before::Py_SetProgramName as *const ()),
    Address(before::Py_SetPythonHome as *const ()),
    Address(before::Py_SetPath as *const ()),
    Address(before::Py_GetProgramName as *const ()),
    Address(before::Py_GetPythonHome as *const ()),
    Address(before::Py_GetProgramFullPath as *const ()),
    Address(before::Py_GetPrefix as *const ()),
    Address(before::Py_GetExecPrefix as *const ()),
    Address(before::Py_GetPath as *const ()),
    Address(config::PyConfig_InitPythonConfig as *const ()),
    Address(config::PyConfig_InitIsolatedConfig as *const ()),
    Address(config::PyConfig_Clear as *const ()),
    Address(config::PyConfig_SetString as *const ()),
    Address(config::PyConfig_SetBytesString as *const ()),
    Address(config::PyConfig_SetWideStringList as *const ()),
    Address(config::PyConfig_SetArgv as *const ()),
    Address(config::PyConfig_SetBytesArgv as *const ()),
    Address(config::PyConfig_Read as *const ()),
    Address(lifecycle::Py_InitializeFromConfig as *const ()),
    Address(lifecycle::Py_InitializeEx as *const ()),
    Address(lifecycle::Py_Initialize as *const ()),
    Address(lifecycle::Py_FinalizeEx as *const ()),
    Address(lifecycle::Py_Finalize as *const ()),
    Address(lifecycle::Py_RunMain as *const ()),
    Address(lifecycle::Py_BytesMain as *const ()),
    Address(lifecycle::Py_Main as *const ()),
    Address(preconfig::PyPreConfig_InitPythonConfig as *const ()),
    Address(preconfig::PyPreConfig_InitIsolatedConfig as *const ()),
    Address(preconfig::Py_PreInitialize as *const ()),
    Address(preconfig::Py_PreInitializeFromArgs as *const ()),
    Address(preconfig::Py_PreInitializeFromBytesArgs as *const ()),
    Address(served::_Habu_ServedStart as *const ()),
    Address(served::_Habu_ServedRun as *const ()),
    Address(served::_Habu_ServedEnd as *const ()),
    Address(status::PyStatus_Ok as *const ()),
    Address(status::PyStatus_Error as *const ()),
    Address(status::PyStatus_NoMemory as *const ()),
    Address(status::PyStatus_Exit as *const ()),
    Address(status::PyStatus_IsError as *const ()),
    Address(status::PyStatus_IsExit as *const ()),
    Address(status::PyStatus_Exception as *const ()),
    Address(status::Py_ExitStatusException as *const ()),
    Address(wide::PyWideStringList_Append as *const ()),
    Address(wide::PyWideStringList_Insert as *const ()),
];

/// Refers to every function of the C API, so that a program that calls this has them all. Gives their number.
pub fn keep() -> usize {
    habu_capi::keep() + std::hint::black_box(ALL).iter().filter(|function| !function.0.is_null()).count()
}
