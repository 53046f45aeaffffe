//! `_socket.CAPI`: what `_ssl` asks of sockets (`PySocketModule_APIObject`).

use habu_runtime::exceptions::exc;
use habu_runtime::object::{Raised, Ref, Type};
use habu_runtime::types::capsule::Capsule;
use habu_runtime::types::module::Module;

/// The capsule's contents.
#[repr(C)]
struct Api {
    socket: *const Type,
    error: *const Type,
    timeout: *const Type,
}

/// Raises the OSError of `errno`; a socket keeps the function where compiled code calls it.
pub(super) const ERROR_HANDLER: extern "C" fn() -> Option<Ref> = raise_error;

extern "C" fn raise_error() -> Option<Ref> {
    let _ = crate::system::last_error();
    None
}

/// Adds the capsule to the module.
pub(super) fn add(module: &Module) -> Result<(), Raised> {
    let api = Api { socket: &super::value::SOCKET_TYPE.ty, error: exc::OSError(), timeout: exc::TimeoutError() };
    let api: &'static mut Api = Box::leak(Box::new(api));
    let capsule = Capsule::new(std::ptr::from_mut(api).cast(), c"_socket.CAPI".as_ptr(), None)?;
    module.set("CAPI", &capsule)
}
