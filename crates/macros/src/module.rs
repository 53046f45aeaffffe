//! `#[pymodule]`: an `impl` block of a unit struct as a module's functions.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{ImplItem, ItemImpl};

use crate::function::{Facts, Kind, doc_of, method_def};
use crate::methods::Arguments;
use crate::signature::c_string;

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let arguments: Arguments = syn::parse2(arguments)?;
    let mut block: ItemImpl = syn::parse2(item)?;
    let doc = doc_of(&block.attrs);
    let owner = (*block.self_ty).clone();
    let mut functions = vec![];
    let mut exec = quote!(None);
    for item in &mut block.items {
        let ImplItem::Fn(function) = item else { continue };
        let facts = Facts::take(function, Kind::Function)?;
        let ident = &function.sig.ident;
        match facts.kind {
            Kind::Hidden => {}
            Kind::Exec => exec = quote!(Some(<#owner>::#ident)),
            _ => functions.push(method_def(&owner, function, facts)?),
        }
    }
    if let Some(table) = arguments.table {
        let table = format_ident!("{table}_FUNCTIONS");
        return Ok(quote! {
            #block
            #[allow(missing_docs)]
            impl #owner {
                pub(crate) const #table: &'static [::habu_runtime::object::MethodDef] = &[#(#functions),*];
            }
        });
    }
    let Some(name) = arguments.name else {
        return Err(syn::Error::new_spanned(owner, "#[pymodule(name = \"...\")]"));
    };
    let more = arguments.with.iter().map(|table| format_ident!("{table}_FUNCTIONS"));
    let doc = if doc.is_empty() {
        quote!(None)
    } else {
        let doc = c_string(&doc);
        quote!(Some(#doc))
    };
    Ok(quote! {
        #block
        impl #owner {
            /// The module's definition.
            pub const DEFINITION: ::habu_runtime::types::module::ModuleDef = ::habu_runtime::types::module::ModuleDef {
                name: #name,
                doc: #doc,
                functions: &[&[#(#functions),*] #(, <#owner>::#more)*],
                exec: #exec,
            };
        }
    })
}
