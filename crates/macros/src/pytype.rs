//! `#[pytype]`: a struct as the layout of a Python type, with its static type object.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, ItemStruct, Path, Token};

use crate::function::doc_of;
use crate::signature::c_string;

/// The arguments of the attribute.
#[derive(Default)]
struct Arguments {
    name: Option<String>,
    /// The symbol that extensions know the type object by.
    c_name: Option<String>,
    doc: Option<String>,
    /// The parameters as `__text_signature__` shows them.
    signature: Option<String>,
    base: Option<Path>,
    metatype: Option<Path>,
    flags: Vec<Ident>,
    subclass_flag: Option<Ident>,
    gc: bool,
    /// A heap type, whose instances show it to the collector after their fields where `Some(true)`.
    heap: Option<bool>,
    /// A heap type that does not refer to its module.
    unbound: bool,
    /// Instances of exactly this type end without the finalizer that it inherits.
    unfinalized: bool,
    itemsize: Option<Expr>,
    basicsize: Option<Expr>,
    dict: Option<TokenStream>,
    weaklist: Option<TokenStream>,
    vectorcall: Option<Ident>,
    free_list: Option<Ident>,
    /// The type has the generic functions of attributes as its own, not by inheritance: its dictionary shows them.
    generic_get: bool,
    generic_set: bool,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Arguments> {
        let mut arguments = Arguments::default();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            let name = key.to_string();
            if !matches!(
                name.as_str(),
                "gc" | "basetype"
                    | "heap"
                    | "heap_last"
                    | "unbound"
                    | "immutable"
                    | "generic_get"
                    | "generic_set"
                    | "unfinalized"
            ) {
                input.parse::<Token![=]>()?;
            }
            match name.as_str() {
                "gc" => arguments.gc = true,
                "heap" => arguments.heap = Some(false),
                "heap_last" => arguments.heap = Some(true),
                "unbound" => arguments.unbound = true,
                "generic_get" => arguments.generic_get = true,
                "generic_set" => arguments.generic_set = true,
                "unfinalized" => arguments.unfinalized = true,
                "immutable" => arguments.flags.push(format_ident!("IMMUTABLETYPE")),
                "basetype" => arguments.flags.push(format_ident!("BASETYPE")),
                "name" => arguments.name = Some(input.parse::<syn::LitStr>()?.value()),
                "c_name" => arguments.c_name = Some(input.parse::<syn::LitStr>()?.value()),
                "doc" => arguments.doc = Some(input.parse::<syn::LitStr>()?.value()),
                "signature" => arguments.signature = Some(input.parse::<syn::LitStr>()?.value()),
                "base" => arguments.base = Some(input.parse()?),
                "metatype" => arguments.metatype = Some(input.parse()?),
                "flag" => arguments.flags.push(input.parse()?),
                "subclass_flag" => arguments.subclass_flag = Some(input.parse()?),
                "itemsize" => arguments.itemsize = Some(input.parse()?),
                "basicsize" => arguments.basicsize = Some(input.parse()?),
                "dict" => arguments.dict = Some(nested_field(input)?),
                "weaklist" => arguments.weaklist = Some(nested_field(input)?),
                "vectorcall" => arguments.vectorcall = Some(input.parse()?),
                "free_list" => arguments.free_list = Some(input.parse()?),
                _ => return Err(syn::Error::new_spanned(key, "unknown argument of #[pytype]")),
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(arguments)
    }
}

/// A field, or one of a field that is a struct: `a.b`.
fn nested_field(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let first: Ident = input.parse()?;
    let mut path = quote!(#first);
    while input.peek(Token![.]) {
        input.parse::<Token![.]>()?;
        let next: Ident = input.parse()?;
        path = quote!(#path.#next);
    }
    Ok(path)
}

/// `GenericAlias` becomes `GENERIC_ALIAS`.
fn screaming(name: &str) -> String {
    let mut out = String::new();
    for (index, character) in name.chars().enumerate() {
        if character.is_uppercase() && index > 0 {
            out.push('_');
        }
        out.extend(character.to_uppercase());
    }
    out
}

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let arguments: Arguments = syn::parse2(arguments)?;
    let mut item: ItemStruct = syn::parse2(item)?;
    let ident = item.ident.clone();
    let Some(full_name) = arguments.name else {
        return Err(syn::Error::new_spanned(ident, "#[pytype(name = \"...\")]"));
    };
    let name = full_name.rsplit('.').next().unwrap_or(&full_name).to_owned();
    let statik = format_ident!("{}_TYPE", screaming(&ident.to_string()));
    let doc = arguments.doc.unwrap_or_else(|| doc_of(&item.attrs));
    let doc = match &arguments.signature {
        // Where CPython keeps it: before the text, behind the bare name.
        Some(signature) => format!("{name}{signature}\n--\n\n{doc}"),
        None => doc,
    };
    let doc = if doc.is_empty() {
        quote!(None)
    } else {
        let doc = c_string(&doc);
        quote!(Some(#doc))
    };
    let (mut traversed, mut shown_last) = (vec![], vec![]);
    for field in &mut item.fields {
        let Some(place) = field.attrs.iter().position(|attribute| attribute.path().is_ident("traverse")) else {
            continue;
        };
        // `#[traverse(last)]`: what the base holds is shown behind the fields of the type.
        match field.attrs.remove(place).meta {
            syn::Meta::Path(_) => traversed.extend(field.ident.clone()),
            _ => shown_last.extend(field.ident.clone()),
        }
    }
    traversed.append(&mut shown_last);
    let offset = |field: Option<TokenStream>| {
        field.map_or(quote!(0), |field| quote!(::std::mem::offset_of!(#ident, #field) as isize))
    };
    let free_list = arguments.free_list.map(|kind| {
        quote! {
            const FREE_LIST: ::std::option::Option<::habu_runtime::object::free_list::Kind> =
                ::std::option::Option::Some(::habu_runtime::object::free_list::Kind::#kind);
        }
    });
    let (dict, weaklist, vectorcall) = (
        offset(arguments.dict),
        offset(arguments.weaklist),
        offset(arguments.vectorcall.as_ref().map(|field| quote!(#field))),
    );
    let collectable = arguments.gc;
    let unfinalized = arguments.unfinalized;
    let mut flags = arguments.flags;
    flags.extend(arguments.gc.then(|| format_ident!("HAVE_GC")));
    flags.extend(arguments.heap.map(|_| format_ident!("HEAPTYPE")));
    flags.extend(arguments.vectorcall.map(|_| format_ident!("HAVE_VECTORCALL")));
    flags.extend(arguments.subclass_flag.clone());
    let base = arguments.base.map_or(quote!(::habu_runtime::types::object::OBJECT_TYPE), |base| quote!(#base));
    let metatype = arguments.metatype.map_or(quote!(::habu_runtime::types::type_::TYPE_TYPE), |path| quote!(#path));
    let basicsize = arguments.basicsize.map_or(quote!(::std::mem::size_of::<#ident>()), |size| quote!(#size));
    let itemsize = arguments.itemsize.map_or(quote!(0), |size| quote!(#size));
    let full = c_string(&full_name);
    let check = arguments.subclass_flag.map_or(quote!(), |flag| {
        quote! {
            #[inline(always)]
            fn check(object: &::habu_runtime::object::Object) -> bool {
                object.ty().has_flag(::habu_runtime::object::typeobject::flags::#flag)
            }
        }
    });
    let show_type = quote!(if let Err(stopped) = visit.object(this.ty()) {
        return stopped.0;
    });
    let (type_first, type_last) = match arguments.heap {
        None => (quote!(), quote!()),
        Some(false) => (show_type, quote!()),
        Some(true) => (quote!(), show_type),
    };
    let is_heap = arguments.heap.is_some();
    let get = arguments.generic_get.then(
        || quote!(tp_getattro: ::std::cell::Cell::new(Some(::habu_runtime::types::object::generic_get_attribute)),),
    );
    let set = arguments.generic_set.then(
        || quote!(tp_setattro: ::std::cell::Cell::new(Some(::habu_runtime::types::object::generic_set_attribute)),),
    );
    let generic = quote!(#get #set);
    let derived = if arguments.gc && (is_heap || !traversed.is_empty()) {
        quote! {
            const DERIVED: ::habu_runtime::object::slots::TypeSlots = {
                use ::habu_runtime::object::{Object, Status, Traverse, Visit, visit::VisitProc};
                unsafe extern "C" fn traverse(
                    this: &Object, function: VisitProc, argument: *mut ::std::ffi::c_void,
                ) -> ::std::ffi::c_int {
                    // SAFETY: the slot is this type's own.
                    let fields = unsafe { this.cast_unchecked::<#ident>() };
                    let visit = Visit { function, argument };
                    #type_first
                    #(if let Err(stopped) = fields.#traversed.traverse(&visit) { return stopped.0; })*
                    #type_last
                    0
                }
                unsafe extern "C" fn clear(this: &Object) -> Status {
                    // SAFETY: the slot is this type's own.
                    let fields = unsafe { this.cast_unchecked::<#ident>() };
                    #(fields.#traversed.clear();)*
                    Status::OK
                }
                ::habu_runtime::object::slots::TypeSlots {
                    tp_traverse: ::std::cell::Cell::new(Some(traverse)),
                    tp_clear: ::std::cell::Cell::new(Some(clear)),
                    #generic
                    ..::habu_runtime::object::slots::TypeSlots::EMPTY
                }
            };
        }
    } else {
        quote! {
            const DERIVED: ::habu_runtime::object::slots::TypeSlots = ::habu_runtime::object::slots::TypeSlots {
                #generic
                ..::habu_runtime::object::slots::TypeSlots::EMPTY
            };
        }
    };
    let exported = arguments.c_name.map(|symbol| quote!(#[unsafe(export_name = #symbol)]));
    let vis = &item.vis;
    let about = format!("The type object of `{name}`.");
    let bound = (is_heap && !arguments.unbound).then(|| quote!(.bound()));
    let borrowed = if is_heap { quote!(#statik) } else { quote!(&#statik) };
    let made = quote! {
        ::habu_runtime::object::StaticType::new::<#ident>(
            &raw const #metatype.ty,
            ::habu_runtime::object::typeobject::TypeFacts {
                name: #full,
                doc: #doc,
                basicsize: #basicsize,
                itemsize: #itemsize,
                flags: 0 #(| ::habu_runtime::object::typeobject::flags::#flags)*,
                base: Some(&#base),
                dictoffset: #dict,
                weaklistoffset: #weaklist,
                vectorcall_offset: #vectorcall,
            },
        )
        #bound
    };
    let declared = match is_heap {
        false => quote! {
            #[doc = #about]
            #exported
            #vis static #statik: ::habu_runtime::object::StaticType = #made;
        },
        // The head stands before the type, so that the name is that of a reference.
        true => quote! {
            #[doc = #about]
            #vis static #statik: &::habu_runtime::object::StaticType = {
                static HEADED: ::habu_runtime::object::Headed<::habu_runtime::object::StaticType> =
                    ::habu_runtime::object::Headed::new(#made);
                &HEADED.of
            };
        },
    };
    Ok(quote! {
        #[repr(C)]
        #item

        #declared

        impl AsRef<::habu_runtime::object::Object> for #ident {
            #[inline(always)]
            fn as_ref(&self) -> &::habu_runtime::object::Object {
                // SAFETY: the layout is repr(C) and begins with the header.
                unsafe { &*::std::ptr::from_ref(self).cast() }
            }
        }

        impl ::std::ops::Deref for #ident {
            type Target = ::habu_runtime::object::Object;
            #[inline(always)]
            fn deref(&self) -> &::habu_runtime::object::Object {
                self.as_ref()
            }
        }

        // SAFETY: the layout is repr(C) and begins with the header; only this type and its subtypes pass the check.
        unsafe impl ::habu_runtime::object::PyType for #ident {
            const NAME: &'static str = #name;
            #free_list
            const COLLECTABLE: bool = #collectable;
            const UNFINALIZED: bool = #unfinalized;
            const HEAP: bool = #is_heap;
            #[inline(always)]
            fn static_type() -> &'static ::habu_runtime::object::StaticType {
                #borrowed
            }
            #check
        }

        #[allow(clippy::declare_interior_mutable_const)]
        impl ::habu_runtime::object::visit::DerivedSlots for #ident {
            #derived
        }
    })
}
