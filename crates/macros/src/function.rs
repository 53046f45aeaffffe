//! One function as an entry of a method table: its attributes, its C entry point, its descriptor.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, FnArg, Ident, ImplItemFn, Lit, Meta, Pat, Type};

use crate::signature::{Signature, c_string};

/// What kind of thing a function is.
#[derive(PartialEq, Clone, Copy)]
pub(crate) enum Kind {
    Method,
    Class,
    Static,
    Getter,
    Setter,
    /// A function of a module.
    Function,
    /// Fills a module.
    Exec,
    /// Not for Python.
    Hidden,
    Slot,
}

/// What the attributes of a function say; they are taken off it.
pub(crate) struct Facts {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) signature: Option<Signature>,
    pub(crate) slot: Option<Ident>,
    pub(crate) text_signature: bool,
    pub(crate) coexist: bool,
    /// The function takes `(args: &[&Object], kwnames: Option<&Tuple>)` itself.
    pub(crate) raw: bool,
    /// CPython calls the function with a tuple, and its errors have these words.
    pub(crate) varargs: Option<Words>,
    /// The name that the errors of a constructor have, where it is not the type's.
    pub(crate) called: Option<String>,
    /// Its errors have the words of `PyArg_ParseTuple`, but CPython calls it with an array.
    pub(crate) parsed: bool,
    /// CPython gives the function its class, and such functions take keywords, although there are no names for them: its errors have the words
    /// of a function that does.
    pub(crate) of_class: bool,
    /// The parameters as `__text_signature__` shows them, where the defaults cannot be written in Rust.
    pub(crate) shown: Option<String>,
}

/// The words of `habu_runtime::object::args::Words`.
#[derive(PartialEq, Clone)]
pub(crate) enum Words {
    Clinic,
    Tuple(Option<String>),
    Unnamed,
}

impl Words {
    /// `#[varargs]`, `#[varargs("name")]`, `#[varargs("")]` where the errors have no name, `#[varargs(unpack)]` for `PyArg_UnpackTuple`.
    fn of(attribute: &Attribute) -> syn::Result<Words> {
        if matches!(attribute.meta, Meta::Path(_)) {
            return Ok(Words::Tuple(None));
        }
        match attribute.parse_args::<Expr>()? {
            Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) if name.value().is_empty() => Ok(Words::Unnamed),
            Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) => Ok(Words::Tuple(Some(name.value()))),
            Expr::Path(path) if path.path.is_ident("unpack") => Ok(Words::Clinic),
            other => Err(syn::Error::new_spanned(other, "write a name or `unpack`")),
        }
    }

    pub(crate) fn table(&self) -> TokenStream {
        match self {
            Words::Clinic => quote!(::habu_runtime::object::args::Words::Clinic),
            Words::Tuple(_) => quote!(::habu_runtime::object::args::Words::Tuple),
            Words::Unnamed => quote!(::habu_runtime::object::args::Words::Unnamed),
        }
    }
}

/// The doc comment as one string.
pub(crate) fn doc_of(attributes: &[Attribute]) -> String {
    let mut lines = vec![];
    for attribute in attributes {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value
        {
            let line = text.value();
            lines.push(line.strip_prefix(' ').unwrap_or(&line).to_owned());
        }
    }
    lines.join("\n").trim().to_owned()
}

impl Facts {
    /// Reads and takes off the attributes of a function.
    pub(crate) fn take(function: &mut ImplItemFn, default: Kind) -> syn::Result<Facts> {
        let plain = function.sig.ident.to_string();
        let mut facts = Facts {
            kind: default,
            name: plain.trim_start_matches("r#").trim_end_matches('_').to_owned(),
            doc: doc_of(&function.attrs),
            signature: None,
            slot: None,
            text_signature: true,
            coexist: false,
            raw: false,
            varargs: None,
            called: None,
            parsed: false,
            of_class: false,
            shown: None,
        };
        if plain.starts_with("__") {
            facts.name = plain;
        }
        let mut kept = vec![];
        for attribute in function.attrs.drain(..) {
            let path = attribute.path().get_ident().map(Ident::to_string).unwrap_or_default();
            match path.as_str() {
                "signature" => facts.signature = Some(attribute.parse_args()?),
                "name" => {
                    let Meta::NameValue(pair) = &attribute.meta else {
                        return Err(syn::Error::new_spanned(attribute, "write #[name = \"...\"]"));
                    };
                    if let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value {
                        facts.name = text.value();
                    }
                }
                "getter" => facts.kind = Kind::Getter,
                "setter" => {
                    facts.kind = Kind::Setter;
                    let bare = function.sig.ident.to_string();
                    let bare = bare.strip_prefix("set_").unwrap_or(&bare);
                    facts.name = if bare.starts_with("__") { bare } else { bare.trim_end_matches('_') }.to_owned();
                }
                "classmethod" => facts.kind = Kind::Class,
                "staticmethod" => facts.kind = Kind::Static,
                "exec" => facts.kind = Kind::Exec,
                "hidden" => facts.kind = Kind::Hidden,
                "coexist" => facts.coexist = true,
                "raw" => facts.raw = true,
                "varargs" => facts.varargs = Some(Words::of(&attribute)?),
                "called" => facts.called = Some(attribute.parse_args::<syn::LitStr>()?.value()),
                "parsed" => facts.parsed = true,
                "of_class" => facts.of_class = true,
                "shown" => facts.shown = Some(attribute.parse_args::<syn::LitStr>()?.value()),
                "no_signature" => facts.text_signature = false,
                "slot" => {
                    facts.kind = Kind::Slot;
                    facts.slot = Some(attribute.parse_args()?);
                }
                _ => kept.push(attribute),
            }
        }
        function.attrs = kept;
        Ok(facts)
    }
}

