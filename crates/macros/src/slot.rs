//! `#[slot(tp_repr)]`: a function as a slot of its type, behind an entry point of the slot's C signature.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, ImplItemFn, Type};

use crate::function::{Facts, Kind, conversions, parameters};

/// Which suite a slot stands in.
pub(crate) fn suite(slot: &str) -> &'static str {
    match slot.split('_').next() {
        Some("nb") => "NUMBER",
        Some("sq") => "SEQUENCE",
        Some("mp") => "MAPPING",
        Some("am") => "ASYNC",
        Some("bf") => "BUFFER",
        _ => "SLOTS",
    }
}

/// The name of the suite's struct.
pub(crate) fn suite_type(suite: &str) -> &'static str {
    match suite {
        "NUMBER" => "NumberMethods",
        "SEQUENCE" => "SequenceMethods",
        "MAPPING" => "MappingMethods",
        "ASYNC" => "AsyncMethods",
        "BUFFER" => "BufferMethods",
        _ => "TypeSlots",
    }
}

/// `slot: Cell::new(Some(entry))` for one function.
pub(crate) fn field(owner: &Type, function: &ImplItemFn, facts: Facts, slot: &Ident) -> syn::Result<TokenStream> {
    let ident = &function.sig.ident;
    let call = quote!(<#owner>::#ident);
    let (has_self, names) = parameters(function, Kind::Slot)?;
    let this = if has_self { quote!(unsafe { this.cast_unchecked::<#owner>() },) } else { quote!(this,) };
    let object = quote!(::habu_runtime::object::IntoObject::into_object);
    let entry = match slot.to_string().as_str() {
        "tp_new" => constructor(owner, facts, &names, &call, quote!(this: &Type), quote!(this,), true),
        "tp_init" => constructor(owner, facts, &names, &call, quote!(this: &Object), this, false),
        "tp_dealloc" => quote! {
            unsafe extern "C" fn entry(this: ::std::ptr::NonNull<Object>) { unsafe { #call(this) } }
        },
        "tp_finalize" => quote! {
            unsafe extern "C" fn entry(this: ::std::ptr::NonNull<Object>) {
                let this = unsafe { this.as_ref() };
                #call(#this)
            }
        },
        "tp_traverse" => quote! {
            unsafe extern "C" fn entry(
                this: &Object, function: ::habu_runtime::object::visit::VisitProc, argument: *mut ::std::ffi::c_void,
            ) -> ::std::ffi::c_int {
                let visit = ::habu_runtime::object::Visit { function, argument };
                match #call(#this &visit) { Ok(()) => 0, Err(stopped) => stopped.0 }
            }
        },
        "tp_clear" => quote! {
            unsafe extern "C" fn entry(this: &Object) -> Status { #call(#this); Status::OK }
        },
        "nb_bool" | "tp_is_gc" => quote! {
            unsafe extern "C" fn entry(this: &Object) -> Status { Status::from(#call(#this)) }
        },
        "tp_hash" => quote! {
            unsafe extern "C" fn entry(this: &Object) -> HashStatus { HashStatus::from(#call(#this)) }
        },
        "sq_length" | "mp_length" => quote! {
            unsafe extern "C" fn entry(this: &Object) -> SizeStatus { SizeStatus::from(#call(#this)) }
        },
        "tp_iternext" => quote! {
            unsafe extern "C" fn entry(this: &Object) -> Option<Ref> { #call(#this).unwrap_or(None) }
        },
        "sq_item" | "sq_repeat" | "sq_inplace_repeat" => quote! {
            unsafe extern "C" fn entry(this: &Object, index: isize) -> Result<Ref, Raised> {
                #object(#call(#this index)?)
            }
        },
        "sq_ass_item" => quote! {
            unsafe extern "C" fn entry(this: &Object, index: isize, value: Option<&Object>) -> Status {
                Status::from(#call(#this index, value))
            }
        },
        "sq_contains" => quote! {
            unsafe extern "C" fn entry(this: &Object, other: &Object) -> Status { Status::from(#call(#this other)) }
        },
        "mp_ass_subscript" | "tp_setattro" | "tp_descr_set" => quote! {
            unsafe extern "C" fn entry(this: &Object, key: &Object, value: Option<&Object>) -> Status {
                Status::from(#call(#this key, value))
            }
        },
        "tp_richcompare" => quote! {
            unsafe extern "C" fn entry(this: &Object, other: &Object, op: ::std::ffi::c_int) -> Result<Ref, Raised> {
                #object(#call(#this other, ::habu_runtime::object::slots::CompareOp::from_c(op))?)
            }
        },
        "tp_descr_get" => quote! {
            unsafe extern "C" fn entry(
                this: &Object, instance: Option<&Object>, owner: Option<&Object>,
            ) -> Result<Ref, Raised> {
                #object(#call(#this instance, owner)?)
            }
        },
        "nb_power" | "nb_inplace_power" => quote! {
            unsafe extern "C" fn entry(this: &Object, other: &Object, third: Option<&Object>) -> Result<Ref, Raised> {
                #object(#call(#this other, third)?)
            }
        },
        "tp_call" => quote! {
            unsafe extern "C" fn entry(this: &Object, args: &Object, kwargs: Option<&Object>) -> Result<Ref, Raised> {
                let (args, kwargs) = ::habu_runtime::object::args::call_arguments(args, kwargs)?;
                #object(#call(#this args, kwargs)?)
            }
        },
        "tp_vectorcall" => quote! {
            unsafe extern "C" fn entry(
                this: &Object, arguments: *const &'static Object, flagged: usize, names: Option<&Tuple>,
            ) -> Result<Ref, Raised> {
                let count = (flagged & !::habu_runtime::object::slots::VECTORCALL_ARGUMENTS_OFFSET) as isize;
                let arguments = unsafe { ::habu_runtime::object::args::all(arguments, count, names) };
                #object(#call(#this arguments, names)?)
            }
        },
        "am_send" => quote! {
            unsafe extern "C" fn entry(this: &Object, value: &Object, result: *mut Option<Ref>) -> ::std::ffi::c_int {
                let (code, value) = #call(#this value);
                unsafe { result.write(value) };
                code
            }
        },
        "bf_getbuffer" => quote! {
            unsafe extern "C" fn entry(
                this: &Object, view: *mut ::habu_runtime::object::slots::BufferView, flags: ::std::ffi::c_int,
            ) -> Status {
                Status::from(#call(#this view, flags))
            }
        },
        "bf_releasebuffer" => quote! {
            unsafe extern "C" fn entry(this: &Object, view: *mut ::habu_runtime::object::slots::BufferView) {
                #call(#this view)
            }
        },
        name if is_unary(name) => quote! {
            unsafe extern "C" fn entry(this: &Object) -> Result<Ref, Raised> { #object(#call(#this)?) }
        },
        name if name.starts_with("nb_")
            || matches!(name, "sq_concat" | "sq_inplace_concat" | "mp_subscript" | "tp_getattro") =>
        {
            quote! {
                unsafe extern "C" fn entry(this: &Object, other: &Object) -> Result<Ref, Raised> {
                    #object(#call(#this other)?)
                }
            }
        }
        _ => return Err(syn::Error::new_spanned(slot, "no such slot")),
    };
    Ok(quote! {
        #slot: ::std::cell::Cell::new(Some({
            #[allow(unused_imports)]
            use ::habu_runtime::object::{Object, Raised, Ref, Status, Type, raised::{HashStatus, SizeStatus}};
            #[allow(unused_imports)]
            use ::habu_runtime::types::{dict::Dict, tuple::Tuple};
            #[allow(clippy::undocumented_unsafe_blocks, clippy::let_unit_value, unused_unsafe)]
            #entry
            entry
        }))
    })
}

/// Whether the slot takes the object alone and gives an object.
fn is_unary(slot: &str) -> bool {
    matches!(
        slot,
        "tp_repr"
            | "tp_str"
            | "tp_iter"
            | "nb_negative"
            | "nb_positive"
            | "nb_absolute"
            | "nb_invert"
            | "nb_int"
            | "nb_float"
            | "nb_index"
            | "am_await"
            | "am_aiter"
            | "am_anext"
    )
}

/// The entry point of `tp_new` and `tp_init`: with a signature the arguments are parsed, without one they are handed on.
fn constructor(
    owner: &Type,
    facts: Facts,
    names: &[String],
    call: &TokenStream,
    parameter: TokenStream,
    this: TokenStream,
    is_new: bool,
) -> TokenStream {
    let returns = if is_new { quote!(Result<Ref, Raised>) } else { quote!(Status) };
    let finish = |value: TokenStream| {
        if is_new {
            quote!(::habu_runtime::object::IntoObject::into_object(#value?))
        } else {
            quote!(Status::from(#value))
        }
    };
    let Some(signature) = facts.signature else {
        let value = finish(if names.iter().any(|name| name == "args") {
            quote!(#call(#this args, kwargs))
        } else {
            quote!(#call(#this))
        });
        return quote! {
            unsafe extern "C" fn entry(#parameter, args: &Tuple, kwargs: Option<&Dict>) -> #returns { #value }
        };
    };
    // The function's name in messages is mostly the type's.
    let called = match facts.called {
        Some(called) => quote!(#called),
        None => quote!(<#owner as ::habu_runtime::object::PyType>::NAME),
    };
    let words = facts.varargs.map_or(quote!(::habu_runtime::object::args::Words::Clinic), |words| words.table());
    let table = signature.table(&called, &words);
    let count = signature.parameters.len();
    let values = conversions(&signature);
    let value = quote!(#call(#this #(#values),*));
    let body = quote! {
        static SIGNATURE: ::habu_runtime::object::args::Signature = #table;
        let mut bound = [None; #count];
        let mut keep = ::habu_runtime::object::args::Keep::new();
        #[allow(unused_variables)]
        let rest = ::habu_runtime::object::args::bind_call(&SIGNATURE, args, kwargs, &mut bound, &mut keep)?;
    };
    let inner = if is_new {
        quote! { #body ::habu_runtime::object::IntoObject::into_object(#value?) }
    } else {
        quote! { let parse = || -> Result<(), Raised> { #body #value }; Status::from(parse()) }
    };
    quote! {
        unsafe extern "C" fn entry(#parameter, args: &Tuple, kwargs: Option<&Dict>) -> #returns { #inner }
    }
}
