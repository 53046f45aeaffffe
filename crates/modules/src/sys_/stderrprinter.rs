//! `stderrprinter`: what `sys.stderr` is until the streams of `io` can be made, so that what importing has to tell (`-v`) is told.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::{Object, PyType, Raised, Ref, instantiate};
use habu_runtime::raise;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::codecs::errors::Errors;
use habu_runtime::types::str::codecs::standard::Codec;

use crate::system::blocking::{outside, without_lock};

/// Writes text to a descriptor at once, in UTF-8 where that is possible.
#[pytype(name = "stderrprinter")]
pub struct StderrPrinter {
    base: Object,
    fd: Cell<i32>,
}

habu_runtime::assert_layout!(StderrPrinter, size 24);

impl StderrPrinter {
    /// A printer to a descriptor.
    pub fn over(fd: i32) -> Result<Ref<StderrPrinter>, Raised> {
        let cls = StderrPrinter::type_object();
        instantiate(cls, StderrPrinter { base: Object::header(cls), fd: Cell::new(fd) })
    }
}

#[pymethods]
impl StderrPrinter {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        Str::from_format(format_args!("<stderrprinter(fd={}) object at {:#x}>", self.fd.get(), self.address()))
    }

    #[no_signature]
    fn close(&self) -> Result<(), Raised> {
        Ok(())
    }

    #[no_signature]
    fn flush(&self) -> Result<(), Raised> {
        Ok(())
    }

    #[no_signature]
    fn fileno(&self) -> Result<i32, Raised> {
        Ok(self.fd.get())
    }

    #[no_signature]
    fn isatty(&self) -> Result<bool, Raised> {
        // SAFETY: asking about a descriptor touches no memory.
        Ok(unsafe { libc::isatty(self.fd.get()) } != 0)
    }

    #[no_signature]
    fn write(&self, text: &Object) -> Result<usize, Raised> {
        let Some(text) = text.downcast::<Str>() else {
            return Err(raise!(TypeError, "write() argument 1 must be str, not {}", text.ty().full_name()));
        };
        let handler = Str::intern("backslashreplace")?;
        let bytes = Codec::Utf8.encode(text, &Errors::new(Some(&handler)))?;
        let (fd, start, length) = (self.fd.get(), bytes.as_slice().as_ptr(), bytes.len());
        // SAFETY: the bytes stay alive and unchanged during the call.
        without_lock(unsafe { outside(|| libc::write(fd, start.cast(), length)) });
        // Nobody could be told that it failed.
        Ok(length)
    }

    #[getter]
    fn closed(&self) -> Result<bool, Raised> {
        Ok(false)
    }

    #[getter]
    fn encoding(&self) -> Result<Ref, Raised> {
        Ok(none())
    }

    #[getter]
    fn mode(&self) -> Result<&'static str, Raised> {
        Ok("w")
    }
}