/// The names of a function's parameters without its receiver, and whether it has one.
pub(crate) fn parameters(function: &ImplItemFn, kind: Kind) -> syn::Result<(bool, Vec<String>)> {
    let mut names = vec![];
    let mut receiver = false;
    for (index, argument) in function.sig.inputs.iter().enumerate() {
        match argument {
            FnArg::Receiver(_) => receiver = true,
            FnArg::Typed(typed) => {
                let Pat::Ident(name) = &*typed.pat else {
                    return Err(syn::Error::new_spanned(typed, "parameters have plain names"));
                };
                let name = name.ident.to_string();
                if index == 0 && (kind == Kind::Class || (kind == Kind::Function && name == "module")) {
                    receiver = true;
                } else {
                    names.push(name);
                }
            }
        }
    }
    Ok((receiver, names))
}

/// The expressions that convert the bound arguments, in order.
pub(crate) fn conversions(signature: &Signature) -> Vec<TokenStream> {
    let mut list = vec![];
    for (index, parameter) in signature.parameters.iter().enumerate() {
        if index == signature.positional && signature.varargs.is_some() {
            list.push(quote!(rest));
        }
        let convert = quote!(::habu_runtime::object::args::convert(object, &SIGNATURE, #index)?);
        list.push(match &parameter.default {
            Some(default) => quote!(match bound[#index] { Some(object) => #convert, None => #default }),
            None => quote!(match bound[#index] {
                Some(object) => #convert,
                None => return Err(::habu_runtime::object::args::missing(&SIGNATURE, #index)),
            }),
        });
    }
    if signature.positional == signature.parameters.len() && signature.varargs.is_some() {
        list.push(quote!(rest));
    }
    list
}

/// The entry of the method table for `Owner::function`.
pub(crate) fn method_def(owner: &Type, function: &ImplItemFn, facts: Facts) -> syn::Result<TokenStream> {
    let ident = &function.sig.ident;
    let (has_receiver, names) = parameters(function, facts.kind)?;
    let call = quote!(<#owner>::#ident);
    let receiver = match facts.kind {
        Kind::Method if !has_receiver => {
            return Err(syn::Error::new_spanned(&function.sig, "a method needs &self; else #[staticmethod]"));
        }
        // SAFETY comments of the expansion: the method table is the type's own, so its receiver has that layout.
        Kind::Method => quote!(unsafe { ::habu_runtime::object::args::receiver::<#owner>(this) },),
        Kind::Class => quote!(unsafe { ::habu_runtime::object::args::receiver::<::habu_runtime::object::Type>(this) },),
        Kind::Function if has_receiver => {
            quote!(unsafe { ::habu_runtime::object::args::receiver::<::habu_runtime::types::module::Module>(this) },)
        }
        _ => quote!(),
    };
    let receiver_name = match facts.kind {
        Kind::Method => "self",
        Kind::Class => "type",
        Kind::Function => "module",
        _ => "",
    };
    let name = c_string(&facts.name);
    let signature = facts.signature.unwrap_or_else(|| Signature::positional_only(names.clone()));
    let shown = facts.text_signature && !facts.raw;
    let text = match &facts.shown {
        Some(parameters) => format!("{}{parameters}\n--\n\n", facts.name),
        None if shown => signature.text(&facts.name, receiver_name),
        None => String::new(),
    };
    let doc = if text.is_empty() && facts.doc.is_empty() {
        quote!(::std::ptr::null())
    } else {
        let doc = c_string(&format!("{text}{}", facts.doc));
        quote!(#doc.as_ptr())
    };
    let kind_flag = match facts.kind {
        Kind::Class => quote!(| tables::METH_CLASS),
        Kind::Static => quote!(| tables::METH_STATIC),
        _ => quote!(),
    };
    let coexist = if facts.coexist { quote!(| tables::METH_COEXIST) } else { quote!() };
    let coexist = if facts.varargs.is_some() { quote!(#coexist | tables::PLAIN_NAME) } else { coexist };
    let finish = quote!(::habu_runtime::object::args::finish);
    let (shim, member, flags) = if facts.raw {
        (
            quote! {
                unsafe extern "C" fn entry(
                    this: Option<&Object>, arguments: *const &'static Object, count: isize, names: Option<&Tuple>,
                ) -> Result<Ref, Raised> {
                    let arguments = unsafe { ::habu_runtime::object::args::all(arguments, count, names) };
                    #finish(#call(#receiver arguments, names))
                }
            },
            quote!(fast_keywords),
            quote!(tables::METH_FASTCALL | tables::METH_KEYWORDS),
        )
    } else if signature.is_plain(0) && facts.of_class {
        let name = &facts.name;
        (
            quote! {
                unsafe extern "C" fn entry(
                    this: Option<&Object>, arguments: *const &'static Object, count: isize, names: Option<&Tuple>,
                ) -> Result<Ref, Raised> {
                    // CPython does not look at the names here.
                    let _ = names;
                    if count > 0 {
                        return Err(::habu_runtime::object::args::takes_nothing(#name));
                    }
                    #finish(#call(#receiver))
                }
            },
            quote!(fast_keywords),
            quote!(tables::METH_FASTCALL | tables::METH_KEYWORDS),
        )
    } else if signature.is_plain(0) {
        (
            quote! {
                unsafe extern "C" fn entry(this: Option<&Object>, _: Option<&Object>) -> Result<Ref, Raised> {
                    #finish(#call(#receiver))
                }
            },
            quote!(one),
            quote!(tables::METH_NOARGS),
        )
    } else {
        let words = facts.varargs.clone().unwrap_or(if facts.parsed { Words::Tuple(None) } else { Words::Clinic });
        let called = if let Words::Tuple(Some(name)) = &words { name } else { &facts.name };
        let table = signature.table(called, &words.table());
        let count = signature.parameters.len();
        let values = conversions(&signature);
        let prologue = quote! {
            const TABLE: ::habu_runtime::object::args::Signature = #table;
            static SIGNATURE: ::habu_runtime::object::args::Signature = TABLE;
            #[allow(dead_code)]
            const NEEDED: usize = TABLE.needed();
        };
        if signature.is_plain(1) && facts.varargs.is_none() && !facts.parsed && !facts.of_class {
            (
                quote! {
                    unsafe extern "C" fn entry(this: Option<&Object>, argument: Option<&Object>) -> Result<Ref, Raised> {
                        #prologue
                        let bound = [argument];
                        #finish(#call(#receiver #(#values),*))
                    }
                },
                quote!(one),
                quote!(tables::METH_O),
            )
        } else if signature.takes_keywords() || facts.of_class {
            (
                quote! {
                    unsafe extern "C" fn entry(
                        this: Option<&Object>, arguments: *const &'static Object, count: isize, names: Option<&Tuple>,
                    ) -> Result<Ref, Raised> {
                        #prologue
                        let mut bound = [None; #count];
                        let arguments = unsafe { ::habu_runtime::object::args::all(arguments, count, names) };
                        #[allow(unused_variables)]
                        let rest = ::habu_runtime::object::args::bind(&SIGNATURE, NEEDED, arguments, names, &mut bound)?;
                        #finish(#call(#receiver #(#values),*))
                    }
                },
                quote!(fast_keywords),
                quote!(tables::METH_FASTCALL | tables::METH_KEYWORDS),
            )
        } else {
            (
                quote! {
                    unsafe extern "C" fn entry(
                        this: Option<&Object>, arguments: *const &'static Object, count: isize,
                    ) -> Result<Ref, Raised> {
                        #prologue
                        let mut bound = [None; #count];
                        let arguments = unsafe { ::habu_runtime::object::args::all(arguments, count, None) };
                        #[allow(unused_variables)]
                        let rest = ::habu_runtime::object::args::bind_positional(&SIGNATURE, NEEDED, arguments, &mut bound)?;
                        #finish(#call(#receiver #(#values),*))
                    }
                },
                quote!(fast),
                quote!(tables::METH_FASTCALL),
            )
        }
    };
    Ok(quote! {
        ::habu_runtime::object::MethodDef {
            name: #name.as_ptr(),
            function: {
                use ::habu_runtime::object::{Object, Raised, Ref};
                #[allow(unused_imports)]
                use ::habu_runtime::types::tuple::Tuple;
                #[allow(unused_variables, clippy::undocumented_unsafe_blocks, clippy::needless_question_mark)]
                #shim
                ::habu_runtime::object::descriptor_tables::MethodFunction { #member: entry }
            },
            flags: { use ::habu_runtime::object::descriptor_tables as tables; #flags #kind_flag #coexist },
            doc: #doc,
        }
    })
}
