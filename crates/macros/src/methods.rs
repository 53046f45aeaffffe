//! `#[pymethods]`: an `impl` block as a type's tables and slots.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, ImplItem, ItemImpl, Token, Type};

use crate::function::{Facts, Kind, method_def};
use crate::signature::c_string;
use crate::slot;

/// The arguments of the attribute.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) table: Option<Ident>,
    pub(crate) with: Vec<Ident>,
    pub(crate) members: Option<Expr>,
    pub(crate) name: Option<String>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Arguments> {
        let mut arguments = Arguments::default();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            match key.to_string().as_str() {
                "table" => {
                    input.parse::<Token![=]>()?;
                    arguments.table = Some(input.parse()?);
                }
                "members" => {
                    input.parse::<Token![=]>()?;
                    arguments.members = Some(input.parse()?);
                }
                "name" => {
                    input.parse::<Token![=]>()?;
                    arguments.name = Some(input.parse::<syn::LitStr>()?.value());
                }
                "with" => {
                    let inner;
                    syn::parenthesized!(inner in input);
                    arguments.with = inner.parse_terminated(Ident::parse, Token![,])?.into_iter().collect();
                }
                _ => return Err(syn::Error::new_spanned(key, "expected table, with, members or name")),
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(arguments)
    }
}

/// A computed attribute being put together from its getter and its setter.
#[derive(Default)]
struct Attribute {
    get: Option<TokenStream>,
    set: Option<TokenStream>,
    doc: String,
}

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let arguments: Arguments = syn::parse2(arguments)?;
    let mut block: ItemImpl = syn::parse2(item)?;
    let owner = (*block.self_ty).clone();
    let mut methods = vec![];
    let mut attributes: BTreeMap<(usize, String), Attribute> = BTreeMap::new();
    let mut order: Vec<String> = vec![];
    let mut slots: BTreeMap<&'static str, Vec<TokenStream>> = BTreeMap::new();
    for item in &mut block.items {
        let ImplItem::Fn(function) = item else { continue };
        let facts = Facts::take(function, Kind::Method)?;
        match facts.kind {
            Kind::Hidden | Kind::Exec => {}
            Kind::Slot => {
                let Some(name) = facts.slot.clone() else { continue };
                slots
                    .entry(slot::suite(&name.to_string()))
                    .or_default()
                    .push(slot::field(&owner, function, facts, &name)?);
            }
            Kind::Getter | Kind::Setter => {
                let index = order.iter().position(|name| *name == facts.name).unwrap_or_else(|| {
                    order.push(facts.name.clone());
                    order.len() - 1
                });
                let entry = attributes.entry((index, facts.name.clone())).or_default();
                let ident = &function.sig.ident;
                if facts.kind == Kind::Getter {
                    entry.doc = facts.doc;
                    entry.get = Some(getter(&owner, ident));
                } else {
                    entry.set = Some(setter(&owner, ident));
                    // The setter of `__doc__` is `set___doc__`: its name is found by that of the attribute.
                    function.attrs.push(syn::parse_quote!(#[allow(non_snake_case)]));
                }
            }
            _ => methods.push(method_def(&owner, function, facts)?),
        }
    }
    let getsets = attributes.iter().map(|((_, name), attribute)| {
        let name = c_string(name);
        let get = attribute.get.clone().map_or(quote!(None), |get| quote!(Some(#get)));
        let set = attribute.set.clone().map_or(quote!(None), |set| quote!(Some(#set)));
        let doc = if attribute.doc.is_empty() {
            quote!(::std::ptr::null())
        } else {
            let doc = c_string(&attribute.doc);
            quote!(#doc.as_ptr())
        };
        quote! {
            ::habu_runtime::object::GetSetDef {
                name: #name.as_ptr(), get: #get, set: #set, doc: #doc, closure: ::std::ptr::null_mut(),
            }
        }
    });
    let tables = quote! { &[#(#methods),*] };
    let getsets = quote! { &[#(#getsets),*] };
    if let Some(table) = arguments.table {
        if !slots.is_empty() {
            return Err(syn::Error::new_spanned(table, "slots stand in the main block"));
        }
        let (methods, attributes) = (format_ident!("{table}_METHODS"), format_ident!("{table}_GETSETS"));
        return Ok(quote! {
            #block
            #[allow(missing_docs)]
            impl #owner {
                pub(crate) const #methods: &'static [::habu_runtime::object::MethodDef] = #tables;
                pub(crate) const #attributes: &'static [::habu_runtime::object::GetSetDef] = #getsets;
            }
        });
    }
    let more_methods = arguments.with.iter().map(|table| format_ident!("{table}_METHODS"));
    let more_getsets = arguments.with.iter().map(|table| format_ident!("{table}_GETSETS"));
    let members = arguments.members.map_or(quote!(), |members| quote!(#members));
    let suites = ["SLOTS", "NUMBER", "SEQUENCE", "MAPPING", "ASYNC", "BUFFER"].map(|suite| {
        let ty = format_ident!("{}", slot::suite_type(suite));
        let name = format_ident!("{suite}");
        let fields = slots.remove(suite).unwrap_or_default();
        let dealloc = if suite == "SLOTS" && !fields.iter().any(|field| field.to_string().starts_with("tp_dealloc")) {
            quote! { tp_dealloc: ::std::cell::Cell::new(Some(::habu_runtime::object::dealloc::dealloc_of::<#owner>)), }
        } else {
            quote!()
        };
        let mut rest = quote!(..::habu_runtime::object::slots::#ty::EMPTY);
        if suite == "SLOTS" {
            // Slots that #[pytype] derives from the struct's fields.
            rest = quote!(..<#owner as ::habu_runtime::object::visit::DerivedSlots>::DERIVED);
        }
        quote! {
            const #name: ::habu_runtime::object::slots::#ty =
                ::habu_runtime::object::slots::#ty { #(#fields,)* #dealloc #rest };
        }
    });
    Ok(quote! {
        #block
        #[allow(clippy::declare_interior_mutable_const, clippy::needless_update)]
        impl ::habu_runtime::object::TypeMethods for #owner {
            const SPEC: ::habu_runtime::object::TypeSpec = ::habu_runtime::object::TypeSpec {
                methods: &[#tables #(, <#owner>::#more_methods)*],
                getsets: &[#getsets #(, <#owner>::#more_getsets)*],
                members: &[#members],
            };
            #(#suites)*
        }
    })
}

fn getter(owner: &Type, ident: &Ident) -> TokenStream {
    quote! {{
        use ::habu_runtime::object::{Object, Raised, Ref};
        #[allow(clippy::undocumented_unsafe_blocks)]
        unsafe extern "C" fn entry(this: &Object, _: *mut ::std::ffi::c_void) -> Result<Ref, Raised> {
            let this = unsafe { this.cast_unchecked::<#owner>() };
            ::habu_runtime::object::IntoObject::into_object(<#owner>::#ident(this)?)
        }
        entry
    }}
}

fn setter(owner: &Type, ident: &Ident) -> TokenStream {
    quote! {{
        use ::habu_runtime::object::{Object, Status};
        #[allow(clippy::undocumented_unsafe_blocks)]
        unsafe extern "C" fn entry(this: &Object, value: Option<&Object>, _: *mut ::std::ffi::c_void) -> Status {
            let this = unsafe { this.cast_unchecked::<#owner>() };
            Status::from(<#owner>::#ident(this, value))
        }
        entry
    }}
}
