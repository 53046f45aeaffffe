//! Exceptions that nobody can catch: how `sys.unraisablehook` is called, and what it does by default (`_PyErr_WriteUnraisableMsg`).

use super::output::Output;
use super::{sys_attribute, traceback, write_class_name};
use crate::exceptions::BaseException;
use crate::object::protocol;
use crate::object::{Object, Raised, Ref, Type};
use crate::types::singletons::{is_none, none};
use crate::types::str::Str;
use crate::types::traceback::Traceback;

crate::struct_sequence! {
    doc "UnraisableHookArgs\n\nType used to pass arguments to sys.unraisablehook."
    pub(super) static UNRAISABLE_HOOK_ARGS = "UnraisableHookArgs", visible 5,
    {
        exc_type: "Exception type",
        exc_value: "Exception value",
        exc_traceback: "Exception traceback",
        err_msg: "Error message",
        object: "Object causing the exception",
    }
}

/// Hands an exception that cannot be raised to `sys.unraisablehook`.
pub fn write_unraisable(exception: &BaseException, object: Option<&Object>) {
    write_unraisable_with(exception, None, object);
}

/// As `write_unraisable`, with words that say where it happened.
pub fn write_unraisable_with(exception: &BaseException, message: Option<&str>, object: Option<&Object>) {
    crate::exceptions::keep_current(|| {
        let message = message.and_then(|message| Str::new(message).map_err(Raised::clear).ok());
        let message = message.as_ref().map(|message| -> &Object { message });
        // The built-in hook does what is done here.
        let own = sys_attribute("__unraisablehook__");
        let is_own = |hook: &Object| own.as_ref().is_some_and(|own| own.is(hook));
        let hook = sys_attribute("unraisablehook").filter(|hook| !is_none(hook));
        add_place(exception);
        let is_needed = |hook: &&Ref| crate::threads::audit::is_on() || !is_own(hook);
        let arguments = hook.as_ref().filter(is_needed).map(|_| hook_arguments(exception, message, object));
        let arguments = match arguments.transpose() {
            Ok(arguments) => arguments,
            Err(raised) => {
                return tell_instead(raised, "Exception ignored on building sys.unraisablehook arguments", None);
            }
        };
        if let (Some(hook), Some(arguments)) = (&hook, &arguments)
            && let Err(raised) = crate::threads::audit::audit("sys.unraisablehook", &[hook, arguments])
        {
            return tell_instead(raised, "Exception ignored in audit hook", None);
        }
        let hook = hook.filter(|hook| !is_own(hook));
        let told = match (&hook, &arguments) {
            (Some(hook), Some(arguments)) => protocol::call1(hook, arguments).map(drop),
            _ => tell_unraisable(Some(exception.ty()), Some(exception), exception.traceback.get(), message, object),
        };
        if let Err(raised) = told {
            tell_instead(raised, "Exception ignored in sys.unraisablehook", hook.as_deref());
        }
    });
}

/// Tells of a hook's own error in the place of what it was to tell.
fn tell_instead(raised: Raised, message: &str, hook: Option<&Object>) {
    let error = raised.take();
    let text = Str::new(message).map_err(Raised::clear).ok();
    let shown = text.as_ref().map(|text| -> &Object { text });
    let traceback = error.traceback.get();
    if let Err(raised) = tell_unraisable(Some(error.ty()), Some(&error), traceback, shown, hook) {
        raised.clear();
    }
}

/// Gives an exception that no frame has passed on the one that runs now.
fn add_place(exception: &BaseException) {
    if !exception.traceback.is_empty() {
        return;
    }
    let made = || -> Result<Option<Ref<Traceback>>, Raised> {
        let Some(object) = crate::eval::current_frame()? else { return Ok(None) };
        let Some(frame) = object.frame() else { return Ok(None) };
        // SAFETY: the frame is alive as long as its object.
        let frame = unsafe { frame.as_ref() };
        let last = frame.last_instruction();
        let line = frame.code().line_at(last).unwrap_or(-1);
        Traceback::new(None, object, last, line).map(Some)
    };
    match made() {
        Ok(traceback) => exception.traceback.set(traceback),
        Err(raised) => raised.clear(),
    }
}

/// What a hook is given.
fn hook_arguments(exception: &BaseException, message: Option<&Object>, object: Option<&Object>) -> Result<Ref, Raised> {
    UNRAISABLE_HOOK_ARGS.ready()?;
    let traceback = exception.traceback.get().map(Ref::into_object);
    let fields: [Option<&Object>; 5] = [Some(exception.ty()), Some(exception), traceback.as_deref(), message, object];
    Ok(UNRAISABLE_HOOK_ARGS.build(|index| Ok(fields[index].map_or_else(none, Object::to_ref)))?.into_object())
}

/// What `sys.unraisablehook` does by default, given its argument.
pub fn default_unraisable_hook(unraisable: &Object) -> Result<(), Raised> {
    if !std::ptr::eq(unraisable.ty(), UNRAISABLE_HOOK_ARGS.type_object()) {
        return Err(crate::raise!(TypeError, "sys.unraisablehook argument type must be UnraisableHookArgs"));
    }
    let attribute = |name: &str| -> Result<Option<Ref>, Raised> {
        Ok(Some(protocol::get_attribute_str(unraisable, name)?).filter(|value| !is_none(value)))
    };
    let kind = attribute("exc_type")?;
    let value = attribute("exc_value")?;
    let traceback = attribute("exc_traceback")?.and_then(|traceback| traceback.downcast_into::<Traceback>().ok());
    let message = attribute("err_msg")?;
    let object = attribute("object")?;
    let kind = kind.as_ref().and_then(|kind| kind.downcast::<Type>());
    tell_unraisable(kind, value.as_deref(), traceback, message.as_deref(), object.as_deref())
}

fn tell_unraisable(
    kind: Option<&Type>,
    value: Option<&Object>,
    traceback: Option<Ref<Traceback>>,
    message: Option<&Object>,
    object: Option<&Object>,
) -> Result<(), Raised> {
    let mut output = Output::new();
    match (object.filter(|object| !is_none(object)), message) {
        (Some(object), message) => {
            match message {
                Some(message) => {
                    output.push(&*protocol::str(message)?)?;
                    output.push_str(": ")?;
                }
                None => output.push_str("Exception ignored in: ")?,
            }
            output.push_or(protocol::repr(object), "<object repr() failed>")?;
            output.push_str("\n")?;
        }
        (None, Some(message)) => {
            output.push(&*protocol::str(message)?)?;
            output.push_str(":\n")?;
        }
        (None, None) => {}
    }
    if let Some(traceback) = traceback {
        traceback::write(&mut output, &traceback, "Traceback (most recent call last):\n", "")?;
    }
    if let Some(kind) = kind {
        write_class_name(&mut output, kind)?;
        if let Some(value) = value {
            output.push_str(": ")?;
            output.push_or(protocol::str(value), "<exception str() failed>")?;
        }
        output.push_str("\n")?;
    }
    output.flush();
    Ok(())
}
